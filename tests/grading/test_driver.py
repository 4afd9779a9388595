"""A class is graded once, whatever interrupts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import classroom
import nbformat
import pytest
from classroom import LIMITS, NAME
from nbgrader import api

from activations.grading import driver, sandbox
from activations.grading.collect import collect
from activations.grading.course import Course, CourseError
from activations.grading.driver import grade_assignment, make_plan, make_task, only_one, with_hand_grades
from activations.grading.gradebook import Gradebook, HandGrade
from activations.grading.release import student_version
from activations.grading.results import Result, read_result, write_result


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = classroom.make_course(tmp_path)
    classroom.hand_in(course, "ada", classroom.answered())
    classroom.hand_in(course, "bob", classroom.answered(double=classroom.WRONG))
    return course


def graded(course: Course, **options: object) -> list[str]:
    """Grade, and return who was graded now."""
    now: list[str] = []
    options = {"limits": LIMITS, "engine": "serial"} | options
    grade_assignment(course, NAME, on_result=lambda result, *_: now.append(result.student), **options)  # type: ignore[arg-type]
    return now


def test_a_second_run_has_nothing_to_do(course: Course) -> None:
    assert graded(course) == ["ada", "bob"]
    before = {path: path.read_bytes() for path in course.root.rglob("*.json")}
    assert graded(course) == []
    assert {path: path.read_bytes() for path in course.root.rglob("*.json")} == before


def test_what_has_changed_is_graded_again(course: Course) -> None:
    graded(course)
    classroom.hand_in(course, "bob", classroom.answered())
    assert graded(course) == ["bob"]
    assert [result.score for result in driver.read_results(course, NAME)] == [7.0, 7.0]
    assert graded(course, force=True) == ["ada", "bob"]
    assert graded(course, force=True, students=["ada"]) == ["ada"]
    source = course.source(NAME)
    source.write_text(source.read_text().replace("double fractions, too", "fractions, too"))
    assert graded(course) == ["ada", "bob"]


def test_a_failure_of_the_grader_is_tried_again(course: Course) -> None:
    graded(course)
    path = course.result("ada", NAME)
    result = read_result(path)
    assert result
    write_result(path, Result("ada", NAME, "failed", fingerprint=result.fingerprint))
    assert graded(course) == ["ada"]


@pytest.mark.parametrize("engine", ["serial", "joblib", "dask"])
def test_engines_come_to_the_same(course: Course, engine: str) -> None:
    results = grade_assignment(course, NAME, limits=LIMITS, engine=engine, jobs=2)
    assert [(result.student, result.score) for result in results] == [("ada", 7.0), ("bob", 3.0)]


def test_a_submission_that_no_worker_lives_through_is_a_row(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(driver.ENGINES, "dask", lambda _, tasks, lost, **__: map(lost, tasks))
    results = grade_assignment(course, NAME, limits=LIMITS, engine="dask")
    assert [(result.student, result.status) for result in results] == [("ada", "failed"), ("bob", "failed")]
    assert graded(course) == ["ada", "bob"]


def test_everybody_on_the_roster_has_a_row(course: Course) -> None:
    (course.root / "roster.csv").write_text("student\neve\n")
    results = grade_assignment(course, NAME, limits=LIMITS, engine="serial")
    assert [(result.student, result.status) for result in results] == [
        ("ada", "graded"), ("bob", "graded"), ("eve", "missing"),
    ]  # fmt: skip
    assert not course.autograded("eve", NAME).exists()


def test_a_new_gradebook_is_filled_from_the_results(course: Course) -> None:
    graded(course)
    (course.root / "gradebook.db").unlink()
    assert graded(course) == []
    with Gradebook(course.url) as book:
        assert book.students() == ["ada", "bob"]


def test_killed_between_gradebook_and_result_the_next_run_grades_it(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    graded(course, students=["ada"])

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(driver, "write_result", fail)
    with pytest.raises(KeyboardInterrupt):
        graded(course)
    monkeypatch.undo()
    with Gradebook(course.url) as book:
        assert book.students() == ["ada", "bob"]
    assert graded(course) == ["bob"]


def test_killed_in_the_middle_nothing_is_lost_or_done_twice(tmp_path: Path) -> None:
    """``kill -9`` while three of six are graded; the next run grades the others, and those only."""
    course = classroom.make_course(tmp_path)
    names = [f"student-{number}" for number in range(6)]
    for name in names:
        classroom.hand_in(course, name, classroom.with_cells("import time\ntime.sleep(0.3)"))
    command = [sys.executable, "-m", "activations.grading", "--course", str(tmp_path), "grade", NAME]
    process = subprocess.Popen(
        [*command, "--engine", "serial", "--cell-seconds", "1.5", "--memory-mb", "1500"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    folder = course.result("x", NAME).parent
    end = time.monotonic() + 60
    while len(list(folder.glob("*.json"))) < 3 and time.monotonic() < end:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    done = {path.stem: path.stat().st_mtime_ns for path in folder.glob("*.json")}
    assert 3 <= len(done) < 6
    again = subprocess.run(
        [*command, "--engine", "serial", "--cell-seconds", "1.5", "--memory-mb", "1500"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert f"Graded {6 - len(done)} submissions now. Of 6: 6 graded." in again.stdout
    assert {path.stem: path.stat().st_mtime_ns for path in folder.glob("*.json")}.items() >= done.items()
    with Gradebook(course.url) as book:
        assert book.students() == names
        for result in driver.read_results(course, NAME):
            assert result.score == 7.0
            assert not book.enter(result)


def test_a_result_that_cannot_be_kept_is_a_row_and_the_others_go_on(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter = Gradebook.enter

    def fail(book: Gradebook, result: Result, *rest: Result) -> bool:
        if result.student == "ada":
            raise ValueError("no room")
        return enter(book, result, *rest)

    def rows() -> list[tuple[str, str]]:
        results = grade_assignment(course, NAME, limits=LIMITS, engine="serial")
        return [(result.student, result.status) for result in results]

    with monkeypatch.context() as patch:
        patch.setattr(Gradebook, "enter", fail)
        assert rows() == [("ada", "failed"), ("bob", "graded")]
        kept = read_result(course.result("ada", NAME))
        assert kept
        assert kept.reason == "the result could not be kept: ValueError: no room"
    assert graded(course) == ["ada"]
    with monkeypatch.context() as patch:
        patch.setattr(Gradebook, "enter", fail)
        assert rows() == [("ada", "failed"), ("bob", "graded")]
    assert graded(course) == []
    monkeypatch.setattr(driver, "write_result", lambda *_: open("/dev/full/x"))  # noqa: PTH123, SIM115
    monkeypatch.setattr(driver, "read_results", lambda *_: [])
    results = grade_assignment(course, NAME, limits=LIMITS, engine="serial", force=True, students=["bob"])
    assert [(result.student, result.status) for result in results] == [("bob", "failed")]


def test_half_a_character_costs_nobody_a_row(course: Course) -> None:
    notebook = classroom.with_cells("print(chr(0xD83D))", "print('HALF')")
    notebook.cells.append(nbformat.v4.new_markdown_cell("HALF"))
    classroom.hand_in(course, "amy", classroom.as_bytes(notebook).replace(b"HALF", rb"\ud83d"))
    results = grade_assignment(course, NAME, limits=LIMITS, engine="serial")
    assert [(result.student, result.score) for result in results] == [("ada", 7), ("amy", 7), ("bob", 3)]


def test_only_one_run_at_a_time(course: Course) -> None:
    with only_one(course.result("x", NAME).parent / ".lock"), pytest.raises(CourseError, match="another run"):
        graded(course)


def test_without_a_sandbox_nothing_is_run(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    sandbox._complaint_of_the_sandbox.cache_clear()
    with pytest.raises(sandbox.SandboxUnavailableError, match="--unsafe"):
        graded(course)
    sandbox._complaint_of_the_sandbox.cache_clear()
    assert not list(course.root.rglob("results/small/*.json"))
    assert graded(course, unsafe=True) == ["ada", "bob"]


def test_the_plan_says_what_would_be_done(course: Course) -> None:
    plan = make_plan(course, NAME, ["ada", "bob"], LIMITS)
    assert (plan.to_grade, plan.kept) == (("ada", "bob"), ())
    graded(course)
    plan = make_plan(course, NAME, ["ada", "bob"], LIMITS)
    assert (plan.to_grade, plan.kept) == ((), ("ada", "bob"))


def test_what_collect_knows_and_the_time_are_part_of_the_task(course: Course) -> None:
    course.write_collected(
        NAME, {"ada": {"late": True, "notes": ["two files"]}, "bob": {"problem": ["missing", "x"]}}
    )
    (course.submitted("ada", NAME) / "timestamp.txt").write_text("2026-11-25 12:00:00 UTC\n")
    task = make_task(course, NAME, "ada", LIMITS)
    assert (task.late, task.notes, task.submitted) == (True, ("two files",), "2026-11-25 12:00:00 UTC")
    assert make_task(course, NAME, "bob", LIMITS).problem == ("missing", "x")


def test_a_file_put_there_by_hand_counts_more_than_a_problem_of_collect(course: Course) -> None:
    inbox = course.root / "inbox"
    (inbox / "ada").mkdir(parents=True)
    for name in ("first.ipynb", "second.ipynb"):
        (inbox / "ada" / name).write_bytes(b"{}")
    collect(course, NAME, inbox)
    problem = make_task(course, NAME, "ada", LIMITS).problem  # what was handed in before does not count
    assert problem[0] == "unreadable"
    repaired = classroom.hand_in(course, "ada", classroom.answered(words="Repaired."))
    for _ in range(2):
        task = make_task(course, NAME, "ada", LIMITS)
        assert (task.problem, task.data) == ((), repaired.read_bytes())
        collect(course, NAME, inbox)  # the same as before
    (inbox / "ada" / "third.ipynb").write_bytes(b"{}")
    collect(course, NAME, inbox)
    assert make_task(course, NAME, "ada", LIMITS).problem[0] == "unreadable"


def test_a_name_that_is_no_text_breaks_nothing_that_collect_knows(course: Course) -> None:
    course.write_collected(NAME, {"ada": {"name": "M\udcfcller"}})
    assert course.collected(NAME) == {"ada": {"name": "M?ller"}}


def test_a_file_that_cannot_be_opened_is_a_row(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", fail)
    problem = make_task(course, NAME, "ada", LIMITS).problem
    assert problem == ("unreadable", "the file cannot be opened: Permission denied")


def marks(course: Course) -> dict[str, tuple[float | None, tuple[str, ...]]]:
    """Return each student's points, and what waits for a person."""
    results, _ = with_hand_grades(course, NAME)
    return {result.student: (result.score, result.open_questions) for result in results}


