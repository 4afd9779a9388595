import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from activations.functions import ACTIVATIONS, get_activation
from activations.training import LOSSES, MLP, SGD, check_gradients, he_normal, plain_normal

SMOOTH_ENOUGH = 1e-3  # distance from a kink, far more than the step of the finite differences
BENDS = {"elu": (0.0,)}  # the slope is continuous there, the curvature is not: differences err by eps / 4


def rng(seed=0):
    return np.random.default_rng(seed)


def random_problem(loss, n_outputs, generator, n_samples=4, n_inputs=3):
    X = generator.standard_normal((n_samples, n_inputs))
    y = {
        "mean_squared_error": lambda: generator.standard_normal((n_samples, n_outputs)),
        "binary_cross_entropy": lambda: generator.integers(0, 2, (n_samples, n_outputs)),
        "softmax_cross_entropy": lambda: generator.integers(0, n_outputs, n_samples),
    }[loss]()
    return X, y


def distance_from_kinks(network, X):
    layers = [*network.hidden_activations, network.output_activation]
    pairs = zip(layers, network.forward(X).pre_activations, strict=True)
    places = [(z, kink) for act, z in pairs for kink in (*act.kinks, *BENDS.get(act.name, ()))]
    return min((abs(z - kink).min() for z, kink in places), default=np.inf)


def check(network, X, y, loss):
    """Check the gradients as well as central differences allow: they are rounded at about 1e-16 / 1e-5."""
    assume(distance_from_kinks(network, X) > SMOOTH_ENOUGH)
    forward = network.forward(X)
    gradients = network.backward(forward, LOSSES[loss].gradient(forward.output, y)).parameters
    smallest = min((abs(g).max() for g in gradients if g.any()), default=1.0)
    assume(smallest > 1e-7)
    assert check_gradients(network, X, y, loss) < 1e-6 + 2e-10 / smallest


def test_forward_is_the_textbook():
    network = MLP([2, 3, 1], "tanh", output_activation="sigmoid", rng=rng())
    X = rng(1).standard_normal((5, 2))
    W0, b0, W1, b1 = network.parameters
    b0 += 0.5
    z0 = X @ W0 + b0
    a1 = np.tanh(z0)
    z1 = a1 @ W1 + b1
    forward = network.forward(X)
    for ours, expected in zip(forward.pre_activations, [z0, z1], strict=True):
        np.testing.assert_array_equal(ours, expected)
    np.testing.assert_array_equal(forward.activations[0], X)
    np.testing.assert_allclose(forward.activations[1], a1, rtol=1e-15)
    np.testing.assert_allclose(forward.output, 1 / (1 + np.exp(-z1)), rtol=1e-14)
    np.testing.assert_array_equal(network.predict(X.tolist()), forward.output)


def test_a_stack_of_linear_layers_is_one_affine_map():
    network = MLP([3, 7, 5, 2], "identity", rng=rng())
    X = rng(1).standard_normal((6, 3))
    W = network.weights[0] @ network.weights[1] @ network.weights[2]
    np.testing.assert_allclose(network.predict(X), X @ W, atol=1e-14)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_gradients_match_finite_differences(activation, data):
    hidden = data.draw(st.lists(st.integers(1, 4), min_size=0, max_size=3), label="hidden")
    loss = data.draw(st.sampled_from(sorted(LOSSES)), label="loss")
    n_outputs = data.draw(st.integers(2 if loss == "softmax_cross_entropy" else 1, 3), label="n_outputs")
    generator = rng(data.draw(st.integers(0, 10**6), label="seed"))
    # The output activation is tested as well, where the loss leaves it free.
    output = activation if loss == "mean_squared_error" else "identity"
    network = MLP([3, *hidden, n_outputs], activation, output_activation=output, rng=generator)
    for b in network.biases:
        b += 0.3 * generator.standard_normal(b.shape)
    X, y = random_problem(loss, n_outputs, generator)
    check(network, X, y, loss)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(sorted(ACTIVATIONS)), min_size=2, max_size=4),
    st.integers(0, 10**6),
)
def test_gradients_of_mixed_networks(names, seed):
    generator = rng(seed)
    network = MLP([3, *[4] * len(names), 2], names, rng=generator)
    for b in network.biases:
        b += 0.3 * generator.standard_normal(b.shape)
    X, y = random_problem("softmax_cross_entropy", 2, generator)
    check(network, X, y, "softmax_cross_entropy")


