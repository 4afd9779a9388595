"""Elementwise activation functions and their derivatives.

Each body is the bare formula, in the form that keeps its digits over the whole floating-point range; the
decorator `elementwise` makes a ufunc-like function of it. Three devices recur:

- ``np.exp(-np.abs(x))`` cannot overflow, whatever the sign of x;
- ``np.maximum(e, x >= 0)`` is 1 for x ≥ 0 and e for x < 0: a branch without the cost of one. (True counts as 1.)
- a clipped ``x`` where its factor has long underflowed to zero: ``-inf * 0`` would be nan.

``np.maximum`` and ``np.minimum`` hand nan on, so every function maps nan to nan. Error bounds are given in
units in the last place (ULP), for results that are normal numbers, and hold for every finite input unless a
docstring says otherwise; ``tests/functions/test_accuracy.py`` proves them against mpmath.
"""
# ruff: noqa: ARG001 -- `out` belongs to the decorator: a body sees one block and returns its values.

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._blocks import Array, elementwise
from ._normal import UNDERFLOW, bell, scaled_tail

_SELU_SCALE = 1.0507009873554805  # λ of Klambauer et al.
_SELU_SCALE_ALPHA = (
    1.7580993408473768599  # λα, multiplied with more digits than a product of floats would have
)
_TANH_FORM_SCALE = 2 * math.sqrt(2 / math.pi)
_TANH_FORM_CUBIC = 0.044715
_INVERSE_ROOT_2PI = 1 / math.sqrt(2 * math.pi)


_FAR_LEFT = {np.dtype(np.float64): -700.0, np.dtype(np.float32): -80.0}


def _with_left_tail(y: Array, x: Array, factor: Array) -> Any:
    """Return `y` with ``factor * exp(x)`` where x is so low that exp(x) alone is subnormal, hence inexact."""
    if np.minimum.reduce(x, axis=None, initial=0) >= _FAR_LEFT[x.dtype]:
        return y
    far = x < _FAR_LEFT[x.dtype]
    root = np.exp(0.5 * x[far])
    y[far] = np.maximum(factor[far], -2000) * root * root
    return y


@elementwise
def identity(x: Array, *, out: NDArray[Any] | None = None) -> Any:
    return +x


@elementwise
def identity_derivative(x: Array, *, out: NDArray[Any] | None = None) -> Any:
    return np.minimum(np.maximum(x, 1), 1)


@elementwise
def sigmoid(x: Array, *, out: NDArray[Any] | None = None) -> Any:
    e = np.exp(np.minimum(x, 40))  # from 37 on the quotient is 1, so the cap changes nothing
    return e / (1 + e)


@elementwise
def sigmoid_derivative(x: Array, *, out: NDArray[Any] | None = None) -> Any:
    e = np.exp(-np.abs(x))
    d = 1 + e
    return e / (d * d)


@elementwise
def log_sigmoid(x: Array, *, out: NDArray[Any] | None = None) -> Any:
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


@elementwise
def log_sigmoid_derivative(x: Array, *, out: NDArray[Any] | None = None) -> Any:
    return sigmoid(-x)


@elementwise
def tanh(x: Array, *, out: NDArray[Any] | None = None) -> Any:
    return np.tanh(x)


@elementwise
def tanh_derivative(x: Array, *, out: NDArray[Any] | None = None) -> Any:
    e = np.exp(-2 * np.minimum(np.abs(x), 400))
    d = 1 + e
    return 4 * e / (d * d)


@elementwise
def softplus(x: Array, *, out: NDArray[Any] | None = None) -> Any:
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


@elementwise
def softplus_derivative(x: Array, *, out: NDArray[Any] | None = None) -> Any:
    return sigmoid(x)


@elementwise
def relu(x: Array, *, out: NDArray[Any] | None = None) -> Any:
    return np.maximum(x, 0)


@elementwise
def relu_derivative(x: Array, *, out: NDArray[Any] | None = None) -> Any:
    return np.sign(np.maximum(x, 0))


@elementwise
def leaky_relu(x: Array, negative_slope: float = 0.01, *, out: NDArray[Any] | None = None) -> Any:
    if negative_slope == 0:
        return relu(x)  # 0 * -inf would be nan
    return np.maximum(x, 0) + negative_slope * np.minimum(x, 0)


@elementwise
def leaky_relu_derivative(x: Array, negative_slope: float = 0.01, *, out: NDArray[Any] | None = None) -> Any:
    positive = relu_derivative(x)
    return positive + negative_slope * (1 - positive)


