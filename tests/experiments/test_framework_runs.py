"""Training runs that are compared between libraries; those in the others are tested in tests/frameworks."""

import numpy as np
import pytest

from activations.experiments.framework_runs import Run, train_in
from activations.experiments.frameworks import mileage_data
from activations.training import MLP, Adam, fit


@pytest.fixture(scope="module")
def data():
    return mileage_data(rng=np.random.default_rng(3))


def network(hidden="relu", sizes=(9, 6, 1), **options):
    return MLP(sizes, hidden, rng=np.random.default_rng(4), **options)


def test_it_is_the_run_that_fit_makes_without_shuffling(data):
    mine = network()
    run = train_in("activations", mine, data, epochs=3, batch_size=50, epsilon=1e-3)
    assert all(map(np.array_equal, mine.parameters, network().parameters)), "the network is lent, not used up"
    X, X_validation, y, y_validation = data
    history = fit(
        mine,
        X,
        y,
        loss="mean_squared_error",
        optimizer=Adam(epsilon=1e-3),
        epochs=3,
        batch_size=50,
        validation_data=(X_validation, y_validation),
        shuffle=False,
    )
    np.testing.assert_array_equal(run.loss, history["loss"])
    np.testing.assert_array_equal(run.val_loss, history["val_loss"])
    np.testing.assert_array_equal(run.output, network().predict(X))


def test_gradients_are_those_of_the_mean_squared_error(data):
    X, _, y, _ = data
    step, (first, *_) = 1e-6, network().parameters
    run = train_in("activations", network(), data, epochs=1)
    moved = network()
    moved.parameters[0][2, 3] += step
    slope = (np.mean((moved.predict(X) - y) ** 2) - np.mean((run.output - y) ** 2)) / step
    assert run.gradients[0].shape == first.shape
    assert run.gradients[0][2, 3] == pytest.approx(slope, rel=1e-4)  # a one-sided difference of 1e-6


def test_distances_are_the_largest_ones():
    ones = Run(np.ones((2, 1)), [np.ones(3), np.ones(1)], np.full(2, 4.0), np.full(2, 4.0))
    other = Run(
        np.array([[1.0], [1.5]]),
        [np.array([1, 1, 0.75]), np.ones(1)],
        np.array([4.0, 3.0]),
        np.array([4.0, 6.0]),
    )
    assert other.distances(ones) == {"output": 0.5, "gradient": 0.25, "loss": 0.5}
    assert ones.distances(ones) == {"output": 0, "gradient": 0, "loss": 0}


def test_what_cannot_be_trained_is_said(data):
    with pytest.raises(
        ValueError, match="unknown library 'theano'; choose from activations, keras, torch, jax"
    ):
        train_in("theano", network(), data)
    for unfit in (
        network(sizes=(9, 6, 5, 1)),
        network(sizes=(9, 1)),
        network("gelu"),
        network(output_activation="sigmoid"),
    ):
        with pytest.raises(
            ValueError, match=r"one hidden layer, of identity, .* got MLP\(.*; build it as MLP"
        ):
            train_in("activations", unfit, data)
