"""What a layer makes of the mean and the variance of its inputs, in theory and in networks.

With weights of mean 0 a wide layer's pre-activations are nearly normal, whatever the inputs. So a layer acts
on two numbers, mean and variance, and the theory of a deep network becomes the iteration of a map.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from activations.experiments._seeds import generators
from activations.experiments._tabular import Tabular
from activations.experiments.side_by_side import Networks
from activations.functions import Activation, elu, get_activation
from activations.training import Initializer
from activations.training._checks import count, instance, number, routine

__all__ = [
    "ForwardMoments",
    "Moments",
    "measure_moments",
    "moment_jacobian",
    "moment_map",
    "normal_moments",
    "selu_constants",
]

FloatArray = NDArray[np.floating[Any]]

REACH = 14.0
"""Standard deviations on each side that an integral covers; beyond them the density is below 1e-43."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(40)


class Moments(NamedTuple):
    """Mean and variance of a random number.

    Attributes
    ----------
    mean, variance : float

    Examples
    --------
    >>> Moments(1.0, 4.0).mean_square
    5.0
    """

    mean: float
    variance: float

    @property
    def mean_square(self) -> float:
        """Mean of the square: variance plus squared mean."""
        return self.variance + self.mean**2


def normal_moments(
    f: Callable[[FloatArray], FloatArray], mean: float = 0.0, variance: float = 1.0
) -> Moments:
    r"""Compute mean and variance of f(z) for normal z, by numerical integration.

    Gauss-Legendre quadrature on panels of one standard deviation, cut at zero, where most activations have a
    kink. For a function that is smooth elsewhere the error is a few units of rounding.

    Parameters
    ----------
    f : callable
        Takes an array and returns one of the same shape.
    mean, variance : float, defaults 0 and 1
        Of z.

    Returns
    -------
    Moments

    Raises
    ------
    ValueError
        If `variance` is not above 0.

    Examples
    --------
    A ReLU keeps half of the mean square, and shifts the mean to 1/√(2π):

    >>> from activations import relu
    >>> moments = normal_moments(relu)
    >>> round(moments.mean_square, 12), round(moments.mean * math.sqrt(2 * math.pi), 12)
    (0.5, 1.0)
    """
    spread = math.sqrt(number("normal_moments", "variance", variance, 0, math.inf))
    mean = number("normal_moments", "mean", mean, -math.inf, math.inf)
    routine("normal_moments", "f", f, "pass one that takes an array")
    edges = mean + spread * np.arange(-REACH, REACH + 1)
    edges = np.unique(np.append(edges, 0.0).clip(edges[0], edges[-1]))
    half = np.diff(edges)[:, None] / 2
    z = edges[:-1, None] + half * (_NODES + 1)
    density = np.exp(-(((z - mean) / spread) ** 2) / 2) / (spread * math.sqrt(2 * math.pi))
    weight = half * _WEIGHTS * density
    values = np.asarray(f(z))
    centre = float(np.sum(weight * values))
    return Moments(centre, float(np.sum(weight * (values - centre) ** 2)))


def selu_constants() -> tuple[float, float]:
    r"""Solve for the two constants of SELU: standard normal in, mean 0 and variance 1 out.

    With :math:`f(z) = \lambda\,\operatorname{elu}_\alpha(z)` the first condition fixes α alone, since λ only
    scales; the bisection is for its root, and λ follows as one over the standard deviation.

    Returns
    -------
    alpha, scale : float

    References
    ----------
    G. Klambauer, T. Unterthiner, A. Mayr and S. Hochreiter, "Self-normalizing neural networks", 2017.

    Examples
    --------
    >>> alpha, scale = selu_constants()
    >>> print(f"{alpha:.8f} {scale:.8f}")
    1.67326324 1.05070099
    """
    low, high = 1.0, 3.0
    while low < (middle := (low + high) / 2) < high:
        if normal_moments(lambda z, alpha=middle: elu(z, alpha)).mean > 0:  # type: ignore[misc]
            low = middle
        else:
            high = middle
    return low, 1 / math.sqrt(normal_moments(lambda z: elu(z, low)).variance)


def moment_map(
    activation: str | Activation, moments: Moments, *, weight_sum: float = 0.0, weight_squares: float = 1.0
) -> Moments:
    r"""Send mean and variance through one layer.

    A unit whose weights have the sum ω and the sum of squares τ turns inputs of mean μ and variance ν into a
    pre-activation of mean ωμ and variance τν; the activation does the rest.

    Parameters
    ----------
    activation : str or Activation
    moments : Moments
        Of the layer's inputs.
    weight_sum, weight_squares : float, defaults 0 and 1
        The ω and τ of the unit.

    Returns
    -------
    Moments
        Of the unit's activation.

    Raises
    ------
    ValueError, TypeError
        If the activation is unknown, `moments` are no `Moments`, or a sum is not finite or, for the
        squares, not above 0.

    Examples
    --------
    >>> after = moment_map("selu", Moments(0.0, 1.0))
    >>> bool(abs(after.mean) < 1e-12), round(after.variance, 12)
    (True, 1.0)
    """
    act = get_activation(activation)
    instance("moment_map", "moments", moments, Moments, "for example Moments(0.0, 1.0)")
    weight_sum = number("moment_map", "weight_sum", weight_sum, -math.inf, math.inf)
    weight_squares = number("moment_map", "weight_squares", weight_squares, 0, math.inf)
    return normal_moments(act, weight_sum * moments.mean, weight_squares * moments.variance)


