"""Put a student's answers into the instructor's notebook.

The instructor's notebook is the frame: its order, its given cells, its checks, its points. Of the student's
it takes the answers, and the cells that were added, each behind the cell that it followed. So there is
nothing in a submission that could delete, edit, copy or outweigh a check.
"""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode

from activations.grading.reading import Cell, NotGradableError, Submitted
from activations.grading.release import autograder_version, student_version

__all__ = ["Merged", "merge"]

ADDED = "added"
"""The ``role`` of a cell that the student has put between those of the assignment; a tag, too."""


@dataclass(frozen=True)
class Merged:
    """What is to be run and graded.

    Attributes
    ----------
    notebook : NotebookNode
        The instructor's notebook with the student's answers; each cell's ``metadata.role`` says what it is:
        ``"check"``, ``"given"``, ``"answer"`` or ``"added"``.
    notes : tuple of str
        What the student has changed about the assignment, harmless as it was undone.
    flags : tuple of str
        What a person should look at.
    unanswered : tuple of str
        Names of the answer cells that are as they were handed out, or empty; not of those that were deleted.
    """

    notebook: NotebookNode
    notes: tuple[str, ...]
    flags: tuple[str, ...]
    unanswered: tuple[str, ...]


def _marks(cell: NotebookNode) -> dict[str, Any]:
    return dict(cell.metadata.get("nbgrader", {}))


def role(cell: NotebookNode) -> str:
    """Return what a cell of the assignment is: a check, given, or an answer."""
    marks = _marks(cell)
    if marks.get("solution") or marks.get("task"):
        return "answer"
    return "check" if marks.get("grade") else "given"


def _words(source: str) -> str:
    """Return a text without the differences that editors make."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def _defined(source: str) -> set[str]:
    """Return the names that a cell defines at its top level; it need not compile."""
    found = re.findall(r"^(?:def|class)\s+(\w+)|^(\w+)\s*=[^=]", source, re.MULTILINE)
    return {first or second for first, second in found}


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


class _Answers:
    """Finds the student's cell for each cell of the assignment."""

    def __init__(
        self, frame: list[NotebookNode], handed_out: dict[str, str], cells: tuple[Cell, ...]
    ) -> None:
        self.cells = cells
        self.names = {marks["grade_id"]: cell for cell in frame if (marks := _marks(cell)).get("grade_id")}
        self.ids = {cell.get("id", ""): name for name, cell in self.names.items()}
        self.handed_out = handed_out
        self.known: dict[int, str] = {}
        self.recognised: list[str] = []
        self.copied: list[str] = []
        self._by_name()
        self._by_likeness()

    def _by_name(self) -> None:
        for number, cell in enumerate(self.cells):
            if cell.grade_id in self.names:
                if cell.grade_id in self.known.values():
                    self.copied.append(cell.grade_id)
                else:
                    self.known[number] = cell.grade_id

    def _by_likeness(self) -> None:
        """Recognise cells whose metadata is lost: by the format's own name, the text, or what they define."""
        for number, cell in enumerate(self.cells):
            missing = [name for name in self.names if name not in self.known.values()]
            if number in self.known or not missing or cell.grade_id in self.names or not cell.source.strip():
                continue
            name = self.ids.get(cell.cell_id, "")
            if name not in missing:
                name = next((name for name in missing if self._alike(cell, name)), "")
            if name:
                self.known[number] = name
                if role(self.names[name]) == "answer":
                    self.recognised.append(name)

    def _alike(self, cell: Cell, name: str) -> bool:
        frame = self.names[name]
        if frame.cell_type != cell.kind:
            return False
        if _words(self.handed_out[name]) == _words(cell.source):
            return True
        wanted = _defined(self.handed_out[name])
        return role(frame) == "answer" and bool(wanted) and wanted <= _defined(cell.source)

    def wrote_into(self, number: int) -> bool:
        """Whether a cell is a text of the assignment that has become another one: it may hold an answer."""
        name, cell = self.known[number], self.cells[number]
        given = role(self.names[name]) == "given" and self.names[name].cell_type == cell.kind == "markdown"
        return given and _words(cell.source) not in {"", _words(self.handed_out[name])}


