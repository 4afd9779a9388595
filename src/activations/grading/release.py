"""Make what students, instructors, the grader and the website get of an assignment from its one notebook.

The source notebook holds the solutions between ``### BEGIN SOLUTION`` and ``### END SOLUTION`` and the hidden
checks between ``### BEGIN HIDDEN TESTS`` and ``### END HIDDEN TESTS``, in cells that carry the metadata of
nbgrader. The functions here are pure: they return new notebooks and do to them what nbgrader's own
``ClearSolutions``, ``ClearHiddenTests``, ``LockCells`` and ``ComputeChecksums`` do, without its database. In
addition they refuse a misspelt mark, which would let a solution through.
"""

import copy
import difflib
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

__all__ = [
    "CODE_STUB",
    "TEXT_STUB",
    "MarkError",
    "Question",
    "autograder_version",
    "check_marks",
    "instructor_version",
    "questions",
    "site_page",
    "student_version",
]

CODE_STUB = "...  # your answer here"
"""What stands in the student's copy where the solution stood; it is valid Python in every place."""
TEXT_STUB = "*Your answer here.*"
"""What stands in the student's copy of a written answer."""
CONTINUES = "raises-exception"
"""The tag by which "run all" goes on after a check that fails."""

_SOLUTION = ("### BEGIN SOLUTION", "### END SOLUTION")
_HIDDEN = ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS")
_MARKS = (*_SOLUTION, *_HIDDEN)
_ALIKE = 0.78
"""A comment this similar to a mark is taken for a misspelt one."""


class MarkError(ValueError):
    """A mark of an assignment is misspelt, misplaced or without its counterpart."""


@dataclass(frozen=True)
class Question:
    """One question of an assignment.

    Attributes
    ----------
    name : str
        The ``grade_id`` of the cell that carries the points.
    title : str
        The question's heading, without the points.
    points : float
        The most that it gives.
    by_hand : bool
        Whether a person grades it.
    """

    name: str
    title: str
    points: float
    by_hand: bool


def check_marks(notebook: NotebookNode) -> None:
    """Check that all marks of a source notebook are well spelt, paired and in the right cells.

    Parameters
    ----------
    notebook : NotebookNode
        The source notebook.

    Raises
    ------
    MarkError
        At the first mark that is wrong; the message names cell and line.

    Examples
    --------
    >>> import nbformat
    >>> cell = nbformat.v4.new_code_cell("### BEGIN SOLUTON", id="q1")
    >>> check_marks(nbformat.v4.new_notebook(cells=[cell]))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    activations.grading.release.MarkError: check_marks: cell 1 (q1), line 1: '### BEGIN SOLUTON' looks ...
    """
    names: set[str] = set()
    for number, cell in enumerate(notebook.cells, start=1):
        where = f"check_marks: cell {number} ({_name(cell)})"
        _check_lines(cell, where)
        meta = _nbgrader(cell)
        name = meta.get("grade_id")
        if name in names:
            raise MarkError(f"{where}: the grade_id {name!r} is taken; give each cell its own")
        names |= {name} if name else set()
        answer = meta.get("solution") and cell.cell_type == "code"
        if answer and _SOLUTION[0] not in cell.source:
            raise MarkError(
                f"{where}: an answer cell without a solution; put one between {' and '.join(_SOLUTION)}"
            )


def student_version(notebook: NotebookNode) -> NotebookNode:
    r"""Return the students' copy: no solution, no hidden check, no output, cells of the assignment locked.

    Checks carry the tag ``raises-exception``, so that "run all" runs them all.

    Parameters
    ----------
    notebook : NotebookNode
        The source notebook; it stays as it is.

    Returns
    -------
    NotebookNode

    Raises
    ------
    MarkError
        If a mark is misspelt, misplaced or without its counterpart.

    Examples
    --------
    >>> import nbformat
    >>> source = "def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION"
    >>> cell = nbformat.v4.new_code_cell(source, metadata={"nbgrader": {"solution": True, "grade_id": "f"}})
    >>> print(student_version(nbformat.v4.new_notebook(cells=[cell])).cells[0].source)
    def f(x):
        ...  # your answer here
    """
    result = autograder_version(notebook)
    for cell in result.cells:
        cell.source = _without(cell.source, _HIDDEN)
        if _is_check(cell):
            cell.metadata["tags"] = [CONTINUES]
    _add_checksums(result)
    return result


