"""Mean and variance from layer to layer: integrals against exact values, networks against the theory."""

from __future__ import annotations

import math

import numpy as np
import pytest

from activations import elu, get_activation, relu, tanh
from activations.experiments.moments import (
    Moments,
    measure_moments,
    moment_jacobian,
    moment_map,
    normal_moments,
    selu_constants,
)
from activations.experiments.propagation import predict_signal


@pytest.mark.parametrize(("mean", "variance"), [(0.0, 1.0), (1.5, 0.25), (-3.0, 4.0)])
def test_moments_of_simple_functions(mean, variance):
    # Sums of about a thousand terms of order 1: a few 1e-15.
    np.testing.assert_allclose(normal_moments(lambda z: z, mean, variance), (mean, variance), atol=1e-12)
    square = normal_moments(lambda z: z * z, mean, variance)
    expected = mean**2 + variance, 2 * variance**2 + 4 * mean**2 * variance
    np.testing.assert_allclose(square, expected, rtol=1e-12)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0])
def test_moments_of_elu_in_closed_form(alpha):
    def upper(x):
        return math.erfc(x / math.sqrt(2)) / 2

    a, b = math.exp(0.5) * upper(1), math.exp(2) * upper(2)
    mean = 1 / math.sqrt(2 * math.pi) + alpha * (a - 0.5)
    square = 0.5 + alpha**2 * (b - 2 * a + 0.5)
    moments = normal_moments(lambda z: elu(z, alpha))
    assert moments.mean == pytest.approx(mean, abs=1e-14)
    assert moments.mean_square == pytest.approx(square, rel=1e-13)


def test_variance_must_be_positive():
    with pytest.raises(ValueError, match="normal_moments: variance must be"):
        normal_moments(relu, 0.0, 0.0)


def test_the_constants_of_selu_are_those_of_the_package():
    alpha, scale = selu_constants()
    assert scale == pytest.approx(1.0507009873554805, rel=1e-14)
    assert alpha * scale == pytest.approx(1.7580993408473768599, rel=1e-14)


def test_the_map_scales_what_comes_in():
    moments = moment_map("identity", Moments(2.0, 3.0), weight_sum=0.5, weight_squares=2.0)
    np.testing.assert_allclose(moments, (1.0, 6.0), rtol=1e-12)


def test_the_jacobian_of_a_linear_map():
    # Of the identity: the mean is multiplied by the weights' sum, the variance by their sum of squares.
    J = moment_jacobian("identity", Moments(0.3, 2.0), weight_sum=0.5, weight_squares=2.0)
    np.testing.assert_allclose(J, [[0.5, 0], [0, 2]], atol=1e-9)


def test_selu_contracts_on_the_domain_of_its_theorem():
    norms = [
        np.linalg.norm(
            moment_jacobian("selu", Moments(mean, variance), weight_sum=omega, weight_squares=tau), 2
        )
        for mean in (-0.1, 0.1)
        for variance in (0.8, 1.5)
        for omega in (-0.1, 0.1)
        for tau in (0.95, 1.1)
    ]
    assert max(norms) < 1
    assert np.linalg.norm(moment_jacobian("selu"), 2) == pytest.approx(0.7877, abs=5e-5)


@pytest.mark.parametrize(
    ("name", "start", "gain"), [("tanh", "lecun_normal", 1.0), ("relu", "he_normal", 2**0.5)]
)
def test_networks_follow_the_integrals(name, start, gain):
    runs = measure_moments(name, start, 6, seeds=range(5))
    expected = predict_signal(name, gain, 6).forward_rms ** 2
    # Five networks of width 128; six ReLU layers spread by a third.
    np.testing.assert_allclose(np.mean(runs.mean_square[:, 1:], axis=0), expected, rtol=0.35)


def test_the_input_comes_first():
    runs = measure_moments("tanh", "lecun_normal", 2, mean=2.0, std=0.5, seeds=range(3))
    assert runs.mean.shape == runs.mean_square.shape == (3, 3)
    # 8192 numbers a seed.
    np.testing.assert_allclose(runs.mean[:, 0], 2.0, atol=0.05)
    np.testing.assert_allclose(runs.mean_square[:, 0], 4.25, atol=0.2)
    assert (runs.mean_square[:, 1:] < 1).all()


def test_selu_forgets_its_start_and_relu_does_not():
    ends = {
        name: [
            np.median(measure_moments(name, start, 32, std=std, seeds=range(5)).mean_square[:, -1])
            for std in (0.25, 4.0)
        ]
        for name, start in (("selu", "lecun_normal"), ("relu", "he_normal"))
    }
    assert ends["selu"][1] / ends["selu"][0] < 1.3  # 256 at the start
    assert ends["relu"][1] / ends["relu"][0] == pytest.approx(256, rel=0.1)


def test_a_standard_normal_number_through_tanh():
    # From mpmath with 25 digits; the panels are cut for kinks and lose nothing here.
    assert normal_moments(tanh).mean_square == pytest.approx(0.39429449039784, rel=1e-13)


def test_unknown_activation():
    with pytest.raises(ValueError, match="get_activation"):
        moment_map("sel", Moments(0.0, 1.0))
    assert get_activation("selu").name == "selu"
