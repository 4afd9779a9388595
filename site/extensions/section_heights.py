"""How high each section of a page will about be on a phone, for the browser to leave room.

On a phone a section is laid out as it is scrolled to (``content-visibility`` in
``site/assets/course.css``). Until then the browser takes an assumed height for it. Were that far too low, the
scroll bar would jump, and what stands in the section would lie over the next one, where tools that measure
the page find it.
"""

from __future__ import annotations

import copy
import re
from typing import Any

from bs4 import BeautifulSoup, Tag
from sphinx.application import Sphinx

# Least squares over all sections of this book, 412 px wide: nine in ten come out within a fifth of theirs.
CHARACTER, CODE_LINE, CODE_BLOCK, EXPLORER, HEADING, BLOCK = 0.83, 13, 83, 615, 39, 7.4
"""Pixels for each."""
COLUMN = 372
"""Width of the text on such a phone, in pixels: what is wider is shrunk."""
MARGIN = 1.4
"""Rather too high than too low: then nothing overlaps."""


def height_of(section: Tag) -> int:
    """Return about how many pixels high a section is on a phone, with its folds closed.

    >>> height_of(BeautifulSoup("<section><h2>Title</h2><p>A sentence.</p></section>", "html.parser").section)
    84
    """
    rest = copy.copy(section)
    for fold in rest.find_all("details"):
        for child in fold.find_all(recursive=False):
            if child.name != "summary":
                child.decompose()
    total = EXPLORER * len(rest.select("[data-explorer]"))
    for code in rest.find_all("pre"):
        total += CODE_BLOCK + CODE_LINE * (code.get_text().strip().count("\n") + 1)
        code.decompose()
    for figure in rest.find_all(["svg", "img"]):
        total += shown_height(figure)
        figure.decompose()
    for unseen in rest.select(".katex-mathml, script, style"):
        unseen.decompose()
    total += HEADING * len(rest.find_all(["h2", "h3"]))
    total += BLOCK * len(rest.find_all(["p", "li", "summary", "dd", "dt"]))
    total += CHARACTER * len(" ".join(rest.get_text().split()))
    return round(MARGIN * total)


def shown_height(figure: Tag) -> float:
    """Return the height of a picture that says its size, once it is no wider than the column; else 0."""
    sizes = [re.match(r"[\d.]+", str(figure.get(side, ""))) for side in ("width", "height")]
    if not all(sizes):
        return 0
    width, height = (float(size[0]) for size in sizes if size)
    return height * min(1, COLUMN / width) if width else 0


def state_heights(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _tree: object) -> None:
    """Write into every section of a page how high it will about be."""
    body = context.get("body") or ""
    for page in BeautifulSoup(body, "html.parser").find_all("section", recursive=False):
        for section in page.find_all("section", recursive=False):
            start = f'<section id="{section.get("id")}"'
            style = f'{start} style="contain-intrinsic-height: auto {height_of(section)}px"'
            body = body.replace(f"{start}>", f"{style}>", 1)
    context["body"] = body


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the step to the build, after all that still changes the page."""
    app.connect("html-page-context", state_heights, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
