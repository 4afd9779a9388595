"""Elementwise activation functions and their derivatives.

Each body is the bare formula, in a form that keeps its digits over the whole floating-point range; the
decorator `elementwise` makes a function of it that accepts what a NumPy ufunc accepts. Four devices recur:

- A **cap**. ``exp(min(x, 40))`` cannot overflow, and the formula around it has long reached its limit at 40.
- A **fold**. ``exp(-abs(x))`` cannot overflow for either sign of x; it suits functions with a symmetry.
- **Two halves**. ``max(x, 0) + f(min(x, 0))`` computes both sides without a branch; one of them is zero.
- A **tail** of its own, far to the left, for functions that are written with ``exp(-x)``.

``np.maximum`` and ``np.minimum`` hand nan on, so every function maps nan to nan; ±∞ gives the limit. The only
floating-point signals are underflow and, where the result itself is too large, overflow. ``out`` goes to the
last operation of a body and nowhere else.

Accuracy is stated in units in the last place (ULP) of float64 results that are normal numbers, with float32
in brackets, and holds for every finite input; ``tests/functions/test_accuracy.py`` measures it with mpmath.
"""

import functools
import math
from collections.abc import Callable

import numpy as np

from ._blocks import FLOAT32, FLOAT64, Array, Formula, Out, elementwise, one_operation
from ._normal import END, bell, bell_root, scaled_tail

_SELU_SCALE = 1.0507009873554805  # λ
_SELU_SCALE_ALPHA = 1.7580993408473768599  # λα, rounded once
_TANH_FORM_SCALE = 2 * math.sqrt(2 / math.pi)
_TANH_FORM_CUBIC = 0.044715 * _TANH_FORM_SCALE
_BELL_AREA = math.sqrt(2 * math.pi)

_FAR_LEFT = {FLOAT64: -700.0, FLOAT32: -80.0}


def _left_tail(factor: Callable[[Array], Array]) -> Callable[[Formula], Formula]:
    """Let a formula be written with ``exp(-x)``, for x ≥ −700 only.

    Further left, where that would overflow, the function is ``factor(x) * exp(x)``. There exp(x) alone loses
    digits although the product need not: so it is multiplied in as two square roots.
    """

    def decorate(formula: Formula) -> Formula:
        @functools.wraps(formula)
        def both(x: Array, *, out: Out = None) -> Array:
            low = _FAR_LEFT[x.dtype]
            if not x.size or x.item(x.argmin()) >= low:
                return formula(x, out=out)
            far = x < low
            root = np.exp(0.5 * x[far])
            tail = np.maximum(factor(x[far]), -2000) * root * root  # -inf * 0 would be nan
            y = formula(np.maximum(x, low), out=out)
            y[far] = tail
            return y

        return both  # type: ignore[return-value]

    return decorate


@one_operation
def identity(x: Array, *, out: Out = None) -> Array:
    """Linear activation: ``identity(x) = x``, for "no activation". Exact.

    Parameters
    ----------
    x : array_like of real numbers, any shape
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    Examples
    --------
    >>> identity([-1.0, 2.0])
    array([-1.,  2.])
    """
    return np.positive(x, out=out)


@elementwise
def identity_derivative(x: Array, *, out: Out = None) -> Array:
    """Return the derivative of `identity`: 1 everywhere. Exact.

    Parameters
    ----------
    x : array_like of real numbers, any shape
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    Examples
    --------
    >>> identity_derivative([-1.0, 2.0])
    array([1., 1.])
    """
    return np.minimum(np.maximum(x, 1), 1, out=out)  # ones, but nan where x is


@elementwise
def sigmoid(x: Array, *, out: Out = None) -> Array:
    """Logistic sigmoid: turns log-odds into a probability.

    ``sigmoid(x) = 1 / (1 + exp(-x)) = exp(x) / (1 + exp(x))``, in (0, 1). Within 2 ULP [3].

    Parameters
    ----------
    x : array_like of real numbers, any shape
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    See Also
    --------
    log_sigmoid : its logarithm, for losses.

    References
    ----------
    Rumelhart, Hinton & Williams (1986).

    Examples
    --------
    >>> sigmoid([0.0, 2.0, -1000.0]).round(4)
    array([0.5   , 0.8808, 0.    ])
    """
    e = np.exp(-np.abs(x))  # cannot overflow
    top = np.maximum(e, x >= 0)  # σ = top/(1 + e): 1/(1 + e) for x ≥ 0, else e/(1 + e)
    return np.subtract(top, top * (e / (1 + e)), out=out)  # top·(1 − σ(−|x|)) rounds less


