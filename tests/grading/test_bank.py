"""Every wrong answer loses its question's points and reads its own hint; every right one keeps all."""

from __future__ import annotations

from collections import Counter

import graded
import pytest

every_assignment = pytest.mark.parametrize("name", graded.NAMES)


@every_assignment
def test_each_answer_is_judged_as_it_deserves(name: str) -> None:
    grader = graded.Grader(graded.read_assignment(name))
    astray = []
    for answer, failures in grader.answers(graded.read_bank(name)):
        lost = sum(grader.points[check] for check in failures)
        if answer.hint is None:
            just = not failures
        else:
            just = set(failures) == {answer.check} and answer.hint in failures[answer.check]
            just = just and lost == grader.points[answer.check] > 0
        if not just:
            astray.append((answer.question, answer.name, failures))
    assert not astray


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
