"""Do thirty plain ReLU layers learn? It depends on what the weights start from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from activations.experiments._seeds import generators
from activations.experiments._tabular import Tabular
from activations.experiments.centring import TASKS
from activations.experiments.side_by_side import Networks, fit_side_by_side
from activations.training import SGD, Initializer
from activations.training._checks import FloatArray, count, number

__all__ = ["DeepRuns", "train_very_deep"]


@dataclass(frozen=True, eq=False)
class DeepRuns(Tabular, axes={"loss": "run"}):
    """Training runs of very deep networks, one for each seed.

    Attributes
    ----------
    loss : ndarray, shape (n_seeds,)
        After the last step; not finite if the run diverged.
    chance : float
        The loss of the best constant answer.
    """

    loss: FloatArray
    chance: float

    @property
    def learned(self) -> int:
        """How many of the runs brought their loss below half of chance."""
        return int(np.sum(self.loss < self.chance / 2))


def train_very_deep(
    initializer: str | Initializer,
    learning_rate: float,
    *,
    depth: int = 30,
    width: int = 32,
    epochs: int = 40,
    seeds: Iterable[int] = range(20),
) -> DeepRuns:
    """Train plain ReLU networks to tell malignant from benign masses.

    The data are 100 masses of the breast-cancer set, standardized, the same for all; four batches of 25 make
    an epoch. Plain stochastic gradient descent, in single precision. Rounding errors grow fast in so deep a
    network: another processor may let another run succeed, so count many.

    Parameters
    ----------
    initializer : str or callable
        What draws the weights.
    learning_rate : float
        Above 0.
    depth : int, default 30
        Number of hidden layers.
    width : int, default 32
        Units in each.
    epochs : int, default 40
    seeds : iterable of int, default range(20)
        One set of weights and one order of examples each.

    Returns
    -------
    DeepRuns

    Raises
    ------
    ValueError
        If the initializer is unknown, a number is out of range, or there is no seed.

    Examples
    --------
    >>> few = {"depth": 5, "seeds": range(3)}
    >>> train_very_deep("he_normal", 0.1, **few).learned
    3
    >>> train_very_deep("he_normal", 1e-9, **few).learned
    0
    """
    learning_rate = number("train_very_deep", "learning_rate", learning_rate, 0, np.inf)
    depth = count("train_very_deep", "depth", depth, 1)
    task = TASKS["tumours"]()
    X, y = task.X[:100], task.y[:100]
    rngs = generators("train_very_deep", seeds)
    sizes = [X.shape[1], *[width] * depth, 1]
    networks = Networks(sizes, "relu", initializer=initializer, rngs=rngs, dtype=np.float32)
    loss = fit_side_by_side(
        networks,
        X,
        y,
        loss=task.loss,
        optimizer=SGD(learning_rate),
        epochs=epochs,
        batch_size=25,
        rngs=rngs,
    )
    share = y.mean()
    chance = -(share * np.log(share) + (1 - share) * np.log(1 - share))
    return DeepRuns(loss, float(chance))
