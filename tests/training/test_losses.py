import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from activations.training import (
    LOSSES,
    Loss,
    binary_cross_entropy,
    binary_cross_entropy_gradient,
    get_loss,
    mean_squared_error,
    mean_squared_error_gradient,
    numerical_gradient,
    softmax_cross_entropy,
    softmax_cross_entropy_gradient,
)

numbers = st.floats(-6, 6, width=64)


@st.composite
def outputs_and_targets(draw, loss, min_columns=1):
    """A matrix of outputs and targets that suit the loss."""
    shape = (draw(st.integers(1, 5)), draw(st.integers(min_columns, 4)))
    output = draw(arrays(np.float64, shape, elements=numbers))
    if loss == "mean_squared_error":
        return output, draw(arrays(np.float64, shape, elements=numbers))
    if loss == "binary_cross_entropy":
        return output, draw(arrays(np.float64, shape, elements=st.floats(0, 1)))
    return output, draw(arrays(np.int64, shape[0], elements=st.integers(0, shape[1] - 1)))


def check_gradient(loss, output, target):
    numerical = numerical_gradient(lambda z: LOSSES[loss].value(z, target), output, eps=1e-5)
    gradient = LOSSES[loss].gradient(output, target)
    assert gradient.shape == output.shape
    # Central differences: rounding about 1e-16 * 36 / 1e-5, curvature about 1e-10.
    np.testing.assert_allclose(gradient, numerical, rtol=1e-6, atol=2e-9)


@settings(max_examples=50)
@given(outputs_and_targets("mean_squared_error"))
def test_gradient_of_mean_squared_error(case):
    check_gradient("mean_squared_error", *case)


@settings(max_examples=50)
@given(outputs_and_targets("binary_cross_entropy"))
def test_gradient_of_binary_cross_entropy(case):
    check_gradient("binary_cross_entropy", *case)


@settings(max_examples=50)
@given(outputs_and_targets("softmax_cross_entropy", min_columns=2))
def test_gradient_of_softmax_cross_entropy(case):
    output, labels = case
    check_gradient("softmax_cross_entropy", output, labels)
    # What the right class gains, the others lose: up to one rounding of a probability each.
    rows = softmax_cross_entropy_gradient(output, labels).sum(axis=1)
    np.testing.assert_allclose(rows, 0, atol=1e-15)


def test_mean_squared_error_averages_over_all_entries():
    assert mean_squared_error([[1, 2], [3, 4]], [[1, 0], [0, 4]]) == (0 + 4 + 9 + 0) / 4


@pytest.mark.parametrize("z", [-800.0, -40.0, -1.5, 0.0, 0.3, 37.0, 700.0])
@pytest.mark.parametrize("y", [0.0, 0.25, 1.0])
def test_binary_cross_entropy_is_the_log_likelihood(z, y):
    with mpmath.workdps(400):  # enough for 1 − σ(800)
        p = 1 / (1 + mpmath.exp(-mpmath.mpf(z)))
        exact = float(-(y * mpmath.log(p) + (1 - y) * mpmath.log(1 - p)))
    # The terms softplus(z) and y z are each right to 2 ulp; their difference is of order |z|.
    assert binary_cross_entropy([z], [y]) == pytest.approx(exact, rel=1e-14, abs=1e-15 * abs(z))


@given(arrays(np.float64, (4, 3), elements=numbers), arrays(np.int64, 4, elements=st.integers(0, 2)))
def test_softmax_cross_entropy_is_the_log_likelihood(z, labels):
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    exact = -np.mean(np.log(p[np.arange(4), labels]))
    assert softmax_cross_entropy(z, labels) == pytest.approx(exact, rel=1e-13, abs=1e-15)


@given(arrays(np.float64, (4, 3), elements=numbers), arrays(np.int64, 4, elements=st.integers(0, 2)))
def test_softmax_cross_entropy_ignores_a_common_shift(z, labels):
    # Adding 100 rounds each logit by at most 100 * 2**-53, about 1e-14.
    assert softmax_cross_entropy(z + 100, labels) == pytest.approx(
        softmax_cross_entropy(z, labels), abs=1e-13
    )


@given(arrays(np.float64, (5, 2), elements=numbers), arrays(np.int64, 5, elements=st.integers(0, 1)))
def test_two_classes_are_one_sigmoid_of_the_difference(z, labels):
    logit = z[:, 1] - z[:, 0]
    assert softmax_cross_entropy(z, labels) == pytest.approx(binary_cross_entropy(logit, labels), abs=1e-14)
    np.testing.assert_allclose(
        softmax_cross_entropy_gradient(z, labels)[:, 1],
        binary_cross_entropy_gradient(logit, labels),
        atol=1e-15,
    )


def test_extreme_logits_cost_their_size_and_nothing_overflows():
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert binary_cross_entropy([1e5, -1e5], [0, 1]) == 1e5
        np.testing.assert_array_equal(binary_cross_entropy_gradient([1e5, -1e5], [0, 1]), [0.5, -0.5])
        assert binary_cross_entropy([1e5, -1e5], [1, 0]) == 0
        assert softmax_cross_entropy([[0.0, 1e5]], [0]) == 1e5
        np.testing.assert_array_equal(softmax_cross_entropy_gradient([[0.0, 1e5]], [0]), [[-1, 1]])


def test_labels_one_hot_and_columns_say_the_same():
    z, labels = np.random.default_rng(0).standard_normal((4, 3)), np.array([0, 2, 1, 1])
    value, gradient = softmax_cross_entropy(z, labels), softmax_cross_entropy_gradient(z, labels)
    for same in (np.eye(3)[labels], np.eye(3, dtype=int)[labels], labels[:, None], labels.astype(float)):
        assert softmax_cross_entropy(z, same) == value
        np.testing.assert_array_equal(softmax_cross_entropy_gradient(z, same), gradient)


