"""Grade answers to an assignment in this process, by running the code of its cells: no kernel, so no waiting.

The cells before the answer run once; each answer then starts from a copy of the names that they left.
"""

from __future__ import annotations

import io
import tomllib
import warnings
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).parents[2]
ASSIGNMENTS = ROOT / "assignments"
BANK = Path(__file__).with_name("bank")
NAMES = ("linear", "sigmoid", "tanh", "relu", "softmax", "project")
LAUNCH_CELL = "install-package"


@dataclass(frozen=True)
class Answer:
    """One entry of the bank; a right answer has no hint."""

    question: str
    name: str
    hint: str | None
    code: str

    @property
    def check(self) -> str:
        return f"{self.question}-checks"


def read_assignment(name: str) -> NotebookNode:
    return nbformat.read(ASSIGNMENTS / name / f"{name}.ipynb", as_version=4)


def read_bank(name: str) -> list[Answer]:
    table = tomllib.loads((BANK / f"{name}.toml").read_text(encoding="utf-8"))
    answers = []
    for question, entry in table.items():
        numbered = enumerate(entry["right"], start=1)
        answers += [Answer(question, f"right answer {number}", None, code) for number, code in numbered]
        answers += [Answer(question, name, hint, code) for name, hint, code in entry["wrong"]]
    return answers


def grade_id(cell: NotebookNode) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def is_check(cell: NotebookNode) -> bool:
    meta = cell.metadata.get("nbgrader", {})
    return bool(meta.get("grade") and not meta.get("solution"))


def is_answer(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


class Grader:
    """Runs the cells of one assignment, with one answer exchanged at a time.

    An answer that comes later and reads no name that the exchanged one has set is not run again, as it would
    come to the same. Checks always are.
    """

    def __init__(self, notebook: NotebookNode) -> None:
        # Pictures define no name that a later cell needs, and drawing them takes longest.
        self.cells = [
            (cell, compile(cell.source, grade_id(cell), "exec"))
            for cell in notebook.cells
            if cell.cell_type == "code" and cell.id != LAUNCH_CELL
            if "nbval-ignore-output" not in cell.metadata.get("tags", [])
        ]
        self.points = {
            grade_id(cell): cell.metadata.nbgrader.points for cell, _ in self.cells if is_check(cell)
        }
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.set_by: dict[str, dict[str, Any]] = {}
        for cell, code in self.cells:
            self.set_by[grade_id(cell)] = self._run(code)

    def answers(self, bank: list[Answer]) -> Iterator[tuple[Answer, dict[str, str]]]:
        """Yield each answer with the checks that it fails, and what they say."""
        waiting: dict[str, list[Answer]] = {}
        for answer in bank:
            waiting.setdefault(answer.question, []).append(answer)
        self._reset({"__name__": "__main__"})
        for index, (cell, code) in enumerate(self.cells):
            for answer in waiting.pop(grade_id(cell), []):
                before = dict(self.names)
                yield answer, self._failures(answer, self.cells[index + 1 :])
                self._reset(before)
            exec(code, self.names)
        assert not waiting, f"the bank answers cells that are not there: {sorted(waiting)}"

    def _failures(self, answer: Answer, rest: list[tuple[NotebookNode, Any]]) -> dict[str, str]:
        said = {}
        with redirect_stdout(io.StringIO()), warnings.catch_warnings(action="ignore"):
            changed = set(self._run(compile(answer.code, answer.question, "exec")))
            for cell, code in rest:
                if is_answer(cell) and not changed & names_in(code):
                    self.names.update(self.set_by[grade_id(cell)])
                    continue
                try:
                    exec(code, self.names)
                except Exception as error:
                    said[grade_id(cell)] = f"{type(error).__name__}: {error}"
        return said

    def _run(self, code: CodeType) -> dict[str, Any]:
        """Run a cell and return the names that it has set."""
        before = dict(self.names)
        exec(code, self.names)
        return {name: value for name, value in self.names.items() if before.get(name, self) is not value}

    def _reset(self, names: dict[str, Any]) -> None:
        self.names.clear()  # the same dictionary, as functions of earlier cells hold on to it
        self.names.update(names)


def names_in(code: CodeType) -> set[str]:
    """Return all names that code reads or sets, those of the functions in it included."""
    inner = [names_in(constant) for constant in code.co_consts if isinstance(constant, CodeType)]
    return set(code.co_names).union(*inner)
