"""The normal distribution's tail against mpmath, and its coefficients against the script that fits them."""

import importlib.util
from pathlib import Path

import mpmath
import numpy as np
import oracle
import pytest
from mpmath import mpf

from activations.functions import _normal

SCRIPT = Path(__file__).parent / "reference" / "fit_normal_tail.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("fit_normal_tail", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("dtype", "degree", "error"), [(np.float64, 21, 3.4e-16), (np.float32, 9, 1.9e-8)])
def test_coefficients_are_those_of_the_script(script, dtype, degree, error):
    dtype = np.dtype(dtype)
    coefficients, largest = script.fit(_normal._POLE[dtype], str(_normal.END[dtype]), degree)
    assert largest < error
    # The fit is computed with 60 digits; the last place is left to other versions of mpmath.
    assert _normal._COEFFICIENTS[dtype] == pytest.approx(coefficients, rel=1e-12)


def error_in_ulp(y, exact, dtype):
    value, rest = oracle.rounded(exact, dtype)
    return oracle.ulp_error(y, value, rest)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_bell_and_tail(dtype):
    t = np.linspace(0, 37 if dtype is np.float64 else 13, 700).astype(dtype)
    bell, root, tail = _normal.bell(t), _normal.bell_root(t), _normal.scaled_tail(t)
    # exp itself is off by up to 0.8 ULP, in float32 by 2; the tail sums a polynomial of degree 21 (9).
    limits = (1.5, 6) if dtype is np.float64 else (3, 5)
    for i, v in enumerate(t):
        exact = mpf(float(v))
        assert error_in_ulp(bell[i], mpmath.exp(-(exact**2) / 2), dtype) < limits[0]
        assert error_in_ulp(root[i], mpmath.exp(-(exact**2) / 4), dtype) < limits[0]
        scaled = mpmath.erfc(exact / mpmath.sqrt(2)) / 2 * mpmath.exp(exact**2 / 2)
        assert error_in_ulp(tail[i], scaled, dtype) < limits[1]


def test_bell_without_the_correction_would_lose_hundreds_of_units():
    t = np.linspace(30, 37, 100)
    naive = np.exp(-0.5 * t * t)
    worst = max(
        error_in_ulp(y, mpmath.exp(-(mpf(v) ** 2) / 2), np.float64) for y, v in zip(naive, t, strict=True)
    )
    assert worst > 100


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_tail_underflows_at_the_end(dtype):
    end = np.array([_normal.END[np.dtype(dtype)]], dtype)
    assert end * _normal.scaled_tail(end) * _normal.bell(end) == 0
    assert end * _normal.bell_root(end) * _normal.bell_root(end) == 0
