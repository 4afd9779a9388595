"""The ``claims`` directive: the table of all claims, made from the one file that the tests read, too.

In a page of the book::

    ```{claims} claims.toml
    ```
"""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

# A sign beside each word: the verdict is never told by colour alone.
SIGNS = {"holds": "✓", "holds with a caveat": "◐", "false": "✗"}
PARTS = {
    "01-linear-vs-nonlinear": "Linear and non-linear",
    "02-sigmoid": "Sigmoid",
    "03-tanh": "Tanh",
    "04-relu": "ReLU",
    "05-softmax": "Softmax",
    "06-choosing": "Writing them yourself",
    "11-in-frameworks": "In Keras, PyTorch and JAX",
}


class Claims(SphinxDirective):
    """Render the ledger, a table for each chapter."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        """Return the nodes of the generated Markdown."""
        _, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(path)
        claims = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        container = nodes.container(classes=["claims"])
        text = StringList(markdown(claims).splitlines(), source=path)
        self.state.nested_parse(text, 0, container, match_titles=True)
        return container.children


def markdown(claims: dict[str, dict[str, Any]]) -> str:
    """Return the whole ledger as MyST Markdown."""
    counts = Counter(claim["verdict"] for claim in claims.values())
    tally = " · ".join(f"{SIGNS[verdict]} {counts[verdict]} {verdict}" for verdict in SIGNS)
    lines = [f"**{len(claims)} claims:** {tally}", ""]
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
        finding = claim["finding"]
        for key, value in claim["figures"].items():
            finding = _fill(finding, key, value)
        lines += [
            f"* - {{ref}}`{name} <claim-{name.lower()}>`",
            f"  - {claim['claim']}",
            f"  - {SIGNS[claim['verdict']]} {claim['verdict']}",
            f"  - {finding}",
        ]
    return [*lines, "::::"]


def _fill(text: str, key: str, value: float) -> str:
    """Replace ``{key:format}`` by the formatted value; LaTeX's own braces stay as they are."""
    start = "{" + key + ":"
    while (at := text.find(start)) >= 0:
        end = text.index("}", at)
        text = text[:at] + format(value, text[at + len(start) : end]) + text[end + 1 :]
    return text


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("claims", Claims)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
