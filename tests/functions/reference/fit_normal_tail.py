"""Fit the polynomials of activations.functions._normal, and print them.

The scaled tail P(Z > t) / exp(-t²/2), times t + pole, is smooth in q = (t - pole) / (t + pole), which
maps t ≥ 0 to [-1, 1). Its Chebyshev interpolant, computed with 60 digits, is nearly the best polynomial.
The pole and the degree were chosen by trying: a small pole keeps the rounding error near t = 0 small
(there the value changes fast with q), a large one needs a lower degree.
"""

import mpmath
from mpmath import mpf


def scaled_tail(t):
    return mpmath.exp(t * t / 2) * mpmath.erfc(t / mpmath.sqrt(2)) / 2


def powers_of(q, degree):
    return [q**k for k in range(degree, -1, -1)]


@mpmath.workdps(60)
def fit(pole, end, degree):
    """Return the coefficients, highest power first, and the largest error relative to the scaled tail."""
    pole, end = mpf(pole), mpf(end)

    def in_q(q):
        t = pole * (1 + q) / (1 - q)
        return scaled_tail(t) * (t + pole)

    last = (end - pole) / (end + pole)
    angles = [mpmath.pi * (2 * i + 1) / (2 * degree + 2) for i in range(degree + 1)]
    nodes = [(last - 1) / 2 + (last + 1) / 2 * mpmath.cos(angle) for angle in angles]
    powers = mpmath.matrix([powers_of(q, degree) for q in nodes])
    coefficients = [float(c) for c in mpmath.lu_solve(powers, mpmath.matrix([in_q(q) for q in nodes]))]

    grid = [-1 + (last + 1) * mpf(i) / 400 for i in range(401)]
    error = max(
        abs(mpmath.fdot(zip(coefficients, powers_of(q, degree), strict=True)) / in_q(q) - 1) for q in grid
    )
    return coefficients, float(error)


def main():
    for name, pole, end, degree in (("FLOAT64", "4", "38.7", 21), ("FLOAT32", "3.5", "14.7", 9)):
        coefficients, error = fit(pole, end, degree)
        print(f"{name}: pole {pole}, END {end}, relative error {error:.2g}")
        print("\n".join(f"    {c!r}," for c in coefficients))


if __name__ == "__main__":
    main()
