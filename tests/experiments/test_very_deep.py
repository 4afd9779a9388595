"""Very deep ReLU networks, trained."""

from __future__ import annotations

import numpy as np
import pytest

from activations.experiments.very_deep import train_very_deep


def test_a_shallow_network_learns_and_counts() -> None:
    runs = train_very_deep("he_normal", 0.1, depth=4, seeds=range(4))
    assert runs.loss.shape == (4,)
    assert runs.learned == 4
    assert runs.chance == pytest.approx(np.log(2), rel=0.05)  # nearly as many malignant as benign masses


def test_a_run_that_diverges_has_not_learned() -> None:
    # The output weights overflow single precision within a few steps at this rate.
    runs = train_very_deep("he_normal", 1e20, depth=4, epochs=2, seeds=range(2))
    assert not np.isfinite(runs.loss).any()
    assert runs.learned == 0


@pytest.mark.parametrize(("rate", "depth"), [(0.0, 3), (0.1, 0)])
def test_bad_numbers_are_refused(rate: float, depth: int) -> None:
    with pytest.raises(ValueError, match=r"must be (above 0|at least 1)"):
        train_very_deep("he_normal", rate, depth=depth)
