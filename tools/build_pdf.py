"""Print the built website as one PDF: cover, contents with page numbers, every page of the book, bookmarks.

    make pdf                                     # builds the book, then _build/pdf/activations.pdf
    python tools/build_pdf.py --site _build/html --output book.pdf

The pages are joined in the order of the table of contents, so that links between them stay inside the
document. Explorers become their still figures with a link to the live page, and folded solutions stand open.
What is too wide for the paper is made smaller; what would become unreadably small is an error.
"""

from __future__ import annotations

import argparse
import html
import posixpath
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pikepdf
import yaml
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
SYSTEM_CHROMIUM = Path("/usr/bin/chromium")

# A4 with these margins leaves this width, in CSS pixels (96 to the inch).
MARGIN_MM = 19
TEXT_WIDTH = round((210 - 2 * MARGIN_MM) / 25.4 * 96)
# Code and tables that fit only below this part of their size would be hard to read.
SMALLEST = 0.55

STYLE = """
@page {
  size: A4;
  margin: %(margin)dmm %(margin)dmm 22mm;
  @bottom-center { content: counter(page); font: 9pt sans-serif; color: #56606b; }
}
@page cover { @bottom-center { content: none; } }
html { background: none; }
body { display: block; margin: 0; }
.cover { page: cover; display: flex; flex-direction: column; height: 245mm; }
.cover svg { width: 34mm; height: 34mm; margin: 45mm 0 12mm; }
.cover h1 { margin: 0 0 6mm; font-size: 30pt; line-height: 1.15; }
.cover .lead { max-width: 130mm; font-size: 13pt; }
.cover footer { margin-top: auto; color: var(--pst-color-text-muted); }
.contents { page: contents; line-height: 1.3; }
.contents ol { margin: 0; padding: 0; list-style: none; }
.contents li { margin: 0; }
.contents > ol > li { margin-top: 3mm; }
.contents > ol > li:not(:first-child) > a { font-family: var(--sans); font-weight: 600; break-after: avoid; }
.contents ol ol { padding-left: 5mm; }
.contents ol ol ol, .contents > ol > li:first-child > ol { font-size: 0.92em; line-height: 1.25; }
.contents a { display: flex; gap: 2mm; color: inherit; text-decoration: none; break-inside: avoid; }
.contents .dots { flex: 1; border-bottom: 1px dotted var(--pst-color-border); margin-bottom: 0.35em; }
.contents .number { min-width: 2.2em; text-align: right; font-variant-numeric: tabular-nums; }
article { max-width: none; }
article section { content-visibility: visible !important; }
article section section { contain-intrinsic-size: none; }
/* An address is printed behind a link, but not where the link shows it anyway. */
article :is(.widget-note, .citation) a::after { content: none !important; }
details > summary { list-style: none; }
details > summary::-webkit-details-marker { display: none; }
pre { overflow-wrap: anywhere; font-size: 0.77em; }
/* Shades that say on a screen that a box scrolls. */
pre, table, div.math, .output, .pst-scrollable-table-container { background-image: none !important; }
dt, p.rubric, caption { break-after: avoid; }
tr { break-inside: avoid; }
/* The anchors of claims stand between a heading and its text, and would let a page end there. */
article span[id]:empty { position: absolute; }
thead { display: table-header-group; }
"""

# Long tables and boxes may break; what is left too wide for the paper is listed, or made smaller.
FIT = """
  ({ width, smallest }) => {
    const problems = [];
    const room = (box) => {
      const parent = box.parentElement, style = getComputedStyle(parent);
      return parent.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    };
    const kinds = "table, .katex-display > .katex, svg[role=img], pre, img";
    const say = (box, what) => problems.push(`${box.tagName} ${what}: ${box.textContent.slice(0, 60)}`);
    const wide = document.querySelectorAll(`article :is(${kinds})`);
    for (const box of wide) {
      if (box.closest(".katex") && !box.matches(".katex")) continue;
      const needed = Math.max(box.scrollWidth || 0, box.getBoundingClientRect().width);
      const factor = room(box) / needed;
      if (factor > 0.998) continue;
      if (factor < smallest) say(box, `at ${factor.toFixed(2)} of its size`);
      box.style.zoom = factor * 0.995;
    }
    for (const box of document.querySelectorAll("article *")) {
      if (box.closest("svg, .katex, .visually-hidden")) continue;
      const edge = box.getBoundingClientRect();
      if (edge.width && edge.right > width + 1) {
        say(box, `ends at ${edge.right.toFixed(0)} px of ${width}`);
      }
    }
    for (const box of document.querySelectorAll("article :is(.admonition, details, table, .cell_input)")) {
      const tallest = box.matches("table") ? 300 : 600;
      if (box.getBoundingClientRect().height > tallest) box.style.breakInside = "auto";
    }
    return problems;
  }
"""