def test_soft_labels_are_the_average_of_hard_ones():
    z = np.array([[0.2, -1.0, 0.5]])
    mixed = softmax_cross_entropy(z, [[0.3, 0.7, 0.0]])
    assert mixed == pytest.approx(
        0.3 * softmax_cross_entropy(z, [0]) + 0.7 * softmax_cross_entropy(z, [1]), rel=1e-15
    )


@pytest.mark.parametrize("name", ["mean_squared_error", "binary_cross_entropy"])
def test_a_column_and_a_row_of_targets_do_not_broadcast(name):
    output, target = np.array([[0.5], [-1.0], [2.0]]), np.array([1.0, 0.0, 1.0])
    loss = get_loss(name)
    assert (
        loss.value(output, target) == loss.value(output[:, 0], target) == loss.value(output, target[:, None])
    )
    assert loss.gradient(output, target).shape == (3, 1)
    assert loss.gradient(output[:, 0], target[:, None]).shape == (3,)


@pytest.mark.parametrize("name", LOSSES)
def test_dtypes(name):
    output, target = np.array([[0.5, 1.0], [-1.0, 0.0]]), np.array([[0, 1], [1, 0]])
    loss = get_loss(name)
    assert isinstance(loss.value(output, target), float)
    assert loss.gradient(output.astype(np.float32), target).dtype == np.float32
    assert loss.gradient(output.astype(np.float16), target).dtype == np.float32
    assert loss.gradient(output.astype(int), target).dtype == np.float64
    assert loss.gradient(output.tolist(), target.tolist()).dtype == np.float64


PAIRS = {
    "mean_squared_error": mean_squared_error,
    "mean_squared_error_gradient": mean_squared_error_gradient,
    "binary_cross_entropy": binary_cross_entropy,
    "binary_cross_entropy_gradient": binary_cross_entropy_gradient,
    "softmax_cross_entropy": softmax_cross_entropy,
    "softmax_cross_entropy_gradient": softmax_cross_entropy_gradient,
}


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize(
    ("output", "target", "exception", "words"),
    [
        ([[0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]], ValueError, ["shape", "(2, 2)"]),
        (np.zeros((0, 2)), np.zeros((0, 2)), ValueError, ["empty", "(0, 2)"]),
        ([["a", "b"]], [[0, 1]], TypeError, ["real numbers", "<U1"]),
        ([[0.0, 1.0]], [["a", "b"]], TypeError, ["real numbers", "<U1"]),
        (np.array([[0.0, None]]), [[0, 1]], TypeError, ["real numbers", "object"]),
        ([[1j, 0]], [[0, 1]], TypeError, ["real numbers", "complex128"]),
        ([[0.0, 1.0], [1.0]], [[0, 1]], ValueError, ["rectangular"]),
    ],
    ids=["lengths", "empty", "text output", "text target", "object", "complex", "ragged"],
)
def test_bad_arguments(name, output, target, exception, words, complains):
    with complains(exception, name, *words):
        PAIRS[name](output, target)


@pytest.mark.parametrize("target", [[0, 2], [-1, 1], [0.5, float("nan")]])
@pytest.mark.parametrize("name", ["binary_cross_entropy", "binary_cross_entropy_gradient"])
def test_binary_targets_outside_the_unit_interval(name, target, complains):
    with complains(ValueError, name, "[0, 1]"):
        PAIRS[name]([0.0, 1.0], target)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([0, 3], ["from 0 to 2", "got 3"]),
        ([0, -1], ["from 0 to 2", "got -1"]),
        ([0, 1.5], ["whole numbers", "got 1.5"]),
        ([0, math.nan], ["finite", "nan"]),
        ([0, 1, 2], ["(2,)", "(3,)"]),
        ([[1, 0], [0, 1]], ["(2, 3)", "(2, 2)"]),
        ([[1, 0, 0], [0, 1, 1]], ["distribution", "2"]),
        ([[1, 0, 0], [-1, 1, 1]], ["distribution", "negative"]),
        ([[1, 0, 0], [math.nan, 1, 0]], ["distribution"]),
    ],
)
@pytest.mark.parametrize("name", ["softmax_cross_entropy", "softmax_cross_entropy_gradient"])
def test_labels_that_are_no_classes(name, labels, words, complains):
    with complains(ValueError, name, *words):
        PAIRS[name]([[0.0, 1.0, 2.0], [1.0, 0.0, 0.5]], labels)


@pytest.mark.parametrize("logits", [[[0.0], [1.0]], [0.0, 1.0]])
def test_softmax_needs_two_classes(logits, complains):
    with complains(ValueError, "softmax_cross_entropy", "at least 2", "use binary_cross_entropy"):
        softmax_cross_entropy(logits, [0, 0])


def test_lookup(complains):
    for name, loss in LOSSES.items():
        assert get_loss(name) is loss
        assert loss.name == name
        assert (loss.value, loss.gradient) == (PAIRS[name], PAIRS[f"{name}_gradient"])
    own = Loss("mine", "my loss", mean_squared_error, mean_squared_error_gradient)
    assert get_loss(own) is own
    assert [array.shape for array in own.encode("fit", [[1.0]], [2.0])] == [(1, 1), (1, 1)]
    with complains(ValueError, "get_loss", "'mean_square_error'", "did you mean 'mean_squared_error'?"):
        get_loss("mean_square_error")
    with complains(TypeError, "get_loss", "mean_squared_error"):
        get_loss(mean_squared_error)
