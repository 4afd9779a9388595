"""How ReLU units die, which networks are born dead, and what a leak does about it."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from activations.datasets import Standardizer, load_digits, moons
from activations.experiments._seeds import each_seed
from activations.experiments._tabular import Tabular
from activations.training import MLP, SGD, History, Optimizer, binary_cross_entropy, dead_units, fit
from activations.training._checks import count, number

__all__ = [
    "BornDead",
    "DeadOnDigits",
    "Dying",
    "FreshPoints",
    "fresh_moons",
    "measure_born_dead",
    "measure_dead_on_digits",
    "measure_dying",
    "measure_on_fresh_points",
    "measure_redrawing",
    "one_input_death_probability",
    "train_on_moons",
    "two_moons",
]

FloatArray = NDArray[np.floating[Any]]


def two_moons(n_samples: int = 200) -> tuple[FloatArray, NDArray[np.int64]]:
    """Return the standardized half moons on which this module trains: always the same points.

    Parameters
    ----------
    n_samples : int, default 200
        How many points.

    Returns
    -------
    X : ndarray, shape (n_samples, 2)
        Each column has mean 0 and standard deviation 1.
    y : ndarray of int64, shape (n_samples,)
        0 or 1.

    Raises
    ------
    ValueError
        If there are fewer than 2 points.

    Examples
    --------
    >>> X, y = two_moons()
    >>> X.shape, y[:5]
    ((200, 2), array([0, 1, 1, 0, 1]))
    """
    X, y = moons(n_samples, rng=np.random.default_rng(0))
    return Standardizer.fit(X).transform(X), y


def fresh_moons(n_samples: int = 10_000) -> FloatArray:
    """Return other points of the same kind, on the scale of `two_moons`.

    Parameters
    ----------
    n_samples : int, default 10000
        How many.

    Returns
    -------
    ndarray, shape (n_samples, 2)

    Raises
    ------
    ValueError
        If there are fewer than 2 points.

    Examples
    --------
    >>> fresh_moons(400).shape
    (400, 2)
    """
    scaler = Standardizer.fit(moons(200, rng=np.random.default_rng(0))[0])
    return scaler.transform(moons(n_samples, rng=np.random.default_rng(1))[0])


def train_on_moons(network: MLP, optimizer: Optimizer, *, steps: int) -> History:
    """Train a network in place on all points of `two_moons` at every step.

    Parameters
    ----------
    network : MLP
        With two inputs and one output.
    optimizer : Optimizer
    steps : int

    Returns
    -------
    History

    Raises
    ------
    ValueError, TypeError
        As in `fit`.

    Examples
    --------
    >>> network = MLP([2, 16, 1], "relu", rng=np.random.default_rng(0))
    >>> history = train_on_moons(network, SGD(1.0), steps=50)
    >>> bool(history["loss"][-1] < history["loss"][0])
    True
    """
    X, y = two_moons()
    return fit(
        network,
        X,
        y,
        loss="binary_cross_entropy",
        optimizer=optimizer,
        epochs=steps,
        batch_size=len(X),
        shuffle=False,
        progress=False,
    )


@dataclass(frozen=True, eq=False)
class FreshPoints(Tabular, axes={"dead": "run unit", "dead_on_fresh": "run unit"}):
    """Units of trained networks, looked at on two sets of points.

    Attributes
    ----------
    dead : ndarray of bool, shape (n_seeds, n_units)
        Whether a unit fires for none of the points it was trained on.
    dead_on_fresh : ndarray of bool, shape (n_seeds, n_units)
        Whether it fires for none of `fresh_moons`.
    """

    dead: NDArray[np.bool_]
    dead_on_fresh: NDArray[np.bool_]

    @property
    def woken(self) -> float:
        """Share of the dead units, over all seeds, that fire for some fresh point."""
        return float(np.mean(~self.dead_on_fresh[self.dead]))


def measure_on_fresh_points(
    learning_rate: float = 10.0, *, steps: int = 50, seeds: Iterable[int] = range(20)
) -> FreshPoints:
    """Train 2-64-1 networks on `two_moons` at a rate that kills, and try their units on 10 000 fresh points.

    Parameters
    ----------
    learning_rate : float, default 10.0
        Of plain gradient descent.
    steps : int, default 50
    seeds : iterable of int, default range(20)
        One set of weights each.

    Returns
    -------
    FreshPoints

    Raises
    ------
    ValueError
        If a number is out of range, or there is no seed.

    Examples
    --------
    >>> runs = measure_on_fresh_points(seeds=range(3))
    >>> bool(0 < runs.woken < 0.5)
    True
    """
    X, fresh = two_moons()[0], fresh_moons()
    rows = []
    for seed in each_seed("measure_on_fresh_points", seeds):
        network = MLP([2, 64, 1], "relu", rng=np.random.default_rng(seed))
        train_on_moons(network, SGD(learning_rate), steps=steps)
        rows.append((dead_units(network, X)[0], dead_units(network, fresh)[0]))
    dead, dead_on_fresh = (np.array(column) for column in zip(*rows, strict=True))
    return FreshPoints(dead, dead_on_fresh)


def measure_redrawing(redraw: bool, *, steps: int = 100, seeds: Iterable[int] = range(20)) -> FloatArray:
    """Train networks most of whose units are dead at the start, with or without a new life for these.

    A bias of -4 silences nine units in ten of 2-64-1 networks on `two_moons`. A unit's new life: weights
    drawn again, a bias of zero, and an outgoing weight of zero, so that the answers stay what they are.

    Parameters
    ----------
    redraw : bool
        Whether dead units are redrawn before training.
    steps : int, default 100
        Of gradient descent at a rate of 1.
    seeds : iterable of int, default range(20)
        One set of weights each.

    Returns
    -------
    ndarray, shape (n_seeds,)
        The final loss.

    Raises
    ------
    ValueError
        If a number is out of range, or there is no seed.

    Examples
    --------
    >>> few = range(3)
    >>> bool((measure_redrawing(True, seeds=few) < measure_redrawing(False, seeds=few)).all())
    True
    """
    X, _ = two_moons()
    losses = []
    for seed in each_seed("measure_redrawing", seeds):
        rng = np.random.default_rng(seed)
        network = MLP([2, 64, 1], "relu", rng=rng)
        network.biases[0][:] = -4
        dead = dead_units(network, X)[0] & redraw
        network.weights[0][:, dead] = rng.normal(size=(2, dead.sum()))
        network.biases[0][dead], network.weights[1][dead] = 0, 0
        losses.append(train_on_moons(network, SGD(1.0), steps=steps)["loss"][-1])
    return np.array(losses)


@dataclass(frozen=True, eq=False)
class DeadOnDigits(Tabular, axes={"before": "run layer", "after": "run layer"}):
    """Dead units of networks that read digits.

    Attributes
    ----------
    before, after : ndarray, shape (n_seeds, 2)
        Share of dead units in each hidden layer, before and after training.
    """

    before: FloatArray
    after: FloatArray


def measure_dead_on_digits(
    learning_rate: float,
    *,
    standardized: bool = True,
    batch_size: int = 64,
    epochs: int = 5,
    seeds: Iterable[int] = range(20),
) -> DeadOnDigits:
    """Train ReLU networks with two hidden layers of 64 units on 500 digits, and count their dead units.

    Parameters
    ----------
    learning_rate : float
        Of plain stochastic gradient descent.
    standardized : bool, default True
        Whether each pixel has mean 0 and standard deviation 1; otherwise it runs from 0 to 16.
    batch_size : int, default 64
    epochs : int, default 5
    seeds : iterable of int, default range(20)
        One set of weights and one order of examples each.

    Returns
    -------
    DeadOnDigits

    Raises
    ------
    ValueError
        If a number is out of range, or there is no seed.

    Examples
    --------
    >>> float(measure_dead_on_digits(0.4, seeds=range(2)).before.max())
    0.0
    """
    digits = load_digits()
    rows = np.random.default_rng(0).permutation(len(digits.target))[:500]
    X, y = digits.features[rows], digits.target[rows]
    if standardized:
        X = Standardizer.fit(X).transform(X)
    shares = []
    for seed in each_seed("measure_dead_on_digits", seeds):
        rng = np.random.default_rng(seed)
        network = MLP([64, 64, 64, 10], "relu", rng=rng)
        before = [dead.mean() for dead in dead_units(network, X)]
        fit(
            network,
            X,
            y,
            loss="softmax_cross_entropy",
            optimizer=SGD(learning_rate),
            epochs=epochs,
            batch_size=batch_size,
            rng=rng,
            progress=False,
        )
        shares.append((before, [dead.mean() for dead in dead_units(network, X)]))
    before_and_after = np.array(shares)
    return DeadOnDigits(before_and_after[:, 0], before_and_after[:, 1])


@dataclass(frozen=True)
class Dying(
    Tabular,
    axes={"loss": "run", "silent_before": "run unit", "silent_after": "run unit", "no_gradient": "run unit"},
):
    """Training runs of a network with one hidden layer, and what became of its units, one row for each seed.

    Attributes
    ----------
    silent_before, silent_after : ndarray of bool, shape (n_seeds, n_units)
        Units whose pre-activation is positive for no example, before and after training.
    no_gradient : ndarray of bool, shape (n_seeds, n_units)
        Units that pass no gradient for any example, after training. For ReLU these are the silent ones.
    loss : ndarray, shape (n_seeds,)
        After training.
    histories : tuple of History
        The record of each run.
    """

    silent_before: NDArray[np.bool_]
    silent_after: NDArray[np.bool_]
    no_gradient: NDArray[np.bool_]
    loss: FloatArray
    histories: tuple[History, ...]

    @property
    def revived(self) -> int:
        """How many units were silent before training and are not any more, over all seeds."""
        return int(np.sum(self.silent_before & ~self.silent_after))

    @property
    def killed(self) -> int:
        """How many units fell silent in training, over all seeds."""
        return int(np.sum(~self.silent_before & self.silent_after))


def measure_dying(
    activation: str = "relu",
    *,
    bias: float = 0.0,
    optimizer: Optimizer | None = None,
    activation_parameters: Mapping[str, float] | None = None,
    width: int = 64,
    steps: int = 100,
    seeds: Iterable[int] = range(20),
) -> Dying:
    """Train a network with one hidden layer to part two half moons, and watch its units.

    Every step uses all points of `two_moons`; the seeds draw the initial weights.

    Parameters
    ----------
    activation : str, default "relu"
        The hidden activation. He initialization serves ReLU, leaky ReLU and PReLU alike, so that equal seeds
        mean equal initial weights.
    bias : float, default 0.0
        What every hidden bias starts from.
    optimizer : Optimizer, optional
        A fresh copy serves each run; gradient descent with learning rate 1 by default.
    activation_parameters : mapping, optional
        Such as ``{"negative_slope": 0.2}``.
    width : int, default 64
        Hidden units.
    steps : int, default 100
        Updates.
    seeds : iterable of int, default range(20)
        One network each.

    Returns
    -------
    Dying

    Raises
    ------
    ValueError
        If a name is unknown, a number is out of range, or there is no seed.

    Warns
    -----
    DivergenceWarning
        If the loss of a run ceases to be finite.

    Examples
    --------
    A bias of -4 silences nine units in ten, and no ReLU unit ever comes back:

    >>> runs = measure_dying(bias=-4.0, seeds=range(5))
    >>> print(round(runs.silent_before.mean(), 1), runs.revived)
    0.9 0
    """
    bias = number("measure_dying", "bias", bias, -math.inf, math.inf)
    X, y = two_moons()
    template = SGD(1.0) if optimizer is None else optimizer
    before, after, no_gradient, losses, histories = [], [], [], [], []
    for seed in each_seed("measure_dying", seeds):
        network = MLP(
            [2, width, 1],
            activation,
            activation_parameters=activation_parameters,
            initializer="he_normal",
            rng=np.random.default_rng(seed),
        )
        network.biases[0][:] = bias
        before.append(_silent(network, X))
        history = train_on_moons(network, copy.deepcopy(template), steps=steps)
        after.append(_silent(network, X))
        no_gradient.append(dead_units(network, X)[0])
        losses.append(binary_cross_entropy(network.predict(X), y))
        histories.append(history)
    return Dying(np.array(before), np.array(after), np.array(no_gradient), np.array(losses), tuple(histories))


@dataclass(frozen=True)
class BornDead(Tabular, axes={"at_one_input": "layer", "everywhere": "layer"}):
    """Shares of untrained ReLU networks whose signal does not get through; index 0 is one hidden layer.

    Attributes
    ----------
    at_one_input : ndarray, shape (depth,)
        Share of networks whose last hidden layer is all zero at the input x = 1.
    everywhere : ndarray, shape (depth,)
        Share of networks whose last hidden layer is all zero at every input x: their output is constant.
    """

    at_one_input: FloatArray
    everywhere: FloatArray


def one_input_death_probability(width: int, depth: int) -> float:
    r"""Return the chance that a random ReLU network without biases lets nothing through of one input.

    .. math:: 1 - \left(1 - 2^{-\text{width}}\right)^{\text{depth}}

    Weights that are as likely positive as negative make each unit silent with a chance of one half. A layer
    is silent if all its units are, and one silent layer is enough. For the chance to be dead at *every*
    input, this is an upper bound.

    Parameters
    ----------
    width : int
        Units in each hidden layer, at least 1.
    depth : int
        Number of hidden layers, at least 1.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If width or depth is below 1.

    References
    ----------
    L. Lu, Y. Shin, Y. Su and G. E. Karniadakis, "Dying ReLU and initialization", 2020.

    Examples
    --------
    >>> [round(one_input_death_probability(width, 10), 3) for width in (2, 3, 4, 5)]
    [0.944, 0.737, 0.476, 0.272]
    """
    width = count("one_input_death_probability", "width", width, 1)
    depth = count("one_input_death_probability", "depth", depth, 1)
    return float(1.0 - (1.0 - 0.5**width) ** depth)


def measure_born_dead(width: int, depth: int, *, networks: int = 2000, seed: int = 0) -> BornDead:
    """Draw ReLU networks with one input and no bias, and count those that were dead from the start.

    Without biases the network is the same function, scaled, at all positive inputs, and the same at all
    negative ones: the inputs 1 and -1 stand for every x. The spread of the weights does not matter for
    what is zero and what is not.

    Parameters
    ----------
    width : int
        Units in each hidden layer, at least 1.
    depth : int
        Number of hidden layers, at least 1.
    networks : int, default 2000
        How many to draw.
    seed : int, default 0
        For the generator.

    Returns
    -------
    BornDead

    Raises
    ------
    ValueError
        If a number is below 1.

    Examples
    --------
    >>> counts = measure_born_dead(2, 4)
    >>> counts.at_one_input.round(1), counts.everywhere.round(1)
    (array([0.3, 0.4, 0.6, 0.7]), array([0. , 0.1, 0.3, 0.5]))
    """
    width = count("measure_born_dead", "width", width, 1)
    depth = count("measure_born_dead", "depth", depth, 1)
    networks = count("measure_born_dead", "networks", networks, 1)
    rng = np.random.default_rng(count("measure_born_dead", "seed", seed, 0))
    a = np.broadcast_to([[1.0], [-1.0]], (networks, 2, 1))
    at_one_input, everywhere = [], []
    for _ in range(depth):
        a = np.maximum(a @ rng.standard_normal((networks, a.shape[2], width)), 0)
        # Only the sign of what follows matters: rescaling keeps a deep product within range.
        a = a / np.maximum(a.max(axis=2, keepdims=True), np.finfo(float).tiny)
        silent = (a == 0).all(axis=2)
        at_one_input.append(silent[:, 0].mean())
        everywhere.append(silent.all(axis=1).mean())
    return BornDead(np.array(at_one_input), np.array(everywhere))


def _silent(network: MLP, X: FloatArray) -> NDArray[np.bool_]:
    """Return a mask of the hidden units whose pre-activation is positive for no example."""
    return np.asarray((network.forward(X).pre_activations[0] <= 0).all(axis=0))