def test_gradient_check_finds_a_wrong_derivative():
    network = MLP([3, 4, 1], "tanh", rng=rng())
    X, y = random_problem("mean_squared_error", 1, rng(1))

    class Wrong(MLP):
        def copy(self, *, dtype=None):
            network = super().copy(dtype=dtype)
            network.derivatives[0] = np.ones_like
            return network

    network.__class__ = Wrong
    assert check_gradients(network, X, y, "mean_squared_error") > 0.01


def test_signals_and_input_gradient():
    network = MLP([2, 3, 1], "sigmoid", rng=rng())
    X = rng(1).standard_normal((5, 2))
    forward = network.forward(X)
    backward = network.backward(forward, np.ones((5, 1)))
    assert [dz.shape for dz in backward.signals] == [(5, 3), (5, 1)]
    np.testing.assert_array_equal(backward.signals[1], np.ones((5, 1)))
    slope = forward.activations[1] * (1 - forward.activations[1])
    np.testing.assert_allclose(backward.signals[0], network.weights[1].T * slope, rtol=1e-14)
    np.testing.assert_allclose(backward.inputs, backward.signals[0] @ network.weights[0].T, rtol=1e-15)


def test_every_layer_may_have_its_own_activation():
    network = MLP([2, 3, 4, 1], ["tanh", get_activation("relu")], rng=rng())
    assert [act.name for act in network.hidden_activations] == ["tanh", "relu"]
    X = rng(1).standard_normal((5, 2))
    forward = network.forward(X)
    assert forward.activations[1].min() < 0 <= forward.activations[2].min()
    assert repr(network) == "MLP([2, 3, 4, 1], tanh, relu, output identity, 30 parameters)"
    assert network.n_parameters == 2 * 3 + 3 + 3 * 4 + 4 + 4 + 1


def test_no_hidden_layer_is_a_linear_model():
    network = MLP([2, 1], rng=rng())
    np.testing.assert_array_equal(network.predict([[1.0, 2.0]]), [[1.0, 2.0]] @ network.weights[0])
    assert repr(network) == "MLP([2, 1], no hidden layer, output identity, 3 parameters)"


def test_activation_parameters_reach_the_activation():
    network = MLP([1, 1], output_activation="leaky_relu", parameters=[[[1.0]], [0.0]])
    assert network.predict([[-1.0]]) == -0.01
    network = MLP(
        [1, 1],
        output_activation="leaky_relu",
        activation_parameters={"negative_slope": 0.2},
        parameters=[[[1.0]], [0.0]],
    )
    assert network.predict([[-1.0]]) == -0.2
    assert network.copy().predict([[-1.0]]) == -0.2
    mixed = MLP(
        [1, 1, 1], ["elu"], output_activation="leaky_relu", activation_parameters={"alpha": 0.5}, rng=rng()
    )
    assert mixed.copy().functions[0](np.array(-50.0)) == pytest.approx(-0.5)
    assert mixed.functions[1](np.array(-1.0)) == -0.01


