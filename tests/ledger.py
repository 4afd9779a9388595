"""A ledger of measured figures: one data file, one check for each of its entries, no figure unmeasured.

The pages of the book print the figures of a ledger; its checks compare every one with a new measurement.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

CHAPTERS = Path(__file__).parents[1] / "chapters"

Check = Callable[[Mapping[str, float]], None]


class Figures(Mapping[str, float]):
    """The figures of one entry; remembers which of them a check has read."""

    def __init__(self, figures: Mapping[str, float]) -> None:
        self._figures = figures
        self.unread = set(figures)

    def __getitem__(self, key: str) -> float:
        self.unread.discard(key)
        return self._figures[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._figures)

    def __len__(self) -> int:
        return len(self._figures)


class Ledger:
    """The entries of a file of the folder chapters, with their checks."""

    def __init__(self, file: str) -> None:
        self.entries: dict[str, dict[str, Any]] = tomllib.loads((CHAPTERS / file).read_text(encoding="utf-8"))
        self.checks: dict[str, Check] = {}

    def settles(self, name: str) -> Callable[[Check], Check]:
        """Register the check of the entry ``name``."""

        def register(check: Check) -> Check:
            assert name not in self.checks, f"{name} has two checks"
            self.checks[name] = check
            return check

        return register

    def measure(self, name: str) -> None:
        """Run the check of an entry; it must have looked at every figure."""
        figures = Figures(self.entries[name]["figures"])
        self.checks[name](figures)
        assert not figures.unread, f"{name}: no measurement holds {sorted(figures.unread)}"

    def assert_complete(self, name: str, *, verdicts: tuple[str, ...], label: str) -> None:
        """Assert that an entry has a known verdict, shows all of its figures, and that its label exists."""
        entry = self.entries[name]
        assert entry["verdict"] in verdicts
        assert entry["figures"], f"{name}: an entry is settled by figures"
        for key in entry["figures"]:
            assert f"{{{key}:" in entry["finding"], f"{name}: the finding does not show the figure {key}"
        chapter = CHAPTERS / f"{entry['chapter']}.ipynb"
        text = chapter.read_text(encoding="utf-8")
        gates = (f"({label})=", f":label: {label}\\n")
        assert any(gate in text for gate in gates), f"{name}: no label {label} in {chapter.name}"
