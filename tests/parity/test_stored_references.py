"""The package against the stored answers of Keras, PyTorch and JAX."""

import numpy as np
import parity
import pytest

from activations import ACTIVATIONS


@pytest.fixture(scope="module")
def arrays():
    return parity.stored()


def test_provenance_is_complete():
    provenance = parity.provenance()
    assert {"keras", "tensorflow", "torch", "jax", "numpy", "python"} <= set(provenance["versions"])
    assert {"made_by", "made_on", "dtype"} <= set(provenance)


def test_everything_is_compared():
    assert {parity.ROWS[code].name for code in parity.NETWORKS} == set(ACTIVATIONS)
    assert {case.loss for case in parity.NETWORKS.values()} == set(parity._losses)
    known = set(parity.COMPARISONS)
    assert set(parity.DIFFERENCES) <= known
    assert set(parity.LOOSER) <= known
    kinks = {kink for activation in ACTIVATIONS.values() for kink in activation.kinks}
    assert kinks <= set(parity.VARIABLES["x"])


@pytest.mark.parametrize(("framework", "code", "what"), parity.COMPARISONS)
def test_functions_and_losses(arrays, framework, code, what):
    parity.compare(framework, code, what, arrays[f"{framework}/{code}/{what}"])


@pytest.mark.parametrize("code", parity.NETWORKS)
@pytest.mark.parametrize("framework", parity.FRAMEWORKS)
def test_gradients_of_whole_networks(arrays, framework, code):
    loss, gradients = parity.NETWORKS[code].gradients()
    tolerance = parity.network_tolerance(framework, code)
    key = f"{framework}/network/{code}"
    np.testing.assert_allclose(arrays[f"{key}/loss"], loss, **tolerance)
    for i, gradient in enumerate(gradients):
        np.testing.assert_allclose(arrays[f"{key}/gradients/{i}"], gradient, **tolerance)


@pytest.mark.parametrize(("hidden", "optimizer"), parity.MILEAGE_RUNS)
@pytest.mark.parametrize("framework", parity.FRAMEWORKS)
def test_ten_epochs_on_auto_mpg(arrays, framework, hidden, optimizer):
    theirs = parity.stored_run(arrays, framework, hidden, optimizer)
    mine = parity.run("activations", hidden, optimizer)
    parity.compare_runs(framework, optimizer, theirs, mine)
    assert mine.loss[-1] < mine.loss[0] / 3, "a run that learns nothing would prove little"


def test_a_difference_that_is_none_is_found(monkeypatch):
    monkeypatch.setitem(parity.DIFFERENCES, ("torch", "tanh(x)", "value"), {0.0: 0.0})
    with pytest.raises(AssertionError, match="agrees after all"):
        parity.expected("torch", "tanh(x)", "value")
