"""Initial weights: how wide the random numbers are that a layer starts from.

A layer computes ``z = a @ W + b``. If the entries of ``W`` have variance ``v``, the variance of ``z`` is
about ``fan_in * v`` times the mean square of ``a``, and on the way back the gradient is multiplied by
``fan_out * v``. Each initializer below picks ``v`` so that one of the two factors, or a compromise, stays
near one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from activations.training._checks import FloatArray, count, generator, lookup, number


class Initializer(Protocol):
    """Anything that draws a weight matrix: ``initializer(fan_in, fan_out, rng=rng)``."""

    def __call__(self, fan_in: int, fan_out: int, *, rng: np.random.Generator) -> FloatArray:
        """Return the weights of a layer, shape (fan_in, fan_out)."""
        ...


def glorot_uniform(fan_in: int, fan_out: int, *, rng: np.random.Generator) -> FloatArray:
    r"""Draw weights from a uniform distribution of variance 2 / (fan_in + fan_out).

    .. math:: W \sim U(-l, l), \qquad l = \sqrt{6 / (\text{fan\_in} + \text{fan\_out})}

    The variance is a compromise between 1 / fan_in, which keeps the signal, and 1 / fan_out, which keeps the
    gradient. Also called Xavier or *normalized* initialization; made for tanh.

    Parameters
    ----------
    fan_in, fan_out : int
        Number of inputs and of units of the layer.
    rng : numpy.random.Generator
        Source of the random numbers.

    Returns
    -------
    W : ndarray, shape (fan_in, fan_out)

    Raises
    ------
    ValueError
        If a number of units is smaller than 1.
    TypeError
        If `rng` is not a generator, or a number of units is not whole.

    References
    ----------
    X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks",
    2010.

    Examples
    --------
    >>> import numpy as np
    >>> W = glorot_uniform(300, 100, rng=np.random.default_rng(0))
    >>> W.shape
    (300, 100)
    >>> bool(abs(W).max() <= np.sqrt(6 / 400))
    True
    """
    fan_in, fan_out, rng = _check("glorot_uniform", fan_in, fan_out, rng)
    limit = math.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, (fan_in, fan_out))


def glorot_normal(fan_in: int, fan_out: int, *, rng: np.random.Generator) -> FloatArray:
    r"""Draw weights from a normal distribution of variance 2 / (fan_in + fan_out).

    .. math:: W \sim N(0, \sigma^2), \qquad \sigma = \sqrt{2 / (\text{fan\_in} + \text{fan\_out})}

    Parameters, errors and source are those of `glorot_uniform`.

    Parameters
    ----------
    fan_in, fan_out : int
        Number of inputs and of units of the layer.
    rng : numpy.random.Generator
        Source of the random numbers.

    Returns
    -------
    W : ndarray, shape (fan_in, fan_out)

    Raises
    ------
    ValueError, TypeError
        As in `glorot_uniform`.

    Examples
    --------
    >>> import numpy as np
    >>> W = glorot_normal(300, 100, rng=np.random.default_rng(0))
    >>> round(float(W.std()), 3)
    0.071
    """
    fan_in, fan_out, rng = _check("glorot_normal", fan_in, fan_out, rng)
    return rng.normal(0.0, math.sqrt(2 / (fan_in + fan_out)), (fan_in, fan_out))


def he_uniform(fan_in: int, fan_out: int, *, rng: np.random.Generator) -> FloatArray:
    r"""Draw weights from a uniform distribution of variance 2 / fan_in.

    .. math:: W \sim U(-l, l), \qquad l = \sqrt{6 / \text{fan\_in}}

    ReLU sets half of its inputs to zero and so halves their mean square; the 2 makes up for it.

    Parameters
    ----------
    fan_in, fan_out : int
        Number of inputs and of units of the layer.
    rng : numpy.random.Generator
        Source of the random numbers.

    Returns
    -------
    W : ndarray, shape (fan_in, fan_out)

    Raises
    ------
    ValueError
        If a number of units is smaller than 1.
    TypeError
        If `rng` is not a generator, or a number of units is not whole.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, "Delving deep into rectifiers", 2015.

    Examples
    --------
    >>> import numpy as np
    >>> W = he_uniform(300, 100, rng=np.random.default_rng(0))
    >>> bool(abs(W).max() <= np.sqrt(6 / 300))
    True
    """
    fan_in, fan_out, rng = _check("he_uniform", fan_in, fan_out, rng)
    limit = math.sqrt(6 / fan_in)
    return rng.uniform(-limit, limit, (fan_in, fan_out))


def he_normal(fan_in: int, fan_out: int, *, rng: np.random.Generator) -> FloatArray:
    r"""Draw weights from a normal distribution of variance 2 / fan_in.

    .. math:: W \sim N(0, \sigma^2), \qquad \sigma = \sqrt{2 / \text{fan\_in}}

    Parameters, errors and source are those of `he_uniform`.

    Parameters
    ----------
    fan_in, fan_out : int
        Number of inputs and of units of the layer.
    rng : numpy.random.Generator
        Source of the random numbers.

    Returns
    -------
    W : ndarray, shape (fan_in, fan_out)

    Raises
    ------
    ValueError, TypeError
        As in `he_uniform`.

    Examples
    --------
    >>> import numpy as np
    >>> W = he_normal(200, 100, rng=np.random.default_rng(0))
    >>> round(float(W.std()), 2)
    0.1
    """
    fan_in, fan_out, rng = _check("he_normal", fan_in, fan_out, rng)
    return rng.normal(0.0, math.sqrt(2 / fan_in), (fan_in, fan_out))


def lecun_normal(fan_in: int, fan_out: int, *, rng: np.random.Generator) -> FloatArray:
    r"""Draw weights from a normal distribution of variance 1 / fan_in.

    .. math:: W \sim N(0, \sigma^2), \qquad \sigma = \sqrt{1 / \text{fan\_in}}

    Inputs of mean 0 and variance 1 give pre-activations of variance 1: what SELU's fixed point presumes.

    Parameters
    ----------
    fan_in, fan_out : int
        Number of inputs and of units of the layer.
    rng : numpy.random.Generator
        Source of the random numbers.

    Returns
    -------
    W : ndarray, shape (fan_in, fan_out)

    Raises
    ------
    ValueError
        If a number of units is smaller than 1.
    TypeError
        If `rng` is not a generator, or a number of units is not whole.

    References
    ----------
    Y. LeCun, L. Bottou, G. B. Orr and K.-R. Müller, "Efficient BackProp", 1998;
    G. Klambauer and others, "Self-normalizing neural networks", 2017.

    Examples
    --------
    >>> import numpy as np
    >>> W = lecun_normal(100, 200, rng=np.random.default_rng(0))
    >>> round(float(W.std()), 2)
    0.1
    """
    fan_in, fan_out, rng = _check("lecun_normal", fan_in, fan_out, rng)
    return rng.normal(0.0, math.sqrt(1 / fan_in), (fan_in, fan_out))


def standard_uniform(fan_in: int, fan_out: int, *, rng: np.random.Generator) -> FloatArray:
    r"""Draw weights from a uniform distribution of variance 1 / (3 fan_in).

    .. math:: W \sim U(-l, l), \qquad l = 1 / \sqrt{\text{fan\_in}}

    The *standard* initialization that Glorot and Bengio (2010) compare theirs with: each layer divides the
    variance by three. PyTorch's ``Linear`` still draws its weights like this.

    Parameters
    ----------
    fan_in, fan_out : int
        Number of inputs and of units of the layer.
    rng : numpy.random.Generator
        Source of the random numbers.

    Returns
    -------
    W : ndarray, shape (fan_in, fan_out)

    Raises
    ------
    ValueError
        If a number of units is smaller than 1.
    TypeError
        If `rng` is not a generator, or a number of units is not whole.

    Examples
    --------
    >>> import numpy as np
    >>> W = standard_uniform(100, 200, rng=np.random.default_rng(0))
    >>> bool(abs(W).max() <= 0.1)
    True
    """
    fan_in, fan_out, rng = _check("standard_uniform", fan_in, fan_out, rng)
    limit = 1 / math.sqrt(fan_in)
    return rng.uniform(-limit, limit, (fan_in, fan_out))


def plain_normal(fan_in: int, fan_out: int, *, rng: np.random.Generator, std: float = 1.0) -> FloatArray:
    r"""Draw weights from a normal distribution of fixed width, whatever the size of the layer.

    .. math:: W \sim N(0, \text{std}^2)

    Parameters
    ----------
    fan_in, fan_out : int
        Number of inputs and of units of the layer.
    rng : numpy.random.Generator
        Source of the random numbers.
    std : float, default 1.0
        Standard deviation, above 0.

    Returns
    -------
    W : ndarray, shape (fan_in, fan_out)

    Raises
    ------
    ValueError
        If a number of units is smaller than 1, or `std` is not above 0.
    TypeError
        If `rng` is not a generator, or a number of units is not whole.

    Examples
    --------
    >>> import numpy as np
    >>> W = plain_normal(100, 200, rng=np.random.default_rng(0), std=0.5)
    >>> round(float(W.std()), 2)
    0.5
    """
    fan_in, fan_out, rng = _check("plain_normal", fan_in, fan_out, rng)
    return rng.normal(0.0, number("plain_normal", "std", std, 0, math.inf), (fan_in, fan_out))


INITIALIZERS: Mapping[str, Initializer] = MappingProxyType(
    {
        "glorot_uniform": glorot_uniform,
        "glorot_normal": glorot_normal,
        "he_uniform": he_uniform,
        "he_normal": he_normal,
        "lecun_normal": lecun_normal,
        "standard_uniform": standard_uniform,
        "plain_normal": plain_normal,
    }
)
"""Every initializer by its name."""


def get_initializer(name: str | Initializer) -> Initializer:
    """Return the initializer of that name; a callable is handed back as it is.

    Parameters
    ----------
    name : str or callable
        A key of `INITIALIZERS`, or a function ``(fan_in, fan_out, *, rng)``.

    Returns
    -------
    callable

    Raises
    ------
    ValueError
        If no initializer has that name.
    TypeError
        If `name` is neither text nor callable.

    Examples
    --------
    >>> get_initializer("he_normal").__name__
    'he_normal'
    """
    if callable(name):
        return name
    return lookup("get_initializer", "an initializer", name, INITIALIZERS)


def _check(function: str, fan_in: Any, fan_out: Any, rng: Any) -> tuple[int, int, np.random.Generator]:
    return (
        count(function, "fan_in", fan_in, 1),
        count(function, "fan_out", fan_out, 1),
        generator(function, rng, "to draw the weights"),
    )
