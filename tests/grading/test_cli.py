"""The command, as an instructor uses it."""

from __future__ import annotations

import dataclasses
import runpy
import subprocess
import sys
from pathlib import Path

import classroom
import click
import nbformat
import pytest
from classroom import NAME
from click.testing import CliRunner, Result

from activations.grading import cli
from activations.grading.course import HELD_BACK, Course
from activations.grading.engines import ENGINES
from activations.grading.export import FORMATS
from activations.grading.results import STATUSES
from activations.grading.results import Result as Graded

QUICK = ["--cell-seconds", "1.5", "--memory-mb", "1500", "--engine", "serial"]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = classroom.make_course(tmp_path)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "ada.ipynb").write_bytes(classroom.as_bytes(classroom.answered()))
    (inbox / "bob.ipynb").write_bytes(b"{")
    return course


def run(course: Course, *words: str, code: int = 0) -> str:
    before = ["--course", str(course.root), "--database", course.database]
    result: Result = CliRunner().invoke(cli.main, [*before, *words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result.output


def test_help_names_every_command_engine_format_and_status() -> None:
    text = CliRunner().invoke(cli.main, ["--help"]).output
    assert isinstance(cli.main, click.Group)
    assert set(cli.main.commands) == {"release", "collect", "grade", "feedback", "export", "report"}
    for name, command in cli.main.commands.items():
        assert f"activations-grade {name}" in text
        own = CliRunner().invoke(cli.main, [name, "--help"]).output
        assert "--dry-run" in own
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{name} {parameter.name}"
    grade = CliRunner().invoke(cli.main, ["grade", "--help"]).output
    assert all(name in grade for name in [*ENGINES, *STATUSES])
    export = CliRunner().invoke(cli.main, ["export", "--help"]).output
    assert all(name in export for name in FORMATS)
    assert "rather than `nbgrader export`, which writes 0.0 where there is no score" in " ".join(
        export.split()
    )


def test_the_whole_round(course: Course) -> None:
    assert "Wrote release/small/small.ipynb." in run(course, "release", NAME)
    released = nbformat.read(course.released(NAME), as_version=4)
    assert "HIDDEN" not in nbformat.writes(released)
    assert (course.root / "solutions" / "small.ipynb").exists()
    assert (course.root / "nbgrader_config.py").exists()
    assert "Took 2 new and 0 changed submissions" in run(course, "collect", NAME, str(course.root / "inbox"))
    said = run(course, "grade", NAME, *QUICK)
    assert "Graded 2 submissions now. Of 2: 1 graded, 1 unreadable." in said
    assert "bob: unreadable (no score): the file is no notebook" in said
    assert "Wrote 2 of 2 pages in feedback/; the others are as before." in run(course, "feedback", NAME)
    assert "7 of 10 points" in course.feedback("ada", NAME).read_text()
    assert "with 2 students" in run(course, "export", NAME)
    assert (course.root / "exports" / "small-csv.csv").read_text().startswith("student,")
    assert run(course, "export", NAME, "--format", "moodle", "--output", "-").startswith("Identifier,")
    assert "about 2 students" in run(course, "report", NAME)
    assert "Histogram" in (course.root / "reports" / "small.html").read_text()


def test_every_command_can_be_run_again(course: Course) -> None:
    run(course, "release", NAME)
    run(course, "collect", NAME, str(course.root / "inbox"))
    run(course, "grade", NAME, *QUICK)
    run(course, "feedback", NAME)
    before = {
        path: path.stat().st_mtime_ns
        for path in course.root.rglob("*")
        if path.name.endswith(("ipynb", "html", "json"))
    }
    assert run(course, "release", NAME).count("Unchanged") == 2
    assert "2 are as before" in run(course, "collect", NAME, str(course.root / "inbox"))
    assert "Graded 0 submissions now." in run(course, "grade", NAME, *QUICK)
    assert "Wrote 0 of 2 pages" in run(course, "feedback", NAME)
    after = {path: path.stat().st_mtime_ns for path in before}
    assert {path for path in before if before[path] != after[path]} == {
        course.root / "collected" / "small.json"
    }
    assert run(course, "release", NAME, "--force").count("Wrote") == 2
    assert "Wrote 2 of 2 pages" in run(course, "feedback", NAME, "--force")
    assert "Graded 1 submissions now." in run(
        course, "grade", NAME, *QUICK, "--force", "--student", "ada", "--fresh"
    )


def test_a_configuration_of_ones_own_is_kept_and_a_danger_in_it_said(course: Course) -> None:
    path = course.root / "nbgrader_config.py"
    path.write_text("mine")
    assert "lets formgrader's button Autograde run students' code with your rights" in run(
        course, "release", NAME
    )
    path.write_text(f"mine\n{HELD_BACK}\n")
    assert "nbgrader_config" not in run(course, "release", NAME)
    assert path.read_text() == f"mine\n{HELD_BACK}\n"


def test_a_dry_run_writes_nothing(course: Course) -> None:
    run(course, "release", NAME)
    run(course, "collect", NAME, str(course.root / "inbox"))
    before = sorted(course.root.rglob("*"))
    assert "Would grade 2 submissions; 0 results stand.\n  ada\n  bob" in run(
        course, "grade", NAME, "--dry-run"
    )
    assert "Unchanged" in run(course, "release", NAME, "--dry-run")
    assert "Would write" in run(course, "release", NAME, "--dry-run", "--force")
    assert "Would take 0 new" in run(course, "collect", NAME, str(course.root / "inbox"), "--dry-run")
    assert "Would write 0 of 0 pages" in run(course, "feedback", NAME, "--dry-run")
    assert "Would write" in run(course, "export", NAME, "--dry-run")
    assert "Would write" in run(course, "report", NAME, "--dry-run")
    assert sorted(course.root.rglob("*")) == before


def test_a_dry_run_makes_no_gradebook(course: Course) -> None:
    run(course, "collect", NAME, str(course.root / "inbox"))
    assert "Would grade 2 submissions" in run(course, "grade", NAME, "--dry-run")
    for command in ("release", "feedback", "export", "report"):
        run(course, command, NAME, "--dry-run")
    assert not (course.root / "gradebook.db").exists()
    assert not (course.root / "release").exists()


def test_problems_are_named_when_collecting(course: Course) -> None:
    (course.root / "inbox" / "cleo.py").write_text("x")
    said = run(course, "collect", NAME, str(course.root / "inbox"))
    assert "1 have a problem.\n  cleo: missing: no notebook was handed in, only cleo.py" in said


def test_a_folder_that_is_passed_over_is_named(course: Course) -> None:
    for name in ("ada", "bob"):
        folder = course.root / "inbox" / "Tanh 2026" / name
        folder.mkdir(parents=True)
        (course.root / "inbox" / f"{name}.ipynb").rename(folder / "small.ipynb")
    said = run(course, "collect", NAME, str(course.root / "inbox"))
    assert said.startswith("Took 2 new")
    assert "all of them are in the folder Tanh 2026/, which is taken for no student's" in said


@pytest.mark.parametrize("command", ["release", "grade", "feedback", "export", "report"])
def test_mistakes_get_a_remedy_and_no_traceback(course: Course, command: str) -> None:
    result = CliRunner().invoke(cli.main, ["--course", str(course.root), command, "smal"])
    assert result.exit_code == 2
    assert "activations-grade: source: unknown assignment 'smal'; did you mean 'small'?" in result.output


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://grader@localhost:1/grades", "Connection refused"),
        ("sqlite:////nowhere/gradebook.db", "unable to open database file"),
        ("nonsense://here", "sqlalchemy.dialects:nonsense"),
        ("nonsense", "Could not parse"),
    ],
)
def test_a_gradebook_that_cannot_be_reached_gets_a_remedy_and_no_traceback(
    course: Course, address: str, said: str
) -> None:
    text = run(dataclasses.replace(course, database=address), "grade", NAME, code=2)
    assert text.splitlines()[-1].startswith("activations-grade: the gradebook cannot be used: ")
    assert said in text
    assert "--database" in text


