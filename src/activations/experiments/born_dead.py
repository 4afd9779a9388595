"""ReLU networks that are dead before their first step: bounds, counts, and two ways to prevent it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from activations.experiments._seeds import generators
from activations.experiments._tabular import Tabular
from activations.experiments.side_by_side import Networks, fit_side_by_side
from activations.training import Adam, Optimizer, get_optimizer
from activations.training._checks import FloatArray, count, generator, sequence

__all__ = [
    "AbsoluteValueRuns",
    "Bounds",
    "born_dead_bounds",
    "draw_asymmetric",
    "learn_absolute_value",
    "measure_living_points",
]


class Bounds(NamedTuple):
    """Two numbers between which a probability lies.

    Attributes
    ----------
    low, high : float
    """

    low: float
    high: float


def born_dead_bounds(width: int, depth: int) -> Bounds:
    r"""Bound the chance that a random ReLU network with one input and no biases is zero everywhere.

    With :math:`p = 2^{-\text{width}}` and H hidden layers,

    .. math:: 1 - 2(1-p)^H + (1-2p)(1-p)^{2H-2} \;\le\; P \;\le\; 1 - (1-p)^{H-1}.

    The two ends belong to the two extremes: activations of positive and of negative inputs that are
    perpendicular in every layer, or parallel from the second layer on. The lower bound is exact for H ≤ 2.

    Parameters
    ----------
    width : int
        Units in each hidden layer, at least 1.
    depth : int
        Number of hidden layers H, at least 1.

    Returns
    -------
    Bounds

    Raises
    ------
    ValueError
        If a number is below 1.

    References
    ----------
    After L. Lu, Y. Shin, Y. Su and G. E. Karniadakis, "Dying ReLU and initialization", 2020, whose networks
    of L layers have H = L − 1 hidden ones.

    Examples
    --------
    >>> low, high = born_dead_bounds(2, 2)
    >>> low, high
    (0.15625, 0.25)
    """
    width, depth = count("born_dead_bounds", "width", width, 1), count("born_dead_bounds", "depth", depth, 1)
    dead = 0.5**width
    alive = 1 - dead
    both = (1 - 2 * dead) * alive ** (2 * depth - 2)
    return Bounds(1 - 2 * alive**depth + both, 1 - alive ** (depth - 1))


def measure_living_points(
    widths: Sequence[int],
    *,
    n_inputs: int = 1,
    n_points: int = 64,
    networks: int = 1000,
    flip: bool = False,
    seed: int = 0,
) -> FloatArray:
    """Draw ReLU networks without biases, and count the inputs that still have an effect after each layer.

    Parameters
    ----------
    widths : sequence of int
        Units in each hidden layer.
    n_inputs : int, default 1
    n_points : int, default 64
        Inputs to send through, standard normal and the same for all networks.
    networks : int, default 1000
        How many to draw.
    flip : bool, default False
        Whether to negate the weights of a layer that would silence more than half of the points that reach
        it. At least half of them then get through, so that after k layers at least a share of 2^−k is left.
    seed : int, default 0

    Returns
    -------
    ndarray, shape (networks, n_layers)
        Share of the points for which some unit of the layer is active. Where it is 0, the network is born
        dead on these points.

    Raises
    ------
    ValueError
        If there is no layer, or a number is below 1.

    References
    ----------
    B. Rister and D. L. Rubin, "Probabilistic bounds on neuron death in deep rectifier networks", 2020.

    Examples
    --------
    >>> plain = measure_living_points([2] * 10, networks=200)
    >>> flipped = measure_living_points([2] * 10, networks=200, flip=True)
    >>> print((plain[:, -1] == 0).mean() > 0.8, (flipped[:, -1] == 0).mean())
    True 0.0
    """
    widths = sequence("measure_living_points", "widths", widths, "whole numbers")
    seed = count("measure_living_points", "seed", seed, 0)
    numbers = {"n_inputs": n_inputs, "n_points": n_points, "networks": networks}
    numbers |= {f"widths[{layer}]": width for layer, width in enumerate(widths)}
    for name, value in numbers.items():
        count("measure_living_points", name, value, 1)
    if not widths:
        raise ValueError(
            "measure_living_points: widths must not be empty, got none; pass for example [3] * 5"
        )
    rng = np.random.default_rng(seed)
    a = np.broadcast_to(rng.standard_normal((n_points, n_inputs)), (networks, n_points, n_inputs))
    living = np.ones((networks, n_points), dtype=bool)
    shares = []
    for width in widths:
        z = a @ rng.standard_normal((networks, a.shape[2], width))
        if flip:
            passed = (z > 0).any(axis=2).sum(axis=1)
            z[2 * passed < living.sum(axis=1)] *= -1
        a = np.maximum(z, 0)
        # Only signs matter for who lives: rescaling keeps a deep product within range.
        a = a / np.maximum(a.max(axis=2, keepdims=True), np.finfo(float).tiny)
        living = (a > 0).any(axis=2)
        shares.append(living.mean(axis=1))
    return np.array(shares).T


def draw_asymmetric(layer_sizes: Sequence[int], *, rng: np.random.Generator) -> list[FloatArray]:
    """Draw parameters by randomized asymmetric initialization, against units that are born dead.

    Weights and bias of a unit are normal with a standard deviation of 0.6007 / √fan-in, except for one of
    them, picked at random, which is drawn from the beta distribution (2, 1): it is positive. As activations
    are not negative either, that tips the balance towards living units.

    Parameters
    ----------
    layer_sizes : sequence of int
        Number of inputs, of units in each hidden layer, and of outputs.
    rng : numpy.random.Generator
        Source of the random numbers.

    Returns
    -------
    list of ndarray
        ``[W0, b0, W1, b1, …]``, as the `parameters` of an `MLP`.

    Raises
    ------
    ValueError
        If a size is below 1.
    TypeError
        If `rng` is no generator.

    References
    ----------
    L. Lu, Y. Shin, Y. Su and G. E. Karniadakis, "Dying ReLU and initialization", 2020.

    Examples
    --------
    >>> [array.shape for array in draw_asymmetric([1, 2, 1], rng=np.random.default_rng(0))]
    [(1, 2), (2,), (2, 1), (1,)]
    """
    rng = generator("draw_asymmetric", rng, "to draw weights and biases")
    layer_sizes = sequence("draw_asymmetric", "layer_sizes", layer_sizes, "whole numbers")
    for size in layer_sizes:
        count("draw_asymmetric", "every layer size", size, 1)
    parameters = []
    for fan_in, fan_out in pairwise(layer_sizes):
        rows = rng.standard_normal((fan_in + 1, fan_out)) * 0.6007 / np.sqrt(fan_in)
        rows[rng.integers(0, fan_in + 1, fan_out), np.arange(fan_out)] = rng.beta(2, 1, fan_out)
        parameters += [rows[:-1], rows[-1]]
    return parameters


@dataclass(frozen=True, eq=False)
class AbsoluteValueRuns(Tabular, axes={"constant_before": "run", "constant_after": "run", "error": "run"}):
    """Networks that were to learn abs(x), one entry for each.

    Attributes
    ----------
    constant_before, constant_after : ndarray of bool, shape (n_seeds,)
        Whether the network gives the same answer at all points, to 12 digits, before and after training.
    error : ndarray, shape (n_seeds,)
        Mean squared error after training, as a share of that of the best constant answer.
    """

    constant_before: NDArray[np.bool_]
    constant_after: NDArray[np.bool_]
    error: FloatArray

    @property
    def solved(self) -> NDArray[np.bool_]:
        """Whether the error is below a twentieth of that of the best constant, shape (n_seeds,)."""
        return np.asarray(self.error < 0.05)


def learn_absolute_value(
    activation: str = "relu",
    *,
    asymmetric: bool = False,
    width: int = 2,
    hidden_layers: int = 9,
    optimizer: Optimizer | None = None,
    epochs: int = 60,
    seeds: Iterable[int] = range(100),
) -> AbsoluteValueRuns:
    """Train deep, narrow networks on abs(x), which two ReLU units can represent exactly.

    64 evenly spaced points between −√3 and √3, in batches of 16, mean squared error.

    Parameters
    ----------
    activation : str, default "relu"
    asymmetric : bool, default False
        Draw the parameters with `draw_asymmetric` in place of He weights and zero biases.
    width, hidden_layers : int, defaults 2 and 9
        With the output layer that makes ten layers.
    optimizer : Optimizer, optional
        A fresh copy serves; Adam with a rate of 0.01 by default.
    epochs : int, default 60
    seeds : iterable of int, default range(100)
        One set of weights and one order of examples each.

    Returns
    -------
    AbsoluteValueRuns

    Raises
    ------
    ValueError
        If the activation is unknown, a number is out of range, or there is no seed.

    References
    ----------
    L. Lu, Y. Shin, Y. Su and G. E. Karniadakis, "Dying ReLU and initialization", 2020.

    Examples
    --------
    >>> runs = learn_absolute_value(epochs=5, seeds=range(20))
    >>> bool(runs.constant_before.mean() > 0.7), bool(runs.constant_after[runs.constant_before].all())
    (True, True)
    """
    width = count("learn_absolute_value", "width", width, 1)
    hidden_layers = count("learn_absolute_value", "hidden_layers", hidden_layers, 1)
    rngs = generators("learn_absolute_value", seeds)
    sizes = [1, *[width] * hidden_layers, 1]
    networks = Networks(sizes, activation, initializer="he_normal", rngs=rngs)
    if asymmetric:
        drawn = zip(*(draw_asymmetric(sizes, rng=rng) for rng in rngs), strict=True)
        for array, values in zip(networks.parameters, drawn, strict=False):
            array[...] = np.stack(values).reshape(array.shape)
    X = np.linspace(-np.sqrt(3), np.sqrt(3), 64).reshape(-1, 1)
    y = np.abs(X)
    before = _constant(networks, X)
    loss = fit_side_by_side(
        networks,
        X,
        y,
        loss="mean_squared_error",
        optimizer=Adam(0.01) if optimizer is None else copy.deepcopy(get_optimizer(optimizer)),
        epochs=epochs,
        batch_size=16,
        rngs=rngs,
    )
    return AbsoluteValueRuns(before, _constant(networks, X), loss / y.var())


def _constant(networks: Networks, X: FloatArray) -> NDArray[np.bool_]:
    outputs = networks.predict(X)[..., 0]
    return np.asarray(np.ptp(outputs, axis=1) <= 1e-12 * np.abs(outputs).max(axis=1))
