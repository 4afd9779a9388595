"""Every claim of the ledger, measured afresh.

`chapters/claims.toml` holds the verdicts and figures that the claims page prints. Here each claim has one
check, which gets the claim's figures and compares every one of them with a new measurement.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

import activations as act

LEDGER = tomllib.loads((Path(__file__).parents[1] / "chapters" / "claims.toml").read_text(encoding="utf-8"))
CHECKS: dict[str, Callable[[Mapping[str, float]], None]] = {}


class Figures(Mapping[str, float]):
    """The figures of one claim; remembers which of them a check has read."""

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


def settles(name: str) -> Callable[[Callable[[Mapping[str, float]], None]], Callable[[Mapping[str, float]], None]]:
    """Register the check of the claim ``name``."""

    def register(check: Callable[[Mapping[str, float]], None]) -> Callable[[Mapping[str, float]], None]:
        assert name not in CHECKS, f"{name} has two checks"
        CHECKS[name] = check
        return check

    return register


# --- Linear and non-linear ----------------------------------------------------------------------------------------


@settles("L1")
def _(figures: Mapping[str, float]) -> None:
    x = np.linspace(-1e6, 1e6, 101)
    np.testing.assert_array_equal(act.identity(x), x)
    np.testing.assert_array_equal(act.identity_derivative(x), figures["derivative"])
    assert act.get_activation("linear").range[:2] == (-np.inf, np.inf)


# --- Sigmoid --------------------------------------------------------------------------------------------------------


# --- Tanh -----------------------------------------------------------------------------------------------------------


# --- ReLU -----------------------------------------------------------------------------------------------------------


# --- Softmax --------------------------------------------------------------------------------------------------------


# --- Writing them yourself ------------------------------------------------------------------------------------------


# --- The ledger itself ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LEDGER)
def test_claim(name: str) -> None:
    figures = Figures(LEDGER[name]["figures"])
    CHECKS[name](figures)
    assert not figures.unread, f"{name}: no measurement holds {sorted(figures.unread)}"


def test_every_check_has_a_claim() -> None:
    assert set(CHECKS) == set(LEDGER)


@pytest.mark.parametrize("name", LEDGER)
def test_ledger_entry_is_complete(name: str) -> None:
    entry = LEDGER[name]
    assert entry["verdict"] in ("holds", "holds with a caveat", "false")
    assert entry["figures"], f"{name}: a claim is settled by figures"
    for key in entry["figures"]:
        assert f"{{{key}:" in entry["finding"], f"{name}: the finding does not show the figure {key}"
    chapter = Path(__file__).parents[1] / "chapters" / f"{entry['chapter']}.ipynb"
    assert f"(claim-{name.lower()})=" in chapter.read_text(encoding="utf-8"), f"{name}: no label in {chapter.name}"
