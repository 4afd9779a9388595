"""The contrast of two colours as WCAG 2.2 defines it, for every test that asks for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def channels(color: str) -> NDArray[np.float64]:
    """Return red, green and blue, from 0 to 1, of a colour written as ``"#rrggbb"``."""
    return np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def linear(rgb: ArrayLike) -> NDArray[np.float64]:
    """Return light in place of the encoded channels, shape (…, 3)."""
    rgb = np.asarray(rgb)
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one: ArrayLike, other: ArrayLike) -> float:
    """Return the ratio of the relative luminances, 0.05 added to each for stray light."""
    bright, dim = sorted((linear(c) @ [0.2126, 0.7152, 0.0722] + 0.05 for c in (one, other)), reverse=True)
    return float(bright / dim)