def autograder_version(notebook: NotebookNode) -> NotebookNode:
    r"""Return the grader's copy: that of the students, with the hidden checks still in it.

    Parameters
    ----------
    notebook : NotebookNode
        The source notebook; it stays as it is.

    Returns
    -------
    NotebookNode

    Raises
    ------
    MarkError
        If a mark is misspelt, misplaced or without its counterpart.

    Examples
    --------
    >>> import nbformat
    >>> hidden = "assert 1\n### BEGIN HIDDEN TESTS\nassert 2\n### END HIDDEN TESTS"
    >>> meta = {"grade": True, "solution": False, "grade_id": "check", "points": 1}
    >>> cell = nbformat.v4.new_code_cell(hidden, metadata={"nbgrader": meta})
    >>> "assert 2" in autograder_version(nbformat.v4.new_notebook(cells=[cell])).cells[0].source
    True
    """
    result = _bare(notebook)
    for cell in result.cells:
        meta = _nbgrader(cell)
        if meta.get("solution"):
            cell.source = _answered_by_stub(cell)
            cell.metadata["deletable"] = False
        elif meta.get("grade") or meta.get("locked"):
            cell.metadata["deletable"] = cell.metadata["editable"] = False
    _add_checksums(result)
    return result


def instructor_version(notebook: NotebookNode) -> NotebookNode:
    r"""Return the solutions to read and to run: marks become comments, nothing is graded.

    Parameters
    ----------
    notebook : NotebookNode
        The source notebook; it stays as it is.

    Returns
    -------
    NotebookNode

    Raises
    ------
    MarkError
        If a mark is misspelt, misplaced or without its counterpart.

    Examples
    --------
    >>> import nbformat
    >>> source = "### BEGIN SOLUTION\nx = 1\n### END SOLUTION"
    >>> cell = nbformat.v4.new_code_cell(source, metadata={"nbgrader": {"solution": True, "grade_id": "x"}})
    >>> print(instructor_version(nbformat.v4.new_notebook(cells=[cell])).cells[0].source)
    # A solution:
    x = 1
    """
    check_marks(notebook)
    result = copy.deepcopy(notebook)
    words = {_SOLUTION[0]: "# A solution:", _HIDDEN[0]: "# Hidden from the students:"}
    for cell in result.cells:
        meta = cell.metadata.pop("nbgrader", {})
        if cell.cell_type == "markdown" and meta.get("solution"):
            cell.source = f"**What earns the points.** {cell.source}"
        lines = []
        for line in cell.source.split("\n"):
            mark = line.strip()
            if mark not in (_SOLUTION[1], _HIDDEN[1]):
                lines.append(line.replace(mark, words[mark]) if mark in words else line)
        cell.source = "\n".join(lines)
    return result


def questions(notebook: NotebookNode) -> list[Question]:
    """Return an assignment's questions in their order.

    Parameters
    ----------
    notebook : NotebookNode
        Any of its versions that carries nbgrader's metadata.

    Returns
    -------
    list of Question

    Examples
    --------
    >>> import nbformat
    >>> heading = nbformat.v4.new_markdown_cell("## 1 · The function (3 points)")
    >>> meta = {"grade": True, "solution": False, "grade_id": "check", "points": 3}
    >>> check = nbformat.v4.new_code_cell("assert f(1) == 2", metadata={"nbgrader": meta})
    >>> questions(nbformat.v4.new_notebook(cells=[heading, check]))
    [Question(name='check', title='The function', points=3.0, by_hand=False)]
    """
    found, title = [], ""
    for cell in notebook.cells:
        heading = re.search(r"^## (?:\d+ · )?(.*?)(?: \(\d+ points?\))?$", cell.source, re.MULTILINE)
        if cell.cell_type == "markdown" and heading and not _nbgrader(cell).get("solution"):
            title = heading[1]
        meta = _nbgrader(cell)
        if meta.get("grade") or meta.get("task"):
            by_hand = bool(meta.get("solution") or meta.get("task"))
            found.append(Question(meta["grade_id"], title, float(meta["points"]), by_hand))
    return found


def site_page(notebook: NotebookNode) -> str:
    r"""Return the website's page of an assignment, as MyST Markdown below the page's title.

    It is made from the students' copy, so there is nothing on it that students may not see.

    Parameters
    ----------
    notebook : NotebookNode
        The source notebook.

    Returns
    -------
    str

    Raises
    ------
    MarkError
        If a mark is misspelt, misplaced or without its counterpart.

    Examples
    --------
    >>> import nbformat
    >>> cell = nbformat.v4.new_markdown_cell("# Assignment: f\n\nWrite f.")
    >>> print(site_page(nbformat.v4.new_notebook(cells=[cell])))
    Write f.
    <BLANKLINE>
    """
    parts = []
    for cell in student_version(notebook).cells:
        meta = _nbgrader(cell)
        if "remove-cell" in cell.metadata.get("tags", []):
            continue
        if cell.cell_type == "markdown" and not meta.get("solution"):
            parts.append(re.sub(r"\A# .*\n*", "", cell.source))
        elif cell.cell_type == "markdown":
            parts.append("*A written answer, graded by hand.*")
        elif _is_check(cell):
            parts.append(f":::{{dropdown}} The checks that you see\n{_code_block(cell.source)}\n:::")
        else:
            parts.append(_code_block(cell.source))
    return "\n\n".join(parts) + "\n"


