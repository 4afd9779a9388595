"""The lives of ReLU units, step by step: who falls silent, who comes back, and what it costs."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from activations.experiments._seeds import generators
from activations.experiments._tabular import Tabular
from activations.experiments.dying import two_moons
from activations.experiments.side_by_side import Networks, fit_side_by_side
from activations.training import Optimizer, get_optimizer
from activations.training._checks import FloatArray, count, number, sequence

__all__ = ["UnitLives", "silent_at_bias", "watch_units"]


@dataclass(frozen=True, eq=False)
class UnitLives(Tabular, axes={"loss": "run"}):
    """Which units are active, before training and after each step.

    Attributes
    ----------
    active : tuple of ndarray of bool, each of shape (n_seeds, n_steps + 1, n_units)
        One array for each hidden layer: whether some example has a positive pre-activation.
    loss : ndarray, shape (n_seeds,)
        After the last step; not finite if the run diverged.
    """

    active: tuple[NDArray[np.bool_], ...]
    loss: FloatArray

    def silent(self, layer: int = 0) -> FloatArray:
        """Return the share of units that are silent after the last step.

        Parameters
        ----------
        layer : int, default 0
            Which hidden layer, from 0.

        Returns
        -------
        ndarray, shape (n_seeds,)
            From 0 to 1.

        Raises
        ------
        IndexError
            If there is no such layer.

        Examples
        --------
        >>> active = np.array([[[True, True], [False, True], [True, True]]])
        >>> lives = UnitLives((active,), loss=np.array([0.5]))
        >>> lives.silent()
        array([0.])
        """
        return np.asarray((~self.active[layer][:, -1]).mean(axis=1))

    def deaths(self, layer: int = 0) -> int:
        """Count how often a unit fell silent, over all seeds and steps.

        Parameters
        ----------
        layer : int, default 0
            Which hidden layer, from 0.

        Returns
        -------
        int

        Raises
        ------
        IndexError
            If there is no such layer.

        Examples
        --------
        >>> active = np.array([[[True, True], [False, True], [True, True]]])
        >>> lives = UnitLives((active,), loss=np.array([0.5]))
        >>> lives.deaths()
        1
        """
        active = self.active[layer]
        return int(np.sum(active[:, :-1] & ~active[:, 1:]))

    def revivals(self, layer: int = 0) -> int:
        """Count how often a silent unit became active again, over all seeds and steps.

        Parameters
        ----------
        layer : int, default 0
            Which hidden layer, from 0.

        Returns
        -------
        int

        Raises
        ------
        IndexError
            If there is no such layer.

        Examples
        --------
        >>> active = np.array([[[True, True], [False, True], [True, True]]])
        >>> lives = UnitLives((active,), loss=np.array([0.5]))
        >>> lives.revivals()
        1
        """
        active = self.active[layer]
        return int(np.sum(~active[:, :-1] & active[:, 1:]))

    def ended_silences(self, layer: int = 0) -> NDArray[np.int64]:
        """Return how many steps each silence lasted that began in training and ended in a revival.

        Parameters
        ----------
        layer : int, default 0
            Which hidden layer, from 0.

        Returns
        -------
        ndarray of int, shape (n_silences,)

        Raises
        ------
        IndexError
            If there is no such layer.

        Examples
        --------
        >>> active = np.array([[[True, True], [False, True], [True, True]]])
        >>> lives = UnitLives((active,), loss=np.array([0.5]))
        >>> lives.ended_silences()
        array([1])
        """
        active = self.active[layer]
        fell = active[:, :-1] & ~active[:, 1:]
        step = np.arange(1, active.shape[1])[:, None]
        # The step of the latest death at each moment; 0 where the unit has not died yet.
        latest = np.maximum.accumulate(np.where(fell, step, 0), axis=1)
        rose = ~active[:, :-1] & active[:, 1:] & (latest > 0)
        return np.asarray((step - latest)[rose])


def watch_units(
    optimizer: Optimizer,
    *,
    activation: str = "relu",
    hidden: Sequence[int] = (64,),
    bias: float = 0.0,
    steps: int = 200,
    seeds: Iterable[int] = range(20),
) -> UnitLives:
    """Train networks to part two half moons, and look at every unit after every step.

    Each step uses all 200 points of `activations.experiments.dying.two_moons`.

    Parameters
    ----------
    optimizer : Optimizer
        A fresh copy serves.
    activation : str, default "relu"
    hidden : sequence of int, default (64,)
        Units in each hidden layer. He initialization.
    bias : float, default 0.0
        What every hidden bias starts from.
    steps : int, default 200
    seeds : iterable of int, default range(20)
        One set of weights each.

    Returns
    -------
    UnitLives

    Raises
    ------
    ValueError
        If the activation is unknown, a number is out of range, or there is no seed.

    Examples
    --------
    Plain gradient descent kills units of a first layer, and never brings one back:

    >>> from activations.training import SGD
    >>> lives = watch_units(SGD(10.0), steps=30, seeds=range(3))
    >>> lives.deaths() > 10, lives.revivals()
    (True, 0)
    """
    steps = count("watch_units", "steps", steps, 1)
    rngs = generators("watch_units", seeds)
    X, y = two_moons()
    bias = number("watch_units", "bias", bias, -np.inf, np.inf)
    sizes = [2, *sequence("watch_units", "hidden", hidden, "whole numbers"), 1]
    networks = Networks(sizes, activation, initializer="he_normal", rngs=rngs)
    for b in networks.biases[:-1]:
        b[...] = bias
    frames: list[list[NDArray[np.bool_]]] = []

    def look(_step: int, networks: Networks) -> None:
        hidden_layers = networks.forward(X).pre_activations[:-1]
        frames.append([np.asarray((z > 0).any(axis=1)) for z in hidden_layers])

    look(0, networks)
    loss = fit_side_by_side(
        networks,
        X,
        y,
        loss="binary_cross_entropy",
        optimizer=copy.deepcopy(get_optimizer(optimizer)),
        epochs=steps,
        batch_size=len(X),
        rngs=rngs,
        on_epoch_end=look,
    )
    active = tuple(np.stack(layer, axis=1) for layer in zip(*frames, strict=True))
    return UnitLives(active, loss)


def silent_at_bias(bias: float, *, directions: int = 3600) -> float:
    r"""Compute the chance that a He unit with a given bias is silent at all points of the two half moons.

    A weight vector of length r in the direction u reaches at most :math:`r\,h(u)`, where
    :math:`h(u) = \max_i u \cdot x_i` tells how far the points stretch that way. For two standard normal
    weights r has the Rayleigh distribution, so

    .. math:: P = \frac{1}{2\pi}\int_0^{2\pi} 1 - \exp\Bigl(-\frac{b^2}{2\,h(u)^2}\Bigr)\, d\varphi .

    Parameters
    ----------
    bias : float
        At most 0.
    directions : int, default 3600
        Steps of the integral.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the bias is above 0.

    Examples
    --------
    >>> [round(silent_at_bias(bias), 2) for bias in (0.0, -1.0, -4.0)]
    [0.0, 0.14, 0.89]
    """
    bias = number("silent_at_bias", "bias", bias, -np.inf, np.inf)
    if bias > 0:
        raise ValueError(
            f"silent_at_bias: bias must be at most 0, got {bias}; a positive one silences nobody"
        )
    angle = 2 * np.pi * np.arange(count("silent_at_bias", "directions", directions, 1)) / directions
    reach = (two_moons()[0] @ np.array([np.cos(angle), np.sin(angle)])).max(axis=0)
    return float(np.mean(-np.expm1(-(bias**2) / (2 * reach**2))))
