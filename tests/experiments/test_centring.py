"""What centred activations are worth: the contenders, the descents, and the reason."""

from __future__ import annotations

import numpy as np
import pytest

from activations.experiments.centring import (
    TASKS,
    VARIANTS,
    descend,
    fresh_network,
    largest_curvature,
    scaled_sigmoid,
    scan_descents,
    sharpness_at_start,
    single_sign_share,
    train_on_shifted_inputs,
    walk_two_weights,
)
from activations.functions import sigmoid, sigmoid_derivative, tanh
from activations.training import MLP, Adam, binary_cross_entropy_gradient

FEW = range(3)
X_LINE = np.linspace(-8, 8, 161)


# --- The contenders -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("height", "steepness", "offset"), [(1, 1, 0), (2, 2, -1), (1, 4, -0.5), (4, 1, 3)])
def test_a_scaled_sigmoid_is_what_its_formula_says(height, steepness, offset):
    act = scaled_sigmoid(height, steepness, offset)
    # Two roundings of numbers up to 7 in size.
    np.testing.assert_allclose(act(X_LINE), height * sigmoid(steepness * X_LINE) + offset, rtol=0, atol=4e-15)
    np.testing.assert_allclose(
        act.derivative(X_LINE), height * steepness * sigmoid_derivative(steepness * X_LINE), rtol=1e-13
    )
    assert act.range[:2] == (offset, offset + height)


def test_tanh_is_a_scaled_sigmoid_to_the_last_bit():
    np.testing.assert_array_equal(scaled_sigmoid(2, 2, -1)(X_LINE), tanh(X_LINE))


@pytest.mark.parametrize(("height", "steepness"), [(0, 1), (1, -1)])
def test_a_scaled_sigmoid_climbs(height, steepness):
    with pytest.raises(ValueError, match=r"scaled_sigmoid: .* must be above 0"):
        scaled_sigmoid(height, steepness)


@pytest.mark.parametrize(
    ("shifted", "centred", "shift"), [("sigmoid", "sigmoid − ½", 0.5), ("tanh + 1", "tanh", 1.0)]
)
def test_the_two_of_a_pair_differ_in_a_constant_only(shifted, centred, shift):
    np.testing.assert_allclose(
        VARIANTS[shifted](X_LINE) - shift, VARIANTS[centred](X_LINE), rtol=0, atol=4e-16
    )
    np.testing.assert_allclose(
        VARIANTS[shifted].derivative(X_LINE), VARIANTS[centred].derivative(X_LINE), rtol=1e-14
    )
    assert VARIANTS[centred](0.0) == 0


def test_from_pair_to_pair_the_slope_differs():
    assert [float(act.derivative(0.0)) for act in VARIANTS.values()] == [0.25, 0.25, 1.0, 1.0]


@pytest.mark.parametrize("task", TASKS)
def test_a_pair_can_start_as_one_function(task):
    X = TASKS[task]().X
    plain = fresh_network("tanh", task, seed=3)
    shifted = fresh_network(VARIANTS["tanh + 1"], task, absorbed=1, seed=3)
    for W, V in zip(plain.weights, shifted.weights, strict=True):
        np.testing.assert_array_equal(W, V)
    # Sums of 32 numbers of order 1.
    np.testing.assert_allclose(plain.predict(X), shifted.predict(X), rtol=0, atol=1e-13)


def test_tasks_are_standardized_and_always_the_same():
    for make in TASKS.values():
        task = make()
        np.testing.assert_allclose(task.X.mean(axis=0), 0, atol=1e-12)
        assert make().X is task.X
        assert task.X.shape[1] == task.layer_sizes[0]
        assert task.y.shape == (200, task.layer_sizes[-1])


def test_an_unknown_task_is_refused():
    with pytest.raises(ValueError, match="unknown name 'digit'; did you mean 'digits'"):
        descend("tanh", 0.1, task="digit")


# --- Descents -----------------------------------------------------------------------------------------------


def test_steps_are_counted_to_the_target():
    runs = descend("tanh", 1.6, seeds=FEW)
    shorter = descend("tanh", 1.6, max_steps=int(runs.steps.max()) - 1, seeds=FEW)
    assert (runs.steps == np.round(runs.steps)).all()
    # The slowest run needs every one of its steps.
    np.testing.assert_array_equal(np.isinf(shorter.steps), runs.steps == runs.steps.max())


def test_a_small_rate_walks_downhill_all_the_way():
    runs = descend("tanh", 0.2, max_steps=20, seeds=FEW)
    np.testing.assert_array_equal(runs.uphill, 0)
    assert np.isinf(runs.steps).all()


def test_a_run_that_blows_up_never_arrives_and_does_not_warn():
    # Warnings are errors in this suite.
    assert np.isinf(descend(VARIANTS["tanh + 1"], 1e200, seeds=range(1)).steps).all()


def test_a_run_may_be_there_before_its_first_step(monkeypatch):
    import activations.experiments.centring as centring

    easy = TASKS["tumours"]()._replace(target_loss=10.0)
    monkeypatch.setattr(centring, "TASKS", {"easy": lambda: easy})
    runs = descend("tanh", 0.1, task="easy", seeds=[0])
    assert (runs.steps[0], runs.uphill[0]) == (0, 0)
    np.testing.assert_array_equal(runs.growth, 1)


