"""Small things that several plot functions do to an axes."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import Formatter, LogLocator, MaxNLocator, NullLocator

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

# Ink on coloured cells, where the page's own colour of text would not do.
LIGHT_INK = "#fafafa"
DARK_INK = "#21262c"


class DecadeLocator(LogLocator):
    """Ticks at powers of ten; at 1, 2 and 5 times them, or evenly, where few powers are in view."""

    def tick_values(self, vmin: float, vmax: float) -> Any:
        """Return the ticks between two positive numbers."""
        low, high = sorted((vmin, vmax))
        decades = np.log10(high / low) if low > 0 else 0.0
        if decades < 0.6:
            return MaxNLocator(5).tick_values(low, high)
        self.set_params(subs=(1.0,) if decades > 2.2 else (1.0, 2.0, 5.0), numticks=7)
        return super().tick_values(low, high)


class PowerFormatter(Formatter):
    """Labels like 10⁻³ in letters of the page's font; plain numbers where they are all short."""

    plain = True

    def format_ticks(self, values: Any) -> list[str]:
        """Return the labels of all ticks of an axis."""
        axis: Any = self.axis
        low, high = sorted(axis.get_view_interval())
        seen = [value for value in values if low <= value <= high]
        self.plain = all(1e-3 <= value <= 1e3 for value in seen)
        return [self(value) for value in values]

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Return the label of one tick."""
        del pos
        return f"{x:g}" if self.plain or x <= 0 else in_powers(x)


def log_scale(ax: Axes, which: str) -> None:
    """Make the x or y axis logarithmic."""
    getattr(ax, f"set_{which}scale")("log")
    axis = getattr(ax, f"{which}axis")
    axis.set_major_locator(DecadeLocator(10))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(PowerFormatter())


def in_powers(value: float) -> str:
    """Return a positive number with its power of ten; 1 and 10 stay as they are.

    Examples
    --------
    >>> in_powers(1e-3), in_powers(2e-5), in_powers(10.0)
    ('10⁻³', '2×10⁻⁵', '10')
    """
    mantissa, exponent = f"{value:e}".split("e")
    power = int(exponent)
    if power in {0, 1}:
        return f"{value:g}"
    factor = "" if float(mantissa) == 1 else f"{float(mantissa):g}×"
    return f"{factor}10{str(power).translate(_SUPERSCRIPTS)}"


def written(value: float, number_format: str) -> str:
    """Return a number as people write it: with a minus sign, and ×10⁻⁶ in place of e-06.

    Examples
    --------
    >>> written(-0.5, ".2f"), written(1.9e-6, ".3g")
    ('−0.50', '1.9×10⁻⁶')
    """
    mantissa, _, exponent = f"{value:{number_format}}".replace("-", "−").partition("e")
    if not exponent:
        return mantissa
    return f"{mantissa}×10{str(int(exponent.replace('−', '-'))).translate(_SUPERSCRIPTS)}"


def even_ticks(ax: Axes) -> None:
    """Put the ticks of the x axis at whole steps of 1, 2, 4 or 5."""
    ax.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 4, 5, 10]))


def zero_lines(ax: Axes) -> None:
    """Draw the coordinate axes through the origin, behind the curves."""
    for draw in (ax.axhline, ax.axvline):
        draw(0.0, color="black", alpha=0.35, linewidth=0.9, zorder=0.9)


def row_labels(ax: Axes, labels: list[str]) -> None:
    """Label horizontal rows 0, 1, 2, … from the top down."""
    ax.set_yticks(range(len(labels)), labels)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.grid(visible=False, axis="y")


def ink_for(color: Any) -> str:
    """Return the ink, light or dark, that has more contrast on ``color`` (RGB from 0 to 1)."""
    channels = np.asarray(color, dtype=np.float64)[:3]
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ [0.2126, 0.7152, 0.0722])
    # Where the contrasts with both inks are equal: (0.96 + 0.05)(0.019 + 0.05) = (L + 0.05)².
    return LIGHT_INK if luminance < 0.214 else DARK_INK
