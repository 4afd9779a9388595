"""What it is worth that a layer can multiply: plain and gated layers of equal size on two kinds of task."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from activations.experiments._seeds import at_each_rate, checked_seeds, generators
from activations.experiments.side_by_side import Networks, fit_side_by_side, mean_losses
from activations.training import Adam
from activations.training._checks import count, lookup, number, sequence

__all__ = ["CONTENDERS", "TARGETS", "Contender", "best_contender_rate", "measure_contender"]

FloatArray = NDArray[np.floating[Any]]


class Contender(NamedTuple):
    """A network with four inputs, one hidden layer and one output.

    Attributes
    ----------
    activation : str
        Of the hidden layer, or of its gates.
    gated : bool
    width : int
        Hidden units.
    """

    activation: str
    gated: bool
    width: int


CONTENDERS: Mapping[str, Contender] = MappingProxyType(
    {
        "ReLU": Contender("relu", False, 22),
        "tanh": Contender("tanh", False, 22),
        "SiLU": Contender("silu", False, 22),
        "GELU": Contender("gelu", False, 22),
        "bilinear": Contender("identity", True, 12),
        "GLU": Contender("sigmoid", True, 12),
        "ReGLU": Contender("relu", True, 12),
        "GEGLU": Contender("gelu", True, 12),
        "SwiGLU": Contender("silu", True, 12),
    }
)
"""All of them have 133 parameters: 22 plain units, or 12 gated ones."""

TARGETS: Mapping[str, Callable[[FloatArray], FloatArray]] = MappingProxyType(
    {
        "products": lambda X: X[..., 0] * X[..., 1] + X[..., 2] * X[..., 3],
        "maxima": lambda X: np.maximum(X[..., 0], X[..., 1]) + np.maximum(X[..., 2], X[..., 3]),
    }
)
"""What is to be learned of four standard normal numbers: x₁x₂ + x₃x₄, or max(x₁, x₂) + max(x₃, x₄)."""


def measure_contender(
    contender: str,
    target: str,
    learning_rate: float,
    *,
    epochs: int = 60,
    n_samples: int = 256,
    seeds: Iterable[int] = range(20),
) -> NDArray[np.float64]:
    """Train on examples of a function of four numbers, and measure the error on new ones.

    Adam in batches of 32; the learning rate falls to nothing, by the same amount after each epoch.

    Parameters
    ----------
    contender : str
        A name in `CONTENDERS`.
    target : str
        A name in `TARGETS`.
    learning_rate : float
        In the first epoch, above 0.
    epochs : int, default 60
    n_samples : int, default 256
        Examples to train on; 2000 others judge.
    seeds : iterable of int, default range(20)
        One set of examples, of weights, and one order each.

    Returns
    -------
    ndarray, shape (n_seeds,)
        Root mean square error, as a share of the target's standard deviation: 1 is what the mean would earn.

    Raises
    ------
    ValueError
        If a name is unknown or a number is out of range.

    Examples
    --------
    >>> errors = measure_contender("bilinear", "products", 0.03, seeds=range(3))
    >>> bool((errors < 1e-3).all())
    True
    """
    activation, gated, width = lookup("measure_contender", "a contender", contender, CONTENDERS)
    f = lookup("measure_contender", "a target", target, TARGETS)
    learning_rate = number("measure_contender", "learning_rate", learning_rate, 0, np.inf)
    n_samples = count("measure_contender", "n_samples", n_samples, 1)
    rngs = generators("measure_contender", seeds)
    X = np.stack([rng.standard_normal((n_samples, 4)) for rng in rngs])
    new = np.stack([rng.standard_normal((2000, 4)) for rng in rngs])
    networks = Networks([4, width, 1], activation, gated=gated, rngs=rngs)
    optimizer = Adam(learning_rate)

    def slow_down(epoch: int, _networks: Networks) -> None:
        if epoch < epochs:
            optimizer.learning_rate = learning_rate * (1 - epoch / epochs)

    fit_side_by_side(
        networks,
        X,
        f(X)[..., None],
        loss="mean_squared_error",
        optimizer=optimizer,
        epochs=epochs,
        rngs=rngs,
        on_epoch_end=slow_down,
    )
    truth = f(new)
    squares = mean_losses(networks, new, truth[..., None], loss="mean_squared_error")
    errors: NDArray[np.float64] = np.sqrt(squares / truth.var(axis=1))
    return errors


def best_contender_rate(
    contender: str, target: str, learning_rates: Iterable[float], *, seeds: Iterable[int] = range(100, 103)
) -> float:
    """Return the learning rate with the smallest median error, on seeds that do not count.

    Parameters
    ----------
    contender, target : str
    learning_rates : iterable of float
    seeds : iterable of int, default range(100, 103)
        Not those of the comparison that follows: a rate picked and judged on the same runs looks too good.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        As `measure_contender`.

    Examples
    --------
    >>> best_contender_rate("SiLU", "products", [0.001, 0.1])
    0.1
    """
    rates = sequence("best_contender_rate", "learning_rates", learning_rates, "numbers")
    seeds = checked_seeds("best_contender_rate", seeds)

    def error(rate: float) -> float:
        return float(np.median(measure_contender(contender, target, rate, seeds=seeds)))

    return float(rates[int(np.argmin(at_each_rate("best_contender_rate", rates, error)))])
