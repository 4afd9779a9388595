"""The gradebook is nbgrader's own, in SQLite and PostgreSQL, and keeps what people have entered."""

from __future__ import annotations

import dataclasses
import functools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import classroom
import postgresql
import pytest
from classroom import LIMITS, NAME
from nbgrader import api
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins.export import CsvExportPlugin
from sqlalchemy import text
from traitlets.config import Config

from activations.grading.course import Course
from activations.grading.driver import grade_assignment
from activations.grading.gradebook import Gradebook, GradebookError, HandGrade
from activations.grading.results import QuestionResult, Result

QUESTIONS = (
    QuestionResult("double-checks", "Double it", 4.0, 0.0, "double it"),
    QuestionResult("square-checks", "Square it", 3.0, 3.0),
    QuestionResult("words", "Say", 3.0, None, by_hand=True),
)
ADA = Result("ada", NAME, "graded", (), QUESTIONS)


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with postgresql.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return Course(tmp_path).url
    url = Course(tmp_path, request.getfixturevalue("database")).url
    with api.Gradebook(url) as book:
        api.Base.metadata.drop_all(book.engine)
        with book.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")
    return url


@pytest.fixture
def book(url: str) -> Iterator[Gradebook]:
    with Gradebook(url) as book:
        book.register(NAME, classroom.small_assignment())
        yield book