@elementwise
def sigmoid_derivative(x: Array, *, out: Out = None) -> Array:
    """Return the derivative of `sigmoid`, at most 1/4.

    ``s * (1 - s)`` with s = sigmoid(x) would be zero from x = 37.4 on. As the derivative is even, the formula
    may take s = sigmoid(−abs(x)) instead, which never exceeds 1/2. Within 4 ULP [5].

    Parameters
    ----------
    x : array_like of real numbers, any shape
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    Examples
    --------
    >>> sigmoid_derivative([0.0, 100.0])
    array([2.50000000e-01, 3.72007598e-44])
    """
    e = np.exp(-np.abs(x))
    s = e / (1 + e)
    return np.multiply(s, 1 - s, out=out)


@elementwise
def log_sigmoid(x: Array, *, out: Out = None) -> Array:
    """Logarithm of the sigmoid: ``log_sigmoid(x) = -log(1 + exp(-x)) = -softplus(-x)``, negative.

    Finite for every finite x, unlike ``np.log(sigmoid(x))``. Within 2 ULP [4].

    Parameters
    ----------
    x : array_like of real numbers, any shape
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    Examples
    --------
    >>> log_sigmoid([0.0, -1000.0])
    array([-6.93147181e-01, -1.00000000e+03])
    """
    return np.minimum(x, -np.log1p(np.exp(-np.maximum(x, -40))), out=out)  # x itself below -37


@elementwise
def log_sigmoid_derivative(x: Array, *, out: Out = None) -> Array:
    """Return the derivative of `log_sigmoid`: ``sigmoid(-x)``. Within 2 ULP [3].

    Parameters
    ----------
    x : array_like of real numbers, any shape
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    Examples
    --------
    >>> log_sigmoid_derivative([0.0, -1000.0])
    array([0.5, 1. ])
    """
    return sigmoid(-x, out=out)


@one_operation
def tanh(x: Array, *, out: Out = None) -> Array:
    """Hyperbolic tangent: a sigmoid stretched to (−1, 1), ``tanh(x) = 2 * sigmoid(2 * x) - 1``.

    Within 1.5 ULP [3].

    Parameters
    ----------
    x : array_like of real numbers, any shape
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    References
    ----------
    LeCun, Bottou, Orr & Müller (1998).

    Examples
    --------
    >>> tanh([0.0, 1.0, -1000.0]).round(4)
    array([ 0.    ,  0.7616, -1.    ])
    """
    return np.tanh(x, out=out)


@elementwise
def tanh_derivative(x: Array, *, out: Out = None) -> Array:
    """Return the derivative of `tanh`, at most 1.

    ``1 - tanh(x)**2`` would be zero from x = 19 on. It equals ``4 * s * (1 - s)``, s = sigmoid(−2·abs(x)),
    which never exceeds 1/2. Within 4 ULP [5].

    Parameters
    ----------
    x : array_like of real numbers, any shape
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    Examples
    --------
    >>> tanh_derivative([0.0, 50.0])
    array([1.00000000e+00, 1.48803039e-43])
    """
    e = np.exp(-2 * np.minimum(np.abs(x), 400))
    s = e / (1 + e)
    return np.multiply(4 * s, 1 - s, out=out)


@elementwise
def softplus(x: Array, *, out: Out = None) -> Array:
    """Smooth ReLU: ``softplus(x) = log(1 + exp(x))``, positive. Within 2 ULP [4].

    Parameters
    ----------
    x : array_like of real numbers, any shape
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    References
    ----------
    Dugas, Bengio, Bélisle, Nadeau & Garcia (2001).

    Examples
    --------
    >>> softplus([0.0, 1000.0])
    array([6.93147181e-01, 1.00000000e+03])
    """
    return np.maximum(x, np.log1p(np.exp(np.minimum(x, 40))), out=out)  # x itself beyond 37


