"""Targets that are never negative: what each output unit makes of them."""

from __future__ import annotations

import numpy as np
import pytest

from activations.experiments.nonnegative import predict_concavity


def test_softplus_stays_positive_and_learns() -> None:
    runs = predict_concavity("softplus", seeds=range(3))
    assert (runs.lowest_prediction > 0).all()
    assert (runs.test_error < 0.6).all()  # 20 seeds gave 0.32 to 0.49; a constant has an error near 1
    assert not runs.constant.any()


def test_the_identity_goes_below_zero_on_some_splits() -> None:
    lowest = predict_concavity("identity").lowest_prediction
    assert 5 <= np.sum(lowest < 0) <= 15  # 10 of 20 where this was written


def test_a_relu_output_may_be_dead_from_the_start() -> None:
    runs = predict_concavity("relu", seeds=[0, 1, 6])
    assert runs.constant.tolist() == [False, True, True]
    # Silent units say 0 whatever the mass: the error is the root mean square of the target, above 1.
    assert (runs.lowest_prediction[1:] == 0).all()
    assert (runs.test_error[1:] > 1).all()


def test_two_calls_see_the_same_runs() -> None:
    first, second = (predict_concavity("relu", epochs=1, seeds=[3]) for _ in range(2))
    np.testing.assert_array_equal(first.test_error, second.test_error)


def test_an_unknown_output_is_named() -> None:
    with pytest.raises(ValueError, match=r"unknown name 'softpluss'; did you mean 'softplus'"):
        predict_concavity("softpluss", seeds=[0])
