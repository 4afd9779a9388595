"""The rules of CONTRIBUTING.md that a notebook of the book keeps, checked cell by cell."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "chapters").glob("*.ipynb"))
MAIN_CHAPTERS = ["01-linear-vs-nonlinear", "02-sigmoid", "03-tanh", "04-relu", "05-softmax"]
SECTIONS = [
    "What you will learn",
    "A question to guess first",
    "The function and its derivative",
    "Explore it",
    "What it does in a network",
    "Train it from scratch",
    "Claims, checked",
    "Pitfalls",
    "Exercises",
    "Summary",
    "Further reading",
]
MAX_LINES = 10
UNSEEDED = {"default_rng", "RandomState"}
FORBIDDEN = {
    r"\brcParams\b": "styles live in activations.figures",
    r"^\s*[%!]\s*pip\b": "requirements live in requirements.txt",
    r"\bnp\.random\.(?!default_rng\b|Generator\b)\w+": "use a seeded Generator",
    r"\bplt\.": "draw with activations.figures",
}

sys.path.insert(0, str(ROOT / "tools"))

import launch_cell  # noqa: E402 (the tools are no package)
import normalize_notebooks  # noqa: E402


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    """Return what an author wrote: all code cells but the first, which a tool writes."""
    cells = [cell for cell in read(path).cells if cell.cell_type == "code"]
    return [cell for cell in cells if cell.id != launch_cell.CELL_ID]


def calls(source: str) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]


def name_of(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def explorers_before_exercises(cells: list[nbformat.NotebookNode]) -> set[str]:
    """Return the kinds of explorers that a chapter shows before its exercises begin."""
    end = next(i for i, cell in enumerate(cells) if re.search(r"^## Exercises$", cell.source, re.MULTILINE))
    code = [cell.source for cell in cells[:end] if cell.cell_type == "code"]
    names = {name_of(call) for source in code if "pip install" not in source for call in calls(source)}
    return {name for name in names if name.endswith(("_explorer", "_replay"))}


every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def test_every_chapter_is_there() -> None:
    assert set(MAIN_CHAPTERS) <= {path.stem for path in NOTEBOOKS}


@every_notebook
def test_is_normalized(path: Path) -> None:
    notebook = normalize_notebooks.normalize(read(path))
    assert normalize_notebooks.to_text(notebook) == path.read_text(encoding="utf-8"), "run `make normalize`"


@every_notebook
def test_has_run_from_top_to_bottom(path: Path) -> None:
    counts = [cell.execution_count for cell in read(path).cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1)), "a cell without a stored run would pass nbval unseen"


@every_notebook
def test_the_first_cell_installs_the_package_where_it_is_missing(path: Path) -> None:
    stored = read(path)
    first = next(cell for cell in stored.cells if cell.cell_type == "code")
    assert (first.id, first.metadata.tags) == (launch_cell.CELL_ID, [launch_cell.HIDDEN])
    assert first.outputs == []
    again = launch_cell.put_cell(read(path))
    assert again == stored, "run `.venv/bin/python tools/launch_cell.py chapters/*.ipynb`"


@every_notebook
def test_cells_are_short(path: Path) -> None:
    for cell in code_cells(path):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert len(lines) <= MAX_LINES, f"a cell of {len(lines)} lines; move code into src/:\n{cell.source}"


@every_notebook
def test_cells_keep_to_the_package(path: Path) -> None:
    for cell in code_cells(path):
        for pattern, remedy in FORBIDDEN.items():
            assert not re.search(pattern, cell.source, re.MULTILINE), f"{remedy}:\n{cell.source}"


@every_notebook
def test_randomness_is_seeded(path: Path) -> None:
    for cell in code_cells(path):
        for call in calls(cell.source):
            if name_of(call) in UNSEEDED:
                assert call.args or call.keywords, f"a generator without a seed:\n{cell.source}"


@every_notebook
def test_every_figure_has_alt_text(path: Path) -> None:
    for cell in code_cells(path):
        for call in calls(cell.source):
            if name_of(call) == "show":
                given = {keyword.arg for keyword in call.keywords}
                assert "alt" in given, f"show() without alt:\n{cell.source}"
        kinds = [key for output in cell.outputs for key in output.get("data", {})]
        stray = [kind for kind in kinds if kind.startswith("image/")]
        assert not stray, f"a picture that did not come from show():\n{cell.source}"


@every_notebook
def test_only_pictures_and_explorers_are_ignored_by_nbval(path: Path) -> None:
    for cell in code_cells(path):
        if "nbval-ignore-output" in cell.metadata.get("tags", []):
            names = {name_of(call) for call in calls(cell.source)}
            shown = "show" in names or any(name.endswith(("_explorer", "_replay")) for name in names)
            assert shown, f"comparing is the rule, ignoring the exception:\n{cell.source}"
        skipped = "nbval-skip" in cell.metadata.get("tags", [])
        assert not skipped, f"a skipped cell proves nothing:\n{cell.source}"


@every_notebook
def test_warnings_are_printed_on_purpose(path: Path) -> None:
    for cell in code_cells(path):
        stray = [output.text for output in cell.outputs if output.get("name") == "stderr"]
        assert not stray, f"a stray message on stderr:\n{stray}"


@pytest.mark.parametrize("stem", MAIN_CHAPTERS)
def test_main_chapters_have_the_same_sections(stem: str) -> None:
    cells = read(ROOT / "chapters" / f"{stem}.ipynb").cells
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    prose = re.sub(r"^(`{3,}|:{3,}).*?^\1", "", prose, flags=re.MULTILINE | re.DOTALL)
    assert re.findall(r"^## (.+?)\s*$", prose, re.MULTILINE) == SECTIONS


@pytest.mark.parametrize("stem", MAIN_CHAPTERS)
def test_main_chapters_have_enough_to_do(stem: str) -> None:
    cells = read(ROOT / "chapters" / f"{stem}.ipynb").cells
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    assert len(re.findall(r"\{exercise(?:-start)?\}", prose)) >= 4
    assert len(re.findall(r"\{solution(?:-start)?\}", prose)) >= 4
    assert len(explorers_before_exercises(cells)) >= 2, "two kinds of explorers, where they teach something"
    assert re.search(r"\bfit\(", code), "a network is trained from scratch"
    assert re.search(r"load_\w+\(", code), "on real data"


@pytest.mark.parametrize("path", NOTEBOOKS[:1], ids=lambda path: path.stem)
def test_normalizing_twice_changes_nothing(path: Path) -> None:
    once = normalize_notebooks.to_text(normalize_notebooks.normalize(read(path)))
    twice = normalize_notebooks.normalize(nbformat.reads(once, as_version=4))
    assert normalize_notebooks.to_text(twice) == once
