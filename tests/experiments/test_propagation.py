"""Theory of signals in depth: against closed forms, and against networks."""

from __future__ import annotations

import numpy as np
import pytest

from activations import ACTIVATIONS
from activations.experiments.depth import measure_backprop_signal
from activations.experiments.propagation import orthogonal, predict_signal, product_singular_values


@pytest.mark.parametrize("gain", [0.5, 1.0, 2**0.5, 3.0])
def test_relu_has_a_closed_form(gain: float) -> None:
    theory = predict_signal("relu", gain, 12)
    # Half of the mean square survives each layer. The grid integrates it to rounding.
    np.testing.assert_allclose(theory.forward_rms, (gain / 2**0.5) ** np.arange(1, 13), rtol=1e-12)
    np.testing.assert_allclose(theory.backward_factor, gain / 2**0.5, rtol=1e-12)
    assert theory.ratio == pytest.approx((gain / 2**0.5) ** 11, rel=1e-11)
    # The variance of a rectified normal number is (1/2 − 1/(2π)) of that of the number.
    assert theory.forward_std[0] == pytest.approx(gain * np.sqrt(0.5 - 0.5 / np.pi), rel=1e-6)


def test_identity_only_multiplies() -> None:
    theory = predict_signal("identity", 0.9, 5)
    np.testing.assert_allclose(theory.forward_rms, 0.9 ** np.arange(1, 6), rtol=1e-12)
    np.testing.assert_allclose(theory.forward_std, theory.forward_rms, rtol=1e-12)
    assert theory.ratio == pytest.approx(0.9**4, rel=1e-12)


def test_one_layer_has_nothing_to_pass_on() -> None:
    assert predict_signal("tanh", 1.0, 1).ratio == 1.0


def test_selu_keeps_its_fixed_point() -> None:
    np.testing.assert_allclose(predict_signal("selu", 1.0, 50).forward_rms, 1.0, atol=1e-6)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "silu", "gelu", "elu", "softplus"])
def test_wide_networks_obey(name: str) -> None:
    theory = predict_signal(ACTIVATIONS[name], 1.0, 6)
    wide = measure_backprop_signal(name, "glorot_normal", 6, width=300, seeds=range(9))
    # One network of width 300 is off by up to 15 % after six layers, the median of nine by a third of it.
    np.testing.assert_allclose(np.median(wide.forward_std, axis=0), theory.forward_std, rtol=0.1)
    assert np.median(wide.ratio) == pytest.approx(theory.ratio, rel=0.1)


@pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 7)])
def test_orthogonal_matrices_keep_lengths(shape: tuple[int, int]) -> None:
    W = orthogonal(*shape, rng=np.random.default_rng(0))
    assert W.shape == shape
    np.testing.assert_allclose(np.linalg.svd(W, compute_uv=False), 1, rtol=1e-12)


def test_every_rotation_is_equally_likely() -> None:
    entries = [orthogonal(2, 2, rng=np.random.default_rng(seed))[0, 0] for seed in range(2000)]
    # cos of a uniform angle: mean 0, mean square 1/2; four standard errors.
    assert abs(np.mean(entries)) < 4 * np.sqrt(0.5 / 2000)
    assert abs(np.mean(np.square(entries)) - 0.5) < 4 * np.sqrt(0.125 / 2000)


def test_singular_values_of_a_product_come_in_order() -> None:
    values = product_singular_values("he_normal", 3, width=8, seeds=[2, 5])
    assert values.shape == (2, 8)
    assert (np.diff(values, axis=1) <= 0).all()
    rng = np.random.default_rng(5)
    W = [rng.normal(0, 0.5, (8, 8)) for _ in range(3)]
    np.testing.assert_allclose(values[1], np.linalg.svd(W[0] @ W[1] @ W[2], compute_uv=False), rtol=1e-9)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: predict_signal("tanh", 0.0, 3), "gain must be above 0"),
        (lambda: predict_signal("tanh", 1.0, 0), "depth must be at least 1"),
        (lambda: predict_signal("tahn", 1.0, 3), "did you mean 'tanh'"),
        (lambda: orthogonal(0, 3, rng=np.random.default_rng(0)), "fan_in must be at least 1"),
        (lambda: product_singular_values("he_normal", 0), "layers must be at least 1"),
        (lambda: product_singular_values("he_normal", 1, seeds=()), "seeds must not be empty"),
    ],
)
def test_bad_arguments_are_refused(call, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
