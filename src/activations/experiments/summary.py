"""How results over seeds are written: never without their spread."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["median_range", "significant"]


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
    numbers = np.asarray(values, dtype=np.float64).reshape(-1)
    if not numbers.size or not np.isfinite(numbers).all():
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

    Examples
    --------
    >>> significant(0.8963), significant(812.0), significant(2.34e-5), significant(2.7e9)
    ('0.90', '810', '2.3e-05', '2.7e+09')
    """
    # The zero of 0.90 is kept, as it says that two digits were measured; the point of "17." is not.
    text = f"{number:#.{digits}g}".removesuffix(".")
    # From a power of ten with at most four zeros, zeros read better: 810, not 8.1e+02.
    return f"{float(text):.0f}" if "e+" in text and abs(float(text)) < 1e5 else text