def test_points_of_people_are_part_of_the_results(course: Course) -> None:
    graded(course)
    classroom.grade_by_hand(course.url, {"words": 2.0}, extra=1.0)
    with api.Gradebook(course.url) as book:
        book.find_comment("double", NAME, NAME, "bob").manual_comment = "See me."
        book.db.commit()
    results, entered = with_hand_grades(course, NAME)
    assert [(result.score, result.open_questions) for result in results] == [(10.0, ()), (3.0, ("words",))]
    assert entered["ada"]["words"].score == 2.0
    assert entered["bob"] == {"double": HandGrade(None, comment="See me.")}


def test_points_for_an_answer_that_is_another_one_now_are_not_final(course: Course) -> None:
    graded(course)
    classroom.grade_by_hand(course.url, {"words": 3.0})
    classroom.grade_by_hand(course.url, {"double-checks": 1.0, "words": 3.0}, "bob")
    assert marks(course) == {"ada": (10, ()), "bob": (7, ())}
    classroom.hand_in(course, "ada", classroom.answered(words="Who knows?"))
    classroom.hand_in(course, "bob", classroom.answered())
    graded(course)
    assert marks(course) == {"ada": (7, ("words",)), "bob": (6, ("double-checks",))}
    graded(course, force=True)
    assert marks(course) == {"ada": (7, ("words",)), "bob": (6, ("double-checks",))}
    classroom.grade_by_hand(course.url, {"words": 1.0})
    assert graded(course) == []
    assert marks(course)["ada"] == (8, ())


