"""One source, four artefacts: what each holds, what only the grader's may hold, which marks are refused."""

from __future__ import annotations

import copy
import json

import graded
import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions, ComputeChecksums, LockCells
from traitlets.config import Config

from activations.grading import release
from activations.grading.release import (
    MarkError,
    Question,
    autograder_version,
    check_marks,
    instructor_version,
    questions,
    site_page,
    student_version,
)

every_assignment = pytest.mark.parametrize("name", graded.NAMES)
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
HIDE, SHOW = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"


def secret_lines(notebook: NotebookNode) -> set[str]:
    """Return what stands between marks or in a written answer, found in another way than release does."""
    secrets: set[str] = set()
    public: set[str] = set()
    for cell in notebook.cells:
        by_hand = cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "markdown"
        depth = int(bool(by_hand))
        for line in map(str.strip, cell.source.splitlines()):
            depth += line.startswith("### BEGIN")
            (secrets if depth else public).add(line)
            depth -= line.startswith("### END")
    return {line for line in secrets - public if len(line) > 3}  # a bare bracket is no secret


def plant(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook with a canary in every place that students must not see."""
    result = copy.deepcopy(notebook)
    result.metadata["canary"] = "CANARY"
    for cell in result.cells:
        cell.source = cell.source.replace(BEGIN, f"{BEGIN}\nCANARY = 1").replace(HIDE, f"{HIDE}\nCANARY = 2")
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "markdown":
            cell.source += "\nCANARY"
        cell.metadata["notes"] = "CANARY"
        cell.metadata["tags"] = [*cell.metadata.get("tags", []), "CANARY"]
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("stream", text="CANARY")]
        else:
            cell["attachments"] = {"CANARY.txt": {"text/plain": "CANARY"}}
    return result


@every_assignment
def test_nothing_leaks(name: str) -> None:
    source = graded.read_assignment(name)
    secrets = secret_lines(source)
    assert len(secrets) > 15
    student = json.dumps(student_version(source), ensure_ascii=False)
    shown = {line.strip() for cell in student_version(source).cells for line in cell.source.splitlines()}
    assert not secrets & shown
    for text in (student, site_page(source)):
        assert "BEGIN" not in text
        assert "HIDDEN" not in text
        leaked = [
            line for line in secrets if json.dumps(line, ensure_ascii=False)[1:-1] in text and len(line) > 25
        ]
        assert not leaked
    assert not secrets & {line.strip() for line in site_page(source).splitlines()}


@every_assignment
def test_a_planted_canary_does_not_leak(name: str) -> None:
    planted = plant(graded.read_assignment(name))
    assert "CANARY" not in json.dumps(student_version(planted))
    assert "CANARY" not in site_page(planted)
    grader = json.dumps(autograder_version(planted))
    assert "CANARY = 2" in grader
    assert "CANARY = 1" not in grader
    assert "CANARY = 1" in json.dumps(instructor_version(planted))


@every_assignment
@pytest.mark.parametrize("hide", [True, False], ids=["student", "autograder"])
def test_it_agrees_with_nbgrader(name: str, hide: bool) -> None:
    source = graded.read_assignment(name)
    config = Config()
    config.ClearSolutions.code_stub = {"python": release.CODE_STUB}
    config.ClearSolutions.text_stub = release.TEXT_STUB
    steps = [LockCells, ClearSolutions, *([ClearHiddenTests] if hide else []), ComputeChecksums]
    expected = copy.deepcopy(source)
    for step in steps:
        expected, _ = step(config=config).preprocess(expected, {})
    ours = student_version(source) if hide else autograder_version(source)
    assert [cell.source for cell in ours.cells] == [cell.source for cell in expected.cells]
    for cell, other in zip(ours.cells, expected.cells, strict=True):
        for key in ("nbgrader", "deletable", "editable"):
            assert cell.metadata.get(key) == other.metadata.get(key)
    nbformat.validate(ours)


@every_assignment
def test_the_source_stays_as_it_is(name: str) -> None:
    source = graded.read_assignment(name)
    before = copy.deepcopy(source)
    for version in (student_version, autograder_version, instructor_version, site_page, questions):
        version(source)
    assert source == before


@every_assignment
def test_the_students_copy_runs_on_after_a_failed_check(name: str) -> None:
    for cell in student_version(graded.read_assignment(name)).cells:
        assert ("raises-exception" in cell.metadata.get("tags", [])) == graded.is_check(cell)
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@every_assignment
def test_the_instructors_copy_is_a_plain_notebook_with_all_solutions(name: str) -> None:
    source = graded.read_assignment(name)
    copy_ = instructor_version(source)
    text = "\n".join(cell.source for cell in copy_.cells)
    assert all("nbgrader" not in cell.metadata for cell in copy_.cells)
    assert secret_lines(source) - {BEGIN, END, HIDE, SHOW} <= {
        line.strip().removeprefix("**What earns the points.** ") for line in text.splitlines()
    }
    assert "### " not in text
    assert text.count("# Hidden from the students:") == sum(HIDE in cell.source for cell in source.cells)


@every_assignment
def test_the_page_shows_every_question(name: str) -> None:
    source = graded.read_assignment(name)
    page = site_page(source)
    for question in questions(source):
        assert f"{question.title} ({question.points:g} points)" in page
    assert page.count(":::{dropdown}") == sum(map(graded.is_check, source.cells))
    assert page.count("graded by hand") == sum(question.by_hand for question in questions(source))
    assert "%pip" not in page


def cell(source: str, kind: str = "answer") -> NotebookNode:
    meta = {
        "grade_id": "q1",
        "solution": kind == "answer",
        "grade": kind == "check",
        "locked": False,
        "points": 2,
    }
    metadata = {"nbgrader": meta} if kind != "plain" else {}
    return nbformat.v4.new_code_cell(source, metadata=metadata, id="q1")


def notebook_of(*cells: NotebookNode) -> NotebookNode:
    return nbformat.v4.new_notebook(cells=list(cells))


@pytest.mark.parametrize(
    ("source", "kind", "line", "said"),
    [
        (f"### BEGIN SOLUTON\nx = 1\n{END}", "answer", 1, "write '### BEGIN SOLUTION'"),
        (f"x = None\n{BEGIN}\nx = 1\n### END SOLUTIONS", "answer", 4, "write '### END SOLUTION'"),
        (f"### begin solution\nx = 1\n{END}", "answer", 1, "looks like a mark"),
        (f"#BEGIN SOLUTION\nx = 1\n{END}", "answer", 1, "looks like a mark"),
        (f"## BEGIN SOLUTION\nx = 1\n{END}", "answer", 1, "looks like a mark"),
        (f"{BEGIN} # here\nx = 1\n{END}", "answer", 1, "looks like a mark"),
        (f"### BEGIN-SOLUTION\nx = 1\n{END}", "answer", 1, "looks like a mark"),
        (f"### BEGIN  SOLUTION\nx = 1\n{END}", "answer", 1, "looks like a mark"),
        (f"x = None  ### BEGIN SOLUTON\nx = 1\n{END}", "answer", 1, "looks like a mark"),
        (f"BEGIN SOLUTION\nx = 1\n{END}", "answer", 1, "looks like a mark"),
        (f"### BEGIN SOLUCION\nx = 1\n{END}", "answer", 1, "looks like a mark"),
        (f"### BEGIN HIDEN TESTS\nassert x\n{SHOW}", "check", 1, "write '### BEGIN HIDDEN TESTS'"),
        (f"{HIDE}\nassert x\n### END HIDDEN TEST", "check", 3, "write '### END HIDDEN TESTS'"),
        (f"x\n{BEGIN}\nx = 1", "answer", None, "never ends; write '### END SOLUTION'"),
        (f"{HIDE}\nassert x", "check", None, "never ends"),
        (f"x = 1\n{END}\n{BEGIN}\n{END}", "answer", 2, "ends what has not begun"),
        (f"{BEGIN}\n{BEGIN}\nx = 1\n{END}", "answer", 2, "before the end"),
        (f"{BEGIN}\nx = 1\n{END}", "plain", 1, "in a cell that is no answer"),
        (f"{BEGIN}\nx = 1\n{END}", "check", 1, "in a cell that is no answer"),
        (f"{HIDE}\nassert x\n{SHOW}", "answer", 1, "in a cell that is no check"),
        (f"{HIDE}\nassert x\n{SHOW}", "plain", 1, "in a cell that is no check"),
        ("x = 1", "answer", None, "an answer cell without a solution"),
    ],
)
def test_a_wrong_mark_is_refused(source: str, kind: str, line: int | None, said: str) -> None:
    first = nbformat.v4.new_markdown_cell("# A title")
    for version in (check_marks, student_version, autograder_version, instructor_version, site_page):
        with pytest.raises(MarkError) as caught:
            version(notebook_of(first, cell(source, kind)))
        message = str(caught.value)
        assert message.startswith("check_marks: cell 2 (q1)")
        assert said in message
        assert line is None or f", line {line}: " in message


@pytest.mark.parametrize(
    "source",
    [
        "# begin with the solution of question 1, and end with a test",
        "begin, end = 0, 1",
        "# The hidden layer\nhidden_tests = 3",
        "solution = begin",
        "### A heading",
    ],
)
def test_ordinary_lines_are_no_marks(source: str) -> None:
    check_marks(notebook_of(cell(source, "plain")))


def test_an_id_that_is_used_twice_is_refused() -> None:
    first, second = cell("assert x", "check"), cell("assert y", "check")
    second["id"] = "other"
    with pytest.raises(MarkError, match=r"cell 2 .* the grade_id 'q1' is taken"):
        check_marks(notebook_of(first, second))


def test_a_stub_keeps_the_indentation_and_both_parts_around_it() -> None:
    source = f"def f(x):\n    '''Doc.'''\n    {BEGIN}\n    y = x\n    {END}\n    return y"
    stub = student_version(notebook_of(cell(source))).cells[0].source
    assert stub == f"def f(x):\n    '''Doc.'''\n    {release.CODE_STUB}\n    return y"


def test_questions_know_who_grades_them() -> None:
    found = questions(graded.read_assignment("sigmoid"))
    assert found[0] == Question("sigmoid-value-checks", "The function", 3.0, False)
    assert [question.by_hand for question in found] == [False] * 6 + [True]
    task = nbformat.v4.new_markdown_cell(
        "Do it.", metadata={"nbgrader": {"task": True, "grade_id": "q", "points": 2}}
    )
    assert questions(nbformat.v4.new_notebook(cells=[task])) == [Question("q", "", 2.0, True)]
