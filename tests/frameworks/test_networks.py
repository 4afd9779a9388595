"""Whole networks in the installed frameworks: gradients for every activation, training for claim P2."""

import networks
import numpy as np
import parity
import pytest


@pytest.mark.parametrize("code", parity.NETWORKS)
@pytest.mark.parametrize("framework", parity.FRAMEWORKS)
def test_gradients_of_whole_networks(framework, code):
    case = parity.NETWORKS[code]
    loss, gradients = case.gradients()
    their_loss, their_gradients = networks.small_network(framework, case)
    tolerance = parity.network_tolerance(framework, code)
    np.testing.assert_allclose(their_loss, loss, **tolerance)
    for theirs, mine in zip(their_gradients, gradients, strict=True):
        np.testing.assert_allclose(theirs, mine, **tolerance)


@pytest.mark.parametrize(("hidden", "optimizer"), parity.MILEAGE_RUNS)
@pytest.mark.parametrize("framework", parity.FRAMEWORKS)
def test_claim_p2_on_auto_mpg(framework, hidden, optimizer, record_property):
    theirs, mine = (parity.run(library, hidden, optimizer) for library in (framework, "activations"))
    distances = theirs.distances(mine)
    # For the table at the end, which conftest.py prints.
    record_property("distances", [framework, hidden, optimizer, *distances.values()])
    assert distances["output"] < 1e-6
    assert distances["gradient"] < 1e-5
    parity.compare_runs(framework, optimizer, theirs, mine)
    # The stored values, too, are what this framework says, up to the rounding of another processor.
    stored = parity.stored_run(parity.stored(), framework, hidden, optimizer)
    np.testing.assert_allclose(stored.output, theirs.output, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(stored.loss, theirs.loss, rtol=1e-10)
    np.testing.assert_allclose(stored.val_loss, theirs.val_loss, rtol=1e-10)
