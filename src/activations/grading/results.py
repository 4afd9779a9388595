"""What came of grading a submission, and where it is kept: a file a student, written whole or not at all."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["STATUSES", "QuestionResult", "Result", "clean", "read_result", "write_atomically", "write_result"]

STATUSES = {
    "graded": "All went well; the reason names what was repaired, if anything.",
    "flagged": "Graded, but a person should look at it.",
    "stopped": "A cell had to be stopped; what came before and after it has been graded.",
    "unreadable": "The file is no notebook, or not one to choose.",
    "wrong notebook": "It is a notebook, but not of this assignment.",
    "too large": "The file, or the code in it, is larger than allowed; nothing was run.",
    "missing": "There is no notebook.",
    "failed": "The grader itself has failed; grade again.",
}
"""Each status of a row, with its meaning. Only the first three come with a score."""


@dataclass(frozen=True)
class QuestionResult:
    """What one question has earned.

    Attributes
    ----------
    name : str
        The ``grade_id`` of the cell that carries the points.
    title : str
        The question's heading.
    points : float
        The most that it gives.
    score : float or None
        None: a person has to grade it.
    message : str
        What the failing check said; empty where none failed.
    hidden : bool
        Whether the failing check is one that the student does not see.
    by_hand : bool
        Whether a person grades it by design.
    answer : str
        Changes with what the student has written for it: a digest.
    """

    name: str
    title: str
    points: float
    score: float | None
    message: str = ""
    hidden: bool = False
    by_hand: bool = False
    answer: str = ""


@dataclass(frozen=True)
class Result:
    """What came of one submission.

    Attributes
    ----------
    student, assignment : str
        Whose, and of what.
    status : str
        One of `STATUSES`.
    reasons : tuple of str
        Sentences for a person.
    questions : tuple of QuestionResult
        In the assignment's order; empty where nothing was graded.
    fingerprint : str
        Of all that the result depends on: submission, assignment, limits, version.
    seconds : float
        What grading took.
    submitted : str
        When it was handed in (ISO 8601), or empty.
    late : bool
        Whether it was handed in late.
    stops : tuple of str
        Those of the reasons that say which cell met a limit: they are for the student, too.
    notebook : dict or None
        The notebook as it was run.

    Examples
    --------
    >>> question = QuestionResult("check", "The function", 3.0, 2.0)
    >>> Result("ada", "sigmoid", "graded", (), (question,)).score
    2.0
    """

    student: str
    assignment: str
    status: str
    reasons: tuple[str, ...] = ()
    questions: tuple[QuestionResult, ...] = ()
    fingerprint: str = ""
    seconds: float = 0.0
    submitted: str = ""
    late: bool = False
    stops: tuple[str, ...] = ()
    notebook: dict[str, Any] | None = field(default=None, repr=False)

    @property
    def graded(self) -> bool:
        """Whether there is a score."""
        return bool(self.questions)

    @property
    def score(self) -> float | None:
        """Points so far, those of a person not counted; None where nothing was graded yet."""
        scores = [question.score for question in self.questions if question.score is not None]
        return sum(scores) if scores else None

    @property
    def max_score(self) -> float | None:
        """The most that the assignment gives; None where nothing was graded."""
        return sum(question.points for question in self.questions) if self.graded else None

    @property
    def open_questions(self) -> tuple[str, ...]:
        """Names of the questions that wait for a person."""
        return tuple(question.name for question in self.questions if question.score is None)

    @property
    def reason(self) -> str:
        """All reasons in one text."""
        return "; ".join(self.reasons)


def clean(text: str) -> str:
    r"""Return a text that every file and database takes: without halves of characters (surrogates) and NUL.

    Examples
    --------
    >>> clean("half an emoji: \ud83d")
    'half an emoji: ?'
    """
    return text.encode("utf-8", "replace").decode().replace("\0", "?")


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or as it was before, even if the power fails in the middle.

    Parameters
    ----------
    path : Path
        Its folder is made if need be.
    data : bytes
        All of it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def write_result(path: Path, result: Result) -> None:
    """Keep a result, without its notebook, in a file of its own."""
    data = dataclasses.asdict(dataclasses.replace(result, notebook=None))
    del data["notebook"]
    write_atomically(path, clean(json.dumps(data, ensure_ascii=False, indent=1)).encode() + b"\n")


def read_result(path: Path) -> Result | None:
    """Return a result that `write_result` has kept; None if there is none that can be read."""
    try:
        data = json.loads(path.read_bytes())
        questions = tuple(QuestionResult(**question) for question in data.pop("questions"))
        texts = {name: tuple(data.get(name, ())) for name in ("reasons", "stops")}
        return Result(**data | texts | {"questions": questions})
    except (OSError, ValueError, TypeError, KeyError):
        return None
