"""derivative_explorer: its table agrees with the package, and its traits move it."""

from __future__ import annotations

import numpy as np
import pytest

from activations import ACTIVATIONS
from activations.explorers import derivative_explorer
from activations.explorers._tables import X_GRID, knobs, tabulate
from activations.functions import Activation, Parameter

# float32 keeps 24 bits: half a unit in the last place of 6.7 is 2.4e-7.
TOLERANCE = 4e-7


def rows(table: bytes) -> np.ndarray:
    return np.frombuffer(table, "<f4").astype(float)


def look_up(table: bytes, entry: dict, parameter: float) -> np.ndarray:
    """Do what the page does: a straight line between the tabulated parameters."""
    nodes = np.array(entry["nodes"])
    block = rows(table)[entry["start"] :][: 2 * len(nodes) * X_GRID.size].reshape(len(nodes), 2, -1)
    if len(nodes) == 1:
        return block[0]
    k = int(np.clip(np.searchsorted(nodes, parameter) - 1, 0, len(nodes) - 2))
    share = (parameter - nodes[k]) / (nodes[k + 1] - nodes[k])
    return (1 - share) * block[k] + share * block[k + 1]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_table_agrees_with_the_package(name: str) -> None:
    activation = ACTIVATIONS[name]
    table, [entry] = tabulate([activation])
    for parameter in activation.parameters or [None]:
        positions = [0.0] if parameter is None else knobs([activation])[parameter.name].grid.values[::7]
        for value in positions:
            given = {} if parameter is None else {parameter.name: value}
            found = look_up(table, entry, float(value))
            np.testing.assert_allclose(
                found[0], activation.function(X_GRID.values, **given), rtol=0, atol=TOLERANCE
            )
            np.testing.assert_allclose(
                found[1], activation.derivative(X_GRID.values, **given), rtol=0, atol=TOLERANCE
            )


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_plotted_range_holds_the_curve(name: str) -> None:
    table, [entry] = tabulate([ACTIVATIONS[name]])
    values = rows(table).reshape(-1, 2, X_GRID.size)
    for k, key in enumerate(["range", "derivative_range"]):
        low, high = entry[key]
        assert low < values[:, k].min()
        assert values[:, k].max() < high
        assert low < 0 < high


def test_a_parameter_that_enters_affinely_needs_two_rows() -> None:
    for name in ("leaky_relu", "prelu", "elu"):
        assert len(tabulate([ACTIVATIONS[name]])[1][0]["nodes"]) == 2


def test_any_other_parameter_gets_a_row_for_each_position() -> None:
    steep = Activation(
        name="tanh",
        label="Steep tanh",
        function=lambda x, slope=1.0: np.tanh(slope * np.asarray(x)),
        derivative=lambda x, slope=1.0: slope / np.cosh(slope * np.asarray(x)) ** 2,
        range=ACTIVATIONS["tanh"].range,
        formula="",
        derivative_formula="",
        parameters=(Parameter("slope", 1.0, 0.5, 1.5, "Slope", "s"),),
        kinks=(),
        citation="",
        summary="",
        aliases=(),
    )
    table, [entry] = tabulate([steep])
    assert len(entry["nodes"]) == 101
    np.testing.assert_allclose(
        look_up(table, entry, 0.77)[0], np.tanh(0.77 * X_GRID.values), rtol=0, atol=TOLERANCE
    )


def test_a_shared_parameter_gets_the_widest_slider() -> None:
    relu, leaky = ACTIVATIONS["relu"], ACTIVATIONS["leaky_relu"]
    narrow = Parameter("negative_slope", 0.1, 0.05, 0.2, "Negative slope", "a")
    wide = Parameter("negative_slope", 0.1, -0.5, 1.5, "Negative slope", "a")
    made = [
        Activation(
            **{**vars(relu), "function": leaky.function, "derivative": leaky.derivative, "parameters": (p,)}
        )
        for p in (narrow, wide)
    ]
    knob = knobs(made)["negative_slope"]
    assert (knob.grid.low, knob.grid.high, knob.grid.step) == (-0.5, 1.5, 0.05)


