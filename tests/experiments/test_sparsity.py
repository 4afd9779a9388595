"""Sparsity and overfitting: half the units are silent, and the network memorizes all the same."""

from __future__ import annotations

import numpy as np
import pytest

from activations.experiments.sparsity import measure_overfitting

FEW = range(3)


def test_half_of_the_relu_units_are_silent_and_no_tanh_unit_is() -> None:
    relu = measure_overfitting("relu", epochs=2, seeds=FEW)
    tanh = measure_overfitting("tanh", epochs=2, seeds=FEW)
    # Signs of the weights are symmetric; 64 units leave a deviation of a few per cent.
    np.testing.assert_allclose(relu.zeros_before.mean(axis=0), 0.5, atol=0.07)
    assert not tanh.zeros_before.any()
    assert not tanh.zeros_after.any()


def test_a_sparse_network_memorizes_random_labels() -> None:
    runs = measure_overfitting("relu", random_labels=True, seeds=FEW)
    assert (runs.zeros_after > 0.3).all()
    assert (runs.train_accuracy == 1).all()
    # Chance is 0.1 on 1597 digits; 0.2 is out of its reach.
    assert (runs.test_accuracy < 0.2).all()
    np.testing.assert_array_equal(runs.gap, runs.train_accuracy - runs.test_accuracy)


def test_weight_decay_lowers_the_test_loss() -> None:
    plain = measure_overfitting("relu", seeds=FEW)
    decayed = measure_overfitting("relu", weight_decay=0.05, seeds=FEW)
    assert (decayed.test_loss < plain.test_loss).all()


def test_the_training_set_has_the_size_asked_for() -> None:
    runs = measure_overfitting(n_train=50, epochs=1, seeds=range(1))
    assert round(runs.train_accuracy[0] * 50, 9) == round(runs.train_accuracy[0] * 50)


def test_bad_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="seeds must not be empty"):
        measure_overfitting(seeds=())
    with pytest.raises(ValueError, match="weight_decay must be at least 0 and below 1"):
        measure_overfitting(weight_decay=1.0)