@elementwise
def softplus_derivative(x: Array, *, out: Out = None) -> Array:
    """Return the derivative of `softplus`: the sigmoid. Within 2 ULP [3].

    Parameters
    ----------
    x : array_like of real numbers, any shape
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    Examples
    --------
    >>> softplus_derivative([0.0, 1000.0])
    array([0.5, 1. ])
    """
    return sigmoid(x, out=out)


@one_operation
def relu(x: Array, *, out: Out = None) -> Array:
    """Rectified linear unit: ``relu(x) = max(0, x)``. Exact.

    Parameters
    ----------
    x : array_like of real numbers, any shape
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    References
    ----------
    Nair & Hinton (2010).

    Examples
    --------
    >>> relu([-1.0, 2.0])
    array([0., 2.])
    """
    return np.maximum(x, 0, out=out)


@elementwise
def relu_derivative(x: Array, *, out: Out = None) -> Array:
    """Return the derivative of `relu`: 1 for x > 0, else 0. Exact.

    At the kink, where no derivative exists, it is 0, as in PyTorch, JAX and TensorFlow.

    Parameters
    ----------
    x : array_like of real numbers, any shape
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    Examples
    --------
    >>> relu_derivative([-1.0, 0.0, 2.0])
    array([0., 0., 1.])
    """
    return np.sign(np.maximum(x, 0), out=out)  # unlike a comparison, hands nan on


@elementwise
def leaky_relu(x: Array, negative_slope: float = 0.01, *, out: Out = None) -> Array:
    """ReLU with a leak: x for x > 0, else ``negative_slope * x``.

    Correctly rounded for the slope rounded to x's dtype: that of float32 is 0.0099999998. Also right for
    slopes above 1, where ``max(x, negative_slope * x)`` is not.

    Parameters
    ----------
    x : array_like of real numbers, any shape
    negative_slope : float
        Slope for x < 0; finite and at least 0.
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers or `negative_slope` is not a number, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x` or `negative_slope` is negative or not finite.

    References
    ----------
    Maas, Hannun & Ng (2013).

    Examples
    --------
    >>> leaky_relu([-1.0, 2.0])
    array([-0.01,  2.  ])
    """
    if negative_slope == 0:
        return relu(x, out=out)  # 0 * -inf would be nan
    return np.add(np.maximum(x, 0), negative_slope * np.minimum(x, 0), out=out)


@elementwise
def leaky_relu_derivative(x: Array, negative_slope: float = 0.01, *, out: Out = None) -> Array:
    """Return the derivative of `leaky_relu`: 1 for x > 0, else `negative_slope`, also at the kink.

    Exact for the slope rounded to x's dtype.

    Parameters
    ----------
    x : array_like of real numbers, any shape
    negative_slope : float
        Slope for x < 0; finite and at least 0.
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers or `negative_slope` is not a number, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x` or `negative_slope` is negative or not finite.

    Examples
    --------
    >>> leaky_relu_derivative([-1.0, 0.0, 2.0])
    array([0.01, 0.01, 1.  ])
    """
    positive = relu_derivative(x)
    return np.add(positive, negative_slope * (1 - positive), out=out)


@elementwise
def prelu(x: Array, slope: Array = 0.25, *, out: Out = None) -> Array:
    """Parametric ReLU: x for x > 0, else ``slope * x`` with a slope that is learned.

    Correctly rounded for the slope rounded to x's dtype.

    Parameters
    ----------
    x : array_like of real numbers, any shape
    slope : float or array_like of float, shape (n,) or broadcastable to that of x
        Slope for x < 0, finite; one number, or one for each entry of the last axis of `x`. He et al. start
        their training from the default.
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers or `slope` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x` or `slope` is not finite or does not fit.

    References
    ----------
    He, Zhang, Ren & Sun (2015).

    Examples
    --------
    >>> prelu([[-1.0, -1.0], [2.0, 2.0]], slope=[0.1, 0.5])
    array([[-0.1, -0.5],
           [ 2. ,  2. ]])
    """
    leak = np.multiply(slope, np.minimum(x, 0), where=np.not_equal(slope, 0), out=np.zeros_like(x))
    return np.add(np.maximum(x, 0), leak, out=out)  # the `where` is for 0 * -inf, which would be nan