def test_traits_move_the_view_and_follow_it() -> None:
    explorer = derivative_explorer("sigmoid", "elu", "leaky_relu", x=1)
    seen = []
    explorer.observe(lambda change: seen.append(change["new"]), "x")
    explorer.x = 2.01
    assert explorer.x == explorer.view.x == 2.0
    explorer.view.x = -1.5
    assert explorer.x == -1.5
    assert seen == [2.0, -1.5]

    explorer.function = "elu"
    assert explorer.view.index == 1
    explorer.view.index = 2
    assert explorer.function == "leaky_relu"

    explorer.alpha = 2
    assert explorer.view.alpha == 2.0
    explorer.view.negative_slope = 0.2
    assert explorer.negative_slope == 0.2
    assert (
        repr(explorer) == "DerivativeExplorer(function='leaky_relu', x=-1.5, alpha=2.0, negative_slope=0.2)"
    )


def test_no_names_mean_the_whole_catalog() -> None:
    explorer = derivative_explorer()
    assert [entry["name"] for entry in explorer.view.functions] == list(ACTIVATIONS)
    # A page may hold 150 KB of widget state in all.
    assert len(explorer.view.table) * 4 / 3 < 60_000


def test_one_function_needs_no_menu_and_only_its_parameter_a_slider() -> None:
    descriptions = [control.description for control in derivative_explorer("tanh").children[0].children]
    assert descriptions == ["x"]
    both = derivative_explorer("tanh", "elu").children[0].children
    assert [control.description for control in both] == ["Function", "x", "Alpha"]
    assert derivative_explorer("elu", "tanh").view.show_alpha == "flex"
    assert derivative_explorer("tanh", "elu").view.show_alpha == "none"


def test_kinks_are_told() -> None:
    entries = {
        entry["name"]: entry for entry in derivative_explorer("relu", "hard_tanh", "tanh").view.functions
    }
    assert entries["relu"]["kinks"] == [0.0]
    assert entries["hard_tanh"]["kinks"] == [-1.0, 1.0]
    assert entries["tanh"]["kinks"] == []


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_kink_of_the_catalog_is_told_and_that_of_elu_with_another_alpha(name: str) -> None:
    [entry] = derivative_explorer(name).view.functions
    expected = [0.0] if name == "elu" else list(ACTIVATIONS[name].kinks)
    assert entry["kinks"] == expected


def test_a_kink_between_two_positions_is_told_at_the_nearest() -> None:
    shifted = Activation(
        **{
            **vars(ACTIVATIONS["relu"]),
            "function": lambda x: np.maximum(np.asarray(x) - 0.12, 0),
            "derivative": lambda x: (np.asarray(x) > 0.12) * 1.0,
            "kinks": (0.12, 7.0),
        }
    )
    assert tabulate([shifted])[1][0]["kinks"] == [0.1]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: derivative_explorer("rellu"), ValueError, r"unknown name 'rellu'; did you mean 'relu'\?"),
        (lambda: derivative_explorer("tanh", "tanh"), ValueError, r"names must differ, got 'tanh' twice"),
        (lambda: derivative_explorer("tanh", x=7), ValueError, r"x must lie between -6 and 6, got 7"),
        (lambda: derivative_explorer("tanh", x="0"), TypeError, r"x must be a number, got '0'"),
        (lambda: setattr(derivative_explorer("tanh"), "x", None), TypeError, r"x must be a number, got None"),
        (
            lambda: setattr(derivative_explorer("tanh", "elu"), "function", "relu"),
            ValueError,
            r"derivative_explorer: unknown function 'relu'; .*Choose from elu, tanh",
        ),
        (
            lambda: setattr(derivative_explorer("elu"), "alpha", -1),
            ValueError,
            r"derivative_explorer: alpha must lie between 0.1 and 3, got -1",
        ),
    ],
)
def test_bad_input_is_explained(call, error, message) -> None:
    with pytest.raises(error, match=message):
        call()
