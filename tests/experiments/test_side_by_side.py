"""Networks side by side go the way that `fit` sends each of them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from activations.datasets import moons, xor
from activations.experiments.side_by_side import Networks, fit_side_by_side, mean_losses
from activations.training import MLP, SGD, Adam, fit, get_loss, numerical_gradient

SEEDS = range(3)


def generators():
    return [np.random.default_rng(seed) for seed in SEEDS]


@pytest.mark.parametrize("activation", ["relu", "tanh", "selu", "prelu", "gelu"])
def test_same_way_as_one_by_one(activation):
    X, y = moons(50, rng=np.random.default_rng(0))
    how = {"loss": "binary_cross_entropy", "epochs": 5, "batch_size": 16}
    rngs = generators()
    networks = Networks([2, 6, 5, 1], activation, rngs=rngs)
    loss = fit_side_by_side(networks, X, y, optimizer=Adam(0.01), rngs=rngs, **how)
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        network = MLP([2, 6, 5, 1], activation, rng=rng)
        fit(network, X, y, optimizer=Adam(0.01), rng=rng, progress=False, **how)
        for stacked, alone in zip(networks.parameters, network.parameters, strict=True):
            # The sums are taken in another order: a few 1e-16 a step, and Adam divides by small numbers.
            np.testing.assert_allclose(stacked[seed].reshape(alone.shape), alone, rtol=1e-8, atol=1e-10)
        value = get_loss("binary_cross_entropy").value(network.predict(X), y.reshape(-1, 1))
        assert loss[seed] == pytest.approx(value, rel=1e-8)


def test_each_network_can_have_its_own_examples():
    rows = [moons(30, rng=np.random.default_rng(seed)) for seed in SEEDS]
    X, y = (np.stack(part) for part in zip(*rows, strict=True))
    rngs = generators()
    networks = Networks([2, 4, 1], "tanh", rngs=rngs)
    how = {"loss": "binary_cross_entropy", "epochs": 2}
    fit_side_by_side(networks, X, y, optimizer=SGD(0.5), rngs=rngs, **how)
    rng = np.random.default_rng(1)
    alone = MLP([2, 4, 1], "tanh", rng=rng)
    fit(alone, *rows[1], optimizer=SGD(0.5), rng=rng, progress=False, **how)
    np.testing.assert_allclose(networks.weights[0][1], alone.weights[0], rtol=1e-12)


def test_labels_and_one_hot_targets_are_the_same():
    X = np.random.default_rng(0).normal(size=(6, 2))
    labels = np.array([0, 1, 2, 0, 1, 2])
    networks = Networks([2, 3], rngs=generators())
    by_label = mean_losses(networks, X, labels, loss="softmax_cross_entropy")
    by_row = mean_losses(networks, X, np.eye(3)[labels], loss="softmax_cross_entropy")
    np.testing.assert_array_equal(by_label, by_row)


@pytest.mark.parametrize("gated", [False, True])
@pytest.mark.parametrize("activation", ["identity", "sigmoid", "silu"])
def test_gradients_are_those_of_the_loss(activation, gated):
    rng = np.random.default_rng(5)
    networks = Networks([3, 4, 2, 2], activation, gated=gated, rngs=generators())
    X, y = rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
    loss = get_loss("mean_squared_error")
    forward = networks.forward(X)
    signal = np.stack([loss.gradient(output, y) for output in forward.output])
    backward = networks.backward(forward, signal)
    for array, gradient in zip(networks.parameters, backward.parameters, strict=True):

        def total(values, array=array):
            array[...] = values
            return float(mean_losses(networks, X, y, loss=loss).sum())

        before = array.copy()
        numeric = numerical_gradient(total, before)
        array[...] = before
        # Central differences with steps of 1e-5 are good to about 1e-9.
        np.testing.assert_allclose(gradient, numeric, atol=1e-8)


def test_a_gated_layer_multiplies():
    networks = Networks([2, 1, 1], "identity", gated=True, rngs=generators()[:1])
    content, gate = [1.0, 0.0], [0.0, 1.0]
    networks.weights[0][0] = np.column_stack([content, gate])
    networks.weights[1][:] = 1
    X = np.random.default_rng(0).normal(size=(20, 2))
    np.testing.assert_array_equal(networks.predict(X)[0, :, 0], X[:, 0] * X[:, 1])


def test_a_gated_layer_has_two_sets_of_weights():
    sizes = [5, 4, 3]
    assert Networks(sizes, rngs=generators()).n_parameters == sum((m + 1) * n for m, n in pairwise(sizes))
    assert Networks(sizes, gated=True, rngs=generators()).n_parameters == 2 * 6 * 4 + 5 * 3


def test_gates_start_as_the_initializer_says():
    networks = Networks(
        [400, 300, 1], "silu", gated=True, initializer="he_normal", rngs=[np.random.default_rng(0)]
    )
    # 120 000 numbers: their spread is known to 0.2 %.
    assert networks.weights[0].std() == pytest.approx(np.sqrt(2 / 400), rel=0.01)


def test_float32_stays_float32():
    rngs = generators()
    networks = Networks([2, 3, 1], "silu", rngs=rngs, dtype=np.float32)
    fit_side_by_side(networks, *xor(), loss="binary_cross_entropy", optimizer=Adam(), epochs=1, rngs=rngs)
    assert {array.dtype for array in networks.parameters} == {np.dtype(np.float32)}


def test_a_network_that_diverges_disturbs_no_other():
    rngs = generators()
    networks = Networks([2, 3, 1], "relu", rngs=rngs)
    networks.weights[0][1] = np.nan
    loss = fit_side_by_side(
        networks, *xor(), loss="mean_squared_error", optimizer=SGD(0.1), epochs=3, rngs=rngs
    )
    np.testing.assert_array_equal(np.isfinite(loss), [True, False, True])


def test_callback_sees_every_epoch():
    seen, rngs = [], generators()
    networks = Networks([2, 1], rngs=rngs)
    fit_side_by_side(
        networks,
        *xor(),
        loss="mean_squared_error",
        optimizer=SGD(),
        epochs=3,
        rngs=rngs,
        on_epoch_end=lambda epoch, seen_networks: seen.append((epoch, len(seen_networks))),
    )
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="Networks: there must be at least one generator"):
        Networks([2, 1], rngs=[])
    with pytest.raises(ValueError, match="Networks: a gate must have nothing to learn"):
        Networks([2, 2, 1], "prelu", gated=True, rngs=generators())
    networks = Networks([2, 1], rngs=generators())
    with pytest.raises(ValueError, match="fit_side_by_side: each network needs a generator, got 1 for 3"):
        fit_side_by_side(
            networks, *xor(), loss="mean_squared_error", optimizer=SGD(), epochs=1, rngs=generators()[:1]
        )
