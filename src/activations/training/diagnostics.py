"""What goes on inside a network: activations going up, gradients coming down, units that have died."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from activations.training._checks import FloatArray, finite, instance, matrix, number
from activations.training.losses import Loss, get_loss
from activations.training.network import MLP, Backward, Forward


@dataclass(frozen=True)
class LayerStatistics:
    """Statistics of the hidden activations; one entry for each hidden layer, first to last.

    Attributes
    ----------
    mean, std : ndarray, shape (n_hidden,)
        Over examples and units.
    saturated : ndarray, shape (n_hidden,)
        Share of activations on a flat part of the function: its derivative is below `threshold` times its
        largest.
    zero : ndarray, shape (n_hidden,)
        Share of activations that are exactly 0.

    Examples
    --------
    >>> network = MLP([1, 2, 1], "relu", parameters=[[[1.0, -1.0]], [0.0, 0.0], [[1.0], [1.0]], [0.0]])
    >>> statistics = layer_statistics(network, [[1.0], [3.0]])
    >>> statistics.mean, statistics.zero
    (array([1.]), array([0.5]))
    """

    mean: FloatArray
    std: FloatArray
    saturated: FloatArray
    zero: FloatArray


def layer_statistics(network: MLP, X: ArrayLike, *, threshold: float = 0.05) -> LayerStatistics:
    """Measure mean, spread, saturation and sparsity of each hidden layer.

    Parameters
    ----------
    network : MLP
        With at least one hidden layer.
    X : array_like, shape (n_samples, n_inputs)
        Inputs to measure on, finite numbers.
    threshold : float, default 0.05
        A derivative below this share of the function's largest counts as saturated. For tanh, 0.05 means
        abs(z) > 2.18; for ReLU, every negative z.

    Returns
    -------
    LayerStatistics

    Raises
    ------
    ValueError
        If `X` does not fit, the threshold is outside (0, 1), or there is no hidden layer.
    TypeError
        If `X` holds anything but numbers.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> network = MLP([10, 200, 200, 1], "relu", rng=rng)
    >>> layer_statistics(network, rng.standard_normal((100, 10))).zero.round(1)
    array([0.5, 0.5])
    """
    threshold = number("layer_statistics", "threshold", threshold, 0, 1)
    inputs = _inputs("layer_statistics", network, X)
    forward = network.forward(inputs)
    hidden = forward.activations[1:-1]
    slopes = _slopes(network, forward)
    steepest = [abs(derivative(_GRID.astype(network.dtype))).max() for derivative in network.derivatives[:-1]]
    return LayerStatistics(
        mean=np.array([a.mean() for a in hidden]),
        std=np.array([a.std() for a in hidden]),
        saturated=np.array(
            [np.mean(abs(slope) < threshold * top) for slope, top in zip(slopes, steepest, strict=True)]
        ),
        zero=np.array([np.mean(a == 0) for a in hidden]),
    )


def backprop_signal(network: MLP, X: ArrayLike, y: ArrayLike, loss: str | Loss) -> FloatArray:
    """Measure how strong the gradient still is when it arrives at each layer.

    Parameters
    ----------
    network : MLP
    X : array_like, shape (n_samples, n_inputs)
    y : array_like
        Targets, as the loss wants them.
    loss : str or Loss

    Returns
    -------
    ndarray, shape (n_layers,)
        Euclidean norm of dL/dz over examples and units, first layer to output layer.

    Raises
    ------
    ValueError
        If shapes do not fit or the loss is unknown.
    TypeError
        If data are not numeric.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> network = MLP([4] + [32] * 6 + [1], "sigmoid", rng=rng)
    >>> X, y = rng.standard_normal((50, 4)), rng.integers(0, 2, 50)
    >>> signal = backprop_signal(network, X, y, "binary_cross_entropy")
    >>> bool(signal[0] < 0.001 * signal[-1])
    True
    """
    return _norms(_gradients("backprop_signal", network, X, y, loss).signals)


def weight_gradient_norms(network: MLP, X: ArrayLike, y: ArrayLike, loss: str | Loss) -> FloatArray:
    """Measure the gradient of each layer's weights.

    Not the same as the signal: the weight gradient is the signal times the layer's input, ``dW = a.T @ dz``,
    and a network whose activations grow while its signals shrink hides the latter in this product.

    Parameters
    ----------
    network : MLP
    X : array_like, shape (n_samples, n_inputs)
    y : array_like
        Targets, as the loss wants them.
    loss : str or Loss

    Returns
    -------
    ndarray, shape (n_layers,)
        Euclidean norm of dL/dW, first layer to output layer.

    Raises
    ------
    ValueError
        If shapes do not fit or the loss is unknown.
    TypeError
        If data are not numeric.

    Examples
    --------
    >>> network = MLP([1, 1], parameters=[[[1.0]], [0.0]])
    >>> weight_gradient_norms(network, [[3.0]], [2.0], "mean_squared_error")
    array([6.])
    """
    return _norms(_gradients("weight_gradient_norms", network, X, y, loss).weights)


def dead_units(network: MLP, X: ArrayLike) -> list[NDArray[np.bool_]]:
    """Find the hidden units that pass no gradient for any of the examples.

    A ReLU unit is dead if its pre-activation is never positive. Its weights then have gradient zero, so that
    gradient descent on these examples does not change them, unless a layer below moves its inputs.

    Parameters
    ----------
    network : MLP
    X : array_like, shape (n_samples, n_inputs)
        The examples, finite numbers.

    Returns
    -------
    list of ndarray of bool, shape (n_units,)
        One mask for each hidden layer: f'(z) is exactly 0 for every example.

    Raises
    ------
    ValueError
        If `X` does not fit, or there is no hidden layer.
    TypeError
        If `X` holds anything but numbers.

    Examples
    --------
    >>> network = MLP([1, 2, 1], "relu", parameters=[[[1.0, 1.0]], [0.0, -5.0], [[1.0], [1.0]], [0.0]])
    >>> dead_units(network, [[1.0], [2.0]])
    [array([False,  True])]
    """
    inputs = _inputs("dead_units", network, X)
    forward = network.forward(inputs)
    return [(slope == 0).all(axis=0) for slope in _slopes(network, forward)]


_REMEDY = "make one with MLP([2, 16, 1], rng=…)"
_GRID = np.linspace(-10, 10, 2001)


def _slopes(network: MLP, forward: Forward) -> list[FloatArray]:
    """Return f'(z) of each hidden layer."""
    hidden = zip(network.derivatives[:-1], forward.pre_activations[:-1], strict=True)
    return [derivative(z) for derivative, z in hidden]


def _inputs(function: str, network: MLP, X: ArrayLike) -> FloatArray:
    instance(function, "network", network, MLP, _REMEDY)
    if len(network.layer_sizes) < 3:
        raise ValueError(
            f"{function}: the network must have a hidden layer, got layer sizes {list(network.layer_sizes)}; "
            "put one between inputs and outputs"
        )
    array = matrix(function, "X", X, network.layer_sizes[0], network.dtype)
    finite(function, "X", array)
    return array


def _gradients(function: str, network: MLP, X: ArrayLike, y: ArrayLike, loss: str | Loss) -> Backward:
    instance(function, "network", network, MLP, _REMEDY)
    loss = get_loss(loss)
    forward = network.forward(matrix(function, "X", X, network.layer_sizes[0], network.dtype))
    output, targets = loss.encode(function, forward.output, y)
    return network.backward(forward, loss.gradient(output, targets))


def _norms(arrays: list[FloatArray]) -> FloatArray:
    return np.array([np.linalg.norm(array) for array in arrays])
