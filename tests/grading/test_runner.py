"""The runner runs cells as a notebook would, within limits, and notices what is tampered with."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from activations.grading import checks
from activations.grading.runner import PRELOADED, OutputLimitError, Outputs, Runner, preload, serve


@pytest.fixture
def runner() -> Iterator[Runner]:
    runner = Runner(output_limit=1_000)
    yield runner
    runner.close()


def texts(answer: dict) -> list[str]:
    return [output.get("text") or output["data"]["text/plain"] for output in answer["outputs"]]


def test_names_live_on_from_cell_to_cell(runner: Runner) -> None:
    assert runner.run("x = 20", 5)["error"] is None
    assert texts(runner.run("print(x)\nprint(x)\nx + 1", 5)) == ["20\n20\n", "21"]


def test_a_semicolon_silences_the_last_value(runner: Runner) -> None:
    assert runner.run("1 + 1;", 5)["outputs"] == []


def test_both_streams_are_kept_apart(runner: Runner) -> None:
    answer = runner.run("import sys\nprint('out')\nprint('err', file=sys.stderr)\nprint('out')", 5)
    assert [(output["name"], output["text"]) for output in answer["outputs"]] == [
        ("stdout", "out\n"),
        ("stderr", "err\n"),
        ("stdout", "out\n"),
    ]


def test_displayed_objects_are_kept_and_can_be_cleared(runner: Runner) -> None:
    answer = runner.run("from IPython.display import HTML, display\ndisplay(HTML('<b>x</b>'))", 5)
    (output,) = answer["outputs"]
    assert output["output_type"] == "display_data"
    assert output["data"]["text/html"] == "<b>x</b>"
    code = "from IPython.display import clear_output\nprint(1)\nclear_output()\nprint(2)"
    assert texts(runner.run(code, 5)) == ["2\n"]


def test_errors_come_with_their_line_in_the_cell(runner: Runner) -> None:
    runner.run("def f():\n    return 1 / 0", 5)
    error = runner.run("x = 1\nf()", 5)["error"]
    assert (error["ename"], error["evalue"], error["line"]) == ("ZeroDivisionError", "division by zero", 2)
    assert "return 1 / 0" in error["traceback"]


def test_a_cell_that_does_not_compile_says_where(runner: Runner) -> None:
    error = runner.run("x = 1\ny = (", 5)["error"]
    assert (error["ename"], error["line"]) == ("SyntaxError", 2)


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "raise KeyboardInterrupt", "raise GeneratorExit"])
def test_errors_that_are_no_exceptions_stay_in_the_cell(runner: Runner, code: str) -> None:
    with pytest.warns() if "SystemExit" in code else pytest.MonkeyPatch.context():
        assert runner.run(code, 5)["error"]["ename"] in code


def test_exit_and_gui_do_nothing(runner: Runner) -> None:
    assert runner.run("exit()", 5)["error"] is None
    assert runner.run("%matplotlib inline", 5)["error"] is None


def test_an_error_without_a_message_of_its_own_is_described_all_the_same(runner: Runner) -> None:
    code = "class Bad(Exception):\n    def __str__(self):\n        raise ValueError\nraise Bad"
    error = runner.run(code, 5)["error"]
    assert error["ename"] == "Bad"
    assert "could not be made" in error["evalue"]


def test_an_error_that_cannot_be_traced_is_described_all_the_same(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("traceback.format_exception", fail)
    assert runner.run("1 / 0", 5)["error"]["traceback"] == "ZeroDivisionError: division by zero\n"


def test_a_long_cell_is_interrupted_even_if_it_catches_exceptions(runner: Runner) -> None:
    code = "while True:\n    try:\n        while True: pass\n    except Exception: pass"
    answer = runner.run(code, 0.2)
    assert answer["error"]["ename"] == "CellTimeoutError"
    assert answer["seconds"] < 20  # on a busy machine; without the interrupt it would never end


def test_an_alarm_outside_of_the_cell_is_an_answer_too(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a hook")

    monkeypatch.setattr(type(runner.shell), "run_cell", fail)
    assert runner.run("1", 5)["error"]["evalue"] == "a hook"


def test_output_stops_at_the_limit(runner: Runner) -> None:
    answer = runner.run("print('x' * 600)\nprint('y' * 600)", 5)
    assert answer["error"]["ename"] == "OutputLimitError"
    assert sum(len(output["text"]) for output in answer["outputs"]) == 1_000


def test_large_values_are_left_out() -> None:
    outputs = Outputs(50)
    outputs.show("display_data", {"image/png": "x" * 100}, {})
    assert "too large" in outputs.items[0]["data"]["text/plain"]
    with pytest.raises(OutputLimitError):
        outputs.write("stdout", "x" * 60)


def test_figures_of_pyplot_are_shown(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    runner.outputs.limit = 1_000_000
    runner.run("import matplotlib; matplotlib.use('module://matplotlib_inline.backend_inline')", 20)
    runner.run("import matplotlib.pyplot as plt", 20)
    for _ in range(2):
        answer = runner.run("plt.plot([1, 2]);", 20)
        assert [list(output["data"]) for output in answer["outputs"]] == [["text/plain", "image/png"]]
        assert answer["tampered"] == []
    runner.run("plt.close('all'); matplotlib.use('agg')", 20)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import numpy\nnumpy.allclose = lambda *a: True", "numpy.allclose was replaced"),
        ("import builtins\nbuiltins.abs = max", "builtins.abs was replaced"),
        (
            "import activations.grading.checks as c\ndef no(*a): pass\nc.check_value.__code__ = no.__code__",
            "the code of activations.grading.checks.check_value was replaced",
        ),
        (
            "from activations.grading.checks import check_value as f\nf.__kwdefaults__.update(rtol=1e9)",
            "a default of activations.grading.checks.check_value was replaced",
        ),
        (
            "from activations.grading.checks import check_value as f\nf.__kwdefaults__ = {'rtol': 1e9}",
            "a default of activations.grading.checks.check_value was replaced",
        ),
        (
            "import activations.grading.checks as c\nc._agree.__defaults__ = (1e9, 1e9)",
            "a default of activations.grading.checks._agree was replaced",
        ),
        (
            "import numpy\ndef yes(*a, **k): return True\nnumpy.allclose.__wrapped__.__code__ = yes.__code__",
            "the code of numpy.allclose was replaced",
        ),
        (
            "import sys, types\nsys.modules['activations.grading.checks'] = types.ModuleType('x')",
            "the module activations.grading.checks was replaced",
        ),
        (
            "import sys\nsys.modules['activations.grading.checks'] = 'no module'",
            "the module activations.grading.checks was replaced",
        ),
        ("get_ipython().ast_transformers.append(1)", "code was rewritten before it ran (ast_transformers)"),
        (
            "get_ipython().input_transformers_post.append(lambda lines: lines)",
            "code was rewritten before it ran (input_transformers_post)",
        ),
        (
            "get_ipython().events.register('pre_run_cell', lambda info: None)",
            "code was hung into the notebook's event pre_run_cell",
        ),
        ("get_ipython().run_code = print", "the notebook's own run_code was replaced"),
    ],
)
def test_tampering_is_noticed_and_undone(runner: Runner, code: str, said: str) -> None:
    def state() -> list[Any]:
        check = checks.check_value
        return [np.allclose, abs, check.__code__, dict(check.__kwdefaults__), sys.modules[checks.__name__]]

    before = state()
    answer = runner.run(code, 5)
    assert answer["tampered"] == [said]
    assert state() == before
    assert runner.run("1 + 1", 5)["tampered"] == []
    assert texts(runner.run("1 + 1", 5)) == ["2"]


def test_what_assignments_import_is_known_before_the_first_cell() -> None:
    sources = Path(__file__).parents[2].glob("assignments/*/*.ipynb")
    imported = {
        name for path in sources for name in re.findall(r"from (activations\.[\w.]+)", path.read_text())
    }
    assert "activations.grading.checks" in imported
    preload()
    assert imported <= set(PRELOADED) <= set(sys.modules)


def test_names_of_the_assignment_are_given_back_before_a_check(runner: Runner) -> None:
    runner.run("from activations.grading.checks import check_value\nx = 1", 5, kind="given")
    assert runner.run("check_value = print\nx = 2", 5)["tampered"] == []
    answer = runner.run("print(check_value.__name__, x)", 5, kind="check")
    assert answer["tampered"] == ["the assignment's check_value was redefined"]
    assert texts(answer) == ["check_value 2\n"]


def test_serving_answers_line_by_line(runner: Runner) -> None:
    lines = [{"source": "x = 1", "timeout": 5}, {"source": "x + 1", "timeout": 5, "kind": "check"}]
    answers: list[dict] = []
    serve(io.BytesIO(b"".join(json.dumps(line).encode() + b"\n" for line in lines)), answers.append, runner)
    assert [texts(answer) for answer in answers] == [[], ["2"]]
