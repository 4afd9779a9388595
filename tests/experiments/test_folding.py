"""Straight pieces of ReLU networks."""

from __future__ import annotations

import numpy as np
import pytest

from activations.experiments.folding import (
    count_pieces,
    count_stretches,
    random_network,
    triangle_network,
)
from activations.training import MLP


@pytest.mark.parametrize("layers", range(1, 11))
def test_the_triangle_network_folds_once_a_layer(layers: int) -> None:
    network = triangle_network(layers)
    assert count_pieces(network) == 2**layers
    x = np.arange(2**layers + 1) / 2**layers
    # All numbers are dyadic fractions, so the zigzag is exact.
    np.testing.assert_array_equal(network.predict(x[:, None]).ravel(), np.arange(2**layers + 1) % 2)
    slopes = np.diff(network.predict(x[:, None]).ravel()) * 2**layers
    assert set(np.abs(slopes)) == {2.0**layers}


def test_pieces_of_a_network_with_one_hidden_layer_are_its_kinks_and_one() -> None:
    kinks = [-0.5, 0.25, 0.6]
    network = MLP([1, 3, 1], "relu", parameters=[np.ones((1, 3)), -np.array(kinks), np.ones((3, 1)), [0.0]])
    assert count_pieces(network, -1, 1) == 4
    assert count_pieces(network, 0, 1) == 3


@pytest.mark.parametrize("name", ["relu", "silu", "gelu"])
def test_a_steep_hinge_of_any_kind_folds_once_a_layer(name: str) -> None:
    assert count_stretches(triangle_network(5, name, steepness=30)) == 2**5


def test_a_level_piece_begins_no_stretch() -> None:
    # Falls from -1 to 0, stays level to 1, then rises; and without the fall it only rises.
    network = MLP([1, 2, 1], "relu", parameters=[[[-1.0, 1.0]], [0.0, -1.0], np.ones((2, 1)), [0.0]])
    assert count_stretches(network, -1, 2, cells=300) == 2
    assert count_stretches(network, 0, 2, cells=300) == 1


def test_random_networks_repeat() -> None:
    one, two = (random_network(3, 4, rng=np.random.default_rng(7)) for _ in range(2))
    for a, b in zip(one.parameters, two.parameters, strict=True):
        np.testing.assert_array_equal(a, b)
    assert np.std(np.concatenate(one.biases[:-1])) > 0.5
    assert not one.biases[-1].any()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: triangle_network(0), "layers must be at least 1"),
        (lambda: random_network(1, 0, rng=np.random.default_rng(0)), "width must be at least 1"),
        (lambda: count_pieces(triangle_network(1), 1, 1), "low must be below high"),
        (lambda: count_pieces(triangle_network(1), cells=0), "cells must be at least 1"),
        (lambda: count_stretches(triangle_network(1), 1, 0), "low must be below high"),
        (lambda: count_stretches(triangle_network(1), cells=0), "cells must be at least 1"),
        (lambda: count_pieces(MLP([2, 2, 1], rng=np.random.default_rng(0))), r"\(n_samples, 2\)"),
    ],
)
def test_bad_arguments_are_refused(call, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
