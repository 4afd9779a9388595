"""Write grades for other programs: a plain table, and what Canvas and Moodle import."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from activations.grading.course import CourseError
from activations.grading.pages import number
from activations.grading.results import Result

__all__ = ["FORMATS", "Table", "canvas_table", "moodle_table", "plain_table"]

Known = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Table:
    """What has been made for another program.

    Attributes
    ----------
    text : str
        Comma-separated values.
    students : tuple of str
        Who has a row.
    warnings : tuple of str
        What to know before it is imported.
    """

    text: str
    students: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def _tame(value: str) -> str:
    """Keep a spreadsheet from reading a text as a formula: names and reasons come from strangers."""
    return f"'{value}" if value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


def _table(rows: Sequence[Sequence[str]], students: Sequence[str], warnings: Iterable[str] = ()) -> Table:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return Table(text.getvalue(), tuple(students), tuple(warnings))


def _score(result: Result | None) -> str:
    """Return a score to import; empty, and so no zero, where there is none or a person has still to grade."""
    if result is None or result.score is None or result.open_questions:
        return ""
    return number(result.score)


def plain_table(results: Sequence[Result], known: Known, template: str = "") -> Table:  # noqa: ARG001
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
    Table

    Examples
    --------
    >>> ada = Result("ada", "sigmoid", "missing", ("nothing was handed in",))
    >>> print(plain_table([ada], {}).text, end="")
    student,name,status,reason,score,max_score,waiting,late,submitted
    ada,,missing,nothing was handed in,,,,,
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
        about = known.get(result.student, {})
        row = [
            result.student,
            str(about.get("name", "")),
            result.status,
            result.reason,
            "" if result.score is None else number(result.score),
            "" if result.max_score is None else number(result.max_score),
            " ".join(result.open_questions),
            # Only Canvas tells.
            "yes" if result.late else "no" if "late" in about else "",
            result.submitted,
        ]
        row += ["" if scores.get(name) is None else number(scores[name]) for name in names]
        rows.append([_tame(value) for value in row])
    return _table(rows, [result.student for result in results])


def _read(template: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(template.removeprefix("\ufeff")))) or [[]]


def _fill(
    rows: list[list[str]], column: str, find: Callable[[dict[str, str]], Result | None], remark: str = ""
) -> list[str]:
    """Fill one column of a downloaded table in, leave everything else as it was, and return who has a row."""
    head = rows[0]
    if column not in head:
        raise CourseError(f"export: the template has no column {column!r}; it has {', '.join(head)}")
    students = []
    for row in rows[1:]:
        row += [""] * (len(head) - len(row))
        result = find(dict(zip(head, row, strict=False)))
        if result is None:
            continue
        students.append(result.student)
        row[head.index(column)] = _score(result)
        if remark in head and result.status != "graded":
            row[head.index(remark)] = _tame(f"{result.status}: {result.reason}")
    return students


def _by_user(results: Sequence[Result], known: Known, system: str) -> dict[str, Result]:
    """Return the results by the student's number in a system."""
    users: dict[str, Result] = {}
    for result in results:
        about = known.get(result.student, {})
        user = str(about.get("user", ""))
        if not user or about.get("system", system) != system:
            continue
        if user in users:
            raise CourseError(
                f"export: {users[user].student} and {result.student} have the same number {user}; "
                f"look which one counts, and delete the other one from collected/{result.assignment}.json"
            )
        users[user] = result
    return users


def _most(results: Sequence[Result]) -> float | None:
    return next((result.max_score for result in results if result.max_score is not None), None)


def _warnings(
    results: Sequence[Result], students: Sequence[str], stated: Iterable[str], system: str
) -> Iterator[str]:
    """Yield who has no row, and whether the system counts up to another maximum than the assignment."""
    there = set(students)
    left = [result.student for result in results if result.student not in there]
    if left:
        more = f" and {len(left) - 10} more" if len(left) > 10 else ""
        yield (
            f"no row for {', '.join(left[:10])}{more}: "
            f"no file of theirs has told their number in {system}, or the template lacks it"
        )
    most = _most(results)
    for text in stated:
        with contextlib.suppress(ValueError):
            if most is not None and float(text.replace(",", ".")) != most:
                yield (
                    f"{system} counts up to {text.strip()} points, the assignment to {number(most)}: "
                    f"change that in {system} before you import, or the marks mean something else"
                )
                return


def canvas_table(results: Sequence[Result], known: Known, template: str = "") -> Table:
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
    Table

    Raises
    ------
    CourseError
        If the template has no column of the assignment, which starts with its name, or two students have
        the same number.
    """
    users = _by_user(results, known, "canvas")
    name = results[0].assignment if results else "assignment"
    if template:
        rows = _read(template)
        head = rows[0]
        columns = [column for column in head if column.split(" (")[0].strip().lower() == name.lower()]
        if not columns:
            raise CourseError(f"export: the template has no column {name!r}; it has {', '.join(head)}")
        students = _fill(rows, columns[0], lambda row: users.get(row.get("ID", "").strip()))
        place = head.index(columns[0])
        stated = [row[place] for row in rows[1:] if row[0].strip() == "Points Possible"]
        return _table(rows, students, _warnings(results, students, stated, "Canvas"))
    rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", name]]
    most = _most(results)
    rows.append(["    Points Possible", "", "", "", "", "" if most is None else number(most)])
    for user, result in users.items():
        label = str(known[result.student].get("name", result.student))
        rows.append([_tame(label), user, "", "", "", _score(result)])
    students = [result.student for result in users.values()]
    return _table(rows, students, _warnings(results, students, [], "Canvas"))


def moodle_table(results: Sequence[Result], known: Known, template: str = "") -> Table:
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
    Table

    Raises
    ------
    CourseError
        If the template has no column ``Grade``, or two students have the same number.
    """
    users = _by_user(results, known, "moodle")
    if template:

        def find(row: dict[str, str]) -> Result | None:
            return users.get(row.get("Identifier", "").removeprefix("Participant").strip())

        rows = _read(template)
        students = _fill(rows, "Grade", find, remark="Feedback comments")
        stated = [dict(zip(rows[0], row, strict=False)).get("Maximum Grade", "") for row in rows[1:]]
        return _table(rows, students, _warnings(results, students, stated, "Moodle"))
    rows = [["Identifier", "Full name", "Grade", "Maximum Grade", "Feedback comments"]]
    for user, result in users.items():
        label = str(known[result.student].get("name", result.student))
        most = "" if result.max_score is None else number(result.max_score)
        remark = "" if result.status == "graded" else f"{result.status}: {result.reason}"
        rows.append([f"Participant {user}", _tame(label), _score(result), most, _tame(remark)])
    students = [result.student for result in users.values()]
    return _table(rows, students, _warnings(results, students, [], "Moodle"))


FORMATS: dict[str, Callable[[Sequence[Result], Known, str], Table]] = {
    "csv": plain_table,
    "canvas": canvas_table,
    "moodle": moodle_table,
}
"""The formats by the names that the command line knows."""
