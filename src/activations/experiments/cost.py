"""What it costs to compute an activation function."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from activations.functions import get_activation
from activations.training._checks import count, routine, sequence

__all__ = ["compare", "measure_cost", "time_in_turns"]


def measure_cost(
    names: Iterable[str], *, size: int = 100_000, repeats: int = 30, derivative: bool = False
) -> Mapping[str, NDArray[np.floating[Any]]]:
    """Time activation functions on one array, in one run, in turns.

    Only ratios of these numbers mean anything beyond this machine. Taking turns spreads a slow moment of the
    machine over all functions, and a result array that is there already (``out=``) keeps the time for new
    memory out of the account.

    Parameters
    ----------
    names : iterable of str
        Names of elementwise activations.
    size : int, default 100 000
        Standard normal numbers in the array, float64.
    repeats : int, default 30
        Timings of each function, after one unmeasured call.
    derivative : bool, default False
        Time the derivatives instead.

    Returns
    -------
    mapping of str to ndarray, shape (repeats,)
        Nanoseconds an element.

    Raises
    ------
    ValueError
        If a name is unknown, or a number is below 1.

    Examples
    --------
    >>> cost = measure_cost(["relu", "sigmoid"], repeats=5)
    >>> bool(cost["relu"].min() < cost["sigmoid"].min())
    True
    """
    size, repeats = count("measure_cost", "size", size, 1), count("measure_cost", "repeats", repeats, 1)
    activations = [get_activation(name) for name in sequence("measure_cost", "names", names, "names")]
    x = np.random.default_rng(0).standard_normal(size)
    out = np.empty_like(x)
    functions = {act.name: act.derivative if derivative else act.function for act in activations}
    calls = {name: partial(function, x, out=out) for name, function in functions.items()}
    return {name: 1e9 * times / size for name, times in time_in_turns(calls, repeats=repeats).items()}


def time_in_turns(
    calls: Mapping[str, Callable[[], object]], *, repeats: int = 30
) -> dict[str, NDArray[np.floating[Any]]]:
    """Time several calls, each once in every round, so that a slow moment of the machine falls on all.

    Parameters
    ----------
    calls : mapping of str to callable
        What to call, without arguments, by name.
    repeats : int, default 30
        Timings of each, after one unmeasured call.

    Returns
    -------
    dict of str to ndarray, shape (repeats,)
        Seconds.

    Raises
    ------
    ValueError
        If `repeats` is below 1.

    Examples
    --------
    >>> seconds = time_in_turns({"sum": lambda: sum(range(99)), "nothing": lambda: None}, repeats=5)
    >>> seconds["sum"].shape
    (5,)
    """
    repeats = count("time_in_turns", "repeats", repeats, 1)
    if not isinstance(calls, Mapping):
        raise TypeError(
            f"time_in_turns: calls must map names to functions, got {calls!r}; for example {{'f': f}}"
        )
    for call in calls.values():
        call()
    seconds: dict[str, NDArray[np.floating[Any]]] = {name: np.empty(repeats) for name in calls}
    for turn in range(repeats):
        for name, call in calls.items():
            seconds[name][turn] = _seconds(call)
    return seconds


def compare(
    first: Callable[[NDArray[Any]], object],
    second: Callable[[NDArray[Any]], object],
    *,
    sizes: Iterable[int],
    repeats: int = 15,
) -> NDArray[np.floating[Any]]:
    """Time two functions in turns, each making its own result, and return how much longer the first takes.

    Parameters
    ----------
    first, second : callable
        Functions of one float64 array.
    sizes : iterable of int
        Numbers in the array, standard normal.
    repeats : int, default 15
        Pairs of timings for each size, after one unmeasured pair.

    Returns
    -------
    ndarray, shape (n_sizes, repeats)
        Time of the first divided by that of the second.

    Raises
    ------
    ValueError
        If a number is below 1.

    Examples
    --------
    >>> compare(np.exp, np.exp, sizes=[100, 1000], repeats=3).shape
    (2, 3)
    """
    remedy = "pass one that takes an array"
    first, second = routine("compare", "first", first, remedy), routine("compare", "second", second, remedy)
    sizes = [
        count("compare", "each of sizes", size, 1)
        for size in sequence("compare", "sizes", sizes, "whole numbers")
    ]
    if not sizes:
        raise ValueError("compare: sizes must not be empty, got []; pass for example [1000, 100_000]")
    repeats = count("compare", "repeats", repeats, 1)
    ratios = np.empty((len(sizes), repeats))
    for row, size in zip(ratios, sizes, strict=True):
        x = np.random.default_rng(0).standard_normal(size)
        seconds = time_in_turns({"first": partial(first, x), "second": partial(second, x)}, repeats=repeats)
        row[:] = seconds["first"] / seconds["second"]
    return ratios


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
