"""Write grades for other programs: a plain table, and what Canvas and Moodle import."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from activations.grading.course import CourseError
from activations.grading.pages import number
from activations.grading.results import Result

__all__ = ["FORMATS", "canvas_table", "moodle_table", "plain_table"]

Known = Mapping[str, Mapping[str, Any]]


def _tame(value: str) -> str:
    """Keep a spreadsheet from reading a text as a formula: names and reasons come from strangers."""
    return f"'{value}" if value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


def _write(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _score(result: Result | None) -> str:
    """Return a score to import; empty, and so no zero, where there is none or a person has still to grade."""
    if result is None or result.score is None or result.open_questions:
        return ""
    return number(result.score)


def plain_table(results: Sequence[Result], known: Known, template: str = "") -> str:  # noqa: ARG001
    """Return the table with a row for each student: status, reason, points, and points by question.

    Parameters
    ----------
    results : sequence of Result
        By student.
    known : mapping
        What ``collect`` knows of each student.
    template : str
        Not used.

    Returns
    -------
    str
        Comma-separated values.

    Examples
    --------
    >>> print(plain_table([Result("ada", "sigmoid", "missing", ("nothing was handed in",))], {}), end="")
    student,name,status,reason,score,max_score,waiting,late,submitted
    ada,,missing,nothing was handed in,,,,no,
    """
    names = list(dict.fromkeys(question.name for result in results for question in result.questions))
    head = [
        "student",
        "name",
        "status",
        "reason",
        "score",
        "max_score",
        "waiting",
        "late",
        "submitted",
        *names,
    ]
    rows = [head]
    for result in results:
        scores = {question.name: question.score for question in result.questions}
        row = [
            result.student,
            str(known.get(result.student, {}).get("name", "")),
            result.status,
            result.reason,
            "" if result.score is None else number(result.score),
            "" if result.max_score is None else number(result.max_score),
            " ".join(result.open_questions),
            "yes" if result.late else "no",
            result.submitted,
        ]
        row += ["" if scores.get(name) is None else number(scores[name]) for name in names]
        rows.append([_tame(value) for value in row])
    return _write(rows)


def _fill(
    template: str, column: str, find: Callable[[dict[str, str]], Result | None], remark: str = ""
) -> str:
    """Return a downloaded table with one column filled in, everything else as it was."""
    reader = csv.reader(io.StringIO(template.removeprefix("\ufeff")))
    rows = list(reader)
    if not rows:
        raise CourseError("export: the template is empty; download it again")
    head = rows[0]
    if column not in head:
        raise CourseError(f"export: the template has no column {column!r}; it has {', '.join(head)}")
    for row in rows[1:]:
        row += [""] * (len(head) - len(row))
        result = find(dict(zip(head, row, strict=False)))
        score = _score(result)
        if score:
            row[head.index(column)] = score
        if result is not None and remark in head and result.status != "graded":
            row[head.index(remark)] = _tame(f"{result.status}: {result.reason}")
    return _write(rows)


def _by_user(results: Sequence[Result], known: Known) -> dict[str, Result]:
    return {
        str(known[result.student]["user"]): result
        for result in results
        if known.get(result.student, {}).get("user")
    }


def canvas_table(results: Sequence[Result], known: Known, template: str = "") -> str:
    """Return what Canvas imports under *Grades*: a score where there is one, an empty cell elsewhere.

    Parameters
    ----------
    results : sequence of Result
        By student.
    known : mapping
        What ``collect`` knows: ``user`` is the student's number in Canvas.
    template : str
        The table that Canvas exports, to be filled in; without it, one with the columns that Canvas asks for.

    Returns
    -------
    str
        Comma-separated values.

    Raises
    ------
    CourseError
        If the template has no column of the assignment, which starts with its name.
    """
    users = _by_user(results, known)
    name = results[0].assignment if results else "assignment"
    if template:
        head = next(csv.reader(io.StringIO(template.removeprefix("\ufeff"))), [])
        columns = [column for column in head if column.split(" (")[0].strip().lower() == name.lower()]
        if not columns:
            raise CourseError(f"export: the template has no column {name!r}; it has {', '.join(head)}")
        return _fill(template, columns[0], lambda row: users.get(row.get("ID", "").strip()))
    rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", name]]
    points = next((result.max_score for result in results if result.max_score is not None), None)
    rows.append(["    Points Possible", "", "", "", "", number(points) if points is not None else ""])
    for user, result in users.items():
        label = str(known[result.student].get("name", result.student))
        rows.append([_tame(label), user, "", "", "", _score(result)])
    return _write(rows)


def moodle_table(results: Sequence[Result], known: Known, template: str = "") -> str:
    """Return what Moodle imports as an offline grading worksheet.

    Parameters
    ----------
    results : sequence of Result
        By student.
    known : mapping
        What ``collect`` knows: ``user`` is the participant's number in Moodle.
    template : str
        The worksheet that Moodle hands out, to be filled in; without it, one with the columns that it needs.

    Returns
    -------
    str
        Comma-separated values.

    Raises
    ------
    CourseError
        If the template has no column ``Grade``.
    """
    users = _by_user(results, known)
    if template:

        def find(row: dict[str, str]) -> Result | None:
            return users.get(row.get("Identifier", "").removeprefix("Participant").strip())

        return _fill(template, "Grade", find, remark="Feedback comments")
    rows = [["Identifier", "Full name", "Grade", "Maximum Grade", "Feedback comments"]]
    for user, result in users.items():
        label = str(known[result.student].get("name", result.student))
        most = "" if result.max_score is None else number(result.max_score)
        remark = "" if result.status == "graded" else f"{result.status}: {result.reason}"
        rows.append([f"Participant {user}", _tame(label), _score(result), most, _tame(remark)])
    return _write(rows)


FORMATS: dict[str, Callable[[Sequence[Result], Known, str], str]] = {
    "csv": plain_table,
    "canvas": canvas_table,
    "moodle": moodle_table,
}
"""The formats by the names that the command line knows."""
