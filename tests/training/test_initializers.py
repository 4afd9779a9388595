import numpy as np
import pytest

from activations.training import INITIALIZERS, get_initializer, glorot_uniform, lecun_normal, plain_normal

FAN_IN, FAN_OUT = 400, 200
VARIANCE = {
    "glorot_uniform": 2 / (FAN_IN + FAN_OUT),
    "glorot_normal": 2 / (FAN_IN + FAN_OUT),
    "he_uniform": 2 / FAN_IN,
    "he_normal": 2 / FAN_IN,
    "lecun_normal": 1 / FAN_IN,
    "standard_uniform": 1 / (3 * FAN_IN),
    "plain_normal": 1.0,
}


def test_every_initializer_has_its_formula_here():
    assert set(VARIANCE) == set(INITIALIZERS)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_variance_is_that_of_the_paper(name):
    W = INITIALIZERS[name](FAN_IN, FAN_OUT, rng=np.random.default_rng(1))
    assert W.shape == (FAN_IN, FAN_OUT)
    assert W.dtype == np.float64
    # 80 000 normal draws: the variance has a standard error of 0.5 %, the mean one of 0.35 % of a deviation.
    assert W.var() == pytest.approx(VARIANCE[name], rel=0.02)
    assert abs(W.mean()) < 0.015 * np.sqrt(VARIANCE[name])


@pytest.mark.parametrize("name", INITIALIZERS)
def test_shape_of_the_distribution(name):
    W = INITIALIZERS[name](FAN_IN, FAN_OUT, rng=np.random.default_rng(2)) / np.sqrt(VARIANCE[name])
    if name.endswith("uniform"):  # a uniform of variance 1 fills (−√3, √3)
        assert 0.999 * np.sqrt(3) < abs(W).max() <= np.sqrt(3)
    else:  # 0.27 % of a normal lies beyond three deviations
        assert np.mean(abs(W) > 3) == pytest.approx(0.0027, rel=0.3)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_the_generator_decides(name):
    draw = INITIALIZERS[name]
    first = draw(3, 2, rng=np.random.default_rng(5))
    rng = np.random.default_rng(5)
    np.testing.assert_array_equal(first, draw(3, 2, rng=rng))
    assert not np.array_equal(first, draw(3, 2, rng=rng))


def test_lecun_keeps_the_variance_of_standard_inputs():
    rng = np.random.default_rng(3)
    z = rng.standard_normal((500, 300)) @ lecun_normal(300, 300, rng=rng)
    assert z.var() == pytest.approx(1, rel=0.02)


def test_plain_normal_takes_a_width():
    W = plain_normal(FAN_IN, FAN_OUT, rng=np.random.default_rng(0), std=0.01)
    assert W.std() == pytest.approx(0.01, rel=0.01)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_bad_arguments(name, complains):
    draw, rng = INITIALIZERS[name], np.random.default_rng(0)
    with complains(ValueError, name, "fan_in", "got 0"):
        draw(0, 3, rng=rng)
    with complains(ValueError, name, "fan_out", "got -1"):
        draw(3, -1, rng=rng)
    with complains(TypeError, name, "fan_in", "got 2.5"):
        draw(2.5, 3, rng=rng)
    with complains(TypeError, name, "rng", "got 0", "np.random.default_rng(0)"):
        draw(3, 3, rng=0)


@pytest.mark.parametrize("std", [0, -1, float("nan"), float("inf"), "wide", None])
def test_bad_width(std, complains):
    exception = ValueError if isinstance(std, (int, float)) else TypeError
    with complains(exception, "plain_normal", "std", repr(std)):
        plain_normal(3, 3, rng=np.random.default_rng(0), std=std)


def test_lookup(complains):
    assert get_initializer("glorot_uniform") is glorot_uniform
    assert get_initializer(np.multiply) is np.multiply
    with complains(ValueError, "get_initializer", "'he_norm'", "did you mean 'he_normal'?", "lecun_normal"):
        get_initializer("he_norm")
    with complains(ValueError, "get_initializer", "'zzz'", "choose from glorot_uniform"):
        get_initializer("zzz")
    with complains(TypeError, "get_initializer", "got 3"):
        get_initializer(3)
