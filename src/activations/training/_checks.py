"""Checks of arguments that the modules of this folder share.

Every message names the function, the rule that was broken, the value that broke it, and a remedy.
"""

from __future__ import annotations

import difflib
import math
import operator
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]
Entry = TypeVar("Entry")
Kind = TypeVar("Kind")


def numeric_array(function: str, argument: str, value: Any, dtype: Any = None) -> NDArray[Any]:
    """Return `value` as a non-empty array of real numbers, as floats of `dtype` if one is given."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(
            f"{function}: {argument} must be rectangular, got rows of unequal length; "
            "give every row the same number of entries"
        ) from None
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"{function}: {argument} must hold real numbers, got an array of dtype {array.dtype}; "
            "convert it first, for example with np.asarray(values, dtype=float)"
        )
    if array.size == 0:
        raise ValueError(
            f"{function}: {argument} must not be empty, got shape {array.shape}; pass at least one example"
        )
    return array if dtype is None else array.astype(dtype, copy=False)


def matrix(function: str, argument: str, value: Any, n_columns: int, dtype: Any) -> FloatArray:
    """Return `value` as a float matrix of `n_columns` columns, one row for each example."""
    array = numeric_array(function, argument, value, dtype)
    if array.ndim != 2 or array.shape[1] != n_columns:
        remedy = (
            "reshape a single example with X.reshape(1, -1)"
            if array.shape == (n_columns,)
            else f"pass one row for each example and {n_columns} columns"
        )
        raise ValueError(
            f"{function}: {argument} must have shape (n_samples, {n_columns}), got {array.shape}; {remedy}"
        )
    return array


def finite(function: str, argument: str, array: NDArray[Any]) -> None:
    """Raise unless every entry of `array` is finite; name the first one that is not."""
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(
            f"{function}: {argument} must be finite, got {array[where]} at index {where}; "
            "drop or fill in the examples that miss a value"
        )


def sequence(function: str, argument: str, value: Any, what: str) -> list[Any]:
    """Return the entries of `value`, a sequence of `what`; a text is none, though it has letters."""
    try:
        if isinstance(value, (str, bytes)):
            raise TypeError
        return list(value)
    except TypeError:
        raise TypeError(
            f"{function}: {argument} must be a sequence of {what}, got {value!r}; put a single one in a list"
        ) from None


def instance(function: str, argument: str, value: Any, kind: type[Kind], remedy: str) -> Kind:
    """Return `value` if it is of this kind, else raise."""
    if not isinstance(value, kind):
        raise TypeError(
            f"{function}: {argument} must be of type {kind.__name__}, got {type(value).__name__}; {remedy}"
        )
    return value


def float_dtype(function: str, value: Any, *names: str) -> np.dtype[Any]:
    """Return `value` as the floating dtype that it names, one of `names`."""
    try:
        dtype: np.dtype[Any] = np.dtype(value)
    except TypeError:
        dtype = np.dtype(object)
    if dtype.name not in names:
        raise ValueError(
            f"{function}: dtype must be {' or '.join(names)}, got {value!r}; pass for example np.{names[-1]}"
        )
    return dtype


def routine(function: str, argument: str, value: Any, remedy: str) -> Any:
    """Return `value` if it can be called, else raise."""
    if not callable(value):
        raise TypeError(f"{function}: {argument} must be a function, got {value!r}; {remedy}")
    return value


def generator(function: str, rng: Any, purpose: str) -> np.random.Generator:
    """Return `rng` if it is a NumPy generator, else raise."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"{function}: rng must be a numpy.random.Generator {purpose}, got {rng!r}; "
            "pass rng=np.random.default_rng(0)"
        )
    return rng


def count(function: str, argument: str, value: Any, minimum: int) -> int:
    """Return `value` as an int of at least `minimum`."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(
            f"{function}: {argument} must be a whole number, got {value!r}; pass an int of at least {minimum}"
        ) from None
    if number < minimum:
        raise ValueError(
            f"{function}: {argument} must be at least {minimum}, got {value!r}; pass a larger number"
        )
    return number


def is_number(value: Any) -> bool:
    """Tell a single real number from everything else; a text that reads like one is none."""
    return not isinstance(value, (str, bytes)) and hasattr(value, "__float__") and np.ndim(value) == 0


def number(
    function: str, argument: str, value: Any, low: float, high: float, *, low_allowed: bool = False
) -> float:
    """Return `value` as a finite float above `low` (or equal to it, when `low_allowed`) and below `high`."""
    limits = [f"{'at least' if low_allowed else 'above'} {low:g}"] if math.isfinite(low) else []
    limits += [f"below {high:g}"] if math.isfinite(high) else []
    bounds = " and ".join(limits) or "finite"
    if not is_number(value):
        raise TypeError(f"{function}: {argument} must be a number, got {value!r}; pass one that is {bounds}")
    result = float(value)
    if not (low < result < high or (low_allowed and result == low)):
        raise ValueError(
            f"{function}: {argument} must be {bounds}, got {value!r}; pass a finite number"
            + (f" {bounds}" if limits else "")
        )
    return result


def lookup(function: str, kind: str, name: Any, entries: Mapping[str, Entry]) -> Entry:
    """Return the entry called `name`; otherwise raise, with the nearest name."""
    if not isinstance(name, str):
        raise TypeError(
            f"{function}: {kind} must be given by name, got {name!r}; choose from {', '.join(entries)}"
        )
    if name not in entries:
        near = difflib.get_close_matches(name, entries, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}? Choose from " if near else "choose from "
        raise ValueError(f"{function}: unknown name {name!r}; {hint}{', '.join(entries)}")
    return entries[name]
