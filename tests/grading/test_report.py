"""The report's numbers are those of classical test theory, and its page says them in words, too."""

from __future__ import annotations

import math

import numpy as np
import pytest

from activations.grading.report import item_statistics, report_page
from activations.grading.results import QuestionResult, Result

RNG = np.random.default_rng(0)
ABILITY = RNG.random(60)


def result(number: int, scores: dict[str, float | None]) -> Result:
    questions = tuple(
        QuestionResult(name, f"Question <{name}>", 2.0, score, "look again" if score == 0 else "")
        for name, score in scores.items()
    )
    return Result(f"student-{number}", "small", "graded", (), questions)


CLASS = [
    result(
        number,
        {
            "good": 2.0 * (ability > 0.5),
            "part": round(2 * ability, 1),
            "noise": 2.0 * (number % 2),
            "same": 2.0,
            "open": None,
        },
    )
    for number, ability in enumerate(ABILITY)
]


def test_difficulty_is_the_mean_share() -> None:
    items = {item.name: item for item in item_statistics(CLASS)}
    assert items["good"].difficulty == pytest.approx(np.mean(ABILITY > 0.5))
    assert items["same"].difficulty == 1
    assert math.isnan(items["open"].difficulty)


def test_discrimination_tells_good_questions_from_noise() -> None:
    items = {item.name: item.discrimination for item in item_statistics(CLASS)}
    scores = np.array([[q.score or 0 for q in result.questions] for result in CLASS])
    rest = scores.sum(axis=1) - scores[:, 1]
    assert items["part"] == pytest.approx(np.corrcoef(scores[:, 1], rest)[0, 1])
    assert items["part"] > 0.3
    assert abs(items["noise"]) < 0.35  # for 60 students, 2.7 standard errors of a correlation of zero
    assert math.isnan(items["same"])


def test_a_check_that_is_the_wrong_way_round_shows() -> None:
    scores = [{"a": 2.0 * (x > 0.3), "b": 2.0 * (x > 0.6), "reversed": 2.0 * (x < 0.5)} for x in ABILITY]
    items = {item.name: item.discrimination for item in item_statistics([result(0, row) for row in scores])}
    assert items["reversed"] < -0.5


def test_messages_are_counted() -> None:
    (item,) = item_statistics([result(number, {"a": 0.0}) for number in range(3)])
    assert item.messages == (("look again", 3),)


def test_two_students_are_too_few() -> None:
    items = item_statistics([result(0, {"a": 0.0, "b": 0.0}), result(1, {"a": 2.0, "b": 2.0})])
    assert all(math.isnan(item.discrimination) for item in items)


def test_questions_without_points_have_no_share() -> None:
    nothing = QuestionResult("a", "", 0.0, 0.0)
    (item,) = item_statistics([Result("ada", "small", "graded", (), (nothing,))])
    assert (item.difficulty, item.title) == (0.0, "a")


def test_the_page_says_it_in_words_and_pictures() -> None:
    lost = Result("eve", "small", "unreadable", ("the <file> is empty",))
    page = report_page("small", [*CLASS, lost])
    assert "61 students" in page
    assert page.count('role="img"') == 5  # the points, and the four questions that are graded
    assert page.count("aria-label") >= 5
    assert "Question &lt;good&gt;" in page
    assert "<good>" not in page
    assert "the &lt;file&gt; is empty" in page
    assert "look again" in page
    assert "Median" in page


def test_a_class_without_grades_has_a_page_too() -> None:
    page = report_page("small", [Result("eve", "small", "missing", ("nothing was handed in",))])
    assert "nothing was handed in" in page
    assert "Discrimination" not in page
    assert "0 students" in report_page("small", [])


def test_all_graded_leaves_nothing_to_look_at() -> None:
    page = report_page("small", [result(number, {"a": 2.0}) for number in range(3)])
    assert "To be looked at" not in page
    assert "What the checks said" not in page


def test_a_class_that_waits_for_a_person_has_no_histogram_yet() -> None:
    page = report_page("small", [result(number, {"a": None}) for number in range(3)])
    assert "Difficulty and discrimination" in page
    assert "Histogram" not in page
