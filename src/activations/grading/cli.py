"""The command ``activations-grade``: release, collect, grade, feedback, export, report."""

from __future__ import annotations

import functools
import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import nbformat
from sqlalchemy.exc import SQLAlchemyError
from tqdm import tqdm

from activations.grading.collect import collect as collect_submissions
from activations.grading.course import HELD_BACK, Course, CourseError, read_table
from activations.grading.driver import everybody, grade_assignment, make_plan, with_hand_grades
from activations.grading.engines import ENGINES, ClusterError
from activations.grading.export import FORMATS
from activations.grading.feedback import feedback_page
from activations.grading.gradebook import Gradebook, GradebookError
from activations.grading.limits import Limits
from activations.grading.pages import number
from activations.grading.release import MarkError, instructor_version, student_version
from activations.grading.report import report_page
from activations.grading.results import Result, clean, write_atomically
from activations.grading.sandbox import SandboxUnavailableError

__all__ = ["main"]

REFUSED = 2
"""Exit code where nothing was done, and why was said."""
TO_LOOK_AT = 1
"""Exit code where all was done, and a submission failed for reasons of the grader's own."""


def _speaking(function: Callable[..., None]) -> Callable[..., None]:
    """Turn errors that say what to do into a message without a traceback."""

    @functools.wraps(function)
    def wrapped(*arguments: Any, **options: Any) -> None:
        try:
            function(*arguments, **options)
        except (ClusterError, CourseError, GradebookError, MarkError, SandboxUnavailableError) as error:
            click.echo(f"activations-grade: {error}", err=True)
            sys.exit(REFUSED)
        except SQLAlchemyError as error:
            complaint = " ".join(str(getattr(error, "orig", None) or error).split())
            click.echo(
                f"activations-grade: the gradebook cannot be used: {complaint}; see that its database runs, "
                "and that --database or ACTIVATIONS_GRADEBOOK has its address",
                err=True,
            )
            sys.exit(REFUSED)

    return wrapped


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--course",
    "folder",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    default=".",
    show_default="the current folder",
    help="The course's folder. Its assignments/ (or source/) holds the source notebooks.",
)
@click.option(
    "--database",
    default="",
    envvar="ACTIVATIONS_GRADEBOOK",
    show_default="gradebook.db in the course's folder",
    help="Address of the gradebook, such as postgresql://user@host/grades. Better set in the environment as "
    "ACTIVATIONS_GRADEBOOK than typed here, if it holds a password.",
)
@click.version_option(package_name="activations")
@click.pass_context
def main(context: click.Context, folder: Path, database: str) -> None:
    """Hand out assignments and grade what comes back.

    \b
    A round through the commands, for the assignment "sigmoid":
      activations-grade release sigmoid                  make the students' copy
      activations-grade collect sigmoid submissions.zip  take in what Canvas or Moodle hands you
      activations-grade grade sigmoid                    run it, each in a sandbox of its own
      (then grade written answers by hand in formgrader: `jupyter notebook`, menu Nbgrader)
      activations-grade feedback sigmoid                 a page for each student
      activations-grade report sigmoid                   a page for you
      activations-grade export sigmoid --format canvas   points, to be imported

    Every command can be run again: it does what is left to do. Nothing that a student hands in is run
    outside of the sandbox, and nothing is lost if a command is interrupted.
    """  # noqa: D301 -- click's mark for lines to keep
    context.obj = Course(folder, database)


ASSIGNMENT = click.argument("assignment")
DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
FORCE = click.option("--force", is_flag=True, help="Do it again even where nothing has changed.")


@main.command()
@ASSIGNMENT
@FORCE
@DRY_RUN
@click.pass_obj
@_speaking
def release(course: Course, assignment: str, *, force: bool, dry_run: bool) -> None:
    """Make the students' copy of ASSIGNMENT, and the instructor's.

    Writes release/ASSIGNMENT/ASSIGNMENT.ipynb, without solutions and hidden checks, and
    solutions/ASSIGNMENT.ipynb to read in class; enters the assignment into the gradebook; and writes a
    nbgrader_config.py, if there is none, so that nbgrader's formgrader finds the course, and cannot run
    students' code without a sandbox. A misspelt mark in the source stops the release.
    """
    source = nbformat.reads(course.source(assignment).read_text(encoding="utf-8"), as_version=4)
    copies = {
        course.released(assignment): student_version(source),
        course.root / "solutions" / f"{assignment}.ipynb": instructor_version(source),
    }
    for path, notebook in copies.items():
        data = nbformat.writes(notebook).encode() + b"\n"
        same = path.is_file() and path.read_bytes() == data
        if not dry_run and (force or not same):
            write_atomically(path, data)
        word = "Unchanged" if same and not force else "Would write" if dry_run else "Wrote"
        click.echo(f"{word} {path.relative_to(course.root)}.")
    if not dry_run:
        with Gradebook(course.url) as book:
            book.register(assignment, source)
        if course.write_nbgrader_config():
            click.echo("Wrote nbgrader_config.py: `jupyter notebook` in this folder has formgrader.")
        elif not course.holds_nbgrader_back:
            click.echo(
                "  your nbgrader_config.py lets formgrader's button Autograde run students' code with your "
                f"rights; to prevent that, add the line {HELD_BACK}",
                err=True,
            )


