"""Dead units: how they come about, that they stay, what a leak does, and who is born dead."""

from __future__ import annotations

import numpy as np
import pytest

from activations.experiments.dying import (
    measure_born_dead,
    measure_dying,
    one_input_death_probability,
    two_moons,
)
from activations.training import MLP, SGD, Adam, fit

FEW = range(6)


def test_two_moons_are_standardized_and_always_the_same() -> None:
    X, y = two_moons()
    np.testing.assert_allclose(X.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(X.std(axis=0), 1, atol=1e-12)
    np.testing.assert_array_equal(X, two_moons()[0])
    assert set(y) == {0, 1}


def test_moderate_learning_rates_kill_nobody_and_large_ones_nearly_all() -> None:
    moderate = measure_dying(optimizer=SGD(1.0), steps=50, seeds=FEW)
    extreme = measure_dying(optimizer=SGD(100.0), steps=50, seeds=FEW)
    assert moderate.silent_after.mean() == 0
    # Each of 20 seeds lies between 0.95 and 1.
    assert extreme.silent_after.mean(axis=1).min() > 0.8
    assert extreme.killed > 0


def test_a_dead_relu_unit_never_comes_back() -> None:
    runs = measure_dying(bias=-2.0, optimizer=Adam(0.03), seeds=FEW)
    assert runs.silent_before.any()
    assert runs.revived == 0
    np.testing.assert_array_equal(runs.silent_after, runs.no_gradient)


def test_a_leak_gives_every_unit_a_gradient_and_brings_units_back() -> None:
    relu = measure_dying("relu", bias=-4.0, optimizer=Adam(0.03), seeds=FEW)
    leaky = measure_dying("leaky_relu", bias=-4.0, optimizer=Adam(0.03), seeds=FEW)
    np.testing.assert_array_equal(relu.silent_before, leaky.silent_before)
    assert not leaky.no_gradient.any()
    assert leaky.revived > 0
    assert np.median(leaky.loss) < np.median(relu.loss)


def test_a_network_of_dead_units_can_only_learn_its_output_bias() -> None:
    runs = measure_dying(bias=-8.0, optimizer=SGD(0.3), steps=20, seeds=range(2))
    assert runs.silent_after.all()
    # Both classes are equally frequent, so the best constant answer has the loss ln 2.
    np.testing.assert_allclose(runs.loss, np.log(2), rtol=1e-12)
    assert all(history.epochs == 20 for history in runs.histories)


def test_silent_prelu_units_leave_the_best_linear_classifier() -> None:
    X, y = two_moons()
    line = MLP([2, 1], rng=np.random.default_rng(0))
    descent = fit(
        line,
        X,
        y,
        loss="binary_cross_entropy",
        optimizer=SGD(1.0),
        epochs=2000,
        batch_size=200,
        shuffle=False,
    )
    runs = measure_dying("prelu", bias=-8.0, optimizer=Adam(0.03), seeds=FEW)
    # A unit or two may cross zero and bend the boundary a little.
    np.testing.assert_allclose(runs.loss, descent["loss"][-1], rtol=0.02)


def test_activation_parameters_reach_the_network() -> None:
    gentle, steep = (
        measure_dying(
            "leaky_relu",
            bias=-8.0,
            activation_parameters={"negative_slope": slope},
            optimizer=SGD(0.1),
            seeds=range(2),
        )
        for slope in (0.01, 0.2)
    )
    assert (steep.loss < gentle.loss).all()


def test_no_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="seeds must not be empty"):
        measure_dying(seeds=())


@pytest.mark.parametrize("width", [2, 3, 4, 5])
def test_the_formula_is_exact_for_one_input(width: int) -> None:
    counts = measure_born_dead(width, 10, networks=4000)
    for depth in (1, 2, 5, 10):
        expected = one_input_death_probability(width, depth)
        # Four standard deviations of a share among 4000 networks: one false alarm in some thousand tests.
        margin = 4 * np.sqrt(expected * (1 - expected) / 4000)
        assert abs(counts.at_one_input[depth - 1] - expected) < margin


@pytest.mark.parametrize("width", [2, 3, 4, 5])
def test_the_formula_bounds_death_at_every_input(width: int) -> None:
    counts = measure_born_dead(width, 10)
    assert (counts.everywhere <= counts.at_one_input).all()
    assert counts.everywhere[0] == 0  # a first layer passes x > 0 or x < 0 with every weight that is not 0


def test_two_layers_of_width_two_have_an_exact_answer() -> None:
    # 1/2 · 1/4 + 1/2 · 1/16, derived in the chapter on ReLU.
    counts = measure_born_dead(2, 2, networks=20_000)
    assert abs(counts.everywhere[1] - 5 / 32) < 4 * np.sqrt(5 / 32 * 27 / 32 / 20_000)


def test_deep_narrow_networks_do_not_underflow() -> None:
    # Without rescaling, the product of 2000 layers leaves the range of float64 and everything looks dead.
    assert measure_born_dead(16, 2000, networks=20).at_one_input[-1] < 0.5


@pytest.mark.parametrize(("width", "depth"), [(0, 3), (3, 0)])
def test_sizes_below_one_are_refused(width: int, depth: int) -> None:
    with pytest.raises(ValueError, match="must be at least 1"):
        one_input_death_probability(width, depth)
    with pytest.raises(ValueError, match="must be at least 1"):
        measure_born_dead(width, depth)
