"""One submission becomes points, a status and reasons, whatever happens."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import classroom
import nbformat
import pytest
from classroom import LIMITS, NAME
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from nbformat import NotebookNode

from activations.grading import autograde, nursery
from activations.grading.autograde import Task, fingerprint, grade, harmless
from activations.grading.limits import Limits
from activations.grading.release import TEXT_STUB, student_version
from activations.grading.results import Result
from activations.grading.sandbox import Fresh, Sandbox, SandboxUnavailableError

SOURCE = nbformat.writes(classroom.small_assignment())
PATCH = "import activations.grading.checks as c\nc.check_value = lambda *a, **k: None"


def task(notebook: NotebookNode, source: NotebookNode | None = None, **more: Any) -> Task:
    text = nbformat.writes(source) if source else SOURCE
    return Task("ada", NAME, text, classroom.as_bytes(notebook), **{"limits": LIMITS} | more)


def scores(result: Result) -> list[float | None]:
    return [question.score for question in result.questions]


def with_check(code: str) -> NotebookNode:
    source = classroom.small_assignment()
    next(cell for cell in source.cells if cell.id == "double-checks").source = code
    return source


def test_right_answers_earn_all_points_but_those_of_a_person() -> None:
    result = grade(task(classroom.answered()))
    assert (result.status, result.reasons, scores(result)) == ("graded", (), [4.0, 3.0, None])
    assert [question.title for question in result.questions] == ["Double it", "Square it", "Say what happens"]
    assert [question.by_hand for question in result.questions] == [False, False, True]


def test_a_wrong_answer_loses_its_points_and_hears_the_hint() -> None:
    result = grade(task(classroom.answered(double=classroom.WRONG)))
    assert scores(result) == [0.0, 3.0, None]
    question = result.questions[0]
    assert (question.message, question.hidden) == ("that is the number itself: double it", False)


def test_a_hidden_check_says_that_it_is_one() -> None:
    result = grade(
        task(classroom.answered(double="def double(x):\n    return 2 * int(x) if np.isscalar(x) else 2 * x"))
    )
    assert (result.questions[0].message, result.questions[0].hidden) == ("double fractions, too", True)


def test_each_question_knows_whether_its_answer_is_another_one() -> None:
    """So that what a person has graded is looked at again; an added cell may be meant for any question."""

    def answers(notebook: NotebookNode) -> list[str]:
        return [question.answer for question in grade(task(notebook)).questions]

    before = answers(classroom.answered())
    assert answers(classroom.answered()) == before
    for number, change in enumerate(({"double": classroom.WRONG}, {"square": "x = 1"}, {"words": "Both."})):
        changed = [old != new for old, new in zip(before, answers(classroom.answered(**change)), strict=True)]
        assert changed == [place == number for place in range(3)]
    assert not set(before) & set(answers(classroom.with_cells("'an afterthought'")))


def test_who_loses_the_sandbox_without_fault_is_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    run, kinds = Sandbox.run, []

    def lose(self: Sandbox, source: str, **options: Any) -> dict[str, Any]:
        if not kinds:
            assert isinstance(self._place, nursery.Fork)
            self._place._warm.process.kill()
            source = "import time\ntime.sleep(30)"
        kinds.append(type(self._place))
        return run(self, source, **options)

    monkeypatch.setattr(Sandbox, "run", lose)
    result = grade(task(classroom.answered()))
    assert (result.status, result.reasons, scores(result)) == ("graded", (), [4.0, 3.0, None])
    assert kinds[0] is nursery.Fork
    assert set(kinds[1:]) == {Fresh}


def test_errors_other_than_asserts_are_named() -> None:
    result = grade(task(classroom.answered(double="def double(x):\n    return np.dubble(x)")))
    assert result.questions[0].message.startswith("AttributeError: module 'numpy' has no attribute 'dubble'")


def test_errors_in_the_answer_are_a_reason() -> None:
    result = grade(task(classroom.answered(double="def double(x)\n    return x")))
    assert result.status == "graded"
    assert "cell double fails with SyntaxError: expected ':'" in result.reason


def test_answers_left_as_they_were_are_no_answers() -> None:
    result = grade(task(classroom.answered(words="")))
    assert scores(result) == [4.0, 3.0, 0.0]
    assert result.questions[2].message == "no answer"
    untouched = grade(task(student_version(classroom.small_assignment())))
    assert scores(untouched) == [0.0, 0.0, 0.0]
    assert "unanswered: double, square, words" in untouched.reason


def test_an_answer_that_may_be_elsewhere_waits_for_a_person() -> None:
    below = classroom.answered(words=TEXT_STUB)
    below.cells.append(nbformat.v4.new_markdown_cell(classroom.WORDS))
    into_the_question = classroom.answered(words="")
    into_the_question.cells[8].source += f"\n\n{classroom.WORDS}"
    stripped = classroom.answered()
    for cell in stripped.cells:
        cell.metadata, cell["id"] = nbformat.from_dict({}), f"anew-{cell.id}"
    deleted = classroom.answered()
    del deleted.cells[-1]
    for notebook in (below, into_the_question, stripped):
        result = grade(task(notebook))
        assert scores(result) == [4.0, 3.0, None]
        assert classroom.WORDS in json.dumps(result.notebook)
    assert scores(grade(task(deleted))) == [4.0, 3.0, None]


def test_code_that_was_added_is_no_written_answer() -> None:
    notebook = classroom.with_cells("1 + 1")
    notebook.cells[-1].source = TEXT_STUB
    assert scores(grade(task(notebook))) == [4.0, 3.0, 0.0]


@pytest.mark.parametrize(
    ("last", "earned"), [("1.5", 1.5), ("'all'", 4.0), ("99", 4.0), ("-1", 4.0), ("None", 4.0)]
)
def test_a_check_may_give_a_part_of_the_points(last: str, earned: float) -> None:
    result = grade(task(classroom.answered(), with_check(f"print(1)\n{last}")))
    assert result.questions[0].score == earned


def test_tasks_wait_for_a_person() -> None:
    source = classroom.small_assignment()
    source.cells[-1].metadata.nbgrader |= {"task": True, "solution": False, "grade": False}
    result = grade(task(classroom.answered(), source))
    assert result.questions[:2] == grade(task(classroom.answered())).questions[:2]


def test_a_failing_cell_of_the_assignment_is_flagged() -> None:
    source = classroom.small_assignment()
    source.cells[1].source += "\nraise RuntimeError('no data')"
    result = grade(task(classroom.answered(), source))
    assert result.status == "flagged"
    assert "the assignment's own cell setup failed: RuntimeError: no data" in result.reason


def test_a_notebook_that_takes_too_long_in_all_is_broken_off() -> None:
    notebook = classroom.with_cells(*["import time\ntime.sleep(0.5)"] * 4)
    limits = dataclasses.replace(LIMITS, total_seconds=1.2)
    result = grade(task(notebook, limits=limits))
    assert result.status == "stopped"
    assert scores(result) == [4.0, None, None]
    assert "longer than 1.2 s in all; not run, so to be graded by hand: square-checks" in result.reason


@pytest.mark.parametrize("deaf", ["", "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\n"])
def test_a_check_that_the_clock_of_all_cells_ends_is_no_zero(deaf: str) -> None:
    slow = deaf + "import time\ndef square(x):\n    time.sleep(5)\n    return x * x"
    notebook = classroom.with_cells("import time\ntime.sleep(0.8)")
    notebook.cells[7].source = slow
    result = grade(task(notebook, limits=dataclasses.replace(LIMITS, total_seconds=1.6)))
    assert (result.status, scores(result)) == ("stopped", [4.0, None, None])
    assert result.stops == (
        "the notebook ran longer than 1.6 s in all; not run, so to be graded by hand: square-checks",
    )


def test_a_check_that_has_had_its_time_is_stopped_and_earns_nothing() -> None:
    forever = "def square(x):\n    while True:\n        pass"
    result = grade(task(classroom.answered(square=forever)))
    assert (result.status, scores(result)) == ("stopped", [4.0, 0.0, None])


def test_checks_that_fail_behind_a_cell_of_the_assignment_that_failed_wait_for_a_person() -> None:
    source = classroom.small_assignment()
    source.cells[1].source = f"import time\ntime.sleep(9)\n{source.cells[1].source}"
    next(cell for cell in source.cells if cell.id == "square-checks").source = "assert square(3) == 9"
    result = grade(task(classroom.answered(), source))
    assert (result.status, scores(result)) == ("stopped", [None, 3.0, None])
    assert result.questions[0].message == "the assignment's own cell setup failed; to be graded by hand"
    assert "the assignment's own cell setup failed, so to be graded by hand: double-checks" in result.reason


def test_the_notebook_is_kept_as_it_was_run() -> None:
    result = grade(
        task(classroom.answered(double=classroom.WRONG, square=classroom.RIGHT_SQUARE + "print(square(2))"))
    )
    notebook = nbformat.from_dict(result.notebook)
    nbformat.validate(notebook)
    cells = {cell.id: cell for cell in notebook.cells}
    assert cells["square"].outputs[0]["text"] == "4\n"
    assert cells["double-checks"].outputs[-1]["ename"] == "AssertionError"
    assert [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"] == [1, 2, 3, 4, 5]
    assert "role" not in json.dumps(notebook)


def test_problems_with_the_file_are_the_result() -> None:
    result = grade(task(classroom.answered(), problem=("missing", "nothing was handed in"), notes=("odd",)))
    assert (result.status, result.reasons, result.score) == (
        "missing",
        ("odd", "nothing was handed in"),
        None,
    )


@pytest.mark.parametrize("error", [SandboxUnavailableError("no bwrap"), ZeroDivisionError("oh")])
def test_a_fault_of_the_grader_is_no_zero(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(autograde, "Sandbox", fail)
    result = grade(task(classroom.answered()))
    assert (result.status, result.score) == ("failed", None)
    assert str(error) in result.reason


@pytest.mark.parametrize("warm", [True, False])
def test_fresh_and_warm_come_to_the_same(warm: bool) -> None:
    result = grade(task(classroom.answered(), warm=warm))
    assert scores(result) == [4.0, 3.0, None]


@pytest.mark.parametrize("warm", [True, False])
@pytest.mark.parametrize("first", [PATCH, classroom.FAKE])
def test_a_first_cell_cannot_exchange_the_checks(first: str, warm: bool) -> None:
    notebook = classroom.answered(square="def square(x):\n    return x\n")
    notebook.cells.insert(0, nbformat.v4.new_code_cell(first))
    result = grade(task(notebook, warm=warm))
    assert (result.status, scores(result)) == ("flagged", [4.0, 0.0, None])


def test_without_a_sandbox_it_comes_to_the_same() -> None:
    assert scores(grade(task(classroom.answered(), unsafe=True))) == [4.0, 3.0, None]


@pytest.mark.parametrize(
    "change",
    [{"data": b"x"}, {"source": "x"}, {"late": True}, {"notes": ("x",)}, {"limits": Limits()}],
)
def test_the_fingerprint_changes_with_all_that_matters(change: dict[str, Any]) -> None:
    before = task(classroom.answered())
    assert fingerprint(dataclasses.replace(before, **change)) != fingerprint(before)
    assert fingerprint(dataclasses.replace(before, warm=False)) == fingerprint(before)


def test_forged_answers_are_brought_into_form() -> None:
    forged = {"outputs": [{"output_type": "stream"}, 3], "error": 3, "seconds": 0, "tampered": []}
    answer = autograde._well_formed(forged)
    assert [output["output_type"] for output in answer["outputs"]] == ["stream", "stream"]
    assert answer["error"] == {"ename": "Error", "evalue": "", "line": None, "traceback": ""}
    empty = {"outputs": [], "error": None, "tampered": []}
    assert autograde._well_formed(forged | {"outputs": 1, "error": None, "tampered": 1}) == empty


def test_a_cell_shows_only_so_much() -> None:
    result = grade(task(classroom.with_cells("for _ in range(1_001):\n    display(1)")))
    assert (result.status, scores(result)) == ("stopped", [4.0, 3.0, None])
    assert result.reason.endswith("showed more than 1,000 outputs")
    assert result.notebook
    assert max(len(cell.get("outputs", [])) for cell in result.notebook["cells"]) == 1_001  # and the error


def test_half_a_character_is_a_question_mark() -> None:
    code = "class Half:\n    def __repr__(self): return '\\ud83d'\nprint('\\ud83d')\nHalf()"
    result = grade(task(classroom.with_cells(code, "raise ValueError('\\ud83d')")))
    json.dumps(dataclasses.asdict(result), ensure_ascii=False).encode()
    assert "fails with ValueError: ?" in result.reason
    assert scores(result) == [4.0, 3.0, None]


def test_of_outputs_text_and_pictures_are_kept() -> None:
    code = (
        "from IPython.display import HTML, Javascript, display\ndisplay(HTML('<b>'), Javascript('alert()'))\n"
        "display({'text/html': '<b>'}, raw=True)\n1"
    )
    result = grade(task(classroom.with_cells(code)))
    outputs = nbformat.from_dict(result.notebook).cells[5].outputs
    assert [list(output["data"]) for output in outputs if "data" in output] == [["text/plain"]] * 3
    assert outputs[2]["text"] == "(not kept: an output that is neither text nor a picture)"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert()</script>",
        "a\n\n<img src=x onerror=alert()>\n",
        "```mermaid\n<script>alert()</script>\n```",
        "- [ ] <svg/onload=alert()>",
        "|a|\n|-|\n|<iframe src=javascript:alert()>|",
        "<!-- --><script>alert()</script>",
        "[x](javascript:alert())",
        "[x](JavaScript\\:alert())",
        "[x](java&#115;cript&colon;alert())",
        "[x](javascript&amp;colon;alert())",
        "[x](javascript&amp!colon;alert())",
        "[x]\n\n[x]: javascript:alert()",
        "<javascript:alert()>",
        "![x](attachment:missing.png)",
    ],
)
def test_nothing_that_a_student_writes_runs_in_the_browser(text: str) -> None:
    notebook = classroom.answered(words=text)
    notebook.cells.insert(3, nbformat.v4.new_markdown_cell(text))
    result = grade(task(notebook))
    cells = nbformat.from_dict(result.notebook).cells
    shown = "".join(markdown2html_mistune(cell.source) for cell in (cells[3], cells[-1]))
    assert not re.search(r"<(script|img|svg|iframe|!)|href=.javascript", shown, re.IGNORECASE)
    assert "alert" in shown or "missing" in shown


def test_mathematics_and_code_of_students_read_as_before() -> None:
    text = "If $a < b$, $a &b$, then `x <= 1 & y << 2`, see [this](https://example.org/?a=1&b=2).\n\n> **so**"
    assert harmless(text) == text
    aligned = "\\begin{align}a &= b<c \\\\ &d\\end{align}"
    assert "".join(harmless(aligned).split()) == "".join(aligned.split())


@pytest.mark.parametrize(
    "tell",
    ["raise AssertionError(source)", "raise type(source, (Exception,), {})", "raise ValueError([source])"],
)
def test_a_check_that_says_what_is_hidden_is_silenced(tell: str) -> None:
    spy = f"{classroom.SPY}    source = ''.join(seen)\n    {tell}"
    result = grade(task(classroom.answered(double=spy.replace("    return 2 * x\n", ""))))
    assert scores(result) == [0.0, 3.0, None]
    assert "(removed: this showed a hidden check)" in result.questions[0].message
    assert "what the check double-checks said showed a hidden check and was removed" in result.reason
    told = json.dumps(dataclasses.asdict(dataclasses.replace(result, notebook=None)))
    assert "double fractions, too" not in told


def test_what_a_hidden_check_says_itself_is_told() -> None:
    said = "this explains at some length what is wrong with it"
    hidden = f"### BEGIN HIDDEN TESTS\nassert double(3) == 7, (\n    '{said}'\n)\n### END HIDDEN TESTS"
    result = grade(task(classroom.answered(), with_check(hidden)))
    assert (result.status, result.questions[0].message) == ("graded", said)


def test_errors_of_a_students_cells_say_nothing_that_is_hidden() -> None:
    notebook = classroom.answered(double=classroom.SPY)
    notebook.cells.append(nbformat.v4.new_code_cell("raise ValueError(seen[3])"))
    result = grade(task(notebook))
    assert "the output of cell 11 showed a hidden check and was removed" in result.reason
    assert "double fractions, too" not in result.reason


def test_a_forged_report_of_tampering_says_nothing_that_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Sandbox.run

    def forge(*arguments: Any, **options: Any) -> dict[str, Any]:
        return run(*arguments, **options) | {"tampered": [classroom.DOUBLE_CHECKS, "\ud83d", 3]}

    monkeypatch.setattr(Sandbox, "run", forge)
    result = grade(task(classroom.answered()))
    assert result.reasons == ("(removed: this showed a hidden check)", "?", "3")


def test_pictures_are_kept_for_the_reader() -> None:
    result = grade(task(classroom.with_cells("import matplotlib.pyplot as plt\nplt.plot([1, 2]);")))
    assert "image/png" in json.dumps(result.notebook)
