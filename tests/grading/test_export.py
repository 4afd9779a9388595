"""Tables for other programs: a score where there is one, and never a zero in its place."""

from __future__ import annotations

import csv
import io

import pytest

from activations.grading.course import CourseError
from activations.grading.export import Table, canvas_table, moodle_table, plain_table
from activations.grading.results import QuestionResult, Result

DONE = (QuestionResult("a", "A", 4.0, 3.5), QuestionResult("b", "B", 2.0, 2.0, by_hand=True))
OPEN = (DONE[0], QuestionResult("b", "B", 2.0, None, by_hand=True))
RESULTS = [
    Result("ada-1", "small", "graded", (), DONE),
    Result("bob-2", "small", "flagged", ("=cmd()", "two"), OPEN, late=True),
    Result("cleo-3", "small", "unreadable", ("the file is empty",)),
    Result("dan", "small", "missing", ("nothing was handed in",)),
]
KNOWN = {
    "ada-1": {"user": "1", "name": "Ada", "late": False},
    "bob-2": {"user": "2", "name": "=Bob"},
    "cleo-3": {"user": "3", "name": "Cleo"},
}


def rows(table: Table) -> list[list[str]]:
    return list(csv.reader(io.StringIO(table.text)))


def test_the_plain_table_has_a_row_a_status_and_a_reason_for_everybody() -> None:
    head, *body = rows(plain_table(RESULTS, KNOWN))
    table = [dict(zip(head, row, strict=True)) for row in body]
    assert [row["student"] for row in table] == ["ada-1", "bob-2", "cleo-3", "dan"]
    assert [row["score"] for row in table] == ["5.5", "3.5", "", ""]
    assert [row["b"] for row in table] == ["2", "", "", ""]
    assert [row["waiting"] for row in table] == ["", "b", "", ""]
    assert [row["late"] for row in table] == ["no", "yes", "", ""]
    assert table[2]["reason"] == "the file is empty"


def test_texts_of_strangers_are_no_formulas() -> None:
    tables = [make(RESULTS, KNOWN) for make in (plain_table, canvas_table, moodle_table)]
    for row in [row for table in tables for row in rows(table)]:
        assert not [value for value in row if value.startswith(("=", "+", "@"))]


def test_canvas_gets_its_columns_and_no_score_that_is_not_final() -> None:
    head, possible, *body = rows(canvas_table(RESULTS, KNOWN))
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "small"]
    assert possible[-1] == "6"
    assert [(row[1], row[-1]) for row in body] == [("1", "5.5"), ("2", ""), ("3", "")]


def test_nobody_is_a_table_without_rows() -> None:
    assert len(rows(canvas_table([], {}))) == 2
    assert len(rows(moodle_table([], {}))) == len(rows(plain_table([], {}))) == 1


def test_an_exported_table_of_canvas_is_filled_in() -> None:
    template = "\ufeffStudent,ID,Section,Small (4711),Other (5)\n    Points Possible,,,6,1\n"
    template += "Ada,1,S,,7\nBob,2,S,4\nEve,9,S,3,7\n"
    assert rows(canvas_table(RESULTS, KNOWN, template)) == [
        ["Student", "ID", "Section", "Small (4711)", "Other (5)"],
        ["    Points Possible", "", "", "6", "1"],
        ["Ada", "1", "S", "5.5", "7"],
        ["Bob", "2", "S", "", ""],
        ["Eve", "9", "S", "3", "7"],
    ]


def test_moodle_gets_its_columns() -> None:
    head, *body = rows(moodle_table(RESULTS, KNOWN))
    assert head == ["Identifier", "Full name", "Grade", "Maximum Grade", "Feedback comments"]
    assert body[0] == ["Participant 1", "Ada", "5.5", "6", ""]
    assert body[2] == ["Participant 3", "Cleo", "", "", "unreadable: the file is empty"]


def test_a_worksheet_of_moodle_is_filled_in() -> None:
    template = "Identifier,Full name,Grade,Feedback comments\nParticipant 1,Ada,,\n"
    template += "Participant 3,Cleo,,\nParticipant 8,X,1,y\n"
    assert rows(moodle_table(RESULTS, KNOWN, template))[1:] == [
        ["Participant 1", "Ada", "5.5", ""],
        ["Participant 3", "Cleo", "", "unreadable: the file is empty"],
        ["Participant 8", "X", "1", "y"],
    ]


def test_who_has_no_row_is_said() -> None:
    template = "Student,ID,small\nAda,1,\nCleo,3,\n"
    tables = [
        canvas_table(RESULTS, KNOWN),
        moodle_table(RESULTS, KNOWN),
        canvas_table(RESULTS, KNOWN, template),
    ]
    assert [table.students for table in tables] == [("ada-1", "bob-2", "cleo-3")] * 2 + [("ada-1", "cleo-3")]
    assert [table.warnings[0].split(":")[0] for table in tables] == [
        "no row for dan", "no row for dan", "no row for bob-2, dan",
    ]  # fmt: skip
    many = [Result(f"s{number}", "small", "missing") for number in range(12)]
    assert "s9 and 2 more: no file of theirs" in canvas_table(many, {}).warnings[0]
    assert plain_table(RESULTS, KNOWN).warnings == ()


def test_another_maximum_is_said() -> None:
    canvas = "Student,ID,small (1)\n    Points Possible,,{}\nAda,1,\nBob,2,\nCleo,3,\n"
    moodle = "Identifier,Grade,Maximum Grade\nParticipant 1,,{0}\nParticipant 2,,{0}\nParticipant 3,,{0}\n"
    for make, template in ((canvas_table, canvas), (moodle_table, moodle)):
        for stated, said in (("100", True), ('"100,00"', True), ("6.00", False), ("(read only)", False)):
            warnings = make(RESULTS[:3], KNOWN, template.format(stated)).warnings
            assert ["counts up to 100" in text and "the assignment to 6:" in text for text in warnings] == (
                [True] if said else []
            )


def test_a_number_of_two_students_is_nobodys() -> None:
    known = KNOWN | {"bob-2": {"user": "1"}}
    for make in (canvas_table, moodle_table):
        with pytest.raises(
            CourseError, match=r"ada-1 and bob-2 have the same number 1; .*collected/small.json"
        ):
            make(RESULTS, known)


def test_a_number_of_one_system_is_none_of_another() -> None:
    known = {"ada-1": {"user": "1", "system": "moodle"}}
    assert moodle_table(RESULTS, known).students == ("ada-1",)
    assert canvas_table(RESULTS, known).students == ()


@pytest.mark.parametrize(
    ("make", "template", "said"),
    [
        (canvas_table, "Student,ID\n", "no column 'small'; it has Student, ID"),
        (canvas_table, "\n", "no column 'small'"),
        (canvas_table, "\ufeff", "no column 'small'"),
        (moodle_table, "Identifier\n", "no column 'Grade'"),
        (moodle_table, " ", "no column 'Grade'"),
    ],
)
def test_templates_that_do_not_fit_are_refused(make: object, template: str, said: str) -> None:
    with pytest.raises(CourseError, match=said):
        make(RESULTS, KNOWN, template)  # type: ignore[operator]
