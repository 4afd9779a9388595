"""The assignments: their form, and what becomes of a student's copy, empty and filled."""

from __future__ import annotations

import ast
import copy
import json
import os
import re
import subprocess
import sys
import warnings
from importlib import metadata
from pathlib import Path

import graded
import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from packaging.requirements import Requirement

from activations.grading.checks import check_function, check_hints, check_own, check_value
from activations.grading.release import questions, student_version

sys.path.insert(0, str(graded.ROOT / "tools"))

import launch_cell
import normalize_notebooks

every_assignment = pytest.mark.parametrize("name", graded.NAMES)
TOLD_BY_A_NUMBER = [
    ("linear", "linear-xor", "line_answers = np.full(4, {})"),
    ("linear", "linear-reading", "n_units = {}"),
    ("sigmoid", "sigmoid-reading", "x_fifth = {}"),
    ("tanh", "tanh-reading", "x_half = {}"),
    ("relu", "relu-reading", "powers = {}"),
    ("softmax", "softmax-reading", "temperature = {}"),
    ("project", "project-reading", "steps_needed = {}"),
]
ANSWER_LINES, SHOWN_LINES = 26, 60
RUN_ALL = """
import importlib.abc, json, runpy, sys

blocked, scripts = json.load(open(sys.argv[1]))


class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(f"{name} is none of the course's requirements")


sys.meta_path.insert(0, Refuse())
for script in scripts:
    runpy.run_path(script, run_name="__main__")
print("passed", len(scripts), "nbgrader" in sys.modules)
"""


def test_there_is_one_for_each_main_chapter_and_a_project() -> None:
    assert {path.name for path in graded.ASSIGNMENTS.iterdir()} == set(graded.NAMES)


@every_assignment
def test_it_states_questions_points_and_time(name: str) -> None:
    notebook = graded.read_assignment(name)
    found = questions(notebook)
    assert 5 <= len(found) <= 8
    assert sum(question.by_hand for question in found) == 1
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    titles = re.findall(r"^## (\d) · (.+) \((\d+) points\)$", text, re.MULTILINE)
    assert titles == [(str(n), q.title, f"{q.points:g}") for n, q in enumerate(found, start=1)]
    stated = re.search(r"^Time \d+ (?:minutes|hours) · (\d+) points · you need", text, re.MULTILINE)
    assert stated
    assert int(stated[1]) == sum(question.points for question in found)


@every_assignment
def test_its_cells_are_marked_as_nbgrader_wants_them(name: str) -> None:
    keys = {"grade", "grade_id", "locked", "points", "schema_version", "solution", "task"}
    for cell in graded.read_assignment(name).cells:
        if cell.id == launch_cell.CELL_ID:
            continue
        meta = cell.metadata.nbgrader
        assert set(meta) == (keys if meta.grade else keys - {"points"})
        assert (meta.schema_version, meta.task, meta.grade_id) == (3, False, cell.id)
        assert meta.locked != meta.solution


@every_assignment
def test_it_is_stored_in_normal_form_from_a_clean_run(name: str) -> None:
    notebook = graded.read_assignment(name)
    path = graded.ASSIGNMENTS / name / f"{name}.ipynb"
    again = launch_cell.put_cell(normalize_notebooks.normalize(graded.read_assignment(name)))
    assert normalize_notebooks.to_text(again) == path.read_text(encoding="utf-8")
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert not [o for cell in notebook.cells for o in cell.get("outputs", []) if o.get("name") == "stderr"]


@every_assignment
def test_its_cells_are_short_and_its_figures_speak(name: str) -> None:
    for cell in graded.read_assignment(name).cells:
        if cell.cell_type == "code":
            lines = [line for line in cell.source.splitlines() if line.strip()]
            shown = [line for line in "\n".join(lines).split("### BEGIN HIDDEN")[0].splitlines() if line]
            assert len(lines if graded.is_answer(cell) else shown) <= (
                ANSWER_LINES if graded.is_answer(cell) else SHOWN_LINES
            )
            calls = [] if "%pip" in cell.source else list(ast.walk(ast.parse(cell.source)))
            shows = [c for c in calls if isinstance(c, ast.Call) and getattr(c.func, "id", "") == "show"]
            assert all("alt" in {keyword.arg for keyword in call.keywords} for call in shows)


