"""How good are the predictions? Measures for classifiers, by counting."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from activations.training._checks import FloatArray, count, finite, is_number, numeric_array


def accuracy(y_true: ArrayLike, y_pred: ArrayLike, *, threshold: float | None = None) -> float:
    """Return the share of examples that are classified rightly.

    Parameters
    ----------
    y_true : array_like, shape (n_samples,), (n_samples, 1), or one-hot (n_samples, n_classes)
        The right classes.
    y_pred : array_like
        Either labels (int or bool, shape (n_samples,)), or scores (floats): one column of scores is compared
        with `threshold`; of several columns, the largest wins.
    threshold : float, optional
        The score above which the answer is 1: **0 for logits, 0.5 for probabilities**. Needed for a single
        column of scores. Given together with several columns, each column is a yes/no question of its own.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If shapes do not match, an array is empty or holds nan, labels are not whole numbers, or the threshold
        is missing.
    TypeError
        If an array holds anything but numbers, or the threshold is none.

    Examples
    --------
    >>> accuracy([0, 1, 1, 0], [0, 1, 0, 0])
    0.75
    >>> accuracy([0, 1], [[-3.2], [0.4]], threshold=0)
    1.0
    >>> accuracy([2, 0], [[0.1, 0.2, 0.7], [0.3, 0.4, 0.3]])
    0.5
    """
    true = numeric_array("accuracy", "y_true", y_true)
    scores = numeric_array("accuracy", "y_pred", y_pred)
    finite("accuracy", "y_true", true)
    finite("accuracy", "y_pred", scores)
    if scores.ndim > 1 and scores.shape[1] == 1:
        scores = scores[:, 0]
    if true.ndim > 1 and true.shape[1] == 1:
        true = true[:, 0]

    if threshold is not None:
        if not is_number(threshold) or threshold != threshold:
            raise TypeError(
                f"accuracy: threshold must be a number, got {threshold!r}; "
                "pass threshold=0 for logits, threshold=0.5 for probabilities"
            )
        pred = (scores > threshold).astype(np.intp)
    elif scores.ndim == 2:
        pred = scores.argmax(axis=1)
        true = true.argmax(axis=1) if true.shape == scores.shape else true
    elif scores.dtype.kind != "f":
        pred = scores
    else:
        raise ValueError(
            f"accuracy: a single column of scores needs a threshold, got {threshold}; "
            "pass threshold=0 for logits, threshold=0.5 for probabilities, or labels as integers"
        )
    if pred.shape != true.shape:
        raise ValueError(
            f"accuracy: y_true and y_pred must have the same length, got shapes {np.shape(y_true)} and "
            f"{np.shape(y_pred)}; pass one prediction for each example"
        )
    if (true != np.floor(true)).any():
        raise ValueError(
            f"accuracy: y_true must hold class numbers, got {true[true != np.floor(true)].flat[0]}; "
            "accuracy is for classifiers: measure a regression by its loss"
        )
    return float(np.mean(pred == true))


def confusion_matrix(y_true: ArrayLike, y_pred: ArrayLike, n_classes: int | None = None) -> NDArray[np.intp]:
    """Count how often each class was taken for each other.

    Parameters
    ----------
    y_true, y_pred : array_like of int, shape (n_samples,)
        The right and the predicted classes, numbered from 0.
    n_classes : int, optional
        Number of classes; by default one more than the largest label.

    Returns
    -------
    matrix : ndarray of int, shape (n_classes, n_classes)
        ``matrix[i, j]`` examples of class i were taken for class j. The diagonal is what went right.

    Raises
    ------
    ValueError
        If the lengths differ, an array is empty, or a label is no class.
    TypeError
        If an array holds anything but numbers.

    Examples
    --------
    >>> confusion_matrix([0, 0, 1, 2], [0, 1, 1, 2])
    array([[1, 1, 0],
           [0, 1, 0],
           [0, 0, 1]])
    """
    true, pred = _two_labels("confusion_matrix", y_true, y_pred)
    largest = int(max(true.max(), pred.max()))
    n_classes = largest + 1 if n_classes is None else count("confusion_matrix", "n_classes", n_classes, 1)
    if largest >= n_classes:
        raise ValueError(
            f"confusion_matrix: labels must be below n_classes = {n_classes}, got {largest}; "
            "leave n_classes out or raise it"
        )
    matrix = np.zeros((n_classes, n_classes), np.intp)
    np.add.at(matrix, (true, pred), 1)
    return matrix


class PrecisionRecall(NamedTuple):
    """Precision and recall; arrays over the thresholds if there are several.

    Attributes
    ----------
    precision, recall : float, or ndarray of shape (n_thresholds,)
        From 0 to 1; nan where 0/0 has no answer.

    Examples
    --------
    >>> result = precision_recall([1, 1, 0, 0], [1, 0, 0, 0])
    >>> result.precision, result.recall
    (1.0, 0.5)
    """

    precision: Any
    recall: Any


def precision_recall(y_true: ArrayLike, y_pred: ArrayLike) -> PrecisionRecall:
    r"""Return how much of what was called 1 is 1, and how much of what is 1 was called so.

    .. math:: \text{precision} = \frac{TP}{TP + FP}, \qquad \text{recall} = \frac{TP}{TP + FN}

    Parameters
    ----------
    y_true, y_pred : array_like of 0 and 1 (or bool), shape (n_samples,)
        The right and the predicted labels, such as ``scores > threshold``.

    Returns
    -------
    precision, recall : float
        From 0 to 1; nan where nothing was called 1 (precision) or nothing is 1 (recall): 0/0 has no answer.

    Raises
    ------
    ValueError
        If the lengths differ, an array is empty, or a label is neither 0 nor 1.
    TypeError
        If an array holds anything but numbers.

    Examples
    --------
    >>> precision_recall([1, 1, 1, 0], [1, 1, 0, 1])
    PrecisionRecall(precision=0.6666666666666666, recall=0.6666666666666666)
    """
    true, pred = _two_labels("precision_recall", y_true, y_pred)
    if max(true.max(), pred.max()) > 1:
        raise ValueError(
            f"precision_recall: labels must be 0 or 1, got {max(true.max(), pred.max())}; "
            "compare one class with the rest, for example y == 3"
        )
    hits = int(np.sum(true & pred))
    return PrecisionRecall(_share(hits, int(pred.sum())), _share(hits, int(true.sum())))


def precision_recall_curve(y_true: ArrayLike, scores: ArrayLike, thresholds: ArrayLike) -> PrecisionRecall:
    """Return precision and recall for each threshold: the answer is 1 where the score lies above it.

    Parameters
    ----------
    y_true : array_like of 0 and 1, shape (n_samples,)
        The right labels.
    scores : array_like, shape (n_samples,) or (n_samples, 1)
        Logits or probabilities.
    thresholds : array_like, shape (n_thresholds,)
        In units of the scores.

    Returns
    -------
    precision, recall : ndarray, shape (n_thresholds,)
        As in `precision_recall`: nan where undefined.

    Raises
    ------
    ValueError
        If the lengths differ, an array is empty or holds nan, or a label is neither 0 nor 1.
    TypeError
        If an array holds anything but numbers.

    Examples
    --------
    >>> curve = precision_recall_curve([0, 1, 1], [0.2, 0.4, 0.9], thresholds=[0.1, 0.5])
    >>> curve.precision.round(3), curve.recall
    (array([0.667, 1.   ]), array([1. , 0.5]))
    """
    true, values = _labels_and_scores("precision_recall_curve", y_true, scores)
    cuts = np.atleast_1d(numeric_array("precision_recall_curve", "thresholds", thresholds, np.float64))
    pairs = [precision_recall(true, values > cut) for cut in cuts]
    return PrecisionRecall(np.array([p.precision for p in pairs]), np.array([p.recall for p in pairs]))


class RocCurve(NamedTuple):
    """The receiver operating characteristic: three arrays of equal length, and the area below.

    Attributes
    ----------
    false_positive_rate, true_positive_rate : ndarray, shape (n_points,)
        Shares of class 0 and of class 1 that are called 1, rising from 0 to 1.
    thresholds : ndarray, shape (n_points,)
        Falling from inf: the answer is 1 where the score is at least the threshold.

    Examples
    --------
    >>> curve = roc_curve([0, 1], [0.2, 0.9])
    >>> curve.thresholds, curve.area
    (array([inf, 0.9, 0.2]), 1.0)
    """

    false_positive_rate: FloatArray
    true_positive_rate: FloatArray
    thresholds: FloatArray

    @property
    def area(self) -> float:
        """Area under the curve: the chance that a random 1 has a higher score than a random 0."""
        x, y = self.false_positive_rate, self.true_positive_rate
        return float(np.sum(np.diff(x) * (y[1:] + y[:-1])) / 2)


def roc_curve(y_true: ArrayLike, scores: ArrayLike) -> RocCurve:
    """Return hit rate against false alarms while the threshold falls past every score.

    Parameters
    ----------
    y_true : array_like of 0 and 1, shape (n_samples,)
        The right labels; both must occur.
    scores : array_like, shape (n_samples,) or (n_samples, 1)
        Logits or probabilities: only their order matters.

    Returns
    -------
    RocCurve
        ``false_positive_rate``, ``true_positive_rate`` and ``thresholds`` (the answer is 1 where the score is
        at least the threshold; the first is inf, where nothing is called 1), and the property ``area``.

    Raises
    ------
    ValueError
        If the lengths differ, an array is empty or holds nan, or not both labels occur.
    TypeError
        If an array holds anything but numbers.

    References
    ----------
    T. Fawcett, "An introduction to ROC analysis", 2006.

    Examples
    --------
    >>> curve = roc_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    >>> curve.true_positive_rate
    array([0. , 0.5, 0.5, 1. , 1. ])
    >>> curve.area
    0.75
    """
    true, values = _labels_and_scores("roc_curve", y_true, scores)
    if true.min() == true.max():
        raise ValueError(
            f"roc_curve: y_true must hold both labels, got only {true[0]}; pass examples of both classes"
        )
    order = np.argsort(-values, kind="stable")
    # Equal scores pass the threshold together, so only the last of each run is a point of the curve.
    last = np.append(np.flatnonzero(np.diff(values[order])), len(values) - 1)
    hits = np.cumsum(true[order])[last]
    alarms = last + 1 - hits
    return RocCurve(
        np.append(0.0, alarms / alarms[-1]),
        np.append(0.0, hits / hits[-1]),
        np.append(np.inf, values[order][last]),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def _labels(function: str, argument: str, value: Any) -> NDArray[np.intp]:
    array = numeric_array(function, argument, value)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ValueError(
            f"{function}: {argument} must have shape (n_samples,), got {array.shape}; "
            "turn scores into labels with argmax(axis=1) or a threshold"
        )
    finite(function, argument, array)
    labels = array.astype(np.intp)
    wrong = (labels != array) | (labels < 0)
    if wrong.any():
        raise ValueError(
            f"{function}: {argument} must hold labels 0, 1, 2, …, got {array[wrong][0]}; "
            "turn scores into labels with a threshold"
        )
    return labels


def _same_length(function: str, first: NDArray[Any], second: NDArray[Any]) -> None:
    if len(first) != len(second):
        raise ValueError(
            f"{function}: the two arrays must have the same length, got {len(first)} and {len(second)}; "
            "pass one prediction for each example"
        )


def _two_labels(function: str, y_true: Any, y_pred: Any) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    true, pred = _labels(function, "y_true", y_true), _labels(function, "y_pred", y_pred)
    _same_length(function, true, pred)
    return true, pred


def _labels_and_scores(function: str, y_true: Any, scores: Any) -> tuple[NDArray[np.intp], FloatArray]:
    true = _labels(function, "y_true", y_true)
    if true.max() > 1:
        raise ValueError(
            f"{function}: y_true must hold 0 and 1, got {true.max()}; compare one class with the rest: y == 3"
        )
    values = numeric_array(function, "scores", scores, np.float64)
    finite(function, "scores", values)
    if values.shape not in {(values.size,), (values.size, 1)}:
        raise ValueError(
            f"{function}: scores must have shape (n_samples,), got {values.shape}; pick one class's column"
        )
    values = values.reshape(-1)
    _same_length(function, true, values)
    return true, values
