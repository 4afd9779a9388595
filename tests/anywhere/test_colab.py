"""Colab, and plain pip: a machine that lacks the package, which the notebook or its reader adds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from machines import PROJECT, TAG, Machine, failed, printed, read_assignment, read_chapter
from nbclient.exceptions import CellExecutionError

ADDRESS = PROJECT["urls"]["Repository"]
# Colab has ipywidgets 7 loaded before the first cell: to replace them would ask for a restart.
COLAB = ("ipykernel<7", "ipywidgets==7.7.1", "matplotlib", "numpy", "tqdm")
FIRST_CELLS = 12


def first_cells(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Keep the first code cells: the one that installs, the imports, and the first results."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    notebook.cells = code[:FIRST_CELLS]
    return notebook


def install_from(clone: Path, notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Let the first cell take the release from the clone instead of from its public address."""
    guard = next(cell for cell in notebook.cells if cell.id == "install-package")
    assert f"git+{ADDRESS}@{TAG}" in guard.source
    guard.source = guard.source.replace(f"git+{ADDRESS}", f"git+{clone.as_uri()}")
    return notebook


def test_the_first_cell_installs_the_release_on_colab(
    make_machine: Callable[..., Machine], clone: Path, elsewhere: Path
) -> None:
    colab = make_machine(*COLAB)
    before = {name: colab.version(name) for name in ("ipykernel", "ipywidgets", "matplotlib", "numpy")}
    unaided = read_chapter(clone)
    unaided.cells = [cell for cell in unaided.cells if cell.id != "install-package"]
    with pytest.raises(CellExecutionError, match="No module named 'activations'"):
        colab.execute(first_cells(unaided), elsewhere)

    notebook = install_from(clone, first_cells(read_chapter(clone)))
    guard = notebook.cells[0]
    shown = printed(colab.execute(notebook, elsewhere))
    stored = printed(nbformat.read(clone / "chapters" / "02-sigmoid.ipynb", as_version=4))
    del shown[guard.id]  # what pip says
    assert shown == {name: stored[name] for name in shown}
    assert any(shown.values())
    assert colab.version("activations") == PROJECT["version"]
    assert {name: colab.version(name) for name in before} == before, "nothing that runs may be replaced"

    # Run again, the cell has nothing to do.
    assert printed(colab.execute(first_cells(read_chapter(clone)), elsewhere))[guard.id] == ""


def test_an_assignment_is_checked_on_colab(
    make_machine: Callable[..., Machine], clone: Path, elsewhere: Path
) -> None:
    """It is the student's copy, uploaded: that is all Colab gets."""
    colab = make_machine(*COLAB)
    notebook = install_from(clone, read_assignment(clone, filled=True))
    assert failed(colab.execute(notebook, elsewhere)) == []
    assert failed(colab.execute(read_assignment(clone, filled=False), elsewhere)), (
        "checks that check something"
    )


def test_pip_installs_the_course_and_a_chapter_runs_from_anywhere(
    make_machine: Callable[..., Machine], clone: Path, elsewhere: Path
) -> None:
    machine = make_machine("ipykernel")
    machine.pip("install", "--quiet", clone)
    machine.pip("check")
    stored = nbformat.read(clone / "chapters" / "05-softmax.ipynb", as_version=4)
    assert printed(machine.execute(read_chapter(clone, "05-softmax"), elsewhere)) == printed(stored)