@every_assignment
def test_an_empty_copy_fails_at_exactly_the_checks(name: str) -> None:
    failed, names = set(), {"__name__": "__main__"}
    cells = student_version(graded.read_assignment(name)).cells
    for cell in cells:
        if cell.cell_type != "code" or "%pip" in cell.source or "show(" in cell.source:
            continue
        try:
            with warnings.catch_warnings(action="ignore"):
                exec(cell.source, names)
        except Exception:
            failed.add(graded.grade_id(cell))
    assert failed == {graded.grade_id(cell) for cell in cells if graded.is_check(cell)}


def test_run_all_runs_all_of_an_empty_copy_and_says_what_to_do(tmp_path: Path) -> None:
    notebook = student_version(graded.read_assignment("sigmoid"))
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    errors = {
        graded.grade_id(cell): output.evalue
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    }
    assert set(errors) == {graded.grade_id(cell) for cell in notebook.cells if graded.is_check(cell)}
    assert all("answer first" in said for said in errors.values())


@every_assignment
def test_every_check_has_a_part_that_students_do_not_see(name: str) -> None:
    checks = [cell for cell in graded.read_assignment(name).cells if graded.is_check(cell)]
    assert all("### BEGIN HIDDEN TESTS" in cell.source for cell in checks)


def as_students_see_them(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook with its solutions, and of each check only what students see."""
    result = copy.deepcopy(notebook)
    for cell, seen in zip(result.cells, student_version(notebook).cells, strict=True):
        if graded.is_check(cell):
            cell.source = seen.source
    return result


def judge(notebook: NotebookNode, question: str, codes: list[str]) -> list[str]:
    """Return what the question's check says of each answer; it says nothing of one that passes."""
    answers = [graded.Answer(question, code, "", code) for code in codes]
    outcomes = graded.Grader(notebook).answers(answers)
    return [failures.get(answer.check, "") for answer, failures in outcomes]


@pytest.mark.parametrize(
    ("name", "question", "answer"), TOLD_BY_A_NUMBER, ids=lambda text: text.split(" ")[0]
)
def test_a_check_does_not_tell_a_number_that_is_all(name: str, question: str, answer: str) -> None:
    source = graded.read_assignment(name)
    seen = as_students_see_them(source)
    far_off = answer.format(1234.5)
    assert judge(seen, question, [far_off]) == [""]
    (said,) = judge(source, question, [far_off])
    assert "which is not it yet: " in said
    assert "right is" not in said
    (check,) = [cell.source for cell in seen.cells if graded.grade_id(cell) == f"{question}-checks"]
    nodes = [node.value for node in ast.walk(ast.parse(check)) if isinstance(node, ast.Constant)]
    numbers = [value for value in nodes if isinstance(value, int | float)]
    tries = [answer.format(sign * value) for value in numbers for sign in (1, -1)]
    assert len(tries) >= 4
    assert all(judge(source, question, tries)), "a number of the visible check is right"


def requirements_of(name: str) -> set[str]:
    """Return the distributions that pip installs for ``name`` without extras, itself included."""
    found, todo = set(), [name]
    while todo:
        distribution = todo.pop().lower().replace("_", "-")
        if distribution not in found:
            found.add(distribution)
            for text in metadata.requires(distribution) or []:
                requirement = Requirement(text)
                if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                    todo.append(requirement.name)
    return found


def test_filled_copies_pass_anywhere_with_only_the_courses_requirements(tmp_path: Path) -> None:
    wanted = requirements_of("activations")
    assert "nbgrader" not in wanted
    blocked = sorted(
        module
        for module, owners in metadata.packages_distributions().items()
        if not {owner.lower().replace("_", "-") for owner in owners} & wanted
    )
    assert {"nbgrader", "nbformat", "scipy", "pytest"} <= set(blocked)
    scripts = []
    for name in graded.NAMES:
        source = graded.read_assignment(name)
        solved = {graded.grade_id(cell): cell.source for cell in source.cells if graded.is_answer(cell)}
        cells = student_version(source).cells
        code = [solved.get(graded.grade_id(c), c.source) for c in cells if c.cell_type == "code"]
        script = tmp_path / f"{name}.py"
        script.write_text("\n\n".join(text for text in code if "%pip" not in text), encoding="utf-8")
        scripts.append(str(script))
    (tmp_path / "plan.json").write_text(json.dumps([blocked, scripts]), encoding="utf-8")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    command = [sys.executable, "-c", RUN_ALL, str(tmp_path / "plan.json")]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    run = subprocess.run(command, cwd=elsewhere, env=environment, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == f"passed {len(graded.NAMES)} False"


def says(check: object, *arguments: object, **options: object) -> str:
    with pytest.raises(AssertionError) as caught:
        check(*arguments, **options)
    return str(caught.value)


def test_a_check_of_a_value_names_what_is_wrong() -> None:
    check_value([1, 2], [1.0, 2.0])
    check_value(np.nan, np.nan)
    assert "is None" in says(check_value, None, 1.0)
    assert "is None" in says(check_value, ..., 1.0)
    assert "type str" in says(check_value, "one", 1.0)
    assert "type list" in says(check_value, [[1], [1, 2]], 1.0)
    assert "shape (2,), asked is ()" in says(check_value, [1, 2], 1.0)
    assert "nan" in says(check_value, np.nan, 1.0)
    assert says(check_value, 2.0, 1.0, name="y") == "y is 2., right is 1."
    assert "…]" in says(check_value, np.arange(20), np.zeros(20))
    assert says(check_value, 2.0, 1.0, hints={"half": 2.0, "twice": 0.5}) == "half"


def test_a_check_of_a_value_can_leave_unsaid_what_is_right() -> None:
    said = says(check_value, 2.0, 1.0, name="y", otherwise="look at the dashed line")
    assert said == "y is 2., which is not it yet: look at the dashed line"
    check_value(1.0, 1.0, otherwise="look again")


def test_a_check_of_hints_knows_them_alone() -> None:
    check_hints(7.0, {"half": 2.0})
    assert says(check_hints, 2.0, {"half": 2.0}) == "half"
    assert "is None" in says(check_hints, ..., {"half": 2.0})
    assert says(check_hints, "two", {"half": 2.0}, name="y").startswith("y is of type str")


def test_a_hint_does_not_speak_up_against_a_right_answer() -> None:
    check_value(1.0, 1.0, hints={"wrong": 1.0})


def test_a_check_of_a_function_minds_its_manners() -> None:
    x = np.array([1.0, 2.0])
    check_function(np.square, lambda t: t * t, x)
    assert "changed its input" in says(check_function, lambda t: np.negative(t, out=t), np.negative, x)
    assert x.tolist() == [1.0, 2.0]
    assert "overflow" in says(check_function, np.exp, np.exp, np.array([1000.0]))
    assert "not floats" in says(check_function, lambda t: t > 1, lambda t: (t > 1) * 1.0, x)
    assert says(check_function, lambda t: t, np.square, x, hints={"square it": lambda t: t}) == "square it"
    assert says(check_function, lambda a, n: a, lambda a, n: a + n, x, 1).startswith("the result is")


def test_a_check_of_a_function_notices_fractions_that_were_cut_off() -> None:
    whole = np.array([1, 2, 3])
    assert "fractions are cut off" in says(check_function, lambda t: t // 2, lambda t: t / 2, whole)
    assert "right is" in says(check_function, lambda t: t + 5, lambda t: t / 2, whole)


def test_a_check_of_a_function_explains_the_errors_that_it_knows() -> None:
    x = np.array([1.0, 2.0])
    errors = {"a vector has one axis": np.exceptions.AxisError}
    assert says(check_function, lambda t: t.sum(axis=1), np.sum, x, errors=errors) == "a vector has one axis"
    with pytest.raises(IndexError, match="out of bounds"):
        check_function(lambda t: t[5], np.sum, x, errors=errors)


def test_a_check_of_origin_reads_the_names() -> None:
    check_own(lambda t: np.exp(t), "sigmoid")
    assert "uses exp" in says(check_own, lambda t: np.exp(t), "sigmoid", "exp")
    assert "write it yourself" in says(check_own, np.tanh, "tanh")
