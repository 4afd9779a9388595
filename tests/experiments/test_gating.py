"""Gated layers multiply, plain layers bend; neither is better at both."""

from __future__ import annotations

import numpy as np
import pytest

from activations.experiments.gating import CONTENDERS, TARGETS, best_contender_rate, measure_contender
from activations.experiments.side_by_side import Networks


def test_contenders_have_equally_many_parameters():
    rngs = [np.random.default_rng(0)]
    sizes = {
        Networks([4, c.width, 1], c.activation, gated=c.gated, rngs=rngs).n_parameters
        for c in CONTENDERS.values()
    }
    assert sizes == {133}


def test_targets_are_what_they_say():
    X = np.array([[1.0, 2.0, 3.0, -4.0]])
    assert TARGETS["products"](X) == 1 * 2 + 3 * -4
    assert TARGETS["maxima"](X) == 2 + 3


def test_gates_win_at_products_and_hinges_at_maxima():
    seeds = range(5)
    error = {
        (name, target): np.median(measure_contender(name, target, 0.1, seeds=seeds))
        for name in ("ReLU", "SwiGLU")
        for target in TARGETS
    }
    # 20 seeds gave medians of 0.18 and 0.04, and of 0.03 and 0.15.
    assert error["SwiGLU", "products"] < 0.6 * error["ReLU", "products"]
    assert error["ReLU", "maxima"] < 0.6 * error["SwiGLU", "maxima"]


def test_the_best_rate_is_found_on_seeds_of_its_own():
    rates, seeds = (1e-4, 0.1), (100, 101)
    errors = [np.median(measure_contender("ReLU", "maxima", rate, seeds=seeds)) for rate in rates]
    assert best_contender_rate("ReLU", "maxima", rates, seeds=seeds) == rates[int(np.argmin(errors))] == 0.1


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="measure_contender: unknown name 'SwiGlu'"):
        measure_contender("SwiGlu", "maxima", 0.1)
    with pytest.raises(ValueError, match="measure_contender: unknown name 'sums'"):
        measure_contender("ReLU", "sums", 0.1)
