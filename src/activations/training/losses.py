"""Losses and their gradients, each pair side by side.

A loss is the mean over the batch, one number; its gradient is the derivative of that number with respect to
the network's output, and has the output's shape. The two cross-entropies take *logits*: they apply sigmoid or
softmax themselves, because only the combination can be computed without overflow and without log(0), and
because the gradient of the combination is as simple as a gradient gets: probability minus target.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from activations.functions import log_softmax, sigmoid, softmax, softplus
from activations.training._checks import FloatArray, finite, lookup, numeric_array


def mean_squared_error(prediction: ArrayLike, target: ArrayLike) -> float:
    r"""Return the mean squared difference of prediction and target.

    .. math:: L = \frac{1}{n k} \sum_{i,j} (a_{ij} - y_{ij})^2

    Parameters
    ----------
    prediction : array_like, shape (n_samples, n_outputs) or (n_samples,)
        The network's output.
    target : array_like
        The numbers to predict, in the same shape; ``(n_samples,)`` also goes with ``(n_samples, 1)``.

    Returns
    -------
    float
        Mean over all entries, as in Keras; in squared units of the target.

    Raises
    ------
    ValueError
        If the shapes do not match or an argument is empty.
    TypeError
        If an argument holds anything but real numbers.

    Examples
    --------
    >>> mean_squared_error([[1.0], [2.0]], [1.0, 4.0])
    2.0
    """
    a, y = _dense("mean_squared_error", "prediction", prediction, target)
    return float(np.mean((a - y) ** 2))


def mean_squared_error_gradient(prediction: ArrayLike, target: ArrayLike) -> FloatArray:
    r"""Return the gradient of `mean_squared_error` with respect to the prediction.

    .. math:: \frac{\partial L}{\partial a_{ij}} = \frac{2}{n k} (a_{ij} - y_{ij})

    Parameters
    ----------
    prediction : array_like, shape (n_samples, n_outputs) or (n_samples,)
        The network's output.
    target : array_like
        The numbers to predict, in the same shape; ``(n_samples,)`` also goes with ``(n_samples, 1)``.

    Returns
    -------
    ndarray, shape of the prediction

    Raises
    ------
    ValueError
        If the shapes do not match or an argument is empty.
    TypeError
        If an argument holds anything but real numbers.

    Examples
    --------
    >>> mean_squared_error_gradient([[1.0], [2.0]], [1.0, 4.0])
    array([[ 0.],
           [-2.]])
    """
    a, y = _dense("mean_squared_error_gradient", "prediction", prediction, target)
    return (2 / a.size) * (a - y)


def binary_cross_entropy(logits: ArrayLike, target: ArrayLike) -> float:
    r"""Return the mean negative log-likelihood of yes/no targets, from logits.

    .. math:: L = -\frac{1}{n} \sum_i \bigl[ y_i \ln \sigma(z_i) + (1 - y_i) \ln(1 - \sigma(z_i)) \bigr]
                = \frac{1}{n} \sum_i \bigl[ \operatorname{softplus}(z_i) - y_i z_i \bigr]

    The second form is the one computed: it never takes the logarithm of a probability that was rounded to
    zero. Give the network an identity output, not a sigmoid one. With several columns, each is a yes/no
    question of its own (multi-label), and the mean runs over all entries.

    Parameters
    ----------
    logits : array_like, shape (n_samples, n_outputs) or (n_samples,)
        The network's output before any sigmoid: any real number; above 0 means "rather 1".
    target : array_like
        Labels 0 or 1, or probabilities between; ``(n_samples,)`` also goes with ``(n_samples, 1)``.

    Returns
    -------
    float
        In nats. An undecided network (all logits 0) has ln 2 = 0.693.

    Raises
    ------
    ValueError
        If the shapes do not match, an argument is empty, or a target lies outside [0, 1].
    TypeError
        If an argument holds anything but real numbers.

    Examples
    --------
    >>> round(binary_cross_entropy([[0.0], [0.0]], [0, 1]), 6)
    0.693147
    >>> binary_cross_entropy([-1000.0], [1])
    1000.0
    """
    z, y = _binary("binary_cross_entropy", logits, target)
    return float(np.mean(softplus(z) - y * z))


def binary_cross_entropy_gradient(logits: ArrayLike, target: ArrayLike) -> FloatArray:
    r"""Return the gradient of `binary_cross_entropy` with respect to the logits.

    .. math:: \frac{\partial L}{\partial z_i} = \frac{\sigma(z_i) - y_i}{n}

    The derivative of the sigmoid has cancelled: a saturated unit that is wrong still learns.

    Parameters
    ----------
    logits : array_like, shape (n_samples, n_outputs) or (n_samples,)
        The network's output before any sigmoid.
    target : array_like
        Labels 0 or 1, or probabilities between; ``(n_samples,)`` also goes with ``(n_samples, 1)``.

    Returns
    -------
    ndarray, shape of the logits

    Raises
    ------
    ValueError
        If the shapes do not match, an argument is empty, or a target lies outside [0, 1].
    TypeError
        If an argument holds anything but real numbers.

    Examples
    --------
    >>> binary_cross_entropy_gradient([0.0, 0.0], [0, 1])
    array([ 0.25, -0.25])
    """
    z, y = _binary("binary_cross_entropy_gradient", logits, target)
    gradient: FloatArray = (sigmoid(z) - y) / z.size
    return gradient


def softmax_cross_entropy(logits: ArrayLike, labels_or_onehot: ArrayLike) -> float:
    r"""Return the mean negative log-likelihood of the right class, from logits.

    .. math:: L = -\frac{1}{n} \sum_i \sum_j y_{ij} \ln \operatorname{softmax}(z_i)_j

    The logarithm is taken inside, by `log_softmax`: a class of probability 1e-400 costs 921 nats, not
    infinity. Give the network an identity output, not a softmax one.

    Parameters
    ----------
    logits : array_like, shape (n_samples, n_classes)
        The network's output before any softmax: any real numbers; the largest of a row wins.
    labels_or_onehot : array_like, shape (n_samples,) or (n_samples, n_classes)
        Class numbers 0 … n_classes − 1, or one row of probabilities for each example (one-hot or soft).

    Returns
    -------
    float
        In nats. An undecided network (all logits equal) has ln(n_classes).

    Raises
    ------
    ValueError
        If the shapes do not match, a label is no class, or a row of probabilities does not sum to 1.
    TypeError
        If an argument holds anything but real numbers.

    Examples
    --------
    >>> round(softmax_cross_entropy([[0.0, 0.0, 0.0]], [2]), 6)
    1.098612
    >>> softmax_cross_entropy([[0.0, 1000.0]], [[1, 0]])
    1000.0
    """
    z, y = _classes("softmax_cross_entropy", logits, labels_or_onehot)
    return -float(np.sum(y * log_softmax(z))) / len(z)


def softmax_cross_entropy_gradient(logits: ArrayLike, labels_or_onehot: ArrayLike) -> FloatArray:
    r"""Return the gradient of `softmax_cross_entropy` with respect to the logits.

    .. math:: \frac{\partial L}{\partial z_{ij}} = \frac{p_{ij} - y_{ij}}{n},
              \qquad p_i = \operatorname{softmax}(z_i)

    Each row sums to zero: what the right class gains, the others lose.

    Parameters
    ----------
    logits : array_like, shape (n_samples, n_classes)
        The network's output before any softmax.
    labels_or_onehot : array_like, shape (n_samples,) or (n_samples, n_classes)
        Class numbers 0 … n_classes − 1, or one row of probabilities for each example.

    Returns
    -------
    ndarray, shape (n_samples, n_classes)

    Raises
    ------
    ValueError
        If the shapes do not match, a label is no class, or a row of probabilities does not sum to 1.
    TypeError
        If an argument holds anything but real numbers.

    Examples
    --------
    >>> softmax_cross_entropy_gradient([[0.0, 0.0]], [1])
    array([[ 0.5, -0.5]])
    """
    z, y = _classes("softmax_cross_entropy_gradient", logits, labels_or_onehot)
    return (softmax(z) - y) / len(z)


def _dense(function: str, argument: str, output: Any, target: Any) -> tuple[FloatArray, FloatArray]:
    """Return output and target as floats of one shape."""
    a = _as_floats(function, argument, output)
    y = numeric_array(function, "target", target, a.dtype)
    # (n, 1) − (n,) would broadcast to (n, n) without a word: the commonest silent mistake in regression.
    if y.shape != a.shape and _column(y.shape) == _column(a.shape):
        y = y.reshape(a.shape)
    if y.shape != a.shape:
        raise ValueError(
            f"{function}: {argument} and target must have the same shape, got {a.shape} and {y.shape}; "
            "give one row of targets for each row of outputs"
        )
    return a, y


def _numbers(function: str, output: Any, target: Any) -> tuple[FloatArray, FloatArray]:
    """Return output and target as floats of one shape, whatever they mean."""
    return _dense(function, "output", output, target)


def _binary(function: str, logits: Any, target: Any) -> tuple[FloatArray, FloatArray]:
    """Return logits and target as floats of one shape, the target in [0, 1]."""
    z, y = _dense(function, "logits", logits, target)
    low, high = y.min(), y.max()
    if not (low >= 0 and high <= 1):
        raise ValueError(
            f"{function}: target must lie in [0, 1], got values from {low:g} to {high:g}; "
            "code the two classes as 0 and 1"
        )
    return z, y


def _classes(function: str, logits: Any, labels: Any) -> tuple[FloatArray, FloatArray]:
    """Return logits as floats and labels as rows of probabilities, both of shape (n_samples, n_classes)."""
    z = _as_floats(function, "logits", logits)
    if z.ndim != 2 or z.shape[1] < 2:
        raise ValueError(
            f"{function}: logits must have shape (n_samples, at least 2 classes), got {z.shape}; "
            "use binary_cross_entropy for a single logit"
        )
    y = numeric_array(function, "labels", labels)
    if y.shape == z.shape:
        y = y.astype(z.dtype, copy=False)
        if not (y.min() >= 0 and abs(y.sum(axis=1) - 1).max() <= 1e-3):
            raise ValueError(
                f"{function}: each row of targets must be a distribution, got a row that sums to "
                f"{y.sum(axis=1)[np.argmax(abs(y.sum(axis=1) - 1))]:g} or a negative entry; "
                "pass class numbers, one-hot rows or probabilities"
            )
        return z, y
    if _column(y.shape) != (len(z), 1):
        raise ValueError(
            f"{function}: labels must have shape ({len(z)},) or {z.shape}, got {y.shape}; "
            "give one label for each row of logits"
        )
    finite(function, "labels", y)
    classes = y.reshape(-1).astype(np.intp)
    outside = (classes != y.reshape(-1)) | (classes < 0) | (classes >= z.shape[1])
    if outside.any():
        raise ValueError(
            f"{function}: labels must be whole numbers from 0 to {z.shape[1] - 1}, "
            f"got {y.reshape(-1)[outside][0]}; number the classes from 0, one network output for each"
        )
    onehot = np.zeros_like(z)
    onehot[np.arange(len(z)), classes] = 1
    return z, onehot


def _as_floats(function: str, argument: str, value: Any) -> FloatArray:
    """Return an array of floats: float32 and float64 stay, float16 becomes float32, integers float64."""
    array = numeric_array(function, argument, value)
    if array.dtype in (np.float32, np.float64):
        return array
    return array.astype(np.float32 if array.dtype == np.float16 else np.float64)


def _column(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Read the shape (n,) as the column (n, 1)."""
    return (*shape, 1) if len(shape) == 1 else shape


