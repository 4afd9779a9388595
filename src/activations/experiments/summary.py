"""How results over seeds are written: never without their spread."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["median_range"]


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
    """
    numbers = np.asarray(values, dtype=np.float64).reshape(-1)
    if not numbers.size or not np.isfinite(numbers).all():
        raise ValueError(
            f"median_range: there must be finite numbers only, got {numbers.tolist()}; "
            "leave out runs that diverged, and say so"
        )
    median, low, high = (
        _text(number, digits) for number in (np.median(numbers), numbers.min(), numbers.max())
    )
    return f"{median} [{low}, {high}]"


def _text(number: float, digits: int) -> str:
    # Keeps the zero of 0.90, which says that two digits were measured; drops the point of "17.".
    return f"{number:#.{digits}g}".removesuffix(".")
