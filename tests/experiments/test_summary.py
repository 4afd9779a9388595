"""Results over seeds are written with their spread."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from activations.experiments.summary import (
    binomial_interval,
    bootstrap_interval,
    median_range,
    share_interval,
    significant,
    statistic_interval,
)


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
    with pytest.raises(
        ValueError, match=r"median_range: (there must be finite numbers|values must not be empty)"
    ):
        median_range(values)


@pytest.mark.parametrize(
    ("hits", "trials"), [(0, 500), (3, 500), (88, 100), (100, 100), (17_494, 20_000), (1, 1)]
)
def test_the_interval_of_a_share_is_wilsons(hits, trials):
    oracle = stats.binomtest(hits, trials).proportion_ci(0.95, method="wilson")
    # 1.96 with six digits.
    assert binomial_interval(hits, trials) == pytest.approx((oracle.low, oracle.high), abs=1e-7)


def test_a_share_is_written_with_its_interval():
    assert share_interval(np.arange(500) < 0) == "0.00 [0.00, 0.01]"
    assert share_interval([True] * 27 + [False] * 73, 1) == "0.3 [0.2, 0.4]"


@pytest.mark.parametrize(("hits", "trials"), [(-1, 5), (6, 5), (0, 0)])
def test_counts_that_do_not_fit_have_no_interval(hits, trials):
    with pytest.raises(ValueError, match=r"binomial_interval: hits must (lie between 0 and|be at least 0)"):
        binomial_interval(hits, trials)


def test_no_trial_has_no_share():
    with pytest.raises(ValueError, match="share_interval: there must be a trial"):
        share_interval([])


def test_the_bootstrap_finds_the_error_of_a_mean():
    runs = np.random.default_rng(0).standard_normal(400)
    low, high = bootstrap_interval(runs, np.mean)
    error = runs.std() / np.sqrt(400)
    # Of 2000 resamples the ends are known to a few per cent.
    assert (low, high) == pytest.approx(runs.mean() + np.array([-1.96, 1.96]) * error, abs=0.15 * error)
    assert statistic_interval(runs, np.mean, 3) == f"{runs.mean():.3f} [{low:.3f}, {high:.3f}]"


def test_one_run_has_no_interval():
    with pytest.raises(ValueError, match="bootstrap_interval: there must be two runs"):
        bootstrap_interval([1.0], np.mean)


def test_one_digit_needs_no_point():
    assert [significant(number, 1) for number in (6.1e-8, 17.0, 0.44)] == ["6e-08", "20", "0.4"]
