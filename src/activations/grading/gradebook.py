"""Keep grades in nbgrader's gradebook, so that its own tools work on them: a transaction a student."""

from __future__ import annotations

import datetime
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from nbformat import NotebookNode
from nbgrader import api
from nbgrader.utils import parse_utc
from sqlalchemy import create_engine, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from activations.grading.release import autograder_version
from activations.grading.results import QuestionResult, Result, clean

__all__ = ["Gradebook", "GradebookError", "HandGrade"]

Made = TypeVar("Made")
TRIES = 5
"""How often something is tried that another run may be doing at the same time."""


class GradebookError(RuntimeError):
    """The gradebook does not fit the assignment."""


@dataclass(frozen=True)
class HandGrade:
    """What a person has entered for a question, in formgrader for instance.

    Attributes
    ----------
    score : float or None
        None: nothing yet.
    extra : float
        Extra credit.
    comment : str
        For the student.
    open : bool
        Whether a person has to look again: the answer has changed since.
    """

    score: float | None
    extra: float = 0.0
    comment: str = ""
    open: bool = False


class Gradebook:
    """nbgrader's gradebook, opened.

    Parameters
    ----------
    url : str
        ``sqlite:///…`` or ``postgresql+psycopg://…``.
    """

    def __init__(self, url: str) -> None:
        # For a new gradebook nbgrader runs the command alembic, which is installed beside this interpreter.
        path = os.environ.get("PATH", os.defpath)
        os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), path])
        try:
            _retried(lambda: _make_tables(url))
            self._book = api.Gradebook(url)
        finally:
            os.environ["PATH"] = path

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._book.close()

    def students(self) -> list[str]:
        """Return the names of all students."""
        return sorted(student.id for student in self._book.students)

    def register(self, assignment: str, source: NotebookNode) -> None:
        """Enter an assignment with its cells and points; a second time changes nothing.

        Parameters
        ----------
        assignment : str
            Its name, which is that of its one notebook, too.
        source : NotebookNode
            The source.

        Raises
        ------
        GradebookError
            If there are grades for an older form of the assignment that has other cells.
        """
        _retried(lambda: self._register(assignment, source))

    def _register(self, assignment: str, source: NotebookNode) -> None:
        book = self._book
        marks = {
            cell.metadata.nbgrader.grade_id: cell
            for cell in autograder_version(source).cells
            if "grade_id" in cell.metadata.get("nbgrader", {})
        }
        book.update_or_create_assignment(assignment)
        try:
            notebook = book.find_notebook(assignment, assignment)
        except api.MissingEntry:
            notebook = None
        if notebook is not None and {cell.name for cell in notebook.source_cells} != set(marks):
            if notebook.submissions:
                raise GradebookError(
                    f"register: {assignment} has grades for other cells than its source has now; "
                    "undo the change, or start with a new gradebook"
                )
            book.remove_notebook(assignment, assignment)
        kernel = json.dumps(source.metadata.get("kernelspec", {}))
        book.update_or_create_notebook(assignment, assignment, kernelspec=kernel)
        for name, cell in marks.items():
            mark = cell.metadata.nbgrader
            where = (name, assignment, assignment)
            kind = {"cell_type": cell.cell_type}
            if mark.get("task"):
                book.update_or_create_task_cell(*where, max_score=float(mark.points), **kind)
            elif mark.get("grade"):
                book.update_or_create_grade_cell(*where, max_score=float(mark.points), **kind)
            if mark.get("solution"):
                book.update_or_create_solution_cell(*where)
            book.update_or_create_source_cell(
                *where,
                source=cell.source,
                locked=not mark.get("solution"),
                checksum=mark.get("checksum"),
                **kind,
            )

    def enter(self, result: Result, before: Result | None = None) -> bool:
        """Enter a result, all at once or not at all; what a person has entered stays.

        Parameters
        ----------
        result : Result
            Without questions where nothing could be graded: then every question waits for a person, and
            says why.
        before : Result, optional
            What stood until now. What was graded by hand waits for a person again where the answer is another
            one, or cannot be compared.

        Returns
        -------
        bool
            Whether that changed anything.
        """
        return _retried(lambda: self._enter_whole(result, before))

    def _enter_whole(self, result: Result, before: Result | None) -> bool:
        db = self._book.db
        try:
            with db.no_autoflush:
                changed = self._enter(result, before)
            db.commit()
        except BaseException:
            db.rollback()
            raise
        return changed

    def _enter(self, result: Result, before: Result | None) -> bool:
        db = self._book.db
        student = db.get(api.Student, result.student)
        new = student is None
        if new:
            student = api.Student(id=result.student)
            db.add(student)
        assignment = self._book.find_assignment(result.assignment)
        found = db.query(api.SubmittedAssignment).filter_by(
            assignment_id=assignment.id, student_id=result.student
        )
        submission = found.one_or_none()
        if submission is None:
            if result.status == "missing":
                return new
            new = True
            submission = api.SubmittedAssignment(assignment=assignment, student=student)
            for notebook in assignment.notebooks:
                copy = api.SubmittedNotebook(notebook=notebook, assignment=submission)
                for cell in [*notebook.grade_cells, *notebook.task_cells]:
                    api.Grade(cell=cell, notebook=copy)
                for cell in [*notebook.solution_cells, *notebook.task_cells]:
                    api.Comment(cell=cell, notebook=copy)
            db.add(submission)
        changed = new
        submission.timestamp = _utc(result.submitted) or submission.timestamp
        questions = {question.name: question for question in result.questions}
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                name = grade.cell.name
                other = _answer(result, name) != _answer(before, name)
                changed |= _set_grade(grade, questions.get(name), fresh=new, other=other)
            for comment in notebook.comments:
                question = questions.get(comment.cell.name)
                said = result.reason if not result.graded else question.message if question else ""
                if (comment.auto_comment or "") != clean(said):
                    comment.auto_comment = clean(said) or None
                    changed = True
        return changed

    def hand_grades(self, assignment: str) -> dict[str, dict[str, HandGrade]]:
        """Return what people have entered, by student and cell: a question's, or the answer's above a check.

        Parameters
        ----------
        assignment : str
            Empty if it is not in the gradebook.
        """
        try:
            submissions = self._book.assignment_submissions(assignment)
        except api.MissingEntry:
            return {}
        return {submission.student_id: dict(_by_hand(submission.notebooks)) for submission in submissions}