@elementwise
def prelu_derivative(x: Array, slope: Array = 0.25, *, out: Out = None) -> Array:
    """Return the derivative of `prelu` with respect to x: 1 for x > 0, else `slope`, also at the kink.

    Exact for the slope rounded to x's dtype. The derivative with respect to the slope is ``min(x, 0)``.

    Parameters
    ----------
    x : array_like of real numbers, any shape
    slope : float or array_like of float, shape (n,) or broadcastable to that of x
        Slope for x < 0, finite; one number, or one for each entry of the last axis of `x`. He et al. start
        their training from the default.
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers or `slope` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x` or `slope` is not finite or does not fit.

    Examples
    --------
    >>> prelu_derivative([-1.0, 0.0, 2.0], slope=0.5)
    array([0.5, 0.5, 1. ])
    """
    positive = relu_derivative(x)
    return np.add(positive, slope * (1 - positive), out=out)


@elementwise
def elu(x: Array, alpha: float = 1.0, *, out: Out = None) -> Array:
    """Exponential linear unit: x for x > 0, else ``alpha * (exp(x) - 1)``.

    Within 1 ULP [3] for alpha = 1, one more for others.

    Parameters
    ----------
    x : array_like of real numbers, any shape
    alpha : float
        The function tends to −alpha on the left; finite and greater than 0.
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers or `alpha` is not a number, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x` or `alpha` is not finite and positive.

    References
    ----------
    Clevert, Unterthiner & Hochreiter (2016).

    Examples
    --------
    >>> elu([-1.0, 2.0]).round(4)
    array([-0.6321,  2.    ])
    """
    return np.add(np.maximum(x, 0), alpha * np.expm1(np.minimum(x, 0)), out=out)


@elementwise
def elu_derivative(x: Array, alpha: float = 1.0, *, out: Out = None) -> Array:
    """Return the derivative of `elu`: 1 for x > 0, else ``alpha * exp(x)``.

    At 0, where it jumps unless alpha = 1, it is `alpha`. Within 1.5 ULP [3] for alpha = 1, and one more for
    others; alpha times that left of x = −708 [−87], where exp(x) is subnormal.

    Parameters
    ----------
    x : array_like of real numbers, any shape
    alpha : float
        The function tends to −alpha on the left; finite and greater than 0.
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers or `alpha` is not a number, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x` or `alpha` is not finite and positive.

    Examples
    --------
    >>> elu_derivative([-1.0, 0.0, 2.0]).round(4)
    array([0.3679, 1.    , 1.    ])
    """
    positive = relu_derivative(x)
    return np.add(positive, alpha * np.exp(np.minimum(x, 0)) * (1 - positive), out=out)


@elementwise
def selu(x: Array, *, out: Out = None) -> Array:
    """Scaled ELU: ``λ * elu(x, α)``.

    With its two numbers, λ = 1.0507… and α = 1.6732…, layers of LeCun-normal weights reproduce mean 0 and
    variance 1. Within 2 ULP [4].
    Overflows, rightly, beyond x = 1.71e308.

    Parameters
    ----------
    x : array_like of real numbers, any shape
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    References
    ----------
    Klambauer, Unterthiner, Mayr & Hochreiter (2017).

    Examples
    --------
    >>> selu([-1.0, 2.0]).round(4)
    array([-1.1113,  2.1014])
    """
    return np.add(_SELU_SCALE * np.maximum(x, 0), _SELU_SCALE_ALPHA * np.expm1(np.minimum(x, 0)), out=out)


@elementwise
def selu_derivative(x: Array, *, out: Out = None) -> Array:
    """Return the derivative of `selu`: λ for x > 0, else ``λ α exp(x)``; λα at the kink. Within 2 ULP [4].

    Parameters
    ----------
    x : array_like of real numbers, any shape
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    Examples
    --------
    >>> selu_derivative([-1.0, 0.0, 2.0]).round(4)
    array([0.6468, 1.7581, 1.0507])
    """
    positive = relu_derivative(x)
    left = _SELU_SCALE_ALPHA * np.exp(np.minimum(x, 0))
    return np.add(_SELU_SCALE * positive, left * (1 - positive), out=out)


