"""The normal distribution's density and tail, to a few units in the last place: what GELU is made of.

The tail is computed as ``P(Z > t) = exp(-t**2 / 2) * scaled_tail(t)`` for ``t >= 0``. The scaled tail (half the
scaled complementary error function of t/√2) falls only like 1/t, so a polynomial can follow it to the end of
the floating-point range, where ``1 - erf`` has long lost every digit.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_POLE = 4.5
_COEFFICIENTS = {
    # Chebyshev fits of (t + 4.5) * scaled_tail(t) in q = (t - 4.5) / (t + 4.5), highest power first, made with
    # 60 digits by tests/functions/reference/fit_normal_tail.py. For 0 <= t <= 40, error 1e-17; see Shepherd &
    # Laframboise (1981) for the choice of variable.
    np.dtype(np.float64): (
        5.029549481402443e-10,
        -7.75436960216706e-10,
        -9.740987908416163e-09,
        -2.431196983517756e-09,
        6.905411875948912e-08,
        6.023457975978009e-08,
        -3.7874066667169225e-07,
        -4.986175292216977e-07,
        2.142947963439369e-06,
        3.1892551888770846e-06,
        -1.4236046824153623e-05,
        -1.593274440504697e-05,
        0.0001120427492407976,
        6.38107588724098e-06,
        -0.0009177465089849696,
        0.001748830577848525,
        0.004223613380595137,
        -0.03387132617787402,
        0.11138259657020912,
        -0.253141799950945,
        0.44645251705567823,
        -0.6402577602526173,
        0.7632305289702032,
    ),
    # For 0 <= t <= 15, beyond which float32 underflows. Error 1.5e-9.
    np.dtype(np.float32): (
        7.960889873495056e-05,
        -3.6003039344111317e-05,
        -0.0009070170165864483,
        0.0017740755791678716,
        0.004224022627437916,
        -0.03387718189334255,
        0.11138217387314313,
        -0.25314125331911186,
        0.4464525467469266,
        -0.6402577749057501,
        0.7632305287599663,
    ),
}
_SPLITTER = {np.dtype(np.float64): 2.0**27 + 1, np.dtype(np.float32): 2.0**12 + 1}

UNDERFLOW = {np.dtype(np.float64): 40.0, np.dtype(np.float32): 15.0}
"""From here on the tail is zero: a larger argument may be clipped to this one."""


def bell(t: NDArray[Any]) -> NDArray[Any]:
    """Return exp(-t²/2), right to about one unit in the last place also where t² is large.

    Rounding t² to s loses up to half a unit of s, which exp turns into a relative error of the same absolute
    size: hundreds of units at t = 38. Dekker's splitting t = head + rest (1971) recovers that lost part exactly.
    """
    scaled = t * _SPLITTER[t.dtype]
    head = scaled - (scaled - t)
    square = t * t
    lost = (head * head - square) + (t - head) * (t + head)
    e = np.exp(-0.5 * square)
    return e - e * (0.5 * lost)


def scaled_tail(t: NDArray[Any]) -> NDArray[Any]:
    """Return P(Z > t) / exp(-t²/2) for a standard normal Z and t >= 0."""
    inverse = 1 / (t + _POLE)
    q = (t - _POLE) * inverse
    first, *others = _COEFFICIENTS[t.dtype]
    total = np.full_like(q, first)
    for coefficient in others:
        total *= q
        total += coefficient
    return total * inverse
