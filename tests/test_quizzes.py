"""The quizzes of the chapters: complete, fair, and right, as far as the package can compute the answers."""

from __future__ import annotations

import math
import re
import tomllib
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

import activations
from activations.datasets import xor
from activations.experiments import classifiers, linear, thresholds
from activations.training import MLP, binary_cross_entropy_gradient, softmax_cross_entropy_gradient

CHAPTERS = Path(__file__).parents[1] / "chapters"
MAIN = ["01-linear-vs-nonlinear", "02-sigmoid", "03-tanh", "04-relu", "05-softmax"]
QUIZZES = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))["question"]
    for path in sorted((CHAPTERS / "quizzes").glob("*.toml"))
}
QUESTIONS = [
    pytest.param(name, question, id=f"{name}-{number}")
    for name, questions in QUIZZES.items()
    for number, question in enumerate(questions, 1)
]
KEYS = {"text", "see", "option", "check", "code", "picture"}
OPTION_KEYS = {"text", "feedback", "right", "see", "value", "tolerance"}
# What a check may name: the package, NumPy, and the experiments of the chapters.
NAMES = {
    **vars(activations),
    "np": np,
    "xor": xor,
    "linear": linear,
    "thresholds": thresholds,
    "classifiers": classifiers,
    "MLP": MLP,
    "binary_cross_entropy_gradient": binary_cross_entropy_gradient,
    "softmax_cross_entropy_gradient": softmax_cross_entropy_gradient,
}
# A wrong number must differ by more than rounding: options with a value are told apart by it.
CLOSE = 1e-9

every_question = pytest.mark.parametrize(("name", "question"), QUESTIONS)
every_quiz = pytest.mark.parametrize("name", QUIZZES)


def right_option(question: dict[str, Any]) -> dict[str, Any]:
    (only,) = [option for option in question["option"] if option.get("right", False)]
    return dict(only)


def prose(name: str) -> str:
    cells = nbformat.read(CHAPTERS / f"{name}.ipynb", as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def words(text: str) -> int:
    return len(re.sub(r"\$[^$]*\$", "x", text).split())


def test_every_main_chapter_has_a_quiz() -> None:
    assert set(MAIN) <= set(QUIZZES)


@every_quiz
def test_five_questions_stand_at_the_top_of_the_exercises(name: str) -> None:
    assert len(QUIZZES[name]) == 5
    text = prose(name)
    assert len(re.findall(rf"^```{{quiz}} {name}\n```$", text, re.MULTILINE)) == 1
    after = text[text.index("## Exercises") :]
    assert after.index("### Check yourself") < after.index("```{quiz}") < after.index("{exercise")


@every_quiz
def test_the_right_answer_is_not_given_away(name: str) -> None:
    places = [question["option"].index(right_option(question)) for question in QUIZZES[name]]
    assert len(set(places)) >= 3, "the right option stands in the same place too often"
    longest = 0
    for question in QUIZZES[name]:
        lengths = [len(option["text"]) for option in question["option"] if not option.get("right", False)]
        longest += len(right_option(question)["text"]) > max(lengths)
    assert longest <= 2, "the longest option is right too often"


@every_quiz
def test_some_questions_are_computed(name: str) -> None:
    assert sum("check" in question for question in QUIZZES[name]) >= 2


@every_question
def test_is_complete(name: str, question: dict[str, Any]) -> None:
    assert set(question) <= KEYS
    options = question["option"]
    assert 3 <= len(options) <= 4
    assert sum(option.get("right", False) for option in options) == 1
    assert len({option["text"] for option in options}) == len(options)
    for option in options:
        assert set(option) <= OPTION_KEYS
        assert "all of" not in option["text"].lower()
        assert "none of the above" not in option["text"].lower()
    if "picture" in question:
        assert words(question["picture"]["alt"]) >= 15


@every_question
def test_every_option_is_answered_at_a_length_to_read(name: str, question: dict[str, Any]) -> None:
    assert 5 <= words(question["text"]) <= 50
    said = [option["feedback"] for option in question["option"]]
    assert len(set(said)) == len(said), "each wrong turn has an answer of its own"
    for option in question["option"]:
        assert words(option["text"]) <= 16
        assert 8 <= words(option["feedback"]) <= 45, option["feedback"]
        assert option["feedback"].endswith((".", "!"))


@every_question
def test_points_to_sections_of_the_chapter(name: str, question: dict[str, Any]) -> None:
    headings = set(re.findall(r"^#{2,3} (.+?)\s*$", prose(name), re.MULTILINE))
    assert question["see"] in headings
    assert {option["see"] for option in question["option"] if "see" in option} <= headings


@pytest.mark.parametrize(
    ("name", "question"), [parameters for parameters in QUESTIONS if "check" in parameters.values[1]]
)
def test_the_right_answer_is_right(name: str, question: dict[str, Any]) -> None:
    measured = eval(question["check"], dict(NAMES))  # the expression is the repository's own
    if isinstance(measured, (bool, np.bool_)):
        assert measured
        return
    right = right_option(question)
    assert float(measured) == pytest.approx(right["value"], rel=right.get("tolerance", CLOSE), abs=1e-12)
    assert f"{right['value']:g}" in right["text"].replace("−", "-"), "the option does not show its value"
    for option in question["option"]:
        if not option.get("right", False) and "value" in option:
            tolerance = right.get("tolerance", CLOSE)
            assert not math.isclose(float(measured), option["value"], rel_tol=tolerance, abs_tol=1e-12)
