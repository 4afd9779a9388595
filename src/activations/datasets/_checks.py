"""The checks that loaders, generators and preparation share."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def check_rng(function: str, rng: object) -> np.random.Generator:
    """Return ``rng`` if it is a generator; a bare seed would hide where randomness enters."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"{function}: rng must be a numpy.random.Generator, got {rng!r}; "
            "make one with numpy.random.default_rng(0)"
        )
    return rng


def check_integer(function: str, name: str, value: object, minimum: int) -> int:
    """Return ``value`` as an int of at least ``minimum``."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, Integral):
        raise TypeError(f"{function}: {name} must be an integer, got {value!r}; pass an int ≥ {minimum}")
    if value < minimum:
        raise ValueError(f"{function}: {name} must be at least {minimum}, got {value}; pass more")
    return int(value)


def check_number(
    function: str, name: str, value: object, *, minimum: float = 0.0, above: float | None = None
) -> float:
    """Return ``value`` as a finite float of at least ``minimum`` (or, if given, greater than ``above``)."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise TypeError(f"{function}: {name} must be a number, got {value!r}; pass a float")
    number = float(value)
    if not np.isfinite(number):
        raise ValueError(f"{function}: {name} must be finite, got {number}; pass an ordinary number")
    if above is not None and number <= above:
        raise ValueError(f"{function}: {name} must be greater than {above:g}, got {number}; pass more")
    if number < minimum:
        raise ValueError(f"{function}: {name} must be {minimum:g} or more, got {number}; pass more")
    return number


def check_matrix(function: str, name: str, values: npt.ArrayLike) -> FloatArray:
    """Return ``values`` as a finite float64 matrix with at least one row and one column."""
    array = _check_numeric(function, name, values)
    if array.ndim != 2:
        remedy = f"use {name}[:, None] for a single feature" if array.ndim == 1 else "one row an example"
        raise ValueError(
            f"{function}: {name} must have shape (n_samples, n_features), got shape {array.shape}; {remedy}"
        )
    if array.size == 0:
        raise ValueError(
            f"{function}: {name} must have a row and a column, got shape {array.shape}; pass data"
        )
    matrix = array.astype(np.float64)
    if not np.isfinite(matrix).all():
        row, column = np.argwhere(~np.isfinite(matrix))[0]
        raise ValueError(
            f"{function}: {name} must be finite, got {matrix[row, column]} in row {row}, column {column}; "
            "remove or fill such rows first"
        )
    return matrix


def check_labels(function: str, name: str, values: npt.ArrayLike) -> IntArray:
    """Return ``values`` as an int64 array of class labels of any shape."""
    array = np.asarray(values)
    if array.dtype == object or not np.issubdtype(array.dtype, np.integer):
        raise TypeError(
            f"{function}: {name} must be integers, got dtype {array.dtype}; "
            "number the classes 0, 1, 2, … and convert with .astype(int)"
        )
    return array.astype(np.int64)


def _check_numeric(function: str, name: str, values: npt.ArrayLike) -> npt.NDArray[Any]:
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(
            f"{function}: {name} must be rectangular, got rows of unequal length; give each row all features"
        ) from None
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"{function}: {name} must hold real numbers, got dtype {array.dtype}; convert it to float first"
        )
    return array
