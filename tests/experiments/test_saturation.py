"""Bisection over the floating-point numbers themselves."""

from __future__ import annotations

import math

import numpy as np
import pytest

from activations.experiments.saturation import first_where
from activations.functions import sigmoid


@pytest.mark.parametrize(("dtype", "bits"), [(np.float16, 11), (np.float32, 24), (np.float64, 53)])
def test_the_first_number_without_room_for_three_quarters_more(dtype, bits):
    # From 2^bits on neighbours are 2 apart, so 3/4 is rounded away; below they are at most 1 apart.
    assert first_where(lambda x: x + dtype(0.75) == x, dtype, low=1, high=1.9 * 2.0**bits) == 2.0**bits


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_place_is_exact(dtype):
    place = dtype(first_where(lambda x: x > dtype(2.5), dtype, high=100))
    assert place == np.nextafter(dtype(2.5), dtype(100))


@pytest.mark.parametrize(("dtype", "bits"), [(np.float16, 11), (np.float32, 24), (np.float64, 53)])
def test_the_textbook_sigmoid_reaches_one_where_its_denominator_does(dtype, bits):
    place = first_where(lambda x: dtype(1) / (dtype(1) + np.exp(-x)) == 1, dtype, high=60)
    # 1 + exp(−x) rounds to 1 from exp(−x) = 2^−bits on, which is x = bits · ln 2. A rounding of x by half an
    # ULP and one of exp by an ULP or two move that place by a few units of the format's precision.
    assert place == pytest.approx(bits * math.log(2), rel=4 * float(np.finfo(dtype).eps))


@pytest.mark.parametrize(("dtype", "bits"), [(np.float16, 11), (np.float32, 24), (np.float64, 53)])
def test_the_packages_sigmoid_is_one_only_where_one_is_nearest_or_next_to_it(dtype, bits):
    x = np.linspace(1, (bits + 2) * math.log(2), 10001).astype(dtype)
    ones = x[sigmoid(x) == 1]
    assert ones.min() >= bits * math.log(2) * (1 - 4 * float(np.finfo(dtype).eps))
    assert (sigmoid(x[x > (bits + 1.1) * math.log(2)]) == 1).all()


def test_limits_must_be_in_order():
    with pytest.raises(ValueError, match="first_where: limits must obey"):
        first_where(lambda x: x > 1, low=2, high=1)
    with pytest.raises(ValueError, match="first_where: limits must obey"):
        first_where(lambda x: x > 1, low=-1, high=1)


@pytest.mark.parametrize("condition", [lambda x: True, lambda x: False, lambda x: x < 1])
def test_the_condition_must_change_from_false_to_true(condition):
    with pytest.raises(ValueError, match="first_where: the condition must be false at low"):
        first_where(condition, high=10)
