"""Toy problems in the plane, drawn from a random generator."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from activations.datasets._checks import (
    FloatArray,
    IntArray,
    check_integer,
    check_matrix,
    check_number,
    check_rng,
)


def xor(
    n_samples: int | None = None, *, noise: float = 0.0, rng: np.random.Generator | None = None
) -> tuple[FloatArray, IntArray]:
    """Return exclusive or, the smallest problem that no line can separate: four rows, or points about them.

    Parameters
    ----------
    n_samples : int, optional
        How many points, shared as evenly as possible among the corners; unless told, the four corners in
        order, once each.
    noise : float
        Standard deviation of the normal noise added to each coordinate.
    rng : numpy.random.Generator, optional
        The source of randomness; needed for ``n_samples``, which come in random order, and for noise.

    Returns
    -------
    X : ndarray of float64, shape (n_samples, 2)
        The corners of the unit square, shape (4, 2) unless told, or points around them.
    y : ndarray of int64, shape (n_samples,)
        1 where exactly one coordinate of the corner is 1.

    Raises
    ------
    TypeError
        If ``rng`` is needed and no generator, or a number is no number.
    ValueError
        If there are fewer than 4 points, or ``noise`` is negative or not finite.

    References
    ----------
    M. Minsky, S. Papert (1969). Perceptrons. MIT Press.

    Examples
    --------
    >>> X, y = xor()
    >>> y
    array([0, 1, 1, 0])
    >>> X, y = xor(100, noise=0.1, rng=np.random.default_rng(0))
    >>> X.shape, np.bincount(y)
    ((100, 2), array([50, 50]))
    """
    noise = check_number("xor", "noise", noise)
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = np.array([0, 1, 1, 0], dtype=np.int64)
    if n_samples is None and noise == 0:
        if rng is not None:
            check_rng("xor", rng)
        return X, y
    rng = check_rng("xor", rng)
    if n_samples is None:
        return X + rng.normal(0.0, noise, X.shape), y
    corner = np.arange(check_integer("xor", "n_samples", n_samples, 4)) % 4
    return _shuffle(X[corner] + rng.normal(0.0, noise, (len(corner), 2)), y[corner], rng)


def moons(
    n_samples: int = 200, *, noise: float = 0.1, rng: np.random.Generator
) -> tuple[FloatArray, IntArray]:
    """Draw two interleaved half circles of radius 1.

    Parameters
    ----------
    n_samples : int
        How many points; an odd one goes to class 1.
    noise : float
        Standard deviation of the normal noise added to each coordinate.
    rng : numpy.random.Generator
        The source of randomness.

    Returns
    -------
    X : ndarray of float64, shape (n_samples, 2)
        The points, in random order.
    y : ndarray of int64, shape (n_samples,)
        0 for the upper half circle, centred on (0, 0); 1 for the lower, centred on (1, 0.5).

    Raises
    ------
    TypeError
        If ``rng`` is no generator or a number is no number.
    ValueError
        If there are fewer than 2 points, or ``noise`` is negative or not finite.

    Examples
    --------
    >>> X, y = moons(100, rng=np.random.default_rng(0))
    >>> X.shape, np.bincount(y)
    ((100, 2), array([50, 50]))
    """
    n_samples = check_integer("moons", "n_samples", n_samples, 2)
    noise = check_number("moons", "noise", noise)
    rng = check_rng("moons", rng)
    y = np.repeat([0, 1], [n_samples // 2, n_samples - n_samples // 2])
    angle = rng.uniform(0.0, np.pi, n_samples)
    sign = np.where(y == 0, 1.0, -1.0)
    X = np.column_stack([y + sign * np.cos(angle), 0.5 * y + sign * np.sin(angle)])
    return _shuffle(X + rng.normal(0.0, noise, X.shape), y, rng)


def blobs(
    n_samples: int = 200,
    *,
    centers: int | npt.ArrayLike = 3,
    spread: float = 1.0,
    rng: np.random.Generator,
) -> tuple[FloatArray, IntArray]:
    """Draw round normal clouds, one a class.

    Parameters
    ----------
    n_samples : int
        How many points, shared as evenly as possible among the classes.
    centers : int or array_like, shape (n_classes, n_features)
        The centres; a number places that many evenly on a circle of radius 4, the first at angle 0.
    spread : float
        Standard deviation of each coordinate about its centre.
    rng : numpy.random.Generator
        The source of randomness.

    Returns
    -------
    X : ndarray of float64, shape (n_samples, n_features)
        The points, in random order.
    y : ndarray of int64, shape (n_samples,)
        The number of the centre, from 0.

    Raises
    ------
    TypeError
        If ``rng`` is no generator or a number is no number.
    ValueError
        If a class would get no point, ``centers`` is no matrix, or ``spread`` is negative or not finite.

    Examples
    --------
    >>> X, y = blobs(90, centers=3, spread=0.5, rng=np.random.default_rng(0))
    >>> X.shape, np.bincount(y)
    ((90, 2), array([30, 30, 30]))
    """
    if np.ndim(centers) == 0:
        n_centers = check_integer("blobs", "centers", centers, 1)
        angle = 2.0 * np.pi * np.arange(n_centers) / n_centers
        places = 4.0 * np.column_stack([np.cos(angle), np.sin(angle)])
    else:
        places = check_matrix("blobs", "centers", centers)
    n_samples = check_integer("blobs", "n_samples", n_samples, len(places))
    spread = check_number("blobs", "spread", spread)
    rng = check_rng("blobs", rng)
    y = np.arange(n_samples) % len(places)
    X = places[y] + rng.normal(0.0, spread, (n_samples, places.shape[1]))
    return _shuffle(X, y, rng)


def spirals(
    n_samples: int = 200,
    *,
    n_classes: int = 2,
    turns: float = 1.0,
    noise: float = 0.03,
    rng: np.random.Generator,
) -> tuple[FloatArray, IntArray]:
    """Draw spiral arms that wind about one another inside the unit circle.

    Parameters
    ----------
    n_samples : int
        How many points, shared as evenly as possible among the arms.
    n_classes : int
        How many arms.
    turns : float
        How often an arm winds about the origin.
    noise : float
        Standard deviation of the normal noise added to each coordinate. Arms are ``1 / (turns * n_classes)``
        apart.
    rng : numpy.random.Generator
        The source of randomness.

    Returns
    -------
    X : ndarray of float64, shape (n_samples, 2)
        The points, in random order.
    y : ndarray of int64, shape (n_samples,)
        The number of the arm, from 0.

    Raises
    ------
    TypeError
        If ``rng`` is no generator or a number is no number.
    ValueError
        If an arm would get no point, ``turns`` is not positive, or ``noise`` is negative.

    Examples
    --------
    >>> X, y = spirals(300, n_classes=3, rng=np.random.default_rng(0))
    >>> X.shape, np.bincount(y)
    ((300, 2), array([100, 100, 100]))
    """
    n_classes = check_integer("spirals", "n_classes", n_classes, 1)
    n_samples = check_integer("spirals", "n_samples", n_samples, n_classes)
    turns = check_number("spirals", "turns", turns, above=0.0)
    noise = check_number("spirals", "noise", noise)
    rng = check_rng("spirals", rng)
    y = np.arange(n_samples) % n_classes
    # From 0.1, because every arm passes through the origin and nothing could tell them apart there.
    radius = rng.uniform(0.1, 1.0, n_samples)
    angle = 2.0 * np.pi * (turns * radius + y / n_classes)
    X = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return _shuffle(X + rng.normal(0.0, noise, X.shape), y, rng)


def _shuffle(X: FloatArray, y: IntArray, rng: np.random.Generator) -> tuple[FloatArray, IntArray]:
    order = rng.permutation(len(y))
    return X[order], y[order].astype(np.int64)
