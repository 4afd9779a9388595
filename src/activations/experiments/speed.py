"""How many epochs a network needs to reach a given loss, each activation at its own best learning rate."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from activations.datasets import Standardizer, load_digits, moons
from activations.training import MLP, SGD, DivergenceWarning, History, fit

__all__ = ["TASKS", "Task", "best_learning_rate", "epochs_to_target", "scan_learning_rates"]

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
points; all standardized, always the same examples."""


def epochs_to_target(
    activation: str, learning_rate: float, *, task: str = "digits", seeds: Iterable[int] = range(20)
) -> FloatArray:
    """Count the epochs of gradient descent until the training loss is down to the task's target.

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
    ndarray, shape (n_seeds,)
        Whole numbers; infinite where the target was not reached, or the run diverged.

    Raises
    ------
    ValueError
        If the task or the activation is unknown, or the rate is not positive.

    Examples
    --------
    >>> epochs_to_target("relu", 0.8, task="moons", seeds=range(3)) < 80
    array([ True,  True,  True])
    """
    if task not in TASKS:
        raise ValueError(
            f"epochs_to_target: task must be a known one, got {task!r}; choose from {', '.join(TASKS)}"
        )
    problem = TASKS[task]
    X, y = _examples(task)

    def reached(_epoch: int, _network: MLP, logs: dict[str, float]) -> str | None:
        return "reached the target" if logs["loss"] <= problem.target_loss else None

    counts = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        with warnings.catch_warnings():
            # A run that diverges counts as one that never arrives.
            warnings.simplefilter("ignore", DivergenceWarning)
            history = fit(
                MLP(problem.layer_sizes, activation, rng=rng),
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
        counts.append(_epochs(history, problem))
    return np.array(counts)


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
        As `epochs_to_target`.

    Examples
    --------
    >>> scan_learning_rates("relu", [0.4, 0.8], task="moons", seeds=range(100, 101)).shape
    (2, 1)
    """
    seeds = tuple(seeds)
    return np.array([epochs_to_target(activation, rate, task=task, seeds=seeds) for rate in learning_rates])


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
        If at every rate some run failed.

    Examples
    --------
    >>> best_learning_rate([0.1, 0.2, 0.4], np.array([[9, 9], [5, 6], [4, np.inf]]))
    0.2
    """
    rates, means = tuple(learning_rates), epochs.mean(axis=1)
    if not np.isfinite(means).any():
        raise ValueError(
            "best_learning_rate: at one rate at least every run must reach the target, got none; "
            "try other rates or more epochs"
        )
    return rates[int(np.argmin(means))]


def _examples(task: str) -> tuple[FloatArray, NDArray[np.int64]]:
    rng = np.random.default_rng(0)
    if task.endswith("digits"):
        data = load_digits()
        rows = rng.choice(len(data.target), 500, replace=False)
        X, y = data.features[rows], data.target[rows]
    else:
        X, y = moons(400, rng=rng)
    return Standardizer.fit(X).transform(X), y


def _epochs(history: History, task: Task) -> float:
    return history.epochs if history["loss"][-1] <= task.target_loss else np.inf
