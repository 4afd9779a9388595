"""The positions of a slider."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Grid:
    """The positions of a slider, which are also the positions of the table behind it."""

    low: float
    high: float
    step: float

    @property
    def size(self) -> int:
        """Number of positions."""
        return round((self.high - self.low) / self.step) + 1

    @property
    def values(self) -> NDArray[np.float64]:
        """The positions, shape (size,), as the decimal numbers that a reader sees."""
        return np.round(self.low + self.step * np.arange(self.size), 6)

    def nearest(self, value: float) -> float:
        """Return the position nearest to a value."""
        return float(self.values[np.argmin(np.abs(self.values - value))])

    def state(self) -> dict[str, float]:
        """Return what the page needs to build the same positions."""
        return {"low": self.low, "high": self.high, "step": self.step, "size": self.size}
