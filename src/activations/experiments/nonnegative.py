"""What the output unit does to a target that is never negative."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from activations.datasets import Standardizer, load_breast_cancer, train_test_split
from activations.experiments._seeds import each_seed
from activations.experiments._tabular import Tabular
from activations.functions import Activation
from activations.training import MLP, Adam, fit

__all__ = ["ConcavityRuns", "predict_concavity"]

FloatArray = NDArray[np.floating[Any]]

_TARGET = "mean concavity"
_TOO_CLOSE = "mean concave points"  # counts the dents whose depth is the target: it would give it away


@dataclass(frozen=True, eq=False)
class ConcavityRuns(Tabular, axes={"test_error": "run", "lowest_prediction": "run", "constant": "run"}):
    """Networks trained on one measurement of cell nuclei, one a seed.

    Attributes
    ----------
    test_error : ndarray, shape (n_seeds,)
        Root mean squared error on the masses that were held out, in standard deviations of the target.
    lowest_prediction : ndarray, shape (n_seeds,)
        The smallest prediction for a mass that was held out, in the same unit.
    constant : ndarray of bool, shape (n_seeds,)
        Whether the network gives one and the same answer for all masses it was trained on.
    """

    test_error: FloatArray
    lowest_prediction: FloatArray
    constant: NDArray[np.bool_]


def predict_concavity(
    output: str | Activation, *, n_units: int = 4, epochs: int = 20, seeds: Iterable[int] = range(20)
) -> ConcavityRuns:
    """Predict how dented cell nuclei are, from eight other measurements, by one small hidden layer.

    The target is the mean concavity of the 569 masses of `load_breast_cancer`: never negative, often near
    zero. It is divided by its standard deviation. Hidden ReLU units, mean squared error, Adam at 0.01,
    batches of 32. Each seed draws its own split (a quarter is held out), weights and order of examples; two
    calls with the same seeds get the same ones.

    Parameters
    ----------
    output : str or Activation
        The activation of the output unit.
    n_units : int, default 4
        Hidden units.
    epochs : int, default 20
    seeds : iterable of int, default range(20)
        One run each.

    Returns
    -------
    ConcavityRuns

    Raises
    ------
    ValueError
        If the activation is unknown or a number is below 1.

    Examples
    --------
    >>> bool(predict_concavity("softplus", epochs=1, seeds=range(2)).lowest_prediction.min() > 0)
    True
    """
    masses = load_breast_cancer()
    names = masses.feature_names[:10]  # the means; what follows are their errors and extremes
    X = masses.features[:, [i for i, name in enumerate(names) if name not in (_TARGET, _TOO_CLOSE)]]
    y = masses.features[:, names.index(_TARGET)]
    errors, lowest, constant = [], [], []
    for rng in map(np.random.default_rng, each_seed("predict_concavity", seeds)):
        X_train, X_test, y_train, y_test = train_test_split(X, y, rng=rng)
        scaler, unit = Standardizer.fit(X_train), y_train.std()
        X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)
        network = MLP([X.shape[1], n_units, 1], "relu", output_activation=output, rng=rng)
        fit(
            network,
            X_train,
            y_train / unit,
            loss="mean_squared_error",
            optimizer=Adam(0.01),
            epochs=epochs,
            batch_size=32,
            rng=rng,
            progress=False,
        )
        predicted = network.predict(X_test)[:, 0]
        errors.append(np.sqrt(np.mean((predicted - y_test / unit) ** 2)))
        lowest.append(predicted.min())
        constant.append(np.ptp(network.predict(X_train)) == 0)
    return ConcavityRuns(np.array(errors), np.array(lowest), np.array(constant))
