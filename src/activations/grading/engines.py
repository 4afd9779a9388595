"""Run a function over many submissions: one after the other, on all processors, or on many machines.

Results come in the order in which they are ready, and only a few submissions are in memory at a time. A
worker that is lost costs time and no result: what it had is given to another one.
"""

from __future__ import annotations

import importlib
import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["ENGINES", "ClusterError", "run_dask", "run_joblib", "run_serial"]

Given = TypeVar("Given")
Found = TypeVar("Found")
AHEAD = 2
"""How many submissions wait for each worker."""
PATIENCE = 30
"""How many seconds a Dask scheduler has to answer, and to have a worker."""
TRIES = 3
"""How often a submission is given to a worker before it counts as the cause of the worker's loss."""


class ClusterError(RuntimeError):
    """A Dask cluster cannot do the work."""


def run_serial(function: Callable[[Given], Found], items: Iterable[Given], **_: Any) -> Iterator[Found]:
    """Run one after the other, in this process.

    Parameters
    ----------
    function : callable
        Takes one of the items.
    items : iterable
        Any number of them.

    Yields
    ------
    object
        What ``function`` returns.

    Examples
    --------
    >>> list(run_serial(abs, [-1, 2]))
    [1, 2]
    """
    yield from map(function, items)


def run_joblib(
    function: Callable[[Given], Found], items: Iterable[Given], *, jobs: int = 0, **_: Any
) -> Iterator[Found]:
    """Run on several processors of this machine.

    The work happens in the sandboxes, processes of their own; here are only threads that wait for them. So
    there is no worker process that could be lost, and nothing is copied between workers.

    Parameters
    ----------
    function : callable
        Takes one of the items.
    items : iterable
        Any number of them.
    jobs : int
        How many at a time; 0 for as many as there are processors.

    Yields
    ------
    object
        What ``function`` returns, in the order of being ready.

    Examples
    --------
    >>> sorted(run_joblib(abs, [-1, 2], jobs=2))
    [1, 2]
    """
    from joblib import Parallel, delayed

    parallel = Parallel(
        n_jobs=jobs or os.cpu_count() or 1,
        backend="threading",
        batch_size=1,
        pre_dispatch=f"{AHEAD}*n_jobs",
        return_as="generator_unordered",
    )
    yield from parallel(delayed(function)(item) for item in items)


def run_dask(
    function: Callable[[Given], Found],
    items: Iterable[Given],
    *,
    jobs: int = 0,
    scheduler: str = "",
    lost: Callable[[Given], Found] | None = None,
    **_: Any,
) -> Iterator[Found]:
    """Run on the workers of a Dask cluster.

    Parameters
    ----------
    function : callable
        Takes one of the items. Each worker needs this package and, for grading, bubblewrap.
    items : iterable
        Any number of them.
    jobs : int
        Without a scheduler: how many workers to start on this machine; 0 for as many as there are processors.
    scheduler : str
        Address of a running scheduler, such as ``tcp://10.0.0.1:8786``.
    lost : callable, optional
        Takes an item that has cost several workers, and returns what to yield for it.

    Yields
    ------
    object
        What ``function`` returns, in the order of being ready.

    Raises
    ------
    ClusterError
        If no scheduler answers, it has no workers, or one of them cannot import the module of ``function``.
    distributed.scheduler.KilledWorker
        If one and the same item has cost several workers, and there is no ``lost``.
    """
    import dask
    from distributed import KilledWorker, LocalCluster, as_completed

    settings = {
        "distributed.scheduler.allowed-failures": TRIES,
        "distributed.scheduler.worker-saturation": 1.0,
        # What a submission may use is the sandbox's business.
        "distributed.worker.memory.terminate": False,
        "distributed.worker.daemon": False,
    }
    with dask.config.set(settings):
        cluster = None
        if not scheduler:
            cluster = LocalCluster(
                n_workers=jobs or os.cpu_count() or 1,
                threads_per_worker=1,
                dashboard_address=None,
                silence_logs=50,
            )
        try:
            with _connect(cluster or scheduler) as client:
                workers = _count_workers(client, function.__module__)
                waiting = iter(items)
                given = {}

                def submit(count: int) -> list[Any]:
                    futures = []
                    for item in itertools.islice(waiting, count):
                        futures.append(client.submit(function, item, pure=False, retries=TRIES))
                        given[futures[-1].key] = item
                    return futures

                running = as_completed(submit(AHEAD * workers))
                for future in running:
                    item = given.pop(future.key)
                    try:
                        found = future.result()
                    except KilledWorker:
                        if lost is None:
                            raise
                        found = lost(item)
                    yield found
                    future.release()
                    running.update(submit(1))
        finally:
            if cluster is not None:
                cluster.close()


def _connect(cluster: Any) -> Client:
    """Return a client of a cluster, or of the scheduler at an address."""
    from distributed import Client

    try:
        return Client(cluster, timeout=PATIENCE)
    except (OSError, ValueError) as error:  # ValueError: not an address
        raise ClusterError(f"no Dask scheduler answers at {cluster!r}: {error}") from error


def _count_workers(client: Client, module: str) -> int:
    """Return how many workers there are, all of which can import the module, or raise.

    A worker that cannot import what it is given tells only its own log, and would be waited for without end.
    """
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as error:
        raise ClusterError(
            f"the Dask scheduler has had no worker for {PATIENCE} s; start some: dask worker ADDRESS"
        ) from error
    found = client.run(importlib.import_module, module, on_error="return")
    failed = {address: error for address, error in found.items() if isinstance(error, BaseException)}
    if failed:
        reasons = "; ".join(f"{address}: {error}" for address, error in failed.items())
        raise ClusterError(
            f"{len(failed)} of {len(found)} Dask workers cannot import {module}; "
            f"install activations[grading] in the environment of each ({reasons})"
        )
    return len(found)


ENGINES: dict[str, Callable[..., Iterator[Any]]] = {
    "serial": run_serial,
    "joblib": run_joblib,
    "dask": run_dask,
}
"""The engines by the names that the command line knows."""
