"""A result is written whole or not at all, and read back as it was."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from activations.grading.results import QuestionResult, Result, read_result, write_atomically, write_result

QUESTIONS = (
    QuestionResult("a", "First", 3.0, 2.5, "say “π”"),
    QuestionResult("b", "Second", 2.0, None, by_hand=True),
)
RESULT = Result(
    "ada", "small", "flagged", ("one", "two"), QUESTIONS, "f00", 0.25, "2026-11-25", late=True, stops=("one",)
)


def test_points_count_what_is_graded() -> None:
    assert (RESULT.score, RESULT.max_score, RESULT.open_questions) == (2.5, 5.0, ("b",))
    assert RESULT.reason == "one; two"


def test_nothing_graded_is_no_zero() -> None:
    result = Result("ada", "small", "missing")
    assert (result.graded, result.score, result.max_score, result.open_questions) == (False, None, None, ())


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "ada.json"
    write_result(path, RESULT)
    assert read_result(path) == RESULT
    assert "π" in path.read_text(encoding="utf-8")


def test_half_a_character_breaks_no_file(tmp_path: Path) -> None:
    path = tmp_path / "ada.json"
    write_result(path, dataclasses.replace(RESULT, reasons=("half an emoji: \ud83d",)))
    found = read_result(path)
    assert found
    assert found.reason == "half an emoji: ?"


def test_the_longest_name_of_a_file_can_be_written(tmp_path: Path) -> None:
    write_atomically(tmp_path / ("x" * 255), b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["x" * 255]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"questions": [{"x": 1}]}', '{"questions": []}'])
def test_what_cannot_be_read_is_no_result(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ada.json"
    path.write_text(text)
    assert read_result(path) is None
    assert read_result(tmp_path / "bob.json") is None


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_an_interrupted_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    path = tmp_path / "x"
    write_atomically(path, b"old")

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(*((os, "fsync") if moment == "fsync" else (Path, "replace")), fail)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
