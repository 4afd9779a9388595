"""What a network can and cannot do without a non-linearity.

Exact answers first: every way a straight line can divide a set of points, the best such line, the one affine
map that a stack of linear layers amounts to. Then networks that bend: a hand-built one that joins points with
straight pieces, and trained ones on XOR, on a curve, and on the fuel consumption of cars, over many seeds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from activations.datasets import Standardizer, load_auto_mpg, one_hot, train_test_split, xor
from activations.experiments._seeds import each_seed, generators
from activations.experiments._tabular import Tabular
from activations.experiments.side_by_side import Networks, fit_side_by_side
from activations.functions import Activation
from activations.training import MLP, Adam, fit
from activations.training._checks import lookup, matrix, number, numeric_array, sequence

__all__ = [
    "CurveRuns",
    "Line",
    "RegressionRuns",
    "XorRuns",
    "best_line",
    "collapse",
    "line_labelings",
    "regress_auto_mpg",
    "relu_interpolant",
    "train_on_curve",
    "train_on_xor",
]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

DIRECTIONS_AT_ONCE = 1024
"""How many directions `best_line` tries in one sweep; bounds its memory, not its result."""


# --- Straight lines, exactly --------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Line:
    """A linear classifier of the plane: class 1 where ``x @ weights + bias > 0``.

    Attributes
    ----------
    weights : ndarray of float64, shape (2,)
        The normal of the line, of length 1.
    bias : float
        Minus the line's distance from the origin along the normal.
    accuracy : float
        The share of examples that it gets right.
    """

    weights: FloatArray
    bias: float
    accuracy: float

    def predict(self, X: npt.ArrayLike) -> FloatArray:
        """Return ``X @ weights + bias``; positive means class 1.

        Parameters
        ----------
        X : array_like, shape (n_samples, 2)
            The points.

        Returns
        -------
        ndarray, shape (n_samples, 1)
            A column, as `MLP.predict` returns it.

        Raises
        ------
        ValueError, TypeError
            If the points do not have two coordinates each, or are no numbers.

        Examples
        --------
        >>> line = Line(np.array([1.0, 1.0]), -1.5, accuracy=1.0)
        >>> line.predict([[0.0, 1.0], [1.0, 1.0]])
        array([[-0.5],
               [ 0.5]])
        """
        return np.asarray(matrix("Line.predict", "X", X, 2, np.float64) @ self.weights + self.bias)[:, None]


def line_labelings(points: npt.ArrayLike) -> BoolArray:
    """Find every way in which a straight line can divide points of the plane into two classes.

    A line that turns and moves changes its labelling only when it passes a point, so finitely many lines
    stand for all of them: one normal between each two neighbouring directions in which two points lie level,
    and one threshold in each gap between neighbouring points along that normal.

    Parameters
    ----------
    points : array_like, shape (n, 2)
        The points. The work grows as n³.

    Returns
    -------
    ndarray of bool, shape (n_labelings, n)
        The distinct labellings in lexicographic order, those with all points on one side among them.

    Raises
    ------
    ValueError
        If ``points`` has another shape or holds a number that is not finite.

    References
    ----------
    T. M. Cover, "Geometrical and statistical properties of systems of linear inequalities", 1965: n points of
    which no three lie on a line have ``n² - n + 2`` labellings.

    Examples
    --------
    Four corners of a square can be labelled in 2⁴ = 16 ways. Lines make all but two of them:

    >>> labelings = line_labelings([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> len(labelings)
    14
    >>> [row in labelings.tolist() for row in ([False, True, True, False], [True, False, False, True])]
    [False, False]
    """
    X = _plane("line_labelings", points)
    found = set()
    for _, projections in _projections(X):
        for projection in projections:
            levels = np.unique(projection)
            thresholds = np.concatenate([[levels[0] - 1.0], (levels[:-1] + levels[1:]) / 2])
            for labels in projection > thresholds[:, None]:
                found.add(tuple(labels.tolist()))
                found.add(tuple((~labels).tolist()))
    return np.array(sorted(found), dtype=np.bool_)


def best_line(X: npt.ArrayLike, y: npt.ArrayLike) -> Line:
    """Find the linear classifier of highest accuracy, by trying every one that differs on these points.

    Parameters
    ----------
    X : array_like, shape (n, 2)
        Points of the plane.
    y : array_like, shape (n,)
        Their classes, 0 or 1.

    Returns
    -------
    Line
        No other line has a higher accuracy; several may have the same.

    Raises
    ------
    ValueError
        If a shape does not fit, a coordinate is not finite, or a class is neither 0 nor 1.

    See Also
    --------
    line_labelings : the search, explained.

    Examples
    --------
    >>> from activations.datasets import xor
    >>> best_line(*xor()).accuracy
    0.75
    """
    X = _plane("best_line", X)
    labels = np.asarray(y)
    if labels.shape != (len(X),) or not np.isin(labels, (0, 1)).all():
        raise ValueError(
            f"best_line: y must hold a class 0 or 1 for each of the {len(X)} points, got shape "
            f"{labels.shape} and values {np.unique(labels)[:5]}; number the two classes 0 and 1"
        )
    ones = labels.astype(np.int64)
    best, weights, bias = -1, np.zeros(2), 0.0
    for normals, projections in _projections(X):
        order = np.argsort(projections, axis=1)
        levels = np.take_along_axis(projections, order, axis=1)
        sorted_ones = ones[order]
        # correct[i, k]: the k lowest points are called 0, the others 1.
        zeros_below = np.cumsum(1 - sorted_ones, axis=1) - (1 - sorted_ones)
        ones_above = np.cumsum(sorted_ones[:, ::-1], axis=1)[:, ::-1]
        correct = zeros_below + ones_above
        # A threshold must lie strictly between two points; below the first one there is always room.
        impossible = np.diff(levels, axis=1, prepend=-np.inf) <= 0
        for sign, score in ((1.0, correct), (-1.0, len(X) - correct)):
            score = np.where(impossible, -1, score)
            i, k = np.unravel_index(score.argmax(), score.shape)
            if score[i, k] > best:
                best = int(score[i, k])
                threshold = levels[i, 0] - 1.0 if k == 0 else (levels[i, k - 1] + levels[i, k]) / 2
                weights, bias = sign * normals[i], float(-sign * threshold)
    return Line(weights, bias, best / len(X))


def _plane(function: str, points: npt.ArrayLike) -> FloatArray:
    X = numeric_array(function, "the points", points, np.float64)
    if X.ndim != 2 or X.shape[1] != 2 or not np.isfinite(X).all():
        raise ValueError(
            f"{function}: the points must be finite and of shape (n, 2), got shape {X.shape}; "
            "pass two coordinates for each point"
        )
    return X


def _projections(X: FloatArray) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Yield unit normals, shape (m, 2), and the points' levels along them, shape (m, n), a part at a time.

    One normal lies between each two neighbouring directions along which two points are level, modulo half a
    turn.
    """
    first, second = np.triu_indices(len(X), k=1)
    edges = X[second] - X[first]
    edges = edges[np.any(edges != 0, axis=1)]
    level = (
        np.unique(np.mod(np.arctan2(edges[:, 1], edges[:, 0]) + np.pi / 2, np.pi))
        if len(edges)
        else np.zeros(1)
    )
    gaps = np.diff(level, append=level[0] + np.pi)
    # Parallel edges differ by rounding only; between them there is no direction.
    angles = (level + gaps / 2)[gaps > 1e-12]
    for start in range(0, len(angles), DIRECTIONS_AT_ONCE):
        part = angles[start : start + DIRECTIONS_AT_ONCE, None]
        # Not a matrix product: equal points must get equal levels, to the last bit.
        yield np.hstack([np.cos(part), np.sin(part)]), np.cos(part) * X[:, 0] + np.sin(part) * X[:, 1]


# --- Stacks of layers ---------------------------------------------------------------------------------------


def collapse(
    weights: Sequence[npt.ArrayLike], biases: Sequence[npt.ArrayLike]
) -> tuple[FloatArray, FloatArray]:
    """Multiply a stack of linear layers out into the one affine map that it is.

    ``(x @ W1 + b1) @ W2 + b2 = x @ (W1 @ W2) + (b1 @ W2 + b2)``, again and again.

    Parameters
    ----------
    weights : sequence of array_like, shapes (n_0, n_1), (n_1, n_2), …
        The layers' weights, first layer first; inputs are rows.
    biases : sequence of array_like, shapes (n_1,), (n_2,), …
        Their biases.

    Returns
    -------
    W : ndarray, shape (n_0, n_L)
    b : ndarray, shape (n_L,)
        ``x @ W + b`` equals what the stack answers, up to rounding.

    Raises
    ------
    ValueError
        If there is no layer, or the shapes do not chain.

    Examples
    --------
    >>> W, b = collapse([[[1.0, 2.0]], [[3.0], [4.0]]], [[0.0, 1.0], [5.0]])
    >>> W, b
    (array([[11.]]), array([9.]))
    """
    weights = sequence("collapse", "weights", weights, "arrays")
    biases = sequence("collapse", "biases", biases, "arrays")
    if not weights or len(weights) != len(biases):
        raise ValueError(
            f"collapse: each layer needs weights and a bias, got {len(weights)} and {len(biases)}; "
            "pass network.weights and network.biases"
        )
    W, b = _numbers(weights[0]), _numbers(biases[0])
    for next_weights, next_bias in zip(weights[1:], biases[1:], strict=True):
        W_next = _numbers(next_weights)
        if W.shape[1] != W_next.shape[0]:
            raise ValueError(
                f"collapse: a layer must take as many inputs as the last one gives, got "
                f"{W_next.shape[0]} after {W.shape[1]}; list the layers from the first to the last"
            )
        W, b = W @ W_next, b @ W_next + _numbers(next_bias)
    return W, b


def _numbers(array: npt.ArrayLike) -> FloatArray:
    return numeric_array("collapse", "each of weights and biases", array, np.float64)


def relu_interpolant(knots: npt.ArrayLike, values: npt.ArrayLike) -> MLP:
    r"""Build, without training, the ReLU network that joins given points with straight pieces.

    One hidden unit a piece. With the slopes :math:`s_i` of the pieces and :math:`s_{-1} = 0`,

    .. math:: f(x) = v_0 + \sum_i (s_i - s_{i-1}) \, \max(0, x - k_i)

    Each unit adds one kink, at its knot :math:`k_i`. Left of the first knot the network is constant, and
    right of the last one it goes straight on.

    Parameters
    ----------
    knots : array_like, shape (n_units + 1,)
        Where the pieces meet, increasing.
    values : array_like, shape (n_units + 1,)
        What the network is to answer there.

    Returns
    -------
    MLP
        A network of the sizes [1, n_units, 1].

    Raises
    ------
    ValueError
        If there are fewer than two knots, they do not increase, or the lengths differ.

    Examples
    --------
    >>> network = relu_interpolant([0.0, 1.0, 2.0], [0.0, 1.0, 0.0])
    >>> network.predict([[0.0], [0.5], [1.0], [1.75]]).ravel()
    array([0.  , 0.5 , 1.  , 0.25])
    """
    k = numeric_array("relu_interpolant", "knots", knots, np.float64)
    v = numeric_array("relu_interpolant", "values", values, np.float64)
    if k.ndim != 1 or k.shape != v.shape or len(k) < 2 or not (np.diff(k) > 0).all():
        raise ValueError(
            f"relu_interpolant: knots must be two or more increasing numbers with a value each, got shapes "
            f"{k.shape} and {v.shape}; sort the knots and drop duplicates"
        )
    slopes = np.diff(v) / np.diff(k)
    n_units = len(slopes)
    return MLP(
        [1, n_units, 1],
        "relu",
        parameters=[np.ones((1, n_units)), -k[:-1], np.diff(slopes, prepend=0.0)[:, None], v[:1]],
    )


# --- Trained networks ---------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class XorRuns(Tabular, axes={"accuracy": "run", "loss": "run"}):
    """Networks trained on the four points of XOR, one a seed.

    Attributes
    ----------
    accuracy : ndarray of float64, shape (seeds,)
        The share of the four points that the trained network gets right.
    loss : ndarray of float64, shape (seeds,)
        Its binary cross-entropy; log 2 = 0.693 is what a coin earns.
    """

    accuracy: FloatArray
    loss: FloatArray


def train_on_xor(
    activation: str | Activation,
    *,
    n_units: int = 8,
    epochs: int = 150,
    learning_rate: float = 0.1,
    seeds: Sequence[int] = range(20),
) -> XorRuns:
    """Train a network with one hidden layer on XOR, from many starts.

    Full batches, Adam, binary cross-entropy, Glorot uniform weights.

    Parameters
    ----------
    activation : str or Activation
        Of the hidden layer.
    n_units : int
        Width of the hidden layer.
    epochs : int
        Steps, as the batch holds all four points.
    learning_rate : float
        Adam's.
    seeds : sequence of int
        One run each.

    Returns
    -------
    XorRuns

    Raises
    ------
    ValueError
        If a name or a number is not valid.

    Examples
    --------
    >>> train_on_xor("tanh", seeds=range(2)).accuracy
    array([1., 1.])
    """
    X, y = xor()
    rngs = generators("train_on_xor", seeds)
    networks = Networks([2, n_units, 1], activation, initializer="glorot_uniform", rngs=rngs)
    loss = fit_side_by_side(
        networks,
        X,
        y,
        loss="binary_cross_entropy",
        optimizer=Adam(learning_rate),
        epochs=epochs,
        batch_size=len(y),
        rngs=rngs,
    )
    right = (networks.predict(X)[..., 0] > 0) == y
    return XorRuns(right.mean(axis=1), loss)


@dataclass(frozen=True, eq=False)
class CurveRuns(Tabular, axes={"error": "run", "predictions": "run x"}):
    """Networks trained on one sine wave, one a seed, and the hand-built network of the same size.

    Attributes
    ----------
    x : ndarray of float64, shape (n_points,)
        The inputs, evenly from -π to π.
    predictions : ndarray of float64, shape (seeds, n_points)
        What the trained networks answer.
    error : ndarray of float64, shape (seeds,)
        Root of the mean squared difference from sin x.
    interpolant_error : float
        The same of `relu_interpolant` at evenly spaced knots.
    """

    x: FloatArray
    predictions: FloatArray
    error: FloatArray
    interpolant_error: float


def train_on_curve(
    n_units: int, *, epochs: int = 500, learning_rate: float = 0.01, seeds: Sequence[int] = range(20)
) -> CurveRuns:
    """Fit sin x on [-π, π] with one hidden layer of ReLU units, from many starts.

    He normal weights, zero biases, Adam on full batches of 101 points, mean squared error.

    Parameters
    ----------
    n_units : int
        Width of the hidden layer.
    epochs : int
        Steps.
    learning_rate : float
        Adam's.
    seeds : sequence of int
        One run each.

    Returns
    -------
    CurveRuns

    Raises
    ------
    ValueError
        If a number is not valid.

    Examples
    --------
    >>> runs = train_on_curve(4, epochs=10, seeds=[0])
    >>> runs.predictions.shape, bool(runs.error[0] > runs.interpolant_error)
    ((1, 101), True)
    """
    x = np.linspace(-np.pi, np.pi, 101)
    target = np.sin(x)
    predictions = []
    for seed in each_seed("train_on_curve", seeds):
        rng = np.random.default_rng(seed)
        network = MLP([1, n_units, 1], "relu", rng=rng)
        fit(
            network,
            x[:, None],
            target,
            loss="mean_squared_error",
            optimizer=Adam(learning_rate),
            epochs=epochs,
            batch_size=len(x),
            rng=rng,
            progress=False,
        )
        predictions.append(network.predict(x[:, None])[:, 0])
    knots = np.linspace(-np.pi, np.pi, n_units + 1)
    built = relu_interpolant(knots, np.sin(knots)).predict(x[:, None])[:, 0]
    answers = np.array(predictions, dtype=np.float64)
    return CurveRuns(x, answers, _rms(answers - target), float(_rms(built - target)))


@dataclass(frozen=True, eq=False)
class RegressionRuns(
    Tabular,
    axes={
        "train_error": "run",
        "largest_prediction": "run",
        "linear_train_error": "run",
        "linear_validation_error": "run",
        "validation_error": "run epoch",
    },
):
    """Networks trained on Auto MPG, one a seed. All errors are in miles per gallon.

    Attributes
    ----------
    validation_error : ndarray of float64, shape (seeds, epochs)
        Root mean squared error on the cars that were held out, after each epoch.
    train_error : ndarray of float64, shape (seeds,)
        The same on the cars that were trained on, after the last epoch.
    largest_prediction : ndarray of float64, shape (seeds,)
        The highest mileage that the trained network predicts for a car that was held out.
    linear_train_error, linear_validation_error : ndarray of float64, shape (seeds,)
        The errors of ordinary least squares on the same cars: no affine map has a smaller training error.
    """

    validation_error: FloatArray
    train_error: FloatArray
    largest_prediction: FloatArray
    linear_train_error: FloatArray
    linear_validation_error: FloatArray


def regress_auto_mpg(
    hidden: str | Activation = "relu",
    output: str | Activation = "identity",
    *,
    target: str | tuple[float, float] = "standardized",
    n_units: int = 128,
    epochs: int = 40,
    learning_rate: float = 0.001,
    ceiling: float | None = None,
    seeds: Sequence[int] = range(20),
) -> RegressionRuns:
    """Predict the mileage of cars with one hidden layer, from many starts.

    Mini-batches of 32, Adam, mean squared error, Glorot uniform weights whatever the activation. Each seed
    draws its own validation set (a fifth of the 392 cars), weights and order of examples; two calls with the
    same seeds get the same ones. Features are standardized, and the origin is one-hot coded.

    Parameters
    ----------
    hidden : str or Activation
        The activation of the hidden layer.
    output : str or Activation
        The activation of the output unit.
    target : {"raw", "standardized", "unit"} or tuple (low, high)
        The scale on which the network is trained: miles per gallon as they are; with mean 0 and standard
        deviation 1; or with the interval from low to high brought to [0, 1], where "unit" takes the extremes
        of the training set.
    n_units : int
        Width of the hidden layer.
    epochs : int
        How often to go through the examples.
    learning_rate : float
        Adam's.
    ceiling : float, optional
        If given, train on all cars of at most that many miles per gallon and hold out those above.
    seeds : sequence of int
        One run each.

    Returns
    -------
    RegressionRuns

    Raises
    ------
    ValueError
        If `target` is no known scale, `ceiling` leaves one side empty, or another name or number is not
        valid.

    Examples
    --------
    >>> runs = regress_auto_mpg(epochs=10, seeds=range(2))
    >>> runs.validation_error.shape
    (2, 10)
    """
    cars = load_auto_mpg()
    X = np.hstack([cars.features[:, :6], one_hot(cars.features[:, 6].astype(int) - 1, 3)])
    y = cars.target
    results = [
        _one_regression(
            _split(X, y, ceiling, rng), hidden, output, target, n_units, epochs, learning_rate, rng
        )
        for rng in map(np.random.default_rng, each_seed("regress_auto_mpg", seeds))
    ]
    return RegressionRuns(*(np.array(column) for column in zip(*results, strict=True)))


Split = tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]


def _split(X: FloatArray, y: FloatArray, ceiling: float | None, rng: np.random.Generator) -> Split:
    if ceiling is None:
        return train_test_split(X, y, test_fraction=0.2, rng=rng)
    known = y <= number("regress_auto_mpg", "ceiling", ceiling, -np.inf, np.inf)
    if known.all() or not known.any():
        raise ValueError(
            f"regress_auto_mpg: ceiling must leave cars on both sides, got {ceiling}; "
            f"choose a value between {y.min()} and {y.max()}"
        )
    return X[known], X[~known], y[known], y[~known]


def _one_regression(
    data: Split,
    hidden: str | Activation,
    output: str | Activation,
    target: str | tuple[float, float],
    n_units: int,
    epochs: int,
    learning_rate: float,
    rng: np.random.Generator,
) -> tuple[FloatArray, float, float, float, float]:
    X_train, X_held_out, y_train, y_held_out = data
    scaler = Standardizer.fit(X_train)
    X_train, X_held_out = scaler.transform(X_train), scaler.transform(X_held_out)
    shift, scale = _target_scale(target, y_train)
    network = MLP(
        [X_train.shape[1], n_units, 1],
        hidden,
        output_activation=output,
        initializer="glorot_uniform",
        rng=rng,
    )
    history = fit(
        network,
        X_train,
        (y_train - shift) / scale,
        loss="mean_squared_error",
        optimizer=Adam(learning_rate),
        epochs=epochs,
        batch_size=32,
        validation_data=(X_held_out, (y_held_out - shift) / scale),
        rng=rng,
        progress=False,
    )
    predicted_train = network.predict(X_train)[:, 0] * scale + shift
    predicted = network.predict(X_held_out)[:, 0] * scale + shift
    design, design_held_out = (np.column_stack([X, np.ones(len(X))]) for X in (X_train, X_held_out))
    coefficients = np.linalg.lstsq(design, y_train, rcond=None)[0]
    return (
        scale * np.sqrt(history["val_loss"]),
        float(_rms(predicted_train - y_train)),
        float(predicted.max()),
        float(_rms(design @ coefficients - y_train)),
        float(_rms(design_held_out @ coefficients - y_held_out)),
    )


def _target_scale(target: str | tuple[float, float], y: FloatArray) -> tuple[float, float]:
    """Return shift and scale: the network is trained on ``(y - shift) / scale``."""
    if isinstance(target, tuple):
        return target[0], target[1] - target[0]
    scales = {
        "raw": (0.0, 1.0),
        "standardized": (float(y.mean()), float(y.std())),
        "unit": (float(y.min()), float(np.ptp(y))),
    }
    return lookup("regress_auto_mpg", "a target other than a tuple (low, high)", target, scales)


def _rms(difference: npt.NDArray[np.floating[Any]]) -> FloatArray:
    return np.asarray(np.sqrt(np.mean(difference**2, axis=-1)), dtype=np.float64)
