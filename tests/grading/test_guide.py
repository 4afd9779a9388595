"""The teaching guide says what is: times, points, plans that add up, quizzes and commands that exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import nbformat
import pytest

from activations.grading.release import student_version

ROOT = Path(__file__).parents[2]
CHAPTERS = ROOT / "chapters"
GUIDE = (CHAPTERS / "teaching.md").read_text(encoding="utf-8")
NAMES = {path.name[:2].lstrip("0"): path.stem for path in CHAPTERS.glob("0*.ipynb")}
MAIN = {number for number in NAMES if (CHAPTERS / "quizzes" / f"{NAMES[number]}.toml").exists()}
LABORATORY = {"7", "8", "9"}
HOURS = re.compile(r"(\d+) (minutes|hours)")


def section(title: str) -> str:
    """Return the text under a heading, up to the next one of the same level or above."""
    level, rest = re.split(rf"^(#+) {re.escape(title)}\n", GUIDE, maxsplit=1, flags=re.MULTILINE)[1:]
    return re.split(rf"^#{{1,{len(level)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def rows(title: str) -> list[list[str]]:
    """Return the cells of the first table under a heading, without its two header lines."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def first_cell(path: Path) -> str:
    return str(nbformat.read(path, as_version=4).cells[0].source)


def minutes(text: str) -> int:
    found = HOURS.search(text)
    assert found, text
    return int(found[1]) * (60 if found[2] == "hours" else 1)


@pytest.mark.parametrize("row", rows("Time"), ids=lambda row: row[0])
def test_times_and_points_are_those_of_the_notebooks(row: list[str]) -> None:
    chapter, reading, _, assignment, home, points = row
    name = re.search(r"\{doc\}`([\w-]+)`", chapter)
    assert name
    head = first_cell(CHAPTERS / f"{name[1]}.ipynb")
    assert int(reading.removesuffix(" min")) == minutes(head[head.index("Reading time") :])
    exercise = assignment.split("`")[1]
    head = first_cell(ROOT / "assignments" / exercise / f"{exercise}.ipynb")
    assert int(home.removesuffix(" min")) == minutes(head)
    stated = re.search(r"(\d+) points", head)
    assert stated
    assert points == stated[1]


@pytest.mark.parametrize(
    ("plan", "sessions", "length"),
    [
        ("Two sessions of three hours", 2, 180),
        ("Five sessions of 90 minutes", 5, 90),
        ("Ten sessions of 90 minutes", 10, 90),
    ],
)
def test_plans_fill_their_sessions(plan: str, sessions: int, length: int) -> None:
    spent: dict[str, int] = {}
    for session, _, time, _, _ in rows(plan):
        spent[session] = spent.get(session, 0) + int(time)
    assert spent == {str(number): length for number in range(1, sessions + 1)}


@pytest.mark.parametrize("plan", ["Five sessions of 90 minutes", "Ten sessions of 90 minutes"])
def test_plans_hand_out_every_assignment_of_the_main_chapters(plan: str) -> None:
    given = [row[4].strip("`") for row in rows(plan) if row[4]]
    assert len(given) == len(set(given))
    assert {"linear", "sigmoid", "tanh", "relu", "softmax"} <= set(given)
    for name in given:
        assert (ROOT / "assignments" / name / f"{name}.ipynb").is_file()


def test_every_misconception_is_met_by_a_question_or_a_measurement_that_exists() -> None:
    met = set()
    for chapter, belief, means in rows("Misconceptions"):
        questions = re.findall(r"\b(\d)\.(\d)\b", means)
        labels = re.findall(r"\]\((lab-[\w-]+)\)", means)
        assert labels if chapter in LABORATORY else questions, f"nothing meets: {belief}"
        for quiz, question in questions:
            assert quiz == chapter
            path = CHAPTERS / "quizzes" / f"{NAMES[quiz]}.toml"
            assert 1 <= int(question) <= len(tomllib.loads(path.read_text(encoding="utf-8"))["question"])
        text = (CHAPTERS / f"{NAMES[chapter]}.ipynb").read_text(encoding="utf-8")
        assert all(f"({label})=" in text for label in labels), belief
        met.add(chapter)
    assert met == MAIN | LABORATORY


def test_the_sixth_chapter_is_a_main_one_and_each_plan_has_its_quiz() -> None:
    assert len(MAIN) == len(rows("Time")) == 6
    assert "the six main chapters" in section("Time")
    assert "each of the six main chapters" in section("What you get")
    for plan in ("Two sessions of three hours", "Five sessions of 90 minutes", "Ten sessions of 90 minutes"):
        assert "06-choosing" in section(plan)
        assert "quiz of chapter 6" in section(plan)


def test_make_is_asked_for_what_it_can_do() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    commands = re.findall(r"^(?:\$ )?make ([a-z-]+)", GUIDE, re.MULTILINE)
    assert {"book", "test", "address"} <= set(commands)
    assert set(commands) <= targets


def test_paths_of_the_repository_exist() -> None:
    for path in re.findall(r"`((?:chapters|assignments|tests|tools)/[\w/.-]*)`", GUIDE):
        assert (ROOT / path).exists(), path


def test_the_image_for_a_hub_gets_the_package_and_its_requirements_alone() -> None:
    (recipe,) = re.findall(r"```dockerfile\n(.*?)```", section("JupyterHub"), re.DOTALL)
    steps = [line.split() for line in recipe.splitlines()]
    assert [step[0] for step in steps] == ["FROM", "COPY", "RUN", "RUN"]
    (copied,) = (step[1:-1] for step in steps if step[0] == "COPY")
    assert copied == ["book.txt", "activations-*.whl"]
    for _, *words in steps[2:]:
        assert words[:2] == ["pip", "install"]
        assert "--no-deps" in words
        assert not {"-e", "--editable", "."} & set(words)
        assert words[-1].startswith("/opt/activations/")
    # A file that pip is given installs nothing editable either, and `requirements.txt` does.
    locked = (ROOT / "locks" / "book.txt").read_text(encoding="utf-8")
    assert not re.findall(r"^(?:-e|--editable|\.)", locked, re.MULTILINE)
    commands = re.findall(r"```sh\n(.*?)```", section("JupyterHub"), re.DOTALL)[0].splitlines()
    assert "cp locks/book.txt _build/hub/" in commands
    assert all("assignments" not in command for command in commands)


def test_the_way_to_a_student_copy_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", section("Hand out, and read back"), re.DOTALL)
    (tmp_path / "assignments").symlink_to(ROOT / "assignments")
    monkeypatch.chdir(tmp_path)
    exec(code, {})
    copy = (tmp_path / "release" / "tanh.ipynb").read_text(encoding="utf-8")
    assert "BEGIN SOLUTION" not in copy
    assert "HIDDEN" not in copy
    assert "your answer here" in copy


def test_checks_say_what_the_guide_says_they_do() -> None:
    notebook = student_version(nbformat.read(ROOT / "assignments" / "tanh" / "tanh.ipynb", as_version=4))
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in notebook.cells}
    names: dict[str, object] = {}
    exec(cells["tanh-setup"], names)
    for cell, answer, said in rows("Hand out, and read back"):
        name = cell.strip("`")
        function = re.search(r"def (\w+)\(x\)", cells[name])
        assert function
        code = f"def {function[1]}(x):\n    return {answer.strip('`')}"
        exec(cells[name] if "left" in answer else code, names)
        if said.startswith("nothing"):
            exec(cells[f"{name}-checks"], names)
        else:
            with pytest.raises(AssertionError) as caught:
                exec(cells[f"{name}-checks"], names)
            assert str(caught.value) == said