@elementwise
def prelu(x: Array, slope: Array = 0.25, *, out: NDArray[Any] | None = None) -> Any:
    # Where the slope is zero the negative side is left out: 0 * -inf would be nan.
    negative = np.multiply(slope, np.minimum(x, 0), where=np.not_equal(slope, 0), out=np.zeros_like(x))
    return np.maximum(x, 0) + negative


@elementwise
def prelu_derivative(x: Array, slope: Array = 0.25, *, out: NDArray[Any] | None = None) -> Any:
    positive = relu_derivative(x)
    return positive + slope * (1 - positive)


@elementwise
def elu(x: Array, alpha: float = 1.0, *, out: NDArray[Any] | None = None) -> Any:
    return np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0))


@elementwise
def elu_derivative(x: Array, alpha: float = 1.0, *, out: NDArray[Any] | None = None) -> Any:
    positive = relu_derivative(x)
    return positive + alpha * np.exp(np.minimum(x, 0)) * (1 - positive)


@elementwise
def selu(x: Array, *, out: NDArray[Any] | None = None) -> Any:
    return _SELU_SCALE * np.maximum(x, 0) + _SELU_SCALE_ALPHA * np.expm1(np.minimum(x, 0))


@elementwise
def selu_derivative(x: Array, *, out: NDArray[Any] | None = None) -> Any:
    positive = relu_derivative(x)
    return _SELU_SCALE * positive + _SELU_SCALE_ALPHA * np.exp(np.minimum(x, 0)) * (1 - positive)


@elementwise
def gelu(x: Array, approximate: bool = False, *, out: NDArray[Any] | None = None) -> Any:
    x = np.maximum(x, -UNDERFLOW[x.dtype])
    if approximate:
        t = np.minimum(x, UNDERFLOW[x.dtype])
        return x * sigmoid(_TANH_FORM_SCALE * (t + _TANH_FORM_CUBIC * (t * t * t)))
    t = np.minimum(np.abs(x), UNDERFLOW[x.dtype])
    tail = bell(t) * scaled_tail(t)
    return x * np.abs((x >= 0) - tail)


@elementwise
def gelu_derivative(x: Array, approximate: bool = False, *, out: NDArray[Any] | None = None) -> Any:
    x = np.maximum(np.minimum(x, UNDERFLOW[x.dtype]), -UNDERFLOW[x.dtype])
    if approximate:
        u = _TANH_FORM_SCALE * (x + _TANH_FORM_CUBIC * (x * x * x))
        slope = _TANH_FORM_SCALE * (1 + 3 * _TANH_FORM_CUBIC * (x * x))
        return sigmoid(u) + x * sigmoid_derivative(u) * slope
    t = np.abs(x)
    left = bell(t) * (scaled_tail(t) - _INVERSE_ROOT_2PI * t)
    return np.where(x < 0, left, 1 - left)


@elementwise
def silu(x: Array, *, out: NDArray[Any] | None = None) -> Any:
    t = np.maximum(x, _FAR_LEFT[x.dtype])
    return _with_left_tail(t / (1 + np.exp(-t)), x, x)


@elementwise
def silu_derivative(x: Array, *, out: NDArray[Any] | None = None) -> Any:
    t = np.minimum(np.maximum(x, _FAR_LEFT[x.dtype]), 80)
    e = np.exp(t)
    return _with_left_tail(e / (1 + e) * (1 + t / (1 + e)), x, 1 + x)


@elementwise
def mish(x: Array, *, out: NDArray[Any] | None = None) -> Any:
    t = np.maximum(x, _FAR_LEFT[x.dtype])
    e = np.exp(np.minimum(t, 40))
    w = e * (e + 2)
    return _with_left_tail(t * (w / (w + 2)), x, x)


@elementwise
def mish_derivative(x: Array, *, out: NDArray[Any] | None = None) -> Any:
    t = np.minimum(np.maximum(x, _FAR_LEFT[x.dtype]), 40)
    e = np.exp(t)
    w = e * (e + 2)
    return _with_left_tail((w + 4 * t * (e * (e + 1) / (w + 2))) / (w + 2), x, 1 + x)


@elementwise
def hard_tanh(x: Array, *, out: NDArray[Any] | None = None) -> Any:
    return np.minimum(np.maximum(x, -1), 1)


@elementwise
def hard_tanh_derivative(x: Array, *, out: NDArray[Any] | None = None) -> Any:
    return np.sign(np.maximum(1 - np.abs(x), 0))


@elementwise
def hard_sigmoid(x: Array, *, out: NDArray[Any] | None = None) -> Any:
    return np.minimum(np.maximum(x + 3, 0), 6) / 6


@elementwise
def hard_sigmoid_derivative(x: Array, *, out: NDArray[Any] | None = None) -> Any:
    return np.sign(np.maximum(3 - np.abs(x), 0)) / 6
