"""The round of the teaching guide, command by command: what the guide prints is what the commands say."""

from __future__ import annotations

import re
import shlex
import zipfile
from pathlib import Path

import classroom
import graded
import nbformat
import pytest
from click.testing import CliRunner

from activations.grading import cli
from activations.grading.course import Course
from activations.grading.release import student_version

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "chapters" / "teaching.md").read_text(encoding="utf-8")
EXPORTED = "Student,ID,tanh (77)\n    Points Possible,,22\nAda,101,\nGeorge,102,\nGrace,103,\nAlan,104,\n"


def filled(**answers: str) -> str:
    """Return the students' copy of `tanh`, solved but for some answers."""
    source = graded.read_assignment("tanh")
    copy = student_version(source)
    for cell, solved in zip(copy.cells, source.cells, strict=True):
        if graded.is_answer(cell):
            cell.source = answers.get(graded.grade_id(cell).replace("-", "_"), solved.source)
    return str(nbformat.writes(copy))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "assignments").symlink_to(ROOT / "assignments")
    with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as archive:
        archive.writestr("lovelaceada_101_9001_tanh.ipynb", filled())
        wrong = "def my_slope(x):\n    return 1 - np.tanh(x)\n"
        archive.writestr("boolegeorge_LATE_102_9002_tanh-1.ipynb", filled(tanh_slope=wrong))
        archive.writestr("hoppergrace_103_9003_tanh.ipynb", filled(tanh_spread="while True:\n    pass"))
        archive.writestr("turingalan_104_9004_tanh.ipynb", filled()[:15].replace("\n", " "))
    (tmp_path / "grades.csv").write_text(EXPORTED, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rounds() -> list[list[tuple[str, str]]]:
    """Return the guide's blocks of commands, each with what it prints below it."""
    blocks = re.findall(r"```console\n\$ (activations-grade .*?)```", GUIDE, re.DOTALL)
    return [[tuple(part.split("\n", 1)) for part in block.split("\n$ ")] for block in blocks]  # type: ignore[misc]


def follow(commands: list[tuple[str, str]]) -> None:
    """Type commands of the guide; they say what it prints."""
    for command, printed in commands:
        program, *words = shlex.split(command)
        if program == "cat":
            said = Path(*words).read_text(encoding="utf-8")
        else:
            assert program == "activations-grade"
            said = CliRunner().invoke(cli.main, words).output
        assert said.strip() == printed.strip(), command


def test_the_walk_of_the_guide_says_what_happens(folder: Path) -> None:
    at_first, after_grading_by_hand = rounds()
    follow(at_first)
    page = (folder / "feedback" / "boolegeorge-102" / "tanh" / "tanh.html").read_text(encoding="utf-8")
    assert "did you forget the square?" in page
    # All four have a written answer that waits for a person, or nothing to grade: no mark is final.
    assert (folder / "import.csv").read_text(encoding="utf-8") == EXPORTED
    course, comment = Course(folder), "Say it in your own words."
    classroom.grade_by_hand(course.url, {"tanh-words": 3.0}, "lovelaceada-101", "tanh", comment=comment)
    follow(after_grading_by_hand)
    assert (folder / "import.csv").read_text(encoding="utf-8") == EXPORTED.replace("Ada,101,", "Ada,101,21")
    assert comment in course.feedback("lovelaceada-101", "tanh").read_text(encoding="utf-8")


def test_the_guide_names_commands_and_options_that_exist() -> None:
    for name, rest in re.findall(r"activations-grade (\w+)([^\n`]*)", GUIDE):
        options = {text for parameter in cli.main.commands[name].params for text in parameter.opts}  # type: ignore[attr-defined]
        assert set(re.findall(r"--[\w-]+", rest)) <= options
