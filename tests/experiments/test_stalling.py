"""Deep sigmoid networks stall, and what gets them going again."""

from __future__ import annotations

import math

import numpy as np
import pytest

from activations.experiments.stalling import measure_bad_start, measure_stalling, with_gain
from activations.training import SGD, Adam, glorot_uniform

FEW = range(4)


def test_gain_multiplies_the_same_numbers():
    plain = glorot_uniform(5, 3, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(
        with_gain("glorot_uniform", 4.0)(5, 3, rng=np.random.default_rng(0)), 4.0 * plain
    )
    np.testing.assert_array_equal(with_gain(glorot_uniform, 1.0)(5, 3, rng=np.random.default_rng(0)), plain)


@pytest.mark.parametrize("gain", [0, -1, np.inf, np.nan])
def test_gain_must_be_positive(gain):
    with pytest.raises(ValueError, match="with_gain: gain must be above 0"):
        with_gain("glorot_uniform", gain)


def test_a_deep_sigmoid_network_stays_at_the_loss_of_a_coin():
    runs = measure_stalling("sigmoid", depth=8, seeds=FEW)
    assert runs.loss.shape == (4, 201)
    assert runs.updates.shape == (4, 200, 9)
    # Measured: within 0.0001 of ln 2 on all of 20 seeds.
    np.testing.assert_allclose(runs.final_loss, math.log(2), atol=0.001)


def test_the_first_layers_hardly_move():
    # Measured at the first step, on 20 seeds: layer 1 moves 2e-6 to 5e-5 times as far as the output layer.
    first_step = measure_stalling("sigmoid", depth=8, steps=1, seeds=FEW).updates[:, 0]
    assert (first_step[:, 0] < 1e-3 * first_step[:, -1]).all()


@pytest.mark.parametrize(
    "how",
    [
        {"activation": "sigmoid", "gain": 4.0},
        {"activation": "sigmoid", "optimizer": Adam(0.01)},
        {"activation": "tanh", "optimizer": SGD(0.3)},
    ],
)
def test_gain_adam_or_tanh_gets_it_going(how):
    # Measured: at most 0.085 on 20 seeds, where the stalled network stays at 0.693.
    assert (measure_stalling(depth=8, seeds=FEW, **how).final_loss < 0.2).all()


def test_an_update_is_a_share_of_the_weights():
    runs = measure_stalling(depth=1, steps=1, optimizer=SGD(1e-3), seeds=[0])
    faster = measure_stalling(depth=1, steps=1, optimizer=SGD(1e-2), seeds=[0])
    # The first gradient is the same, so a step ten times as long moves the weights ten times as far.
    np.testing.assert_allclose(faster.updates, 10 * runs.updates, rtol=1e-9)


def test_runs_do_not_share_their_optimizer():
    both = measure_stalling(depth=2, steps=3, optimizer=Adam(0.01), seeds=[0, 1])
    alone = measure_stalling(depth=2, steps=3, optimizer=Adam(0.01), seeds=[1])
    np.testing.assert_array_equal(both.loss[1], alone.loss[0])


@pytest.mark.parametrize("n_samples", [63, 0, 426])
def test_classes_are_drawn_half_and_half(n_samples):
    with pytest.raises(ValueError, match="measure_stalling: n_samples must be even and at most 424"):
        measure_stalling(n_samples=n_samples)


def test_squared_error_gets_lost_where_cross_entropy_does_not():
    entropy = measure_bad_start("binary_cross_entropy", learning_rate=1.0, seeds=FEW)
    squared = measure_bad_start("mean_squared_error", learning_rate=1.0, seeds=FEW)
    # Measured on 20 seeds: at least 0.9 against at most 0.7.
    assert entropy.min() > 0.85
    assert np.median(squared) < 0.75


def test_from_an_ordinary_start_squared_error_is_as_good():
    squared = measure_bad_start("mean_squared_error", learning_rate=10.0, std=0.1, seeds=FEW)
    assert squared.min() > 0.95
