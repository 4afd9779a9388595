"""What a person should look at is found; honest code is left alone."""

from __future__ import annotations

import time

import graded
import pytest

from activations.grading.flags import find_flags


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("get_ipython()", "asks for the interpreter"),
        ("import ctypes", "ctypes"),
        ("from subprocess import run", "subprocess"),
        ("from os import _exit", "ends the process"),
        ("import os\nos.kill(1, 9)", "sends signals"),
        ("x.ast_transformers.append(1)", "ast_transformers"),
        ("np.exp = abs", "assigns to np.exp"),
        ("del np.exp", "assigns to np.exp"),
        ("setattr(np, 'exp', abs)", "assigns to a name of np"),
        ("class A:\n    def __eq__(self, other): return True", "decides itself what it equals"),
        ("f.__code__ = g.__code__", "compiled code"),
        ("!ls\n%time 1\nimport gc", "gc"),
    ],
)
def test_remarkable_code_is_found(code: str, said: str) -> None:
    (found,) = find_flags(code)
    assert said in found


@pytest.mark.parametrize(
    "code",
    [
        "self.x = 1",
        "ax.title = 3",
        "setattr(self, 'x', 1)",
        "setattr()",
        "from . import x",
        "from math import exp",
        "x = (",
        "\0",
        "import numpy as np\nnp.exp(3)",
        "def f(): pass",
        "print('get_ipython')",
    ],
)
def test_honest_code_is_left_alone(code: str) -> None:
    assert find_flags(code) == []


def test_blank_lines_take_no_time() -> None:
    start = time.perf_counter()
    assert find_flags("\n" * 30_000 + "import gc")
    assert time.perf_counter() - start < 2  # milliseconds; ten seconds if each line looked at all that follow


@pytest.mark.parametrize("name", graded.NAMES)
def test_no_answer_of_the_bank_is_remarkable(name: str) -> None:
    answers = graded.read_bank(name)
    assert answers
    assert {answer.name: find_flags(answer.code) for answer in answers if find_flags(answer.code)} == {}
