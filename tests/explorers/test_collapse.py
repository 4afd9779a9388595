"""linear_collapse_explorer: its weights are those of an MLP, and its presets teach what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from activations.explorers import linear_collapse_explorer

LINE = np.linspace(-2, 2, 161)[:, None]


@pytest.mark.parametrize("layers", range(1, 7))
@pytest.mark.parametrize("preset", ["Random 1", "Random 2", "Triangle map"])
def test_without_a_non_linearity_every_stack_is_one_line(layers: int, preset: str) -> None:
    explorer = linear_collapse_explorer(layers=layers, preset=preset)
    y = explorer.network().predict(LINE).ravel()
    slope, intercept = np.polyfit(LINE.ravel(), y, 1)
    np.testing.assert_allclose(y, slope * LINE.ravel() + intercept, atol=1e-9 * np.abs(y).max())


@pytest.mark.parametrize("layers", range(1, 7))
def test_the_triangle_map_doubles_its_pieces_with_each_layer(layers: int) -> None:
    explorer = linear_collapse_explorer(layers=layers, activation="relu", preset="Triangle map")
    steps = np.linspace(-2, 2, 641)[:, None]
    slopes = np.diff(explorer.network().predict(steps).ravel()) / np.diff(steps.ravel())
    assert 1 + np.sum(np.abs(np.diff(slopes)) > 1e-6) == 2 ** (layers - 1)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("preset", ["Random 1", "Random 2"])
def test_the_random_presets_bend(activation: str, preset: str) -> None:
    y = linear_collapse_explorer(activation=activation, preset=preset).network().predict(LINE).ravel()
    slope, intercept = np.polyfit(LINE.ravel(), y, 1)
    assert np.abs(y - slope * LINE.ravel() - intercept).max() > 0.05 * np.ptp(y)


def test_traits_move_the_view() -> None:
    explorer = linear_collapse_explorer()
    explorer.layers, explorer.activation, explorer.x = 2, "tanh", -1
    assert (explorer.view.layers, explorer.view.activation, explorer.view.x) == (2, 1 + 1, -1.0)
    weights = np.array(explorer.weights)
    weights[0, 0] = [3, -3]
    explorer.weights = weights
    explorer.biases = np.zeros((6, 2))
    assert explorer.view.weights[0][0] == [3.0, -3.0]
    network = explorer.network()
    assert network.layer_sizes == (1, 2, 1)
    np.testing.assert_array_equal(network.weights[0], [[3, -3]])
    np.testing.assert_array_equal(network.weights[1], weights[1, :, :1])
    np.testing.assert_array_equal(network.biases[0], 0)
    assert repr(explorer) == "CollapseExplorer(layers=2, activation='tanh', preset='Random 1', x=-1.0)"


def test_a_preset_replaces_the_weights() -> None:
    explorer = linear_collapse_explorer()
    seen = []
    explorer.observe(lambda change: seen.append(change["name"]), ["weights", "biases"])
    explorer.preset = "Triangle map"
    assert explorer.weights[1] == [[2.0, 2.0], [-4.0, -4.0]]
    assert explorer.biases[0] == [0.5, 0.0]
    assert sorted(seen) == ["biases", "weights"]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: linear_collapse_explorer(layers=7), ValueError, r"layers must lie between 1 and 6, got 7"),
        (lambda: linear_collapse_explorer(layers=1.5), ValueError, r"layers must be a whole number, got 1.5"),
        (lambda: linear_collapse_explorer(activation="rellu"), ValueError, r"did you mean 'relu'\?"),
        (lambda: linear_collapse_explorer(preset="Random"), ValueError, r"unknown preset 'Random'"),
        (
            lambda: setattr(linear_collapse_explorer(), "weights", [[1.0]]),
            ValueError,
            r"weights must have shape \(6, 2, 2\), got \(1, 1\); start from explorer.weights",
        ),
        (
            lambda: setattr(linear_collapse_explorer(), "biases", [["a", 1]]),
            TypeError,
            r"biases must be numbers of shape \(6, 2\)",
        ),
        (
            lambda: setattr(linear_collapse_explorer(), "biases", np.full((6, 2), 100)),
            ValueError,
            r"biases must lie between −99 and 99, got 100.0",
        ),
        (
            lambda: setattr(linear_collapse_explorer(), "biases", np.full((6, 2), np.nan)),
            ValueError,
            r"biases must lie between −99 and 99, got nan",
        ),
    ],
)
def test_bad_input_is_explained(call, error, message) -> None:
    with pytest.raises(error, match=f"linear_collapse_explorer: .*{message}"):
        call()
