"""The ``assignment`` directive: an assignment's page, made from what its students get.

In a page of the book::

    # Assignment: sigmoid

    ```{assignment} sigmoid
    ```

The page and the notebook that it offers are made at each build from ``assignments/``, where the solutions and
hidden checks stand; ``activations.grading.release`` leaves those out.
"""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from activations.grading.release import Question, questions, site_page, student_version


def overview(found: list[Question]) -> str:
    """Return a table of the questions."""
    lines = ["::::{list-table}", ":header-rows: 1", ":widths: 10 50 15 25", ""]
    lines += ["* - Question", "  - Title", "  - Points", "  - Graded"]
    for number, question in enumerate(found, start=1):
        graded = "by hand" if question.by_hand else "automatically"
        lines += [f"* - {number}", f"  - {question.title}", f"  - {question.points:g}", f"  - {graded}"]
    return "\n".join([*lines, "::::"])


class Assignment(SphinxDirective):
    """Render the page of one assignment, with its notebook to download."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the nodes of the generated Markdown."""
        name, root = self.arguments[0], Path(self.env.srcdir)
        source = root / "assignments" / name / f"{name}.ipynb"
        self.env.note_dependency(str(source))
        notebook = nbformat.read(source, as_version=4)
        copy = Path(self.env.app.outdir).parent / "assignments" / source.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(student_version(notebook), copy)
        address = Path(os.path.relpath(copy, root)).as_posix()
        first, *rest = site_page(notebook).split("\n\n## ", 1)
        offer = f"{{download}}`Download the notebook </{address}>` and fill it in: “run all” is the check."
        head = "\n\n".join([first, offer, overview(questions(notebook))])
        # The parser hangs sections below the page at once, so what stands above them has to be there before.
        above = nodes.container()
        self.state.nested_parse(StringList(head.splitlines(), source=str(source)), 0, above)
        self.state_machine.node.extend(above.children)
        below = nodes.container()
        text = "\n\n".join(f"## {part}" for part in rest)
        lines = StringList(text.splitlines(), source=str(source))
        self.state.nested_parse(lines, 0, below, match_titles=True)
        return below.children


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("assignment", Assignment)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
