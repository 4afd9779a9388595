"""Grade one submission: read it, put it into the instructor's notebook, run that in a sandbox, count."""

from __future__ import annotations

import functools
import hashlib
import json
import re
import secrets
import time
from dataclasses import dataclass, field, replace
from typing import Any

import nbformat
from nbformat import NotebookNode

from activations.grading.flags import find_flags
from activations.grading.limits import Limits
from activations.grading.merge import Merged, merge
from activations.grading.reading import NotGradableError, parse_notebook
from activations.grading.release import questions
from activations.grading.results import QuestionResult, Result, clean
from activations.grading.sandbox import Sandbox, SandboxDiedError, SandboxLostError, SandboxUnavailableError

__all__ = ["Task", "fingerprint", "grade", "harmless"]

VERSION = 2
"""Goes up when the same submission would be graded otherwise: then everything is graded anew."""
STOPPED = {"CellTimeoutError", "MemoryError", "OutputLimitError", "Stopped"}
"""Errors that mean that a cell met a limit, and not that the answer is wrong."""
MOST_OUTPUTS = 1_000
"""Outputs of a cell that are kept. What is printed in a row is one."""
LEAK_LENGTH = 20
"""A line of a hidden check that is this long and appears in an output has been spied out."""
REMOVED = "(removed: this showed a hidden check)"
KEPT = ("text/plain", "image/png", "image/jpeg")
"""Kinds of outputs that are kept. Of all others some are run by the browser that shows the notebook."""
MARKUP = re.compile(
    r"(?<=<)(?=[a-z/!?])|(?<=&)(?=#|[^\s<&#;]{1,32};)|(?:(?<=javascript)|(?<=attachment))(?=\\*:)",
    re.IGNORECASE,
)
"""Where a tag, a character's name or a script begins; or the address of a picture that was not handed in."""


@dataclass(frozen=True)
class Task:
    """All that a worker needs to grade one submission, wherever it runs.

    Attributes
    ----------
    student, assignment : str
        Whose, and of what.
    source : str
        The assignment's source notebook, with solutions and hidden checks.
    data : bytes
        The student's file.
    problem : tuple of str, or empty
        Status and reason, where there is no file to grade.
    notes : tuple of str
        What is odd about the file's name.
    submitted : str
        When it was handed in (ISO 8601), or empty.
    late : bool
        Whether it was handed in late.
    limits : Limits
        What it may use.
    unsafe : bool
        Run it without a sandbox.
    warm : bool
        Fork it from an interpreter that has loaded the libraries already.
    """

    student: str
    assignment: str
    source: str
    data: bytes = field(repr=False)
    problem: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    submitted: str = ""
    late: bool = False
    limits: Limits = field(default_factory=Limits)
    unsafe: bool = False
    warm: bool = True


def fingerprint(task: Task) -> str:
    """Return a short text that changes with anything that the result of a task depends on.

    Examples
    --------
    >>> first, second = Task("ada", "sigmoid", "{}", b"1"), Task("ada", "sigmoid", "{}", b"2")
    >>> fingerprint(first) == fingerprint(first), fingerprint(first) == fingerprint(second)
    (True, False)
    """
    digest = hashlib.sha256()
    rest = (
        VERSION,
        task.student,
        task.problem,
        task.notes,
        task.submitted,
        task.late,
        task.limits,
        task.unsafe,
    )
    for part in (task.source.encode(), task.data, repr(rest).encode()):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:32]


def grade(task: Task) -> Result:
    """Grade one submission. Never fails: whatever happens becomes a result with a reason.

    Parameters
    ----------
    task : Task

    Returns
    -------
    Result
    """
    start = time.monotonic()
    known: dict[str, Any] = {"fingerprint": fingerprint(task), "submitted": task.submitted, "late": task.late}
    try:
        if task.problem:
            raise NotGradableError(*task.problem)
        source = _source(task.source)
        merged = merge(source, parse_notebook(task.data))
        run = _Run(merged, task)
        run.run()
        result = _judge(task, source, merged, run)
        known |= {"questions": result.questions, "stops": result.stops, "notebook": result.notebook}
        status, reasons = result.status, result.reasons
    except NotGradableError as error:
        status, reasons = error.status, (*task.notes, str(error))
    except SandboxUnavailableError as error:
        status, reasons = "failed", (f"no sandbox: {error}",)
    except Exception as error:
        status, reasons = "failed", (f"the grader failed: {type(error).__name__}: {error}",)
    return Result(
        task.student, task.assignment, status, reasons, seconds=round(time.monotonic() - start, 3), **known
    )


