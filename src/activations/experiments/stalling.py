"""Does a deep network learn at all? The same task, trained at several depths, gains and optimizers."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from activations.datasets import Standardizer, load_breast_cancer
from activations.experiments._seeds import each_seed
from activations.experiments._tabular import Tabular
from activations.training import (
    MLP,
    SGD,
    Initializer,
    Optimizer,
    accuracy,
    get_initializer,
    get_loss,
    get_optimizer,
)
from activations.training._checks import count, number

__all__ = ["Stalling", "measure_bad_start", "measure_stalling", "with_gain"]

FloatArray = NDArray[np.float64]


def with_gain(initializer: str | Initializer, gain: float) -> Initializer:
    """Return an initializer whose weights are `gain` times as large.

    Parameters
    ----------
    initializer : str or callable
        A name, or a function ``(fan_in, fan_out, *, rng)``.
    gain : float
        The factor, above 0.

    Returns
    -------
    callable
        A function ``(fan_in, fan_out, *, rng)``, for the `initializer` of an `MLP`.

    Raises
    ------
    ValueError
        If `gain` is not above 0 and finite, or the initializer is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> draw = with_gain("he_normal", 3.0)
    >>> round(float(draw(200, 100, rng=np.random.default_rng(0)).std()), 1)
    0.3
    """
    gain = number("with_gain", "gain", gain, 0, np.inf)
    draw = get_initializer(initializer)

    def scaled(fan_in: int, fan_out: int, *, rng: np.random.Generator) -> NDArray[np.floating]:
        return gain * draw(fan_in, fan_out, rng=rng)

    return scaled


@dataclass(frozen=True)
class Stalling(Tabular, axes={"loss": "run step", "updates": "run step layer"}):
    """Training runs of one kind of network, one for each seed.

    Attributes
    ----------
    loss : ndarray, shape (n_seeds, n_steps + 1)
        Before each step, and after the last. A network that cannot tell the classes apart stays at
        ln 2 = 0.693.
    updates : ndarray, shape (n_seeds, n_steps, n_layers)
        How far each step moved each layer's weights, as a share of their size: ‖ΔW‖ / ‖W‖, first layer to
        output layer.
    """

    loss: FloatArray
    updates: FloatArray

    @property
    def final_loss(self) -> FloatArray:
        """The loss after the last step, shape (n_seeds,)."""
        return self.loss[:, -1]


def measure_stalling(
    activation: str = "sigmoid",
    *,
    depth: int = 10,
    gain: float = 1.0,
    optimizer: Optimizer | None = None,
    width: int = 16,
    n_samples: int = 64,
    steps: int = 200,
    seeds: Iterable[int] = range(20),
) -> Stalling:
    """Train a deep network to tell malignant from benign masses, and watch every layer move.

    The data are a random half-and-half draw from the breast-cancer set, standardized. Every step uses all
    of them.

    Parameters
    ----------
    activation : str, default "sigmoid"
        The hidden activation.
    depth : int, default 10
        Number of hidden layers.
    gain : float, default 1.0
        Factor on Glorot-uniform weights.
    optimizer : Optimizer, optional
        A fresh copy serves each run; gradient descent with learning rate 1 by default.
    width : int, default 16
        Units in each hidden layer.
    n_samples : int, default 64
        Masses drawn, an even number, at most 424.
    steps : int, default 200
        Updates.
    seeds : iterable of int
        One draw of data and weights, and one run, each.

    Returns
    -------
    Stalling

    Raises
    ------
    ValueError
        If `n_samples` is odd, or more than twice the number of malignant masses.

    Examples
    --------
    >>> runs = measure_stalling(depth=10, steps=20, seeds=range(2))
    >>> runs.updates.shape, runs.final_loss.round(2)
    ((2, 20, 11), array([0.69, 0.69]))
    """
    n_samples = count("measure_stalling", "n_samples", n_samples, 0)
    depth, steps = (
        count("measure_stalling", name, value, 1) for name, value in (("depth", depth), ("steps", steps))
    )
    masses = load_breast_cancer()
    classes = [np.flatnonzero(masses.target == label) for label in (0, 1)]
    if n_samples % 2 or not 0 < n_samples <= 2 * min(map(len, classes)):
        raise ValueError(
            f"measure_stalling: n_samples must be even and at most {2 * min(map(len, classes))}, "
            f"got {n_samples}; half of them come from each class"
        )
    criterion = get_loss("binary_cross_entropy")
    template = SGD(1.0) if optimizer is None else get_optimizer(optimizer)
    losses, updates = [], []
    for seed in each_seed("measure_stalling", seeds):
        rng = np.random.default_rng(seed)
        rows = np.concatenate([rng.choice(members, n_samples // 2, replace=False) for members in classes])
        X = Standardizer.fit(masses.features[rows]).transform(masses.features[rows])
        y = masses.target[rows].reshape(-1, 1)
        sizes = [X.shape[1], *[width] * depth, 1]
        network = MLP(sizes, activation, initializer=with_gain("glorot_uniform", gain), rng=rng)
        stepper = copy.deepcopy(template)
        loss, moved = [], []
        for _ in range(steps):
            forward = network.forward(X)
            loss.append(criterion.value(forward.output, y))
            gradients = network.backward(forward, criterion.gradient(forward.output, y))
            before = [W.copy() for W in network.weights]
            stepper.update(network.parameters, gradients.parameters)
            moved.append(
                [
                    np.linalg.norm(W - V) / np.linalg.norm(V)
                    for W, V in zip(network.weights, before, strict=True)
                ]
            )
        losses.append([*loss, criterion.value(network.predict(X), y)])
        updates.append(moved)
    return Stalling(np.array(losses), np.array(updates))


def measure_bad_start(
    loss: str,
    *,
    learning_rate: float,
    std: float = 10.0,
    steps: int = 100,
    seeds: Iterable[int] = range(20),
) -> FloatArray:
    """Train a single sigmoid unit on breast cancer from weights that make it confidently wrong.

    Parameters
    ----------
    loss : str
        "binary_cross_entropy" (from the logit) or "mean_squared_error" (from the sigmoid of it).
    learning_rate : float
        Of full-batch gradient descent.
    std : float, default 10.0
        Standard deviation of the initial weights. With 30 standardized features, 10 puts most examples on a
        flat part of the sigmoid.
    steps : int, default 100
        Updates.
    seeds : iterable of int
        One draw of the weights each.

    Returns
    -------
    ndarray, shape (n_seeds,)
        Share of all 569 masses that are classified rightly after the last step.

    Raises
    ------
    ValueError
        If there is no loss of that name.

    Examples
    --------
    >>> accuracies = measure_bad_start("binary_cross_entropy", learning_rate=10.0, seeds=range(3))
    >>> bool((accuracies > 0.95).all())
    True
    """
    masses = load_breast_cancer()
    X = Standardizer.fit(masses.features).transform(masses.features)
    y = masses.target.reshape(-1, 1)
    criterion = get_loss(loss)
    steps = count("measure_bad_start", "steps", steps, 1)
    accuracies = []
    for seed in each_seed("measure_bad_start", seeds):
        network = MLP(
            [X.shape[1], 1],
            output_activation="identity" if criterion.from_logits else "sigmoid",
            initializer=with_gain("plain_normal", std),
            rng=np.random.default_rng(seed),
        )
        optimizer = SGD(learning_rate)
        for _ in range(steps):
            forward = network.forward(X)
            gradients = network.backward(forward, criterion.gradient(forward.output, y))
            optimizer.update(network.parameters, gradients.parameters)
        accuracies.append(accuracy(y, network.predict(X), threshold=criterion.threshold))
    return np.array(accuracies)
