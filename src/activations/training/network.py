"""The multilayer perceptron, written as in the textbook.

Rows are examples. Layer by layer, forward::

    z = a @ W + b        pre-activation, shape (n_samples, n_units)
    a = f(z)             activation

and backward, from the derivative of the loss with respect to the last activation::

    dz = da * f'(z)      the signal that arrives at this layer
    dW = a.T @ dz        what it says about the weights (a is the layer's input)
    db = dz.sum(axis=0)
    da = dz @ W.T        what it says about the layer below
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from activations.functions import Activation, get_activation
from activations.training._checks import (
    FloatArray,
    count,
    float_dtype,
    generator,
    instance,
    is_number,
    matrix,
    numeric_array,
    sequence,
)
from activations.training.initializers import Initializer, get_initializer

RECTIFIERS = frozenset({"relu", "leaky_relu", "prelu", "elu", "gelu", "silu", "mish"})
"""Activations that keep about half of their input: He initialization is made for them."""


@dataclass(frozen=True)
class Forward:
    """What a forward pass leaves behind, and a backward pass needs.

    Attributes
    ----------
    pre_activations : list of ndarray, shapes (n_samples, n_units)
        The z of each layer, first to last.
    activations : list of ndarray
        The inputs X, then the a of each layer: one entry more than `pre_activations`.

    Examples
    --------
    >>> forward = MLP([1, 1], "relu", parameters=[[[2.0]], [1.0]]).forward([[3.0]])
    >>> forward.pre_activations, forward.output
    ([array([[7.]])], array([[7.]]))
    """

    pre_activations: list[FloatArray]
    activations: list[FloatArray]

    @property
    def output(self) -> FloatArray:
        """The activation of the last layer, shape (n_samples, n_outputs)."""
        return self.activations[-1]


@dataclass(frozen=True)
class Backward:
    """The gradients of a loss, from one backward pass.

    Attributes
    ----------
    weights, biases : list of ndarray
        dL/dW and dL/db of each layer, first to last.
    signals : list of ndarray, shapes (n_samples, n_units)
        dL/dz of each layer, first to last: the back-propagated signal.
    inputs : ndarray, shape (n_samples, n_inputs)
        dL/dX.
    slopes : list of ndarray, shape ()
        dL/dslope of each PReLU layer; empty in a network without one.

    Examples
    --------
    >>> network = MLP([1, 1], parameters=[[[2.0]], [1.0]])
    >>> backward = network.backward(network.forward([[3.0]]), [[1.0]])
    >>> backward.weights, backward.biases, backward.inputs
    ([array([[3.]])], [array([1.])], array([[2.]]))
    """

    weights: list[FloatArray]
    biases: list[FloatArray]
    signals: list[FloatArray]
    inputs: FloatArray
    slopes: list[FloatArray]

    @property
    def parameters(self) -> list[FloatArray]:
        """The gradients in the order of `MLP.parameters`."""
        pairs = zip(self.weights, self.biases, strict=True)
        return [gradient for pair in pairs for gradient in pair] + self.slopes


class MLP:
    """A multilayer perceptron: layers of weights and biases, with an activation after each.

    Parameters
    ----------
    layer_sizes : sequence of int
        Number of inputs, of units in each hidden layer, and of outputs: ``[2, 16, 16, 1]``.
    activation : str, Activation, or a sequence of them
        The hidden activation, or one for each hidden layer.
    output_activation : str or Activation, default "identity"
        The activation of the last layer. Leave it alone for the two cross-entropies: they take *logits* and
        apply sigmoid or softmax themselves. Softmax is no choice here, since it is not elementwise.
    activation_parameters : mapping, optional
        Values for the parameters of the activations, such as ``{"negative_slope": 0.2}``.
    initializer : str or callable, optional
        Name, or function ``(fan_in, fan_out, *, rng)``, that draws the weights of every layer. By default
        each layer gets what suits its activation: He normal for ReLU and its relatives, LeCun normal for
        SELU, Glorot uniform otherwise. Biases start at zero.
    parameters : sequence of array_like, optional
        Weights and biases ``[W0, b0, W1, b1, …]`` to copy instead of drawing them.
    rng : numpy.random.Generator, optional
        Source of the initial weights; needed unless `parameters` are given.
    dtype : dtype, default float64
        float64 or float32; all computations keep to it.

    Attributes
    ----------
    weights : list of ndarray, shapes (fan_in, fan_out)
    biases : list of ndarray, shapes (fan_out,)
    slopes : list of ndarray, shape ()
        The slope of each PReLU layer, learned like any other parameter (He and others, 2015).
    layer_sizes : tuple of int
    hidden_activations : tuple of Activation
    output_activation : Activation
    functions, derivatives : list of callable
        f and f' of each layer, parameters filled in, the output layer's last.

    Raises
    ------
    ValueError
        If sizes, names, parameters or shapes do not fit each other.
    TypeError
        If `rng` is missing or an argument has the wrong type.

    Examples
    --------
    >>> import numpy as np
    >>> network = MLP([2, 16, 1], "tanh", rng=np.random.default_rng(0))
    >>> network
    MLP([2, 16, 1], tanh, output identity, 65 parameters)
    >>> network.predict([[0.0, 0.0], [1.0, 0.5]]).shape
    (2, 1)
    """

    def __init__(
        self,
        layer_sizes: Sequence[int],
        activation: str | Activation | Sequence[str | Activation] = "relu",
        *,
        output_activation: str | Activation = "identity",
        activation_parameters: Mapping[str, float] | None = None,
        initializer: str | Initializer | None = None,
        parameters: Sequence[ArrayLike] | None = None,
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.layer_sizes = _check_sizes(layer_sizes)
        self.dtype = float_dtype("MLP", dtype, "float32", "float64")
        self.hidden_activations = _hidden_activations(activation, len(self.layer_sizes) - 2)
        self.output_activation = _elementwise("output_activation", output_activation)
        self._layers = (*self.hidden_activations, self.output_activation)
        self._values = _parameter_values(self._layers, activation_parameters)

        self.weights: list[FloatArray] = []
        self.biases: list[FloatArray] = []
        self.slopes: list[FloatArray] = [
            np.array(values["slope"], self.dtype)
            for act, values in zip(self._layers, self._values, strict=True)
            if act.name == "prelu"
        ]
        if parameters is None:
            self._draw_parameters(initializer, rng)
        else:
            self._copy_parameters(parameters)

        self.functions: list[Callable[[FloatArray], FloatArray]] = []
        self.derivatives: list[Callable[[FloatArray], FloatArray]] = []
        slopes = iter(self.slopes)
        for act, values in zip(self._layers, self._values, strict=True):
            # A PReLU reads its slope from the very array that the optimizer updates.
            bound = {"slope": next(slopes)} if act.name == "prelu" else values
            self.functions.append(partial(act.function, **bound) if bound else act.function)
            self.derivatives.append(partial(act.derivative, **bound) if bound else act.derivative)

    def __repr__(self) -> str:
        names = list(dict.fromkeys(act.name for act in self.hidden_activations)) or ["no hidden layer"]
        return (
            f"MLP({list(self.layer_sizes)}, {', '.join(names)}, output {self.output_activation.name}, "
            f"{self.n_parameters} parameters)"
        )

    def forward(self, X: ArrayLike) -> Forward:
        """Compute every layer's pre-activation and activation.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_inputs)
            One example a row.

        Returns
        -------
        Forward

        Raises
        ------
        ValueError
            If `X` has the wrong shape or is empty.
        TypeError
            If `X` holds anything but real numbers.

        Examples
        --------
        The absolute value, from two rectifiers:

        >>> network = MLP([1, 2, 1], "relu", parameters=[[[1.0, -1.0]], [0.0, 0.0], [[1.0], [1.0]], [0.0]])
        >>> forward = network.forward([[-3.0]])
        >>> [a.tolist() for a in forward.activations]
        [[[-3.0]], [[0.0, 3.0]], [[3.0]]]
        """
        a = matrix("MLP.forward", "X", X, self.layer_sizes[0], self.dtype)
        pre_activations: list[FloatArray] = []
        activations: list[FloatArray] = [a]
        for W, b, f in zip(self.weights, self.biases, self.functions, strict=True):
            z = a @ W + b
            a = f(z)
            pre_activations.append(z)
            activations.append(a)
        return Forward(pre_activations, activations)

    def backward(self, forward: Forward, output_gradient: ArrayLike) -> Backward:
        """Carry the gradient of a loss from the output back to every parameter.

        Parameters
        ----------
        forward : Forward
            The result of `forward` on this network.
        output_gradient : array_like, shape (n_samples, n_outputs)
            dL/da of the last layer, as the gradient functions of the losses give it.

        Returns
        -------
        Backward

        Raises
        ------
        ValueError
            If the gradient's shape is not that of the output.
        TypeError
            If `forward` is no `Forward`, or the gradient holds anything but real numbers.

        Examples
        --------
        >>> network = MLP([1, 2, 1], "relu", parameters=[[[1.0, -1.0]], [0.0, 0.0], [[1.0], [1.0]], [0.0]])
        >>> backward = network.backward(network.forward([[-3.0]]), [[1.0]])
        >>> backward.signals[0], backward.inputs  # the unit that is silent passes nothing back
        (array([[0., 1.]]), array([[-1.]]))
        """
        instance("MLP.backward", "forward", forward, Forward, "pass what network.forward(X) returned")
        da = numeric_array("MLP.backward", "output_gradient", output_gradient, self.dtype)
        if da.shape != forward.output.shape:
            raise ValueError(
                f"MLP.backward: output_gradient must have the output's shape {forward.output.shape}, "
                f"got {da.shape}; pass the gradient of a loss of this very output"
            )
        weights: list[FloatArray] = []
        biases: list[FloatArray] = []
        signals: list[FloatArray] = []
        slopes: list[FloatArray] = []
        for layer in reversed(range(len(self.weights))):
            W, derivative = self.weights[layer], self.derivatives[layer]
            a, z = forward.activations[layer], forward.pre_activations[layer]
            dz = da * derivative(z)
            dW = a.T @ dz
            db = dz.sum(axis=0)
            if self._layers[layer].name == "prelu":
                slopes.append(np.sum(da * np.minimum(z, 0)))
            da = dz @ W.T
            weights.append(dW)
            biases.append(db)
            signals.append(dz)
        return Backward(weights[::-1], biases[::-1], signals[::-1], da, slopes[::-1])

    def predict(self, X: ArrayLike) -> FloatArray:
        """Return the network's output; logits, if it was trained with a cross-entropy.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_inputs)
            One example a row.

        Returns
        -------
        ndarray, shape (n_samples, n_outputs)

        Raises
        ------
        ValueError, TypeError
            As in `forward`.

        Examples
        --------
        >>> network = MLP([1, 2, 1], "relu", parameters=[[[1.0, -1.0]], [0.0, 0.0], [[1.0], [1.0]], [0.0]])
        >>> network.predict([[-3.0], [2.0]])
        array([[3.],
               [2.]])
        """
        return self.forward(X).output

    @property
    def parameters(self) -> list[FloatArray]:
        """The arrays themselves, ``[W0, b0, W1, b1, …]``, then the slopes of PReLU layers, if any."""
        pairs = zip(self.weights, self.biases, strict=True)
        return [array for pair in pairs for array in pair] + self.slopes

    @property
    def n_parameters(self) -> int:
        """How many numbers the network can learn."""
        return sum(array.size for array in self.parameters)

    def copy(self, *, dtype: DTypeLike | None = None) -> MLP:
        """Return an independent network with the same parameters.

        Parameters
        ----------
        dtype : dtype, optional
            float64 or float32; the network's own by default.

        Returns
        -------
        MLP

        Raises
        ------
        ValueError
            If the dtype is another.

        Examples
        --------
        >>> twin = MLP([1, 1], parameters=[[[2.0]], [1.0]]).copy(dtype="float32")
        >>> twin.predict([[3.0]])
        array([[7.]], dtype=float32)
        """
        given = {name: value for values in self._values for name, value in values.items()}
        return MLP(
            self.layer_sizes,
            self.hidden_activations,
            output_activation=self.output_activation,
            activation_parameters=given,
            parameters=self.parameters,
            dtype=self.dtype if dtype is None else dtype,
        )

    def _draw_parameters(
        self, initializer: str | Initializer | None, rng: np.random.Generator | None
    ) -> None:
        rng = generator("MLP", rng, "to draw the weights (or pass parameters)")
        for act, (fan_in, fan_out) in zip(self._layers, pairwise(self.layer_sizes), strict=True):
            draw = get_initializer(_default_initializer(act) if initializer is None else initializer)
            W = numeric_array("MLP", "an initializer's result", draw(fan_in, fan_out, rng=rng), self.dtype)
            if W.shape != (fan_in, fan_out):
                raise ValueError(
                    f"MLP: an initializer must return shape {(fan_in, fan_out)}, got {W.shape}; "
                    "rows are inputs, columns are units"
                )
            self.weights.append(W)
            self.biases.append(np.zeros(fan_out, self.dtype))

    def _copy_parameters(self, parameters: Sequence[ArrayLike]) -> None:
        expected: list[tuple[int, ...]] = []
        for fan_in, fan_out in pairwise(self.layer_sizes):
            expected += [(fan_in, fan_out), (fan_out,)]
        n_pairs = len(expected)
        expected += [()] * len(self.slopes)
        arrays = [
            numeric_array("MLP", "each of parameters", array).astype(self.dtype)
            for array in sequence("MLP", "parameters", parameters, "arrays")
        ]
        if [array.shape for array in arrays] != expected:
            raise ValueError(
                f"MLP: parameters must have the shapes {expected}, got {[array.shape for array in arrays]}; "
                "give W0, b0, W1, b1, … with inputs as rows"
            )
        self.weights, self.biases, self.slopes = arrays[:n_pairs:2], arrays[1:n_pairs:2], arrays[n_pairs:]


def _check_sizes(layer_sizes: Any) -> tuple[int, ...]:
    try:
        sizes = tuple(layer_sizes)
    except TypeError:
        raise TypeError(
            f"MLP: layer_sizes must be a list of whole numbers, got {layer_sizes!r}; for example [2, 16, 1]"
        ) from None
    if len(sizes) < 2:
        raise ValueError(
            f"MLP: layer_sizes must name inputs and outputs at least, got {list(sizes)}; try [2, 16, 1]"
        )
    return tuple(count("MLP", "each of layer_sizes", size, 1) for size in sizes)


def _elementwise(argument: str, name: Any) -> Activation:
    if isinstance(name, str) and name == "softmax":
        raise ValueError(
            f"MLP: {argument} must be elementwise, got 'softmax'; leave the output at 'identity', train with "
            "loss='softmax_cross_entropy', which applies softmax itself, and call softmax on the output"
        )
    return get_activation(name)


def _hidden_activations(activation: Any, n_hidden: int) -> tuple[Activation, ...]:
    if isinstance(activation, (str, Activation)):
        return (_elementwise("activation", activation),) * n_hidden
    try:
        names = tuple(activation)
    except TypeError:
        names = (activation,)  # get_activation says what is wrong with it
    activations = tuple(_elementwise("activation", name) for name in names)
    if len(activations) != n_hidden:
        raise ValueError(
            f"MLP: activation must be one name or one for each of the {n_hidden} hidden layers, "
            f"got {len(activations)}; the last layer's is output_activation"
        )
    return activations


def _parameter_values(
    layers: Sequence[Activation], given: Mapping[str, float] | None
) -> list[dict[str, float]]:
    """Return the parameters of each layer's activation: the given value, or the default."""
    if given is None:
        given = {}
    elif not isinstance(given, Mapping):
        raise TypeError(
            f"MLP: activation_parameters must map names to numbers, got {given!r}; "
            "for example {'negative_slope': 0.2}"
        )
    known = {parameter.name: parameter for act in layers for parameter in act.parameters}
    for name, value in given.items():
        if name not in known:
            raise ValueError(
                f"MLP: activation_parameters must belong to an activation of the network, got {name!r}; "
                f"choose from {', '.join(known) or 'none, as these activations have no parameters'}"
            )
        low, high = known[name].low, known[name].high
        if not (is_number(value) and low <= value <= high):
            raise ValueError(
                f"MLP: {name} must lie between {low:g} and {high:g}, got {value!r}; "
                f"the default is {known[name].default:g}"
            )
    return [
        {parameter.name: given.get(parameter.name, parameter.default) for parameter in act.parameters}
        for act in layers
    ]


def _default_initializer(act: Activation) -> str:
    if act.name in RECTIFIERS:
        return "he_normal"
    return "lecun_normal" if act.name == "selu" else "glorot_uniform"
