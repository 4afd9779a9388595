"""How inputs are scaled and weights are drawn: what either is worth to a tanh network."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike

from activations.datasets import MinMaxScaler, Standardizer, load_auto_mpg, one_hot, train_test_split
from activations.experiments._seeds import each_seed
from activations.functions import tanh_derivative
from activations.training import MLP, SGD, DivergenceWarning, Initializer, fit
from activations.training._checks import FloatArray, count, lookup, number

__all__ = ["SCALINGS", "CarSplit", "ablate", "jacobian_singular_values", "split_cars"]


class Scaler(Protocol):
    """Anything that scales rows, such as `Standardizer`."""

    def transform(self, X: ArrayLike) -> FloatArray:
        """Return the scaled rows, of the same shape."""
        ...


def _unscaled(X: FloatArray) -> Scaler:
    """Return a scaler that leaves rows as they are."""
    return Standardizer(np.zeros(X.shape[1]), np.ones(X.shape[1]))


SCALINGS: Mapping[str, Callable[[FloatArray], Scaler]] = MappingProxyType(
    {
        "raw": _unscaled,
        "[0, 1]": partial(MinMaxScaler.fit, low=0.0, high=1.0),
        "[−1, 1]": MinMaxScaler.fit,
        "standardized": Standardizer.fit,
    }
)
"""Makers of scalers, each from the training rows."""


class CarSplit(NamedTuple):
    """The cars of Auto MPG, split and scaled.

    Attributes
    ----------
    X, X_held_out : ndarray, shape (n_rows, 9)
        Six measurements and a one-hot origin, scaled.
    y, y_held_out : ndarray, shape (n_rows, 1)
        Standardized miles per gallon.
    unit : float
        How many miles per gallon are one unit of ``y``.
    """

    X: FloatArray
    y: FloatArray
    X_held_out: FloatArray
    y_held_out: FloatArray
    unit: float


def split_cars(scaling: str = "[−1, 1]", *, rng: np.random.Generator) -> CarSplit:
    """Hold a fifth of the cars out, and scale by what the others say.

    Parameters
    ----------
    scaling : str, default "[−1, 1]"
        A name in `SCALINGS`, for the inputs.
    rng : numpy.random.Generator
        Source of the split.

    Returns
    -------
    CarSplit

    Raises
    ------
    ValueError
        If the scaling is unknown.

    Examples
    --------
    >>> cars = split_cars(rng=np.random.default_rng(0))
    >>> cars.X.shape, cars.X_held_out.shape, float(cars.X.min()), float(cars.X.max())
    ((314, 9), (78, 9), -1.0, 1.0)
    """
    make = lookup("split_cars", "a scaling", scaling, SCALINGS)
    cars = load_auto_mpg()
    features = np.hstack([cars.features[:, :6], one_hot(cars.features[:, 6].astype(int) - 1, 3)])
    X, X_held_out, y, y_held_out = train_test_split(
        features, cars.target[:, None], test_fraction=0.2, rng=rng
    )
    inputs, targets = make(X), Standardizer.fit(y)
    return CarSplit(
        inputs.transform(X),
        targets.transform(y),
        inputs.transform(X_held_out),
        targets.transform(y_held_out),
        float(targets.scale[0]),
    )


def ablate(
    scaling: str,
    initializer: str | Initializer,
    learning_rate: float,
    *,
    activation: str = "tanh",
    epochs: int = 20,
    seeds: Iterable[int] = range(20),
) -> FloatArray:
    """Predict the mileage of cars with three hidden layers of 16 units, from many starts.

    Mini-batches of 32, plain gradient descent, mean squared error.

    Parameters
    ----------
    scaling : str
        A name in `SCALINGS`, for the inputs.
    initializer : str or callable
        What draws the weights.
    learning_rate : float
        Above 0.
    activation : str, default "tanh"
        Of the hidden layers.
    epochs : int, default 20
    seeds : iterable of int, default range(20)
        One split, one set of weights and one order of examples each.

    Returns
    -------
    ndarray, shape (n_seeds,)
        Root mean squared error on the held-out cars, in miles per gallon; infinite for a run that diverged,
        which is one that misses by more than 100.

    Raises
    ------
    ValueError
        If a name is unknown or a number is not positive.

    Examples
    --------
    >>> both = ablate("[−1, 1]", "glorot_uniform", 0.1, seeds=range(2))
    >>> neither = ablate("raw", "plain_normal", 0.01, seeds=range(2))
    >>> bool((both < 4.5).all() and (neither > 6).all())
    True
    """
    learning_rate = number("ablate", "learning_rate", learning_rate, 0, np.inf)
    errors = []
    for seed in each_seed("ablate", seeds):
        rng = np.random.default_rng(seed)
        cars = split_cars(scaling, rng=rng)
        network = MLP([9, 16, 16, 16, 1], activation, initializer=initializer, rng=rng)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DivergenceWarning)
            history = fit(
                network,
                cars.X,
                cars.y,
                loss="mean_squared_error",
                optimizer=SGD(learning_rate),
                epochs=epochs,
                batch_size=32,
                validation_data=(cars.X_held_out, cars.y_held_out),
                rng=rng,
                progress=False,
            )
        error = cars.unit * np.sqrt(history["val_loss"][-1])
        errors.append(error if error <= 100 else np.inf)
    return np.array(errors)


def jacobian_singular_values(
    initializer: str | Initializer,
    *,
    depth: int = 5,
    width: int = 128,
    with_slopes: bool = True,
    seeds: Iterable[int] = range(20),
) -> FloatArray:
    r"""Measure by how much each layer of a fresh tanh network stretches a small change, on average.

    The Jacobian of a pre-activation by the one below it is :math:`\operatorname{diag}(f'(z_l))\,W_{l+1}`, and
    its singular values are the factors by which it stretches. For square Glorot weights alone, their mean is
    8 / (3π) = 0.849 by the quarter-circle law.

    Parameters
    ----------
    initializer : str or callable
        What draws the weights.
    depth : int, default 5
        Number of layers, at least 2.
    width : int, default 128
        Number of inputs and of units in each layer.
    with_slopes : bool, default True
        Whether to include the slopes :math:`f'(z)`, at an input that is uniform on [−1, 1].
    seeds : iterable of int, default range(20)
        One network and input each.

    Returns
    -------
    ndarray, shape (n_seeds, depth − 1)
        Mean singular value of the Jacobian from each layer to the next, first to last.

    Raises
    ------
    ValueError
        If a name is unknown, `depth` is below 2 or `width` below 1.

    References
    ----------
    X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks",
    2010, section 4.2.1.

    Examples
    --------
    >>> values = jacobian_singular_values("glorot_uniform", with_slopes=False, seeds=range(3))
    >>> values.shape, float(values.mean().round(2))
    ((3, 4), 0.85)
    """
    depth = count("jacobian_singular_values", "depth", depth, 2)
    width = count("jacobian_singular_values", "width", width, 1)
    rows = []
    for seed in each_seed("jacobian_singular_values", seeds):
        rng = np.random.default_rng(seed)
        network = MLP([width] * (depth + 1), "tanh", initializer=initializer, rng=rng)
        z = network.forward(rng.uniform(-1, 1, (1, width))).pre_activations
        slopes = [tanh_derivative(layer[0]) if with_slopes else np.ones(width) for layer in z[:-1]]
        rows.append(
            [
                np.linalg.svd(slope[:, None] * W, compute_uv=False).mean()
                for slope, W in zip(slopes, network.weights[1:], strict=True)
            ]
        )
    return np.array(rows)
