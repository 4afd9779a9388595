"""Epochs to a given loss: what counts as arriving, and how a rate is chosen."""

from __future__ import annotations

import numpy as np
import pytest

from activations.experiments.speed import (
    TASKS,
    best_learning_rate,
    epochs_to_target,
    race,
    scan_learning_rates,
)


def test_a_good_rate_arrives_and_a_small_one_does_not() -> None:
    good = epochs_to_target("relu", 0.8, task="moons", seeds=range(3))
    assert ((good >= 1) & (good <= TASKS["moons"].max_epochs)).all()
    assert (good == np.round(good)).all()
    assert np.isinf(epochs_to_target("relu", 1e-6, task="moons", seeds=range(1))).all()


def test_a_run_that_diverges_never_arrives_and_does_not_warn() -> None:
    # Warnings are errors in this suite.
    assert np.isinf(epochs_to_target("relu", 1e3, task="digits", seeds=range(1))).all()


def test_who_arrives_has_learned_something_and_who_does_not_is_not_tested() -> None:
    for task in ("digits", "moons"):
        there = race("relu", 0.8, task=task, seeds=range(2))
        np.testing.assert_array_equal(there.epochs, epochs_to_target("relu", 0.8, task=task, seeds=range(2)))
        assert (there.test_accuracy > 0.85).all()  # chance: 0.1 and 0.5
    lost = race("relu", 1e-6, task="moons", seeds=range(1))
    assert np.isinf(lost.epochs).all()
    assert np.isnan(lost.test_accuracy).all()


def test_a_scan_has_a_row_for_each_rate() -> None:
    scan = scan_learning_rates("tanh", [0.4, 0.8], task="digits", seeds=(100, 101))
    assert scan.shape == (2, 2)
    np.testing.assert_array_equal(scan[1], epochs_to_target("tanh", 0.8, task="digits", seeds=(100, 101)))


def test_the_best_rate_is_the_fastest_that_never_fails() -> None:
    epochs = np.array([[9.0, 9.0], [5.0, 6.0], [4.0, np.inf]])
    assert best_learning_rate([0.1, 0.2, 0.4], epochs) == 0.2
    assert best_learning_rate([0.1, 0.2], np.full((2, 2), 7.0)) == 0.1


def test_no_rate_that_works_is_an_error() -> None:
    with pytest.raises(ValueError, match="got none; try other rates"):
        best_learning_rate([0.1], np.array([[3.0, np.inf]]))


def test_an_unknown_task_is_refused() -> None:
    with pytest.raises(ValueError, match="race: unknown name 'letters'; choose from digits, deep digits"):
        epochs_to_target("relu", 0.1, task="letters")
