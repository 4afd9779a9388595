"""All engines come to the same, with few submissions in memory, and lose nothing with a worker."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import LocalCluster

from activations.grading.engines import ENGINES


def square(number: int) -> int:
    return number * number


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_every_result_once(engine: str) -> None:
    found = list(ENGINES[engine](square, iter(range(20)), jobs=2))
    assert sorted(found) == [number * number for number in range(20)]


def slow_square(number: int) -> int:
    time.sleep(0.02)
    return number * number


@pytest.mark.parametrize("engine", ["serial", "joblib"])
def test_submissions_are_read_when_their_turn_comes(engine: str) -> None:
    read: list[int] = []

    def items() -> Iterator[int]:
        for number in range(40):
            read.append(number)
            yield number

    running = ENGINES[engine](slow_square, items(), jobs=2)
    next(running)
    # Two workers, two waiting for each, and what was finished while we asked.
    assert len(read) < 20
    assert len(list(running)) == 39


def die_once(job: tuple[str, int]) -> int:
    """Kill the worker that runs job 3, the first time."""
    folder, number = job
    mark = Path(folder) / "died"
    if number == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.02)
    return number


def test_a_lost_worker_costs_no_result(tmp_path: Path) -> None:
    jobs = [(str(tmp_path), number) for number in range(8)]
    assert sorted(ENGINES["dask"](die_once, jobs, jobs=2)) == list(range(8))
    assert (tmp_path / "died").exists()


def test_dask_uses_a_scheduler_that_runs_already() -> None:
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, processes=False) as cluster:
        found = list(ENGINES["dask"](square, range(3), scheduler=cluster.scheduler_address))
    assert sorted(found) == [0, 1, 4]
