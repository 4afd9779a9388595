"""The verdicts of the chapter on gradients in depth, each by its label, with margins from the spread."""

from __future__ import annotations

import numpy as np
import pytest

from activations import tanh
from activations.experiments.centring import scaled_sigmoid
from activations.experiments.depth import BackpropSignal, measure_backprop_signal, measure_length_scatter
from activations.experiments.folding import count_pieces, random_network, triangle_network
from activations.experiments.layerwise import watch_layers
from activations.experiments.propagation import orthogonal, predict_signal, product_singular_values
from activations.experiments.scaling import jacobian_singular_values
from activations.experiments.stalling import with_gain
from activations.experiments.very_deep import train_very_deep
from activations.training import MLP

GAIN = {"glorot_uniform": 1.0, "he_normal": 2**0.5, "plain_normal": 8.0}
LECUN = scaled_sigmoid(2 * 1.7159, 4 / 3, -1.7159)


def first_to_last(run: BackpropSignal) -> np.ndarray:
    return run.weight_gradient[:, 0] / run.weight_gradient[:, -1]


@pytest.mark.parametrize("layers", [10, 30])
@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("sigmoid", "glorot_uniform"),
        ("tanh", "glorot_uniform"),
        ("tanh", "plain_normal"),
        ("relu", "glorot_uniform"),
        ("relu", "he_normal"),
    ],
)
def test_lab_depth_table(name: str, start: str, layers: int) -> None:
    theory = predict_signal(name, GAIN[start], layers).ratio
    ratio = measure_backprop_signal(name, start, layers).ratio
    assert ratio.min() < theory < ratio.max()
    # The largest gap of theory to the median is a factor of 2, at tanh with N(0, 1) weights and 30 layers.
    assert 1 / 3 < np.median(ratio) / theory < 3


def test_lab_glorot_gradients() -> None:
    run = measure_backprop_signal("tanh", "standard_uniform", 5)
    assert 0.06 < run.ratio.min() <= run.ratio.max() < 0.11  # measured 0.077 to 0.088
    assert 0.8 < first_to_last(run).min() <= first_to_last(run).max() < 1.4  # measured 0.96 to 1.2


@pytest.mark.parametrize("start", ["glorot_normal", "he_normal", "plain_normal"])
@pytest.mark.parametrize("name", ["relu", "leaky_relu"])
def test_lab_relu_balance(name: str, start: str) -> None:
    rng = np.random.default_rng(0)
    network = MLP([32] * 13, name, output_activation=name, initializer=start, rng=rng)
    forward = network.forward(rng.standard_normal((50, 32)))
    backward = network.backward(forward, rng.standard_normal((50, 32)))
    shares = [np.sum(W * dW) for W, dW in zip(network.weights, backward.weights, strict=True)]
    # An identity: what is left is rounding in sums of some ten thousand terms.
    np.testing.assert_allclose(shares, shares[0], rtol=1e-9)


def test_the_weight_gradient_is_level_for_either_rule_and_lower_for_glorots() -> None:
    he = measure_backprop_signal("relu", "he_normal", 30)
    glorot = measure_backprop_signal("relu", "glorot_uniform", 30)
    for run in (he, glorot):
        assert 0.7 < np.median(first_to_last(run)) < 2  # measured 1.1 and 1.3
    level = np.median(he.weight_gradient[:, -1] / glorot.weight_gradient[:, -1])
    assert 12.5 < np.log2(level) < 16  # theory 14.5, the factor lost in 29 layers


def test_the_weight_gradient_of_the_sigmoid_hides_nothing() -> None:
    run = measure_backprop_signal("sigmoid", "glorot_uniform", 10)
    assert first_to_last(run).max() < 1e-5  # measured 3e-6 to 5e-6


def test_lab_glorot_jacobian() -> None:
    for rule, theory, paper in (("glorot_uniform", 0.849, 0.8), ("standard_uniform", 0.490, 0.5)):
        bare = jacobian_singular_values(rule, with_slopes=False).mean(axis=1)
        assert np.abs(bare - theory).max() < 0.006  # 20 seeds scatter by 0.003
        top = jacobian_singular_values(rule)[:, -1]
        # Measured 0.72 to 0.79 and 0.48 to 0.49: "around" 0.8, and 0.5 when rounded.
        assert np.median(top) == pytest.approx(paper, abs=0.06)


def test_lab_saxe() -> None:
    values = product_singular_values("glorot_normal", 30)
    assert 0.8 < np.median(np.sqrt(np.mean(values**2, axis=1))) < 1.2  # measured 0.98
    medians = np.median(values, axis=1)
    assert 8e-6 < medians.min() <= medians.max() < 8e-5  # measured 1.6e-5 to 4.0e-5
    np.testing.assert_allclose(product_singular_values(orthogonal, 30), 1, rtol=1e-10)


