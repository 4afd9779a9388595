"""Bring notebooks into the one form that this repository stores.

A stored notebook carries its text outputs, which nbval compares, and nothing that a build can make again:
pictures and widgets are dropped, and the cells that show them are tagged ``nbval-ignore-output``.

    python tools/normalize_notebooks.py chapters/*.ipynb             # rewrite what is not normal
    python tools/normalize_notebooks.py --execute chapters/*.ipynb   # run first, from a clean kernel
    python tools/normalize_notebooks.py --check chapters/*.ipynb     # only say what is not normal
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

IGNORE_OUTPUT = "nbval-ignore-output"
NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
KEPT_CELL_METADATA = ("tags", "mystnb", "nbgrader")
WIDGET = "application/vnd.jupyter.widget-view+json"


def execute(notebook: NotebookNode, folder: Path) -> None:
    """Run every cell in a fresh kernel, with ``folder`` as the working directory."""
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()


def normalize(notebook: NotebookNode) -> NotebookNode:
    """Return ``notebook`` in normal form; it is changed in place."""
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict(NOTEBOOK_METADATA)
    notebook.cells = [cell for cell in notebook.cells if cell.source.strip()]
    seen: set[str] = set()
    for cell in notebook.cells:
        if not cell.get("id") or cell.id in seen:
            cell.id = nbformat.v4.new_code_cell().id
        seen.add(cell.id)
        cell.source = "\n".join(line.rstrip() for line in cell.source.strip("\n").splitlines())
        cell.metadata = nbformat.from_dict(
            {key: cell.metadata[key] for key in KEPT_CELL_METADATA if cell.metadata.get(key)}
        )
        if cell.cell_type == "code":
            _normalize_outputs(cell)
    return notebook


def _normalize_outputs(cell: NotebookNode) -> None:
    kept = []
    shows_picture = False
    for output in cell.outputs:
        data = output.get("data", {})
        pictures = [kind for kind, value in data.items() if _is_picture(kind, value)]
        shows_picture = shows_picture or bool(pictures)
        for kind in pictures:
            del data[kind]
        if output.output_type == "execute_result":
            output.execution_count = cell.execution_count
        if WIDGET in pictures or ("data" in output and not data):
            continue
        output.pop("transient", None)
        if "metadata" in output:
            output.metadata = nbformat.from_dict({})
        if kept and output.output_type == "stream" and kept[-1].get("name") == output.name:
            kept[-1].text += output.text  # how a kernel cuts its stream into messages is chance
            continue
        kept.append(output)
    cell.outputs = kept
    if shows_picture and IGNORE_OUTPUT not in cell.metadata.get("tags", []):
        cell.metadata["tags"] = sorted([*cell.metadata.get("tags", []), IGNORE_OUTPUT])


def _is_picture(kind: str, value: object) -> bool:
    drawn = kind == "text/html" and "<svg" in str(value)
    return drawn or kind == WIDGET or kind.startswith("image/")


def renumber(notebook: NotebookNode) -> None:
    """Set the execution counts to 1, 2, 3, …, as a clean run from the top has them."""
    count = 0
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.execution_count is not None:
            count += 1
            cell.execution_count = count
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = count


def to_text(notebook: NotebookNode) -> str:
    """Return the text of the stored file."""
    text: str = nbformat.writes(notebook)
    return text.rstrip("\n") + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code is 1 where ``--check`` finds a notebook that is not normal."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("notebooks", nargs="+", type=Path)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--check", action="store_true", help="change nothing; exit with 1 if it would")
    how.add_argument("--execute", action="store_true", help="run every cell in a clean kernel first")
    options = parser.parse_args(arguments)

    changed = []
    for path in options.notebooks:
        before = path.read_text(encoding="utf-8")
        notebook = nbformat.reads(before, as_version=4)
        if options.execute:
            print(f"running {path} …", file=sys.stderr)
            execute(notebook, path.parent)
        normalize(notebook)
        if options.execute:
            renumber(notebook)
        after = to_text(notebook)
        if after != before:
            changed.append(path)
            if not options.check:
                path.write_text(after, encoding="utf-8", newline="\n")
    for path in changed:
        print(f"{path}: {'not normal; run `make normalize`' if options.check else 'rewritten'}")
    return 1 if options.check and changed else 0


if __name__ == "__main__":
    raise SystemExit(main())
