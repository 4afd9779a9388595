"""Every wrong answer loses its question's points and reads its own hint; every right one keeps all."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import graded
import pytest

every_assignment = pytest.mark.parametrize("name", graded.NAMES)
# What a check says when no hint fits: it only repeats the numbers.
GENERAL = re.compile(r" is .*, (?:right is |which is not it yet)| has the shape .*, asked is ", re.DOTALL)


@cache
def outcomes(name: str) -> list[tuple[graded.Answer, dict[str, str]]]:
    return list(graded.Grader(graded.read_assignment(name)).answers(graded.read_bank(name)))


def teaches(said: str) -> bool:
    """Return whether a failure is a sentence written for it, not bare numbers or a bare error."""
    return said.startswith("AssertionError: ") and not GENERAL.search(said)


@every_assignment
def test_each_answer_is_judged_as_it_deserves(name: str) -> None:
    points = graded.Grader(graded.read_assignment(name)).points
    astray = []
    for answer, failures in outcomes(name):
        lost = sum(points[check] for check in failures)
        if answer.hint is None:
            just = not failures
        else:
            said = failures.get(answer.check, "").removeprefix("AssertionError: ")
            just = set(failures) == {answer.check} and answer.hint in said
            just = just and lost == points[answer.check] > 0
        if not just:
            astray.append((answer.question, answer.name, failures))
    assert not astray


@every_assignment
def test_each_wrong_answer_is_told_something_of_its_own(name: str) -> None:
    told: dict[tuple[str, str], list[str]] = {}
    for answer, failures in outcomes(name):
        for said in failures.values():
            assert teaches(said), (answer.question, answer.name, said)
            told.setdefault((answer.question, said), []).append(answer.name)
    assert not [names for names in told.values() if len(names) > 1], "two answers, one sentence"


@every_assignment
def test_each_question_has_enough_answers(name: str) -> None:
    grader = graded.Grader(graded.read_assignment(name))
    bank = graded.read_bank(name)
    right = Counter(answer.check for answer in bank if answer.hint is None)
    wrong = Counter(answer.check for answer in bank if answer.hint is not None)
    assert set(right) == set(wrong) == set(grader.points)
    assert min(right.values()) >= 2
    assert min(wrong.values()) >= 6
    assert len({(answer.question, answer.code.strip()) for answer in bank}) == len(bank), "an answer twice"


def test_the_bank_notices_a_check_that_has_become_blind() -> None:
    notebook = graded.read_assignment("sigmoid")
    blind = next(cell for cell in notebook.cells if graded.grade_id(cell) == "sigmoid-slope-checks")
    blind.source = "sigmoid = activations.sigmoid"
    bank = [answer for answer in graded.read_bank("sigmoid") if answer.question == "sigmoid-slope"]
    outcomes = {answer.name: failures for answer, failures in graded.Grader(notebook).answers(bank)}
    assert outcomes["only 1 − σ"] == {}


def test_the_bank_notices_an_answer_that_costs_a_second_question() -> None:
    code = "def my_sigmoid(x):\n    return x\n\nactivations = None"
    stray = graded.Answer("sigmoid-value", "it takes a name of the setup", "", code)
    grader = graded.Grader(graded.read_assignment("sigmoid"))
    ((_, failures),) = grader.answers([stray])
    assert len(failures) > 1


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def my_sigmoid(x):\n    return x + 7.0", "my_sigmoid is [[ 5. "),
        ("def my_sigmoid(x):\n    return np.zeros(9)", "my_sigmoid has the shape (9,)"),
        ("def my_sigmoid(x):\n    return x[5]", "IndexError: "),
    ],
    ids=["numbers", "shape", "error"],
)
def test_the_bank_notices_an_answer_that_is_told_nothing_of_its_own(code: str, said: str) -> None:
    stray = graded.Answer("sigmoid-value", "nobody has thought of it", said, code)
    ((_, failures),) = graded.Grader(graded.read_assignment("sigmoid")).answers([stray])
    assert said in failures[stray.check]
    assert not teaches(failures[stray.check])