def test_lab_glorot_sigmoid() -> None:
    film = watch_layers("sigmoid", "standard_uniform", 1.0, epochs=100)
    top = film.mean[:, :, -1]
    assert top[:, 10].max() < 0.06  # measured 0.041 to 0.045
    assert np.abs(film.mean[:, 10, 0] - 0.5).max() < 0.02  # the first layer stays where it was
    # Which seeds have reopened by epoch 100 depends on rounding: 20 of 20 here, and 15 are asked for.
    assert np.sum(top[:, -1] > 2 * top[:, 10]) >= 15
    assert film.loss[:, 1:31].min() > 2.25
    assert np.sum(film.loss[:, -1] < 2) >= 15


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.2])
def test_lab_glorot_tanh(rate: float) -> None:
    saturated = watch_layers("tanh", "standard_uniform", rate, epochs=15).saturated[:, -1]
    in_order = np.all(np.diff(saturated, axis=1) < 0, axis=1)
    assert in_order.sum() <= 2  # measured 0 of 20
    if rate > 0.05:
        assert np.sum(saturated.argmax(axis=1) == 3) >= 18  # measured 20 of 20


def test_lab_he_forward() -> None:
    he = measure_backprop_signal("relu", "he_normal", 30)
    glorot = measure_backprop_signal("relu", "glorot_normal", 30, seeds=range(20, 40))
    ratio = np.median(glorot.forward_std, axis=0) / np.median(he.forward_std, axis=0)
    expected = 2.0 ** (-np.arange(1, 31) / 2)
    # Each median of 20 scatters by some 15 % at layer 30: 0.75 of theory here.
    assert (np.abs(np.log(ratio / expected)) < np.log(1.7)).all()


def test_lab_he_thirty() -> None:
    learned = [train_very_deep("he_normal", rate).learned for rate in (0.01, 0.03)]
    assert max(learned) >= 15  # 17 to 20, on processors that round differently
    assert min(learned) > 10


@pytest.mark.parametrize("rate", [0.003, 0.01, 0.03, 0.1])
def test_lab_he_thirty_stalls_with_glorots_weights(rate: float) -> None:
    stalled = train_very_deep("glorot_normal", rate)
    assert stalled.learned == 0
    # Nothing but the output bias moves: no run is below 0.998 of chance.
    assert stalled.loss.min() > 0.95 * stalled.chance


def test_lab_he_thirty_with_patience() -> None:
    assert train_very_deep("glorot_normal", 0.1, epochs=120).learned <= 5  # 0 to 3


def test_lab_he_twenty_two() -> None:
    assert train_very_deep("he_normal", 0.03, depth=22).learned > 14  # 18 to 20
    assert train_very_deep("glorot_normal", 0.1, depth=22).learned < 10  # 4 or 5
    assert train_very_deep("glorot_normal", 0.1, depth=22, epochs=120).learned > 10  # 16 to 20


def test_lab_hanin() -> None:
    for width in (16, 32, 64, 128):
        run = measure_length_scatter(width, 30)
        v = 1.25 * 30 / width
        for logs in (np.log(run.length), np.log(run.signal)):
            # A standard deviation from 200 networks is known to 5 %; width 16 lies up to 21 % above theory.
            assert logs.std() / np.sqrt(v) == pytest.approx(1.1, abs=0.2)
        # The median of 200 has an error of an eleventh of the spread.
        assert np.median(np.log(run.length)) == pytest.approx(-v, abs=3 * np.sqrt(v) / 11)


def test_lab_lecun_constants() -> None:
    assert LECUN.function(1.0) == pytest.approx(1, abs=1e-5)
    x = np.linspace(0.9, 1.1, 200_001)
    t = tanh(2 * x / 3)
    assert x[np.argmax(t * (1 - t * t))] == pytest.approx(0.98772, abs=2e-6)
    b = np.arcsinh(0.5**0.5)
    assert 3**0.5 * np.tanh(b) == pytest.approx(1, rel=1e-14)
    # (tanh)″ is extreme where tanh² = 1/3.
    assert np.tanh(b) ** 2 == pytest.approx(1 / 3, rel=1e-14)


def test_lab_lecun_variance() -> None:
    theory = predict_signal(LECUN, 1.0, 30)
    assert theory.forward_std[0] ** 2 == pytest.approx(0.75, abs=0.005)
    assert theory.forward_std[-1] ** 2 == pytest.approx(0.383, abs=0.001)
    run = measure_backprop_signal(LECUN, "glorot_uniform", 30)
    variance = run.forward_std**2
    assert 0.65 < variance[:, 0].min() <= variance[:, 0].max() < 0.85  # measured 0.71 to 0.78
    assert 0.25 < variance[:, -1].min() <= variance[:, -1].max() < 0.55  # measured 0.30 to 0.46
    assert 0.6 < run.ratio.min() <= run.ratio.max() < 1.5  # measured 0.75 to 1.2


def test_lab_tanh_gain() -> None:
    theory = predict_signal("tanh", 5 / 3, 60)
    assert theory.forward_std[-1] == pytest.approx(0.6513, abs=5e-5)
    run = measure_backprop_signal("tanh", with_gain("glorot_uniform", 5 / 3), 30)
    assert np.abs(run.forward_std[:, -1] - 0.6513).max() < 0.05  # measured 0.63 to 0.67
    assert 6 < run.ratio.min() <= run.ratio.max() < 30  # measured 10 to 18


def test_lab_telgarsky() -> None:
    assert count_pieces(triangle_network(10)) == 1024
    drawn = [
        count_pieces(random_network(10, 2, rng=np.random.default_rng(seed)), -3, 3) for seed in range(20)
    ]
    assert max(drawn) <= 20  # as many pieces as units, measured 2 to 13
    steep = triangle_network(10)
    assert abs(steep.backward(steep.forward([[0.3]]), np.ones((1, 1))).inputs.item()) == 1024
