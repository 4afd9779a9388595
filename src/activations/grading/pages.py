"""Pages of HTML that need no other file, for students and instructors."""

from __future__ import annotations

import html
from collections.abc import Collection, Iterable, Sequence

__all__ = ["PAGE_STYLE", "number", "page", "table"]

PAGE_STYLE = """\
:root { color-scheme: light dark; --text: #1b1b1b; --page: #fff; --soft: #f2f3f5; --line: #6b7280;
  --good: #11632f; --bad: #9b1c1c; --open: #7a4b00; }
@media (prefers-color-scheme: dark) { :root { --text: #ececec; --page: #121212; --soft: #1f2328;
  --line: #9aa3af; --good: #7ddc9a; --bad: #ff9d9d; --open: #ffc870; } }
body { color: var(--text); background: var(--page); font: 1rem/1.55 system-ui, sans-serif; max-width: 50rem;
  margin: 0 auto; padding: 1rem; }
a { color: inherit; } h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: 600; padding: .4rem 0; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
pre { background: var(--soft); padding: .7rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; } img, svg { max-width: 100%; height: auto; }
.good { color: var(--good); } .bad { color: var(--bad); } .open { color: var(--open); }
.say { border-left: .3rem solid currentColor; padding-left: .7rem; }
"""
"""Style of the pages: readable on a phone, in the dark, and at a contrast of 4.5 to 1."""


POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Nothing on a page may run or load, should a text ever slip through as markup."""


def number(value: float | None) -> str:
    """Return points as people write them.

    Examples
    --------
    >>> number(3.0), number(2.5), number(None)
    ('3', '2.5', '–')
    """
    return "–" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def page(title: str, body: str) -> str:
    """Return a page around a body of HTML.

    Examples
    --------
    >>> page("Report", "<h1>Report</h1>").splitlines()[:2]
    ['<!DOCTYPE html>', '<html lang="en">']
    """
    head = [
        '<meta charset="utf-8">',
        f"<title>{html.escape(title)}</title>",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        f"<style>\n{PAGE_STYLE}</style>",
    ]
    lines = ["<!DOCTYPE html>", '<html lang="en">', "<head>", *head, "</head>", "<body>", "<main>", body]
    return "\n".join([*lines, "</main>", "</body>", "</html>", ""])


def table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Collection[int] = ()
) -> str:
    """Return a table whose first column names its rows.

    Parameters
    ----------
    caption : str
        What it shows.
    head : sequence of str
        Names of the columns.
    rows : iterable of sequences of str
        Cells, as HTML: what comes from strangers has to be escaped before.
    numbers : collection of int
        Places of the columns that hold numbers.

    Examples
    --------
    >>> "<td>2</td>" in table("Points", ["Question", "Points"], [["first", "2"]])
    True
    """
    kinds = [' class="number"' if place in numbers else "" for place in range(len(head))]
    columns = "".join(f'<th scope="col"{kind}>{name}</th>' for name, kind in zip(head, kinds, strict=True))
    lines = [f"<caption>{html.escape(caption)}</caption>", f"<thead><tr>{columns}</tr></thead>", "<tbody>"]
    for first, *others in rows:
        cells = "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(others, kinds[1:], strict=True))
        lines.append(f'<tr><th scope="row">{first}</th>{cells}</tr>')
    # A box that scrolls can be reached with the keyboard.
    box = f'<div class="scroll" tabindex="0" role="region" aria-label="{html.escape(caption)}">'
    return "\n".join([f"{box}<table>", *lines, "</tbody></table></div>"])
