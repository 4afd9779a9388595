"""The instructor's notebook is the frame; the student's gives the answers and what was added."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import classroom
import nbformat
import pytest
from nbformat import NotebookNode

from activations.grading.merge import Merged, merge
from activations.grading.reading import NotGradableError, parse_notebook


def merged(notebook: NotebookNode) -> Merged:
    return merge(classroom.small_assignment(), parse_notebook(classroom.as_bytes(notebook)))


def sources(result: Merged) -> dict[str, str]:
    return {cell.id: cell.source for cell in result.notebook.cells}


def roles(result: Merged) -> list[str]:
    return [cell.metadata.role for cell in result.notebook.cells]


def test_answers_come_from_the_student_and_the_rest_from_the_source() -> None:
    result = merged(classroom.answered(double="x = 1"))
    assert sources(result)["double"] == "x = 1"
    assert sources(result)["double-checks"] == classroom.DOUBLE_CHECKS
    assert roles(result) == ["given", "given", *["given", "answer", "check"] * 2, "given", "answer"]
    assert (result.notes, result.flags, result.unanswered) == ((), (), ())


def test_untouched_answers_are_told() -> None:
    from activations.grading.release import student_version

    assert merged(student_version(classroom.small_assignment())).unanswered == ("double", "square", "words")


def test_added_cells_follow_the_cell_that_they_followed() -> None:
    result = merged(classroom.with_cells("a = 1", "b = 2", after="setup"))
    assert roles(result)[:5] == ["given", "given", "added", "added", "given"]
    first = classroom.with_cells("a = 1")
    first.cells.insert(0, nbformat.v4.new_markdown_cell("My name"))
    assert merged(first).notebook.cells[0].source == "My name"
    assert len({cell.id for cell in merged(first).notebook.cells}) == len(merged(first).notebook.cells)


def test_what_was_written_into_a_given_text_is_kept_below_it() -> None:
    notebook = classroom.answered()
    notebook.cells[8].source += "\nIt squares."
    result = merged(notebook)
    assert roles(result)[8:] == ["given", "added", "answer"]
    assert result.notebook.cells[9].source.endswith("It squares.")
    notebook.cells[8].source = ""
    assert "added" not in roles(merged(notebook))


def test_the_source_is_left_as_it_was_and_the_result_is_the_same_twice() -> None:
    source = classroom.small_assignment()
    before = nbformat.writes(source)
    notebook = classroom.with_cells("a = 1")
    first, second = merged(notebook), merged(notebook)
    merge(source, parse_notebook(classroom.as_bytes(notebook)))
    assert nbformat.writes(source) == before
    assert first.notebook == second.notebook


def test_order_is_that_of_the_assignment() -> None:
    notebook = classroom.answered()
    notebook.cells.reverse()
    assert [cell.id for cell in merged(notebook).notebook.cells] == [
        cell.id for cell in classroom.small_assignment().cells
    ]


def test_solutions_handed_in_are_no_edited_checks() -> None:
    assert merged(classroom.small_assignment()).notes == ()


def test_cells_are_recognised_by_id_when_only_marks_are_lost() -> None:
    notebook = classroom.answered(words="", double="# I do not define it", square="squares = 3")
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})
    result = merged(notebook)
    assert sources(result)["double"] == "# I do not define it"
    assert "recognised by their text: double, square" in result.flags[0]
    assert result.flags[1] == "answer cells were deleted: words"


def test_cells_are_recognised_by_what_they_define() -> None:
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("def double(x): in words"),
            nbformat.v4.new_code_cell(classroom.RIGHT),
            nbformat.v4.new_code_cell("y = (\ndef square(x): broken"),
        ]
    )
    result = merged(notebook)
    assert sources(result)["double"] == classroom.RIGHT
    assert "def square" in sources(result)["square"]
    assert "deleted checks were put back: double-checks, square-checks" in result.notes


def test_a_cell_that_answers_two_questions_is_the_first_ones_answer() -> None:
    # Sets of texts have another order in each process: one alone may be lucky.
    code = (
        "import nbformat, test_merge\n"
        "cell = nbformat.v4.new_code_cell('def square(x): return x * x\\ndef double(x): return 2 * x')\n"
        "result = test_merge.merged(nbformat.v4.new_notebook(cells=[cell]))\n"
        "print([name for name, source in test_merge.sources(result).items() if source == cell.source])"
    )
    for seed in "01":
        environment = os.environ | {"PYTHONHASHSEED": seed}
        here = Path(__file__).parent
        done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=here, capture_output=True)
        assert done.stdout.decode().strip() == "['double']"


def test_of_copied_answers_the_last_definition_counts() -> None:
    notebook = classroom.answered()
    twin = nbformat.from_dict(dict(notebook.cells[3]))
    twin["id"], twin["source"] = "twin", "def double(x):\n    return 0"
    notebook.cells.insert(4, twin)
    result = merged(notebook)
    assert result.notes == ("copies of cells were treated as added cells: double",)
    assert roles(result)[3:6] == ["answer", "added", "check"]


def test_task_cells_are_answers() -> None:
    source = classroom.small_assignment()
    source.cells[-1].metadata.nbgrader |= {"task": True, "solution": False, "grade": False}
    result = merge(source, parse_notebook(classroom.as_bytes(classroom.answered())))
    assert result.notebook.cells[-1].metadata.role == "answer"


def test_a_launch_cell_without_marks_is_not_run_twice() -> None:
    source = classroom.small_assignment()
    source.cells.insert(1, nbformat.v4.new_code_cell("import activations", id="launch"))
    notebook = classroom.answered()
    notebook.cells.insert(1, nbformat.v4.new_code_cell("import activations", id="launch"))
    result = merge(source, parse_notebook(classroom.as_bytes(notebook)))
    assert [cell.source for cell in result.notebook.cells].count("import activations") == 1


def test_another_notebook_is_refused() -> None:
    with pytest.raises(NotGradableError, match="none of the answer cells") as caught:
        merged(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]))
    assert caught.value.status == "wrong notebook"
