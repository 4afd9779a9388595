"""Whatever is handed in is either taken apart or refused with a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import classroom
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activations.grading.limits import Limits
from activations.grading.reading import (
    NotGradableError,
    Submitted,
    find_notebook,
    parse_notebook,
    undecided,
)

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["cells", "metadata", "nbgrader", "grade_id", "source", "cell_type", "kernelspec"]),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


def test_cells_keep_order_text_and_names() -> None:
    submitted = parse_notebook(classroom.as_bytes(classroom.answered()))
    names = [cell.grade_id for cell in submitted.cells]
    assert names == [cell.id for cell in classroom.small_assignment().cells]
    assert submitted.cells[3].source == classroom.RIGHT
    assert [cell.kind for cell in submitted.cells[:2]] == ["markdown", "code"]
    assert submitted.notes == ()


def test_sources_in_lines_and_of_the_third_format_are_read() -> None:
    cell = {"cell_type": "code", "input": ["a = 1\n", "b = 2", 3]}
    data = json.dumps({"worksheets": [{"cells": [cell]}]}).encode()
    assert parse_notebook(data).cells[0].source == "a = 1\nb = 2"


@pytest.mark.parametrize(
    ("kernel", "said"),
    [({"name": "python3"}, False), ({"language": "Python"}, False), ({"name": "ir"}, True), ({}, False)],
)
def test_kernels_of_other_languages_are_noted(kernel: dict[str, str], said: bool) -> None:
    data = json.dumps({"cells": [], "metadata": {"kernelspec": kernel}}).encode()
    assert bool(parse_notebook(data).notes) is said


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"), (b" \n", "empty"), (b"{", "line 1"), (b"\xff\xfe\xff", "as text"), (b"3", "no cells"),
        (b"[]", "no cells"), (b'{"worksheets": []}', "no cells"), (b'{"worksheets": [3]}', "no cells"),
        (b'{"cells": {}}', "no cells"), (b"[" * 100_000, "as text"),
    ],
)  # fmt: skip
def test_what_is_no_notebook_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(NotGradableError, match=reason) as caught:
        parse_notebook(data)
    assert caught.value.status == "unreadable"


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ([{}] * 10_001, "10,001 lines, allowed are 10,000"),
        ([{"source": "a\n" * 20_000}], "20,001 lines"),
        ([{"cell_type": "code", "source": "x," * 60_000}] * 2, "240,000 characters of code"),
    ],
)  # fmt: skip
def test_more_than_anybody_writes_is_refused(cells: list[dict[str, str]], reason: str) -> None:
    with pytest.raises(NotGradableError, match=reason) as caught:
        parse_notebook(json.dumps({"cells": cells}).encode())
    assert caught.value.status == "too large"


def test_a_picture_in_a_text_is_no_code() -> None:
    cell = {"cell_type": "markdown", "source": "![](data:image/png;base64," + "A" * 3_000_000 + ")"}
    assert parse_notebook(json.dumps({"cells": [cell]}).encode()).cells


def test_halves_of_characters_can_be_written_afterwards() -> None:
    cells = [{"cell_type": kind, "source": ["print('\ud83d')"]} for kind in ("code", "markdown")]
    submitted = parse_notebook(json.dumps({"cells": cells}).encode())
    assert [cell.source for cell in submitted.cells] == ["print('?')"] * 2


def test_reasons_can_be_written_afterwards() -> None:
    assert "none of the notebooks M?ller.ipynb is" in str(undecided(["M\udcfcller.ipynb"], "small.ipynb"))


@given(ANYTHING)
def test_any_json_is_a_notebook_or_refused(value: Any) -> None:
    try:
        submitted = parse_notebook(json.dumps(value).encode())
    except NotGradableError:
        return
    assert isinstance(submitted, Submitted)
    assert all(isinstance(cell.source, str) and isinstance(cell.grade_id, str) for cell in submitted.cells)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_notebook_or_refused(data: bytes) -> None:
    with pytest.raises(NotGradableError):
        parse_notebook(data)


def test_the_right_name_wins(tmp_path: Path) -> None:
    for name in ("small.ipynb", "old.ipynb"):
        (tmp_path / name).write_text("x")
    assert find_notebook(tmp_path, "small", Limits()) == (tmp_path / "small.ipynb", [])


def test_a_folder_with_the_name_of_a_notebook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "small.ipynb").mkdir()
    with pytest.raises(NotGradableError, match="a link or a folder"):
        find_notebook(tmp_path, "small", Limits())


def test_no_folder_is_nothing_handed_in(tmp_path: Path) -> None:
    with pytest.raises(NotGradableError, match="nothing was handed in") as caught:
        find_notebook(tmp_path / "x", "small", Limits())
    assert caught.value.status == "missing"
