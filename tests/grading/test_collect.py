"""What comes out of learning-management systems is taken in, and nothing else."""

from __future__ import annotations

import tracemalloc
import zipfile
from pathlib import Path

import classroom
import pytest
from classroom import LIMITS, NAME
from hypothesis import given
from hypothesis import strategies as st

from activations.grading.collect import MOST_MEMBERS, Collected, collect, identify, safe_name
from activations.grading.course import Course, CourseError

DATA = classroom.as_bytes(classroom.answered())
OTHER = classroom.as_bytes(classroom.answered(double=classroom.WRONG))


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return classroom.make_course(tmp_path)


def make_zip(course: Course, members: dict[str, bytes]) -> Path:
    path = course.root / "submissions.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def take(course: Course, members: dict[str, bytes], **options: bool) -> Collected:
    return collect(course, NAME, make_zip(course, members), limits=LIMITS, **options)


def submitted(course: Course) -> dict[str, bytes]:
    root = course.root / "submitted"
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize(
    ("path", "student", "file", "late"),
    [
        ("lovelaceada_12345_67890_small.ipynb", "lovelaceada-12345", "small.ipynb", False),
        ("lovelaceada_LATE_12345_67890_small.ipynb", "lovelaceada-12345", "small.ipynb", True),
        ("lovelaceada_12345_67890_small-2.ipynb", "lovelaceada-12345", "small.ipynb", False),
        ("Ada Lovelace_417_assignsubmission_file_/small.ipynb", "ada-lovelace-417", "small.ipynb", None),
        ("Ada Lovelace_417_assignsubmission_file_small.ipynb", "ada-lovelace-417", "small.ipynb", None),
        ("Łukasz Ö_9_assignsubmission_file_/work/small.ipynb", "lukasz-o-9", "small.ipynb", None),
        ("ada/small.ipynb", "ada", "small.ipynb", None),
        ("ada.ipynb", "ada", "small.ipynb", None),
        ("ada.py", "ada", "ada.py", None),
        ("/etc/../../x/small.ipynb", "etc", "small.ipynb", None),
    ],
)
def test_names_of_the_systems_are_read(path: str, student: str, file: str, late: bool | None) -> None:
    arrival = identify(path, NAME)
    assert arrival
    assert (arrival.student, arrival.file, arrival.about.get("late")) == (student, file, late)


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("mallory_105_9_x_101_assignsubmission_file_small.ipynb", "mallory-105"),
        ("Mal_105_assignsubmission_file_x_101_assignsubmission_file_small.ipynb", "mal-105"),
        ("Mal_105_assignsubmission_file_/x_101_assignsubmission_file_/small.ipynb", "mal-105"),
        ("Mal_105_assignsubmission_file_/ada_101_9_small.ipynb", "mal-105"),
        ("mal/x_101_assignsubmission_file_/small.ipynb", "mal"),
        ("mal/ada_101_9_small.ipynb", "mal"),
        ("mal/hw_2024_11_25.ipynb", "mal"),
    ],
)
def test_no_name_of_a_file_makes_another_student(path: str, student: str) -> None:
    arrival = identify(path, NAME)
    assert arrival
    assert arrival.student == student


@pytest.mark.parametrize(
    "path", [".DS_Store", "__MACOSX/ada/small.ipynb", "ada/.ipynb_checkpoints/small.ipynb"]
)
def test_what_computers_add_is_left_out(path: str) -> None:
    assert identify(path, NAME) is None


@given(st.text())
def test_names_of_folders_are_safe(text: str) -> None:
    name = safe_name(text)
    assert name
    assert len(name.encode()) <= 200
    assert not set(name) & set("/\\.:\0 ")


