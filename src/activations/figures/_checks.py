"""The checks that plot functions share."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from typing import TypeVar

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
V = TypeVar("V")

MOST_CURVES = 5


def check_curves(function: str, name: str, curves: Sized) -> None:
    """Refuse more curves than a reader can tell apart, and none at all."""
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
    if len(values) != length:
        raise ValueError(
            f"{function}: {name} must be as long as {like} ({length}), got {len(values)}; give one for each"
        )