@main.command()
@ASSIGNMENT
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--notebook-mb", default=Limits().notebook_mb, show_default=True, help="Largest file that is taken."
)
@DRY_RUN
@click.pass_obj
@_speaking
def collect(course: Course, assignment: str, path: Path, *, notebook_mb: float, dry_run: bool) -> None:
    """Take in the submissions of ASSIGNMENT from PATH, a folder or a zip.

    Knows the names that learning-management systems give:

    \b
      Canvas   lastfirst_12345_67890_sigmoid.ipynb, with _LATE_ and -1, -2, …
      Moodle   Name_12345_assignsubmission_file_/sigmoid.ipynb, with or without folders
      else     student.ipynb, or student/sigmoid.ipynb

    Each goes to submitted/STUDENT/ASSIGNMENT/. Folders around all students are passed over. A zip is never
    unpacked as it is: links, paths that lead out and files that are too large become rows with a reason, and
    so does a student of whom two files may count. To have a row for those who hand in nothing, list all
    students in roster.csv, in a column "student", by the names of their folders in submitted/.
    """  # noqa: D301 -- click's mark for lines to keep
    found = collect_submissions(
        course, assignment, path, limits=Limits(notebook_mb=notebook_mb), dry_run=dry_run
    )
    lead = "Would take" if dry_run else "Took"
    click.echo(
        f"{lead} {len(found.new)} new and {len(found.changed)} changed submissions; "
        f"{len(found.unchanged)} are as before, {len(found.problems)} have a problem."
    )
    if found.around:
        click.echo(clean(f"  all of them are in the folder {found.around}/, which is taken for no student's"))
    for student, (status, reason) in found.problems.items():
        click.echo(clean(f"  {student}: {status}: {reason}"))


@main.command()
@ASSIGNMENT
@click.option(
    "--engine",
    type=click.Choice(list(ENGINES)),
    default="joblib",
    show_default=True,
    help="serial: one after the other; joblib: all processors of this machine; dask: many machines.",
)
@click.option(
    "--jobs", default=0, show_default="as many as processors", help="How many submissions at a time."
)
@click.option(
    "--scheduler", default="", help="Address of a running Dask scheduler, such as tcp://10.0.0.1:8786."
)
@click.option("--student", "students", multiple=True, help="Only this student; may be given several times.")
@click.option(
    "--cell-seconds", default=Limits().cell_seconds, show_default=True, help="Longest time of a cell."
)
@click.option(
    "--total-seconds", default=Limits().total_seconds, show_default=True, help="Longest time of a notebook."
)
@click.option("--memory-mb", default=Limits().memory_mb, show_default=True, help="Memory of a submission.")
@click.option("--disk-mb", default=Limits().disk_mb, show_default=True, help="Room for its temporary files.")
@click.option(
    "--notebook-mb", default=Limits().notebook_mb, show_default=True, help="Largest file that is opened."
)
@click.option(
    "--unsafe",
    is_flag=True,
    help="Run students' code WITHOUT a sandbox, with all your rights: it can read and delete your files. "
    "For code that you would run by hand, too.",
)
@click.option(
    "--fresh",
    is_flag=True,
    help="Start a new interpreter for each submission, about a second slower. Without it each sandbox is "
    "forked from an interpreter that has loaded NumPy and matplotlib, where the system allows that.",
)
@FORCE
@DRY_RUN
@click.pass_obj
@_speaking
def grade(
    course: Course,
    assignment: str,
    *,
    engine: str,
    jobs: int,
    scheduler: str,
    students: tuple[str, ...],
    unsafe: bool,
    fresh: bool,
    force: bool,
    dry_run: bool,
    **limit: Any,
) -> None:
    """Grade what has been handed in for ASSIGNMENT: what is new or has changed.

    Each submission runs in a sandbox of its own (bubblewrap): no network, no home folder, a system to read
    only, limits on memory, disk, processes, processor and time. The checks come from the source: what a
    student has done to them does not matter. Each student gets a row with a status and a reason:

    \b
      graded          all went well
      flagged         graded, but look at it: something was tampered with, or looks like it
      stopped         a cell met a limit; the rest was graded
      unreadable      no notebook, or not one to choose       (no score)
      wrong notebook  not this assignment                     (no score)
      too large       not opened                              (no score)
      missing         nothing was handed in                   (no score)
      failed          the grader's own fault; grade again     (no score)

    The notebooks in autograded/, which formgrader shows, hold students' HTML as text, and of outputs text and
    pictures alone: nothing of a student's runs in your browser.

    A student's code shares its process with the checks. Scores are advisory against a determined cheat.

    Results are kept one by one in results/ASSIGNMENT/ and in the gradebook. Interrupt it whenever you like:
    the next run takes up where this one ended.
    """  # noqa: D301 -- click's mark for lines to keep
    limits = Limits(**limit)
    if dry_run:
        course.source(assignment)
        known: list[str] = []
        if course.has_gradebook:
            with Gradebook(course.url) as book:
                known = book.students()
        names = list(students) or everybody(course, assignment, known)
        plan = make_plan(course, assignment, names, limits, unsafe=unsafe, force=force)
        click.echo(f"Would grade {len(plan.to_grade)} submissions; {len(plan.kept)} results stand.")
        for student in plan.to_grade:
            click.echo(clean(f"  {student}"))
        return
    new: list[str] = []
    with tqdm(desc=f"grading {assignment}", unit="submission", disable=None, file=sys.stderr) as bar:

        def show(result: Result, _: int, total: int) -> None:
            new.append(result.student)
            bar.total = total
            bar.update()

        results = grade_assignment(
            course,
            assignment,
            limits=limits,
            engine=engine,
            jobs=jobs,
            scheduler=scheduler,
            students=list(students) or None,
            force=force,
            unsafe=unsafe,
            warm=not fresh,
            on_result=show,
        )
    counts = Counter(result.status for result in results)
    said = (
        ", ".join(f"{count} {status}" for status, count in sorted(counts.items())) or "nobody has handed in"
    )
    click.echo(f"Graded {len(new)} submissions now. Of {len(results)}: {said}.")
    for result in results:
        if result.status != "graded":
            score = (
                "no score"
                if result.score is None
                else f"{number(result.score)} of {number(result.max_score)}"
            )
            click.echo(clean(f"  {result.student}: {result.status} ({score}): {result.reason}"))
    if counts["failed"]:
        sys.exit(TO_LOOK_AT)