@functools.lru_cache(maxsize=8)
def _source(text: str) -> NotebookNode:
    notebook: NotebookNode = nbformat.reads(text, as_version=4)
    return notebook


class _Run:
    """Runs a merged notebook, in as many sandboxes as it takes."""

    def __init__(self, merged: Merged, task: Task) -> None:
        self.cells = merged.notebook.cells
        self.task = task
        self.limits = limits = task.limits
        self.answers: dict[int, dict[str, Any]] = {}
        self.tampered: list[str] = []
        self.end = time.monotonic() + limits.total_seconds
        self.broken_off = ""
        self.trusted = True

    def run(self) -> None:
        """Run all code cells; what could not be run has no entry in ``answers``."""
        code = [
            number
            for number, cell in enumerate(self.cells)
            if cell.cell_type == "code" and cell.source.strip()
        ]
        warm, started = self.task.warm, 0
        while started <= self.limits.restarts:
            try:
                with Sandbox(self.limits, warm=warm, unsafe=self.task.unsafe) as sandbox:
                    if all(self._cell(sandbox, number) for number in code):
                        return
            except SandboxLostError:
                warm = False  # a fresh one cannot be lost: whatever ends it is its own
                continue
            if self.broken_off:
                return
            started += 1
        self.broken_off = f"the notebook ended its process {self.limits.restarts + 1} times"

    def _cell(self, sandbox: Sandbox, number: int) -> bool:
        """Run one cell, again if the sandbox is new; return whether the sandbox has lived through it."""
        before = self.answers.get(number)
        if before and before["error"] and before["error"]["ename"] in STOPPED:
            return True
        rest = self.end - time.monotonic()
        if rest <= 0:
            return self._out_of_time()
        cell = self.cells[number]
        kind = cell.metadata.role if cell.metadata.role in {"check", "given"} else "answer"
        try:
            if kind == "check":
                self._canary(sandbox)
            answer = sandbox.run(cell.source, kind=kind, seconds=rest)
        except SandboxDiedError as error:
            answer, alive = _stopped(str(error)), False
        else:
            answer, alive = _well_formed(answer), True
        ended = answer["error"] and answer["error"]["ename"] in {"CellTimeoutError", "Stopped"}
        if ended and rest < self.limits.cell_seconds and time.monotonic() >= self.end:
            # It had less time than a cell may take: that is no fault of this cell alone.
            return self._out_of_time()
        if number not in self.answers or not alive:
            self.answers[number] = answer
            self.tampered += answer["tampered"]
        return alive

    def _out_of_time(self) -> bool:
        self.broken_off = f"the notebook ran longer than {self.limits.total_seconds:g} s in all"
        return False

    def _canary(self, sandbox: Sandbox) -> None:
        """See that a check that must fail does fail."""
        word = secrets.token_hex(8)
        error = sandbox.run(f"assert 1 == 2, {word!r}")["error"]
        if not (
            isinstance(error, dict) and error.get("ename") == "AssertionError" and error.get("evalue") == word
        ):
            self.tampered.append("a check that must fail has passed")
            self.trusted = False


def _stopped(how: str) -> dict[str, Any]:
    error = {"ename": "Stopped", "evalue": f"the cell was stopped: {how}", "line": None, "traceback": ""}
    return {"outputs": [], "error": error, "tampered": []}