def test_a_zip_of_canvas_is_taken_in(course: Course) -> None:
    found = take(
        course,
        {
            "lovelaceada_1_10_small.ipynb": DATA,
            "boolegeorge_LATE_2_11_small-1.ipynb": OTHER,
            "hopper_3_12_small.py": b"print()",
        },
    )
    assert found.new == ("boolegeorge-2", "lovelaceada-1")
    assert found.problems == {"hopper-3": ("missing", "no notebook was handed in, only small.py")}
    assert submitted(course) == {
        "boolegeorge-2/small/small.ipynb": OTHER,
        "lovelaceada-1/small/small.ipynb": DATA,
    }
    known = course.collected(NAME)
    assert known["boolegeorge-2"] == {"system": "canvas", "user": "2", "name": "boolegeorge", "late": True}
    assert known["hopper-3"]["problem"] == ["missing", "no notebook was handed in, only small.py"]


def test_of_several_attempts_the_last_counts(course: Course) -> None:
    take(course, {"a_1_10_small.ipynb": DATA, "a_1_10_small-2.ipynb": OTHER, "a_1_10_small-1.ipynb": DATA})
    assert submitted(course) == {"a-1/small/small.ipynb": OTHER}
    assert course.collected(NAME)["a-1"]["notes"] == ["of 3 files the last one, number 2, counts"]


def test_a_second_time_changes_nothing_and_a_new_version_replaces_the_old(course: Course) -> None:
    assert take(course, {"ada/homework.ipynb": DATA}).new == ("ada",)
    assert take(course, {"ada/homework.ipynb": DATA}).unchanged == ("ada",)
    assert take(course, {"ada/homework.ipynb": OTHER}, dry_run=True).changed == ("ada",)
    assert submitted(course) == {"ada/small/small.ipynb": DATA}
    assert course.collected(NAME)["ada"]["notes"] == [
        "the file was called 'homework.ipynb' instead of 'small.ipynb'"
    ]
    assert take(course, {"ada/small.ipynb": OTHER}).changed == ("ada",)
    assert submitted(course) == {"ada/small/small.ipynb": OTHER}


def test_a_dry_run_writes_nothing(course: Course) -> None:
    assert take(course, {"ada/small.ipynb": DATA}, dry_run=True).new == ("ada",)
    assert not (course.root / "submitted").exists()
    assert not (course.root / "collected").exists()


def test_a_folder_is_taken_in(course: Course) -> None:
    inbox = course.root / "inbox"
    (inbox / "bob").mkdir(parents=True)
    (inbox / "ada.ipynb").write_bytes(DATA)
    (inbox / "bob" / "small.ipynb").write_bytes(OTHER)
    (inbox / "cleo.ipynb").symlink_to(course.source(NAME))
    (inbox / "dan.py").write_text("x")
    (inbox / ".hidden").write_text("x")
    with (inbox / "eve.ipynb").open("wb") as file:
        file.truncate(3_000_000)
    found = collect(course, NAME, inbox, limits=LIMITS)
    assert found.new == ("ada", "bob")
    assert {student: problem[0] for student, problem in found.problems.items()} == {
        "cleo": "unreadable", "dan": "missing", "eve": "too large",
    }  # fmt: skip
    assert set(submitted(course)) == {"ada/small/small.ipynb", "bob/small/small.ipynb"}


def test_notebooks_without_the_right_name_are_not_chosen_from(course: Course) -> None:
    found = take(course, {"ada/a.ipynb": DATA, "ada/b.ipynb": OTHER})
    assert found.problems["ada"][0] == "unreadable"
    assert "none of the notebooks a.ipynb, b.ipynb is called small.ipynb" in found.problems["ada"][1]


@pytest.mark.parametrize("around", ["", "submissions/", "submissions/Tanh 2026/"])
@pytest.mark.parametrize(
    ("names", "students"),
    [
        (["ada/small.ipynb", "bob/small.ipynb", "bob/data.csv"], ("ada", "bob")),
        (["ada/work/small.ipynb", "bob/small.ipynb"], ("ada", "bob")),
        (["a_1_10_small.ipynb", "b_2_11_small.ipynb"], ("a-1", "b-2")),
        (["A_1_assignsubmission_file_/small.ipynb"], ("a-1",)),
        (["A_1_assignsubmission_file_small.ipynb", "B_2_assignsubmission_file_small.ipynb"], ("a-1", "b-2")),
    ],
)
def test_folders_around_all_are_nobodys(
    course: Course, around: str, names: list[str], students: tuple[str, ...]
) -> None:
    found = take(course, {"__MACOSX/x": b""} | {around + name: DATA for name in names})
    assert (found.new, found.problems) == (students, {})
    assert found.around == around.removesuffix("/")