@main.command()
@ASSIGNMENT
@FORCE
@DRY_RUN
@click.pass_obj
@_speaking
def feedback(course: Course, assignment: str, *, force: bool, dry_run: bool) -> None:
    """Write a page for each student of ASSIGNMENT: points, hints, their own code, your comments.

    The pages are in feedback/STUDENT/ASSIGNMENT/. They say what a hidden check has found, and never show the
    check itself. Points and comments that you have given in formgrader are included.
    """
    course.source(assignment)
    results, entered = with_hand_grades(course, assignment)
    written = 0
    for result in results:
        path = course.autograded(result.student, assignment)
        notebook = json.loads(path.read_text(encoding="utf-8")) if path.is_file() and result.graded else None
        data = clean(feedback_page(result, notebook, entered.get(result.student, {}))).encode()
        target = course.feedback(result.student, assignment)
        changed = force or not target.is_file() or target.read_bytes() != data
        written += changed
        if changed and not dry_run:
            write_atomically(target, data)
    lead = "Would write" if dry_run else "Wrote"
    click.echo(f"{lead} {written} of {len(results)} pages in feedback/; the others are as before.")


@main.command()
@ASSIGNMENT
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="csv",
    show_default=True,
    help="csv: status, reason and points by question; canvas, moodle: what these systems import.",
)
@click.option(
    "--template",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help="The table that Canvas exports, or Moodle's grading worksheet, to be filled in.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    show_default="exports/ASSIGNMENT-FORMAT.csv",
    help="Where to write; - for the terminal.",
)
@DRY_RUN
@click.pass_obj
@_speaking
def export(
    course: Course, assignment: str, *, form: str, template: Path | None, output: Path | None, dry_run: bool
) -> None:
    """Write the points of ASSIGNMENT for other programs.

    A student without a score has an empty cell, never a zero; so has one whose answers wait for you in
    formgrader, in the formats for Canvas and Moodle: those to be graded by hand, and those that have
    changed since you graded them. A template keeps all else, and the rows of those who are not of this
    course. Who has no row is said, and so is a maximum in the template that is not the assignment's.

    Use this command rather than `nbgrader export`, which writes 0.0 where there is no score.
    """
    course.source(assignment)
    results, _ = with_hand_grades(course, assignment)
    filled = read_table(template) if template else ""
    table = FORMATS[form](results, course.collected(assignment), filled)
    text = clean(table.text)
    path = output or course.root / "exports" / f"{assignment}-{form}.csv"
    if str(path) == "-":
        click.echo(text, nl=False)
    elif dry_run:
        click.echo(f"Would write {path} with {len(table.students)} students.")
    else:
        write_atomically(path, text.encode())
        click.echo(f"Wrote {path} with {len(table.students)} students.")
    for warning in table.warnings:
        click.echo(clean(f"  {warning}"), err=True)


@main.command()
@ASSIGNMENT
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    show_default="reports/ASSIGNMENT.html",
    help="Where to write.",
)
@DRY_RUN
@click.pass_obj
@_speaking
def report(course: Course, assignment: str, *, output: Path | None, dry_run: bool) -> None:
    """Write a page about how ASSIGNMENT went: points, difficulty and discrimination of each question, plots.

    The page needs no other file and no network.
    """
    course.source(assignment)
    results, _ = with_hand_grades(course, assignment)
    path = output or course.root / "reports" / f"{assignment}.html"
    text = clean(report_page(assignment, results))
    if dry_run:
        click.echo(f"Would write {path} about {len(results)} students.")
    else:
        write_atomically(path, text.encode())
        click.echo(f"Wrote {path} about {len(results)} students.")