@dataclass(frozen=True)
class Chapter:
    """One page of the book."""

    name: str
    part: str
    depth: int

    @property
    def anchor(self) -> str:
        """Return the name under which the page is found in the document."""
        return re.sub(r"\W+", "-", self.name)


@dataclass(frozen=True)
class Entry:
    """One line of the contents: its words as HTML, where it leads, and the lines below it."""

    words: str
    anchor: str
    below: list[Entry] = field(default_factory=list)


def chapters(toc: dict[str, Any]) -> list[Chapter]:
    """Return the pages in the order of a table of contents."""

    def walk(entries: list[dict[str, Any]], part: str, depth: int) -> Iterator[Chapter]:
        for entry in entries:
            if "file" in entry:
                yield Chapter(entry["file"], part, depth)
            yield from walk(entry.get("chapters", []) + entry.get("sections", []), part, depth + 1)

    found = [Chapter(toc["root"], "", 0)]
    for part in toc["parts"]:
        found += walk(part["chapters"], part["caption"], 0)
    return found


def article(page: str) -> str:
    """Return what stands between ``<article>`` and its end."""
    start = page.index("<article>") + len("<article>")
    return page[start : page.rindex("</article>")]


def joined(text: str, chapter: Chapter, book: Sequence[Chapter], address: str) -> str:
    """Return a page's text with anchors of its own and with links that stay inside the document."""
    anchors = {other.name: other.anchor for other in book}
    mark = chapter.anchor + "--"

    def link(match: re.Match[str]) -> str:
        target = html.unescape(match[2])
        if target.startswith("#"):
            return f'{match[1]}"#{mark}{html.escape(target[1:])}"'
        if urlsplit(target).scheme:
            return match[0]
        path, _, part = target.partition("#")
        name = posixpath.normpath(posixpath.join(posixpath.dirname(chapter.name), path)).removesuffix(".html")
        if name == "index":
            name = book[0].name
        if name in anchors:
            return f'{match[1]}"#{anchors[name]}{"--" + html.escape(part) if part else ""}"'
        return f'{match[1]}"{html.escape(urljoin(f"{address}{chapter.name}.html", target))}"'

    text = re.sub(r'(\s(?:xlink:)?href=)"([^"]*)"', link, text)
    text = re.sub(r'(\s(?:id|for)=)"([^"]*)"', rf'\1"{mark}\2"', text)
    text = re.sub(
        r'(\saria-(?:labelledby|describedby|controls|details)=)"([^"]*)"',
        lambda match: f'{match[1]}"{" ".join(mark + anchor for anchor in match[2].split())}"',
        text,
    )
    text = re.sub(r"url\((&quot;|'|\")?#", rf"url(\1#{mark}", text)
    text = re.sub(r"<details(?![^>]*\sopen\b)", "<details open", text)
    text = re.sub(r'<a class="headerlink".*?</a>', "", text)
    note = f'<a href="{html.escape(address)}{chapter.name}.html">'
    return re.sub(
        r"<noscript>.*?</noscript>",
        f'<p class="widget-note">A still figure: on the {note}live page</a> it moves.</p>',
        text,
        flags=re.DOTALL,
    )


def headings(text: str) -> list[tuple[int, str, str]]:
    """Return level, anchor and HTML of the headings of a page that the contents list."""
    found = []
    pattern = r'<section[^>]*\sid="([^"]+)"[^>]*>\s*(?:<span[^>]*></span>\s*)*<h([12])[^>]*>(.*?)</h\2>'
    for match in re.finditer(pattern, text, re.DOTALL):
        words = re.sub(r"<a [^>]*>|</a>", "", match[3])
        found.append((int(match[2]), match[1], re.sub(r'\sid="[^"]*"', "", words)))
    return found


