"""Many networks of one shape, trained at the same time: every array has a leading axis of seeds.

A small network spends most of its time on Python's bookkeeping, not on arithmetic. Twenty of them in one
array share the bookkeeping. The formulas are those of `activations.training.network`; NumPy's matrix product
takes the leading axis along.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from activations.functions import Activation, get_activation
from activations.training import (
    MLP,
    Backward,
    Forward,
    Initializer,
    Loss,
    Optimizer,
    get_initializer,
    get_loss,
    get_optimizer,
)
from activations.training._checks import (
    FloatArray,
    count,
    float_dtype,
    instance,
    numeric_array,
    routine,
    sequence,
)
from activations.training._progress import progress_bar

__all__ = ["Networks", "fit_side_by_side", "mean_losses"]


class Networks:
    """Networks of one shape, one for each generator, in arrays of shape (n_seeds, …).

    Parameters
    ----------
    layer_sizes : sequence of int
        Number of inputs, of units in each hidden layer, and of outputs.
    activation : str or Activation, default "relu"
        Of the hidden layers.
    gated : bool, default False
        Whether a hidden layer multiplies: ``a = (x @ V + c) * f(x @ W + b)``, a gated linear unit. With the
        sigmoid that is GLU, with the identity "bilinear", with ReLU ReGLU, with GELU GEGLU, with SiLU SwiGLU.
        Such a layer has about twice the weights of a plain one of the same width.
    initializer : str or callable, optional
        As in `MLP`, which chooses what suits the activation; LeCun normal in a gated network.
    rngs : sequence of numpy.random.Generator
        One source of weights for each network.
    dtype : dtype, default float64

    Attributes
    ----------
    weights : list of ndarray, shapes (n_seeds, fan_in, fan_out)
        In a gated layer the first half of the columns is the content V, the second the gate W.
    biases : list of ndarray, shapes (n_seeds, 1, fan_out)
    slopes : list of ndarray, shapes (n_seeds, 1, 1)
        The learned slope of each PReLU layer.

    Raises
    ------
    ValueError
        If there is no generator, or sizes and names do not fit, or PReLU is to be gated.

    References
    ----------
    Y. N. Dauphin, A. Fan, M. Auli and D. Grangier, "Language modeling with gated convolutional networks",
    2017; N. Shazeer, "GLU variants improve transformer", 2020.

    Examples
    --------
    >>> rngs = [np.random.default_rng(seed) for seed in range(20)]
    >>> networks = Networks([2, 8, 1], "tanh", rngs=rngs)
    >>> networks.predict([[0.0, 0.0], [1.0, 0.5]]).shape
    (20, 2, 1)
    """

    def __init__(
        self,
        layer_sizes: Sequence[int],
        activation: str | Activation = "relu",
        *,
        gated: bool = False,
        initializer: str | Initializer | None = None,
        rngs: Sequence[np.random.Generator],
        dtype: DTypeLike = np.float64,
    ) -> None:
        rngs = sequence("Networks", "rngs", rngs, "generators")
        if not rngs:
            raise ValueError("Networks: there must be at least one generator, got none; pass rngs=[…]")
        self.activation = get_activation(activation)
        self.gated = gated
        if gated and self.activation.name == "prelu":
            raise ValueError(
                "Networks: a gate must have nothing to learn but its weights, got 'prelu'; "
                "choose leaky_relu with gated=True"
            )
        self.layer_sizes = tuple(sequence("Networks", "layer_sizes", layer_sizes, "whole numbers"))
        dtype = float_dtype("Networks", dtype, "float32", "float64")
        rows = [_draw(self.layer_sizes, self.activation, gated, initializer, rng) for rng in rngs]
        stacked = [np.stack(arrays).astype(dtype) for arrays in zip(*rows, strict=True)]
        n_layers = len(self.layer_sizes) - 1
        self.weights: list[FloatArray] = stacked[: 2 * n_layers : 2]
        self.biases: list[FloatArray] = [b[:, None] for b in stacked[1 : 2 * n_layers : 2]]
        self.slopes: list[FloatArray] = [slope.reshape(-1, 1, 1) for slope in stacked[2 * n_layers :]]

    def __len__(self) -> int:
        return len(self.weights[0])

    @property
    def parameters(self) -> list[FloatArray]:
        """The arrays themselves, ``[W0, b0, W1, b1, …]``, then the slopes of PReLU layers, if any."""
        pairs = zip(self.weights, self.biases, strict=True)
        return [array for pair in pairs for array in pair] + self.slopes

    @property
    def n_parameters(self) -> int:
        """How many numbers one of the networks can learn."""
        return sum(array[0].size for array in self.parameters)

    def forward(self, X: ArrayLike) -> Forward:
        """Compute every layer's pre-activation and activation.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_inputs) or (n_seeds, n_samples, n_inputs)
            Examples for all networks, or for each its own.

        Returns
        -------
        Forward
            Arrays of shape (n_seeds, n_samples, …).
        """
        a = np.asarray(X, dtype=self.weights[0].dtype)
        pre_activations: list[FloatArray] = []
        activations: list[FloatArray] = [a]
        for layer, (W, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            z = a @ W + b
            a = z if layer == len(self.weights) - 1 else self._bend(z, layer)
            pre_activations.append(z)
            activations.append(a)
        return Forward(pre_activations, activations)

    def backward(self, forward: Forward, output_gradient: FloatArray) -> Backward:
        """Carry the gradient of each network's own loss back to its parameters.

        Parameters
        ----------
        forward : Forward
            The result of `forward` on these networks.
        output_gradient : ndarray, shape (n_seeds, n_samples, n_outputs)

        Returns
        -------
        Backward
        """
        weights: list[FloatArray] = []
        biases: list[FloatArray] = []
        signals: list[FloatArray] = []
        slopes: list[FloatArray] = []
        dz = output_gradient
        for layer in reversed(range(len(self.weights))):
            a = forward.activations[layer]
            weights.append(a.swapaxes(-1, -2) @ dz)
            biases.append(dz.sum(axis=-2, keepdims=True))
            signals.append(dz)
            da = dz @ self.weights[layer].swapaxes(-1, -2)
            if layer:
                z = forward.pre_activations[layer - 1]
                if self.slopes:
                    slopes.append(np.sum(da * np.minimum(z, 0), axis=(-1, -2), keepdims=True))
                dz = self._unbend(z, da, layer - 1)
        return Backward(weights[::-1], biases[::-1], signals[::-1], da, slopes[::-1])

    def predict(self, X: ArrayLike) -> FloatArray:
        """Return every network's output.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_inputs) or (n_seeds, n_samples, n_inputs)
            Examples for all networks, or for each its own.

        Returns
        -------
        ndarray, shape (n_seeds, n_samples, n_outputs)
        """
        return self.forward(X).output

    def _learned(self, layer: int) -> dict[str, FloatArray]:
        return {"slope": self.slopes[layer]} if self.slopes else {}

    def _bend(self, z: FloatArray, layer: int) -> FloatArray:
        if self.gated:
            content, gate = np.split(z, 2, axis=-1)
            return np.asarray(content * self.activation.function(gate))
        return np.asarray(self.activation.function(z, **self._learned(layer)))

    def _unbend(self, z: FloatArray, da: FloatArray, layer: int) -> FloatArray:
        f, derivative = self.activation.function, self.activation.derivative
        if self.gated:
            content, gate = np.split(z, 2, axis=-1)
            return np.concatenate([da * f(gate), da * content * derivative(gate)], axis=-1)
        return np.asarray(da * derivative(z, **self._learned(layer)))


def fit_side_by_side(
    networks: Networks,
    X: ArrayLike,
    y: ArrayLike,
    *,
    loss: str | Loss,
    optimizer: Optimizer,
    epochs: int,
    batch_size: int = 32,
    rngs: Sequence[np.random.Generator],
    on_epoch_end: Callable[[int, Networks], Any] | None = None,
) -> NDArray[np.float64]:
    """Train all networks, in place, as `fit` trains one.

    With the same data, weights and generators each network goes the way that `fit` would have sent it. A
    network that diverges goes on with numbers that are not finite, and disturbs no other.

    Parameters
    ----------
    networks : Networks
    X : array_like, shape (n_samples, n_inputs) or (n_seeds, n_samples, n_inputs)
        Examples for all networks, or for each its own.
    y : array_like, shape (n_samples, …) or (n_seeds, n_samples, …)
        Targets of one network as `fit` takes them, with or without the axis of seeds, like `X`.
    loss : str or Loss
    optimizer : Optimizer
        SGD and Adam work entry by entry, so one serves all.
    epochs : int
    batch_size : int, default 32
    rngs : sequence of numpy.random.Generator
        One source of the order of the examples for each network.
    on_epoch_end : callable, optional
        Called as ``(epoch, networks)``; epochs count from 1.

    Returns
    -------
    ndarray, shape (n_seeds,)
        Each network's loss on all its examples after the last epoch; not finite if it diverged.

    Raises
    ------
    ValueError
        If the number of generators is not that of the networks.

    Examples
    --------
    >>> from activations.datasets import xor
    >>> from activations.training import Adam
    >>> rngs = [np.random.default_rng(seed) for seed in range(3)]
    >>> networks = Networks([2, 8, 1], "tanh", rngs=rngs)
    >>> loss = fit_side_by_side(
    ...     networks, *xor(), loss="binary_cross_entropy", optimizer=Adam(0.1), epochs=150, rngs=rngs
    ... )
    >>> bool(loss.max() < 0.01)
    True
    """
    instance("fit_side_by_side", "networks", networks, Networks, "make them with Networks([2, 8, 1], rngs=…)")
    rngs = sequence("fit_side_by_side", "rngs", rngs, "generators")
    optimizer = get_optimizer(optimizer)
    if on_epoch_end is not None:
        routine("fit_side_by_side", "on_epoch_end", on_epoch_end, "pass one of (epoch, networks)")
    if len(rngs) != len(networks):
        raise ValueError(
            f"fit_side_by_side: each network needs a generator, got {len(rngs)} for {len(networks)}; "
            "pass those that the networks were drawn from"
        )
    criterion = get_loss(loss)
    epochs = count("fit_side_by_side", "epochs", epochs, 0)
    batch_size = count("fit_side_by_side", "batch_size", batch_size, 1)
    inputs, targets = _examples(networks, criterion, X, y)
    rows = np.arange(len(networks))[:, None]
    quiet = np.errstate(over="ignore", invalid="ignore")
    with quiet, progress_bar(epochs, "fit_side_by_side", "epoch") as bar:
        for epoch in range(1, epochs + 1):
            order = np.stack([rng.permutation(inputs.shape[1]) for rng in rngs])
            for start in range(0, order.shape[1], batch_size):
                batch = order[:, start : start + batch_size]
                forward = networks.forward(inputs[rows, batch])
                gradient = _gradients(criterion, forward.output, targets[rows, batch])
                optimizer.update(networks.parameters, networks.backward(forward, gradient).parameters)
            bar.update()
            if on_epoch_end is not None:
                on_epoch_end(epoch, networks)
    return mean_losses(networks, inputs, targets, loss=criterion)


def mean_losses(networks: Networks, X: ArrayLike, y: ArrayLike, *, loss: str | Loss) -> NDArray[np.float64]:
    """Return each network's mean loss.

    Parameters
    ----------
    networks : Networks
    X, y : array_like
        Inputs and targets as `fit_side_by_side` takes them.
    loss : str or Loss

    Returns
    -------
    ndarray, shape (n_seeds,)

    Raises
    ------
    ValueError, TypeError
        If `networks` are no `Networks`, the data do not fit them, or the loss is unknown.

    Examples
    --------
    >>> networks = Networks([2, 1], rngs=[np.random.default_rng(0)])
    >>> networks.weights[0][:] = 0
    >>> mean_losses(networks, [[1.0, 2.0]], [1], loss="binary_cross_entropy").round(4)
    array([0.6931])
    """
    instance("mean_losses", "networks", networks, Networks, "make them with Networks([2, 8, 1], rngs=…)")
    criterion = get_loss(loss)
    inputs, targets = _examples(networks, criterion, X, y)
    with np.errstate(over="ignore", invalid="ignore"):
        pairs = zip(networks.predict(inputs), targets, strict=True)
        return np.array([criterion.value(output, target) for output, target in pairs])


def _draw(
    sizes: Sequence[int],
    activation: Activation,
    gated: bool,
    initializer: str | Initializer | None,
    rng: np.random.Generator,
) -> list[FloatArray]:
    """Draw one network, in the order in which `MLP` draws it."""
    if not gated:
        return MLP(sizes, activation, initializer=initializer, rng=rng).parameters
    draw = get_initializer("lecun_normal" if initializer is None else initializer)
    parameters = []
    for layer, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        halves = 1 if layer == len(sizes) - 2 else 2
        parameters += [
            np.hstack([draw(fan_in, fan_out, rng=rng) for _ in range(halves)]),
            np.zeros(halves * fan_out),
        ]
    return parameters


def _examples(networks: Networks, loss: Loss, X: ArrayLike, y: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return inputs and targets of shape (n_seeds, n_samples, …)."""
    inputs = numeric_array("fit_side_by_side", "X", X, networks.weights[0].dtype)
    if inputs.ndim not in (2, 3):
        raise ValueError(
            f"fit_side_by_side: X must have shape (n_samples, n_inputs), with or without an axis of seeds "
            f"before it, got {inputs.shape}; reshape a single example with X.reshape(1, -1)"
        )
    inputs = np.broadcast_to(inputs, (len(networks), *inputs.shape[-2:]))
    labels = numeric_array("fit_side_by_side", "y", y)
    outputs = np.zeros((inputs.shape[1], networks.layer_sizes[-1]), inputs.dtype)
    own = labels.shape[:2] == inputs.shape[:2]
    encoded = [loss.encode("fit_side_by_side", outputs, row)[1] for row in (labels if own else [labels])]
    return inputs, np.broadcast_to(np.stack(encoded), (len(networks), *outputs.shape))


def _gradients(loss: Loss, outputs: FloatArray, targets: FloatArray) -> FloatArray:
    """Return the gradient of each network's mean loss."""
    flat = loss.gradient(outputs.reshape(-1, outputs.shape[-1]), targets.reshape(-1, targets.shape[-1]))
    # The loss takes the mean over all rows, the networks' own means are over one part in n_seeds of them.
    return flat.reshape(outputs.shape) * len(outputs)
