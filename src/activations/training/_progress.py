"""Progress bars: on stderr, after two seconds, only where somebody watches, and one at a time."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from tqdm import tqdm

Item = TypeVar("Item")

PROGRESS_DELAY = 2.0
"""Seconds that a run lasts before a progress bar appears."""

_open: list[tqdm[Any]] = []


@contextmanager
def progress_bar(total: int, description: str, unit: str, shown: bool | None = None) -> Iterator[tqdm[Any]]:
    """Hold a bar open for `total` calls of its ``update``; inside it no other appears unasked."""
    bar = _bar(total, description, unit, shown)
    _open.append(bar)
    try:
        with bar:
            yield bar
    finally:
        _open.remove(bar)


def progress(items: Sequence[Item], description: str, unit: str) -> Iterator[Item]:
    """Return the items one after the other, and show a bar if that takes long."""
    return iter(_bar(items, description, unit))


def _bar(work: Any, description: str, unit: str, shown: bool | None = None) -> tqdm[Any]:
    """Return a bar over a number of steps or over items, which leaves nothing behind."""
    if shown is None:
        shown = somebody_watches() and not _open
    return tqdm(
        **{"total" if isinstance(work, int) else "iterable": work},
        desc=description,
        unit=unit,
        file=sys.stderr,
        leave=False,
        delay=PROGRESS_DELAY,
        disable=not shown,
    )


def somebody_watches() -> bool:
    """Tell a terminal or an opened notebook from a script's log or a notebook that a program executes."""
    # Jupyter's server names the session of a notebook that a person has opened; nbconvert and nbclient do
    # not.
    return sys.stderr.isatty() or "JPY_SESSION_NAME" in os.environ or "google.colab" in sys.modules
