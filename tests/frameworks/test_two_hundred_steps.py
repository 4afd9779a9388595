"""The steps that benchmarks/training.py times are the same steps in every library."""

import importlib.util
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def race():
    """Return the module of the benchmark, which imports its neighbours by their bare names."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        spec = importlib.util.spec_from_file_location("training_benchmark", BENCHMARKS / "training.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(BENCHMARKS))
    return module


@pytest.mark.parametrize("net", ["small", "deep"])
@pytest.mark.parametrize("library", ["torch", "jax"])
def test_the_losses_agree(race, library, net):
    mine, theirs = race.ours(net)(200), race.MAKERS[library](net)(200)
    assert mine[-1] < mine[0]
    assert race.disagreement(mine, theirs) < 1e-6  # measured: 3e-7, in float32
