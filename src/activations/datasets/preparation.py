"""What happens to data before training: splitting, scaling, one-hot coding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from activations.datasets._checks import (
    FloatArray,
    check_integer,
    check_labels,
    check_matrix,
    check_number,
    check_rng,
)


def train_test_split(
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    test_fraction: float = 0.25,
    rng: np.random.Generator,
    stratify: bool = False,
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Shuffle the rows and set some aside, never seen in training, for the test.

    Parameters
    ----------
    X : array_like, shape (n_samples, ...)
        The features.
    y : array_like, shape (n_samples, ...)
        The targets.
    test_fraction : float
        The share of rows to set aside, between 0 and 1, rounded to whole rows.
    rng : numpy.random.Generator
        The source of randomness.
    stratify : bool
        Give both parts the same shares of the classes, as nearly as whole rows allow. ``y`` is then a vector
        of class labels.

    Returns
    -------
    X_train, X_test, y_train, y_test : ndarray
        Copies. Every row is in exactly one part, in random order.

    Raises
    ------
    TypeError
        If ``rng`` is no generator, or ``stratify`` meets labels that are not integers.
    ValueError
        If ``X`` and ``y`` differ in length, a part would be empty, or a class to be shared has a single row.

    Examples
    --------
    >>> X, y = np.arange(8.0)[:, None], np.array([0, 0, 0, 0, 0, 0, 1, 1])
    >>> X_train, X_test, y_train, y_test = train_test_split(
    ...     X, y, test_fraction=0.5, stratify=True, rng=np.random.default_rng(0)
    ... )
    >>> np.bincount(y_train), np.bincount(y_test)
    (array([3, 1]), array([3, 1]))
    """
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim == 0 or y.ndim == 0 or len(X) != len(y):
        raise ValueError(
            f"train_test_split: X and y must have one row an example, got shapes {X.shape} and {y.shape}; "
            "give them the same length"
        )
    test_fraction = check_number("train_test_split", "test_fraction", test_fraction)
    rng = check_rng("train_test_split", rng)
    n_test = round(test_fraction * len(X))
    if not 0 < n_test < len(X):
        raise ValueError(
            f"train_test_split: both parts must have a row, got test_fraction {test_fraction} of {len(X)} "
            "rows; choose a fraction between 0 and 1 and enough rows"
        )
    order = rng.permutation(len(X))
    test = _stratified(y[order], n_test) if stratify else np.arange(len(X)) < n_test
    train_rows, test_rows = order[~test], order[test]
    return X[train_rows], X[test_rows], y[train_rows], y[test_rows]


def _stratified(labels: npt.NDArray[Any], n_test: int) -> npt.NDArray[np.bool_]:
    """Return which of the (shuffled) rows go to the test, each class in proportion."""
    labels = check_labels("train_test_split", "y", labels)
    if labels.ndim != 1:
        raise ValueError(
            f"train_test_split: stratify needs a vector of labels, got y of shape {labels.shape}; "
            "split with the labels, and one_hot the parts"
        )
    classes, index, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if counts.min() < 2:
        raise ValueError(
            f"train_test_split: stratify needs two rows of every class, got one of class "
            f"{classes[counts.argmin()]}; remove that class or use stratify=False"
        )
    # Largest remainder: round every share down, then hand the rows that are left to the classes that
    # lost most, so that the parts add up to exactly n_test.
    share = counts * (n_test / len(labels))
    quota = np.floor(share).astype(np.int64)
    most_lost = np.argsort(quota - share, kind="stable")
    quota[most_lost[: n_test - quota.sum()]] += 1
    # A row's rank among the rows of its class, in shuffled order.
    by_class = np.argsort(index, kind="stable")
    rank = np.empty(len(labels), dtype=np.int64)
    rank[by_class] = np.arange(len(labels)) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.asarray(rank < quota[index])


@dataclass(frozen=True, eq=False)
class Standardizer:
    """Bring every feature to mean 0 and standard deviation 1: ``(X - mean) / scale``.

    Fit it to the training rows only, then transform training and test rows alike; a test row must not
    influence training.

    Attributes
    ----------
    mean : ndarray of float64, shape (n_features,)
        The mean of each feature.
    scale : ndarray of float64, shape (n_features,)
        The (population) standard deviation of each feature; 1 where a feature is constant.

    Examples
    --------
    >>> scaler = Standardizer.fit([[1.0, 5.0], [3.0, 5.0]])
    >>> scaler.transform([[1.0, 5.0], [3.0, 5.0]])
    array([[-1.,  0.],
           [ 1.,  0.]])
    """

    mean: FloatArray
    scale: FloatArray

    @classmethod
    def fit(cls, X: npt.ArrayLike) -> Standardizer:
        """Measure mean and standard deviation.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
            The training rows, finite.

        Returns
        -------
        Standardizer
            Ready to transform.

        Raises
        ------
        TypeError
            If ``X`` does not hold real numbers.
        ValueError
            If ``X`` is no matrix, is empty, or holds nan or an infinity.
        """
        X = check_matrix("Standardizer.fit", "X", X)
        # A test for equal values, because the standard deviation of a constant can round to 1e-17.
        constant = X.max(axis=0) == X.min(axis=0)
        return cls(np.where(constant, X[0], X.mean(axis=0)), np.where(constant, 1.0, X.std(axis=0)))

    def transform(self, X: npt.ArrayLike) -> FloatArray:
        """Return ``(X - mean) / scale``.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
            Rows with the features of the fit, finite.

        Returns
        -------
        ndarray of float64, shape (n_samples, n_features)

        Raises
        ------
        TypeError
            If ``X`` does not hold real numbers.
        ValueError
            If ``X`` is not finite or has another number of features.
        """
        return (_check_width("Standardizer.transform", X, self.mean) - self.mean) / self.scale

    def inverse_transform(self, X: npt.ArrayLike) -> FloatArray:
        """Return ``X * scale + mean``: what ``transform`` took.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
            Rows with the features of the fit, finite.

        Returns
        -------
        ndarray of float64, shape (n_samples, n_features)

        Raises
        ------
        TypeError
            If ``X`` does not hold real numbers.
        ValueError
            If ``X`` is not finite or has another number of features.
        """
        return _check_width("Standardizer.inverse_transform", X, self.mean) * self.scale + self.mean