@dataclass(frozen=True)
class Loss:
    """A loss, its gradient, and what a training loop must know of them.

    Attributes
    ----------
    name : str
        Key in `LOSSES`.
    label : str
        Name in plain words, for axes and tables.
    value : callable
        ``value(output, target)`` → float, the mean over the batch.
    gradient : callable
        ``gradient(output, target)`` → ndarray, the derivative of that mean by the output.
    from_logits : bool
        Whether the loss applies sigmoid or softmax itself, so that the network's output must be the identity.
    encode : callable
        ``encode(function, output, target)`` → output and target as floats of one shape; raises on bad
        targets.
    threshold : float or None
        Output above which a single unit says "1"; None if the largest of several outputs wins.

    Examples
    --------
    >>> loss = get_loss("binary_cross_entropy")
    >>> loss.label, loss.from_logits
    ('binary cross-entropy', True)
    >>> loss.value([0.0], [1]) == binary_cross_entropy([0.0], [1])
    True
    """

    name: str
    label: str
    value: Callable[[Any, Any], float]
    gradient: Callable[[Any, Any], FloatArray]
    from_logits: bool = False
    encode: Callable[[str, Any, Any], tuple[FloatArray, FloatArray]] = _numbers
    threshold: float | None = 0.5


LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        loss.name: loss
        for loss in (
            Loss(
                "mean_squared_error",
                "mean squared error",
                mean_squared_error,
                mean_squared_error_gradient,
            ),
            Loss(
                "binary_cross_entropy",
                "binary cross-entropy",
                binary_cross_entropy,
                binary_cross_entropy_gradient,
                from_logits=True,
                encode=_binary,
                threshold=0.0,
            ),
            Loss(
                "softmax_cross_entropy",
                "softmax cross-entropy",
                softmax_cross_entropy,
                softmax_cross_entropy_gradient,
                from_logits=True,
                encode=_classes,
                threshold=None,
            ),
        )
    }
)
"""Every loss by its name."""


def get_loss(name: str | Loss) -> Loss:
    """Return the loss of that name; a `Loss` is handed back as it is.

    Parameters
    ----------
    name : str or Loss
        A key of `LOSSES`, or a loss of your own.

    Returns
    -------
    Loss

    Raises
    ------
    ValueError
        If no loss has that name.
    TypeError
        If `name` is neither text nor a `Loss`.

    Examples
    --------
    >>> get_loss("mean_squared_error").label
    'mean squared error'
    """
    if isinstance(name, Loss):
        return name
    return lookup("get_loss", "a loss", name, LOSSES)
