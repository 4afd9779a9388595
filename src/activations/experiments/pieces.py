"""How many straight pieces a ReLU network of one input has: counted exactly, not on a grid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from activations.training import MLP
from activations.training._checks import count

__all__ = ["count_pieces", "count_random_pieces", "find_kinks", "triangle_map"]

FloatArray = NDArray[np.floating[Any]]

PIECEWISE = frozenset({"identity", "relu", "leaky_relu", "prelu"})
"""Activations that are straight on both sides of zero."""


def triangle_map(depth: int, activation: str = "relu") -> MLP:
    r"""Build the network that folds the unit interval `depth` times.

    One layer of two units draws a triangle, :math:`t(x) = 2 f(x) - 4 f(x - \tfrac12)`: up from 0 to 1, down
    again to 0. The layers after it fold what they get once more, so `depth` layers draw 2 to the power of
    `depth` − 1 triangles.

    Parameters
    ----------
    depth : int
        Number of hidden layers, at least 1.
    activation : str, default "relu"
        The f. Only ReLU makes straight folds.

    Returns
    -------
    MLP
        Of the sizes [1, 2, …, 2, 1].

    Raises
    ------
    ValueError
        If `depth` is below 1.

    References
    ----------
    M. Telgarsky, "Benefits of depth in neural networks", 2016.

    Examples
    --------
    >>> triangle_map(2).predict([[0.0], [0.25], [0.5], [0.75], [1.0]]).ravel()
    array([0., 1., 0., 1., 0.])
    """
    depth = count("triangle_map", "depth", depth, 1)
    up_and_down = np.array([2.0, -4.0])
    shift = np.array([0.0, -0.5])
    parameters: list[ArrayLike] = [np.ones((1, 2)), shift]
    for _ in range(depth - 1):
        parameters += [np.column_stack([up_and_down, up_and_down]), shift]
    parameters += [up_and_down[:, None], np.zeros(1)]
    return MLP([1, *[2] * depth, 1], activation, parameters=parameters)


def find_kinks(network: MLP, low: float = 0.0, high: float = 1.0, *, tolerance: float = 1e-9) -> FloatArray:
    """Find the places where a piecewise linear network of one input and one output changes its slope.

    Between two neighbouring kinks of the layers below every pre-activation is a straight line, so its zero
    can be computed instead of searched. Going through the layers this way finds every kink, however close to
    another one. With weights that are short binary fractions, as those of `triangle_map`, all of it is exact.

    Parameters
    ----------
    network : MLP
        With ReLU, leaky ReLU, PReLU or identity in its layers.
    low, high : float, defaults 0 and 1
        The interval, without its ends.
    tolerance : float, default 1e-9
        Slopes that differ by less, relative to the largest slope, count as equal.

    Returns
    -------
    ndarray, shape (n_kinks,)
        Increasing.

    Raises
    ------
    ValueError
        If the network has several inputs or outputs or an activation that is not piecewise linear, or the
        interval is empty.

    Examples
    --------
    >>> find_kinks(triangle_map(2))
    array([0.25, 0.5 , 0.75])
    """
    strange = {act.name for act in (*network.hidden_activations, network.output_activation)} - PIECEWISE
    if strange or (network.layer_sizes[0], network.layer_sizes[-1]) != (1, 1):
        raise ValueError(
            "find_kinks: the network must be piecewise linear with one input and one output, got "
            f"{network!r}; choose relu, leaky_relu or prelu"
        )
    if not low < high:
        raise ValueError(f"find_kinks: low must be below high, got {low} and {high}; swap them")
    x = np.array([low, high])
    a = x[:, None]
    for W, b, f in zip(network.weights, network.biases, network.functions, strict=True):
        x, z = _cut_at_zeros(x, a @ W + b)
        a = f(z)
    slopes = np.diff(a[:, 0]) / np.diff(x)
    kinks: FloatArray = x[1:-1][np.abs(np.diff(slopes)) > tolerance * np.abs(slopes).max()]
    return kinks


def count_pieces(network: MLP, low: float = 0.0, high: float = 1.0) -> int:
    """Count the straight pieces of a piecewise linear network between two inputs.

    Parameters
    ----------
    network : MLP
    low, high : float, defaults 0 and 1

    Returns
    -------
    int

    Raises
    ------
    ValueError
        As `find_kinks`.

    Examples
    --------
    >>> [count_pieces(triangle_map(depth)) for depth in (1, 2, 3, 10)]
    [2, 4, 8, 1024]
    """
    return len(find_kinks(network, low, high)) + 1


def count_random_pieces(
    hidden: Sequence[int], *, low: float = -10.0, high: float = 10.0, seeds: Iterable[int] = range(20)
) -> NDArray[np.int64]:
    """Count the pieces of ReLU networks with random weights.

    He normal weights. The biases are normal with standard deviation 1: without any, all kinks would lie at
    zero.

    Parameters
    ----------
    hidden : sequence of int
        Units in each hidden layer.
    low, high : float, defaults −10 and 10
    seeds : iterable of int, default range(20)
        One network each.

    Returns
    -------
    ndarray of int, shape (n_seeds,)

    Examples
    --------
    >>> bool((count_random_pieces([16], seeds=range(5)) <= 17).all())
    True
    """
    counts = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        network = MLP([1, *hidden, 1], "relu", rng=rng)
        for b in network.biases[:-1]:
            b[:] = rng.standard_normal(b.shape)
        counts.append(count_pieces(network, low, high))
    return np.array(counts)


def _cut_at_zeros(x: FloatArray, z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Insert the zeros of every column of `z`, which is linear between neighbouring `x`, into both."""
    left, right = z[:-1], z[1:]
    interval, unit = np.nonzero(left * right < 0)
    # The share of the interval at which the line through both ends is zero.
    share = left[interval, unit] / (left[interval, unit] - right[interval, unit])
    zeros = x[interval] + share * (x[interval + 1] - x[interval])
    values = left[interval] + share[:, None] * (right[interval] - left[interval])
    values[np.arange(len(unit)), unit] = 0.0
    everywhere, first = np.unique(np.concatenate([x, zeros]), return_index=True)
    return everywhere, np.concatenate([z, values])[first]
