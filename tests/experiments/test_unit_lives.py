"""Deaths and revivals, step by step."""

from __future__ import annotations

import numpy as np
import pytest

from activations.experiments.dying import measure_dying
from activations.experiments.unit_lives import UnitLives, silent_at_bias, watch_units
from activations.training import SGD, Adam


def lives(*rows: str) -> UnitLives:
    """Return the lives of units written as rows of 1 (active) and 0 (silent)."""
    active = np.array([[letter == "1" for letter in row] for row in rows]).T[None]
    return UnitLives((active,), np.zeros(1))


def test_deaths_revivals_and_silences_are_counted() -> None:
    watched = lives("11011", "10001", "00001", "11100", "11111")
    assert watched.deaths() == 3
    assert watched.revivals() == 3
    # The third unit was silent from the start, the fourth did not return: neither ended a silence.
    assert sorted(watched.ended_silences()) == [1, 3]
    np.testing.assert_array_equal(watched.silent(), [1 / 5])


def test_a_unit_may_die_twice() -> None:
    watched = lives("1010011")
    assert (watched.deaths(), watched.revivals()) == (2, 2)
    assert sorted(watched.ended_silences()) == [1, 2]


def test_side_by_side_and_one_by_one_agree() -> None:
    together = watch_units(SGD(10.0), steps=30, seeds=range(4))
    alone = measure_dying(optimizer=SGD(10.0), steps=30, seeds=range(4))
    np.testing.assert_array_equal(~together.active[0][:, 0], alone.silent_before)
    np.testing.assert_array_equal(~together.active[0][:, -1], alone.silent_after)
    # The same arithmetic in another order of additions.
    np.testing.assert_allclose(together.loss, alone.loss, rtol=1e-6)


def test_layers_are_watched_apart() -> None:
    watched = watch_units(Adam(0.01), hidden=(8, 4), steps=3, seeds=range(2))
    assert [layer.shape for layer in watched.active] == [(2, 4, 8), (2, 4, 4)]
    assert watched.silent(1).shape == (2,)


def test_a_bias_silences_and_a_smooth_function_still_learns() -> None:
    relu, elu = (
        watch_units(Adam(0.03), activation=name, bias=-8.0, steps=60, seeds=range(3))
        for name in ("relu", "elu")
    )
    assert relu.silent().min() == 1
    np.testing.assert_allclose(relu.loss, np.log(2), atol=2e-3)  # only the output bias can move
    assert elu.loss.max() < 0.4
    assert elu.revivals() > 0


def test_silence_at_a_bias_has_the_right_ends() -> None:
    assert silent_at_bias(0.0) == 0
    assert silent_at_bias(-50.0) == pytest.approx(1, abs=1e-12)
    chances = [silent_at_bias(bias) for bias in (-0.5, -1.0, -2.0, -4.0)]
    assert (np.diff(chances) > 0).all()
    assert silent_at_bias(-2.0, directions=720) == pytest.approx(chances[2], abs=1e-6)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: silent_at_bias(0.5), "bias must be at most 0"),
        (lambda: silent_at_bias(float("nan")), "bias must be finite"),
        (lambda: silent_at_bias(-1.0, directions=0), "directions must be at least 1"),
        (lambda: watch_units(SGD(1.0), steps=0), "steps must be at least 1"),
        (lambda: watch_units(SGD(1.0), seeds=()), "seeds must not be empty"),
    ],
)
def test_bad_arguments_are_refused(call, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
