"""The stopwatch: what it returns and what it refuses. Its numbers depend on the machine."""

from __future__ import annotations

import numpy as np
import pytest

from activations.experiments.cost import compare, measure_cost, time_in_turns


@pytest.mark.parametrize("derivative", [False, True])
def test_every_function_is_timed_as_often_as_asked(derivative: bool) -> None:
    cost = measure_cost(["relu", "logistic"], size=1000, repeats=7, derivative=derivative)
    assert list(cost) == ["relu", "sigmoid"]
    assert all(times.shape == (7,) and (times > 0).all() for times in cost.values())


@pytest.mark.parametrize(("size", "repeats"), [(0, 1), (1, 0)])
def test_numbers_below_one_are_refused(size: int, repeats: int) -> None:
    with pytest.raises(ValueError, match="must be at least 1"):
        measure_cost(["relu"], size=size, repeats=repeats)


def test_compare_sees_which_is_dearer() -> None:
    ratios = compare(lambda x: [np.exp(x) for _ in range(20)], np.exp, sizes=[10_000], repeats=5)
    assert np.median(ratios) > 5  # twenty times the work


@pytest.mark.parametrize(("sizes", "repeats"), [([], 3), ([0], 3), ([10], 0)])
def test_compare_refuses_to_time_nothing(sizes: list[int], repeats: int) -> None:
    with pytest.raises(ValueError, match=r"compare: (each of sizes|sizes|repeats) must"):
        compare(np.exp, np.exp, sizes=sizes, repeats=repeats)


def test_calls_take_turns_after_one_that_is_not_measured() -> None:
    order: list[str] = []
    seconds = time_in_turns({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, repeats=3)
    assert order == ["a", "b"] * 4
    assert {name: times.shape for name, times in seconds.items()} == {"a": (3,), "b": (3,)}
    assert (seconds["a"] > 0).all()


def test_no_timing_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match=r"time_in_turns: repeats must be at least 1, got 0"):
        time_in_turns({"nothing": lambda: None}, repeats=0)