def tree(pages: Sequence[tuple[Chapter, str]]) -> list[Entry]:
    """Return what the contents and the bookmarks list: parts, their pages, and the sections of those."""
    top: list[Entry] = []
    part = ""
    for chapter, text in pages:
        found = headings(text)
        sections = [
            Entry(words, anchor) for level, anchor, words in found if level == 2 and not chapter.depth
        ]
        entry = Entry(found[0][2], chapter.anchor, sections)
        if chapter.part and chapter.part != part:
            part = chapter.part
            top.append(Entry(html.escape(part), chapter.anchor))
        place = top[-1].below if part else top
        (place[-1].below if chapter.depth else place).append(entry)
    return top


def contents(entries: Sequence[Entry], numbers: dict[str, int]) -> str:
    """Return the table of contents; a page number that is not known yet leaves its room."""

    def lines(entries: Sequence[Entry]) -> str:
        return "<ol>" + "".join(f"<li>{line(entry)}{lines(entry.below)}</li>" for entry in entries) + "</ol>"

    def line(entry: Entry) -> str:
        number = f'<span class="number">{numbers.get(entry.anchor, "")}</span>'
        return f'<a href="#{entry.anchor}"><span>{entry.words}</span><span class="dots"></span>{number}</a>'

    return f'<nav class="contents" id="contents"><h1>Contents</h1>{lines(entries)}</nav>'


def release_date() -> date:
    """Return the date of the release, as CITATION.cff states it."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    return date.fromisoformat(str(citation["date-released"]))


def cover(config: dict[str, Any], address: str, logo: str) -> str:
    """Return the first page."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    released = release_date()
    return f"""<header class="cover">{logo}<h1>{html.escape(config["title"])}</h1>
<p class="lead">{html.escape(project["description"])}</p>
<footer><p>{html.escape(config["author"])}<br>
Version {project["version"]}, {released.day} {released:%B %Y}<br>
<a href="{html.escape(address)}">{html.escape(address)}</a></p>
<p>Text and figures under CC BY 4.0, code under the MIT licence.</p></footer></header>"""


def read_pages(
    site: Path, book: Sequence[Chapter], address: str
) -> tuple[list[tuple[Chapter, str]], list[str]]:
    """Return the joined text of every page, and the style sheets that they use."""
    pages = []
    styles: dict[str, None] = {}
    for chapter in book:
        text = (site / f"{chapter.name}.html").read_text(encoding="utf-8")
        folder = posixpath.dirname(chapter.name)
        for sheet in re.findall(r'<link rel="stylesheet"[^>]*\shref="([^"?]+)', text):
            styles[posixpath.normpath(posixpath.join(folder, sheet))] = None
        pages.append((chapter, joined(article(text), chapter, book, address)))
    # The course's own sheet has the last word, as on the site.
    return pages, sorted(styles, key=lambda sheet: sheet.endswith("/course.css"))


def document(site: Path, book: Sequence[Chapter], numbers: dict[str, int]) -> tuple[str, list[Entry]]:
    """Return the whole book as one HTML page that lies beside the site's own folders, and its contents."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    address = project["urls"]["Documentation"]
    pages, sheets = read_pages(site, book, address)
    entries = tree(pages)
    logo = (ROOT / "site" / "assets" / "logo.svg").read_text(encoding="utf-8")
    running = "".join(
        f"@page {chapter.anchor} {{ @top-right {{ content: {css_text(plain(headings(text)[0][2]))}; "
        "font: 9pt sans-serif; color: #56606b; } }\n"
        f".{chapter.anchor} {{ page: {chapter.anchor}; }}\n"
        for chapter, text in pages
    )
    parts = [
        '<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8">',
        f"<title>{html.escape(config['title'])}</title>",
        *[f'<link rel="stylesheet" href="{html.escape(sheet)}">' for sheet in sheets],
        f"<style>{STYLE % {'margin': MARGIN_MM}}{running}</style></head><body>",
        cover(config, address, logo),
        contents(entries, numbers),
        *[
            f'<article class="{chapter.anchor}" id="{chapter.anchor}">{text}</article>'
            for chapter, text in pages
        ],
        "</body></html>",
    ]
    return "\n".join(parts), entries


def plain(words: str) -> str:
    """Return the words of a heading without their markup."""
    words = re.sub(r'<span class="katex-mathml">.*?</math></span>', "", words, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "", words)).strip()


def css_text(text: str) -> str:
    """Return a text as CSS writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def show(page: Page, path: Path) -> list[str]:
    """Open the document as it will be printed, make it fit, and return what does not."""
    page.set_viewport_size({"width": TEXT_WIDTH, "height": 1000})
    page.emulate_media(media="print", color_scheme="light")
    page.goto(path.as_uri(), wait_until="load")
    page.evaluate("document.fonts.ready")
    problems: list[str] = page.evaluate(FIT, {"width": TEXT_WIDTH, "smallest": SMALLEST})
    return problems


