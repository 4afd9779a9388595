"""Films of hidden layers in training."""

from __future__ import annotations

import numpy as np
import pytest

from activations.experiments.layerwise import watch_layers


def test_a_film_has_a_frame_before_training_and_one_an_epoch() -> None:
    film = watch_layers("tanh", "glorot_uniform", 0.1, hidden_layers=2, width=8, epochs=3, seeds=range(2))
    assert film.mean.shape == film.std.shape == film.saturated.shape == (2, 4, 2)
    assert film.loss.shape == (2, 4)
    assert (film.loss[:, -1] < film.loss[:, 0]).all()
    assert ((film.saturated >= 0) & (film.saturated <= 1)).all()
    # A fresh tanh layer is centred: its mean is an average over 300 examples and 8 units.
    assert np.abs(film.mean[:, 0]).max() < 0.2


def test_the_first_frame_is_the_fresh_network() -> None:
    still, moved = (
        watch_layers("sigmoid", "glorot_uniform", 1.0, width=8, epochs=epochs, seeds=[3]) for epochs in (0, 1)
    )
    np.testing.assert_array_equal(still.mean[:, 0], moved.mean[:, 0])
    assert still.mean.shape == (1, 1, 4)


def test_large_weights_saturate() -> None:
    film = watch_layers("tanh", "plain_normal", 0.01, width=16, epochs=0, seeds=[0])
    assert film.saturated.min() > 0.3


def test_no_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="watch_layers: seeds must not be empty"):
        watch_layers("tanh", "glorot_uniform", 0.1, seeds=())


def test_no_layer_is_refused() -> None:
    with pytest.raises(ValueError, match="hidden_layers must be at least 1"):
        watch_layers("tanh", "glorot_uniform", 0.1, hidden_layers=0)
