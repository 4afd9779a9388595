"""How many epochs a network needs to reach a given loss, each activation at its own best learning rate."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from activations.datasets import Standardizer, load_digits, moons
from activations.experiments._seeds import at_each_rate, checked_seeds, each_seed
from activations.experiments._tabular import Tabular
from activations.training import MLP, SGD, DivergenceWarning, accuracy, fit
from activations.training._checks import lookup, numeric_array, sequence

__all__ = ["TASKS", "Race", "Task", "best_learning_rate", "epochs_to_target", "race", "scan_learning_rates"]

FloatArray = NDArray[np.floating[Any]]


class Task(NamedTuple):
    """A problem to train on until its loss is reached.

    Attributes
    ----------
    layer_sizes : tuple of int
    loss : str
    target_loss : float
        The run ends when the mean loss of an epoch is at most this.
    max_epochs : int
        The run ends unsuccessfully after so many.
    """

    layer_sizes: tuple[int, ...]
    loss: str
    target_loss: float
    max_epochs: int


TASKS: Mapping[str, Task] = MappingProxyType(
    {
        "digits": Task((64, 64, 64, 10), "softmax_cross_entropy", 0.05, 30),
        "deep digits": Task((64, *[32] * 7, 10), "softmax_cross_entropy", 0.05, 30),
        "moons": Task((2, 32, 32, 1), "binary_cross_entropy", 0.05, 80),
    }
)
"""500 of the 8×8 digits, for a shallow network and for one of seven hidden layers, and two half moons of 400
points; all standardized, always the same examples. The 1297 other digits, or 2000 fresh points, are the test
set."""


@dataclass(frozen=True, eq=False)
class Race(Tabular, axes={"epochs": "run", "test_accuracy": "run"}):
    """How long each run took to the target, and what it knew there.

    Attributes
    ----------
    epochs : ndarray, shape (n_seeds,)
        Whole numbers; infinite where the target was not reached, or the run diverged.
    test_accuracy : ndarray, shape (n_seeds,)
        Share of right answers on examples that were not trained on, at the end of the last epoch; not a
        number where the target was not reached.
    """

    epochs: FloatArray
    test_accuracy: FloatArray


def race(
    activation: str, learning_rate: float, *, task: str = "digits", seeds: Iterable[int] = range(20)
) -> Race:
    """Train until the training loss is down to the task's target, and test the network that got there.

    Parameters
    ----------
    activation : str
        The hidden activation, with its default initialization.
    learning_rate : float
        Of plain stochastic gradient descent, in batches of 64.
    task : str, default "digits"
        A name in `TASKS`.
    seeds : iterable of int, default range(20)
        One set of initial weights and one order of examples each. The data are the same for all.

    Returns
    -------
    Race

    Raises
    ------
    ValueError
        If the task or the activation is unknown, or the rate is not positive.

    Examples
    --------
    >>> runs = race("relu", 0.8, task="moons", seeds=range(3))
    >>> runs.epochs < 80, runs.test_accuracy > 0.9
    (array([ True,  True,  True]), array([ True,  True,  True]))
    """
    problem = lookup("race", "a task", task, TASKS)
    X, y, X_test, y_test = _examples(task)
    threshold = 0.0 if problem.loss == "binary_cross_entropy" else None

    def reached(_epoch: int, _network: MLP, logs: dict[str, float]) -> str | None:
        return "reached the target" if logs["loss"] <= problem.target_loss else None

    rows: list[tuple[float, float]] = []
    for seed in each_seed("race", seeds):
        rng = np.random.default_rng(seed)
        network = MLP(problem.layer_sizes, activation, rng=rng)
        with warnings.catch_warnings():
            # A run that diverges counts as one that never arrives.
            warnings.simplefilter("ignore", DivergenceWarning)
            history = fit(
                network,
                X,
                y,
                loss=problem.loss,
                optimizer=SGD(learning_rate),
                epochs=problem.max_epochs,
                batch_size=64,
                rng=rng,
                on_epoch_end=reached,
                progress=False,
            )
        if history["loss"][-1] <= problem.target_loss:
            rows.append((history.epochs, accuracy(y_test, network.predict(X_test), threshold=threshold)))
        else:
            rows.append((np.inf, np.nan))
    epochs, test_accuracy = np.array(rows, dtype=np.float64).reshape(-1, 2).T
    return Race(epochs, test_accuracy)


def epochs_to_target(
    activation: str, learning_rate: float, *, task: str = "digits", seeds: Iterable[int] = range(20)
) -> FloatArray:
    """Return the epochs of a `race`, without the test.

    Parameters
    ----------
    activation, learning_rate, task, seeds
        As `race`.

    Returns
    -------
    ndarray, shape (n_seeds,)
        The `epochs` of the race; infinite where the target was not reached.

    Raises
    ------
    ValueError
        As `race`.

    Examples
    --------
    >>> epochs_to_target("relu", 0.8, task="moons", seeds=range(3)) < 80
    array([ True,  True,  True])
    """
    return race(activation, learning_rate, task=task, seeds=seeds).epochs


def scan_learning_rates(
    activation: str,
    learning_rates: Iterable[float],
    *,
    task: str = "digits",
    seeds: Iterable[int] = range(100, 103),
) -> FloatArray:
    """Count epochs to the target for each learning rate.

    Parameters
    ----------
    activation : str
    learning_rates : iterable of float
    task : str, default "digits"
    seeds : iterable of int, default range(100, 103)
        Not those of the comparison that follows: a rate picked and judged on the same runs looks too good.

    Returns
    -------
    ndarray, shape (n_rates, n_seeds)

    Raises
    ------
    ValueError
        As `race`.

    Examples
    --------
    >>> scan_learning_rates("relu", [0.4, 0.8], task="moons", seeds=range(100, 101)).shape
    (2, 1)
    """
    seeds = checked_seeds("scan_learning_rates", seeds)

    def epochs(rate: float) -> FloatArray:
        return epochs_to_target(activation, rate, task=task, seeds=seeds)

    return np.array(at_each_rate("scan_learning_rates", learning_rates, epochs))


def best_learning_rate(learning_rates: Iterable[float], epochs: FloatArray) -> float:
    """Return the rate with the fewest epochs in the mean; a rate at which any run failed counts as never.

    Parameters
    ----------
    learning_rates : iterable of float, length n_rates
    epochs : ndarray, shape (n_rates, n_seeds)
        As `scan_learning_rates` returns it.

    Returns
    -------
    float
        The smaller rate where two are equally good.

    Raises
    ------
    ValueError
        If at every rate some run failed, or there is not one row of epochs for each rate.

    Examples
    --------
    >>> best_learning_rate([0.1, 0.2, 0.4], np.array([[9, 9], [5, 6], [4, np.inf]]))
    0.2
    """
    rates = sequence("best_learning_rate", "learning_rates", learning_rates, "numbers")
    counts = numeric_array("best_learning_rate", "epochs", epochs)
    if counts.ndim != 2 or len(counts) != len(rates):
        raise ValueError(
            f"best_learning_rate: epochs must have shape ({len(rates)}, n_seeds), got {counts.shape}; "
            "give one row for each rate, as scan_learning_rates does"
        )
    means = counts.mean(axis=1)
    if not np.isfinite(means).any():
        raise ValueError(
            "best_learning_rate: at one rate at least every run must reach the target, got none; "
            "try other rates or more epochs"
        )
    return float(rates[int(np.argmin(means))])


def _examples(task: str) -> tuple[FloatArray, NDArray[np.int64], FloatArray, NDArray[np.int64]]:
    """Return inputs and labels of the training set and of the test set."""
    rng = np.random.default_rng(0)
    if task.endswith("digits"):
        data = load_digits()
        rows = rng.choice(len(data.target), 500, replace=False)
        X, y = data.features[rows], data.target[rows]
        others = np.setdiff1d(np.arange(len(data.target)), rows)
        X_test, y_test = data.features[others], data.target[others]
    else:
        X, y = moons(400, rng=rng)
        X_test, y_test = moons(2000, rng=rng)
    scaler = Standardizer.fit(X)
    return scaler.transform(X), y, scaler.transform(X_test), y_test
