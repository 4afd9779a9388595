"""When to say "yes": errors and their price as the threshold moves, and how far to trust a probability."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from activations.datasets import Standardizer, load_breast_cancer, train_test_split
from activations.experiments._seeds import each_seed
from activations.experiments._tabular import Tabular
from activations.functions import sigmoid
from activations.training import MLP, SGD, fit
from activations.training._checks import is_number, numeric_array

__all__ = [
    "Reliability",
    "SplitResults",
    "ThresholdSweep",
    "break_even_threshold",
    "measure_splits",
    "reliability",
    "sweep_thresholds",
]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class ThresholdSweep(Tabular, axes={"missed": "thresholds", "false_alarms": "thresholds"}):
    """What a binary classifier gets right and wrong at each of several thresholds.

    Attributes
    ----------
    thresholds : ndarray, shape (n_thresholds,)
        The answer is 1 where the score is above the threshold.
    missed : ndarray of int, shape (n_thresholds,)
        Examples of class 1 that were called 0.
    false_alarms : ndarray of int, shape (n_thresholds,)
        Examples of class 0 that were called 1.
    n_positive, n_negative : int
        Examples of class 1 and of class 0.

    Examples
    --------
    >>> sweep = sweep_thresholds([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9], [0.3, 0.5])
    >>> sweep.missed, sweep.false_alarms, sweep.recall
    (array([0, 1]), array([1, 1]), array([1. , 0.5]))
    >>> sweep.cost(missed=10, false_alarm=1), sweep.cheapest(missed=10, false_alarm=1)
    (array([ 1., 11.]), 0.3)
    """

    thresholds: FloatArray
    missed: IntArray
    false_alarms: IntArray
    n_positive: int
    n_negative: int

    @property
    def precision(self) -> FloatArray:
        """Share of the answers 1 that are right; nan where there is no answer 1."""
        hits = self.n_positive - self.missed
        alarms = hits + self.false_alarms
        return np.where(alarms > 0, hits / np.maximum(alarms, 1), np.nan)

    @property
    def recall(self) -> FloatArray:
        """Share of class 1 that was found."""
        return np.asarray(1 - self.missed / self.n_positive)

    @property
    def false_alarm_rate(self) -> FloatArray:
        """Share of class 0 that was called 1."""
        return np.asarray(self.false_alarms / self.n_negative)

    def cost(self, *, missed: float, false_alarm: float) -> FloatArray:
        """Return the price of all errors at each threshold.

        Parameters
        ----------
        missed, false_alarm : float
            The price of one error of each kind, at least 0.

        Returns
        -------
        ndarray, shape (n_thresholds,)
            In the unit of the prices.

        Raises
        ------
        ValueError, TypeError
            If a price is negative or no number, or both are 0.

        Examples
        --------
        >>> sweep = sweep_thresholds([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9], [0.3, 0.5])
        >>> sweep.cost(missed=10, false_alarm=1)
        array([ 1., 11.])
        """
        _check_costs("ThresholdSweep.cost", missed, false_alarm)
        return np.asarray(missed * self.missed + false_alarm * self.false_alarms, dtype=np.float64)

    def cheapest(self, *, missed: float, false_alarm: float) -> float:
        """Return the threshold of lowest cost; of several, the middle one.

        Parameters
        ----------
        missed, false_alarm : float
            The price of one error of each kind, at least 0.

        Returns
        -------
        float
            One of `thresholds`.

        Raises
        ------
        ValueError, TypeError
            As in `cost`.

        Examples
        --------
        >>> sweep = sweep_thresholds([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9], [0.3, 0.5])
        >>> sweep.cheapest(missed=10, false_alarm=1)
        0.3
        """
        cost = self.cost(missed=missed, false_alarm=false_alarm)
        best = np.flatnonzero(cost == cost.min())
        return float(self.thresholds[best[(len(best) - 1) // 2]])


def sweep_thresholds(y_true: ArrayLike, scores: ArrayLike, thresholds: ArrayLike) -> ThresholdSweep:
    """Count a classifier's two kinds of errors at each threshold.

    Parameters
    ----------
    y_true : array_like of 0 and 1, shape (n_samples,)
        The right labels; both must occur.
    scores : array_like, shape (n_samples,) or (n_samples, 1)
        Probabilities or logits.
    thresholds : array_like, shape (n_thresholds,)
        In units of the scores.

    Returns
    -------
    ThresholdSweep

    Raises
    ------
    ValueError
        If the lengths differ, a label is neither 0 nor 1, or not both labels occur.

    Examples
    --------
    >>> sweep_thresholds([0, 1], [0.2, 0.7], [0.5]).precision
    array([1.])
    """
    positive, values = _labels_and_scores("sweep_thresholds", y_true, scores)
    if positive.all() or not positive.any():
        raise ValueError(
            f"sweep_thresholds: y_true must hold both labels, got only {int(positive[0])}; "
            "pass examples of both classes"
        )
    cuts = np.atleast_1d(numeric_array("sweep_thresholds", "thresholds", thresholds, np.float64))
    called = values > cuts[:, None]
    return ThresholdSweep(
        thresholds=cuts,
        missed=np.sum(positive & ~called, axis=1, dtype=np.int64),
        false_alarms=np.sum(~positive & called, axis=1, dtype=np.int64),
        n_positive=int(positive.sum()),
        n_negative=int(np.sum(~positive)),
    )


def break_even_threshold(*, missed: float, false_alarm: float) -> float:
    r"""Return the probability at which "yes" and "no" cost the same on average.

    With probability p of class 1, "no" costs p times the price of a miss on average, "yes" costs 1 − p times
    the price of a false alarm. They are equal at

    .. math:: p^* = \frac{c_\text{false alarm}}{c_\text{false alarm} + c_\text{missed}}

    Above it, say "yes". The rule is the best there is where the probabilities are right.

    Parameters
    ----------
    missed, false_alarm : float
        The price of one error of each kind, at least 0 and not both 0.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If a price is negative or not finite, or both are 0.

    References
    ----------
    C. Elkan, "The foundations of cost-sensitive learning", 2001.

    Examples
    --------
    >>> break_even_threshold(missed=1, false_alarm=1)
    0.5
    >>> break_even_threshold(missed=9, false_alarm=1)
    0.1
    """
    _check_costs("break_even_threshold", missed, false_alarm)
    return false_alarm / (false_alarm + missed)


@dataclass(frozen=True)
class Reliability(Tabular, axes={"predicted": "bin", "observed": "bin", "count": "bin"}):
    """How often the answer was 1 among examples of about the same predicted probability.

    Attributes
    ----------
    predicted : ndarray, shape (n_bins,)
        Mean predicted probability of the examples in each bin; nan in an empty bin.
    observed : ndarray, shape (n_bins,)
        Share of them that are of class 1; nan in an empty bin.
    count : ndarray of int, shape (n_bins,)
        How many they are.
    """

    predicted: FloatArray
    observed: FloatArray
    count: IntArray


def reliability(y_true: ArrayLike, probabilities: ArrayLike, *, edges: ArrayLike) -> Reliability:
    """Compare predicted probabilities with what came true, bin by bin.

    Parameters
    ----------
    y_true : array_like of 0 and 1, shape (n_samples,)
        The right labels.
    probabilities : array_like, shape (n_samples,) or (n_samples, 1)
        The predicted probabilities of class 1.
    edges : array_like, shape (n_bins + 1,)
        The bins' limits, increasing, from 0 to 1. A bin holds its lower limit; the last holds 1, too.

    Returns
    -------
    Reliability

    Raises
    ------
    ValueError
        If the lengths differ, a label is neither 0 nor 1, a probability lies outside [0, 1], or the edges do
        not increase from 0 to 1.

    Examples
    --------
    >>> bins = reliability([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.9], edges=[0, 0.5, 1])
    >>> bins.predicted.round(2), bins.observed.round(2), bins.count
    (array([0.2, 0.9]), array([0.33, 1.  ]), array([3, 1]))
    """
    positive, p = _labels_and_scores("reliability", y_true, probabilities)
    if p.min() < 0 or p.max() > 1:
        raise ValueError(
            f"reliability: probabilities must lie in [0, 1], got values from {p.min():g} to {p.max():g}; "
            "apply sigmoid to the logits first"
        )
    limits = numeric_array("reliability", "edges", edges, np.float64)
    if (
        limits.ndim != 1
        or len(limits) < 2
        or limits[0] != 0
        or limits[-1] != 1
        or (np.diff(limits) <= 0).any()
    ):
        raise ValueError(
            f"reliability: edges must increase from 0 to 1, got {limits.tolist()}; "
            "for example np.linspace(0, 1, 6)"
        )
    bins = np.searchsorted(limits[1:-1], p, side="right")
    count = np.bincount(bins, minlength=len(limits) - 1)
    with np.errstate(invalid="ignore"):  # 0/0 in an empty bin is nan, and is meant to be
        predicted = np.bincount(bins, weights=p, minlength=len(count)) / count
        observed = np.bincount(bins, weights=positive, minlength=len(count)) / count
    return Reliability(predicted, observed, count)


@dataclass(frozen=True)
class SplitResults(
    Tabular,
    axes={
        "y_validation": "run example",
        "validation": "run example",
        "y_test": "run example",
        "test": "run example",
    },
):
    """A logistic regression on breast cancer, over several random splits of the data.

    Attributes
    ----------
    y_validation, y_test : ndarray of int, shape (n_seeds, n_rows)
        The right labels; 1 is malignant.
    validation, test : ndarray, shape (n_seeds, n_rows)
        The predicted probabilities of class 1.
    """

    y_validation: IntArray
    validation: FloatArray
    y_test: IntArray
    test: FloatArray

    def at(self, thresholds: ArrayLike) -> list[ThresholdSweep]:
        """Return the errors on each split's test set.

        Parameters
        ----------
        thresholds : array_like, shape (n_thresholds,)
            The thresholds, the same for each split.

        Returns
        -------
        list of ThresholdSweep, length n_seeds
        """
        return [sweep_thresholds(y, p, thresholds) for y, p in zip(self.y_test, self.test, strict=True)]

    def chosen(self, grid: ArrayLike, *, missed: float, false_alarm: float) -> FloatArray:
        """Return the threshold that is cheapest on each split's validation set.

        Parameters
        ----------
        grid : array_like, shape (n_thresholds,)
            The thresholds to choose from.
        missed, false_alarm : float
            The price of one error of each kind, at least 0.

        Returns
        -------
        ndarray, shape (n_seeds,)
            One of `grid` for each split.

        Raises
        ------
        ValueError, TypeError
            As in `ThresholdSweep.cost`.

        Examples
        --------
        >>> y, p = np.array([[0, 1, 1]]), np.array([[0.2, 0.4, 0.9]])
        >>> splits = SplitResults(y_validation=y, validation=p, y_test=y, test=p)
        >>> splits.chosen([0.1, 0.3, 0.5], missed=1, false_alarm=1)
        array([0.3])
        """
        return np.array(
            [
                sweep_thresholds(y, p, grid).cheapest(missed=missed, false_alarm=false_alarm)
                for y, p in zip(self.y_validation, self.validation, strict=True)
            ]
        )

    def cost_at(self, thresholds: ArrayLike, *, missed: float, false_alarm: float) -> FloatArray:
        """Return the price of all errors on each split's test set.

        Parameters
        ----------
        thresholds : array_like, shape (n_seeds,)
            One threshold for each split, such as `chosen` finds.
        missed, false_alarm : float
            The price of one error of each kind, at least 0.

        Returns
        -------
        ndarray, shape (n_seeds,)
            In the unit of the prices.

        Raises
        ------
        ValueError, TypeError
            As in `ThresholdSweep.cost`, or if there is not one threshold for each split.

        Examples
        --------
        >>> y, p = np.array([[0, 1, 1]]), np.array([[0.2, 0.4, 0.9]])
        >>> splits = SplitResults(y_validation=y, validation=p, y_test=y, test=p)
        >>> splits.cost_at([0.5], missed=10, false_alarm=1)
        array([10.])
        """
        return np.array(
            [
                sweep_thresholds(y, p, [cut]).cost(missed=missed, false_alarm=false_alarm)[0]
                for y, p, cut in zip(self.y_test, self.test, np.asarray(thresholds), strict=True)
            ]
        )


def measure_splits(
    *, epochs: int = 100, learning_rate: float = 1.0, seeds: Iterable[int] = range(20)
) -> SplitResults:
    """Train a logistic regression on many random splits of the breast-cancer data.

    Each split sets a quarter of the rows aside for the test and a quarter for validation, both stratified,
    standardizes by the training rows, and takes `epochs` full-batch steps from small random weights.

    Parameters
    ----------
    epochs : int, default 100
        Steps of gradient descent.
    learning_rate : float, default 1.0
        Their size.
    seeds : iterable of int
        One split each.

    Returns
    -------
    SplitResults

    Raises
    ------
    ValueError, TypeError
        If there is no seed, or a number is out of range.

    Examples
    --------
    >>> splits = measure_splits(seeds=range(2))
    >>> splits.test.shape, splits.y_test.sum(axis=1)
    ((2, 142), array([53, 53]))
    """
    masses = load_breast_cancer()
    columns: list[tuple[Any, ...]] = []
    for seed in each_seed("measure_splits", seeds):
        rng = np.random.default_rng(seed)
        X_rest, X_test, y_rest, y_test = train_test_split(
            masses.features, masses.target, test_fraction=0.25, stratify=True, rng=rng
        )
        X, X_validation, y, y_validation = train_test_split(
            X_rest, y_rest, test_fraction=1 / 3, stratify=True, rng=rng
        )
        scaler = Standardizer.fit(X)
        network = MLP([X.shape[1], 1], rng=rng)
        fit(
            network,
            scaler.transform(X),
            y,
            loss="binary_cross_entropy",
            optimizer=SGD(learning_rate),
            epochs=epochs,
            batch_size=len(X),
            shuffle=False,
            progress=False,
        )
        probabilities = [
            sigmoid(network.predict(scaler.transform(rows))[:, 0]) for rows in (X_validation, X_test)
        ]
        columns.append((y_validation, probabilities[0], y_test, probabilities[1]))
    return SplitResults(*(np.array(column) for column in zip(*columns, strict=True)))


def _check_costs(function: str, missed: float, false_alarm: float) -> None:
    for name, price in (("missed", missed), ("false_alarm", false_alarm)):
        if not is_number(price):
            raise TypeError(f"{function}: {name} must be a number, got {price!r}; pass a price of at least 0")
    if not (missed >= 0 and false_alarm >= 0 and 0 < missed + false_alarm < math.inf):
        raise ValueError(
            f"{function}: prices must be at least 0, finite and not both 0, got missed={missed} and "
            f"false_alarm={false_alarm}; for example missed=10, false_alarm=1"
        )


def _labels_and_scores(
    function: str, y_true: ArrayLike, scores: ArrayLike
) -> tuple[NDArray[np.bool_], FloatArray]:
    labels = numeric_array(function, "y_true", y_true)
    values = numeric_array(function, "scores", scores, np.float64).reshape(-1)
    if labels.ndim != 1 or len(labels) != len(values):
        raise ValueError(
            f"{function}: labels and scores must have the same length, got shapes {labels.shape} "
            f"and {np.shape(scores)}; pass one score for each label"
        )
    if not np.isin(labels, (0, 1)).all():
        raise ValueError(
            f"{function}: y_true must hold 0 and 1, got {labels[~np.isin(labels, (0, 1))][0]}; "
            "compare one class with the rest: y == 3"
        )
    if not np.isfinite(values).all():
        raise ValueError(
            f"{function}: scores must be finite, got {values[~np.isfinite(values)][0]}; check the training"
        )
    return labels.astype(bool), values
