"""The assignments' pages on the built site: whole, with the students' notebook, and without a secret."""

from __future__ import annotations

import html
import re
from pathlib import Path

import nbformat
import pytest

from activations.grading.release import questions, student_version

ASSIGNMENTS = sorted((Path(__file__).parents[2] / "assignments").glob("*/*.ipynb"))
REGION = re.compile(r"### BEGIN (SOLUTION|HIDDEN TESTS)\n(.*?)### END \1", re.DOTALL)


def secrets(notebook: nbformat.NotebookNode) -> list[str]:
    """Return each solution, each group of hidden checks and each model answer as a whole."""
    cells = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    written = [cell.source for cell in cells if cell.cell_type == "markdown"]
    return written + [part.strip() for cell in notebook.cells for _, part in REGION.findall(cell.source)]


def squeeze(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("path", ASSIGNMENTS, ids=lambda path: path.stem)
def test_the_page_offers_the_students_copy_and_no_secret(path: Path, site_dir: Path) -> None:
    source = nbformat.read(path, as_version=4)
    page = (site_dir / "chapters" / "assignments" / f"{path.stem}.html").read_text(encoding="utf-8")
    text = html.unescape(re.sub(r"<[^>]+>", "", page))
    for question in questions(source):
        assert f"{question.title} ({question.points:g} points)" in text
    (offered,) = re.findall(r'<a class="[^"]*download[^"]*"[^>]*href="([^"]+\.ipynb)"', page)
    downloaded = (site_dir / "chapters" / "assignments" / offered).resolve().read_text(encoding="utf-8")
    assert nbformat.reads(downloaded, as_version=4) == student_version(source)

    # The downloaded file holds nothing but these cells: the comparison above says so.
    cells = "\n".join(cell.source for cell in nbformat.reads(downloaded, as_version=4).cells)
    whole = [secret for secret in secrets(source) if len(squeeze(secret)) > 25]
    assert len(whole) > 5
    for secret in whole:
        for public in (text, cells):
            assert squeeze(secret) not in squeeze(public)