@pytest.mark.parametrize(
    "inner", ["ada/small.ipynb", "x_101_assignsubmission_file_/small.ipynb", "a_1_9_x.ipynb"]
)
def test_a_known_student_cannot_hand_in_for_others(course: Course, inner: str) -> None:
    take(course, {"mal/small.ipynb": DATA})
    found = take(course, {f"mal/{inner}": OTHER, "mal/bob/other.ipynb": OTHER})
    assert {*found.new, *found.changed, *found.problems} == {"mal"}


def test_the_only_folder_is_a_students(course: Course) -> None:
    assert take(course, {"ada/hw_2024_11_25.ipynb": DATA}).new == ("ada",)


@pytest.mark.parametrize(
    ("names", "student", "said"),
    [
        (["José.ipynb", "Jose.ipynb"], "jose", "Jose, José come to the same name: rename all but one"),
        (["José/small.ipynb", "Jose/other.ipynb"], "jose", "Jose, José come to the same name"),
        (
            ["ada/1/small.ipynb", "ada/2/small.ipynb", "bob/small.ipynb"], "ada",
            "ada/1/small.ipynb, ada/2/small.ipynb have come together: which one counts?",
        ),
        (["a_1_10_small.ipynb", "a_1_11_small.ipynb"], "a-1", "which one counts?"),
    ],
)  # fmt: skip
def test_what_may_be_two_students_or_two_versions_is_not_chosen_from(
    course: Course, names: list[str], student: str, said: str
) -> None:
    found = take(course, dict.fromkeys(names, DATA))
    status, reason = found.problems[student]
    assert status == "unreadable"
    assert said in reason
    assert student not in found.new


def test_paths_that_lead_out_are_refused(course: Course) -> None:
    found = take(course, {"../../evil/small.ipynb": DATA, "/abs/small.ipynb": DATA, "ada/small.ipynb": DATA})
    assert {student: problem[1].split(";")[0] for student, problem in found.problems.items()} == {
        "abs": "its name in the zip leads out of the folder",
        "evil": "its name in the zip leads out of the folder",
    }
    assert set(submitted(course)) == {"ada/small/small.ipynb"}


