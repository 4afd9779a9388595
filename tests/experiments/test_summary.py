"""Results over seeds are written with their spread."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activations.experiments.summary import median_range, significant


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9), st.integers(1, 6))
def test_the_numbers_are_median_smallest_and_largest(values, digits):
    median, rest = median_range(values, digits).split(" [")
    low, high = rest.removesuffix("]").split(", ")
    for text, number in ((median, np.median(values)), (low, min(values)), (high, max(values))):
        # Rounding to so many significant digits moves a number by at most half a unit of the last of them.
        assert float(text) == pytest.approx(number, rel=0.51 * 10 ** (1 - digits), abs=1e-300)


def test_a_last_zero_is_kept():
    assert median_range([0.9, 0.896, 17.2]) == "0.90 [0.90, 17]"


@pytest.mark.parametrize(
    ("number", "text"),
    [(812.0, "810"), (-1180.0, "-1200"), (99_400.0, "99000"), (99_600.0, "1.0e+05"), (0.00034, "0.00034")],
)
def test_a_power_of_ten_stands_only_where_it_saves_many_zeros(number, text):
    assert significant(number) == text


@pytest.mark.parametrize("values", [[], [1.0, np.nan], [np.inf]])
def test_only_finite_numbers_have_a_summary(values):
    with pytest.raises(ValueError, match="median_range: there must be finite numbers only"):
        median_range(values)
