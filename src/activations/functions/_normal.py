"""The normal distribution's density and tail, to a few units in the last place: what GELU is made of.

The tail is computed as ``P(Z > t) = exp(-t**2 / 2) * scaled_tail(t)`` for t ≥ 0. The scaled tail (half the
scaled complementary error function of t/√2) falls only like 1/t, so a polynomial can follow it to the end of
the floating-point range, where ``1 - erf`` has long lost every digit.
"""

import numpy as np

from ._blocks import FLOAT32, FLOAT64, Array

END = {FLOAT64: 38.7, FLOAT32: 14.7}
"""From here on the tail underflows to zero: a larger argument must be clipped to this one."""

# (t + pole) * scaled_tail(t) as a polynomial in q = (t - pole) / (t + pole), highest power first, after
# Shepherd & Laframboise (1981). tests/functions/reference/fit_normal_tail.py fits it on 0 ≤ t ≤ END, with a
# relative error of at most 3.3e-16 in float64 and 1.8e-8 in float32.
_POLE = {FLOAT64: 4.0, FLOAT32: 3.5}
_COEFFICIENTS = {
    FLOAT64: (
        2.2159914115642666e-09,
        1.1824867801765603e-08,
        7.2542506289537315e-09,
        -7.561985773234818e-08,
        -1.4353282787618536e-07,
        2.656018419459871e-07,
        1.0109973446429927e-06,
        -6.278518674452254e-07,
        -5.9144508760715565e-06,
        7.166578424007497e-07,
        3.5142761359701565e-05,
        -1.908427277888032e-06,
        -0.00023109453217586218,
        0.00013334436471554742,
        0.0016308184069167388,
        -0.0034796923744888353,
        -0.0075401889632138504,
        0.06039657489137699,
        -0.18652185795976964,
        0.3871374007422045,
        -0.6078966419718911,
        0.7552851304157515,
    ),
    FLOAT32: (
        0.00012237716715438,
        0.00043993868293455766,
        -0.0004996470953652311,
        -0.003190557645732885,
        0.006492440986102134,
        0.017410577428004066,
        -0.11605271077073621,
        0.3154246620693183,
        -0.5655617611733186,
        0.7444160798515911,
    ),
}
_SPLITTER = {FLOAT64: 2.0**27 + 1, FLOAT32: 2.0**12 + 1}


def bell(t: Array) -> Array:
    """Return exp(-t²/2) to about one unit in the last place, also where t² is large."""
    square, lost = _square(t)
    e = np.exp(-0.5 * square)
    return e - e * (0.5 * lost)


def bell_root(t: Array) -> Array:
    """Return exp(-t²/4), for a product with exp(-t²/2) that is a normal number where exp(-t²/2) is not."""
    square, lost = _square(t)
    e = np.exp(-0.25 * square)
    return e - e * (0.25 * lost)


def _square(t: Array) -> tuple[Array, Array]:
    """Return t², rounded, and what that rounding lost.

    The loss is up to half a unit of t², which exp turns into a relative error of that absolute size: hundreds
    of units at t = 38. Dekker's splitting t = head + rest (1971) recovers it.
    """
    scaled = t * _SPLITTER[t.dtype]
    head = scaled - (scaled - t)
    square = t * t
    return square, (head * head - square) + (t - head) * (t + head)


def scaled_tail(t: Array) -> Array:
    """Return P(Z > t) / exp(-t²/2) for a standard normal Z and 0 ≤ t ≤ END."""
    pole = _POLE[t.dtype]
    inverse = 1 / (t + pole)
    q = (t - pole) * inverse
    first, *others = _COEFFICIENTS[t.dtype]
    value = np.full_like(q, first)
    for coefficient in others:
        value *= q
        value += coefficient
    return value * inverse