@dataclass(frozen=True, eq=False)
class MinMaxScaler:
    """Bring every feature to the interval from ``low`` to ``high``.

    ``low + (X - minimum) / (maximum - minimum) * (high - low)``, with the minimum and maximum of the training
    rows; a row that was not among them may leave the interval.

    Attributes
    ----------
    minimum : ndarray of float64, shape (n_features,)
        The smallest value of each feature.
    extent : ndarray of float64, shape (n_features,)
        The largest minus the smallest; 1 where a feature is constant, which thereby becomes ``low``.
    low, high : float
        The ends of the interval.

    Examples
    --------
    >>> scaler = MinMaxScaler.fit([[0.0], [8.0], [16.0]])
    >>> scaler.transform([[0.0], [4.0], [16.0]]).ravel()
    array([-1. , -0.5,  1. ])
    """

    minimum: FloatArray
    extent: FloatArray
    low: float
    high: float

    @classmethod
    def fit(cls, X: npt.ArrayLike, low: float = -1.0, high: float = 1.0) -> MinMaxScaler:
        """Measure the smallest and the largest value of each feature.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
            The training rows, finite.
        low, high : float
            The ends of the interval; the default suits tanh.

        Returns
        -------
        MinMaxScaler
            Ready to transform.

        Raises
        ------
        TypeError
            If ``X`` does not hold real numbers.
        ValueError
            If ``X`` is no matrix, is empty, or holds nan or an infinity; if ``low`` is not below ``high``.
        """
        X = check_matrix("MinMaxScaler.fit", "X", X)
        low = check_number("MinMaxScaler.fit", "low", low, minimum=-np.inf)
        high = check_number("MinMaxScaler.fit", "high", high, minimum=-np.inf)
        if not low < high:
            raise ValueError(
                f"MinMaxScaler.fit: low must be below high, got {low} and {high}; "
                "use low=-1, high=1 or low=0, high=1"
            )
        minimum, extent = X.min(axis=0), np.ptp(X, axis=0)
        return cls(minimum, np.where(extent == 0, 1.0, extent), low, high)

    def transform(self, X: npt.ArrayLike) -> FloatArray:
        """Return ``X`` with each feature moved to the interval.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
            Rows with the features of the fit, finite.

        Returns
        -------
        ndarray of float64, shape (n_samples, n_features)

        Raises
        ------
        TypeError
            If ``X`` does not hold real numbers.
        ValueError
            If ``X`` is not finite or has another number of features.
        """
        X = _check_width("MinMaxScaler.transform", X, self.minimum)
        return self.low + (X - self.minimum) / self.extent * (self.high - self.low)

    def inverse_transform(self, X: npt.ArrayLike) -> FloatArray:
        """Return what ``transform`` took.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
            Rows with the features of the fit, finite.

        Returns
        -------
        ndarray of float64, shape (n_samples, n_features)

        Raises
        ------
        TypeError
            If ``X`` does not hold real numbers.
        ValueError
            If ``X`` is not finite or has another number of features.
        """
        X = _check_width("MinMaxScaler.inverse_transform", X, self.minimum)
        return (X - self.low) / (self.high - self.low) * self.extent + self.minimum


def one_hot(labels: npt.ArrayLike, n_classes: int) -> FloatArray:
    """Turn class labels into rows with a single 1.

    Parameters
    ----------
    labels : array_like of int, shape (...)
        Labels from 0 to ``n_classes - 1``.
    n_classes : int
        How many classes there are.

    Returns
    -------
    ndarray of float64, shape (..., n_classes)
        ``1`` at the label, ``0`` elsewhere.

    Raises
    ------
    TypeError
        If the labels are not integers.
    ValueError
        If a label lies outside the classes.

    Examples
    --------
    >>> one_hot([2, 0], 3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    labels = check_labels("one_hot", "labels", labels)
    n_classes = check_integer("one_hot", "n_classes", n_classes, 1)
    outside = labels[(labels < 0) | (labels >= n_classes)]
    if outside.size:
        raise ValueError(
            f"one_hot: labels must lie in 0…{n_classes - 1}, got {outside.flat[0]}; "
            "number the classes from 0 or raise n_classes"
        )
    return np.eye(n_classes)[labels]


def _check_width(function: str, X: npt.ArrayLike, like: FloatArray) -> FloatArray:
    matrix = check_matrix(function, "X", X)
    if matrix.shape[1] != len(like):
        raise ValueError(
            f"{function}: X must have the {len(like)} features of the fit, got shape {matrix.shape}; "
            "pass the same columns in the same order"
        )
    return matrix
