"""Mends of the markup that the generators write.

Admonitions and solutions with the class ``dropdown`` become native ``<details>``: they open with no script,
with a keyboard, and when a browser's search or a link leads into them. Anchors are unique, and roles valid.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.locale import admonitionlabels
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator

REPEATED = ("exercise-content", "solution-content")


class details(nodes.General, nodes.Element):  # noqa: N801 (docutils calls its nodes so)
    """A block that a reader opens."""


class summary(nodes.TextElement):  # noqa: N801
    """The line of a ``details`` that is always shown."""


class FoldDropdowns(SphinxPostTransform):
    """Replace every foldable admonition by ``details``, after the titles of solutions are resolved."""

    default_priority = 300
    formats = ("html",)

    def run(self, **_: object) -> None:
        """Fold the admonitions of one document."""
        for section in self.document.findall(nodes.section):
            # sphinx-exercise gives the same anchor to the text of every exercise of a page.
            section["ids"] = [anchor for anchor in section["ids"] if anchor not in REPEATED]
        for node in list(self.document.findall(nodes.Admonition)):
            if isinstance(node, nodes.Element) and "dropdown" in node["classes"]:
                fold(node)


def fold(node: nodes.Element) -> None:
    """Replace an admonition by a ``details`` of the same class and anchor."""
    kind = node.tagname if node.tagname in admonitionlabels else ""
    folded = details("", classes=["admonition", *([kind] if kind else []), *node["classes"]], ids=node["ids"])
    children = list(node.children)
    line = summary("", classes=["admonition-title"])
    if children and isinstance(children[0], nodes.title):
        for child in children.pop(0).children:
            # A link inside a summary would swallow the click that opens it. Of a solution's link, "Exercise 3
            # (Its title)", the number is enough: the title stands right above.
            line += child.children[0] if isinstance(child, nodes.reference) else child
    else:
        line += nodes.Text(admonitionlabels.get(kind, "More"))
    folded += line
    folded.extend(children)
    node.replace_self(folded)


def visit_details(self: HTML5Translator, node: nodes.Element) -> None:
    """Open the block."""
    self.body.append(self.starttag(node, "details"))


def depart_details(self: HTML5Translator, _node: nodes.Element) -> None:
    """Close the block."""
    self.body.append("</details>\n")


def visit_summary(self: HTML5Translator, node: nodes.Element) -> None:
    """Open the line that is always shown."""
    self.body.append(self.starttag(node, "summary", ""))


def depart_summary(self: HTML5Translator, _node: nodes.Element) -> None:
    """Close the line."""
    self.body.append("</summary>\n")


def mend_roles(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _tree: object) -> None:
    """Mend what the writers state wrongly of an element's part in the page."""
    if "body" in context:
        # The role that docutils gives to the entries of a bibliography is deprecated, and not of a list.
        body = context["body"].replace(' role="doc-biblioentry"', ' role="listitem"')
        # A fold of code says what it does in its visible words.
        body = body.replace('<summary aria-label="Toggle hidden content">', "<summary>")
        # The empty corner of a table is no heading.
        context["body"] = re.sub(r'<th class="head[^"]*">(<p></p>)?</th>', "<td></td>", body)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the nodes, and connect the steps to the build."""
    app.add_node(details, html=(visit_details, depart_details))
    app.add_node(summary, html=(visit_summary, depart_summary))
    app.add_post_transform(FoldDropdowns)
    app.connect("html-page-context", mend_roles)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