def test_the_slope_of_a_prelu_is_learned():
    network = MLP([1, 1], output_activation="prelu", parameters=[[[1.0]], [0.0], 0.25])
    assert (network.n_parameters, len(network.parameters)) == (3, 3)
    X, y = [[-2.0], [3.0]], np.array([[-1.0], [3.0]])
    before = network.predict(X)
    assert before[0, 0] == -0.5
    backward = network.backward(network.forward(X), 2 * (before - y) / 2)
    # dL/dslope = Σ da · min(z, 0) = (−0.5 + 1) · (−2)
    np.testing.assert_allclose(backward.slopes, [-1.0])
    SGD(0.1).update(network.parameters, backward.parameters)
    assert network.slopes[0] == pytest.approx(0.35)
    z = network.forward(X).pre_activations[0]
    assert network.predict(X)[0, 0] == pytest.approx(0.35 * z[0, 0])
    twin = network.copy()
    np.testing.assert_array_equal(twin.predict(X), network.predict(X))
    twin.slopes[0][...] = 0.0
    assert network.predict(X)[0, 0] != 0


@pytest.mark.parametrize(
    ("activation", "variance"),
    [("relu", 2 / 200), ("leaky_relu", 2 / 200), ("gelu", 2 / 200), ("selu", 1 / 200), ("tanh", 2 / 500)],
)
def test_default_initializer_suits_the_activation(activation, variance):
    network = MLP([200, 300, 200], activation, rng=rng())
    # 60 000 draws: a standard error of 0.6 %
    assert network.weights[0].var() == pytest.approx(variance, rel=0.03)
    assert network.weights[1].var() == pytest.approx(2 / 500, rel=0.03), "identity output: Glorot"
    assert not any(b.any() for b in network.biases)


def test_initializer_by_name_or_function():
    by_name = MLP([5, 4, 3], "tanh", initializer="he_normal", rng=rng())
    by_function = MLP([5, 4, 3], "tanh", initializer=he_normal, rng=rng())
    for first, second in zip(by_name.weights, by_function.weights, strict=True):
        np.testing.assert_array_equal(first, second)

    def narrow(fan_in, fan_out, *, rng):
        return plain_normal(fan_in, fan_out, rng=rng, std=1e-3)

    assert abs(MLP([5, 40, 3], initializer=narrow, rng=rng()).weights[0]).max() < 0.01


def test_given_parameters_are_copied():
    W, b = np.ones((2, 1)), np.zeros(1)
    network = MLP([2, 1], parameters=[W, b])
    network.weights[0][...] = 5
    assert W[0, 0] == 1


def test_copy_is_independent():
    network = MLP([2, 3, 1], ["silu"], rng=rng())
    twin, X = network.copy(), rng(1).standard_normal((4, 2))
    np.testing.assert_array_equal(twin.predict(X), network.predict(X))
    twin.weights[0][...] = 0
    assert not np.array_equal(twin.predict(X), network.predict(X))
    assert network.copy(dtype="float32").dtype == np.float32


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_float32_end_to_end(activation):
    network = MLP([3, 4, 2], activation, output_activation=activation, rng=rng(), dtype=np.float32)
    forward = network.forward(rng(1).standard_normal((5, 3)))
    backward = network.backward(forward, np.ones((5, 2)))
    arrays = [
        *network.parameters,
        *forward.pre_activations,
        *forward.activations,
        *backward.parameters,
        *backward.signals,
        backward.inputs,
    ]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("arguments", "exception", "words"),
    [
        ({"layer_sizes": [3]}, ValueError, ["layer_sizes", "[3]"]),
        ({"layer_sizes": 3}, TypeError, ["layer_sizes", "got 3"]),
        ({"layer_sizes": [3, 0, 1]}, ValueError, ["layer_sizes", "got 0"]),
        ({"layer_sizes": [3, 2.5, 1]}, TypeError, ["layer_sizes", "got 2.5"]),
        ({"activation": ["relu", "tanh"]}, ValueError, ["1 hidden layer", "got 2"]),
        ({"activation": "softmax"}, ValueError, ["elementwise", "softmax_cross_entropy"]),
        ({"output_activation": "softmax"}, ValueError, ["output_activation", "softmax_cross_entropy"]),
        ({"activation_parameters": {"negative_slop": 0.1}}, ValueError, ["'negative_slop'", "none"]),
        ({"dtype": np.float16}, ValueError, ["float32 or float64", "float16"]),
        ({"dtype": "number"}, ValueError, ["float32 or float64", "number"]),
        ({"rng": None}, TypeError, ["rng", "None", "np.random.default_rng(0)"]),
        ({"rng": 42}, TypeError, ["rng", "42"]),
        (
            {"initializer": lambda fan_in, fan_out, *, rng: np.ones(fan_in)},
            ValueError,
            ["initializer", "(3,)"],
        ),
        ({"initializer": lambda fan_in, fan_out, *, rng: "W"}, TypeError, ["initializer", "<U1"]),
        ({"parameters": [np.ones((3, 4))]}, ValueError, ["parameters", "(3, 4)", "W0, b0"]),
        ({"parameters": ["W", "b"]}, TypeError, ["parameters", "<U1"]),
        ({"parameters": 5}, TypeError, ["parameters must be a sequence of arrays", "got 5"]),
        ({"activation_parameters": 0.2}, TypeError, ["activation_parameters", "map names", "got 0.2"]),
        ({"activation_parameters": "negative_slope"}, TypeError, ["activation_parameters", "map names"]),
    ],
)
def test_bad_arguments(arguments, exception, words, complains):
    with complains(exception, "MLP", *words):
        MLP(**{"layer_sizes": [3, 4, 1], "rng": rng()} | arguments)


