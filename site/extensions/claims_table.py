"""The ``claims`` and ``scorecard`` directives: tables made from the very files that the tests read, too.

In a page of the book::

    ```{claims} claims.toml
    ```

    ```{scorecard} scorecard.toml
    ```
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

# A sign beside each word: the verdict is never told by colour alone.
SIGNS = {"holds": "✓", "holds with a caveat": "◐", "false": "✗"}
SCORES = {"reproduces": "✓", "reproduces in part": "◐", "does not at this scale": "✗"}
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
PARTS = {
    "01-linear-vs-nonlinear": "Linear and non-linear",
    "02-sigmoid": "Sigmoid",
    "03-tanh": "Tanh",
    "04-relu": "ReLU",
    "05-softmax": "Softmax",
    "06-choosing": "Writing them yourself",
    "11-in-frameworks": "In Keras, PyTorch and JAX",
}


class Ledger(SphinxDirective):
    """Render a file of entries as Markdown; a subclass says how."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {}
    render: ClassVar[Callable[[dict[str, dict[str, Any]]], str]]

    def run(self) -> list[nodes.Node]:
        """Return the nodes of the generated Markdown."""
        _, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(path)
        entries = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        tally, tables = type(self).render(entries).split("\n", 1)
        # The parser hangs sections below the page at once, so the line above them has to be there before.
        above, below = nodes.container(), nodes.container()
        self.state.nested_parse(StringList([tally], source=path), 0, above)
        self.state_machine.node.extend(above.children)
        lines = StringList(tables.splitlines(), source=path)
        self.state.nested_parse(lines, 0, below, match_titles=True)
        return below.children


def markdown(claims: dict[str, dict[str, Any]]) -> str:
    """Return the whole ledger as MyST Markdown, the tally on its first line."""
    lines = [f"**{len(claims)} claims:** {tally(claims, SIGNS)}", ""]
    for chapter, title in PARTS.items():
        rows = {name: claim for name, claim in claims.items() if claim["chapter"] == chapter}
        if rows:
            lines += [f"## {title}", "", *table(rows), ""]
    return "\n".join(lines)


def table(claims: dict[str, dict[str, Any]]) -> list[str]:
    """Return the rows of one chapter as a ``list-table``."""
    lines = ["::::{list-table}", ":header-rows: 1", ":widths: 6 36 14 44", ":class: claims-table", ""]
    lines += ["* - Id", "  - Claim", "  - Verdict", "  - What the course finds"]
    for name, claim in claims.items():
        lines += [
            f"* - {{ref}}`{name} <claim-{name.lower()}>`",
            f"  - {claim['claim']}",
            f"  - {SIGNS[claim['verdict']]} {claim['verdict']}",
            f"  - {finding(claim)}",
        ]
    return [*lines, "::::"]


def scorecard(rows: dict[str, dict[str, Any]]) -> str:
    """Return the whole scorecard as MyST Markdown, the tally first, then a table for each part."""
    lines = [f"**{len(rows)} results:** {tally(rows, SCORES)}", ""]
    for part in dict.fromkeys(row["part"] for row in rows.values()):
        lines += [f"## {part}", "", "::::{list-table}", ":header-rows: 1", ":widths: 20 28 14 38"]
        lines += [":class: scorecard-table", ""]
        lines += ["* - Result", "  - What the source says", "  - Verdict", "  - What we measure"]
        for row in rows.values():
            if row["part"] == part:
                lines += [
                    f"* - {{ref}}`{row['title']} <{row['label']}>`",
                    "",
                    f"    {{cite:t}}`{row['source']}`",
                    f"  - {row['statement']}",
                    f"  - {SCORES[row['verdict']]} {row['verdict']}",
                    f"  - *{row['setting']}* {finding(row)}",
                ]
        lines += ["::::", ""]
    return "\n".join(lines)


def tally(entries: dict[str, dict[str, Any]], signs: dict[str, str]) -> str:
    """Count the verdicts."""
    counts = Counter(entry["verdict"] for entry in entries.values())
    return " · ".join(f"{sign} {counts[verdict]} {verdict}" for verdict, sign in signs.items())


def finding(entry: dict[str, Any]) -> str:
    """Return what was found, with its figures filled in."""
    text: str = entry["finding"]
    for key, value in entry["figures"].items():
        text = _fill(text, key, value)
    return text


def _fill(text: str, key: str, value: float) -> str:
    """Replace ``{key:format}`` by the formatted value; LaTeX's own braces stay as they are."""
    start = "{" + key + ":"
    while (at := text.find(start)) >= 0:
        end = text.index("}", at)
        text = text[:at] + _power_of_ten(format(value, text[at + len(start) : end])) + text[end + 1 :]
    return text


def _power_of_ten(number: str) -> str:
    """Write 2.3e-05 as 2.3 × 10⁻⁵, and 1e-12 as 10⁻¹²."""
    mantissa, e, exponent = number.partition("e")
    if not e:
        return number
    power = "10" + str(int(exponent)).translate(SUPERSCRIPTS)
    return power if mantissa == "1" else f"{mantissa} × {power}"


class Claims(Ledger):
    """The ledger of common claims, a table for each chapter."""

    render = staticmethod(markdown)


class Scorecard(Ledger):
    """The results of the literature, a table for each part."""

    render = staticmethod(scorecard)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives."""
    app.add_directive("claims", Claims)
    app.add_directive("scorecard", Scorecard)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
