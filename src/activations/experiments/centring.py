"""What it is worth that activations scatter about zero: the same networks with and without a shift.

A constant added to every hidden activation changes nothing that a network can express, as the next layer's
biases can take it away again. So a pair of networks that differ in such a constant differ in how they train,
and in nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from activations.datasets import Standardizer, load_breast_cancer, load_digits, one_hot
from activations.experiments._seeds import at_each_rate, checked_seeds, each_seed
from activations.experiments._tabular import Tabular
from activations.functions import ACTIVATIONS, Activation, Range, tanh, tanh_derivative
from activations.training import MLP, SGD, Loss, Optimizer, get_loss, layer_statistics
from activations.training._checks import (
    FloatArray,
    count,
    generator,
    instance,
    lookup,
    number,
    numeric_array,
    routine,
    sequence,
)

__all__ = [
    "TASKS",
    "VARIANTS",
    "Descent",
    "ShiftedRuns",
    "Task",
    "Walks",
    "descend",
    "fresh_network",
    "largest_curvature",
    "scaled_sigmoid",
    "scan_descents",
    "sharpness_at_start",
    "single_sign_share",
    "train_on_shifted_inputs",
    "walk_two_weights",
]


# --- The contenders -----------------------------------------------------------------------------------------


def scaled_sigmoid(
    height: float, steepness: float, offset: float = 0.0, *, label: str = "Scaled sigmoid"
) -> Activation:
    r"""Return a stretched and shifted sigmoid as an activation.

    .. math:: f(x) = h\,\sigma(s x) + c = \tfrac h2 \tanh\bigl(\tfrac s2 x\bigr) + c + \tfrac h2

    Its slope at 0 is :math:`h s / 4`. It is centred if :math:`c = -h/2`; tanh is h = s = 2, c = −1.

    Parameters
    ----------
    height : float
        The distance h of its two limits, above 0.
    steepness : float
        The factor s on its input, above 0.
    offset : float, default 0.0
        The lower limit c.
    label : str, default "Scaled sigmoid"
        Its name in prose.

    Returns
    -------
    Activation

    Raises
    ------
    ValueError
        If `height` or `steepness` is not above 0.

    Examples
    --------
    >>> act = scaled_sigmoid(2, 2, -1)
    >>> bool(np.all(act([-1.0, 0.0, 1.0]) == np.tanh([-1.0, 0.0, 1.0])))
    True
    >>> str(scaled_sigmoid(1, 4, -0.5).range), float(scaled_sigmoid(1, 4).derivative(0.0))
    ('(−0.5, 0.5)', 1.0)
    """
    height = number("scaled_sigmoid", "height", height, 0, np.inf)
    steepness = number("scaled_sigmoid", "steepness", steepness, 0, np.inf)
    offset = number("scaled_sigmoid", "offset", offset, -np.inf, np.inf)
    middle = offset + height / 2

    # By way of tanh, which keeps its digits near zero where the difference of two sigmoids loses them.
    def function(x: ArrayLike) -> Any:
        return height / 2 * tanh(steepness / 2 * np.asarray(x)) + middle

    def derivative(x: ArrayLike) -> Any:
        return height * steepness / 4 * tanh_derivative(steepness / 2 * np.asarray(x))

    return Activation(
        name=label,
        label=label,
        function=function,
        derivative=derivative,
        range=Range(offset, offset + height, False, False),
        formula=rf"f(x) = {height:g}\,\sigma({steepness:g}x) {offset:+g}",
        derivative_formula=rf"f'(x) = {height * steepness:g}\,\sigma'({steepness:g}x)",
        citation="lecun1998",
        summary="A sigmoid, stretched and shifted.",
    )


VARIANTS: Mapping[str, Activation] = MappingProxyType(
    {
        "sigmoid": ACTIVATIONS["sigmoid"],
        "sigmoid − ½": scaled_sigmoid(1, 1, -0.5, label="sigmoid − ½"),
        "tanh + 1": scaled_sigmoid(2, 2, label="tanh + 1"),
        "tanh": ACTIVATIONS["tanh"],
    }
)
"""Two pairs. In a pair only the centre differs; from pair to pair the slope at zero, 1/4 or 1."""


class Task(NamedTuple):
    """A classification problem for gradient descent on all of its examples.

    Attributes
    ----------
    X : ndarray, shape (n_samples, n_inputs)
        Standardized.
    y : ndarray, shape (n_samples, n_outputs)
    loss : Loss
    layer_sizes : tuple of int
    target_loss : float
        A descent has arrived when the loss is at most this.
    """

    X: FloatArray
    y: FloatArray
    loss: Loss
    layer_sizes: tuple[int, ...]
    target_loss: float


@cache
def _digits() -> Task:
    data = load_digits()
    rows = np.random.default_rng(0).choice(len(data.target), 200, replace=False)
    X = Standardizer.fit(data.features[rows]).transform(data.features[rows])
    y = one_hot(data.target[rows], 10)
    return Task(X, y, get_loss("softmax_cross_entropy"), (64, 32, 32, 10), 0.1)


@cache
def _tumours() -> Task:
    data = load_breast_cancer()
    rows = np.random.default_rng(0).choice(len(data.target), 200, replace=False)
    X = Standardizer.fit(data.features[rows]).transform(data.features[rows])
    y = data.target[rows, None].astype(np.float64)
    return Task(X, y, get_loss("binary_cross_entropy"), (30, 32, 32, 1), 0.01)


TASKS = MappingProxyType({"digits": _digits, "tumours": _tumours})
"""Makers of the two tasks: 200 of the 8×8 digits, 200 of the breast-cancer data; always the same rows."""


def fresh_network(activation: str | Activation, task: str, *, absorbed: float = 0.0, seed: int = 0) -> MLP:
    """Draw the network that a descent starts from: two hidden layers of 32 units, Glorot uniform weights.

    Parameters
    ----------
    activation : str or Activation
        Of both hidden layers.
    task : str
        A name in `TASKS`.
    absorbed : float, default 0.0
        A constant in every hidden activation that the biases cancel at the start: each layer above begins
        with −absorbed × (the sum of a unit's weights) in place of 0. With ``absorbed=1`` a network of
        "tanh + 1" starts as the very function that the network of tanh with the same seed starts as.
    seed : int, default 0
        Of the weights.

    Returns
    -------
    MLP

    Raises
    ------
    ValueError
        If a name is unknown, `absorbed` is not finite, or the seed is negative.
    TypeError
        If a number is none.

    Examples
    --------
    >>> X = TASKS["digits"]().X
    >>> plain = fresh_network("tanh", "digits").predict(X)
    >>> shifted = fresh_network(VARIANTS["tanh + 1"], "digits", absorbed=1).predict(X)
    >>> bool(np.allclose(plain, shifted, rtol=0, atol=1e-12))
    True
    """
    absorbed = number("fresh_network", "absorbed", absorbed, -np.inf, np.inf)
    seed = count("fresh_network", "seed", seed, 0)
    sizes = lookup("fresh_network", "a task", task, TASKS)().layer_sizes
    rng = np.random.default_rng(seed)
    network = MLP(sizes, activation, initializer="glorot_uniform", rng=rng)
    for W, b in zip(network.weights[1:], network.biases[1:], strict=True):
        b -= absorbed * W.sum(axis=0)
    return network


# --- Descents -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Descent(Tabular, axes={"steps": "run", "uphill": "run", "growth": "run layer"}):
    """Gradient descents to a given loss, one for each seed.

    Attributes
    ----------
    steps : ndarray, shape (n_seeds,)
        Updates until the loss was down to the target; infinite where it never was.
    uphill : ndarray, shape (n_seeds,)
        Share of the updates that raised the loss.
    growth : ndarray, shape (n_seeds, n_layers)
        Norm of each layer's weights at the end, as a multiple of that at the start.
    """

    steps: FloatArray
    uphill: FloatArray
    growth: FloatArray


def descend(
    activation: str | Activation,
    learning_rate: float,
    *,
    task: str = "digits",
    absorbed: float = 0.0,
    optimizer: Callable[[float], Optimizer] = SGD,
    max_steps: int = 150,
    seeds: Iterable[int] = range(20),
) -> Descent:
    """Count the steps of gradient descent to the task's target loss.

    Every step uses all examples, so that nothing but the network and the rate decides.

    Parameters
    ----------
    activation : str or Activation
        Of the two hidden layers.
    learning_rate : float
        Above 0.
    task : str, default "digits"
        A name in `TASKS`.
    absorbed : float, default 0.0
        As in `fresh_network`.
    optimizer : callable, default SGD
        Makes an optimizer of a learning rate.
    max_steps : int, default 150
        A run that has not arrived by then never arrives.
    seeds : iterable of int, default range(20)
        One draw of the weights each. The examples are the same for all.

    Returns
    -------
    Descent

    Raises
    ------
    ValueError
        If the task or the activation is unknown, or a number is not positive.

    Examples
    --------
    >>> runs = descend("tanh", 1.6, seeds=range(2))
    >>> runs.growth.shape, bool((runs.steps < 30).all())
    ((2, 3), True)
    """
    problem = lookup("descend", "a task", task, TASKS)()
    max_steps = count("descend", "max_steps", max_steps, 1)
    routine("descend", "optimizer", optimizer, "pass a class such as SGD, or a function of the learning rate")
    rows = []
    for seed in each_seed("descend", seeds):
        network = fresh_network(activation, task, absorbed=absorbed, seed=seed)
        start = _norms(network)
        losses = _run(network, problem, optimizer(learning_rate), max_steps)
        arrived = losses[-1] <= problem.target_loss
        taken = len(losses) - 1
        rows.append(
            (
                taken if arrived else np.inf,
                np.mean(np.diff(losses) > 0) if taken else 0.0,
                _norms(network) / start,
            )
        )
    steps, uphill, growth = (np.array(column) for column in zip(*rows, strict=True))
    return Descent(steps, uphill, growth)


def scan_descents(
    activation: str | Activation,
    learning_rates: Iterable[float],
    *,
    task: str = "digits",
    absorbed: float = 0.0,
    max_steps: int = 150,
    seeds: Iterable[int] = range(100, 103),
) -> FloatArray:
    """Count the steps to the target loss for each learning rate.

    Parameters
    ----------
    activation : str or Activation
    learning_rates : iterable of float
    task, absorbed, max_steps
        As `descend`.
    seeds : iterable of int, default range(100, 103)
        Not those of the comparison that follows: a rate picked and judged on the same runs looks too good.

    Returns
    -------
    ndarray, shape (n_rates, n_seeds)
        As `activations.experiments.speed.best_learning_rate` takes it.

    Raises
    ------
    ValueError
        As `descend`.

    Examples
    --------
    >>> scan_descents("tanh", [0.8, 1.6], seeds=[100]).shape
    (2, 1)
    """
    seeds = checked_seeds("scan_descents", seeds)

    def steps(rate: float) -> FloatArray:
        return descend(activation, rate, task=task, absorbed=absorbed, max_steps=max_steps, seeds=seeds).steps

    return np.array(at_each_rate("scan_descents", learning_rates, steps))


def _run(network: MLP, task: Task, optimizer: Optimizer, max_steps: int) -> list[float]:
    """Descend, in place, and return the losses: before each step, and after the last."""
    losses: list[float] = []
    with np.errstate(over="ignore", invalid="ignore"):  # a run that blows up is a run that never arrives
        while True:
            forward = network.forward(task.X)
            losses.append(task.loss.value(forward.output, task.y))
            if len(losses) > max_steps or not task.target_loss < losses[-1] < np.inf:
                return losses
            gradients = network.backward(forward, task.loss.gradient(forward.output, task.y))
            optimizer.update(network.parameters, gradients.parameters)


def _norms(network: MLP) -> FloatArray:
    with np.errstate(over="ignore"):  # of weights that ran away
        return np.array([np.linalg.norm(W) for W in network.weights])


# --- Why the rate is limited --------------------------------------------------------------------------------


def largest_curvature(
    network: MLP,
    X: ArrayLike,
    y: ArrayLike,
    loss: str | Loss,
    *,
    rng: np.random.Generator,
    iterations: int = 10,
) -> float:
    """Find the strongest upward curvature of the loss: the largest eigenvalue of its Hessian.

    Gradient descent with rate η is stable in a valley whose curvature is below 2 / η. The Hessian itself is
    never formed: Lanczos iteration needs its product with a vector only, and a central difference of two
    gradients is such a product.

    Parameters
    ----------
    network : MLP
        Left as it is.
    X : array_like, shape (n_samples, n_inputs)
    y : array_like, shape (n_samples, n_outputs)
        Targets, as the loss's own functions take them.
    loss : str or Loss
    rng : numpy.random.Generator
        Source of the first vector.
    iterations : int, default 10
        Two gradients each. The result rises to the largest eigenvalue from below.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the loss is unknown, or `iterations` is below 1.
    TypeError
        If `rng` is no generator.

    References
    ----------
    B. Pearlmutter, "Fast exact multiplication by the Hessian", 1994, on such products.

    Examples
    --------
    The squared error of one weight, on inputs of mean square 5, has the curvature 2 × 5:

    >>> unit = MLP([1, 1], parameters=[[[0.3]], [0.0]])
    >>> curvature = largest_curvature(
    ...     unit, [[1.0], [-1.0], [3.0], [-3.0]], np.zeros((4, 1)), "mean_squared_error",
    ...     rng=np.random.default_rng(0),
    ... )
    >>> round(curvature, 3)
    10.0
    """
    rng = generator("largest_curvature", rng, "to draw the first vector")
    iterations = count("largest_curvature", "iterations", iterations, 1)
    criterion = get_loss(loss)
    instance("largest_curvature", "network", network, MLP, "pass a network whose weights are to be varied")
    inputs = numeric_array("largest_curvature", "X", X, np.float64)
    targets = numeric_array("largest_curvature", "y", y, np.float64)
    trial = network.copy()
    start = np.concatenate([array.ravel() for array in trial.parameters])

    def gradient(point: FloatArray) -> FloatArray:
        place = 0
        for array in trial.parameters:
            array[...] = point[place : place + array.size].reshape(array.shape)
            place += array.size
        forward = trial.forward(inputs)
        backward = trial.backward(forward, criterion.gradient(forward.output, targets))
        return np.concatenate([array.ravel() for array in backward.parameters])

    basis: list[FloatArray] = []
    images: list[FloatArray] = []
    vector = rng.standard_normal(start.size)
    for _ in range(min(iterations, start.size)):
        size = np.linalg.norm(vector)
        for known in 2 * basis:  # twice: what one pass leaves of a short vector is not orthogonal
            vector = vector - (known @ vector) * known
        length = np.linalg.norm(vector)
        if length < 1e-6 * size:  # the basis spans all that the Hessian reaches; what is left is rounding
            break
        basis.append(vector / length)
        # The difference errs by h² from the fourth derivative and by 1e-16 / h from rounding.
        step = 1e-4 * basis[-1]
        vector = (gradient(start + step) - gradient(start - step)) / 2e-4
        images.append(vector)
    projected = np.array(basis) @ np.array(images).T
    return float(np.linalg.eigvalsh((projected + projected.T) / 2)[-1])


def sharpness_at_start(
    activation: str | Activation,
    *,
    task: str = "digits",
    absorbed: float = 0.0,
    seeds: Iterable[int] = range(20),
) -> FloatArray:
    """Measure the largest curvature of the loss where a descent starts.

    Parameters
    ----------
    activation, task, absorbed
        As `descend`.
    seeds : iterable of int, default range(20)
        The networks that `descend` starts from.

    Returns
    -------
    ndarray, shape (n_seeds,)

    Raises
    ------
    ValueError
        If the task or the activation is unknown.

    Examples
    --------
    >>> centred = sharpness_at_start("tanh", seeds=range(1))
    >>> shifted = sharpness_at_start(VARIANTS["tanh + 1"], absorbed=1, seeds=range(1))
    >>> bool((shifted > 3 * centred).all())
    True
    """
    problem = lookup("sharpness_at_start", "a task", task, TASKS)()
    return np.array(
        [
            largest_curvature(
                fresh_network(activation, task, absorbed=absorbed, seed=seed),
                problem.X,
                problem.y,
                problem.loss,
                rng=np.random.default_rng(seed),
            )
            for seed in each_seed("sharpness_at_start", seeds)
        ]
    )


# --- Gradients of one sign ----------------------------------------------------------------------------------


def single_sign_share(
    activation: str | Activation,
    batch_sizes: Iterable[int],
    *,
    task: str = "digits",
    seeds: Iterable[int] = range(20),
) -> FloatArray:
    """Count the units whose weights all get a gradient of the same sign.

    The units are those of the second hidden layer: their inputs are the activations of the first. Each batch
    has one gradient; the examples are cut into batches in their stored, random order.

    Parameters
    ----------
    activation : str or Activation
        Of the two hidden layers.
    batch_sizes : iterable of int
        Examples in a batch, at most all 200.
    task : str, default "digits"
        A name in `TASKS`.
    seeds : iterable of int, default range(20)
        One fresh network each.

    Returns
    -------
    ndarray, shape (n_seeds, n_sizes)
        Share of the pairs of a unit and a batch.

    Raises
    ------
    ValueError
        If a name is unknown, or a batch size is not from 1 to 200.

    Examples
    --------
    >>> float(single_sign_share("sigmoid", [1], seeds=[0])[0, 0])
    1.0
    """
    problem = lookup("single_sign_share", "a task", task, TASKS)()
    sizes = [
        count("single_sign_share", "a batch size", size, 1)
        for size in sequence("single_sign_share", "batch_sizes", batch_sizes, "whole numbers")
    ]
    if max(sizes) > len(problem.X):
        raise ValueError(
            f"single_sign_share: a batch size must be at most {len(problem.X)}, got {max(sizes)}; "
            "there are no more examples"
        )
    shares = []
    for seed in each_seed("single_sign_share", seeds):
        network = fresh_network(activation, task, seed=seed)
        forward = network.forward(problem.X)
        output_gradient = problem.loss.gradient(forward.output, problem.y)
        a, dz = forward.activations[1], network.backward(forward, output_gradient).signals[1]
        row = []
        for size in sizes:
            n_batches = len(a) // size
            parts = (array[: n_batches * size].reshape(n_batches, size, -1) for array in (a, dz))
            dW = np.einsum("bni,bnj->bij", *parts)
            row.append(np.mean((dW > 0).all(axis=1) | (dW < 0).all(axis=1)))
        shares.append(row)
    return np.array(shares)


@dataclass(frozen=True, eq=False)
class Walks(Tabular, axes={"paths": "run step weight"}):
    """Paths of two weights on their way to a target, one for each seed.

    Attributes
    ----------
    paths : ndarray, shape (n_seeds, n_steps + 1, 2)
        The weights, from (0, 0) on.
    target : ndarray, shape (2,)
        Where the error is zero.
    """

    paths: FloatArray
    target: FloatArray

    @property
    def arrival(self) -> FloatArray:
        """Steps until the weights were within 0.1 of the target; infinite where they never were."""
        near = np.linalg.norm(self.paths - self.target, axis=2) < 0.1
        return np.where(near.any(axis=1), near.argmax(axis=1), np.inf)


def walk_two_weights(
    low: float, high: float, learning_rate: float, *, steps: int = 200, seeds: Iterable[int] = range(20)
) -> Walks:
    """Train a linear unit with two weights, one example at a time, towards the weights (1, −1).

    Both inputs are uniform between two limits, and the right answer is x₁ − x₂. The loss of an example is
    half its squared error.

    Parameters
    ----------
    low, high : float
        Limits of the inputs: (0, 1) for inputs that are all positive, (−½, ½) for the same, centred.
    learning_rate : float
        Above 0.
    steps : int, default 200
        Examples.
    seeds : iterable of int, default range(20)
        One sequence of examples each.

    Returns
    -------
    Walks

    Raises
    ------
    ValueError
        If `low` is not below `high`, or the rate is not positive.

    Examples
    --------
    >>> walks = walk_two_weights(-0.5, 0.5, 4.0, seeds=range(3))
    >>> walks.paths.shape, bool((walks.arrival < 60).all())
    ((3, 201, 2), True)
    """
    number("walk_two_weights", "low", low, -np.inf, np.inf)
    number("walk_two_weights", "high", high, -np.inf, np.inf)
    steps = count("walk_two_weights", "steps", steps, 1)
    if not low < high:
        raise ValueError(f"walk_two_weights: low must be below high, got {low} and {high}; swap them")
    learning_rate = number("walk_two_weights", "learning_rate", learning_rate, 0, np.inf)
    target = np.array([1.0, -1.0])
    paths = []
    with np.errstate(over="ignore", invalid="ignore"):  # too large a rate runs away
        for seed in each_seed("walk_two_weights", seeds):
            w, path = np.zeros(2), [np.zeros(2)]
            for x in np.random.default_rng(seed).uniform(low, high, (steps, 2)):
                w = w - learning_rate * (x @ w - x @ target) * x
                path.append(w)
            paths.append(path)
    return Walks(np.array(paths), target)


# --- Shifted inputs -----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class ShiftedRuns(Tabular, axes={"loss": "run", "saturated": "run", "signal": "run", "growth": "run layer"}):
    """Tanh networks after training on inputs that share a mean, one for each seed.

    Attributes
    ----------
    loss : ndarray, shape (n_seeds,)
        At the end.
    growth : ndarray, shape (n_seeds, n_layers)
        Norm of each layer's weights at the end, as a multiple of that at the start.
    saturated : ndarray, shape (n_seeds,)
        Share of saturated activations in the first hidden layer, at the end.
    signal : ndarray, shape (n_seeds,)
        Backprop signal at the first layer over that at the last, at the end.
    """

    loss: FloatArray
    growth: FloatArray
    saturated: FloatArray
    signal: FloatArray


def train_on_shifted_inputs(
    shift: float,
    learning_rate: float,
    *,
    task: str = "digits",
    steps: int = 50,
    seeds: Iterable[int] = range(20),
) -> ShiftedRuns:
    """Train a tanh network on standardized inputs to which a constant was added.

    Parameters
    ----------
    shift : float
        The constant, in standard deviations of the inputs.
    learning_rate : float
        Of gradient descent on all examples.
    task : str, default "digits"
        A name in `TASKS`.
    steps : int, default 50
        Updates; a run does not stop at the target loss.
    seeds : iterable of int, default range(20)
        One draw of the weights each.

    Returns
    -------
    ShiftedRuns

    Raises
    ------
    ValueError
        If the task is unknown, or the rate or the number of steps is not positive.

    Examples
    --------
    >>> runs = train_on_shifted_inputs(0.0, 0.1, steps=5, seeds=range(2))
    >>> runs.growth.shape
    (2, 3)
    """
    plain = lookup("train_on_shifted_inputs", "a task", task, TASKS)()
    shift = number("train_on_shifted_inputs", "shift", shift, -np.inf, np.inf)
    shifted = plain._replace(X=plain.X + shift, target_loss=-np.inf)
    steps = count("train_on_shifted_inputs", "steps", steps, 1)
    rows = []
    for seed in each_seed("train_on_shifted_inputs", seeds):
        network = fresh_network("tanh", task, seed=seed)
        start = _norms(network)
        loss = _run(network, shifted, SGD(learning_rate), steps)[-1]
        forward = network.forward(shifted.X)
        signals = network.backward(forward, shifted.loss.gradient(forward.output, shifted.y)).signals
        rows.append(
            (
                loss,
                _norms(network) / start,
                layer_statistics(network, shifted.X).saturated[0],
                np.linalg.norm(signals[0]) / np.linalg.norm(signals[-1]),
            )
        )
    return ShiftedRuns(*(np.array(column) for column in zip(*rows, strict=True)))
