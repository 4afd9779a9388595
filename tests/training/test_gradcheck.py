import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from activations.training import MLP, check_gradients, numerical_gradient


@given(arrays(np.float64, (3, 2), elements=st.floats(-2, 2)))
def test_gradient_of_a_cubic(x):
    gradient = numerical_gradient(lambda v: float(np.sum(v**3) + v[0, 0] * v[2, 1]), x)
    exact = 3 * x**2
    exact[0, 0] += x[2, 1]
    exact[2, 1] += x[0, 0]
    # rounding: 50 * 1e-16 / 1e-5; the third derivative, 6, adds eps**2
    np.testing.assert_allclose(gradient, exact, atol=3e-9)


def test_the_point_is_left_alone():
    x = np.array([1, 2])
    np.testing.assert_allclose(numerical_gradient(lambda v: v[0] * v[1], x), [2, 1], rtol=1e-8)
    assert x.tolist() == [1, 2]
    assert numerical_gradient(lambda v: float(v**2), 3.0) == pytest.approx(6)


def test_smaller_steps_are_better_until_rounding_takes_over():
    errors = [abs(numerical_gradient(np.exp, 1.0, eps)[()] - np.e) for eps in (1e-1, 1e-3, 1e-5, 1e-13)]
    assert errors[0] > errors[1] > errors[2]
    assert errors[3] > 1000 * errors[2]


@pytest.mark.parametrize(
    ("x", "eps", "exception", "words"),
    [
        ([1.0], 0, ValueError, ["eps", "got 0"]),
        ([1.0], -1e-6, ValueError, ["eps"]),
        ([], 1e-6, ValueError, ["x must not be empty"]),
        ([np.nan], 1e-6, ValueError, ["x must be finite"]),
        (["a"], 1e-6, TypeError, ["x must hold real numbers"]),
    ],
)
def test_bad_arguments(x, eps, exception, words, complains):
    with complains(exception, "numerical_gradient", *words):
        numerical_gradient(lambda v: 0.0, x, eps)


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (5, "f must be a function, got 5"),
        (lambda x: x, "f must return one number, got array"),
        (lambda x: "1", "f must return one number, got '1'"),
        (lambda x: None, "f must return one number, got None"),
    ],
)
def test_what_has_no_gradient(f, words, complains):
    with complains(TypeError, "numerical_gradient", words):
        numerical_gradient(f, [1.0, 2.0])


def test_the_network_is_left_alone_and_float32_is_checked_in_float64():
    network = MLP([3, 4, 2], "tanh", rng=np.random.default_rng(0), dtype=np.float32)
    before = [array.copy() for array in network.parameters]
    X = np.random.default_rng(1).standard_normal((5, 3))
    X.setflags(write=False)
    assert check_gradients(network, X, [0, 1, 1, 0, 1], "softmax_cross_entropy") < 1e-7
    for array, old in zip(network.parameters, before, strict=True):
        np.testing.assert_array_equal(array, old)


def test_all_zero_gradients_agree():
    dead_and_right = MLP([1, 1, 1], parameters=[[[1.0]], [-9.0], [[1.0]], [0.0]])
    assert check_gradients(dead_and_right, [[1.0]], [0.0], "mean_squared_error") == 0


def test_a_kink_is_noticed():
    network = MLP([1, 1], output_activation="relu", parameters=[[[1.0]], [0.0]])
    assert check_gradients(network, [[0.0]], [5.0], "mean_squared_error") > 1e-3


def test_bad_network_data(complains):
    network = MLP([3, 4, 2], rng=np.random.default_rng(0))
    with complains(ValueError, "check_gradients", "from 0 to 1", "got 2"):
        check_gradients(network, np.ones((1, 3)), [2], "softmax_cross_entropy")
    with complains(TypeError, "check_gradients", "network must be of type MLP", "list"):
        check_gradients([3, 4, 2], np.ones((1, 3)), [1], "softmax_cross_entropy")
    with complains(ValueError, "numerical_gradient", "eps"):
        check_gradients(network, np.ones((1, 3)), [1], "softmax_cross_entropy", eps=0)
