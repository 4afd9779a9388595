"""Everything of a course has its place, and a mistake gets a remedy."""

from __future__ import annotations

from pathlib import Path

import classroom
import pytest
from classroom import NAME

from activations.grading.course import Course, CourseError


def test_sources_are_where_nbgrader_or_the_repository_keeps_them(tmp_path: Path) -> None:
    course = classroom.make_course(tmp_path)
    assert course.assignments == [NAME]
    assert course.source(NAME).is_file()
    (tmp_path / "assignments").rename(tmp_path / "source")
    assert course.source(NAME) == tmp_path / "source" / NAME / f"{NAME}.ipynb"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("smal", "did you mean 'small'\\? there are small"),
        ("../x", "unknown assignment '../x'; there are small"),
    ],
)
def test_unknown_assignments_are_named(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(CourseError, match=said):
        classroom.make_course(tmp_path).source(name)


def test_a_folder_without_assignments_says_so(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="there are none in"):
        Course(tmp_path).source("x")


@pytest.mark.parametrize(
    ("database", "url"),
    [
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg2://u@h/d", "postgresql+psycopg2://u@h/d"),
        ("sqlite:///x.db", "sqlite:///x.db"),
    ],
)
def test_addresses_of_gradebooks(database: str, url: str) -> None:
    assert Course(Path(), database).url == url


def test_the_gradebook_is_in_the_folder_by_default(tmp_path: Path) -> None:
    assert Course(tmp_path).url == f"sqlite:///{tmp_path}/gradebook.db"


def test_the_roster_names_students(tmp_path: Path) -> None:
    course = Course(tmp_path)
    assert course.roster() == []
    (tmp_path / "roster.csv").write_text("\ufeffstudent,name\nada, Ada\n bob ,Bob\n,\n", encoding="utf-8")
    assert course.roster() == ["ada", "bob"]
    (tmp_path / "roster.csv").write_text("name\nada\n")
    with pytest.raises(CourseError, match="no column 'student'"):
        course.roster()


def test_the_configuration_of_nbgrader_is_written_once_and_holds_no_password(tmp_path: Path) -> None:
    course = Course(tmp_path, "postgresql://ada:secret@host/grades")
    assert course.write_nbgrader_config()
    text = (tmp_path / "nbgrader_config.py").read_text()
    assert "secret" not in text
    (tmp_path / "nbgrader_config.py").write_text("mine")
    assert not course.write_nbgrader_config()
    assert (tmp_path / "nbgrader_config.py").read_text() == "mine"
