"""Is the backward pass right? Compare it with the slope that the loss really has."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from activations.training._checks import (
    FloatArray,
    finite,
    instance,
    is_number,
    number,
    numeric_array,
    routine,
)
from activations.training.losses import Loss, get_loss
from activations.training.network import MLP


def numerical_gradient(f: Callable[[FloatArray], float], x: ArrayLike, eps: float = 1e-5) -> FloatArray:
    r"""Return the gradient of a scalar function by central differences.

    .. math:: \frac{\partial f}{\partial x_i} \approx
              \frac{f(x + \varepsilon e_i) - f(x - \varepsilon e_i)}{2\varepsilon}

    Parameters
    ----------
    f : callable
        Takes an array of the shape of `x`, returns a number.
    x : array_like
        Where to take the gradient; computed in float64.
    eps : float, default 1e-5
        The step, above 0. The error is about ``eps**2`` for the curvature of f', plus ``1e-16 / eps`` for
        rounding; together they are smallest near 1e-5.

    Returns
    -------
    ndarray, shape of `x`

    Raises
    ------
    ValueError
        If `eps` is not above 0, or `x` is empty or not finite.
    TypeError
        If `x` holds anything but numbers, or `f` is no function of one number.

    Examples
    --------
    >>> numerical_gradient(lambda x: float((x ** 3).sum()), [1.0, 2.0]).round(6)
    array([ 3., 12.])
    """
    eps = number("numerical_gradient", "eps", eps, 0, math.inf)
    point = numeric_array("numerical_gradient", "x", x).astype(np.float64)
    finite("numerical_gradient", "x", point)
    routine("numerical_gradient", "f", f, "pass one that takes x and returns a number")

    def value() -> float:
        result = f(point)
        if not is_number(result):
            raise TypeError(
                f"numerical_gradient: f must return one number, got {result!r}; take a sum or a mean in f"
            )
        return float(result)

    gradient = np.empty_like(point)
    for i in np.ndindex(point.shape):
        here = point[i]
        point[i] = here + eps
        above = value()
        point[i] = here - eps
        below = value()
        point[i] = here
        gradient[i] = (above - below) / (2 * eps)
    return gradient


def check_gradients(
    network: MLP, X: ArrayLike, y: ArrayLike, loss: str | Loss, *, eps: float = 1e-5
) -> float:
    """Compare every gradient of `MLP.backward` with central differences of the loss.

    Parameters
    ----------
    network : MLP
        Left unchanged: the check works on a float64 copy.
    X : array_like, shape (n_samples, n_inputs)
    y : array_like
        Targets, as the loss wants them.
    loss : str or Loss
    eps : float, default 1e-5
        The step of the differences.

    Returns
    -------
    float
        The largest relative error over all weight and bias arrays, and the inputs: the largest difference in
        an array, divided by the array's largest gradient. Below 1e-6 is right; above 1e-3 is a mistake, or a
        pre-activation within `eps` of a kink.

    Raises
    ------
    ValueError
        If shapes do not fit, the loss is unknown, or `eps` is not above 0.
    TypeError
        If data are not numeric.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> network = MLP([3, 5, 2], "tanh", rng=rng)
    >>> X, y = rng.standard_normal((4, 3)), [0, 1, 1, 0]
    >>> check_gradients(network, X, y, "softmax_cross_entropy") < 1e-6
    True
    """
    instance("check_gradients", "network", network, MLP, "make one with MLP([2, 16, 1], rng=…)")
    loss, network = get_loss(loss), network.copy(dtype=np.float64)
    forward = network.forward(X)
    inputs = forward.activations[0].copy()
    output, targets = loss.encode("check_gradients", forward.output, y)
    backward = network.backward(forward, loss.gradient(output, targets))

    def value() -> float:
        return loss.value(network.predict(inputs), targets)

    worst = 0.0
    arrays = [*network.parameters, inputs]
    for array, gradient in zip(arrays, [*backward.parameters, backward.inputs], strict=True):
        worst = max(worst, _relative_error(gradient, numerical_gradient(_moving(array, value), array, eps)))
    return worst


def _moving(array: FloatArray, value: Callable[[], float]) -> Callable[[FloatArray], float]:
    """Return the function of the array's content that `value` computes."""

    def f(content: FloatArray) -> float:
        before = array.copy()
        array[...] = content
        result = value()
        array[...] = before
        return result

    return f


def _relative_error(analytic: FloatArray, numerical: FloatArray) -> float:
    scale = max(np.abs(analytic).max(), np.abs(numerical).max())
    difference: Any = np.abs(analytic - numerical).max()
    return float(difference / scale) if scale > 0 else 0.0