def _well_formed(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer in which everything is of the right type: a student may have forged it."""
    outputs, tampered = (
        found if isinstance(found, list) else [] for found in (answer["outputs"], answer["tampered"])
    )
    error = answer["error"]
    if error is not None:
        if not isinstance(error, dict):
            error = {}
        line = error.get("line")
        error = {
            "ename": clean(str(error.get("ename", "Error")))[:200],
            "evalue": clean(str(error.get("evalue", "")))[:2_000],
            "line": line if isinstance(line, int) else None,
            "traceback": clean(str(error.get("traceback", "")))[:10_000],
        }
    if len(outputs) > MOST_OUTPUTS:
        said = f"this cell showed more than {MOST_OUTPUTS:,} outputs"
        error = error or {"ename": "OutputLimitError", "evalue": said, "line": None, "traceback": ""}
    return {
        "outputs": [_output(output) for output in outputs[:MOST_OUTPUTS]],
        "error": error,
        "tampered": [clean(str(text))[:200] for text in tampered[:100]],
    }


def _output(output: Any) -> NotebookNode:
    """Return what is kept of an output, built anew; to have each validated would take too long."""
    output = output if isinstance(output, dict) else {}
    kind, data = output.get("output_type"), output.get("data")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return _stream(name, clean(str(output.get("text", ""))))
    kept = {name: clean(str(data[name])) for name in KEPT if name in data} if isinstance(data, dict) else {}
    if kind not in {"display_data", "execute_result"} or not kept:
        return _stream("stderr", "(not kept: an output that is neither text nor a picture)")
    shown = {"output_type": kind, "data": NotebookNode(kept), "metadata": NotebookNode()}
    more = {"execution_count": None} if kind == "execute_result" else {}
    return NotebookNode(shown | more)


def _stream(name: str, text: str) -> NotebookNode:
    return NotebookNode(output_type="stream", name=name, text=text)


def harmless(markdown: str) -> str:
    r"""Return a text of Markdown in which nothing is HTML, and no link a script.

    Where one would begin, a space is put in, which neither mathematics nor a reader minds. In code, too: what
    is code and what is HTML is for the program to say that shows the text, and some get it wrong.

    Examples
    --------
    >>> harmless("<b>If</b> $a<b$ or `a < 1`, [see](javascript:alert())")
    '< b>If< /b> $a< b$ or `a < 1`, [see](javascript :alert())'
    """
    return MARKUP.sub(" ", markdown)


def _hidden_lines(source: str) -> dict[int, str]:
    """Return the hidden lines of a check by their number, counted from 1."""
    hidden, inside = {}, False
    for number, line in enumerate(source.splitlines(), start=1):
        if line.strip() == "### BEGIN HIDDEN TESTS":
            inside = True
        if inside:
            hidden[number] = line.strip()
        if line.strip() == "### END HIDDEN TESTS":
            inside = False
    return hidden


def _judge(task: Task, source: NotebookNode, merged: Merged, run: _Run) -> Result:
    """Turn what the cells did into points, a status and reasons."""
    titles = {question.name: question for question in questions(source)}
    graded, stops, failures, waiting = [], [], [], []
    broken = ""
    added = {cell.cell_type for cell in run.cells if cell.metadata.role == "added"}
    leaks = _remove_leaks(run)
    flags = [*merged.flags, *dict.fromkeys(run.tampered)]
    for number, cell in enumerate(run.cells):
        answer = run.answers.get(number)
        error = answer["error"] if answer else None
        marks = cell.metadata.get("nbgrader", {})
        name = marks.get("grade_id", "")
        role = cell.metadata.role
        where = f"the added cell {number + 1}" if role == "added" else f"cell {name or number + 1}"
        if role in {"answer", "added"} and cell.cell_type == "code":
            flags += [f"{where} {text}" for text in find_flags(cell.source)]
        if error and error["ename"] in STOPPED:
            said = error["evalue"] or "it needs more memory than it may use"
            stops.append(f"{where}: {said.removeprefix('this cell ').removeprefix('the cell was ')}")
        elif error and role == "given":
            flags.append(f"the assignment's own {where} failed: {error['ename']}: {error['evalue'][:200]}")
        elif error and role in {"answer", "added"}:
            failures.append(f"{where} fails with {error['ename']}: {error['evalue'][:200]}")
        if error and role == "given":
            broken = broken or f"the assignment's own {where} failed"
        if (marks.get("grade") or marks.get("task")) and name in titles:
            unanswered = name in merged.unanswered and cell.cell_type not in added
            question = _question(cell, titles[name].title, answer, unanswered=unanswered)
            if not run.trusted and not question.by_hand:
                # Whoever speaks for the interpreter once may have done so before: no check counts.
                message = "the submission answers for the grader, so no check counts; to be graded by hand"
                question = replace(question, score=None, message=message)
            elif broken and error and not question.by_hand:
                question = replace(question, score=None, message=f"{broken}; to be graded by hand")
                waiting.append(name)
            graded.append(replace(question, answer=_digest(run.cells, number)))
    flags += leaks
    if waiting:
        flags.append(f"{broken}, so to be graded by hand: {', '.join(waiting)}")
    if run.broken_off:
        unrun = [question.name for question in graded if question.score is None and not question.by_hand]
        unrun = [name for name in unrun if name not in waiting]
        stops.append(f"{run.broken_off}; not run, so to be graded by hand: {', '.join(unrun) or 'nothing'}")
    blank = [f"unanswered: {', '.join(merged.unanswered)}"] if merged.unanswered else []
    status = "stopped" if stops else "flagged" if flags else "graded"
    reasons = (*stops, *dict.fromkeys(flags), *task.notes, *merged.notes, *failures, *blank)
    return Result(
        task.student,
        task.assignment,
        status,
        reasons,
        tuple(graded),
        stops=tuple(stops),
        notebook=_executed(merged.notebook, run),
    )


def _digest(cells: list[NotebookNode], number: int) -> str:
    """Return a text that changes with what the student has written for the question of a cell.

    That is the answers since the question before, and all added cells: they may be meant for any question.
    """
    answers: list[str] = []
    asked = False
    for cell in cells[: number + 1]:
        if cell.metadata.role == "answer":
            answers = [cell.source] if asked else [*answers, cell.source]
            asked = False
        marks = cell.metadata.get("nbgrader", {})
        asked |= bool(marks.get("grade") or marks.get("task"))
    added = [cell.source for cell in cells if cell.metadata.role == "added"]
    return hashlib.sha256(json.dumps([answers, added]).encode()).hexdigest()[:16]


def _question(
    cell: NotebookNode, title: str, answer: dict[str, Any] | None, *, unanswered: bool
) -> QuestionResult:
    """Count the points of one cell."""
    marks = cell.metadata.nbgrader
    name, points = marks.grade_id, float(marks.points)
    if marks.get("solution") or marks.get("task"):
        score = 0.0 if unanswered and not marks.get("task") else None
        message = "no answer" if score == 0.0 else ""
        return QuestionResult(name, title, points, score, message, by_hand=True)
    if answer is None:
        return QuestionResult(name, title, points, None, "this check was not run")
    error = answer["error"]
    if error is None:
        return QuestionResult(name, title, points, _earned(answer["outputs"], points))
    message = error["evalue"] if error["ename"] in {"AssertionError", "Stopped"} else ""
    message = message or f"{error['ename']}: {error['evalue']}".removesuffix(": ")
    hidden = error["line"] in _hidden_lines(cell.source)
    return QuestionResult(name, title, points, 0.0, message, hidden)


def _earned(outputs: list[Any], points: float) -> float:
    """Return the points of a check that has passed; its last value, if a number, says them."""
    for output in outputs:
        if output["output_type"] == "execute_result":
            try:
                earned = float(output["data"].get("text/plain", ""))
            except ValueError:
                return points
            return earned if 0 <= earned <= points else points
    return points


def _bare(text: str) -> str:
    """Return a text without the blanks and backslashes that printing and quoting put in."""
    return re.sub(r"[\s\\]", "", text)


def _remove_leaks(run: _Run) -> list[str]:
    """Take hidden checks out of all that the cells have shown and said; return a flag for each."""
    secret = {
        _bare(line)
        for cell in run.cells
        if cell.metadata.role == "check"
        for line in _hidden_lines(cell.source).values()
        if len(line) >= LEAK_LENGTH and not line.startswith("###")
    }

    def shows(*texts: str) -> bool:
        said = _bare("\n".join(texts))
        return any(line in said for line in secret)

    found = []
    for number, answer in run.answers.items():
        cell, error = run.cells[number], answer["error"]
        said = [error["ename"], error["evalue"]] if error else []
        if cell.metadata.role == "check":
            # Its traceback shows the check, of course; students see what it says.
            if shows(*said):
                error |= {"ename": "AssertionError", "evalue": REMOVED}
                name = cell.metadata.nbgrader.grade_id
                found.append(f"what the check {name} said showed a hidden check and was removed")
            continue
        for output in answer["outputs"]:
            said += [output["text"]] if "text" in output else output["data"].values()
        if shows(*said, error["traceback"] if error else ""):
            answer["outputs"], answer["error"] = [_stream("stderr", REMOVED)], None
            found.append(f"the output of cell {number + 1} showed a hidden check and was removed")
    run.tampered = [REMOVED if shows(text) else text for text in run.tampered]
    return found


def _executed(notebook: NotebookNode, run: _Run) -> dict[str, Any]:
    """Return the notebook with its outputs, for formgrader and for the feedback."""
    count = 0
    for number, cell in enumerate(notebook.cells):
        role = cell.metadata.pop("role")
        if cell.cell_type != "code":
            cell.source = harmless(cell.source) if role in {"answer", "added"} else cell.source
            continue
        answer = run.answers.get(number)
        cell.outputs = list(answer["outputs"]) if answer else []
        if answer:
            count += 1
            cell.execution_count = count
            error = answer["error"]
            if error:
                trace = error["traceback"].splitlines() or [f"{error['ename']}: {error['evalue']}"]
                cell.outputs.append(
                    nbformat.v4.new_output(
                        "error", ename=error["ename"], evalue=error["evalue"], traceback=trace
                    )
                )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return dict(notebook)
