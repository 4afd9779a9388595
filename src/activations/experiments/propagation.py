"""What theory says about a signal in depth: one integral a layer, and the singular values of a product."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from activations.experiments._seeds import each_seed
from activations.experiments._tabular import Tabular
from activations.functions import Activation, get_activation
from activations.training import Initializer, get_initializer
from activations.training._checks import FloatArray, count, generator, number

__all__ = ["Prediction", "orthogonal", "predict_signal", "product_singular_values"]

# The midpoint rule under a normal density is exact to rounding for smooth functions, and for a kink at 0,
# which no node meets. Gauss-Hermite quadrature wants thousands of nodes for a kink or for a narrow bell.
_NODES = (np.arange(24_000) + 0.5) / 1000 - 12
_WEIGHTS = np.exp(-(_NODES**2) / 2)
_WEIGHTS /= _WEIGHTS.sum()


@dataclass(frozen=True, eq=False)
class Prediction(Tabular, axes={"forward_rms": "layer", "forward_std": "layer", "backward_factor": "layer"}):
    """What the theory of infinitely wide layers expects in each layer, first to last.

    Attributes
    ----------
    forward_rms, forward_std : ndarray, shape (depth,)
        Root mean square and standard deviation of the activations.
    backward_factor : ndarray, shape (depth,)
        By how much the back-propagated signal changes on its way down through the layer's function and the
        weights above it.
    """

    forward_rms: FloatArray
    forward_std: FloatArray
    backward_factor: FloatArray

    @property
    def ratio(self) -> float:
        """Signal in the first layer, as a multiple of the signal in the last."""
        return float(np.prod(self.backward_factor[:-1]))


def predict_signal(activation: str | Activation, gain: float, depth: int) -> Prediction:
    r"""Predict what `measure_backprop_signal` measures, from one integral for each layer.

    A pre-activation is a sum of many independent terms, so it is taken to be normal. With weights of variance
    g² / fan-in its standard deviation is g times the root mean square of the activations below:

    .. math:: s_l = g \sqrt{\mathbb E[f(s_{l-1} x)^2]}, \qquad s_1 = g, \qquad x \sim N(0, 1),

    and the signal coming down is multiplied by :math:`g \sqrt{\mathbb E[f'(s_l x)^2]}`.

    Parameters
    ----------
    activation : str or Activation
    gain : float
        The factor g, above 0: 1 for Glorot's weights between layers of one width, √2 for He's.
    depth : int
        Number of layers, at least 1.

    Returns
    -------
    Prediction

    Raises
    ------
    ValueError
        If the name is unknown or a number is out of range.

    References
    ----------
    B. Poole, S. Lahiri, M. Raghu, J. Sohl-Dickstein and S. Ganguli, "Exponential expressivity in deep neural
    networks through transient chaos", 2016; S. S. Schoenholz, J. Gilmer, S. Ganguli and J. Sohl-Dickstein,
    "Deep information propagation", 2017.

    Examples
    --------
    Each ReLU layer halves the mean square; He's gain pays it back:

    >>> predict_signal("relu", 1.0, 3).forward_rms.round(3)
    array([0.707, 0.5  , 0.354])
    >>> round(predict_signal("relu", 2**0.5, 30).ratio, 3)
    1.0
    """
    act = get_activation(activation)
    gain = number("predict_signal", "gain", gain, 0, np.inf)
    depth = count("predict_signal", "depth", depth, 1)
    rms, rows = 1.0, []
    for _layer in range(depth):
        z = gain * rms * _NODES
        a, slope = act.function(z), act.derivative(z)
        rms = float(np.sqrt(_WEIGHTS @ a**2))
        std = float(np.sqrt(_WEIGHTS @ (a - _WEIGHTS @ a) ** 2))
        rows.append((rms, std, gain * np.sqrt(_WEIGHTS @ slope**2)))
    return Prediction(*np.array(rows).T)


def orthogonal(fan_in: int, fan_out: int, *, rng: np.random.Generator) -> FloatArray:
    """Draw a random rotation, or a slice of one: all of its singular values are 1.

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
        If a number of units is below 1.
    TypeError
        If `rng` is no generator.

    References
    ----------
    A. M. Saxe, J. L. McClelland and S. Ganguli, "Exact solutions to the nonlinear dynamics of learning in
    deep linear neural networks", 2014.

    Examples
    --------
    >>> W = orthogonal(3, 3, rng=np.random.default_rng(0))
    >>> bool(np.allclose(W.T @ W, np.eye(3)))
    True
    """
    fan_in, fan_out = count("orthogonal", "fan_in", fan_in, 1), count("orthogonal", "fan_out", fan_out, 1)
    rng = generator("orthogonal", rng, "to draw the rotation")
    n = max(fan_in, fan_out)
    Q, R = np.linalg.qr(rng.standard_normal((n, n)))
    # The signs make every rotation equally likely; QR alone prefers some.
    return np.asarray((Q * np.sign(np.diag(R)))[:fan_in, :fan_out])


def product_singular_values(
    initializer: str | Initializer, layers: int, *, width: int = 64, seeds: Iterable[int] = range(20)
) -> FloatArray:
    """Return the singular values of a product of fresh weight matrices, largest first.

    Parameters
    ----------
    initializer : str or callable
        What draws the weights.
    layers : int
        Number of matrices.
    width : int, default 64
        Rows and columns of each.
    seeds : iterable of int, default range(20)
        One product each.

    Returns
    -------
    ndarray, shape (n_seeds, width)
        Values below 1e-15 of the largest are rounding errors.

    Raises
    ------
    ValueError
        If the initializer is unknown, a number is below 1, or there is no seed.

    Examples
    --------
    >>> product_singular_values(orthogonal, 10, width=4, seeds=[0]).round(6)
    array([[1., 1., 1., 1.]])
    """
    draw = get_initializer(initializer)
    layers = count("product_singular_values", "layers", layers, 1)
    width = count("product_singular_values", "width", width, 1)
    products = []
    for seed in each_seed("product_singular_values", seeds):
        rng = np.random.default_rng(seed)
        product = np.eye(width)
        for _layer in range(layers):
            product = product @ draw(width, width, rng=rng)
        products.append(product)
    return np.asarray(np.linalg.svd(np.array(products), compute_uv=False))