@pytest.mark.parametrize("slope", [-0.5, 2.0, float("nan"), "steep", None, [1], np.ones(2)])
def test_activation_parameters_out_of_range(slope, complains):
    with complains(ValueError, "MLP", "negative_slope", repr(slope)):
        MLP([3, 4, 1], "leaky_relu", activation_parameters={"negative_slope": slope}, rng=rng())


def test_unknown_parameter_names_the_known_ones(complains):
    with complains(ValueError, "MLP", "'slope'", "choose from negative_slope"):
        MLP([3, 4, 1], "leaky_relu", activation_parameters={"slope": 0.1}, rng=rng())


@pytest.mark.parametrize("activation", ["rellu", 3, ["rellu"]])
def test_unknown_activation(activation):
    with pytest.raises((ValueError, TypeError), match="get_activation: "):
        MLP([3, 4, 1], activation, rng=rng())


def test_unknown_initializer(complains):
    with complains(ValueError, "get_initializer", "'xavier'"):
        MLP([3, 4, 1], initializer="xavier", rng=rng())


@pytest.mark.parametrize(
    ("X", "exception", "words"),
    [
        (np.zeros((5, 2)), ValueError, ["(n_samples, 3)", "(5, 2)"]),
        (np.zeros(3), ValueError, ["(n_samples, 3)", "(3,)", "reshape(1, -1)"]),
        (np.zeros(4), ValueError, ["(n_samples, 3)", "(4,)", "3 columns"]),
        (np.zeros((2, 2, 3)), ValueError, ["(2, 2, 3)"]),
        (np.zeros((0, 3)), ValueError, ["empty", "(0, 3)"]),
        ([["1", "2", "3"]], TypeError, ["<U1"]),
        (np.array([[1, 2, None]]), TypeError, ["object"]),
        ([[1, 2, 3], [1, 2]], ValueError, ["rectangular"]),
        (np.zeros((1, 3), complex), TypeError, ["complex128"]),
    ],
)
def test_bad_inputs(X, exception, words, complains):
    with complains(exception, "MLP.forward", *words):
        MLP([3, 4, 1], rng=rng()).predict(X)


def test_bad_output_gradient(complains):
    network = MLP([3, 4, 1], rng=rng())
    forward = network.forward(np.zeros((5, 3)))
    with complains(ValueError, "MLP.backward", "(5, 1)", "(5,)"):
        network.backward(forward, np.zeros(5))
    with complains(TypeError, "MLP.backward", "<U1"):
        network.backward(forward, [["a"]] * 5)
    with complains(TypeError, "MLP.backward", "forward must be of type Forward", "ndarray"):
        network.backward(forward.output, np.zeros((5, 1)))