@pytest.mark.parametrize("pair", [("sigmoid", "sigmoid − ½", 3.2), ("tanh + 1", "tanh", 0.2)])
def test_at_a_small_rate_centring_is_worth_next_to_nothing(pair):
    # Measured on 20 seeds: medians of 53 and 50 steps, and of 100 and 88.
    shifted, centred, rate = pair
    ratio = (
        descend(VARIANTS[shifted], rate, seeds=FEW).steps / descend(VARIANTS[centred], rate, seeds=FEW).steps
    )
    assert (ratio < 1.25).all()


@pytest.mark.parametrize("task", TASKS)
def test_at_the_best_rate_of_each_centring_saves_half_of_the_steps(task):
    # Measured on 20 seeds: factors of 2.8 to 5 between medians.
    best = {"digits": (6.4, 12.8, 0.8, 3.2), "tumours": (12.8, 25.6, 1.6, 3.2)}[task]
    steps = {
        name: np.median(descend(act, rate, task=task, seeds=range(8)).steps)
        for (name, act), rate in zip(VARIANTS.items(), best, strict=True)
    }
    assert steps["sigmoid"] > 2 * steps["sigmoid − ½"]
    assert steps["tanh + 1"] > 2 * steps["tanh"]


def test_adam_does_not_take_the_wall_away():
    # Measured on 5 seeds: 18 and 5 steps, each at the better of the rates 0.03 and 0.1.
    shifted = descend(VARIANTS["tanh + 1"], 0.03, optimizer=Adam, seeds=FEW).steps
    centred = descend("tanh", 0.1, optimizer=Adam, seeds=FEW).steps
    assert (shifted > 2 * centred).all()


def test_weights_grow_by_slope_and_not_by_centre():
    # Measured on 20 seeds, output layer: 3.4 to 3.7 for the flat pair, 1.5 to 1.6 for the steep one.
    growth = {
        name: np.median(descend(act, 1.6 if "sigmoid" in name else 0.2, seeds=FEW).growth[:, -1])
        for name, act in VARIANTS.items()
    }
    assert growth["sigmoid"] == pytest.approx(growth["sigmoid − ½"], rel=0.1)
    assert growth["tanh + 1"] == pytest.approx(growth["tanh"], rel=0.1)
    assert growth["sigmoid"] > 2 * growth["tanh"]


def test_a_scan_has_a_row_for_each_rate():
    scan = scan_descents("tanh", [0.8, 1.6], seeds=(100, 101))
    assert scan.shape == (2, 2)
    np.testing.assert_array_equal(scan[1], descend("tanh", 1.6, seeds=(100, 101)).steps)


# --- Curvature ----------------------------------------------------------------------------------------------


@pytest.fixture
def examples():
    rng = np.random.default_rng(0)
    return rng.normal(1.0, 2.0, (50, 4)), rng.normal(size=(50, 1))


def test_curvature_of_least_squares_is_an_eigenvalue_of_the_inputs(examples):
    X, y = examples
    design = np.column_stack([X, np.ones(len(X))])
    exact = np.linalg.eigvalsh(2 * design.T @ design / len(X))[-1]
    unit = MLP([4, 1], rng=np.random.default_rng(0))
    found = largest_curvature(unit, X, y, "mean_squared_error", rng=np.random.default_rng(1))
    # Five weights: after five iterations the result is exact, up to the rounding of the differences.
    assert found == pytest.approx(exact, rel=1e-6)


def test_curvature_of_a_network_is_that_of_its_hessian(examples):
    X, y = examples[0], (examples[1] > 0).astype(float)
    network = MLP([4, 3, 1], "tanh", rng=np.random.default_rng(0))
    before = [array.copy() for array in network.parameters]
    found = largest_curvature(
        network, X, y, "binary_cross_entropy", rng=np.random.default_rng(1), iterations=19
    )

    def gradient(point):
        trial, place = network.copy(), 0
        for array in trial.parameters:
            array[...] = point[place : place + array.size].reshape(array.shape)
            place += array.size
        forward = trial.forward(X)
        backward = trial.backward(forward, binary_cross_entropy_gradient(forward.output, y))
        return np.concatenate([array.ravel() for array in backward.parameters])

    point = np.concatenate([array.ravel() for array in before])
    hessian = np.array(
        [(gradient(point + h) - gradient(point - h)) / 2e-5 for h in 1e-5 * np.eye(point.size)]
    )
    assert found == pytest.approx(np.linalg.eigvalsh((hessian + hessian.T) / 2)[-1], rel=1e-5)
    for array, old in zip(network.parameters, before, strict=True):
        np.testing.assert_array_equal(array, old)


def test_curvature_stops_where_nothing_is_left():
    # One example: of the four directions the loss bends in one only, that of (x, 1).
    unit = MLP([3, 1], parameters=[np.zeros((3, 1)), [0.0]])
    found = largest_curvature(
        unit, [[1.0, 2.0, 3.0]], [[0.0]], "mean_squared_error", rng=np.random.default_rng(0)
    )
    assert found == pytest.approx(2 * (1 + 4 + 9 + 1), rel=1e-6)