@elementwise
def gelu(x: Array, approximate: bool = False, *, out: Out = None) -> Array:
    """Gaussian error linear unit: ``gelu(x) = x * P(Z < x)`` for a standard normal Z.

    Computed as ``relu(x) - abs(x) * P(Z > abs(x))``, in which no digits cancel; in the usual
    ``1 + erf(x / √2)`` they do, on the left. Within 8 ULP [8], and 6 for abs(x) ≤ 6.

    The tanh form ``x * sigmoid(2 * √(2/π) * (x + 0.044715 * x**3))`` is off by up to 4.73e-4 but faster, and
    some networks were trained with it. It is within 3·abs(u) + 5 ULP of its own formula, where u is the
    argument of the sigmoid: exp turns an absolute error of u into a relative one.

    Parameters
    ----------
    x : array_like of real numbers, any shape
    approximate : bool
        Whether to use the tanh form.
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers or `approximate` is not a boolean, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    References
    ----------
    Hendrycks & Gimpel (2016).

    Examples
    --------
    >>> gelu([-1.0, 2.0]).round(4)
    array([-0.1587,  1.9545])
    >>> gelu([-1.0, 2.0], approximate=True).round(4)
    array([-0.1588,  1.9546])
    """
    t = np.minimum(np.abs(x), END[x.dtype])
    if approximate:
        e = np.exp(-t * (_TANH_FORM_SCALE + _TANH_FORM_CUBIC * (t * t)))
        left = t * (e / (1 + e))
    else:
        left = t * scaled_tail(t) * bell(t)
    return np.subtract(np.maximum(x, 0), left, out=out)


@elementwise
def gelu_derivative(x: Array, approximate: bool = False, *, out: Out = None) -> Array:
    """Return the derivative of `gelu`: ``P(Z < x) + x * φ(x)`` with the normal density φ.

    Within 8 ULP [9]; less than 0.6 from the root at x = −0.7518, where the sum cancels, within 3e-16 [2e-7].
    If `approximate`, the derivative of the tanh form, within 3·abs(u) + 5 ULP, and near its root as here.

    Parameters
    ----------
    x : array_like of real numbers, any shape
    approximate : bool
        Whether to use the tanh form.
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers or `approximate` is not a boolean, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    Examples
    --------
    >>> gelu_derivative([-1.0, 0.0, 2.0]).round(4)
    array([-0.0833,  0.5   ,  1.0852])
    """
    t = np.minimum(np.abs(x), END[x.dtype])
    if approximate:
        square = t * t
        e = np.exp(-t * (_TANH_FORM_SCALE + _TANH_FORM_CUBIC * square))
        s = e / (1 + e)
        left = s * (1 - t * (_TANH_FORM_SCALE + 3 * _TANH_FORM_CUBIC * square) * (1 - s))
    else:
        root = bell_root(t)
        left = (scaled_tail(t) - t / _BELL_AREA) * root * root
    positive = relu_derivative(x)
    return np.add(positive, (1 - 2 * positive) * left, out=out)  # f'(x) + f'(-x) = 1


@elementwise
@_left_tail(lambda x: x)
def silu(x: Array, *, out: Out = None) -> Array:
    """Sigmoid linear unit, or swish: ``silu(x) = x * sigmoid(x) = x / (1 + exp(-x))``. Within 3 ULP [6].

    Parameters
    ----------
    x : array_like of real numbers, any shape
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    References
    ----------
    Elfwing, Uchibe & Doya (2018); Ramachandran, Zoph & Le (2017).

    Examples
    --------
    >>> silu([-1.0, 2.0]).round(4)
    array([-0.2689,  1.7616])
    """
    return np.divide(x, 1 + np.exp(-x), out=out)


@elementwise
@_left_tail(lambda x: 1 + x)
def silu_derivative(x: Array, *, out: Out = None) -> Array:
    """Return the derivative of `silu`: ``sigmoid(x) * (1 + x * sigmoid(-x))``.

    Within 6 ULP [7]; less than 0.6 from the root at x = −1.2785, where the sum cancels, within
    2e-16 [1e-7].

    Parameters
    ----------
    x : array_like of real numbers, any shape
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    Examples
    --------
    >>> silu_derivative([-1.0, 0.0, 2.0]).round(4)
    array([0.0723, 0.5   , 1.0908])
    """
    x = np.minimum(x, 80)
    e = np.exp(-x)
    d = 1 + e
    return np.divide(1 + x * (e / d), d, out=out)


