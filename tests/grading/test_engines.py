"""All engines come to the same, with few submissions in memory, and lose nothing with a worker."""

from __future__ import annotations

import os
import signal
import time
import types
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import KilledWorker, LocalCluster

from activations.grading import engines
from activations.grading.engines import ENGINES, ClusterError


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


def die_at_three(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_an_item_that_costs_every_worker_costs_nothing_else() -> None:
    found = ENGINES["dask"](die_at_three, range(8), jobs=2, lost=lambda number: -number)
    assert sorted(found) == [-3, 0, 1, 2, 4, 5, 6, 7]
    with pytest.raises(KilledWorker):
        list(ENGINES["dask"](die_at_three, [3], jobs=1))


def test_dask_uses_a_scheduler_that_runs_already() -> None:
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, processes=False) as cluster:
        found = list(ENGINES["dask"](square, range(3), scheduler=cluster.scheduler_address))
    assert sorted(found) == [0, 1, 4]


def test_a_worker_without_the_package_is_named_instead_of_waited_for() -> None:
    code = compile("def unknown(number): return number", "elsewhere", "exec")
    exec(code, vars(elsewhere := types.ModuleType("elsewhere")))
    with pytest.raises(ClusterError, match=r"^2 of 2 Dask workers cannot import elsewhere; install .*tcp://"):
        list(ENGINES["dask"](elsewhere.unknown, range(3), jobs=2))


def test_a_scheduler_without_workers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "PATIENCE", 1)
    with (
        LocalCluster(n_workers=0, dashboard_address=None, processes=False) as cluster,
        pytest.raises(ClusterError, match="has had no worker for 1 s; start some"),
    ):
        list(ENGINES["dask"](square, range(3), scheduler=cluster.scheduler_address))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://here"])
def test_an_address_without_a_scheduler_is_named(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "PATIENCE", 1)
    with pytest.raises(ClusterError, match=f"no Dask scheduler answers at '{address}'"):
        list(ENGINES["dask"](square, range(3), scheduler=address))