def merge(source: NotebookNode, submitted: Submitted) -> Merged:
    """Put a student's answers into the instructor's notebook.

    Parameters
    ----------
    source : NotebookNode
        The assignment's source, with solutions and hidden checks.
    submitted : Submitted
        What the student has handed in.

    Returns
    -------
    Merged

    Raises
    ------
    NotGradableError
        If the notebook holds none of the assignment's cells.
    """
    frame = autograder_version(source)
    handed_out = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in student_version(source).cells
        if "grade_id" in _marks(cell)
    }
    answers = _Answers(frame.cells, handed_out, submitted.cells)
    notes, flags = list(submitted.notes), []
    wanted = [name for name, cell in answers.names.items() if role(cell) == "answer"]
    found = {
        answers.known[number]: cell for number, cell in enumerate(submitted.cells) if number in answers.known
    }
    if not any(name in found for name in wanted):
        raise NotGradableError(
            "wrong notebook",
            "none of the answer cells was found: is it another notebook, or one that was written anew?",
        )
    if answers.recognised:
        flags.append(
            "the marks of the assignment were stripped from the notebook; "
            f"answers were recognised by their text: {_listed(answers.recognised)}"
        )
    lost = [name for name in wanted if name not in found]
    if lost:
        flags.append(f"answer cells were deleted: {_listed(lost)}")
    if answers.copied:
        notes.append(f"copies of cells were treated as added cells: {_listed(sorted(set(answers.copied)))}")
    checks = [name for name, cell in answers.names.items() if role(cell) == "check"]
    deleted = [name for name in checks if name not in found]
    if deleted:
        notes.append(f"deleted checks were put back: {_listed(deleted)}")
    edited = [
        name
        for name in checks
        if name in found
        and _words(found[name].source) not in {_words(handed_out[name]), _words(answers.names[name].source)}
    ]
    if edited:
        notes.append(f"edited checks were put back: {_listed(edited)}")
    notebook = copy.deepcopy(frame)
    notebook.cells = _cells(frame.cells, answers, found)
    unanswered = [
        name
        for name in wanted
        if name in found
        and _words(found[name].source) in {"", _words(handed_out[name])}
        and not _marks(answers.names[name]).get("task")  # which is answered in cells below it
    ]
    return Merged(notebook, tuple(notes), tuple(flags), tuple(unanswered))


def _cells(frame: list[NotebookNode], answers: _Answers, found: dict[str, Cell]) -> list[NotebookNode]:
    """Return the frame's cells with the answers in them and the added cells between them."""
    added: dict[str, list[Cell]] = defaultdict(list)
    place = ""
    unnamed = {_words(cell.source) for cell in frame if not _marks(cell).get("grade_id")}
    for number, cell in enumerate(answers.cells):
        if number in answers.known:
            place = answers.known[number]
            if answers.wrote_into(number):
                added[place].append(cell)
        elif _words(cell.source) not in unnamed and cell.source.strip():
            added[place].append(cell)
    cells = _as_added(added[""])
    for given in frame:
        name = _marks(given).get("grade_id", "")
        kind = role(given)
        if kind == "answer":
            given.source = found[name].source if name in found else ""
        given.metadata["role"] = kind
        cells.append(given)
        if name:
            cells += _as_added(added[name])
    used: set[str] = set()
    for number, merged in enumerate(cells):
        if merged.get("id", "") in used or "id" not in merged:
            merged["id"] = f"cell-{number}"
        used.add(merged["id"])
    return cells


def _as_added(cells: list[Cell]) -> list[NotebookNode]:
    metadata = {"role": ADDED, "tags": [ADDED]}
    new = [
        nbformat.v4.new_code_cell(cell.source, metadata=metadata)
        if cell.kind == "code"
        else nbformat.v4.new_markdown_cell(cell.source, metadata=metadata)
        for cell in cells
    ]
    for cell in new:
        cell.pop("id", None)  # random; a rerun shall give the same file
    return new
