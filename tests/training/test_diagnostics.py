import numpy as np
import pytest

from activations.functions import ACTIVATIONS
from activations.training import (
    MLP,
    SGD,
    backprop_signal,
    binary_cross_entropy,
    dead_units,
    fit,
    layer_statistics,
    numerical_gradient,
    weight_gradient_norms,
)


def rng(seed=0):
    return np.random.default_rng(seed)


def test_statistics_by_hand():
    # z = x for the first unit, −x for the second
    network = MLP([1, 2, 1], "relu", parameters=[[[1.0, -1.0]], [0.0, 0.0], [[1.0], [1.0]], [0.0]])
    X = np.array([[1.0], [2.0], [-3.0], [0.0]])
    a = np.array([1, 2, 0, 0, 0, 0, 3, 0])
    statistics = layer_statistics(network, X)
    assert statistics.mean == pytest.approx([a.mean()])
    assert statistics.std == pytest.approx([a.std()])
    assert statistics.zero == [5 / 8]
    assert statistics.saturated == [5 / 8], "ReLU is flat exactly where it is zero"


def test_half_of_the_relus_are_silent_at_first():
    network = MLP([20, 300, 300, 1], "relu", rng=rng())
    statistics = layer_statistics(network, rng(1).standard_normal((200, 20)))
    # Each unit is silent for about half of the inputs; averaging over 300 of them leaves a few percent.
    np.testing.assert_allclose(statistics.zero, 0.5, atol=0.06)


def test_saturation_of_tanh_is_measured_on_its_derivative():
    edge = np.arctanh(np.sqrt(0.95))  # tanh' = 0.05 there
    network = MLP([1, 1, 1], "tanh", parameters=[[[1.0]], [0.0], [[1.0]], [0.0]])
    X = np.array([[0.0], [edge - 1e-6], [edge + 1e-6], [-9.0]])
    assert layer_statistics(network, X).saturated == [0.5]
    assert layer_statistics(network, X, threshold=1e-6).saturated == [0.25]


def test_sigmoid_and_tanh_saturate_alike():
    # σ(2x) is tanh rescaled: the same share of the largest slope, whatever its size
    X = rng(1).standard_normal((100, 3))
    W = 3 * rng(2).standard_normal((3, 40))
    tail = [np.zeros(40), np.zeros((40, 1)), np.zeros(1)]
    tanh = layer_statistics(MLP([3, 40, 1], "tanh", parameters=[W, *tail]), X)
    sigmoid = layer_statistics(MLP([3, 40, 1], "sigmoid", parameters=[2 * W, *tail]), X)
    assert 0.1 < tanh.saturated[0] < 0.9
    assert sigmoid.saturated == tanh.saturated


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_shares_are_shares(activation):
    network = MLP([4, 9, 8, 2], activation, rng=rng(), dtype=np.float32)
    statistics = layer_statistics(network, rng(1).standard_normal((30, 4)))
    for share in (statistics.saturated, statistics.zero):
        assert share.shape == (2,)
        assert np.all((share >= 0) & (share <= 1))


def test_signal_is_the_derivative_by_the_pre_activations():
    network = MLP([3, 4, 5, 1], "tanh", rng=rng())
    X, y = rng(1).standard_normal((6, 3)), np.array([0, 1, 1, 0, 1, 0])
    forward = network.forward(X)

    def loss_from(layer):
        def value(z):
            for k in range(layer, 3):
                a = network.functions[k](z)
                if k < 2:
                    z = a @ network.weights[k + 1] + network.biases[k + 1]
            return binary_cross_entropy(a, y)

        return value

    expected = [
        np.linalg.norm(numerical_gradient(loss_from(layer), forward.pre_activations[layer]))
        for layer in range(3)
    ]
    np.testing.assert_allclose(backprop_signal(network, X, y, "binary_cross_entropy"), expected, rtol=1e-6)


