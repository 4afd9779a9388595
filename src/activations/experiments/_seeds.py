"""What experiments do with seeds, and scans with learning rates: check them, and show how far the work is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import numpy as np

from activations.training._checks import count, number, sequence
from activations.training._progress import progress, progress_bar

Result = TypeVar("Result")


def checked_seeds(function: str, seeds: Iterable[int]) -> list[int]:
    """Return the seeds as a list of one at least, or raise naming the function."""
    checked = [
        count(function, "each of seeds", seed, 0)
        for seed in sequence(function, "seeds", seeds, "whole numbers")
    ]
    if not checked:
        raise ValueError(f"{function}: seeds must not be empty, got (); pass for example range(20)")
    return checked


def each_seed(function: str, seeds: Iterable[int]) -> Iterator[int]:
    """Return the seeds one after the other, under a progress bar if it takes long."""
    return progress(checked_seeds(function, seeds), function, "seed")


def generators(function: str, seeds: Iterable[int]) -> list[np.random.Generator]:
    """Return a generator for each seed."""
    return [np.random.default_rng(seed) for seed in checked_seeds(function, seeds)]


def at_each_rate(
    function: str, learning_rates: Iterable[float], measure: Callable[[float], Result]
) -> list[Result]:
    """Return what is measured at each learning rate; one bar counts the rates, in place of one for each."""
    rates = [
        number(function, "each of learning_rates", rate, 0, np.inf)
        for rate in sequence(function, "learning_rates", learning_rates, "numbers")
    ]
    results = []
    with progress_bar(len(rates), function, "rate") as bar:
        for rate in rates:
            results.append(measure(rate))
            bar.update()
    return results
