"""depth_explorer: the stored table is what the package measures."""

from __future__ import annotations

import numpy as np
import pytest

from activations.explorers import _depth_table, depth_explorer
from activations.explorers._depth_table import (
    ACTIVATIONS,
    DEEPEST,
    INITIALIZERS,
    load_table,
    measure_table,
    summary,
)

TRIANGLE = 3 * DEEPEST * (DEEPEST + 1) // 2


def stored(activation: str, initializer: str, depth: int) -> np.ndarray:
    row = load_table()[ACTIVATIONS.index(activation), INITIALIZERS.index(initializer)]
    return row[3 * depth * (depth - 1) // 2 :][: 3 * depth].reshape(3, depth)


# A sample: every activation and every initializer, shallow and deep.
@pytest.mark.parametrize(
    ("activation", "initializer", "depth"),
    [
        ("sigmoid", "glorot_uniform", 10),
        ("tanh", "plain_normal", 7),
        ("relu", "he_normal", 12),
        ("selu", "lecun_normal", 5),
        ("relu", "plain_normal", 1),
    ],
)
def test_the_table_is_what_the_package_measures(activation: str, initializer: str, depth: int) -> None:
    # float32 rounds to 6e-8; sums in another order on another machine differ in the twelfth digit.
    np.testing.assert_allclose(
        stored(activation, initializer, depth), summary(activation, initializer, depth), rtol=2e-7
    )


def test_the_table_is_whole() -> None:
    table = load_table()
    assert table.shape == (len(ACTIVATIONS), len(INITIALIZERS), TRIANGLE)
    assert np.all(table > 0)
    assert np.all(np.isfinite(table))
    for activation in ACTIVATIONS:
        for initializer in INITIALIZERS:
            for depth in (1, 17, DEEPEST):
                median, low, high = stored(activation, initializer, depth)
                assert np.all(low <= median)
                assert np.all(median <= high)
                # The last layer is the measure of all others.
                np.testing.assert_array_equal([median[-1], low[-1], high[-1]], 1)


def test_the_table_tells_the_known_story() -> None:
    """Medians that the course quotes, within the factor 3 that holds on every seed."""
    for activation, initializer, depth, ratio in [
        ("sigmoid", "glorot_uniform", 10, 2e-6),
        ("sigmoid", "glorot_uniform", 30, 5e-19),
        ("tanh", "glorot_uniform", 30, 0.16),
        ("tanh", "plain_normal", 30, 2e9),
        ("relu", "glorot_uniform", 30, 3.5e-5),
        ("relu", "he_normal", 30, 0.82),
    ]:
        assert ratio / 3 < stored(activation, initializer, depth)[0, 0] < 3 * ratio


def test_measuring_anew_gives_the_form_of_the_table(tmp_path, monkeypatch) -> None:
    small = measure_table(("tanh",), ("he_normal", "glorot_uniform"), deepest=3)
    assert small.shape == (1, 2, 3 * (1 + 2 + 3))
    np.testing.assert_array_equal(small[0, 1, 9:].reshape(3, 3), stored("tanh", "glorot_uniform", 3))

    monkeypatch.setattr(_depth_table, "TABLE", tmp_path / "depth.npz")
    monkeypatch.setattr(_depth_table, "measure_table", lambda: small)
    _depth_table.main()
    np.testing.assert_array_equal(load_table(), small)


@pytest.mark.parametrize("names", [("relu",), ("sigmoid", "tanh", "relu"), ACTIVATIONS])
def test_the_view_gets_exact_numbers_for_the_first_layer(names: tuple[str, ...]) -> None:
    view = depth_explorer(*names).view
    first = np.frombuffer(view.first, "<f4").reshape(len(names), len(INITIALIZERS), DEEPEST, 3)
    layers = np.frombuffer(view.layers, "<i2").reshape(len(names), len(INITIALIZERS), TRIANGLE)
    for a, activation in enumerate(names):
        for i, initializer in enumerate(INITIALIZERS):
            for depth in (1, 2, 30):
                block = stored(activation, initializer, depth)
                np.testing.assert_array_equal(first[a, i, depth - 1], block[:, 0])
                drawn = layers[a, i, 3 * depth * (depth - 1) // 2 :][: 3 * depth].reshape(3, depth)
                # A mark may be off by half a thousandth of a power of ten: a hundredth of a pixel.
                np.testing.assert_allclose(drawn * view.unit, np.log10(block), rtol=0, atol=0.00051)


def test_the_state_fits_a_page() -> None:
    view = depth_explorer().view
    assert 4 / 3 * (len(view.first) + len(view.layers)) < 60_000


def test_traits_move_the_view() -> None:
    explorer = depth_explorer()
    explorer.activation, explorer.initializer, explorer.depth = "relu", "he_normal", 30
    assert (explorer.view.activation, explorer.view.initializer, explorer.view.depth) == (2, 1, 30)
    explorer.view.depth = 4
    assert explorer.depth == 4
    assert repr(explorer) == "DepthExplorer(activation='relu', initializer='he_normal', depth=4)"


def test_one_activation_needs_no_menu() -> None:
    controls = depth_explorer("relu").children[0].children
    assert [control.description for control in controls] == ["Initialization", "Depth"]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: depth_explorer("gelu"), ValueError, r"unknown activation 'gelu'; did you mean 'selu'\?"),
        (lambda: depth_explorer("relu", "relu"), ValueError, r"names must differ, got relu, relu"),
        (lambda: depth_explorer(3), TypeError, r"activation must be a name, got 3"),
        (
            lambda: setattr(depth_explorer(), "depth", 31),
            ValueError,
            r"depth must lie between 1 and 30, got 31",
        ),
        (
            lambda: setattr(depth_explorer(), "depth", 2.5),
            ValueError,
            r"depth must be a whole number, got 2.5",
        ),
    ],
)
def test_bad_input_is_explained(call, error, message) -> None:
    with pytest.raises(error, match=f"depth_explorer: {message}"):
        call()
