"""The checks that plot functions share."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from activations.training._checks import number

FloatArray = npt.NDArray[np.float64]
V = TypeVar("V")

MOST_CURVES = 5


def check_axes(function: str, ax: object) -> None:
    """Refuse what nothing can be drawn into, such as the array of all axes of a figure."""
    if not isinstance(ax, Axes):
        raise TypeError(
            f"{function}: ax must be one matplotlib Axes, got {type(ax).__name__}; "
            "make it with fig, ax = subplots(), or pick one of several"
        )


def check_sized(function: str, name: str, values: object) -> None:
    """Refuse what has no length, and a text, whose letters are no labels."""
    if not isinstance(values, Sized) or isinstance(values, str):
        raise TypeError(
            f"{function}: {name} must be a sequence, got {values!r:.60}; put a single one in a list"
        )


def check_number(function: str, name: str, value: float | None) -> None:
    """Refuse what is no finite number; None stands for a default."""
    if value is not None:
        number(function, name, value, -np.inf, np.inf)


def check_format(function: str, name: str, value: object) -> None:
    """Refuse what cannot format a number."""
    try:
        f"{1.0:{value}}"
    except (TypeError, ValueError):
        raise ValueError(
            f"{function}: {name} must be a format of numbers, got {value!r}; use for example '.3g'"
        ) from None


def check_curves(function: str, name: str, curves: Sized) -> None:
    """Refuse more curves than a reader can tell apart, and none at all."""
    check_sized(function, name, curves)
    if not 1 <= len(curves) <= MOST_CURVES:
        raise ValueError(
            f"{function}: {name} must hold 1 to {MOST_CURVES} curves, got {len(curves)}; "
            "draw the others into a second axes"
        )


def check_mapping(function: str, name: str, values: Mapping[str, V]) -> Mapping[str, V]:
    """Refuse what has no labels, and an empty mapping."""
    if not isinstance(values, Mapping):
        raise TypeError(
            f"{function}: {name} must map labels to numbers, got {type(values).__name__}; "
            "pass {'label': numbers}"
        )
    if not values:
        raise ValueError(f"{function}: {name} must not be empty, got {{}}; pass {{'label': numbers}}")
    return values


def check_array(function: str, name: str, values: npt.ArrayLike, ndim: int) -> FloatArray:
    """Return ``values`` as a float64 array of ``ndim`` dimensions that is not empty."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{function}: {name} must hold numbers, got {values!r:.60}; pass numbers") from None
    if array.ndim != ndim or array.size == 0:
        raise ValueError(
            f"{function}: {name} must have {ndim} dimension{'s' * (ndim > 1)} and an entry, "
            f"got shape {array.shape}; reshape it"
        )
    return array


def check_length(function: str, name: str, values: Sized, length: int, like: str) -> None:
    """Refuse a length that does not fit to that of ``like``."""
    check_sized(function, name, values)
    if len(values) != length:
        raise ValueError(
            f"{function}: {name} must be as long as {like} ({length}), got {len(values)}; give one for each"
        )
