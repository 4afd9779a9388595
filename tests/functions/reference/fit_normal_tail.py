"""Fit the polynomials of activations.functions._normal, and print them.

The scaled tail P(Z > t) / exp(-t²/2), times t + pole, is a smooth function of q = (t - pole) / (t + pole), which maps
t ≥ 0 to [-1, 1). Its Chebyshev interpolant, computed with 60 digits, is within a factor of two of the best polynomial.
The pole and the degree were chosen by trying: a small pole keeps the rounding error near t = 0 small (there the value
changes fast with q), a large one needs a lower degree.
"""

import mpmath
from mpmath import mp, mpf

mp.dps = 60


def scaled_tail(t):
    return mpmath.exp(t * t / 2) * mpmath.erfc(t / mpmath.sqrt(2)) / 2


def fit(pole, end, degree):
    """Return the coefficients, highest power first, and the largest error relative to the scaled tail."""
    pole, end = mpf(pole), mpf(end)

    def in_q(q):
        t = pole * (1 + q) / (1 - q)
        return scaled_tail(t) * (t + pole)

    last = (end - pole) / (end + pole)
    coefficients = [float(c) for c in mpmath.chebyfit(in_q, [-1, last], degree + 1)]
    grid = [-1 + (last + 1) * mpf(i) / 400 for i in range(401)]
    error = max(abs(mpmath.polyval([mpf(c) for c in coefficients], q) / in_q(q) - 1) for q in grid)
    return coefficients, float(error)


def main():
    for name, pole, end, degree in (("FLOAT64", "4", "38.7", 21), ("FLOAT32", "3.5", "14.4", 9)):
        coefficients, error = fit(pole, end, degree)
        print(f"{name}: pole {pole}, END {end}, relative error {error:.2g}")
        print("\n".join(f"    {c!r}," for c in coefficients))


if __name__ == "__main__":
    main()
