"""What becomes of each hidden layer while a network learns: the films of Glorot and Bengio, retaken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from activations.datasets import Standardizer, load_digits
from activations.experiments._seeds import generators
from activations.experiments._tabular import Tabular
from activations.experiments.side_by_side import Networks, fit_side_by_side
from activations.training import SGD, Forward, Initializer, softmax_cross_entropy
from activations.training._checks import FloatArray, count

__all__ = ["LayerHistory", "watch_layers"]


@dataclass(frozen=True, eq=False)
class LayerHistory(
    Tabular,
    axes={
        "mean": "run epoch layer",
        "std": "run epoch layer",
        "saturated": "run epoch layer",
        "loss": "run epoch",
    },
):
    """Statistics of every hidden layer, before training and after each epoch.

    Attributes
    ----------
    mean, std, saturated : ndarray, shape (n_seeds, n_epochs + 1, n_hidden)
        Of the activations, over examples and units; `saturated` is the share of units with less than a
        twentieth of the function's largest slope.
    loss : ndarray, shape (n_seeds, n_epochs + 1)
    """

    mean: FloatArray
    std: FloatArray
    saturated: FloatArray
    loss: FloatArray


def watch_layers(
    activation: str,
    initializer: str | Initializer,
    learning_rate: float,
    *,
    hidden_layers: int = 4,
    width: int = 32,
    epochs: int = 20,
    n_samples: int = 300,
    batch_size: int = 10,
    seeds: Iterable[int] = range(20),
) -> LayerHistory:
    """Train networks on handwritten digits, and look into each hidden layer after every epoch.

    Single precision serves: what is recorded are averages over many units.

    Parameters
    ----------
    activation : str
        Of the hidden layers: "sigmoid" or "tanh".
    initializer : str or callable
        What draws the weights; biases start from 0.
    learning_rate : float
        Of stochastic gradient descent.
    hidden_layers, width : int, defaults 4 and 32
    epochs : int, default 20
    n_samples : int, default 300
        Digits to train on; always the same ones, standardized.
    batch_size : int, default 10
    seeds : iterable of int, default range(20)
        One set of weights and one order of examples each.

    Returns
    -------
    LayerHistory

    Raises
    ------
    ValueError
        If a name is unknown, a number is out of range, or there is no seed.

    Examples
    --------
    >>> film = watch_layers("sigmoid", "standard_uniform", 1.0, epochs=2, seeds=range(3))
    >>> film.mean.shape, bool((film.mean[:, -1, -1] < 0.2).all())
    ((3, 3, 4), True)
    """
    hidden_layers = count("watch_layers", "hidden_layers", hidden_layers, 1)
    n_samples = count("watch_layers", "n_samples", n_samples, 1)
    rngs = generators("watch_layers", seeds)
    digits = load_digits()
    rows = np.random.default_rng(0).permutation(len(digits.target))[:n_samples]
    X = Standardizer.fit(digits.features[rows]).transform(digits.features[rows])
    y = digits.target[rows]
    sizes = [64, *[width] * hidden_layers, 10]
    networks = Networks(sizes, activation, initializer=initializer, rngs=rngs, dtype=np.float32)
    steepest = networks.activation.derivative(0.0)
    films: list[FloatArray] = []
    losses: list[list[float]] = []

    def look(_epoch: int, networks: Networks) -> None:
        forward: Forward = networks.forward(X)
        layers = zip(forward.pre_activations[:-1], forward.activations[1:-1], strict=True)
        frame = [
            (a.mean((1, 2)), a.std((1, 2)), (networks.activation.derivative(z) < steepest / 20).mean((1, 2)))
            for z, a in layers
        ]
        films.append(np.array(frame))
        losses.append([softmax_cross_entropy(output, y) for output in forward.output])

    look(0, networks)
    fit_side_by_side(
        networks,
        X,
        y,
        loss="softmax_cross_entropy",
        optimizer=SGD(learning_rate),
        epochs=epochs,
        batch_size=batch_size,
        rngs=rngs,
        on_epoch_end=look,
    )
    # From (epoch, layer, statistic, seed) to (statistic, seed, epoch, layer).
    mean, std, saturated = np.array(films, dtype=np.float64).transpose(2, 3, 0, 1)
    return LayerHistory(mean, std, saturated, np.array(losses).T)