@elementwise
@_left_tail(lambda x: x)
def mish(x: Array, *, out: Out = None) -> Array:
    """Mish: ``mish(x) = x * tanh(softplus(x))``. Within 3 ULP [6].

    The tanh of the softplus is 1 / d for ``d = e + 1/2 + 1 / (2 + 4 * e)`` and ``e = exp(-x)``: one
    exponential, no logarithm.

    Parameters
    ----------
    x : array_like of real numbers, any shape
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    References
    ----------
    Misra (2019).

    Examples
    --------
    >>> mish([-1.0, 2.0]).round(4)
    array([-0.3034,  1.944 ])
    """
    e = np.exp(-x)
    return np.divide(x, e + (0.5 + 0.5 / (1 + 2 * e)), out=out)


@elementwise
@_left_tail(lambda x: 1 + x)
def mish_derivative(x: Array, *, out: Out = None) -> Array:
    """Return the derivative of `mish`.

    With d and e as there it is ``(1 + x * (1 - q * q) * e / d) / d`` for ``q = 1 / (1 + 2 * e)``. Within
    7 ULP [8]; less than 0.6 from the root at x = −1.1924, where the sum cancels, within 2e-16 [1e-7].

    Parameters
    ----------
    x : array_like of real numbers, any shape
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    Examples
    --------
    >>> mish_derivative([-1.0, 0.0, 2.0]).round(4)
    array([0.0592, 0.6   , 1.0693])
    """
    x = np.minimum(x, 80)
    e = np.exp(-x)
    q = 1 / (1 + 2 * e)
    d = e + (0.5 + 0.5 * q)
    return np.divide(1 + x * (1 - q * q) * (e / d), d, out=out)


@elementwise
def hard_tanh(x: Array, *, out: Out = None) -> Array:
    """Tanh of three straight pieces: ``hard_tanh(x) = min(1, max(-1, x))``. Exact.

    Parameters
    ----------
    x : array_like of real numbers, any shape
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    References
    ----------
    Collobert (2004).

    Examples
    --------
    >>> hard_tanh([-3.0, 0.5, 3.0])
    array([-1. ,  0.5,  1. ])
    """
    return np.minimum(np.maximum(x, -1), 1, out=out)


@elementwise
def hard_tanh_derivative(x: Array, *, out: Out = None) -> Array:
    """Return the derivative of `hard_tanh`: 1 for abs(x) < 1, else 0. Exact.

    At the kinks it is 0, as in PyTorch.

    Parameters
    ----------
    x : array_like of real numbers, any shape
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    Examples
    --------
    >>> hard_tanh_derivative([-1.0, 0.5, 3.0])
    array([0., 1., 0.])
    """
    return np.sign(np.maximum(1 - np.abs(x), 0), out=out)


@elementwise
def hard_sigmoid(x: Array, *, out: Out = None) -> Array:
    """Sigmoid of three straight pieces: ``hard_sigmoid(x) = min(6, max(0, x + 3)) / 6``. Within 1 ULP [1].

    This is the form of MobileNetV3, PyTorch, JAX and Keras 3; BinaryConnect's (Courbariaux et al. 2015) is
    steeper, ``min(1, max(0, (x + 1) / 2))``.

    Parameters
    ----------
    x : array_like of real numbers, any shape
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    References
    ----------
    Howard et al. (2019).

    Examples
    --------
    >>> hard_sigmoid([-4.0, 0.0, 1.5])
    array([0.  , 0.5 , 0.75])
    """
    return np.divide(np.minimum(np.maximum(x + 3, 0), 6), 6, out=out)


@elementwise
def hard_sigmoid_derivative(x: Array, *, out: Out = None) -> Array:
    """Return the derivative of `hard_sigmoid`: 1/6 for abs(x) < 3, else 0. Correctly rounded.

    At the kinks it is 0, as in PyTorch.

    Parameters
    ----------
    x : array_like of real numbers, any shape
    out : ndarray, same shape as x, optional
        Where to store the result; may be `x` itself.

    Returns
    -------
    ndarray or scalar, same shape as x

    Raises
    ------
    TypeError
        If `x` does not hold real numbers, or `out` cannot hold floats.
    ValueError
        If the shape of `out` is not that of `x`.

    Examples
    --------
    >>> hard_sigmoid_derivative([-3.0, 0.0]).round(4)
    array([0.    , 0.1667])
    """
    return np.divide(np.sign(np.maximum(3 - np.abs(x), 0)), 6, out=out)
