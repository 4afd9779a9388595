"""Grade a whole class: find what is to do, do it, keep each result at once, and enter it into the gradebook.

A result is an entry in the gradebook that appears whole, then a file that appears whole, and that counts.
Whenever the driver is killed, everything is as if the submissions in work had not been begun; the next run
takes up there. A submission that has not changed since is not graded again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from activations.grading.autograde import Task, fingerprint, grade
from activations.grading.course import Course, CourseError
from activations.grading.engines import ENGINES
from activations.grading.gradebook import Gradebook, HandGrade
from activations.grading.limits import Limits
from activations.grading.reading import NotGradableError, find_notebook
from activations.grading.release import autograder_version, questions
from activations.grading.results import (
    QuestionResult,
    Result,
    clean,
    read_result,
    write_atomically,
    write_result,
)
from activations.grading.sandbox import require_sandbox

__all__ = ["Plan", "grade_assignment", "make_plan", "read_results", "with_hand_grades"]


@dataclass(frozen=True)
class Plan:
    """What there is to do.

    Attributes
    ----------
    to_grade : tuple of str
        Students whose submission is new, or has changed.
    kept : tuple of str
        Students whose result stands.
    """

    to_grade: tuple[str, ...]
    kept: tuple[str, ...]


def make_task(course: Course, assignment: str, student: str, limits: Limits, *, unsafe: bool = False) -> Task:
    """Return the task of grading what one student has handed in; problems with the file are part of it."""
    folder = course.submitted(student, assignment)
    known = course.collected(assignment).get(student, {})
    task = Task(
        student,
        assignment,
        course.source(assignment).read_text(encoding="utf-8"),
        b"",
        late=bool(known.get("late")),
        limits=limits,
        unsafe=unsafe,
    )
    stamp = folder / "timestamp.txt"
    try:
        if stamp.is_file() and not stamp.is_symlink():
            text = stamp.read_text(encoding="utf-8", errors="replace")
            task = dataclasses.replace(task, submitted=text.strip()[:40])
        # A file that was put there since then by hand counts all the same.
        if "problem" in known and known.get("beside") in {None, course.handed_in(student, assignment)}:
            raise NotGradableError(*known["problem"])
        path, notes = find_notebook(folder, assignment, limits)
        return dataclasses.replace(task, data=path.read_bytes(), notes=(*known.get("notes", ()), *notes))
    except NotGradableError as error:
        return dataclasses.replace(task, problem=(error.status, str(error)))
    except OSError as error:
        return dataclasses.replace(
            task, problem=("unreadable", f"the file cannot be opened: {error.strerror}")
        )


def everybody(course: Course, assignment: str, in_gradebook: Iterable[str] = ()) -> list[str]:
    """Return all who are known to the course: by the roster, the gradebook, or having handed something in."""
    names = {
        *course.submitters(assignment),
        *course.collected(assignment),
        *course.roster(),
        *in_gradebook,
    }
    return sorted(names)


def make_plan(
    course: Course,
    assignment: str,
    students: list[str],
    limits: Limits,
    *,
    unsafe: bool = False,
    force: bool = False,
) -> Plan:
    """Return whose submission has to be graded, and whose result stands."""
    to_grade: list[str] = []
    kept: list[str] = []
    for student in students:
        result = read_result(course.result(student, assignment))
        current = (
            result is not None
            and not force
            and result.status != "failed"
            and result.fingerprint
            == fingerprint(make_task(course, assignment, student, limits, unsafe=unsafe))
        )
        (kept if current else to_grade).append(student)
    return Plan(tuple(to_grade), tuple(kept))


@contextlib.contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Keep a second driver out of the same results; the lock ends with the process, however it ends.

    Raises
    ------
    CourseError
        If there is one at work already.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        with contextlib.suppress(ImportError):
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise CourseError(
                    f"grade: another run is grading {path.parent.name} right now; wait until it has ended"
                ) from None
        yield


def keep(course: Course, book: Gradebook, source: NotebookNode, result: Result) -> Result:
    """Keep a result: in the gradebook, the notebook as it was run, and last the file that counts.

    Return it, or where that fails the one that stands in its place: one student's cannot keep up the others.
    """
    target = course.result(result.student, result.assignment)
    path = course.autograded(result.student, result.assignment)
    try:
        # First, as it needs the result that stood until now, to find the answers that are others now.
        book.enter(result, read_result(target))
        if result.status == "missing":
            path.unlink(missing_ok=True)
        else:
            notebook = result.notebook or empty_notebook(source, result)
            text = json.dumps(notebook, ensure_ascii=False, indent=1, default=str)
            write_atomically(path, clean(text).encode() + b"\n")
        write_result(target, result)
    except Exception as error:
        result = not_kept(result, error)
        with contextlib.suppress(OSError):  # there may be no room for this one either
            write_result(target, result)
    return result


def not_kept(result: Result, error: Exception) -> Result:
    """Return what to say of a result that could not be kept."""
    reason = clean(f"the result could not be kept: {type(error).__name__}: {error}")
    return dataclasses.replace(result, status="failed", reasons=(reason,), questions=(), notebook=None)


def lost(task: Task) -> Result:
    """Return the result of a submission that no worker has lived through."""
    reason = "every worker that graded it was lost; grade it alone, with --engine serial, to see why"
    return Result(
        task.student,
        task.assignment,
        "failed",
        (reason,),
        fingerprint=fingerprint(task),
        submitted=task.submitted,
        late=task.late,
    )


def empty_notebook(source: NotebookNode, result: Result) -> dict[str, Any]:
    """Return a notebook without answers that says why, in which formgrader takes points all the same."""
    # As an output, since that is text and no markup, whatever the name of a student's file is.
    said = nbformat.v4.new_output("stream", name="stderr", text=f"{result.status}: {result.reason}")
    cells = [nbformat.v4.new_code_cell(id="reason", outputs=[said])]
    for cell in autograder_version(source).cells:
        if "nbgrader" in cell.metadata:
            cell.source = "" if cell.metadata.nbgrader.get("solution") else cell.source
            cells.append(cell)
    return dict(nbformat.v4.new_notebook(cells=cells))


def grade_assignment(
    course: Course,
    assignment: str,
    *,
    limits: Limits | None = None,
    engine: str = "joblib",
    jobs: int = 0,
    scheduler: str = "",
    students: list[str] | None = None,
    force: bool = False,
    unsafe: bool = False,
    warm: bool = True,
    on_result: Callable[[Result, int, int], None] | None = None,
) -> list[Result]:
    """Grade all submissions of an assignment that are new or have changed.

    Parameters
    ----------
    course : Course
        Where everything is.
    assignment : str
        Its name.
    limits : Limits, optional
        What a submission may use.
    engine : str
        A name of `activations.grading.engines.ENGINES`.
    jobs, scheduler
        As the engine takes them.
    students : list of str, optional
        Only these.
    force : bool
        Grade again what has not changed, too.
    unsafe : bool
        Without a sandbox.
    warm : bool
        Fork sandboxes from an interpreter that has loaded the libraries, where that is possible.
    on_result : callable, optional
        Called with each new result, its number, and how many there will be.

    Returns
    -------
    list of Result
        One for each student, graded now or before, without their notebooks.

    Raises
    ------
    CourseError
        If there is no such assignment, or another run is at work on it.
    SandboxUnavailableError
        If there is no sandbox, and ``unsafe`` is not set.
    """
    limits = limits or Limits()
    source = nbformat.reads(course.source(assignment).read_text(encoding="utf-8"), as_version=4)
    with only_one(course.root / "results" / assignment / ".lock"), Gradebook(course.url) as book:
        book.register(assignment, source)
        names = everybody(course, assignment, book.students()) if students is None else sorted(students)
        plan = make_plan(course, assignment, names, limits, unsafe=unsafe, force=force)
        if plan.to_grade and not unsafe:
            require_sandbox(course.root)
        tasks = (
            dataclasses.replace(make_task(course, assignment, student, limits, unsafe=unsafe), warm=warm)
            for student in plan.to_grade
        )
        done = ENGINES[engine](grade, tasks, jobs=jobs, scheduler=scheduler, lost=lost)
        failed = {}
        for number, result in enumerate(done, start=1):
            kept = keep(course, book, source, result)
            if kept.status == "failed":
                failed[kept.student] = kept
            if on_result:
                on_result(kept, number, len(plan.to_grade))
        # For a new gradebook, what stands is entered again.
        for result in read_results(course, assignment, list(plan.kept)):
            try:
                book.enter(result, result)
            except Exception as error:
                failed[result.student] = not_kept(result, error)
    found = {result.student: result for result in read_results(course, assignment, names)} | failed
    return [found[name] for name in names if name in found]


def read_results(course: Course, assignment: str, students: list[str] | None = None) -> list[Result]:
    """Return the results that are kept, by student."""
    folder = course.result("x", assignment).parent
    names = sorted(path.stem for path in folder.glob("*.json")) if students is None else students
    found = (read_result(course.result(name, assignment)) for name in names)
    return [result for result in found if result is not None]


def with_hand_grades(course: Course, assignment: str) -> tuple[list[Result], dict[str, dict[str, HandGrade]]]:
    """Return the results with what people have entered in the gradebook, and their comments.

    A question that a person has to look at again has no score, whatever was entered before. What could not be
    graded has questions from when a person has given points for one.
    """
    source = nbformat.reads(course.source(assignment).read_text(encoding="utf-8"), as_version=4)
    blank = tuple(
        QuestionResult(question.name, question.title, question.points, None, by_hand=question.by_hand)
        for question in questions(source)
    )
    entered = {}
    if course.has_gradebook:
        with Gradebook(course.url) as book:
            entered = book.hand_grades(assignment)
    results = []
    for result in read_results(course, assignment):
        grades = entered.get(result.student, {})
        given = any(grade.score is not None and not grade.open for grade in grades.values())
        asked = result.questions or (blank if given else ())
        graded = tuple(_with_hand_grade(question, grades.get(question.name)) for question in asked)
        results.append(dataclasses.replace(result, questions=graded))
    return results, entered


def _with_hand_grade(question: QuestionResult, by_hand: HandGrade | None) -> QuestionResult:
    if by_hand is None:
        return question
    score = question.score if by_hand.score is None else by_hand.score
    final = None if score is None or by_hand.open else score + by_hand.extra
    return dataclasses.replace(question, score=final)