def grades(url: str, student: str = "ada") -> dict[str, tuple[float | None, float | None, bool]]:
    with api.Gradebook(url) as book:
        (notebook,) = book.find_submission(NAME, student).notebooks
        return {
            grade.cell.name: (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
            for grade in notebook.grades
        }


def test_an_assignment_is_entered_as_nbgrader_would(book: Gradebook, url: str) -> None:
    with api.Gradebook(url) as theirs:
        assignment = theirs.find_assignment(NAME)
        assert assignment.max_score == 10
        notebook = theirs.find_notebook(NAME, NAME)
        assert {cell.name: cell.max_score for cell in notebook.grade_cells} == {
            "double-checks": 4, "square-checks": 3, "words": 3,
        }  # fmt: skip
        assert {cell.name for cell in notebook.solution_cells} == {"double", "square", "words"}
        checks = theirs.find_source_cell("double-checks", NAME, NAME)
        assert checks.locked
        assert "HIDDEN" in checks.source


def test_a_result_is_entered_once(book: Gradebook, url: str) -> None:
    assert book.enter(ADA)
    assert not book.enter(ADA)
    assert grades(url) == {
        "double-checks": (0.0, None, False), "square-checks": (3.0, None, False), "words": (None, None, True),
    }  # fmt: skip
    with api.Gradebook(url) as theirs:
        assert theirs.find_submission(NAME, "ada").score == 3.0
        assert theirs.find_submission(NAME, "ada").needs_manual_grade


def test_what_people_have_entered_stays(book: Gradebook, url: str) -> None:
    book.enter(ADA)
    classroom.grade_by_hand(url, {"words": 2.0}, extra=0.5, comment="Well said.")
    assert not book.enter(ADA)
    assert grades(url)["words"] == (None, 2.0, False)
    assert book.hand_grades(NAME) == {"ada": {"words": HandGrade(2.0, 0.5, "Well said.")}}
    assert book.hand_grades("unknown") == {}


def test_a_changed_answer_to_what_was_graded_by_hand_is_looked_at_again(book: Gradebook, url: str) -> None:
    book.enter(ADA)
    with api.Gradebook(url) as theirs:
        grade = theirs.find_grade("double-checks", NAME, NAME, "ada")
        grade.manual_score, grade.needs_manual_grade = 2.0, False
        theirs.db.commit()
    better = dataclasses.replace(QUESTIONS[0], score=4.0)
    assert book.enter(dataclasses.replace(ADA, questions=(better, *QUESTIONS[1:])))
    assert grades(url)["double-checks"] == (4.0, 2.0, True)


def test_another_answer_for_the_same_points_is_looked_at_again(book: Gradebook, url: str) -> None:
    def answers(*digests: str) -> Result:
        pairs = zip(QUESTIONS, digests, strict=True)
        return dataclasses.replace(ADA, questions=tuple(dataclasses.replace(q, answer=a) for q, a in pairs))

    before = answers("one", "two", "three")
    book.enter(before)
    for question in ("double-checks", "words"):
        classroom.grade_by_hand(url, {question: 2.0})
    assert not book.enter(before, before)
    after = answers("one", "two", "four")
    assert book.enter(after, before)
    assert grades(url) == {
        "double-checks": (0.0, 2.0, False), "square-checks": (3.0, None, False), "words": (None, 2.0, True),
    }  # fmt: skip
    assert book.hand_grades(NAME)["ada"]["words"].open
    assert not book.enter(after, after)
    assert book.enter(after)  # nothing to compare with, so all is looked at again
    assert grades(url)["double-checks"] == (0.0, 2.0, True)


def test_who_hands_in_nothing_after_all_keeps_no_points(book: Gradebook, url: str) -> None:
    book.enter(ADA)
    assert book.enter(Result("ada", NAME, "missing", ("nothing was handed in",)), ADA)
    assert {grade[::2] for grade in grades(url).values()} == {(None, True)}


def test_what_could_not_be_graded_waits_for_a_person_and_says_why(book: Gradebook, url: str) -> None:
    book.enter(Result("ada", NAME, "unreadable", ("the file is empty",)))
    assert {name: grade[::2] for name, grade in grades(url).items()} == {
        "double-checks": (None, True), "square-checks": (None, True), "words": (None, True),
    }  # fmt: skip
    with api.Gradebook(url) as theirs:
        assert theirs.find_comment("double", NAME, NAME, "ada").comment == "the file is empty"
    assert book.enter(ADA)
    with api.Gradebook(url) as theirs:
        assert theirs.find_comment("double", NAME, NAME, "ada").comment is None


def test_who_hands_in_nothing_is_known_and_has_no_submission(book: Gradebook, url: str) -> None:
    missing = Result("ada", NAME, "missing", ("nothing was handed in",))
    assert book.enter(missing)
    assert not book.enter(missing)
    assert book.students() == ["ada"]
    with api.Gradebook(url) as theirs, pytest.raises(api.MissingEntry):
        theirs.find_submission(NAME, "ada")


def test_any_text_can_be_a_reason(book: Gradebook, url: str) -> None:
    odd = Result("ada", NAME, "unreadable", ("\0 and \ud83d",))
    assert book.enter(odd)
    assert not book.enter(odd)
    with api.Gradebook(url) as theirs:
        assert theirs.find_comment("words", NAME, NAME, "ada").comment == "? and ?"


@pytest.mark.parametrize(
    "text", ["2026-11-25 12:00:00 +0100", "2026-11-25T11:00:00Z", "2026-11-25 11:00:00 UTC"]
)
def test_the_time_is_kept_in_utc(book: Gradebook, url: str, text: str) -> None:
    book.enter(dataclasses.replace(ADA, submitted=text))
    book.enter(dataclasses.replace(ADA, submitted="yesterday, or so"))
    with api.Gradebook(url) as theirs:
        assert theirs.find_submission(NAME, "ada").timestamp.isoformat() == "2026-11-25T11:00:00"


def test_an_entry_that_breaks_leaves_nothing(
    book: Gradebook, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activations.grading.gradebook._set_grade", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        book.enter(ADA)
    with api.Gradebook(url) as theirs:
        assert theirs.students == []


def at_once(patch: pytest.MonkeyPatch, owner: object, name: str, *acts: Callable[[], object]) -> list[object]:
    """Do things in threads that wait for each other where they first call a function."""
    gate, seen, function = threading.Barrier(len(acts)), threading.local(), getattr(owner, name)

    def waiting(*arguments: object, **options: object) -> object:
        if not vars(seen):
            seen.here = gate.wait(30)
        return function(*arguments, **options)

    with patch.context() as inner, ThreadPoolExecutor() as pool:
        inner.setattr(owner, name, waiting)
        return [future.result() for future in [pool.submit(act) for act in acts]]


def test_two_runs_can_enter_a_new_student_at_once(
    book: Gradebook, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    book.register("other", classroom.small_assignment())

    def enter(assignment: str) -> bool:
        with Gradebook(url) as own:
            return own.enter(dataclasses.replace(ADA, assignment=assignment))

    acts = [functools.partial(enter, assignment) for assignment in (NAME, "other")]
    assert at_once(monkeypatch, api.Gradebook, "find_assignment", *acts) == [True, True]
    assert book.students() == ["ada"]
    with api.Gradebook(url) as theirs:
        assert [theirs.find_submission(name, "ada").score for name in (NAME, "other")] == [3, 3]


def test_two_runs_can_make_a_new_gradebook_at_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def make(assignment: str) -> list[str]:
        with Gradebook(url) as own:
            own.register(assignment, classroom.small_assignment())
            return own.students()

    acts = [functools.partial(make, assignment) for assignment in ("one", "two", "three")]
    assert at_once(monkeypatch, api.Base.metadata, "create_all", *acts) == [[], [], []]
    with api.Gradebook(url) as theirs:
        assert {assignment.name for assignment in theirs.assignments} == {"one", "two", "three"}
        version = theirs.db.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    assert version == api.get_alembic_version()


def test_registering_again_changes_nothing_and_follows_the_source(book: Gradebook, url: str) -> None:
    book.register(NAME, classroom.small_assignment())
    fewer = classroom.small_assignment()
    del fewer.cells[-1]
    book.register(NAME, fewer)
    with api.Gradebook(url) as theirs:
        assert theirs.find_assignment(NAME).max_score == 7
    book.enter(ADA)
    with pytest.raises(GradebookError, match="has grades for other cells than its source has now"):
        book.register(NAME, classroom.small_assignment())


def test_tasks_are_entered_too(url: str) -> None:
    source = classroom.small_assignment()
    source.cells[-1].metadata.nbgrader |= {"task": True, "solution": False, "grade": False}
    with Gradebook(url) as book:
        book.register(NAME, source)
        assert book.enter(ADA)
    assert grades(url)["words"] == (None, None, True)


def test_a_class_is_graded_into_either(url: str, tmp_path: Path) -> None:
    course = dataclasses.replace(classroom.make_course(tmp_path), database=url)
    classroom.hand_in(course, "ada", classroom.answered())
    classroom.hand_in(course, "bob", classroom.answered(double=classroom.WRONG))
    grade_assignment(course, NAME, limits=LIMITS, engine="serial")
    assert [grades(url, student)["double-checks"][0] for student in ("ada", "bob")] == [4.0, 0.0]


def test_nbgraders_own_tools_work_on_it(url: str, tmp_path: Path) -> None:
    """The calls that formgrader makes for its pages, and nbgrader's own export."""
    course = dataclasses.replace(classroom.make_course(tmp_path), database=url)
    classroom.hand_in(course, "ada", classroom.answered(double=classroom.WRONG))
    classroom.hand_in(course, "bob", b"{")
    grade_assignment(course, NAME, limits=LIMITS, engine="serial")
    config = Config()
    config.CourseDirectory.root = str(tmp_path)
    config.CourseDirectory.source_directory = "assignments"
    config.CourseDirectory.db_url = url
    formgrader = NbGraderAPI(CourseDirectory(config=config), config=config)
    (assignment,) = formgrader.get_assignments()
    assert (assignment["name"], assignment["max_score"], assignment["num_submissions"]) == (NAME, 10, 2)
    ada, bob = formgrader.get_submissions(NAME)
    assert (ada["student"], ada["score"], ada["needs_manual_grade"], ada["autograded"]) == (
        "ada",
        3,
        True,
        True,
    )
    assert (bob["student"], bob["needs_manual_grade"]) == ("bob", True)
    rows = {row["student"]: row for row in formgrader.get_notebook_submissions(NAME, NAME)}
    assert (rows["ada"]["failed_tests"], rows["bob"]["failed_tests"]) == (True, False)
    assert {student["id"] for student in formgrader.get_students()} == {"ada", "bob"}
    table = tmp_path / "grades.csv"
    with api.Gradebook(url) as book:
        CsvExportPlugin(to=str(table)).export(book)
    lines = table.read_text().splitlines()
    assert [line.split(",")[:1] + line.split(",")[-2:] for line in lines[1:]] == [
        [NAME, "3.0", "10.0"], [NAME, "0.0", "10.0"],
    ]  # fmt: skip
