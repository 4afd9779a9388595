"""Ten handwritten digits, three kinds of output, and what a temperature changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from activations.datasets import load_digits, one_hot, train_test_split
from activations.experiments._seeds import checked_seeds, each_seed
from activations.experiments._tabular import Tabular
from activations.functions import identity, log_softmax, sigmoid, softmax
from activations.training import MLP, Adam, accuracy, fit
from activations.training._checks import count, lookup, numeric_array

__all__ = [
    "OUTPUTS",
    "OutputComparison",
    "TemperatureSweep",
    "TrainedDigits",
    "compare_outputs",
    "sweep_temperature",
    "train_digits",
]

FloatArray = NDArray[np.floating[Any]]

OUTPUTS: Mapping[str, str] = {
    "softmax": "softmax_cross_entropy",
    "sigmoids": "binary_cross_entropy",
    "linear": "mean_squared_error",
}
"""Each kind of output, and the loss that goes with it."""

_TO_SCORES: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    "softmax": softmax,
    "sigmoids": sigmoid,
    "linear": identity,
}


class TrainedDigits(NamedTuple):
    """A network that reads digits, and the examples that it has not seen.

    Attributes
    ----------
    network : MLP
    X_test : ndarray, shape (449, 64)
        Pixels between 0 and 1.
    y_test : ndarray, shape (449,)
    """

    network: MLP
    X_test: FloatArray
    y_test: NDArray[np.int64]

    @property
    def logits(self) -> FloatArray:
        """The network's outputs for the test set, shape (449, 10)."""
        return self.network.predict(self.X_test)


def train_digits(
    output: str = "softmax", *, activation: str = "relu", epochs: int = 15, seed: int = 0
) -> TrainedDigits:
    """Train a network 64-32-10 on three quarters of the digits, with Adam in batches of 64.

    Parameters
    ----------
    output : str, default "softmax"
        A name in `OUTPUTS`; it chooses the loss.
    activation : str, default "relu"
        The hidden activation.
    epochs : int, default 15
    seed : int, default 0
        Of the split, the initial weights and the order of the examples.

    Returns
    -------
    TrainedDigits

    Raises
    ------
    ValueError
        If `output` is unknown.

    Examples
    --------
    >>> trained = train_digits(epochs=2)
    >>> trained.logits.shape
    (449, 10)
    """
    loss = lookup("train_digits", "an output", output, OUTPUTS)
    rng = np.random.default_rng(count("train_digits", "seed", seed, 0))
    digits = load_digits()
    X, X_test, y, y_test = train_test_split(digits.features / 16, digits.target, rng=rng, stratify=True)
    network = MLP([64, 32, 10], activation, rng=rng)
    fit(
        network,
        X,
        y if output == "softmax" else one_hot(y, 10),
        loss=loss,
        optimizer=Adam(0.01),
        epochs=epochs,
        batch_size=64,
        rng=rng,
        progress=False,
    )
    return TrainedDigits(network, X_test, y_test)


@dataclass(frozen=True)
class OutputComparison(
    Tabular, axes={"accuracy": "output run", "smallest_sum": "output run", "largest_sum": "output run"}
):
    """How three kinds of output do on the same examples.

    Attributes
    ----------
    accuracy : mapping of str to ndarray, shape (n_seeds,)
        Share of the test digits whose largest output is the right one.
    smallest_sum, largest_sum : mapping of str to ndarray, shape (n_seeds,)
        Extremes, over the test digits, of the sum of a digit's ten outputs.
    """

    accuracy: Mapping[str, FloatArray]
    smallest_sum: Mapping[str, FloatArray]
    largest_sum: Mapping[str, FloatArray]


def compare_outputs(*, seeds: Iterable[int] = range(20)) -> OutputComparison:
    """Train with softmax, with ten sigmoids and with ten linear outputs, from the same weights.

    Parameters
    ----------
    seeds : iterable of int, default range(20)

    Returns
    -------
    OutputComparison

    Raises
    ------
    ValueError, TypeError
        If there is no seed, or one is no whole number of at least 0.

    Examples
    --------
    >>> result = compare_outputs(seeds=range(1))
    >>> bool(result.largest_sum["softmax"][0] - 1 < 1e-12)
    True
    """
    seeds = checked_seeds("compare_outputs", seeds)
    results: dict[str, list[tuple[float, float, float]]] = {output: [] for output in OUTPUTS}
    for output, rows in results.items():
        for seed in each_seed("compare_outputs", seeds):
            trained = train_digits(output, seed=seed)
            scores = _TO_SCORES[output](trained.logits)
            sums = scores.sum(axis=1)
            rows.append((accuracy(trained.y_test, scores), sums.min(), sums.max()))
    columns = {output: np.array(rows).T for output, rows in results.items()}
    return OutputComparison(*({output: table[i] for output, table in columns.items()} for i in range(3)))


@dataclass(frozen=True)
class TemperatureSweep(
    Tabular,
    axes={"loss": "run temperatures", "accuracy": "run temperatures", "confidence": "run temperatures"},
):
    """What dividing the logits by a temperature does to a trained classifier.

    Attributes
    ----------
    temperatures : ndarray, shape (n_temperatures,)
    loss, accuracy, confidence : ndarray, shape (n_seeds, n_temperatures)
        On the test set: mean cross-entropy; share of right answers; mean probability of the answer given.
    """

    temperatures: FloatArray
    loss: FloatArray
    accuracy: FloatArray
    confidence: FloatArray

    @property
    def best(self) -> FloatArray:
        """The temperature of the lowest loss, shape (n_seeds,)."""
        coolest: FloatArray = self.temperatures[np.argmin(self.loss, axis=1)]
        return coolest


def sweep_temperature(
    temperatures: ArrayLike, *, epochs: int = 60, seeds: Iterable[int] = range(20)
) -> TemperatureSweep:
    """Train on the digits, then judge the same logits at many temperatures.

    Parameters
    ----------
    temperatures : array_like, shape (n_temperatures,)
        Greater than 0.
    epochs : int, default 60
        Long after the training digits are all right, so that the network is very sure of itself.
    seeds : iterable of int, default range(20)

    Returns
    -------
    TemperatureSweep

    Raises
    ------
    ValueError
        If a temperature is not positive.

    Examples
    --------
    >>> sweep = sweep_temperature([1.0, 2.0], epochs=2, seeds=range(2))
    >>> bool((sweep.confidence[:, 0] > sweep.confidence[:, 1]).all())
    True
    """
    grid = np.atleast_1d(numeric_array("sweep_temperature", "temperatures", temperatures, np.float64))
    if not (grid > 0).all():
        raise ValueError(
            f"sweep_temperature: temperatures must be greater than 0, got {grid.min():g}; "
            "softmax tends to argmax as the temperature falls to 0"
        )
    rows = []
    for seed in each_seed("sweep_temperature", seeds):
        trained = train_digits(epochs=epochs, seed=seed)
        scaled = trained.logits / grid[:, None, None]
        right = np.take_along_axis(log_softmax(scaled), trained.y_test[None, :, None], axis=2)
        answers = scaled.argmax(axis=2) == trained.y_test
        rows.append(
            (-right.mean(axis=(1, 2)), answers.mean(axis=1), softmax(scaled).max(axis=2).mean(axis=1))
        )
    loss, correct, confidence = (np.array(column) for column in zip(*rows, strict=True))
    return TemperatureSweep(grid, loss, correct, confidence)
