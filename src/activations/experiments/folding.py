"""How many straight pieces a ReLU network draws: at best, and when its weights are random."""

from __future__ import annotations

import numpy as np

from activations.training import MLP
from activations.training._checks import count, generator, instance, number

__all__ = ["count_pieces", "count_stretches", "random_network", "triangle_network"]


def triangle_network(layers: int, activation: str = "relu", *, steepness: float = 1.0) -> MLP:
    """Return a network that folds the interval [0, 1] once in each layer of two units.

    Each layer computes the triangle 2 relu(x) − 4 relu(x − ½), which covers [0, 1] once on its way up and
    once on its way down. After L layers the graph has 2^L pieces, of slopes 2^L and −2^L.

    Parameters
    ----------
    layers : int
        Number of hidden layers L, at least 1.
    activation : str, default "relu"
        What takes the place of the relu. Only a ReLU folds sharply.
    steepness : float, default 1.0
        The factor s, above 0, of f(s x) / s in the place of f(x): the larger, the more a soft hinge looks
        like a ReLU. For ReLU it changes nothing.

    Returns
    -------
    MLP

    Raises
    ------
    ValueError
        If the activation is unknown or a number is out of range.

    References
    ----------
    M. Telgarsky, "Benefits of depth in neural networks", 2016.

    Examples
    --------
    >>> triangle_network(2).predict([[0.0], [0.25], [0.5], [0.75], [1.0]]).ravel()
    array([0., 1., 0., 1., 0.])
    """
    layers = count("triangle_network", "layers", layers, 1)
    s = number("triangle_network", "steepness", steepness, 0, np.inf)
    unfold, fold, shift = np.ones((1, 2)), np.array([[2.0], [-4.0]]), s * np.array([0.0, -0.5])
    parameters = [s * unfold, shift, *[fold @ unfold, shift] * (layers - 1), fold / s, np.zeros(1)]
    return MLP([1, *[2] * layers, 1], activation, parameters=parameters)


def random_network(layers: int, width: int, *, rng: np.random.Generator) -> MLP:
    """Draw a network with one input and one output: He weights, and biases from N(0, 1).

    Without biases it would have one kink, at 0.

    Parameters
    ----------
    layers, width : int
        Number of hidden layers, and of units in each.
    rng : numpy.random.Generator
        Source of weights and biases.

    Returns
    -------
    MLP

    Raises
    ------
    ValueError
        If a number is below 1.

    Examples
    --------
    >>> random_network(3, 2, rng=np.random.default_rng(0)).layer_sizes
    (1, 2, 2, 2, 1)
    """
    layers, width = count("random_network", "layers", layers, 1), count("random_network", "width", width, 1)
    rng = generator("random_network", rng, "to draw weights and biases")
    network = MLP([1, *[width] * layers, 1], "relu", initializer="he_normal", rng=rng)
    for b in network.biases[:-1]:
        b[:] = rng.standard_normal(b.shape)
    return network


def count_pieces(network: MLP, low: float = 0.0, high: float = 1.0, *, cells: int = 2**14) -> int:
    """Count the straight pieces of a ReLU network with one input, between two limits.

    On a piece no unit switches. So neighbouring points with the same set of active units lie on one piece,
    and each change of the set begins a new one.

    Parameters
    ----------
    network : MLP
        With one input and ReLU units.
    low, high : float, defaults 0 and 1
    cells : int, default 16384
        Points to look at, in the middle of as many equal cells. Pieces shorter than a cell may be missed.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If the network has more than one input, `cells` is below 1, or `low` is not below `high`.

    Examples
    --------
    >>> [count_pieces(triangle_network(layers)) for layers in (1, 2, 10)]
    [2, 4, 1024]
    """
    low, high, cells = _checked("count_pieces", network, low, high, cells)
    x = low + (high - low) * (np.arange(cells) + 0.5) / cells
    hidden = network.forward(x.reshape(-1, 1)).pre_activations[:-1]
    active = np.hstack([z > 0 for z in hidden])
    return int(np.any(active[1:] != active[:-1], axis=1).sum()) + 1


def count_stretches(network: MLP, low: float = 0.0, high: float = 1.0, *, cells: int = 2**16) -> int:
    """Count the stretches on which a network with one input and one output only rises, or only falls.

    Smooth functions have no straight pieces to count, but they turn.

    Parameters
    ----------
    network : MLP
        With one input and one output.
    low, high : float, defaults 0 and 1
    cells : int, default 65536
        Equal cells whose ends are compared. Stretches shorter than a cell may be missed.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If the network has more than one input, `cells` is below 1, or `low` is not below `high`.

    Examples
    --------
    >>> [count_stretches(triangle_network(layers, "silu", steepness=30)) for layers in (1, 2, 6)]
    [2, 4, 64]
    """
    low, high, cells = _checked("count_stretches", network, low, high, cells)
    x = np.linspace(low, high, cells + 1).reshape(-1, 1)
    direction = np.sign(np.diff(network.predict(x).ravel()))
    # Two ends of one height belong to the stretch around them.
    return int(np.count_nonzero(np.diff(direction[direction != 0]))) + 1


def _checked(function: str, network: MLP, low: float, high: float, cells: int) -> tuple[float, float, int]:
    """Return the ends of an interval and its number of cells, or raise naming the function."""
    cells = count(function, "cells", cells, 1)
    instance(function, "network", network, MLP, "make one with triangle_network(3)")
    low, high = (number(function, name, end, -np.inf, np.inf) for name, end in (("low", low), ("high", high)))
    if not low < high:
        raise ValueError(f"{function}: low must be below high, got {low} and {high}; swap them")
    return low, high, cells