def test_curvature_does_not_count_a_direction_twice():
    # All directions bend alike, so that the first vector exhausts what the iteration can reach.
    X = np.vstack([np.eye(3), -np.eye(3)]) * np.sqrt(3)
    unit = MLP([3, 1], rng=np.random.default_rng(0))
    found = largest_curvature(
        unit, X, np.zeros((6, 1)), "mean_squared_error", rng=np.random.default_rng(0), iterations=30
    )
    assert found == pytest.approx(2.0, rel=1e-6)


def test_curvature_wants_a_generator_and_an_iteration(examples):
    network = MLP([4, 1], rng=np.random.default_rng(0))
    with pytest.raises(TypeError, match="largest_curvature: rng must be"):
        largest_curvature(network, *examples, "mean_squared_error", rng=0)
    with pytest.raises(ValueError, match="iterations must be at least 1"):
        largest_curvature(
            network, *examples, "mean_squared_error", rng=np.random.default_rng(0), iterations=0
        )


def test_the_same_function_is_steeper_in_shifted_coordinates():
    centred = sharpness_at_start("tanh", seeds=FEW)
    shifted = sharpness_at_start(VARIANTS["tanh + 1"], absorbed=1, seeds=FEW)
    # Measured on 20 seeds: 1.4 [1.2, 1.7] and 8.6 [8.0, 10].
    assert (shifted > 4 * centred).all()


# --- Gradients of one sign ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sigmoid", "tanh + 1"])
def test_positive_inputs_give_gradients_of_one_sign(name):
    # A theorem for single examples: da = a · dz, with a > 0 throughout.
    np.testing.assert_array_equal(single_sign_share(VARIANTS[name], [1], seeds=FEW), 1)


@pytest.mark.parametrize("name", ["sigmoid − ½", "tanh"])
def test_centred_inputs_do_not(name):
    # By chance, 32 signs agree in one of 2 billion cases.
    np.testing.assert_array_equal(single_sign_share(VARIANTS[name], [1, 10, 200], seeds=FEW), 0)


def test_a_batch_loosens_the_rule_but_does_not_end_it():
    one, ten, everything = single_sign_share("sigmoid", [1, 10, 200], seeds=range(10)).mean(axis=0)
    # Measured on 20 seeds: 1, 0.43 and 0.41.
    assert one == 1
    assert 0.3 < ten < 0.6
    assert 0.25 < everything < 0.6


def test_a_batch_fits_the_examples():
    with pytest.raises(ValueError, match="must be at most 200, got 201"):
        single_sign_share("sigmoid", [1, 201])
    with pytest.raises(ValueError, match="at least 1"):
        single_sign_share("sigmoid", [0])


def test_steps_on_positive_inputs_go_up_together_or_down_together():
    moves = np.diff(walk_two_weights(0, 1, 1.0, steps=50, seeds=FEW).paths, axis=1)
    assert (moves[..., 0] * moves[..., 1] >= 0).all()
    centred = np.diff(walk_two_weights(-0.5, 0.5, 1.0, steps=50, seeds=FEW).paths, axis=1)
    assert (centred[..., 0] * centred[..., 1] < 0).any(axis=1).all()


def test_the_zigzag_costs_nothing_until_the_rate_is_limited():
    # Measured on 20 seeds: 60 and 61 steps at rate 0.5; 24 at the best rate of one, 8 at that of the other.
    slow = [np.median(walk_two_weights(*ends, 0.5).arrival) for ends in ((0, 1), (-0.5, 0.5))]
    assert slow[0] == pytest.approx(slow[1], rel=0.1)
    best = [np.median(walk_two_weights(*ends).arrival) for ends in ((0, 1, 2.0), (-0.5, 0.5, 4.0))]
    assert best[0] > 2 * best[1]
    assert np.isinf(walk_two_weights(0, 1, 4.0).arrival).all()


def test_walks_want_limits_in_order():
    with pytest.raises(ValueError, match="walk_two_weights: low must be below high, got 1 and 0"):
        walk_two_weights(1, 0, 0.1)


# --- Shifted inputs -----------------------------------------------------------------------------------------


def test_shifted_inputs_saturate_a_network_and_starve_its_gradient():
    centred = train_on_shifted_inputs(0.0, 0.8, seeds=FEW)
    shifted = train_on_shifted_inputs(3.0, 0.8, seeds=FEW)
    # Measured on 20 seeds: 0.11 and 0.98 saturated; signals of 1.4 and 0.03; losses of 0.03 and 2.3.
    assert (centred.saturated < 0.2).all()
    assert (shifted.saturated > 0.8).all()
    assert (shifted.signal < 0.3 * centred.signal).all()
    assert (centred.loss < 0.1).all()
    assert (shifted.loss > 1.5).all()


def test_the_first_layer_of_the_starved_network_has_hardly_grown():
    # Measured on 20 seeds: 1.1.
    assert (train_on_shifted_inputs(3.0, 0.8, seeds=FEW).growth[:, 0] < 1.3).all()
