"""Put the guarded first cell into notebooks: on a hosted machine that lacks the package, it installs it.

Colab is such a machine. Where the package is there, the cell does nothing, and the website leaves it out.
It asks for the release that pyproject.toml names, from the one public address that stands there.

    python tools/launch_cell.py chapters/*.ipynb
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from normalize_notebooks import normalize, renumber, to_text

ROOT = Path(__file__).resolve().parents[1]
CELL_ID = "install-package"
HIDDEN = "remove-cell"
SOURCE = """\
try:
    import activations  # noqa: F401
except ModuleNotFoundError:
    %pip install -q "{wanted}"
"""


def requirement() -> str:
    """Return what pip is asked for: the package at the tag of its release."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return f"{project['name']} @ git+{project['urls']['Repository']}@v{project['version']}"


def source(wanted: str) -> str:
    """Return the text of the cell; ``wanted`` is what pip is asked for."""
    return SOURCE.format(wanted=wanted).rstrip()


def put_cell(notebook: NotebookNode) -> NotebookNode:
    """Make the cell the first code cell of ``notebook``, which is changed in place."""
    notebook.cells = [cell for cell in notebook.cells if cell.id != CELL_ID]
    place = next(index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code")
    cell = nbformat.v4.new_code_cell(source(requirement()), id=CELL_ID, execution_count=1)
    cell.metadata["tags"] = [HIDDEN]
    notebook.cells.insert(place, cell)
    renumber(notebook)
    return normalize(notebook)


def main(names: list[str]) -> int:
    """Rewrite the notebooks whose cell is missing or old."""
    for path in map(Path, names):
        before = path.read_text(encoding="utf-8")
        after = to_text(put_cell(nbformat.reads(before, as_version=4)))
        if after != before:
            path.write_text(after, encoding="utf-8", newline="\n")
            print(f"{path}: rewritten")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