def page_numbers(pdf: Path) -> dict[str, int]:
    """Return the number of the page on which each anchor stands."""
    with pikepdf.open(pdf) as document:
        pages = {page.obj.objgen: at for at, page in enumerate(document.pages, 1)}
        return {
            name.removeprefix("/"): pages[target[0].objgen] for name, target in document.Root.Dests.items()
        }


def finish(pdf: Path, entries: Sequence[Entry]) -> int:
    """Add the bookmarks, pack the thousands of small objects of the structure; return the number of pages."""

    def bookmark(document: pikepdf.Pdf, entry: Entry) -> pikepdf.OutlineItem:
        item = pikepdf.OutlineItem(plain(entry.words), document.Root.Dests[f"/{entry.anchor}"])
        item.children = [bookmark(document, below) for below in entry.below]
        item.is_closed = True
        return item

    with pikepdf.open(pdf, allow_overwriting_input=True) as document:
        with document.open_outline() as outline:
            outline.root.extend(bookmark(document, entry) for entry in entries)
        document.Root.PageMode = pikepdf.Name.UseOutlines
        document.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        # The date of the release, not of the hour, so that the same book is the same file.
        day = f"D:{release_date():%Y%m%d}000000Z"
        about = {"Title": config["title"], "Author": config["author"], "Subject": project["description"]}
        for key, value in {**about, "CreationDate": day, "ModDate": day}.items():
            document.docinfo[f"/{key}"] = value
        del document.docinfo["/Creator"]
        packed = pikepdf.ObjectStreamMode.generate
        document.save(pdf, object_stream_mode=packed, compress_streams=True, deterministic_id=True)
        return len(document.pages)


def print_twice(
    page: Page, site: Path, output: Path, book: Sequence[Chapter]
) -> tuple[list[Entry], list[str], dict[str, int]]:
    """Write the PDF in two passes, the second with the page numbers of the first.

    Returns the contents, what does not fit on the paper, and the page numbers that the contents show.
    """
    source = site / "book-in-one.html"
    output.parent.mkdir(parents=True, exist_ok=True)
    numbers: dict[str, int] = {}
    try:
        for _ in range(2):
            shown = numbers
            text, entries = document(site, book, shown)
            source.write_text(text, encoding="utf-8")
            problems = show(page, source)
            page.pdf(path=output, prefer_css_page_size=True, print_background=True, tagged=True)
            numbers = page_numbers(output)
    finally:
        source.unlink(missing_ok=True)
    return entries, problems, shown


def build(site: Path, output: Path, book: Sequence[Chapter]) -> tuple[int, list[str]]:
    """Print the book; return the number of pages, and what does not fit on them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(SYSTEM_CHROMIUM) if SYSTEM_CHROMIUM.exists() else None,
            args=["--no-sandbox", "--disable-quic", "--disable-background-networking"],
        )
        page = browser.new_page()
        page.set_default_timeout(600_000)
        entries, problems, _ = print_twice(page, site, output, book)
        browser.close()
    return finish(output, entries), problems


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code is 1 where something is cut off or too small."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html", help="the built website")
    parser.add_argument("--output", type=Path, default=ROOT / "_build" / "pdf" / "activations.pdf")
    options = parser.parse_args(arguments)
    if not (options.site / "index.html").is_file():
        parser.error(f"there is no website in {options.site}; run `make book` first")
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    pages, problems = build(options.site.resolve(), options.output.resolve(), chapters(toc))
    for problem in problems:
        print(f"too wide for the page: {problem}", file=sys.stderr)
    print(f"{options.output}: {pages} pages, {options.output.stat().st_size / 1e6:.1f} MB.")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
