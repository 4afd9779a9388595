"""Machines that know nothing of the course: an environment of its own for each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from activations.grading.release import student_version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TAG = f"v{PROJECT['version']}"
# What would lead an installation, or a kernel, back to this project's own environment.
OURS = ("PYTHONPATH", "VIRTUAL_ENV", "JUPYTER_PATH", "PYTHONHOME", "COVERAGE_PROCESS_START")


@dataclass(frozen=True)
class Machine:
    """An environment of its own."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in OURS}
        path = os.pathsep.join([str(self.python.parent), os.environ["PATH"]])
        return {**kept, "PATH": path, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONNOUSERSITE": "1"}

    def run(self, *command: str | Path, cwd: Path | None = None) -> str:
        """Run a command there; what it prints is part of the message if it fails."""
        run = subprocess.run(
            [str(part) for part in command],
            cwd=cwd or self.folder,
            env=self.environment,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert run.returncode == 0, f"{command}\n{run.stdout}"
        return run.stdout

    def pip(self, *arguments: str | Path, cwd: Path | None = None) -> str:
        return self.run(self.python, "-m", "pip", *arguments, cwd=cwd)

    def version(self, name: str) -> str:
        return self.run(
            self.python, "-c", f"import importlib.metadata as m; print(m.version({name!r}))"
        ).strip()

    def megabytes(self) -> float:
        files = (path for path in self.folder.rglob("*") if path.is_file() and not path.is_symlink())
        return sum(path.stat().st_size for path in files) / 1e6

    def execute(self, notebook: nbformat.NotebookNode, cwd: Path) -> nbformat.NotebookNode:
        """Run a notebook with this machine's kernel, in a folder that has nothing to do with the course."""
        spec = cwd / "kernels" / "machine"
        spec.mkdir(parents=True, exist_ok=True)
        argv = [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        environment = {name: self.environment[name] for name in ("PATH", "PYTHONNOUSERSITE")}
        (spec / "kernel.json").write_text(
            json.dumps({"argv": argv, "display_name": "machine", "language": "python", "env": environment}),
            encoding="utf-8",
        )
        client = NotebookClient(
            notebook, timeout=600, kernel_name="machine", resources={"metadata": {"path": str(cwd)}}
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("JUPYTER_PATH", str(cwd))
            for name in OURS:
                if name != "JUPYTER_PATH":
                    patch.delenv(name, raising=False)
            client.execute()
        return notebook


def read_chapter(folder: Path, name: str = "02-sigmoid") -> nbformat.NotebookNode:
    notebook = nbformat.read(folder / "chapters" / f"{name}.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def read_assignment(folder: Path, name: str = "sigmoid", *, filled: bool) -> nbformat.NotebookNode:
    """Return an assignment as its page offers it, and on request with every answer filled in."""
    source = nbformat.read(folder / "assignments" / name / f"{name}.ipynb", as_version=4)
    notebook = student_version(source)
    for cell, solved in zip(notebook.cells, source.cells, strict=True):
        if filled and solved.metadata.get("nbgrader", {}).get("solution"):
            cell.source = solved.source
    return notebook


def failed(notebook: nbformat.NotebookNode) -> list[str]:
    """Return what the checks say that do not pass; "run all" goes on after each."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output.evalue for output in outputs if output.output_type == "error"]


def printed(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """Return by cell what was printed as plain text."""
    return {
        cell.id: "".join(output.text for output in cell.outputs if output.get("name") == "stdout")
        for cell in notebook.cells
        if cell.cell_type == "code"
    }
