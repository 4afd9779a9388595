"""Where floating-point numbers run out: the first number at which something becomes true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from activations.training._checks import float_dtype, number, routine

__all__ = ["first_where"]


def first_where(
    condition: Callable[[Any], Any], dtype: DTypeLike = np.float64, *, low: float = 0.0, high: float = 1000.0
) -> float:
    """Return the smallest floating-point number between two limits at which a condition holds.

    The condition must be false at `low`, true at `high`, and change once between them; then a bisection over
    the format's own numbers finds the exact place in at most 64 steps.

    Parameters
    ----------
    condition : callable
        Takes a NumPy scalar of `dtype` and returns something true or false.
    dtype : dtype, default float64
        float16, float32 or float64.
    low, high : float, defaults 0 and 1000
        Where to look, 0 ≤ low < high.

    Returns
    -------
    float
        A number of the format, exactly.

    Raises
    ------
    ValueError
        If the limits are not in order, or the condition does not change from false to true between them.

    Examples
    --------
    The exponential function leaves the range of float32 here, and that of float64 there:

    >>> with np.errstate(over="ignore"):
    ...     print(round(first_where(lambda x: np.exp(x) == np.inf, np.float32), 3))
    ...     print(round(first_where(lambda x: np.exp(x) == np.inf), 3))
    88.723
    709.783
    """
    routine("first_where", "condition", condition, "pass one that takes a number")
    dtype = float_dtype("first_where", dtype, "float16", "float32", "float64")
    low = number("first_where", "low", low, -np.inf, np.inf)
    high = number("first_where", "high", high, -np.inf, np.inf)
    form: Any = dtype.type
    # Floats of one sign are ordered like the integers that share their bits, so the middle is taken there.
    bits: Any = np.dtype(f"uint{8 * dtype.itemsize}").type
    if not 0 <= low < high:
        raise ValueError(f"first_where: limits must obey 0 <= low < high, got {low} and {high}; swap them")
    if condition(form(low)) or not condition(form(high)):
        answers = f"{bool(condition(form(low)))} at {low} and {bool(condition(form(high)))} at {high}"
        raise ValueError(
            f"first_where: the condition must be false at low and true at high, got {answers}; "
            "move the limits"
        )
    below, above = int(form(low).view(bits)), int(form(high).view(bits))
    while above - below > 1:
        middle = (below + above) // 2
        if condition(bits(middle).view(form)):
            above = middle
        else:
            below = middle
    return float(bits(above).view(form))