def _code_block(source: str) -> str:
    return f"```python\n{source}\n```"


def _bare(notebook: NotebookNode) -> NotebookNode:
    """Return a checked copy without outputs, counts and anything in the metadata that need not be there."""
    check_marks(notebook)
    result = copy.deepcopy(notebook)
    kept = ("kernelspec", "language_info")
    result.metadata = {key: result.metadata[key] for key in kept if key in result.metadata}
    for cell in result.cells:
        tags = [tag for tag in cell.metadata.get("tags", []) if tag == "remove-cell"]
        metadata = {"nbgrader": _nbgrader(cell)} if _nbgrader(cell) else {}
        cell.metadata = metadata | ({"tags": tags} if tags else {})
        cell.pop("attachments", None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return result


def _nbgrader(cell: NotebookNode) -> dict[str, Any]:
    meta: dict[str, Any] = cell.metadata.get("nbgrader", {})
    return meta


def _name(cell: NotebookNode) -> str:
    return str(_nbgrader(cell).get("grade_id") or cell.get("id", "without id"))


def _is_check(cell: NotebookNode) -> bool:
    meta = _nbgrader(cell)
    return bool(meta.get("grade")) and not meta.get("solution")


def _answered_by_stub(cell: NotebookNode) -> str:
    stub = CODE_STUB if cell.cell_type == "code" else TEXT_STUB
    return _without(cell.source, _SOLUTION, stub) if _SOLUTION[0] in cell.source else stub


def _without(source: str, marks: tuple[str, str], stub: str | None = None) -> str:
    """Return ``source`` without what stands between the marks; ``stub`` takes its place."""
    lines, inside = [], False
    for line in source.split("\n"):
        if line.strip() == marks[0]:
            inside = True
            lines += [line.replace(marks[0], stub)] if stub is not None else []
        elif line.strip() == marks[1]:
            inside = False
        elif not inside:
            lines.append(line)
    return "\n".join(lines)


def _check_lines(cell: NotebookNode, where: str) -> None:
    opened: str | None = None
    for number, mark in _marks(cell.source, where):
        here = f"{where}, line {number}"
        meta, kind = _nbgrader(cell), mark.split(" ", 2)[2]
        if mark in _SOLUTION and not meta.get("solution"):
            raise MarkError(f"{here}: {mark!r} in a cell that is no answer; set solution in its metadata")
        if mark in _HIDDEN and not _is_check(cell):
            raise MarkError(f"{here}: {mark!r} in a cell that is no check; set grade in its metadata")
        if "BEGIN" in mark:
            if opened:
                raise MarkError(f"{here}: {mark!r} before the end of {opened!r}; close that first")
            opened = mark
        else:
            if opened is None or not opened.endswith(kind):
                raise MarkError(f"{here}: {mark!r} ends what has not begun; write '### BEGIN {kind}' above")
            opened = None
    if opened:
        raise MarkError(f"{where}: {opened!r} never ends; write '### END {opened.split(' ', 2)[2]}' below")


def _marks(source: str, where: str) -> Iterator[tuple[int, str]]:
    """Yield line number and mark; refuse lines that only look like a mark."""
    for number, line in enumerate(source.split("\n"), start=1):
        text = line.strip()
        if text in _MARKS:
            yield number, text
            continue
        comment = text[text.find("#") :] if "#" in text else ""
        letters = " ".join(re.sub(r"[^A-Z]+", " ", comment.upper()).split())
        likeness = {mark: difflib.SequenceMatcher(None, letters, mark[4:]).ratio() for mark in _MARKS}
        nearest = max(_MARKS, key=likeness.__getitem__)
        written_out = any(mark[4:] in text for mark in _MARKS)  # what nbgrader looks for
        if written_out or likeness[nearest] >= _ALIKE:
            raise MarkError(
                f"{where}, line {number}: {text!r} looks like a mark and is none; write {nearest!r}"
            )


def _add_checksums(notebook: NotebookNode) -> None:
    """Note for each graded or locked cell what it holds, as nbgrader does, so that it notices changes."""
    for cell in notebook.cells:
        meta = _nbgrader(cell)
        grade, solution = bool(meta.get("grade")), bool(meta.get("solution"))
        locked = not solution and (grade or bool(meta.get("locked")))
        if grade or solution or locked:
            parts = [cell.source, cell.cell_type, str(grade), str(solution), str(locked), meta["grade_id"]]
            parts += [str(float(meta["points"]))] if grade else []
            meta["checksum"] = hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()
            meta["cell_type"] = cell.cell_type
