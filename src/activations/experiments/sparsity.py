"""How many units are silent, and whether silence keeps a network from overfitting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from activations.datasets import Standardizer, load_digits, train_test_split
from activations.experiments._seeds import each_seed
from activations.experiments._tabular import Tabular
from activations.training import MLP, Adam, accuracy, fit, layer_statistics, softmax_cross_entropy
from activations.training._checks import count, number

__all__ = ["Overfitting", "measure_overfitting"]

FloatArray = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Overfitting(
    Tabular,
    axes={
        "train_accuracy": "run",
        "test_accuracy": "run",
        "train_loss": "run",
        "test_loss": "run",
        "zeros_before": "run layer",
        "zeros_after": "run layer",
    },
):
    """Networks trained on few digits and tested on the others, one row for each seed.

    Attributes
    ----------
    zeros_before, zeros_after : ndarray, shape (n_seeds, n_hidden)
        Share of hidden activations that are exactly zero on the test digits, before and after training.
    train_accuracy, test_accuracy : ndarray, shape (n_seeds,)
        After training.
    train_loss, test_loss : ndarray, shape (n_seeds,)
        After training.
    """

    zeros_before: FloatArray
    zeros_after: FloatArray
    train_accuracy: FloatArray
    test_accuracy: FloatArray
    train_loss: FloatArray
    test_loss: FloatArray

    @property
    def gap(self) -> FloatArray:
        """Accuracy on the training set minus accuracy on the test set, shape (n_seeds,)."""
        return self.train_accuracy - self.test_accuracy


def measure_overfitting(
    activation: str = "relu",
    *,
    weight_decay: float = 0.0,
    random_labels: bool = False,
    n_train: int = 200,
    width: int = 64,
    epochs: int = 30,
    seeds: Iterable[int] = range(20),
) -> Overfitting:
    """Train a network with two hidden layers on few digits until it knows them by heart.

    Parameters
    ----------
    activation : str, default "relu"
        The hidden activation, with its default initialization.
    weight_decay : float, default 0.0
        Share by which every weight shrinks after each epoch, from 0 up to, but not including, 1.
    random_labels : bool, default False
        Replace the training labels by random ones, so that there is nothing to learn, only to memorize.
    n_train : int, default 200
        Digits to train on; the rest of the 1797 are the test set.
    width : int, default 64
        Units in each hidden layer.
    epochs : int, default 30
        Passes through the training set, with Adam in batches of 50.
    seeds : iterable of int, default range(20)
        One split, one set of initial weights and one order of examples each.

    Returns
    -------
    Overfitting

    Raises
    ------
    ValueError
        If a number is out of range, or there is no seed.

    Examples
    --------
    >>> runs = measure_overfitting("relu", epochs=1, seeds=range(2))
    >>> runs.zeros_before.shape, runs.zeros_before.round(1).tolist()
    ((2, 2), [[0.5, 0.5], [0.5, 0.5]])
    """
    weight_decay = number("measure_overfitting", "weight_decay", weight_decay, 0, 1, low_allowed=True)
    n_train = count("measure_overfitting", "n_train", n_train, 1)
    digits = load_digits()

    def shrink(_epoch: int, network: MLP, _logs: dict[str, float]) -> None:
        for W in network.weights:
            W *= 1 - weight_decay

    rows = []
    for seed in each_seed("measure_overfitting", seeds):
        rng = np.random.default_rng(seed)
        X_train, X_test, y_train, y_test = train_test_split(
            digits.features, digits.target, test_fraction=1 - n_train / len(digits.target), rng=rng
        )
        scaler = Standardizer.fit(X_train)
        X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)
        if random_labels:
            y_train = rng.integers(0, 10, len(y_train))
        network = MLP([64, width, width, 10], activation, rng=rng)
        before = layer_statistics(network, X_test).zero
        fit(
            network,
            X_train,
            y_train,
            loss="softmax_cross_entropy",
            optimizer=Adam(0.01),
            epochs=epochs,
            batch_size=50,
            rng=rng,
            on_epoch_end=shrink,
            progress=False,
        )
        train, test = network.predict(X_train), network.predict(X_test)
        rows.append(
            (
                before,
                layer_statistics(network, X_test).zero,
                accuracy(y_train, train),
                accuracy(y_test, test),
                softmax_cross_entropy(train, y_train),
                softmax_cross_entropy(test, y_test),
            )
        )
    return Overfitting(*(np.array(column) for column in zip(*rows, strict=True)))