def moment_jacobian(
    activation: str | Activation,
    moments: Moments = Moments(0.0, 1.0),  # noqa: B008 (a tuple of two numbers, never changed)
    *,
    weight_sum: float = 0.0,
    weight_squares: float = 1.0,
) -> FloatArray:
    """Differentiate `moment_map` by the moments that go in.

    Its spectral norm says by how much two starts that lie close together come closer still: below 1, the map
    contracts.

    Parameters
    ----------
    activation : str or Activation
    moments : Moments, default (0, 1)
        Where to differentiate.
    weight_sum, weight_squares : float, defaults 0 and 1

    Returns
    -------
    ndarray, shape (2, 2)
        Rows: mean and variance that come out. Columns: those that go in.

    Raises
    ------
    ValueError, TypeError
        As in `moment_map`.

    Examples
    --------
    >>> np.round(moment_jacobian("selu"), 3) + 0.0
    array([[0.   , 0.089],
           [0.   , 0.783]])
    """
    instance("moment_jacobian", "moments", moments, Moments, "for example Moments(0.0, 1.0)")
    step = 1e-5
    columns = []
    for shift in (np.array([step, 0.0]), np.array([0.0, step])):
        above, below = (
            np.array(
                moment_map(
                    activation,
                    Moments(*(np.array(moments) + sign * shift).tolist()),
                    weight_sum=weight_sum,
                    weight_squares=weight_squares,
                )
            )
            for sign in (1, -1)
        )
        columns.append((above - below) / (2 * step))
    return np.column_stack(columns)


@dataclass(frozen=True)
class ForwardMoments(Tabular, axes={"mean": "run layer", "mean_square": "run layer"}):
    """Mean and mean square of the activations of fresh networks, layer by layer; index 0 is the input.

    Attributes
    ----------
    mean, mean_square : ndarray, shape (n_seeds, depth + 1)
        Over all examples and units of a layer.
    """

    mean: FloatArray
    mean_square: FloatArray


def measure_moments(
    activation: str | Activation,
    initializer: str | Initializer,
    depth: int,
    *,
    mean: float = 0.0,
    std: float = 1.0,
    width: int = 128,
    n_samples: int = 64,
    seeds: Iterable[int] = range(20),
) -> ForwardMoments:
    """Send normal inputs up fresh networks, and follow mean and mean square.

    Parameters
    ----------
    activation : str or Activation
        Of every layer.
    initializer : str or callable
        What draws the weights; biases are zero.
    depth : int
        Number of layers.
    mean, std : float, defaults 0 and 1
        Of the inputs.
    width : int, default 128
        Number of inputs, and of units in each layer.
    n_samples : int, default 64
    seeds : iterable of int, default range(20)
        One network and one set of inputs each.

    Returns
    -------
    ForwardMoments

    Raises
    ------
    ValueError
        If a name is unknown, a number is below 1, or there is no seed.

    Examples
    --------
    SELU forgets how large its inputs were:

    >>> runs = measure_moments("selu", "lecun_normal", 30, std=4.0, seeds=range(3))
    >>> bool((runs.mean_square[:, 0] > 15).all()), bool((runs.mean_square[:, -1] < 2).all())
    (True, True)
    """
    depth = count("measure_moments", "depth", depth, 1)
    width = count("measure_moments", "width", width, 1)
    n_samples = count("measure_moments", "n_samples", n_samples, 1)
    mean = number("measure_moments", "mean", mean, -math.inf, math.inf)
    std = number("measure_moments", "std", std, 0, math.inf, low_allowed=True)
    rngs = generators("measure_moments", seeds)
    # The layer on top is linear; it serves only to make the last activation a hidden one.
    networks = Networks([width] * (depth + 1) + [1], activation, initializer=initializer, rngs=rngs)
    X = np.stack([mean + std * rng.standard_normal((n_samples, width)) for rng in rngs])
    layers = networks.forward(X).activations[:-1]
    return ForwardMoments(
        np.stack([a.mean(axis=(1, 2)) for a in layers], axis=1),
        np.stack([np.square(a).mean(axis=(1, 2)) for a in layers], axis=1),
    )
