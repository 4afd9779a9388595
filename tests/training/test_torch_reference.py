"""Whole networks against PyTorch: values stored by reference/make_reference.py, with their provenance."""

import json
from pathlib import Path

import numpy as np
import pytest

from activations.functions import ACTIVATIONS
from activations.training import MLP, SGD, Adam, get_loss

REFERENCE = Path(__file__).parent / "reference"
PROVENANCE = json.loads((REFERENCE / "torch_networks.json").read_text(encoding="utf-8"))
CASES = {case["activation"]: case for case in PROVENANCE["cases"]}
TRAJECTORIES = [(name, act) for name, acts in PROVENANCE["trajectories"].items() for act in acts]
# Both sides round in float64, in different orders, through sums of at most a dozen terms of order one: errors
# are a few 1e-16, and 1e-10 leaves room for other processors and for the 20 steps of a trajectory.
TOLERANCE = {"rtol": 1e-10, "atol": 1e-12}


@pytest.fixture(scope="module")
def stored():
    with np.load(REFERENCE / "torch_networks.npz") as file:
        return {name: file[name] for name in file.files}


def series(stored, prefix):
    return [stored[f"{prefix}/{i}"] for i in range(sum(name.startswith(f"{prefix}/") for name in stored))]


def network_of(stored, activation):
    case = CASES[activation]
    return MLP(
        case["layer_sizes"],
        activation,
        activation_parameters=case["activation_parameters"],
        parameters=series(stored, f"{activation}/parameters"),
    )


def test_provenance_is_complete(stored):
    assert set(CASES) == set(ACTIVATIONS), "a new activation needs a reference: run make_reference.py"
    assert {case["loss"] for case in CASES.values()} == {
        "mean_squared_error",
        "binary_cross_entropy",
        "softmax_cross_entropy",
    }
    assert {"python", "numpy", "torch"} <= PROVENANCE["versions"].keys()
    assert {"made_on", "seed", "made_by"} <= PROVENANCE.keys()
    assert all(array.dtype in (np.float64, np.int64) for array in stored.values())


@pytest.mark.parametrize("activation", CASES)
def test_outputs_losses_and_gradients(stored, activation):
    network, loss = network_of(stored, activation), get_loss(CASES[activation]["loss"])
    X, y = stored[f"{activation}/X"], stored[f"{activation}/y"]

    forward = network.forward(X)
    np.testing.assert_allclose(forward.output, stored[f"{activation}/output"], **TOLERANCE)
    assert loss.value(forward.output, y) == pytest.approx(float(stored[f"{activation}/loss"]), rel=1e-10)

    backward = network.backward(forward, loss.gradient(forward.output, y))
    gradients = series(stored, f"{activation}/gradients")
    for ours, theirs in zip(backward.parameters, gradients, strict=True):
        np.testing.assert_allclose(ours, theirs, **TOLERANCE)
    np.testing.assert_allclose(backward.inputs, stored[f"{activation}/input_gradient"], **TOLERANCE)


@pytest.mark.parametrize(("optimizer_name", "activation"), TRAJECTORIES)
def test_twenty_steps_of_training(stored, optimizer_name, activation):
    settings = PROVENANCE["optimizers"][optimizer_name]
    optimizer = SGD(**settings) if optimizer_name.startswith("sgd") else Adam(**settings)
    network, loss = network_of(stored, activation), get_loss(CASES[activation]["loss"])
    X, y = stored[f"{activation}/X"], stored[f"{activation}/y"]

    losses = []
    for _ in range(PROVENANCE["n_steps"]):
        forward = network.forward(X)
        losses.append(loss.value(forward.output, y))
        gradients = network.backward(forward, loss.gradient(forward.output, y))
        optimizer.update(network.parameters, gradients.parameters)

    key = f"{activation}/{optimizer_name}"
    np.testing.assert_allclose(losses, stored[f"{key}/losses"], **TOLERANCE)
    assert losses[-1] < losses[0]
    for ours, theirs in zip(network.parameters, series(stored, f"{key}/parameters"), strict=True):
        np.testing.assert_allclose(ours, theirs, **TOLERANCE)


@pytest.mark.parametrize("activation", CASES)
def test_float32_follows_to_its_own_precision(stored, activation):
    network, loss = network_of(stored, activation).copy(dtype=np.float32), get_loss(CASES[activation]["loss"])
    X, y = stored[f"{activation}/X"], stored[f"{activation}/y"]
    forward = network.forward(X)
    backward = network.backward(forward, loss.gradient(forward.output, y))
    assert {array.dtype for array in [*forward.activations, *backward.parameters, *backward.signals]} == {
        np.dtype(np.float32)
    }
    # float32 rounds at 6e-8; a few dozen roundings of numbers of order ten.
    np.testing.assert_allclose(forward.output, stored[f"{activation}/output"], rtol=2e-5, atol=2e-5)
    for ours, theirs in zip(backward.parameters, series(stored, f"{activation}/gradients"), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=5e-5, atol=5e-5)
