"""Recordings of training runs: what `training_replay` plays."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from activations.functions import sigmoid
from activations.training import (
    MLP,
    SGD,
    DivergenceWarning,
    accuracy,
    binary_cross_entropy,
    dead_units,
    fit,
)
from activations.training._checks import finite, instance, matrix, numeric_array, sequence

from ._base import whole

_CELLS = 20
"""Cells of the grid, along each axis, on which a frame keeps the predictions."""

MOST_FRAMES = 31


class Recorder:
    """Record a classifier of points in the plane while it learns.

    Give it to `fit` as ``on_epoch_end``, and to `training_replay` afterwards. It keeps a frame of the
    untrained network, and one after every `every` epochs.

    Parameters
    ----------
    network : MLP
        With two inputs, one output (a logit) and at least one hidden layer.
    X : array_like, shape (n_samples, 2)
        The points.
    y : array_like of 0 and 1, shape (n_samples,)
        Their classes.
    every : int, default 1
        Epochs from one frame to the next.
    label : str, optional
        The run's name; by default the label of the first hidden activation.

    Attributes
    ----------
    activation : str
        Name of the first hidden activation, which gives the run its colour.
    epochs : list of int
        The epochs on record, from 0.
    loss, accuracy : list of float
        Measured on all points after each of these epochs.
    dead : list of int
        Hidden units that pass no gradient for any of the points.
    activity : list of ndarray, shape (n_hidden_units,)
        Share of the points on which a unit's derivative is at least 1 % of its largest; −1 for a dead unit.
    probabilities : list of ndarray, shape (n_cells + 1, n_cells + 1)
        Predicted probability of class 1 on the grid, rows from the lowest second coordinate.

    Raises
    ------
    ValueError
        If the network or the points do not fit, or a point is not finite.
    TypeError
        If `network` is no `MLP`, or the points are not numbers.

    Examples
    --------
    >>> from activations.datasets import moons
    >>> X, y = moons(60, rng=np.random.default_rng(0))
    >>> network = MLP([2, 4, 1], "tanh", rng=np.random.default_rng(0))
    >>> recorder = Recorder(network, X, y, every=5)
    >>> history = fit(
    ...     network, X, y, loss="binary_cross_entropy", optimizer="adam", epochs=10,
    ...     rng=np.random.default_rng(0), on_epoch_end=recorder,
    ... )
    >>> recorder
    Recorder(Tanh, epochs 0 to 10)
    """

    def __init__(
        self, network: MLP, X: ArrayLike, y: ArrayLike, *, every: int = 1, label: str | None = None
    ) -> None:
        instance("Recorder", "network", network, MLP, "make one with MLP([2, 8, 1], rng=…)")
        self.X: NDArray[np.floating[Any]] = matrix("Recorder", "X", X, 2, np.float64)
        finite("Recorder", "X", self.X)
        classes = numeric_array("Recorder", "y", y).reshape(-1)
        if len(self.X) != len(classes):
            raise ValueError(
                f"Recorder: y must hold one class a point, got shape {np.shape(y)} for {len(self.X)} points; "
                "give both the same length"
            )
        if not set(classes.tolist()) <= {0, 1}:
            raise ValueError(
                f"Recorder: y must hold 0 and 1, got {classes[~np.isin(classes, (0, 1))][0]}; "
                "compare one class with the rest"
            )
        self.y = classes.astype(np.int64)
        sizes = network.layer_sizes
        if sizes[0] != 2 or sizes[-1] != 1 or len(sizes) < 3:
            raise ValueError(
                f"Recorder: the network must have two inputs, hidden units and one output, "
                f"got {list(sizes)}; try MLP([2, 8, 1], …)"
            )
        self.every = whole("Recorder", "every", every, 1, 10_000)
        first = network.hidden_activations[0]
        self.activation = first.name
        self.label = first.label if label is None else label
        self.layers = list(sizes[1:-1])
        self.epochs: list[int] = []
        self.loss: list[float] = []
        self.accuracy: list[float] = []
        self.dead: list[int] = []
        self.activity: list[NDArray[np.float64]] = []
        self.probabilities: list[NDArray[np.float64]] = []
        self._record(0, network)

    def __call__(self, epoch: int, network: MLP, logs: dict[str, float]) -> str | None:  # noqa: ARG002
        """Keep a frame if it is this epoch's turn, or stop a run whose outputs are no longer finite."""
        if epoch % self.every:
            return None
        if not np.isfinite(network.predict(np.vstack([self.X, self._plane()]))).all():
            return f"diverged in epoch {epoch}: outputs that are not finite"
        self._record(epoch, network)
        return None

    def __repr__(self) -> str:
        return f"Recorder({self.label}, epochs {self.epochs[0]} to {self.epochs[-1]})"

    @property
    def bounds(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The plotted part of the plane: the points, with some air around them."""
        low, high = self.X.min(axis=0), self.X.max(axis=0)
        air = 0.12 * np.maximum(high - low, 1e-9)
        (x0, y0), (x1, y1) = (low - air).tolist(), (high + air).tolist()
        return (x0, x1), (y0, y1)

    def _plane(self) -> NDArray[np.float64]:
        """Return the corners of the grid's cells, row after row."""
        (x0, x1), (y0, y1) = self.bounds
        first, second = np.meshgrid(np.linspace(x0, x1, _CELLS + 1), np.linspace(y0, y1, _CELLS + 1))
        return np.column_stack([first.ravel(), second.ravel()])

    def _record(self, epoch: int, network: MLP) -> None:
        forward = network.forward(self.X)
        self.epochs.append(epoch)
        self.loss.append(float(binary_cross_entropy(forward.output, self.y)))
        self.accuracy.append(accuracy(self.y, forward.output, threshold=0))
        dead = np.concatenate(dead_units(network, self.X))
        shares = np.concatenate(
            [
                np.mean(np.abs(slope(z)) >= 0.01 * np.abs(slope(_WIDE)).max(), axis=0)
                for slope, z in zip(network.derivatives, forward.pre_activations[:-1], strict=False)
            ]
        )
        self.dead.append(int(dead.sum()))
        self.activity.append(np.where(dead, -1.0, shares))
        self.probabilities.append(sigmoid(network.predict(self._plane())).reshape(_CELLS + 1, _CELLS + 1))


_WIDE: NDArray[np.float64] = np.linspace(-8, 8, 1601)


def record_training(
    X: ArrayLike,
    y: ArrayLike,
    activations: Sequence[str] = ("sigmoid", "tanh", "relu"),
    *,
    hidden: Sequence[int] = (8, 8),
    epochs: int = 100,
    learning_rate: float = 0.05,
    batch_size: int = 32,
    initializer: Any = None,
    seed: int = 0,
) -> list[Recorder]:
    """Train one classifier for each activation, from the same seed, and record them.

    Stochastic gradient descent with momentum 0.9 on the binary cross-entropy.

    Parameters
    ----------
    X : array_like, shape (n_samples, 2)
        Points in the plane.
    y : array_like of 0 and 1, shape (n_samples,)
        Their classes.
    activations : sequence of str
        Names of the hidden activations, one run each.
    hidden : sequence of int, default (8, 8)
        Units in each hidden layer.
    epochs : int, default 100
        At most 31 frames are kept, evenly spaced.
    learning_rate : float, default 0.05
    batch_size : int, default 32
    initializer : str or callable, optional
        As in `MLP`: by default what suits each activation.
    seed : int, default 0
        Draws the initial weights and the order of the examples, the same for all runs.

    Returns
    -------
    list of Recorder

    Raises
    ------
    ValueError, TypeError
        As in `MLP`, `fit` and `Recorder`.

    Examples
    --------
    >>> from activations.datasets import moons
    >>> X, y = moons(60, rng=np.random.default_rng(0))
    >>> record_training(X, y, ["tanh", "relu"], epochs=20)
    [Recorder(Tanh, epochs 0 to 20), Recorder(ReLU, epochs 0 to 20)]
    """
    epochs = whole("record_training", "epochs", epochs, 1, 100_000)
    every = -(-epochs // (MOST_FRAMES - 1))
    chosen = sequence("record_training", "activations", activations, "names")
    sizes = [2, *sequence("record_training", "hidden", hidden, "whole numbers"), 1]
    seed = whole("record_training", "seed", seed, 0, 2**32)
    recorders = []
    for name in chosen:
        network = MLP(sizes, name, initializer=initializer, rng=np.random.default_rng(seed))
        recorder = Recorder(network, X, y, every=every)
        with warnings.catch_warnings():
            # A run that diverges is part of the lesson: its replay stops there and says so.
            warnings.simplefilter("ignore", DivergenceWarning)
            fit(
                network,
                X,
                y,
                loss="binary_cross_entropy",
                optimizer=SGD(learning_rate, momentum=0.9),
                epochs=epochs - epochs % every,
                batch_size=batch_size,
                rng=np.random.default_rng(seed),
                on_epoch_end=recorder,
                progress=False,
            )
        recorders.append(recorder)
    return recorders
