"""Tables say the same on the page, in a terminal and aloud."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from activations.figures.tables import Table, show_table

COLUMNS = {"activation": ["tanh", "relu"], "loss": np.array([0.123456, 2e-7]), "units": [64, 8]}


def test_text_aligns_numbers_to_the_right() -> None:
    assert str(Table(COLUMNS, caption="Losses.")).splitlines() == [
        "Losses.",
        "activation   loss  units",
        "tanh        0.123     64",
        "relu        2e-07      8",
    ]


def test_html_is_well_formed_and_escaped() -> None:
    table = ElementTree.fromstring(Table({"a < b": ["x & y", "z"]}, caption="1 < 2")._repr_html_())
    assert [cell.text for cell in table.iter("th")] == ["a < b"]
    assert [cell.text for cell in table.iter("td")] == ["x & y", "z"]
    assert table.find("caption") is not None
    assert all(cell.get("scope") == "col" for cell in table.iter("th"))


def test_html_without_caption_has_none() -> None:
    assert "<caption" not in Table(COLUMNS)._repr_html_()


@pytest.mark.parametrize(
    ("columns", "message"), [({}, "columns must not be empty"), ({"a": [1], "b": [1, 2]}, "one length")]
)
def test_bad_columns_are_named(columns: dict[str, list[int]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Table(columns)


def test_show_table_displays(capsys: pytest.CaptureFixture[str]) -> None:
    show_table({"x": [1.23456]}, digits=2)
    assert "1.2" in capsys.readouterr().out