def test_a_member_that_lies_about_its_size_is_refused(course: Course) -> None:
    path = make_zip(course, {"ada/small.ipynb": b" " * 5_000_000})
    data = path.read_bytes()
    # Both the local and the central header claim ten bytes.
    path.write_bytes(data.replace((5_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    found = collect(course, NAME, path, limits=LIMITS)
    assert found.problems["ada"][0] == "unreadable"
    assert submitted(course) == {}


def test_an_encrypted_member_is_a_row(course: Course) -> None:
    path = make_zip(course, {"ada/small.ipynb": DATA})
    data = bytearray(path.read_bytes())
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(sign) + place] |= 1
    path.write_bytes(bytes(data))
    found = collect(course, NAME, path, limits=LIMITS)
    assert found.problems["ada"][0] == "unreadable"
    assert "cannot be unpacked" in found.problems["ada"][1]


def test_a_damaged_member_is_a_row(course: Course) -> None:
    path = make_zip(course, {"ada/small.ipynb": DATA, "bob/small.ipynb": OTHER})
    data = bytearray(path.read_bytes())
    start = data.index(b"ada/small.ipynb") + len("ada/small.ipynb")
    data[start] |= 0b110  # a kind of block that there is none of
    path.write_bytes(bytes(data))
    found = collect(course, NAME, path, limits=LIMITS)
    assert found.new == ("bob",)
    assert found.problems["ada"][0] == "unreadable"
    assert "cannot be unpacked" in found.problems["ada"][1]


def test_a_member_of_which_python_would_unpack_all_is_a_row(course: Course) -> None:
    path = course.root / "submissions.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("ada/small.ipynb", DATA)
    found = collect(course, NAME, path, limits=LIMITS)
    assert "make a plain zip of it" in found.problems["ada"][1]


def test_long_names_are_no_obstacle(course: Course) -> None:
    found = take(course, {f"a_1_10_{'x' * 300}.ipynb": DATA, f"{'y' * 300}/small-{'1' * 5000}.ipynb": DATA})
    assert (found.new, found.problems) == (("a-1", "y" * 50), {})
    assert set(submitted(course)) == {"a-1/small/small.ipynb", f"{'y' * 50}/small/small.ipynb"}


def test_names_in_an_old_encoding_are_kept_as_far_as_they_can_be_read(course: Course) -> None:
    arrival = identify("M\udcfcller_417_assignsubmission_file_/small.ipynb")
    assert arrival
    assert (arrival.student, arrival.about["name"]) == ("m-ller-417", "M?ller")


def test_what_cannot_be_written_is_a_row(course: Course) -> None:
    (course.root / "submitted").mkdir()
    (course.root / "submitted" / "ada").write_text("a file where a folder should be")
    found = take(course, {"ada/small.ipynb": DATA, "bob/small.ipynb": DATA})
    assert found.new == ("bob",)
    assert "cannot be written (Not a directory)" in found.problems["ada"][1]
    assert set(course.collected(NAME)) == {"ada", "bob"}


def test_only_so_much_is_taken_in_at_a_time(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("activations.grading.collect.MOST_MEGABYTES", 1.5 * len(DATA) / 1_000_000)
    found = take(course, {"ada/small.ipynb": DATA, "bob/small.ipynb": DATA})
    assert found.new == ("ada",)
    assert "collect it alone" in found.problems["bob"][1]


def test_only_what_counts_is_read(course: Course) -> None:
    path = make_zip(course, {f"a_1_10_small-{number}.ipynb": b" " * 1_900_000 for number in range(20)})
    tracemalloc.start()
    assert collect(course, NAME, path, limits=LIMITS).new == ("a-1",)
    assert tracemalloc.get_traced_memory()[1] < 10_000_000  # all twenty have 38 MB
    tracemalloc.stop()


def test_folders_in_a_zip_are_no_submissions(course: Course) -> None:
    path = make_zip(course, {"ada/small.ipynb": DATA})
    with zipfile.ZipFile(path, "a") as archive:
        archive.mkdir("bob")
    assert collect(course, NAME, path, limits=LIMITS).new == ("ada",)


def test_what_cannot_be_read_is_refused_with_a_remedy(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    (course.root / "x.zip").write_text("no zip")
    with pytest.raises(CourseError, match=r"x.zip cannot be read as a zip .* download it again"):
        collect(course, NAME, course.root / "x.zip")
    path = make_zip(course, {"é": b""})
    path.write_bytes(path.read_bytes().replace("é".encode(), b"\xff\xff"))
    with pytest.raises(CourseError, match=r"cannot be read as a zip \(.* can't decode .*download it again"):
        collect(course, NAME, path)
    with pytest.raises(CourseError, match="name the folder or the zip"):
        collect(course, NAME, course.root / "nowhere")
    monkeypatch.setattr("activations.grading.collect.MOST_MEMBERS", 1)
    assert MOST_MEMBERS > 1
    with pytest.raises(CourseError, match="2 members, which no class hands in"):
        take(course, {"a/x": b"", "b/x": b""})


def test_a_problem_is_forgotten_with_the_next_good_file(course: Course) -> None:
    take(course, {"a_1_10_small.py": b""})
    take(course, {"a_1_10_small.ipynb": DATA})
    assert "problem" not in course.collected(NAME)["a-1"]