def test_weight_gradient_hides_what_the_signal_shows():
    # Scaling every ReLU layer by c scales signal k of n by c**(n − k) and its input by c**(k − 1): their
    # product, the weight gradient, has the same scale in each layer. Huge targets make the gradient at the
    # top independent of c.
    X, y = rng(1).standard_normal((50, 30)), 1e9 * rng(2).standard_normal(50)
    network = MLP([30] * 9 + [1], "relu", initializer="he_normal", rng=rng())
    small = network.copy()
    for W in small.weights[:-1]:
        W *= 0.5
    signals = [backprop_signal(net, X, y, "mean_squared_error") for net in (network, small)]
    norms = [weight_gradient_norms(net, X, y, "mean_squared_error") for net in (network, small)]
    signal_ratios = [signal[0] / signal[-2] for signal in signals]
    norm_ratios = [norm[0] / norm[-2] for norm in norms]
    assert signal_ratios[1] == pytest.approx(signal_ratios[0] * 0.5**7, rel=1e-6)
    assert norm_ratios[1] == pytest.approx(norm_ratios[0], rel=1e-6)


def test_labels_of_every_shape_are_understood():
    network = MLP([3, 4, 2], rng=rng())
    X, y = rng(1).standard_normal((6, 3)), np.array([0, 1, 1, 0, 1, 0])
    np.testing.assert_array_equal(
        backprop_signal(network, X, y, "softmax_cross_entropy"),
        backprop_signal(network, X, np.eye(2)[y], "softmax_cross_entropy"),
    )


def test_dead_units_stay_dead():
    X, y = rng(1).standard_normal((40, 2)), rng(2).integers(0, 2, 40)
    network = MLP([2, 16, 1], "relu", rng=rng())
    network.biases[0][:5] = -100
    before = network.weights[0].copy()
    np.testing.assert_array_equal(dead_units(network, X)[0], np.arange(16) < 5)
    fit(network, X, y, loss="binary_cross_entropy", optimizer=SGD(0.1), epochs=5, rng=rng())
    assert dead_units(network, X)[0][:5].all()
    np.testing.assert_array_equal(network.weights[0][:, :5], before[:, :5])
    assert np.all(network.weights[0][:, 5:] != before[:, 5:])


def test_leaky_units_never_die():
    network = MLP([2, 16, 8, 1], "leaky_relu", rng=rng())
    network.biases[0][:] = -100
    assert [mask.shape for mask in dead_units(network, np.eye(2))] == [(16,), (8,)]
    assert not any(mask.any() for mask in dead_units(network, np.eye(2)))


@pytest.mark.parametrize("function", [layer_statistics, dead_units])
def test_bad_inputs(function, complains):
    network, name = MLP([2, 3, 1], rng=rng()), function.__name__
    with complains(ValueError, name, "hidden layer", "[2, 1]"):
        function(MLP([2, 1], rng=rng()), np.eye(2))
    with complains(ValueError, name, "finite", "nan"):
        function(network, [[0.0, np.nan]])
    with complains(ValueError, name, "(n_samples, 2)", "(1, 3)"):
        function(network, [[0.0, 1.0, 2.0]])
    with complains(TypeError, name, "real numbers"):
        function(network, [["a", "b"]])


@pytest.mark.parametrize("function", [backprop_signal, weight_gradient_norms])
def test_bad_data(function, complains):
    network, name = MLP([2, 3, 1], rng=rng()), function.__name__
    with complains(ValueError, name, "(n_samples, 2)"):
        function(network, np.ones((3, 3)), [0, 1, 1], "mean_squared_error")
    with complains(ValueError, name, "(3, 1)", "(2,)"):
        function(network, np.ones((3, 2)), [0, 1], "mean_squared_error")
    with complains(ValueError, "get_loss", "'mse'"):
        function(network, np.ones((3, 2)), [0, 1, 1], "mse")


@pytest.mark.parametrize("network", [None, "x", 5, MLP])
def test_what_is_no_network(network, complains):
    for function in (layer_statistics, dead_units):
        with complains(TypeError, function.__name__, "network must be of type MLP"):
            function(network, np.eye(2))
    for function in (backprop_signal, weight_gradient_norms):
        with complains(TypeError, function.__name__, "network must be of type MLP"):
            function(network, np.eye(2), [0, 1], "mean_squared_error")


@pytest.mark.parametrize("threshold", [0, 1, -0.1, "low"])
def test_bad_threshold(threshold, complains):
    exception = TypeError if threshold == "low" else ValueError
    with complains(exception, "layer_statistics", "threshold", "above 0 and below 1", repr(threshold)):
        layer_statistics(MLP([2, 3, 1], rng=rng()), np.eye(2), threshold=threshold)
