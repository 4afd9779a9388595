"""Networks that are dead at birth: bounds, living points, and two cures."""

from __future__ import annotations

import numpy as np
import pytest

from activations.experiments.born_dead import (
    born_dead_bounds,
    draw_asymmetric,
    learn_absolute_value,
    measure_living_points,
)
from activations.experiments.dying import one_input_death_probability
from activations.training import SGD


@pytest.mark.parametrize("width", [1, 2, 3, 8])
@pytest.mark.parametrize("depth", [1, 2, 3, 10, 200])
def test_bounds_are_probabilities_in_order(width: int, depth: int) -> None:
    low, high = born_dead_bounds(width, depth)
    # Rounding of terms near 1 may leave −1e-16.
    assert -1e-15 <= low <= high + 1e-15
    assert high <= one_input_death_probability(width, depth) <= 1


def test_bounds_are_exact_where_the_chapter_derives_the_value() -> None:
    assert born_dead_bounds(2, 1) == (0.0, 0.0)
    assert born_dead_bounds(2, 2).low == 5 / 32
    # One unit a layer: it serves one sign, so the second layer decides alone.
    assert born_dead_bounds(1, 2) == (0.5, 0.5)


def test_bounds_rise_with_depth_and_fall_with_width() -> None:
    for side in (0, 1):
        by_depth = [born_dead_bounds(3, depth)[side] for depth in range(1, 40)]
        by_width = [born_dead_bounds(width, 10)[side] for width in range(1, 12)]
        assert (np.diff(by_depth) > -1e-15).all()
        assert (np.diff(by_width) < 0).all()


def test_points_die_and_stay_dead() -> None:
    living = measure_living_points([2] * 12, n_inputs=3, networks=300)
    assert living.shape == (300, 12)
    assert (np.diff(living, axis=1) <= 0).all()
    np.testing.assert_array_equal(living, measure_living_points([2] * 12, n_inputs=3, networks=300))


def test_a_single_point_lives_with_the_probability_of_the_formula() -> None:
    alive = measure_living_points([2] * 6, n_points=1, networks=20_000).mean(axis=0)
    for depth in (1, 3, 6):
        expected = 1 - one_input_death_probability(2, depth)
        # Four standard deviations of a share among 20 000.
        assert abs(alive[depth - 1] - expected) < 4 * np.sqrt(expected * (1 - expected) / 20_000)


def test_flips_keep_their_promise_in_every_layer_of_every_network() -> None:
    living = measure_living_points([1, 2, 1, 2, 1, 2], n_inputs=5, networks=300, flip=True)
    assert (living >= 2.0 ** -np.arange(1, 7)).all()


def test_deep_networks_do_not_underflow() -> None:
    assert measure_living_points([16] * 2000, networks=5, n_points=4)[:, -1].any()


def test_asymmetric_units_have_one_positive_parameter_each() -> None:
    drawn = [draw_asymmetric([4, 500, 1], rng=np.random.default_rng(seed)) for seed in range(4)]
    W = np.vstack([np.vstack([parameters[0], parameters[1]]).T for parameters in drawn])  # a row a unit
    # Four ordinary entries of standard deviation 0.6007 / 2 and one from beta(2, 1), of mean 2/3.
    assert W.sum(axis=1).mean() == pytest.approx(2 / 3, abs=4 * np.sqrt((4 * 0.09 + 1 / 18) / 2000))
    biased = W.mean(axis=0)
    assert biased == pytest.approx(np.full(5, 2 / 15), abs=0.05)  # any of the five may be the one
    assert (W.max(axis=1) > 0).all()


def test_learning_repeats_and_reports() -> None:
    one, two = (learn_absolute_value(width=8, epochs=3, seeds=range(4)) for _ in range(2))
    np.testing.assert_array_equal(one.error, two.error)
    assert one.constant_before.shape == one.constant_after.shape == one.solved.shape == (4,)
    assert (one.solved == (one.error < 0.05)).all()


def test_an_optimizer_is_copied() -> None:
    optimizer = SGD(0.01, momentum=0.9)
    before = dict(vars(optimizer))
    learn_absolute_value(optimizer=optimizer, epochs=1, seeds=range(2))
    assert vars(optimizer) == before


def test_a_network_that_starts_as_a_constant_ends_as_one() -> None:
    runs = learn_absolute_value(epochs=10, seeds=range(30))
    assert runs.constant_before.any()
    assert runs.constant_after[runs.constant_before].all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: born_dead_bounds(0, 3), "width must be at least 1"),
        (lambda: born_dead_bounds(3, 0), "depth must be at least 1"),
        (lambda: measure_living_points([]), "widths must not be empty"),
        (lambda: measure_living_points([2, 0]), r"widths\[1\] must be at least 1"),
        (lambda: measure_living_points([2], n_points=0), "n_points must be at least 1"),
        (lambda: draw_asymmetric([2, 0], rng=np.random.default_rng(0)), "every layer size must be"),
        (lambda: learn_absolute_value(width=0), "width must be at least 1"),
        (lambda: learn_absolute_value(hidden_layers=0), "hidden_layers must be at least 1"),
        (lambda: learn_absolute_value(seeds=()), "seeds must not be empty"),
    ],
)
def test_bad_arguments_are_refused(call, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
