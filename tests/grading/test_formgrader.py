"""nbgrader's formgrader, as the guide opens it: its pages show our notebooks, and its buttons do no harm."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import classroom
import pytest
from classroom import LIMITS, NAME
from click.testing import CliRunner

from activations.grading import cli
from activations.grading.course import Course
from activations.grading.driver import grade_assignment

Ask = Callable[..., str]
PATIENCE = 120
"""Seconds that the server may take to start, on a slow machine."""
MARKER = "outside"
"""A file that a cell of Ada's writes, if it is run outside of the sandbox."""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = classroom.make_course(tmp_path_factory.mktemp("course"))
    CliRunner().invoke(cli.main, ["--course", str(course.root), "release", NAME], catch_exceptions=False)
    write = f"open({str(course.root / MARKER)!r}, 'w')"
    classroom.hand_in(course, "ada", classroom.with_cells(write))
    classroom.hand_in(course, "bob", b"{")
    classroom.STRANGE["scripts"].make(course, "eve")
    # No cell meets a limit here, however busy the machine is.
    limits = dataclasses.replace(LIMITS, cell_seconds=60.0, total_seconds=300.0)
    grade_assignment(course, NAME, limits=limits, engine="serial")
    CliRunner().invoke(cli.main, ["--course", str(course.root), "feedback", NAME], catch_exceptions=False)
    return course


@pytest.fixture(scope="module")
def ask(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Start ``jupyter notebook`` in the course's folder; return what asks formgrader for a page."""
    own = tmp_path_factory.mktemp("jupyter")
    command = [sys.executable, "-m", "notebook", "--no-browser", "--ServerApp.ip=127.0.0.1"]
    command += ["--ServerApp.port=0", "--allow-root"]
    places = {f"JUPYTER_{place}_DIR": str(own) for place in ("CONFIG", "DATA", "RUNTIME")}
    environment = os.environ | places | {"HOME": str(own)}
    environment.pop("ACTIVATIONS_GRADEBOOK", None)
    with (own / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=course.root, env=environment, stdout=log, stderr=log)
    try:
        known = wait_for(own, server)

        def request(path: str, *, press: bool = False) -> str:
            header = {"Authorization": f"token {known['token']}"}
            data = b"" if press else None
            with urlopen(Request(f"{known['url']}formgrader/{path}", data, header), timeout=PATIENCE) as page:
                return str(page.read().decode())

        yield request
    finally:
        server.terminate()
        server.wait(PATIENCE)


def wait_for(folder: Path, server: subprocess.Popen[bytes]) -> dict[str, str]:
    """Return the server's address and token, which it writes down before it answers."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        for path in folder.glob("jpserver-*.json"):
            with contextlib.suppress(json.JSONDecodeError, URLError):
                known = dict(json.loads(path.read_text()))
                urlopen(f"{known['url']}api", timeout=PATIENCE).close()
                return known
        time.sleep(0.1)
    raise AssertionError((folder / "log").read_text())


def files(course: Course) -> dict[Path, bytes]:
    """Return all files of the course but the gradebook, which reading may touch."""
    found = (path for path in course.root.rglob("*") if path.is_file() and path.suffix != ".db")
    return {path: path.read_bytes() for path in found}


@pytest.mark.parametrize(
    "button",
    [
        f"submission/{NAME}/ada/autograde",
        f"assignment/{NAME}/ada/generate_feedback",
        f"assignment/{NAME}/generate_feedback",
        f"assignment/{NAME}/assign",
    ],
)
def test_its_buttons_run_and_overwrite_nothing(course: Course, ask: Ask, button: str) -> None:
    before = files(course)
    points = ask(f"api/submissions/{NAME}")
    written = {course.autograded("ada", NAME), course.feedback("ada", NAME), course.released(NAME)}
    assert written <= set(before)
    said = json.loads(ask(f"api/{button}", press=True))
    assert not said["success"]
    assert "use-activations-grade" in said["log"]
    assert files(course) == before, "a cell has run, or a file was written"
    assert ask(f"api/submissions/{NAME}") == points


def test_its_pages_know_the_class(ask: Ask) -> None:
    (assignment,) = json.loads(ask("api/assignments"))
    assert (assignment["num_submissions"], assignment["max_score"]) == (3, 10)
    submissions = json.loads(ask(f"api/submissions/{NAME}"))
    assert [(entry["student"], entry["score"], entry["autograded"]) for entry in submissions] == [
        ("ada", 7, True), ("bob", 0, True), ("eve", 7, True),
    ]  # fmt: skip
    for page in ("manage_assignments", f"manage_submissions/{NAME}", f"gradebook/{NAME}/{NAME}"):
        assert "<title>nbgrader" in ask(page)


def test_it_shows_each_submission_with_fields_for_points(ask: Ask) -> None:
    entries = json.loads(ask(f"api/submitted_notebooks/{NAME}/{NAME}"))
    pages = {entry["student"]: ask(f"submissions/{entry['id']}/") for entry in entries}
    assert set(pages) == {"ada", "bob", "eve"}
    for page in pages.values():
        fields = re.findall(r'<input class="score[^>]* id="([\w-]+)"', page)
        assert fields == ["double-checks", "square-checks", "words"]
        assert set(re.findall(r'<textarea class="comment[^>]* id="([\w-]+)"', page)) == {
            "double-comment", "square-comment", "words-comment",
        }  # fmt: skip
    assert classroom.WORDS in pages["ada"]
    assert "unreadable: the file is no notebook" in pages["bob"]
    assert classroom.WORDS not in pages["bob"]
    assert "&lt;script&gt;alert()" in pages["eve"]
    assert "<script>alert()" not in pages["eve"]
    assert 'href="javascript:' not in pages["eve"]
