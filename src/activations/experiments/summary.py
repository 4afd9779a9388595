"""How results over seeds are written: never without their spread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from activations.training._checks import count, is_number, numeric_array, routine

__all__ = [
    "binomial_interval",
    "bootstrap_interval",
    "median_range",
    "share_interval",
    "significant",
    "statistic_interval",
]


def median_range(values: ArrayLike, digits: int = 2) -> str:
    """Write the median of several runs, and the smallest and the largest in brackets.

    Parameters
    ----------
    values : array_like, shape (n_seeds,)
        One number a run, finite.
    digits : int, default 2
        Significant digits.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If there is no number, or one is not finite.

    Examples
    --------
    >>> median_range([0.25, 0.31, 0.2849])
    '0.28 [0.25, 0.31]'
    >>> median_range([2.1e-6, 1.84e-6, 2.4e-6])
    '2.1e-06 [1.8e-06, 2.4e-06]'
    >>> median_range([812.0, 592.0, 1180.0])
    '810 [590, 1200]'
    """
    numbers = numeric_array("median_range", "values", values, np.float64).reshape(-1)
    if not np.isfinite(numbers).all():
        raise ValueError(
            f"median_range: there must be finite numbers only, got {numbers.tolist()}; "
            "leave out runs that diverged, and say so"
        )
    median, low, high = (
        significant(number, digits) for number in (np.median(numbers), numbers.min(), numbers.max())
    )
    return f"{median} [{low}, {high}]"


def significant(number: float, digits: int = 2) -> str:
    """Write a number with so many significant digits, and a power of ten only where it saves many zeros.

    Parameters
    ----------
    number : float
    digits : int, default 2
        Significant digits.

    Returns
    -------
    str

    Raises
    ------
    ValueError, TypeError
        If `number` is no number, or `digits` no whole number of at least 1.

    Examples
    --------
    >>> significant(0.8963), significant(812.0), significant(2.34e-5), significant(2.7e9)
    ('0.90', '810', '2.3e-05', '2.7e+09')
    """
    digits = count("significant", "digits", digits, 1)
    if not is_number(number):
        raise TypeError(f"significant: number must be a number, got {number!r}; pass one at a time")
    # The zero of 0.90 is kept, as it says that two digits were measured; the point of "17." is not.
    text = f"{number:#.{digits}g}".removesuffix(".").replace(".e", "e")
    # From a power of ten with at most four zeros, zeros read better: 810, not 8.1e+02.
    return f"{float(text):.0f}" if "e+" in text and abs(float(text)) < 1e5 else text


def binomial_interval(hits: int, trials: int) -> tuple[float, float]:
    r"""Return the 95 % interval of a probability that was estimated by counting.

    It holds the probabilities :math:`p` from which the counted share lies no further away than 1.96 of its
    standard errors, :math:`\sqrt{p (1-p) / n}`. Unlike an interval around the share it never leaves [0, 1],
    and says something after no hit, too.

    Parameters
    ----------
    hits : int
        How often it happened, from 0 to `trials`.
    trials : int
        How often it could have, at least 1.

    Returns
    -------
    low, high : float

    Raises
    ------
    ValueError
        If the numbers do not fit together.

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.

    Examples
    --------
    >>> low, high = binomial_interval(88, 100)
    >>> print(f"{low:.2f} {high:.2f}")
    0.80 0.93
    """
    hits, trials = (
        count("binomial_interval", "hits", hits, 0),
        count("binomial_interval", "trials", trials, 0),
    )
    if hits > trials or trials < 1:
        raise ValueError(
            f"binomial_interval: hits must lie between 0 and trials, and trials be at least 1, got {hits} of "
            f"{trials}; pass the count first"
        )
    z = 1.959964  # 97.5 % of a normal distribution lie below
    share = hits / trials
    middle = share + z**2 / (2 * trials)
    reach = z * np.sqrt(share * (1 - share) / trials + (z / (2 * trials)) ** 2)
    low, high = (middle - reach) / (1 + z**2 / trials), (middle + reach) / (1 + z**2 / trials)
    # The ends are exact where rounding would miss them.
    return (0.0 if hits == 0 else float(low)), (1.0 if hits == trials else float(high))


def share_interval(happened: ArrayLike, decimals: int = 2) -> str:
    """Write the share of trials in which something happened, and its 95 % interval in brackets.

    Parameters
    ----------
    happened : array_like of bool, shape (n_trials,)
    decimals : int, default 2
        Digits after the point.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If there is no trial.

    Examples
    --------
    >>> share_interval([True] * 88 + [False] * 12)
    '0.88 [0.80, 0.93]'
    """
    decimals = count("share_interval", "decimals", decimals, 0)
    trials = np.asarray(happened).reshape(-1)
    if trials.size and trials.dtype.kind not in "biuf":
        raise TypeError(
            f"share_interval: happened must hold truths, got dtype {trials.dtype}; pass a comparison"
        )
    trials = trials.astype(bool)
    if not trials.size:
        raise ValueError("share_interval: there must be a trial at least, got none; pass a result for each")
    low, high = binomial_interval(int(trials.sum()), trials.size)
    return f"{trials.mean():.{decimals}f} [{low:.{decimals}f}, {high:.{decimals}f}]"


def bootstrap_interval(
    values: ArrayLike, statistic: Callable[..., Any], *, resamples: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % interval of a statistic of independent runs, by drawing the runs again and again.

    Each resample picks as many runs as there are, some twice and some not at all. The interval holds the
    middle 95 % of the statistics of the resamples.

    Parameters
    ----------
    values : array_like, shape (n_runs,)
    statistic : callable
        Of NumPy's kind: takes an array and ``axis``, such as ``np.std``.
    resamples : int, default 2000
    seed : int, default 0

    Returns
    -------
    low, high : float

    Raises
    ------
    ValueError
        If there are fewer than two runs.

    References
    ----------
    B. Efron, "Bootstrap methods: another look at the jackknife", 1979.

    Examples
    --------
    >>> low, high = bootstrap_interval(np.arange(200.0), np.mean)
    >>> bool(low < 99.5 < high)
    True
    """
    runs: NDArray[np.floating[Any]] = numeric_array(
        "bootstrap_interval", "values", values, np.float64
    ).reshape(-1)
    routine("bootstrap_interval", "statistic", statistic, "pass one such as np.median")
    resamples = count("bootstrap_interval", "resamples", resamples, 1)
    seed = count("bootstrap_interval", "seed", seed, 0)
    if runs.size < 2:
        raise ValueError(
            f"bootstrap_interval: there must be two runs at least, got {runs.size}; one run has no spread"
        )
    draws = np.random.default_rng(seed).integers(0, runs.size, (resamples, runs.size))
    low, high = np.quantile(statistic(runs[draws], axis=1), (0.025, 0.975))
    return float(low), float(high)


def statistic_interval(values: ArrayLike, statistic: Callable[..., Any], decimals: int = 2) -> str:
    """Write a statistic of several runs, and its 95 % interval in brackets.

    Parameters
    ----------
    values : array_like, shape (n_runs,)
    statistic : callable
        As `bootstrap_interval` takes it.
    decimals : int, default 2
        Digits after the point.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If there are fewer than two runs.

    Examples
    --------
    >>> statistic_interval(np.arange(200.0), np.std, decimals=0)
    '58 [54, 61]'
    """
    decimals = count("statistic_interval", "decimals", decimals, 0)
    low, high = bootstrap_interval(values, statistic)
    return f"{statistic(np.asarray(values)):.{decimals}f} [{low:.{decimals}f}, {high:.{decimals}f}]"
