"""Input scaling and initial weights: the scalers, the ablation, and how layers stretch."""

from __future__ import annotations

import numpy as np
import pytest

from activations.experiments.scaling import SCALINGS, ablate, jacobian_singular_values, split_cars

FEW = range(3)


@pytest.mark.parametrize(("scaling", "low", "high"), [("[0, 1]", 0, 1), ("[−1, 1]", -1, 1), ("raw", 0, 5140)])
def test_training_rows_fill_their_interval(scaling, low, high):
    cars = split_cars(scaling, rng=np.random.default_rng(0))
    assert (cars.X.min(), cars.X.max()) == (low, pytest.approx(high, rel=0.1))


def test_standardized_rows_are_centred_and_all_targets_are():
    cars = split_cars("standardized", rng=np.random.default_rng(0))
    np.testing.assert_allclose(cars.X.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose([cars.y.mean(), cars.y.std()], [0, 1], atol=1e-12)
    assert 7 < cars.unit < 9


def test_scalings_share_their_split():
    targets = [split_cars(name, rng=np.random.default_rng(5)).y_held_out for name in SCALINGS]
    for other in targets[1:]:
        np.testing.assert_array_equal(targets[0], other)


def test_an_unknown_scaling_is_refused():
    with pytest.raises(ValueError, match="unknown name 'standardised'; did you mean 'standardized'"):
        split_cars("standardised", rng=np.random.default_rng(0))


def test_both_parts_are_needed():
    both = ablate("[−1, 1]", "glorot_uniform", 0.1, seeds=FEW)
    unscaled = ablate("raw", "glorot_uniform", 0.01, seeds=FEW)
    wild = ablate("[−1, 1]", "plain_normal", 0.1, seeds=range(8))
    # Measured on 20 seeds: 3.0 [2.2, 3.7], 7.9 [6.7, 8.8], 4.1 [2.7, 4.8].
    assert (both < 4).all()
    assert (unscaled > 6).all()
    assert np.median(wild) > 3.5


def test_a_run_that_diverges_counts_as_infinite_and_does_not_warn():
    assert np.isinf(ablate("raw", "plain_normal", 0.1, seeds=range(1))).all()


def test_weights_stretch_by_the_quarter_circle_law():
    normalized = jacobian_singular_values("glorot_uniform", with_slopes=False, seeds=FEW)
    standard = jacobian_singular_values("standard_uniform", with_slopes=False, seeds=FEW)
    assert normalized.shape == (3, 4)
    # The law is that of infinite width; at 128 the mean of one matrix lies within 0.01 of it.
    np.testing.assert_allclose(normalized, 8 / (3 * np.pi), atol=0.01)
    np.testing.assert_allclose(standard, 8 / (3 * np.pi) / np.sqrt(3), atol=0.01)


def test_slopes_take_their_part():
    with_slopes = jacobian_singular_values("glorot_uniform", seeds=FEW)
    bare = jacobian_singular_values("glorot_uniform", with_slopes=False, seeds=FEW)
    assert (with_slopes < bare).all()
    # Signals shrink on their way up, so the slopes are nearer to 1 further up.
    assert (with_slopes[:, -1] > with_slopes[:, 0]).all()


def test_a_jacobian_leads_from_one_layer_to_another():
    with pytest.raises(ValueError, match="jacobian_singular_values: depth must be at least 2"):
        jacobian_singular_values("glorot_uniform", depth=1)
