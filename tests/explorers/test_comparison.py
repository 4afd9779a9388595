"""comparison_explorer: which functions are on display, and where the cursor stands."""

from __future__ import annotations

import pytest

from activations import ACTIVATIONS
from activations.explorers import comparison_explorer
from activations.figures import color_for, line_style_for


def test_the_default_is_five_functions_all_shown() -> None:
    explorer = comparison_explorer()
    assert explorer.shown == ("sigmoid", "tanh", "relu", "elu", "gelu")
    assert [entry["name"] for entry in explorer.view.functions] == list(explorer.shown)


def test_of_many_functions_five_are_shown_at_first() -> None:
    explorer = comparison_explorer(*ACTIVATIONS)
    assert explorer.shown == tuple(ACTIVATIONS)[:5]
    assert len(explorer.view.functions) == len(ACTIVATIONS)


def test_looks_are_those_of_the_figures() -> None:
    for entry in comparison_explorer(*ACTIVATIONS).view.functions:
        assert entry["colour"] == color_for(entry["name"])
        solid = line_style_for(entry["name"]) == "solid"
        assert (entry["dashes"] is None) == solid


def test_functions_with_a_parameter_take_its_default() -> None:
    entries = {e["name"]: e for e in comparison_explorer("leaky_relu", "tanh").view.functions}
    assert entries["leaky_relu"]["value"] == 0.01
    assert entries["tanh"]["value"] is None


def test_shown_moves_the_checkboxes_and_follows_them() -> None:
    explorer = comparison_explorer("sigmoid", "tanh", "relu")
    seen = []
    explorer.observe(lambda change: seen.append(change["new"]), "shown")
    explorer.shown = ["relu", "tanh"]
    assert (explorer.view.show_sigmoid, explorer.view.show_tanh, explorer.view.show_relu) == (
        False,
        True,
        True,
    )
    explorer.view.show_sigmoid = True
    # In the explorer's order, and never a half-made change.
    assert seen == [("tanh", "relu"), ("sigmoid", "tanh", "relu")]
    explorer.shown = []
    assert explorer.shown == ()


def test_x_moves_the_cursor() -> None:
    explorer = comparison_explorer("tanh", x=2)
    assert explorer.view.x == 2.0
    explorer.x = -3.333
    assert explorer.view.x == -3.35
    assert repr(explorer) == "ComparisonExplorer(x=-3.35, shown=('tanh',))"


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: comparison_explorer("tahn"), ValueError, r"unknown name 'tahn'; did you mean 'tanh'\?"),
        (lambda: comparison_explorer("tanh", "tanh"), ValueError, r"names must differ"),
        (lambda: comparison_explorer(x=9), ValueError, r"comparison_explorer: x must lie between -6 and 6"),
        (
            lambda: setattr(comparison_explorer("tanh"), "shown", ["relu"]),
            ValueError,
            r"comparison_explorer: unknown name 'relu'; Choose from tanh",
        ),
        (
            lambda: setattr(comparison_explorer("tanh"), "shown", "tanh"),
            TypeError,
            r"shown must be a sequence of names, got 'tanh'",
        ),
        (
            lambda: setattr(comparison_explorer("tanh"), "shown", 3),
            TypeError,
            r"must be a sequence of names, got 3",
        ),
    ],
)
def test_bad_input_is_explained(call, error, message) -> None:
    with pytest.raises(error, match=message):
        call()