def _retried(act: Callable[[], Made]) -> Made:
    """Do something again where another run was quicker to make the same table or row: then it is there."""
    for number in range(1, TRIES):
        try:
            return act()
        except (SQLAlchemyError, api.InvalidEntry) as error:
            if not (isinstance(error, IntegrityError | api.InvalidEntry) or "already exists" in str(error)):
                raise
            time.sleep(0.1 * number)
    return act()


def _make_tables(url: str) -> None:
    """Make what a new gradebook lacks, as nbgrader itself does, which cannot do it twice at once."""
    engine = create_engine(url)
    try:
        api.Base.metadata.create_all(engine)
        with engine.begin() as connection:
            if not inspect(connection).has_table("alembic_version"):
                values = {"version": api.get_alembic_version()}
                connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
                connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), values)
            if connection.execute(select(api.Course.id)).first() is None:
                connection.execute(insert(api.Course).values(id="default_course"))
    finally:
        engine.dispose()


def _utc(text: str) -> datetime.datetime | None:
    """Return a time as nbgrader keeps it: in UTC, without saying so; None if the text is no time."""
    try:
        # nbgrader takes the offset +0100 for a hundred seconds, so Python has the first try.
        known: Any = datetime.datetime.fromisoformat(re.sub(r" (?=[+-]\d)", "", text))
    except ValueError:
        known = text
    try:
        return parse_utc(known) if text else None
    except (ValueError, OverflowError):
        return None


def _answer(result: Result | None, name: str) -> str:
    """Return what changes with the answer to a question; where it was not read, with the whole submission."""
    if result is None:
        return ""
    answers = {question.name: question.answer for question in result.questions}
    return answers.get(name, result.fingerprint)


def _set_grade(grade: Any, question: QuestionResult | None, *, fresh: bool, other: bool) -> bool:
    score = question.score if question else None
    stale = other and grade.manual_score is not None and not grade.needs_manual_grade
    # As nbgrader does: a person looks again where somebody has graded by hand, or nobody has graded at all.
    changed = fresh or grade.auto_score != score or stale
    if changed:
        grade.auto_score = score
        grade.needs_manual_grade = score is None or grade.manual_score is not None
    return changed


def _by_hand(notebooks: Iterable[Any]) -> Iterable[tuple[str, HandGrade]]:
    for notebook in notebooks:
        comments = {comment.cell.name: comment.manual_comment or "" for comment in notebook.comments}
        for grade in notebook.grades:
            name, extra = grade.cell.name, grade.extra_credit or 0.0
            comment = comments.pop(name, "")
            if grade.manual_score is not None or extra or comment:
                yield name, HandGrade(grade.manual_score, extra, comment, open=grade.needs_manual_grade)
        # Code has its comment at the answer, and its points at the check below.
        yield from ((name, HandGrade(None, comment=comment)) for name, comment in comments.items() if comment)