def test_a_task_waits_for_a_person_and_counts(course: Course) -> None:
    """nbgrader's third kind of question: the answer is in cells that the student adds below it."""
    source = classroom.small_assignment()
    source.cells[-1].metadata.nbgrader |= {"task": True, "solution": False, "grade": False}
    nbformat.write(source, course.source(NAME))
    notebook = student_version(source)
    for cell, solved in zip(notebook.cells, classroom.answered().cells, strict=True):
        cell.source = solved.source if cell.cell_type == "code" else cell.source
    notebook.cells.append(nbformat.v4.new_markdown_cell("It quadruples."))
    classroom.hand_in(course, "ada", notebook)
    (ada, _) = grade_assignment(course, NAME, limits=LIMITS, engine="serial")
    assert (ada.score, ada.max_score, ada.open_questions, ada.reasons) == (7, 10, ("words",), ())
    classroom.grade_by_hand(course.url, {"words": 2.0})
    assert marks(course)["ada"] == (9, ())


def test_what_could_not_be_graded_can_be_by_hand(course: Course) -> None:
    classroom.hand_in(course, "ada", b"{")
    graded(course)
    reason, *cells = nbformat.read(course.autograded("ada", NAME), as_version=4).cells
    assert reason.outputs[0].text.startswith("unreadable: the file is no notebook")
    assert [cell.metadata.nbgrader.points for cell in cells if cell.metadata.nbgrader.grade] == [4, 3, 3]
    assert not [cell.source for cell in cells if cell.metadata.nbgrader.solution and cell.source]
    assert marks(course)["ada"] == (None, ())
    classroom.grade_by_hand(course.url, {"double-checks": 4.0, "square-checks": 3.0})
    assert marks(course)["ada"] == (7, ("words",))
    classroom.grade_by_hand(course.url, {"words": 2.0})
    assert graded(course, force=True, students=["ada"]) == ["ada"]
    assert marks(course)["ada"] == (9, ())
    classroom.hand_in(course, "ada", b"[")
    graded(course)
    assert marks(course)["ada"] == (None, ())


def test_who_takes_the_work_back_has_no_points_in_the_gradebook_either(course: Course) -> None:
    path = classroom.hand_in(course, "ada", classroom.answered())
    graded(course)
    path.unlink()
    graded(course)
    assert marks(course)["ada"] == (None, ())
    with api.Gradebook(course.url) as book:
        submission = book.find_submission(NAME, "ada")
        assert (submission.score, submission.needs_manual_grade) == (0, True)
