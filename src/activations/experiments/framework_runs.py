"""One training run of one network, in this package and, as their users write it, in Keras, PyTorch and JAX.

Each program starts from the same weights and sees the same batches, so that the runs can be compared number
by number. Nothing here imports a framework before it is asked to.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from activations.experiments.frameworks import LIBRARIES
from activations.training import MLP, Adam, fit, mean_squared_error_gradient

__all__ = ["Run", "train_in"]

FloatArray = npt.NDArray[np.floating[Any]]
Data = tuple[FloatArray, FloatArray, FloatArray, FloatArray]

# What PyTorch calls the layer; Keras and JAX use the names of this package, but for one.
_LAYERS = {"identity": "Identity", "sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "ReLU"}


@dataclass(frozen=True)
class Run:
    """What can be compared of one training run.

    Attributes
    ----------
    output : ndarray, shape (n_samples, n_outputs)
        The network's answers before training.
    gradients : list of ndarray
        Gradients of the mean squared error before training: weights and biases, layer by layer.
    loss, val_loss : ndarray, shape (epochs,)
        Mean training loss of each epoch's batches, and validation loss after it.
    """

    output: FloatArray
    gradients: list[FloatArray]
    loss: FloatArray
    val_loss: FloatArray

    def distances(self, other: Run) -> dict[str, float]:
        """Return the largest difference in output, in gradient, and, relative to `other`, in loss.

        Parameters
        ----------
        other : Run
            The run to compare with.

        Returns
        -------
        dict of str to float
            The distances in ``output``, ``gradient`` and ``loss``.

        Examples
        --------
        >>> one = Run(np.array([[0.5]]), [np.array([2.0])], np.array([4.0, 2.0]), np.array([4.0, 2.0]))
        >>> two = Run(np.array([[0.5]]), [np.array([2.5])], np.array([4.0, 2.0]), np.array([4.0, 1.0]))
        >>> two.distances(one)
        {'output': 0.0, 'gradient': 0.5, 'loss': 0.5}
        """
        gradients = zip(self.gradients, other.gradients, strict=True)
        curves = [(self.loss, other.loss), (self.val_loss, other.val_loss)]
        return {
            "output": float(np.max(np.abs(self.output - other.output))),
            "gradient": max(float(np.max(np.abs(mine - theirs))) for mine, theirs in gradients),
            "loss": max(float(np.max(np.abs(mine / theirs - 1))) for mine, theirs in curves),
        }


@dataclass(frozen=True)
class _Task:
    """Who trains on what, and how: what each library gets."""

    network: MLP
    hidden: str
    data: Data
    epochs: int
    batch_size: int
    adam: Mapping[str, float]


def train_in(
    library: str, network: MLP, data: Data, *, epochs: int = 10, batch_size: int = 32, **adam: float
) -> Run:
    """Train a network in one library: Adam on the mean squared error, the examples in their order.

    The frameworks compute in float32 unless they are told otherwise; chapter 11 tells them.

    Parameters
    ----------
    library : {"activations", "keras", "torch", "jax"}
        Where to train. ``"activations"`` is this package.
    network : MLP
        With one hidden layer, of identity, sigmoid, tanh or ReLU, and a linear output. It lends its weights,
        and stays as it is.
    data : tuple of ndarray
        ``X_train, X_validation, y_train, y_validation``, as from `mileage_data`.
    epochs, batch_size : int
    **adam
        Parameters of Adam by their names here and in Keras: ``beta_1``, ``beta_2``, ``epsilon``. Those that
        are left out are the library's own.

    Returns
    -------
    Run

    Raises
    ------
    ValueError
        If the library is unknown, or the network has another form.

    Examples
    --------
    >>> from activations.experiments.frameworks import mileage_data
    >>> rng = np.random.default_rng(0)
    >>> data = mileage_data(rng=rng)
    >>> run = train_in("activations", MLP([9, 8, 1], "relu", rng=rng), data, epochs=2)
    >>> run.output.shape, run.loss.shape
    ((314, 1), (2,))
    """
    if library not in _TRAINERS:
        raise ValueError(f"train_in: unknown library {library!r}; choose from {', '.join(_TRAINERS)}")
    hidden = [activation.name for activation in network.hidden_activations]
    if len(hidden) != 1 or hidden[0] not in _LAYERS or network.output_activation.name != "identity":
        raise ValueError(
            f"train_in: the network must have one hidden layer, of {', '.join(_LAYERS)}, and a linear "
            f'output, got {network!r}; build it as MLP([n_features, n_units, n_outputs], "relu")'
        )
    return _TRAINERS[library](_Task(network.copy(), hidden[0], data, epochs, batch_size, adam))


def _train_here(task: _Task) -> Run:
    X, X_validation, y, y_validation = task.data
    forward = task.network.forward(X)
    gradients = task.network.backward(forward, mean_squared_error_gradient(forward.output, y)).parameters
    history = fit(
        task.network,
        X,
        y,
        loss="mean_squared_error",
        optimizer=Adam(**task.adam),
        epochs=task.epochs,
        batch_size=task.batch_size,
        validation_data=(X_validation, y_validation),
        shuffle=False,
        progress=False,
    )
    return Run(forward.output, gradients, history["loss"], history["val_loss"])


def _train_in_keras(task: _Task) -> Run:
    keras: Any = importlib.import_module("keras")
    tf: Any = importlib.import_module("tensorflow")
    X, X_validation, y, y_validation = task.data
    n_features, units, n_outputs = task.network.layer_sizes
    model = keras.Sequential(
        [
            keras.Input(shape=(n_features,)),
            keras.layers.Dense(units, activation={"identity": "linear"}.get(task.hidden, task.hidden)),
            keras.layers.Dense(n_outputs, activation="linear"),
        ]
    )
    model.set_weights(task.network.parameters)
    with tf.GradientTape() as tape:
        output = model(X)
        loss = keras.losses.MeanSquaredError()(y, output)
    gradients = [np.asarray(gradient) for gradient in tape.gradient(loss, model.trainable_weights)]
    model.compile(optimizer=keras.optimizers.Adam(**task.adam), loss="mean_squared_error")
    history = model.fit(
        X,
        y,
        epochs=task.epochs,
        batch_size=task.batch_size,
        validation_data=(X_validation, y_validation),
        shuffle=False,
        verbose=0,
    ).history
    return Run(np.asarray(output), gradients, np.array(history["loss"]), np.array(history["val_loss"]))


def _train_in_torch(task: _Task) -> Run:
    torch: Any = importlib.import_module("torch")
    X, X_validation, y, y_validation = map(LIBRARIES["torch"].convert, task.data)
    n_features, units, n_outputs = task.network.layer_sizes
    model = torch.nn.Sequential(
        torch.nn.Linear(n_features, units),
        getattr(torch.nn, _LAYERS[task.hidden])(),
        torch.nn.Linear(units, n_outputs),
    ).to(X.dtype)
    with torch.no_grad():
        for parameter, array in zip(model.parameters(), task.network.parameters, strict=True):
            parameter.copy_(torch.tensor(array.T))
    mse = torch.nn.MSELoss()
    output = model(X)
    mse(output, y).backward()
    gradients = [parameter.grad.numpy().T.copy() for parameter in model.parameters()]
    settings = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8} | dict(task.adam)
    betas = (settings["beta_1"], settings["beta_2"])
    optimizer = torch.optim.Adam(model.parameters(), betas=betas, eps=settings["epsilon"])
    curve, validation = np.zeros(task.epochs), np.zeros(task.epochs)
    for epoch in range(task.epochs):
        for X_batch, y_batch in zip(X.split(task.batch_size), y.split(task.batch_size), strict=True):
            optimizer.zero_grad()
            loss = mse(model(X_batch), y_batch)
            loss.backward()
            optimizer.step()
            curve[epoch] += loss.item() * len(X_batch) / len(X)
        with torch.no_grad():
            validation[epoch] = mse(model(X_validation), y_validation).item()
    return Run(output.detach().numpy(), gradients, curve, validation)


def _train_in_jax(task: _Task) -> Run:
    jax: Any = importlib.import_module("jax")
    optax: Any = importlib.import_module("optax")
    convert = LIBRARIES["jax"].convert
    X, X_validation, y, y_validation = map(convert, task.data)
    parameters = [convert(array) for array in task.network.parameters]
    bend = getattr(jax.nn, task.hidden)

    def predict(parameters: Any, X: Any) -> Any:
        W0, b0, W1, b1 = parameters
        return bend(X @ W0 + b0) @ W1 + b1

    def mse(parameters: Any, X: Any, y: Any) -> Any:
        return jax.numpy.mean((predict(parameters, X) - y) ** 2)

    words = {"beta_1": "b1", "beta_2": "b2", "epsilon": "eps"}
    optimizer = optax.adam(1e-3, **{words[key]: value for key, value in task.adam.items()})
    loss_and_gradient = jax.jit(jax.value_and_grad(mse))
    output = np.asarray(predict(parameters, X))
    gradients = [np.asarray(gradient) for gradient in jax.grad(mse)(parameters, X, y)]
    state = optimizer.init(parameters)
    curve, validation = np.zeros(task.epochs), np.zeros(task.epochs)
    for epoch in range(task.epochs):
        for start in range(0, len(X), task.batch_size):
            X_batch, y_batch = X[start : start + task.batch_size], y[start : start + task.batch_size]
            loss, gradient = loss_and_gradient(parameters, X_batch, y_batch)
            updates, state = optimizer.update(gradient, state)
            parameters = optax.apply_updates(parameters, updates)
            curve[epoch] += float(loss) * len(X_batch) / len(X)
        validation[epoch] = float(mse(parameters, X_validation, y_validation))
    return Run(output, gradients, curve, validation)


_TRAINERS: dict[str, Callable[[_Task], Run]] = {
    "activations": _train_here,
    "keras": _train_in_keras,
    "torch": _train_in_torch,
    "jax": _train_in_jax,
}
