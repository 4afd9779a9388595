"""The exact references of the chapter on accuracy, and the errors that it counts with them."""

from __future__ import annotations

from decimal import Decimal

import mpmath
import numpy as np
import pytest

import activations as act
from activations.experiments.precision import EXACT, exact_logsumexp, ulp_errors, worst_error

POINTS = [-700.0, -40.5, -1.0, -1e-9, 0.0, 0.3, 19.5, 36.9, 700.0]
ORACLE = {
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "sigmoid_derivative": lambda x: mpmath.exp(-x) / (1 + mpmath.exp(-x)) ** 2,
    "log_sigmoid": lambda x: -mpmath.log1p(mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "tanh_derivative": lambda x: mpmath.sech(x) ** 2,
}


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("x", POINTS)
def test_decimal_references_agree_with_mpmath(name: str, x: float) -> None:
    with mpmath.workdps(60):
        expected = ORACLE[name](mpmath.mpf(x))
        assert abs(mpmath.mpf(str(EXACT[name](Decimal(x)))) / expected - 1) < 1e-40


@pytest.mark.parametrize("name", EXACT)
def test_the_package_is_within_four_units(name: str) -> None:
    x = np.concatenate([np.linspace(-40, 40, 801), [-700.0, -100.0, 100.0, 700.0]])
    assert worst_error(getattr(act, name), name, x).ulp <= 4


def test_a_bad_formula_is_found_out() -> None:
    x = np.linspace(-40, 40, 801)
    naive = worst_error(lambda z: act.sigmoid(z) * (1 - act.sigmoid(z)), "sigmoid_derivative", x)
    assert naive.ulp > 1e15
    assert naive.at > 36
    assert worst_error(lambda z: z * np.nan, "sigmoid", x).ulp == np.inf


def test_logsumexp_reference() -> None:
    with mpmath.workdps(60):
        expected = 1000 + mpmath.log(2)
        assert abs(mpmath.mpf(str(exact_logsumexp([1000.0, 1000.0]))) - expected) < 1e-50
    z = np.array([0.0, -50.0, -60.0])
    assert ulp_errors([act.logsumexp(z)], [exact_logsumexp(z)])[0] <= 3


def test_errors_name_the_remedy() -> None:
    with pytest.raises(ValueError, match=r"ulp_errors: .* got 2 and 1; give one exact result"):
        ulp_errors([1.0, 2.0], [Decimal(1)])
    with pytest.raises(ValueError, match=r"worst_error: unknown name 'hardmax'; .*hoose from sigmoid"):
        worst_error(act.sigmoid, "hardmax", [0.0])
