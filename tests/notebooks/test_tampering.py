"""nbval compares: a notebook with one digit of a stored output changed must fail, untouched it must pass."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat

SANITIZE = Path(__file__).with_name("sanitize.cfg")


def run_nbval(notebook: nbformat.NotebookNode, folder: Path) -> subprocess.CompletedProcess[str]:
    path = folder / "notebook.ipynb"
    nbformat.write(notebook, path)
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--nbval"]
    command += ["--nbval-sanitize-with", str(SANITIZE), str(path)]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True, timeout=300)


def make_notebook(stored: str) -> nbformat.NotebookNode:
    source = "from activations import sigmoid\nprint(sigmoid([0.5, -0.7]).round(8))"
    output = nbformat.v4.new_output("stream", name="stdout", text=stored)
    cell = nbformat.v4.new_code_cell(source, execution_count=1, outputs=[output])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    return notebook


def test_an_untouched_output_passes(tmp_path: Path) -> None:
    run = run_nbval(make_notebook("[0.62245933 0.33181223]\n"), tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr


def test_one_changed_digit_fails(tmp_path: Path) -> None:
    run = run_nbval(make_notebook("[0.62245933 0.33181224]\n"), tmp_path)
    assert run.returncode == 1, run.stdout + run.stderr
    assert "0.33181224" in run.stdout
