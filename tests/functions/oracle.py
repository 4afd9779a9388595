"""The activation functions in mpmath, to any number of digits, and the distance of a float from them.

The formulas are the definitions of the literature, not those of the package: with a few hundred bits
nothing needs a trick. `EXACT` maps the name of a function of the package to its definition; a suffix
after a colon is a value of its parameter.
"""

import mpmath
import numpy as np
from mpmath import mp, mpf

import activations

mp.prec = 400

SELU_LAMBDA = mpf("1.0507009873554804934193349852946")
SELU_ALPHA = mpf("1.6732632423543772848170429916717")
TANH_FORM_SCALE = 2 * mpmath.sqrt(2 / mp.pi)
TANH_FORM_CUBIC = mpf("0.044715")


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def sigmoid_derivative(x):
    return sigmoid(x) * sigmoid(-x)


def softplus(x):
    return max(x, mpf(0)) + mpmath.log1p(mpmath.exp(-abs(x)))


def normal_cdf(x):
    return mpmath.erfc(-max(x, mpf(-2000)) / mpmath.sqrt(2)) / 2  # mpmath cannot go to -1e300


def normal_density(x):
    return mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mp.pi)


def tanh_form_argument(x):
    return TANH_FORM_SCALE * (x + TANH_FORM_CUBIC * x**3)


def gelu_tanh_form_derivative(x):
    u = tanh_form_argument(x)
    return sigmoid(u) + x * sigmoid_derivative(u) * TANH_FORM_SCALE * (1 + 3 * TANH_FORM_CUBIC * x**2)


def elu(x, alpha):
    return x if x > 0 else alpha * mpmath.expm1(x)


def elu_derivative(x, alpha):
    return mpf(1) if x > 0 else alpha * mpmath.exp(x)


def tanh_of_softplus(x):
    n = mpmath.exp(x)
    return n * (n + 2) / (n * (n + 2) + 2)


def mish_derivative(x):
    t = tanh_of_softplus(x)
    return t + x * sigmoid(x) * (1 - t) * (1 + t)


EXACT = {
    "sigmoid": sigmoid,
    "sigmoid_derivative": sigmoid_derivative,
    "log_sigmoid": lambda x: -softplus(-x),
    "log_sigmoid_derivative": lambda x: sigmoid(-x),
    "tanh": mpmath.tanh,
    "tanh_derivative": lambda x: mpmath.sech(x) ** 2,
    "softplus": softplus,
    "softplus_derivative": sigmoid,
    "elu": lambda x: elu(x, 1),
    "elu_derivative": lambda x: elu_derivative(x, 1),
    "elu:2.5": lambda x: elu(x, mpf(2.5)),
    "elu_derivative:2.5": lambda x: elu_derivative(x, mpf(2.5)),
    "selu": lambda x: SELU_LAMBDA * elu(x, SELU_ALPHA),
    "selu_derivative": lambda x: SELU_LAMBDA * elu_derivative(x, SELU_ALPHA),
    "gelu": lambda x: x * normal_cdf(x),
    "gelu_derivative": lambda x: normal_cdf(x) + x * normal_density(x),
    "gelu:True": lambda x: x * sigmoid(tanh_form_argument(x)),
    "gelu_derivative:True": gelu_tanh_form_derivative,
    "silu": lambda x: x * sigmoid(x),
    "silu_derivative": lambda x: sigmoid(x) * (1 + x * sigmoid(-x)),
    "mish": lambda x: x * tanh_of_softplus(x),
    "mish_derivative": mish_derivative,
}
"""Definitions of the transcendental functions; those of straight pieces are tested with fractions instead."""


def exact(name, x):
    """Return the exact value of the function `name` at the float `x`, to hundreds of bits."""
    return mpf(EXACT[name](mpf(float(x))))


def call(name, x):
    """Evaluate the function `name` of the package, with the parameter that stands after the colon."""
    name, _, parameter = name.partition(":")
    function = getattr(activations, name)
    if not parameter:
        return function(x)
    return function(x, {"True": True}.get(parameter) or float(parameter))


def rounded(value, dtype=np.float64):
    """Return the exact `value` as a float and what remains, in ULP of that float (between -1/2 and 1/2)."""
    nearest = dtype(float(value))
    return nearest, float((value - mpf(float(nearest))) / mpf(float(np.spacing(abs(nearest)))))


def ulp_error(computed, nearest, rest):
    """Return the distance of `computed` from the exact ``nearest + rest * ulp(nearest)``, in that ULP."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.abs((computed - nearest) / np.spacing(np.abs(nearest)) - rest)


ROOTS = {
    "gelu_derivative": -0.7517915246935645,
    "gelu_derivative:True": -0.7524614220710162,
    "silu_derivative": -1.2784645427610738,
    "mish_derivative": -1.1924312145154953,
}
"""The roots apart from 0, each a minimum of the function itself: there the sum of two terms cancels."""

EDGES = {
    np.float64: (
        708.4,
        709.8,
        710.5,
        715.0,
        744.5,
        745.2,
        354.2,
        372.6,
        36.7,
        37.5,
        38.6,
        18.4,
        20.1,
        21.0,
        40.0,
        80.0,
    ),
    np.float32: (87.4, 88.8, 92.0, 103.3, 104.1, 43.7, 52.0, 16.7, 13.0, 14.3, 9.1, 10.2, 40.0, 80.0),
}
"""Where something overflows, underflows, saturates or is capped, on one side of 0 or on both."""


def points(rng, size, dtype=np.float64):
    """Return about `size` floats over the whole range, dense near 0, the roots, the kinks and the edges."""
    tiny, huge = (-323.5, 308.2) if dtype is np.float64 else (-45.1, 38.5)
    n = size // 10
    sign = rng.choice([-1.0, 1.0], size=(3, n))
    near = np.concatenate([list(ROOTS.values()), [-3.0, -1.0, 1.0, 3.0]])
    with np.errstate(over="ignore", under="ignore"):
        x = np.concatenate(
            [
                rng.uniform(-2, 2, 2 * n),
                rng.uniform(-6, 6, n),
                rng.uniform(-40, 40, 2 * n),
                rng.uniform(-1.01, 1.01, n) * max(EDGES[dtype]),
                sign[0] * 10 ** rng.uniform(tiny, 0, n),
                sign[1] * 10 ** rng.uniform(0, huge, n),
                rng.choice(near, n) * (1 + rng.choice([-1, 1], n) * 2.0 ** -rng.uniform(2, 53, n)),
                sign[2] * (rng.choice(EDGES[dtype], n) + rng.uniform(-0.6, 0.6, n)),
                [0.0, -0.0],
            ]
        ).astype(dtype)
    return np.unique(x[np.isfinite(x)])
