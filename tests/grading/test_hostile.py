"""The strangest submissions: each gets a row that a person understands, and costs nobody else anything."""

from __future__ import annotations

import json
from pathlib import Path

import classroom
import pytest
from classroom import LIMITS, NAME, STRANGE

from activations.grading.course import Course
from activations.grading.driver import grade_assignment
from activations.grading.gradebook import Gradebook
from activations.grading.results import STATUSES, Result


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = classroom.make_course(tmp_path_factory.mktemp("hostile"))
    classroom.strange_class(course)
    return course


@pytest.fixture(scope="module")
def graded(course: Course) -> dict[str, Result]:
    results = grade_assignment(course, NAME, limits=LIMITS, engine="joblib", jobs=2)
    return {result.student: result for result in results}


@pytest.mark.parametrize("student", STRANGE)
def test_everything_gets_a_row_with_a_status_and_a_reason(graded: dict[str, Result], student: str) -> None:
    strange, result = STRANGE[student], graded[student]
    assert (result.status, result.score) == (strange.status, strange.score), result.reason
    assert strange.reason in result.reason
    assert result.status in STATUSES


@pytest.mark.parametrize("student", ["adam", "zoe"])
def test_nobody_else_is_harmed(graded: dict[str, Result], course: Course, student: str) -> None:
    result = graded[student]
    assert (result.status, result.reason, result.score) == ("graded", "", 7.0)
    kept = course.submitted(student, NAME) / f"{NAME}.ipynb"
    assert kept.read_bytes() == classroom.as_bytes(classroom.answered())


def test_a_score_of_zero_is_never_given_where_nothing_could_be_graded(graded: dict[str, Result]) -> None:
    for result in graded.values():
        if result.status not in {"graded", "flagged", "stopped"}:
            assert result.score is None
            assert result.reason


def test_who_answers_for_the_grader_gets_no_points_for_it(graded: dict[str, Result]) -> None:
    questions = graded["forges-answers"].questions
    assert [question.score for question in questions] == [None, None, None]
    assert "to be graded by hand" in questions[0].message


def test_what_could_not_be_run_waits_for_a_person(graded: dict[str, Result]) -> None:
    result = graded["ends-every-process"]
    assert [question.score for question in result.questions] == [4.0, None, None]
    assert "to be graded by hand: square-checks" in result.reason


def test_the_gradebook_holds_what_the_results_say(graded: dict[str, Result], course: Course) -> None:
    with Gradebook(course.url) as book:
        assert book.students() == sorted(graded)
        for result in graded.values():
            assert not book.enter(result), f"{result.student} differs"


def test_hidden_checks_stay_hidden(graded: dict[str, Result], course: Course) -> None:
    assert graded["spies"].score == 7.0
    notebook = json.loads(course.autograded("spies", NAME).read_text(encoding="utf-8"))
    shown = json.dumps([cell.get("outputs", []) for cell in notebook["cells"]])
    assert "double fractions, too" not in shown
    assert "removed" in shown


def test_nothing_of_a_student_runs_in_the_browser_of_whoever_grades(
    graded: dict[str, Result], course: Course
) -> None:
    notebook = json.loads(course.autograded("scripts", NAME).read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    assert cells[-1]["source"] == "< script>alert()< /script> [x](javascript :alert())"
    shown = [output["data"] for cell in notebook["cells"] for output in cell.get("outputs", [])]
    assert [list(data) for data in shown] == [["text/plain"]]
    kept = course.submitted("scripts", NAME) / f"{NAME}.ipynb"
    assert "<script>" in kept.read_text(encoding="utf-8")


def test_there_are_as_many_as_the_guide_says() -> None:
    assert len(STRANGE) > 50


def test_nothing_was_written_outside_of_the_course(course: Course) -> None:
    assert not (course.root.parent / "gradebook.ipynb").exists()
    assert not Path("gradebook.ipynb").exists()
    names = {path.name for path in course.root.iterdir()}
    assert {name for name in names if not name.endswith(".zip")} == {
        "assignments", "autograded", "collected", "gradebook.db", "results", "submitted",
    }  # fmt: skip
