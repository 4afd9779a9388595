"""Counting errors as the threshold moves, and what a moved threshold does on real data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activations.experiments.thresholds import (
    break_even_threshold,
    measure_splits,
    reliability,
    sweep_thresholds,
)
from activations.training import confusion_matrix, precision_recall, roc_curve

GRID = np.linspace(0.0, 1.0, 21)


@pytest.fixture(scope="module")
def splits():
    return measure_splits(seeds=range(20))


def labelled_scores():
    pairs = st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=2, max_size=30)
    return pairs.filter(lambda pairs: 0 < sum(label for label, _ in pairs) < len(pairs))


@given(labelled_scores(), st.floats(0, 1))
def test_counts_are_those_of_the_confusion_matrix(pairs, threshold):
    labels, scores = (np.array(column) for column in zip(*pairs, strict=True))
    sweep = sweep_thresholds(labels, scores, [threshold])
    matrix = confusion_matrix(labels, (scores > threshold).astype(int), 2)
    assert sweep.missed[0] == matrix[1, 0]
    assert sweep.false_alarms[0] == matrix[0, 1]
    assert (sweep.n_negative, sweep.n_positive) == tuple(matrix.sum(axis=1))
    expected = precision_recall(labels, scores > threshold)
    np.testing.assert_array_equal(sweep.precision[0], expected.precision)
    # 1 − missed/n and hits/n round differently in the last place.
    assert sweep.recall[0] == pytest.approx(expected.recall, abs=1e-15)


@given(labelled_scores())
def test_a_higher_threshold_never_finds_more(pairs):
    labels, scores = zip(*pairs, strict=True)
    sweep = sweep_thresholds(labels, scores, GRID)
    assert (np.diff(sweep.missed) >= 0).all()
    assert (np.diff(sweep.false_alarms) <= 0).all()


def test_the_sweep_walks_along_the_roc_curve():
    rng = np.random.default_rng(0)
    labels, scores = rng.integers(0, 2, 200), rng.random(200)
    curve = roc_curve(labels, scores)
    # The curve answers 1 at a score equal to its threshold, the sweep only above: step just below.
    sweep = sweep_thresholds(labels, scores, np.nextafter(curve.thresholds[1:], -np.inf))
    np.testing.assert_allclose(sweep.recall, curve.true_positive_rate[1:], atol=1e-15)
    np.testing.assert_allclose(sweep.false_alarm_rate, curve.false_positive_rate[1:], atol=1e-15)


def test_precision_is_nan_where_nothing_is_called_one():
    assert np.isnan(sweep_thresholds([0, 1], [0.2, 0.7], [0.9]).precision).all()


def test_cost_counts_each_error_at_its_price():
    sweep = sweep_thresholds([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9], [0.0, 0.3, 0.5, 0.7])
    np.testing.assert_array_equal(sweep.cost(missed=10, false_alarm=1), [2, 1, 11, 10])
    assert sweep.cheapest(missed=10, false_alarm=1) == 0.3
    assert sweep.cheapest(missed=0, false_alarm=1) == 0.7


def test_of_several_cheapest_thresholds_the_middle_one_is_taken():
    sweep = sweep_thresholds([0, 1], [0.1, 0.9], [0.0, 0.2, 0.4, 0.6, 1.0])
    assert sweep.cheapest(missed=1, false_alarm=1) == 0.4


@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_yes_and_no_cost_the_same_at_the_break_even_threshold(missed, false_alarm):
    p = break_even_threshold(missed=missed, false_alarm=false_alarm)
    assert p * missed == pytest.approx((1 - p) * false_alarm, rel=1e-9)


def test_break_even_is_the_cheapest_threshold_of_right_probabilities():
    # 200 000 examples whose probabilities are right by construction; the cost is flat near its minimum,
    # so the grid's best may sit a step of 0.05 off.
    rng = np.random.default_rng(0)
    p = rng.random(200_000)
    sweep = sweep_thresholds(rng.random(p.size) < p, p, GRID)
    for missed in (1, 3, 9):
        assert sweep.cheapest(missed=missed, false_alarm=1) == pytest.approx(
            break_even_threshold(missed=missed, false_alarm=1), abs=0.051
        )


@pytest.mark.parametrize(("missed", "false_alarm"), [(-1, 1), (1, -1), (0, 0), (np.inf, 1), (np.nan, 1)])
def test_prices_must_be_prices(missed, false_alarm):
    with pytest.raises(ValueError, match="break_even_threshold: prices must be"):
        break_even_threshold(missed=missed, false_alarm=false_alarm)
    with pytest.raises(ValueError, match=r"ThresholdSweep\.cost: prices must be"):
        sweep_thresholds([0, 1], [0, 1], [0.5]).cost(missed=missed, false_alarm=false_alarm)


def test_right_probabilities_lie_on_the_diagonal():
    rng = np.random.default_rng(0)
    p = rng.random(100_000)
    bins = reliability(rng.random(p.size) < p, p, edges=np.linspace(0, 1, 11))
    assert bins.count.sum() == p.size
    # A share of 10 000 has a standard deviation of at most 0.005; four of them.
    np.testing.assert_allclose(bins.observed, bins.predicted, atol=0.02)


def test_an_empty_bin_is_nan_and_the_limits_count():
    bins = reliability([0, 1, 1, 1], [0.0, 0.5, 0.5, 1.0], edges=[0, 0.25, 0.5, 1])
    np.testing.assert_array_equal(bins.count, [1, 0, 3])
    np.testing.assert_array_equal(bins.observed, [0, np.nan, 1])


@pytest.mark.parametrize("edges", [[0, 1, 0.5], [0.1, 1], [0, 0.9], [0], [0, 0.5, 0.5, 1], [[0, 1]]])
def test_bins_must_cover_the_unit_interval(edges):
    with pytest.raises(ValueError, match="edges must increase from 0 to 1"):
        reliability([0, 1], [0.2, 0.7], edges=edges)


def test_logits_are_no_probabilities():
    with pytest.raises(ValueError, match="apply sigmoid to the logits first"):
        reliability([0, 1], [-2.0, 3.0], edges=[0, 1])


@pytest.mark.parametrize(
    ("labels", "scores", "message"),
    [
        ([0, 1], [0.5], "the same length"),
        ([], [], "y_true must not be empty"),
        ([[0], [1]], [0.1, 0.2], "the same length"),
        ([0, 2], [0.1, 0.2], "got 2; compare one class"),
        ([0, 1], [0.1, np.nan], "scores must be finite, got nan"),
        ([1, 1], [0.1, 0.2], "both labels, got only 1"),
        ([0, 0], [0.1, 0.2], "both labels, got only 0"),
    ],
)
def test_bad_labels_and_scores_are_named(labels, scores, message):
    with pytest.raises(ValueError, match=f"sweep_thresholds: .*{message}"):
        sweep_thresholds(labels, scores, [0.5])


def test_splits_are_reproducible_and_different():
    once, twice = measure_splits(seeds=[3, 4]), measure_splits(seeds=[3, 4])
    np.testing.assert_array_equal(once.test, twice.test)
    assert once.test.shape == once.y_test.shape == (2, 142)
    assert once.validation.shape == once.y_validation.shape == (2, 142)
    assert not np.array_equal(once.test[0], once.test[1])


def test_a_lower_threshold_halves_the_price_when_misses_are_dear(splits):
    break_even = break_even_threshold(missed=10, false_alarm=1)
    costs = np.array([sweep.cost(missed=10, false_alarm=1) for sweep in splits.at([0.5, break_even])])
    # Measured: 28.2 against 17.3 on average over the 20 splits.
    assert costs[:, 1].mean() < 0.75 * costs[:, 0].mean()
    found = np.array([sweep.recall for sweep in splits.at([0.5, break_even])])
    assert (found[:, 1] >= found[:, 0]).all()


def test_a_threshold_chosen_on_few_examples_is_noisy(splits):
    chosen = splits.chosen(np.linspace(0.01, 0.99, 99), missed=10, false_alarm=1)
    assert chosen.shape == (20,)
    # Measured: from about 0.01 to 0.5. A factor of 5 between the extremes is far inside that.
    assert chosen.max() > 5 * chosen.min()


def test_each_split_may_have_its_own_threshold(splits):
    prices = {"missed": 10, "false_alarm": 1}
    at_half = [sweep.cost(**prices)[0] for sweep in splits.at([0.5])]
    np.testing.assert_array_equal(splits.cost_at(np.full(20, 0.5), **prices), at_half)
    mixed = splits.cost_at([0.0, *[0.5] * 19], **prices)
    assert mixed[0] == 89  # everything is called malignant: 89 false alarms
    np.testing.assert_array_equal(mixed[1:], at_half[1:])
    with pytest.raises(ValueError, match="shorter"):
        splits.cost_at([0.5], **prices)
