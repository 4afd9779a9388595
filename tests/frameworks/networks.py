"""Whole networks in each framework, from the weights of ours.

`small_network` writes a network out as matrix products and spellings. `RUNS` holds the network of claim P2
on Auto MPG as the users of each framework write it: outputs, gradients, ten epochs of Adam on the examples
in their order, 32 at a time.
"""

import jax
import jax.numpy as jnp
import keras
import numpy as np
import optax
import parity
import tensorflow as tf
import torch
from libraries import gradients

from activations.experiments.frameworks import LIBRARIES


def small_network(library, case):
    """Return the loss of one of `parity.NETWORKS` and its gradients with respect to weights and biases."""
    lib, spelling, loss = LIBRARIES[library], parity.ROWS[case.activation], parity.ROWS[case.loss]
    constants = {"a": lib.convert(parity.VARIABLES["a"])} if "a" in spelling.parameters() else {}
    output_name, target_name = loss.parameters()
    X, y = lib.convert(case.X), lib.convert(case.y)

    def function(*parameters):
        a = X
        for W, b in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
            a = lib.evaluate(spelling.code[library], x=a @ W + b, **constants)
        output = a @ parameters[-2] + parameters[-1]
        return lib.evaluate(loss.code[library], **{output_name: output, target_name: y})

    parameters = case.network().parameters[: len(case.layer_sizes) * 2 - 2]
    value = float(function(*[lib.convert(array) for array in parameters]))
    return value, gradients(library, function, parameters)


def batches(X, y):
    size = parity.MILEAGE_BATCH
    return [(X[i : i + size], y[i : i + size]) for i in range(0, len(X), size)]


def run_keras(hidden, adam):
    (X, X_validation, y, y_validation), network = parity.mileage(hidden)
    model = keras.Sequential(
        [
            keras.Input(shape=(X.shape[1],)),
            keras.layers.Dense(network.layer_sizes[1], activation={"identity": "linear"}.get(hidden, hidden)),
            keras.layers.Dense(1, activation="linear"),
        ]
    )
    model.set_weights(network.parameters)
    with tf.GradientTape() as tape:
        output = model(X)
        loss = keras.losses.MeanSquaredError()(y, output)
    gradients = [np.asarray(g) for g in tape.gradient(loss, model.trainable_weights)]
    model.compile(optimizer=keras.optimizers.Adam(**adam), loss="mean_squared_error")
    history = model.fit(
        X,
        y,
        epochs=parity.MILEAGE_EPOCHS,
        batch_size=parity.MILEAGE_BATCH,
        validation_data=(X_validation, y_validation),
        shuffle=False,
        verbose=0,
    ).history
    return parity.Run(np.asarray(output), gradients, np.array(history["loss"]), np.array(history["val_loss"]))


def run_torch(hidden, adam):
    data, network = parity.mileage(hidden)
    X, X_validation, y, y_validation = (torch.tensor(part) for part in data)
    n_inputs, units, _ = network.layer_sizes
    bend = {"identity": torch.nn.Identity(), "relu": torch.nn.ReLU()}[hidden]
    model = torch.nn.Sequential(torch.nn.Linear(n_inputs, units), bend, torch.nn.Linear(units, 1)).double()
    with torch.no_grad():
        for parameter, array in zip(model.parameters(), network.parameters, strict=True):
            parameter.copy_(torch.tensor(array.T))
    mse = torch.nn.MSELoss()
    output = model(X)
    mse(output, y).backward()
    gradients = [parameter.grad.numpy().T.copy() for parameter in model.parameters()]
    settings = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8} | adam
    betas = (settings["beta_1"], settings["beta_2"])
    optimizer = torch.optim.Adam(model.parameters(), betas=betas, eps=settings["epsilon"])
    curve, validation = [], []
    for _ in range(parity.MILEAGE_EPOCHS):
        total = 0.0
        for X_batch, y_batch in batches(X, y):
            optimizer.zero_grad()
            loss = mse(model(X_batch), y_batch)
            loss.backward()
            optimizer.step()
            total += len(X_batch) * loss.item()
        curve.append(total / len(X))
        with torch.no_grad():
            validation.append(mse(model(X_validation), y_validation).item())
    return parity.Run(output.detach().numpy(), gradients, np.array(curve), np.array(validation))


def run_jax(hidden, adam):
    data, network = parity.mileage(hidden)
    X, X_validation, y, y_validation = (jnp.asarray(part) for part in data)
    parameters = [jnp.asarray(array) for array in network.parameters]
    bend = {"identity": jax.nn.identity, "relu": jax.nn.relu}[hidden]

    def predict(parameters, X):
        W0, b0, W1, b1 = parameters
        return bend(X @ W0 + b0) @ W1 + b1

    def mse(parameters, X, y):
        return jnp.mean((predict(parameters, X) - y) ** 2)

    words = {"beta_1": "b1", "beta_2": "b2", "epsilon": "eps"}
    optimizer = optax.adam(1e-3, **{words[key]: value for key, value in adam.items()})

    @jax.jit
    def step(parameters, state, X, y):
        loss, gradients = jax.value_and_grad(mse)(parameters, X, y)
        updates, state = optimizer.update(gradients, state)
        return optax.apply_updates(parameters, updates), state, loss

    output = np.asarray(predict(parameters, X))
    gradients = [np.asarray(g) for g in jax.grad(mse)(parameters, X, y)]
    state = optimizer.init(parameters)
    curve, validation = [], []
    for _ in range(parity.MILEAGE_EPOCHS):
        total = 0.0
        for X_batch, y_batch in batches(X, y):
            parameters, state, loss = step(parameters, state, X_batch, y_batch)
            total += len(X_batch) * float(loss)
        curve.append(total / len(X))
        validation.append(float(mse(parameters, X_validation, y_validation)))
    return parity.Run(output, gradients, np.array(curve), np.array(validation))


RUNS = {"keras": run_keras, "torch": run_torch, "jax": run_jax}
