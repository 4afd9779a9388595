"""What FACTS and claim S4 say about signals in depth, on every one of 20 seeds."""

import numpy as np
import pytest

from activations.experiments import measure_backprop_signal
from activations.experiments.depth import measure_length_scatter
from activations.training import he_normal

XAVIER, HE, PLAIN = "glorot_uniform", "he_normal", "plain_normal"

# Median ratio of the signal in the first layer to the signal in the last; width 64.
RATIO = {
    ("sigmoid", XAVIER, 10): 2e-6,
    ("sigmoid", XAVIER, 30): 5e-19,
    ("tanh", XAVIER, 10): 0.29,
    ("tanh", XAVIER, 30): 0.16,
    ("tanh", PLAIN, 10): 723,
    ("tanh", PLAIN, 30): 2e9,
    ("relu", XAVIER, 10): 0.040,
    ("relu", XAVIER, 30): 3.5e-5,
    ("relu", HE, 10): 0.89,
    ("relu", HE, 30): 0.82,
}


@pytest.fixture(scope="module")
def measured():
    # A chaotic network has a heavy-tailed gradient: a few examples carry the norm, so it takes more of them.
    chaotic = ("tanh", PLAIN, 30)
    return {
        setting: measure_backprop_signal(*setting, n_samples=256 if setting == chaotic else 100)
        for setting in RATIO
    }


@pytest.mark.parametrize("setting", RATIO, ids=str)
def test_signal_ratio_on_every_seed(measured, setting):
    ratio = measured[setting].ratio
    assert ratio.shape == (20,)
    # Measured: within 1.7 of the table at depth 10, within 2.8 at depth 30, where 30 random factors multiply.
    assert np.all(ratio < 3 * RATIO[setting])
    assert np.all(ratio > RATIO[setting] / 3)
    assert np.median(ratio) == pytest.approx(RATIO[setting], rel=0.4)


@pytest.mark.parametrize(
    ("setting", "figure"),
    [(("sigmoid", XAVIER, 10), 1.9e-6), (("tanh", XAVIER, 10), 0.28), (("relu", HE, 10), 1.08)],
    ids=str,
)
def test_figures_of_claim_s4(measured, setting, figure):
    """The claim's numbers are those of one network: they lie among ours."""
    ratio = measured[setting].ratio
    assert ratio.min() < figure < ratio.max()
    assert np.median(ratio) == pytest.approx(figure, rel=0.25)


def test_sigmoid_loses_the_same_share_in_each_layer(measured):
    """A factor of about 0.24 a layer: the largest slope, 1/4, times weights of variance 1/64 and 64 units."""
    signal = measured["sigmoid", XAVIER, 30].signal
    factor = signal[:, :-1] / signal[:, 1:]
    assert np.all((factor > 0.15) & (factor < 0.3))
    assert np.median(factor) == pytest.approx(0.24, abs=0.01)


def test_forward_std_at_depth_30(measured):
    """Under Xavier each ReLU layer halves the variance: 2**-15 = 3.1e-5. Under He it stays."""
    xavier, he = measured["relu", XAVIER, 30].forward_std, measured["relu", HE, 30].forward_std
    assert np.median(xavier[:, -1]) == pytest.approx(3.5e-5, rel=2 / 3)
    assert np.median(he[:, -1]) == pytest.approx(0.8, rel=0.4)
    per_layer = (np.median(xavier[:, -1]) / np.median(xavier[:, 0])) ** (1 / 29)
    assert per_layer == pytest.approx(2**-0.5, rel=0.03)


def test_weight_gradient_hides_what_the_signal_shows(measured):
    """For ReLU, He and Xavier differ by 2**14.5 in the signal, and not at all in the weight gradient."""
    he, xavier = measured["relu", HE, 30], measured["relu", XAVIER, 30]
    assert np.median(he.ratio) / np.median(xavier.ratio) == pytest.approx(2**14.5, rel=0.5)
    for result in (he, xavier):
        ratio = result.weight_gradient[:, 0] / result.weight_gradient[:, -1]
        assert 1 / 3 < np.median(ratio) < 3


def test_he_is_xavier_times_a_power_of_two():
    """With the same random numbers, He's ReLU network is the Xavier one scaled: exactly sqrt(2) a layer."""

    def xavier_from_he(fan_in, fan_out, *, rng):
        return he_normal(fan_in, fan_out, rng=rng) / np.sqrt(2)

    he = measure_backprop_signal("relu", "he_normal", 8, width=16, n_samples=20, seeds=range(3))
    xavier = measure_backprop_signal("relu", xavier_from_he, 8, width=16, n_samples=20, seeds=range(3))
    np.testing.assert_allclose(he.ratio / xavier.ratio, 2**3.5, rtol=1e-12)
    np.testing.assert_allclose(he.weight_gradient, xavier.weight_gradient * 2**3.5, rtol=1e-12)
    assert (he.initializer, xavier.initializer) == ("he_normal", "xavier_from_he")


def test_result_describes_itself_and_repeats():
    result = measure_backprop_signal("swish", "lecun_normal", 4, width=5, n_samples=7, seeds=[3, 1])
    assert (result.activation, result.initializer) == ("silu", "lecun_normal")
    assert (result.depth, result.width, result.n_samples) == (4, 5, 7)
    assert result.signal.shape == result.forward_std.shape == result.weight_gradient.shape == (2, 4)
    again = measure_backprop_signal("silu", "lecun_normal", 4, width=5, n_samples=7, seeds=iter([1]))
    np.testing.assert_array_equal(again.signal[0], result.signal[1])


@pytest.mark.parametrize(
    ("arguments", "exception", "words"),
    [
        ({"depth": 0}, ValueError, "depth must be at least 1, got 0"),
        ({"depth": 2.5}, TypeError, "depth must be a whole number, got 2.5"),
        ({"width": 0}, ValueError, "width must be at least 1, got 0"),
        ({"n_samples": 0}, ValueError, "n_samples must be at least 1, got 0"),
        ({"seeds": []}, ValueError, r"seeds must not be empty, got \(\)"),
        ({"activation": "sigmoyd"}, ValueError, "did you mean 'sigmoid'"),
        ({"initializer": "xavier"}, ValueError, "unknown name 'xavier'"),
    ],
)
def test_bad_arguments(arguments, exception, words):
    with pytest.raises(exception, match=words):
        measure_backprop_signal(**{"activation": "tanh", "initializer": XAVIER, "depth": 3} | arguments)


def test_a_silent_network_is_counted_and_left_out():
    # Layers of two units silence one example within eight layers nine times in ten: 1 − (3/4)^8.
    run = measure_length_scatter(2, 8, seeds=range(200))
    assert run.silent + len(run.length) == 200
    assert run.silent / 200 == pytest.approx(0.9, abs=0.07)  # three standard deviations
    assert (run.length > 0).all()
    assert np.isfinite(run.signal).all()


def test_the_root_mean_square_holds_mean_and_spread():
    run = measure_backprop_signal("sigmoid", XAVIER, 3, seeds=range(3))
    # A sigmoid's mean is near 1/2, and the square of that comes on top of the variance.
    assert np.sqrt(run.forward_rms**2 - run.forward_std**2) == pytest.approx(0.5, abs=0.1)
