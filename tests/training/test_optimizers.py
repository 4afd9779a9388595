import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activations.training import OPTIMIZERS, SGD, Adam, Optimizer, get_optimizer


def descend(optimizer, theta, steps, curvature):
    for _ in range(steps):
        optimizer.update([theta], [curvature * theta])
    return theta


@given(st.floats(0.01, 0.9), st.floats(-5, 5))
def test_sgd_on_a_parabola_shrinks_geometrically(learning_rate, start):
    theta = descend(SGD(learning_rate), np.array([start]), 10, 1.0)
    np.testing.assert_allclose(theta, start * (1 - learning_rate) ** 10, rtol=1e-12, atol=1e-300)


def test_momentum_is_polyaks_recurrence():
    theta, optimizer, expected, velocity = np.array([1.0]), SGD(0.1, momentum=0.8), 1.0, 0.0
    for _ in range(7):
        optimizer.update([theta], [3 * theta])
        velocity = 0.8 * velocity - 0.1 * 3 * expected
        expected += velocity
        assert theta[0] == pytest.approx(expected, rel=1e-14)


def test_momentum_pays_in_a_narrow_valley():
    curvature, start = np.array([1.0, 100.0]), np.array([1.0, 1.0])
    plain = descend(SGD(2 / 101), start.copy(), 60, curvature)  # the best plain rate: 2 / (1 + 100)
    heavy = descend(SGD(4 / 121, momentum=(9 / 11) ** 2), start.copy(), 60, curvature)  # Polyak's best pair
    assert abs(plain).max() > 0.2
    assert abs(heavy).max() < 0.01


@pytest.mark.parametrize("scale", [1e-5, 1.0, 1e6])
def test_adams_first_step_is_the_learning_rate_whatever_the_scale(scale):
    theta = np.array([0.0, 0.0])
    Adam(0.05).update([theta], [scale * np.array([1.0, -2.0])])
    # epsilon = 1e-8 against a gradient of 1e-5 is a thousandth
    np.testing.assert_allclose(theta, [-0.05, 0.05], rtol=2e-3)


def test_adam_is_algorithm_one():
    gradients = np.random.default_rng(0).standard_normal(12)
    theta, optimizer = np.array([0.3]), Adam(0.01, beta_1=0.7, beta_2=0.95, epsilon=1e-6)
    expected, m, v = 0.3, 0.0, 0.0
    for t, g in enumerate(gradients, start=1):
        optimizer.update([theta], [np.array([g])])
        m, v = 0.7 * m + 0.3 * g, 0.95 * v + 0.05 * g * g
        expected -= 0.01 * (m / (1 - 0.7**t)) / (math.sqrt(v / (1 - 0.95**t)) + 1e-6)
        assert theta[0] == pytest.approx(expected, rel=1e-12)


def test_a_parameter_without_gradient_stays():
    for optimizer in (SGD(0.1, momentum=0.9), Adam(0.1)):
        theta = np.array([1.5])
        optimizer.update([theta], [np.array([0.0])])
        assert theta == 1.5


@pytest.mark.parametrize("optimizer", [SGD(0.1), SGD(0.1, momentum=0.9), Adam(0.1)])
def test_updates_happen_in_place_and_keep_the_dtype(optimizer):
    matrix, scalar = np.ones((2, 2), np.float32), np.array(1.0, np.float32)
    optimizer.update([matrix, scalar], [np.ones((2, 2), np.float32), np.array(1.0, np.float32)])
    assert matrix.dtype == scalar.dtype == np.float32
    np.testing.assert_allclose(matrix, 0.9, rtol=1e-6)
    assert scalar == pytest.approx(0.9)


def test_the_learning_rate_may_change():
    theta, optimizer = np.array([0.0]), SGD(1.0)
    optimizer.update([theta], [np.array([1.0])])
    optimizer.learning_rate = 0.5
    optimizer.update([theta], [np.array([1.0])])
    assert theta == -1.5


@pytest.mark.parametrize("optimizer", [SGD(0.1, momentum=0.5), Adam()])
def test_an_optimizer_belongs_to_one_network(optimizer, complains):
    name = f"{type(optimizer).__name__}.update"
    optimizer.update([np.ones(3)], [np.ones(3)])
    with complains(ValueError, name, "one network", "(2,)", "(3,)"):
        optimizer.update([np.ones(2)], [np.ones(2)])
    with complains(ValueError, name, "gradient of its own shape"):
        optimizer.update([np.ones(3)], [np.ones(2)])
    with complains(ValueError, name, "gradient of its own shape"):
        optimizer.update([np.ones(3)], [])


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values())
@pytest.mark.parametrize("learning_rate", [0, -0.1, math.nan, math.inf, "fast", None])
def test_bad_learning_rates(optimizer, learning_rate, complains):
    exception = ValueError if isinstance(learning_rate, (int, float)) else TypeError
    with complains(exception, optimizer.__name__, "learning_rate", "above 0", f"got {learning_rate!r}"):
        optimizer(learning_rate=learning_rate)


@pytest.mark.parametrize(
    ("optimizer", "arguments"),
    [
        (SGD, {"momentum": 1}),
        (SGD, {"momentum": -0.1}),
        (Adam, {"beta_1": 1.0}),
        (Adam, {"beta_2": -0.5}),
        (Adam, {"epsilon": 0}),
    ],
)
def test_bad_settings(optimizer, arguments, complains):
    ((name, value),) = arguments.items()
    with complains(ValueError, optimizer.__name__, name, repr(value)):
        optimizer(**arguments)


@pytest.mark.parametrize("optimizer", [SGD, Adam])
@pytest.mark.parametrize(
    ("parameters", "gradients", "words"),
    [
        (None, [np.ones(2)], "parameters must be a sequence of arrays, got None"),
        ([1.0], [np.ones(())], "parameters must be arrays of floats, got 1.0"),
        ([np.array([1, 2])], [np.ones(2)], "parameters must be arrays of floats, got array([1, 2])"),
        ([np.ones(2)], 3, "gradients must be a sequence of arrays, got 3"),
        ([np.ones(2)], [[1.0, 2.0]], "gradients must be arrays, got [1.0, 2.0]"),
    ],
)
def test_what_cannot_be_updated(optimizer, parameters, gradients, words, complains):
    with complains(TypeError, f"{optimizer.__name__}.update", words):
        optimizer().update(parameters, gradients)


@pytest.mark.parametrize("learning_rate", [np.ones(2), [0.1], None])
def test_a_learning_rate_is_one_number(learning_rate, complains):
    with complains(TypeError, "SGD", "learning_rate must be a number"):
        SGD(learning_rate)


def test_lookup_and_repr(complains):
    assert repr(get_optimizer("sgd")) == "SGD(learning_rate=0.01, momentum=0)"
    assert repr(get_optimizer("adam")) == "Adam(learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-08)"
    own = Adam()
    assert get_optimizer(own) is own
    assert isinstance(own, Optimizer)
    with complains(ValueError, "get_optimizer", "'adm'", "did you mean 'adam'?"):
        get_optimizer("adm")
    with complains(TypeError, "get_optimizer", "Adam"):
        get_optimizer(Adam)