@pytest.mark.parametrize("name", ["roster.csv", "canvas.csv"])
def test_a_table_in_an_old_encoding_gets_a_remedy_and_no_traceback(course: Course, name: str) -> None:
    path = course.root / name
    path.write_bytes("student\nJosé\n".encode("latin-1"))
    words = ["grade"] if name == "roster.csv" else ["export", "--format", "canvas", "--template", str(path)]
    assert f"{name} is not in UTF-8; save it as “CSV UTF-8”" in run(
        course, words[0], NAME, *words[1:], code=2
    )


def test_a_template_is_filled_in(course: Course) -> None:
    run(course, "collect", NAME, str(course.root / "inbox"))
    run(course, "grade", NAME, *QUICK)
    template = course.root / "canvas.csv"
    template.write_text("Student,ID,small (1)\nAda,1,\n", encoding="utf-8")
    said = run(course, "export", NAME, "--format", "canvas", "--template", str(template), "--output", "-")
    assert said.startswith("Student,ID,small (1)\nAda,1,\n  no row for ada, bob: no file of theirs has told")
    said = run(course, "export", NAME, "--format", "canvas", "--dry-run")
    assert "small-canvas.csv with 0 students.\n  no row for ada, bob" in said


def test_faults_of_the_grader_show_in_the_exit_code(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    result = Graded("ada", NAME, "failed", ("no sandbox",))
    monkeypatch.setattr(cli, "grade_assignment", lambda *_, **__: [result])
    assert "ada: failed (no score): no sandbox" in run(course, "grade", NAME, code=1)
    monkeypatch.setattr(cli, "grade_assignment", lambda *_, **__: [])
    assert "Of 0: nobody has handed in." in run(course, "grade", NAME)


def test_the_command_is_installed() -> None:
    program = Path(sys.executable).parent / "activations-grade"
    said = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
    assert "activations" in said


def test_the_module_runs_as_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["activations-grade", "--version"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("activations.grading", run_name="__main__")
    assert ended.value.code == 0
    assert "activations-grade" in capsys.readouterr().out
