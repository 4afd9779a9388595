"""Distributions and comparisons: histograms, bars, one dot a seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from activations.figures._axes import log_scale, row_labels, written
from activations.figures._checks import (
    check_array,
    check_axes,
    check_format,
    check_length,
    check_mapping,
    check_number,
)
from activations.figures._style import styled
from activations.figures.palette import CYCLE, is_activation, looks_for
from activations.training._checks import count, sequence

GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0


@styled
def plot_histograms(
    ax: Axes,
    arrays: Mapping[str, npt.ArrayLike],
    *,
    bins: int = 40,
    low: float | None = None,
    high: float | None = None,
    xlabel: str = "",
) -> Axes:
    """Draw the distributions of several sets of numbers, one below the other.

    All share their bins; the height of each is scaled to its own peak, so shapes can be compared and
    heights cannot.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    arrays : mapping of str to array_like, any shape
        The numbers by their labels, from the top down. Infinities and nan are left out.
    bins : int
        How many bins.
    low, high : float, optional
        The ends of the bins; the smallest and the largest number unless told. What lies outside is left out.
    xlabel : str, optional
        What the numbers are.

    Returns
    -------
    matplotlib.axes.Axes
        ``ax``.

    Raises
    ------
    TypeError
        If ``arrays`` is no mapping, or there is something that is no number.
    ValueError
        If a set has no finite number, or there is no bin.

    Examples
    --------
    >>> from activations.figures import subplots
    >>> fig, ax = subplots()
    >>> _ = plot_histograms(ax, {"layer 1": [0.0, 0.1, 0.5], "layer 2": [0.5, 0.6]})
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['layer 1', 'layer 2']
    """
    check_axes("plot_histograms", ax)
    check_mapping("plot_histograms", "arrays", arrays)
    bins = count("plot_histograms", "bins", bins, 1)
    check_number("plot_histograms", "low", low)
    check_number("plot_histograms", "high", high)
    finite = {}
    for label, values in arrays.items():
        numbers = check_array("plot_histograms", f"arrays[{label!r}]", np.ravel(values), 1)
        finite[label] = numbers[np.isfinite(numbers)]
        if not finite[label].size:
            raise ValueError(
                f"plot_histograms: arrays[{label!r}] must hold a finite number, got none; leave it out"
            )
    low = min(numbers.min() for numbers in finite.values()) if low is None else low
    high = max(numbers.max() for numbers in finite.values()) if high is None else high
    if not low < high:
        low, high = low - 0.5, low + 0.5
    edges = np.linspace(low, high, bins + 1)
    # Labels such as "layer 7" carry the meaning; a rainbow of colours would carry none.
    known = looks_for(finite)
    for row, (numbers, look) in enumerate(zip(finite.values(), known, strict=True)):
        counts = np.histogram(numbers, edges)[0]
        color = look.color if len(finite) <= len(CYCLE) // 2 else CYCLE[0].color
        top = row - 0.82 * counts / max(counts.max(), 1)
        ax.stairs(top, edges, baseline=row, fill=True, color=color, alpha=0.35, linewidth=0)
        ax.stairs(top, edges, baseline=row, color=color, linewidth=1.2)
    row_labels(ax, list(finite))
    # Each set stands on its label's line, so the topmost needs room above it.
    ax.set_ylim(len(finite) - 0.85, -0.95)
    ax.set_xlim(low, high)
    ax.set_xlabel(xlabel)
    return ax


@styled
def plot_bars(
    ax: Axes,
    labels: Sequence[str],
    values: npt.ArrayLike,
    *,
    low: npt.ArrayLike | None = None,
    high: npt.ArrayLike | None = None,
    number_format: str = ".3g",
    xlabel: str = "",
    log: bool = False,
) -> Axes:
    """Draw a horizontal bar for each label, with its number at the end.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    labels : sequence of str, length n
        The labels, from the top down. One that names an activation gets its colour.
    values : array_like, shape (n,)
        The lengths.
    low, high : array_like, shape (n,), optional
        The ends of a thin line over each bar, such as the range over seeds. Give both.
    number_format : str
        How to write the numbers, ``".3g"`` unless told.
    xlabel : str, optional
        What the lengths are.
    log : bool
        Logarithmic scale; the lengths must be positive, and then only their ends mean something.

    Returns
    -------
    matplotlib.axes.Axes
        ``ax``.

    Raises
    ------
    TypeError
        If there is something that is no number.
    ValueError
        If the lengths differ, only one end is given, or a bar on a logarithmic scale is not positive.

    Examples
    --------
    >>> from activations.figures import subplots
    >>> fig, ax = subplots()
    >>> [text.get_text() for text in plot_bars(ax, ["relu", "tanh"], [1.0, 0.28]).texts]
    ['1', '0.28']
    """
    check_axes("plot_bars", ax)
    values = check_array("plot_bars", "values", values, 1)
    check_format("plot_bars", "number_format", number_format)
    labels = [str(label) for label in sequence("plot_bars", "labels", labels, "names")]
    check_length("plot_bars", "labels", labels, len(values), "values")
    if (low is None) != (high is None):
        raise ValueError("plot_bars: low and high must come together, got one of them; give both or none")
    if log and not (values > 0).all():
        raise ValueError(f"plot_bars: values must be positive for log, got {values.min():g}; use log=False")
    reach = values
    own = [
        look.color if is_activation(label) else CYCLE[0].color
        for label, look in zip(labels, looks_for(labels), strict=True)
    ]
    rows = np.arange(len(values))
    if log:
        log_scale(ax, "x")
    ax.barh(rows, values, height=0.62, color=own)
    if low is not None and high is not None:
        low = check_array("plot_bars", "low", low, 1)
        high = check_array("plot_bars", "high", high, 1)
        check_length("plot_bars", "low", low, len(values), "values")
        check_length("plot_bars", "high", high, len(values), "values")
        ax.hlines(rows, low, high, color="black", linewidth=1.4)
        reach = np.where(values < 0, np.minimum(values, low), np.maximum(values, high))
    for row, (value, end) in enumerate(zip(values, reach, strict=True)):
        ax.annotate(
            written(value, number_format),
            (end, row),
            xytext=(-5 if value < 0 else 5, 0),
            textcoords="offset points",
            ha="right" if value < 0 else "left",
            va="center",
            annotation_clip=False,
        )
    row_labels(ax, labels)
    if not log:
        ax.axvline(0.0, color="black", alpha=0.45, linewidth=0.8)
    ax.set_xlabel(xlabel)
    return ax


@styled
def plot_spread(
    ax: Axes,
    by_label: Mapping[str, npt.ArrayLike],
    *,
    xlabel: str = "",
    log: bool = False,
    number_format: str = ".3g",
) -> Axes:
    r"""Draw every run as a dot, and the median of each set of runs as a bar; its number is in the margin.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    by_label : mapping of str to array_like, shape (n_seeds,)
        One number a seed, by label, from the top down. Numbers that are not finite (a run that diverged)
        cannot be drawn: they are left out, also of the median, and the label counts them.
    xlabel : str, optional
        What the numbers are.
    log : bool
        Logarithmic scale.
    number_format : str
        How to write the medians, ``".3g"`` unless told.

    Returns
    -------
    matplotlib.axes.Axes
        ``ax``.

    Raises
    ------
    TypeError
        If ``by_label`` is no mapping, or there is something that is no number.
    ValueError
        If a set is empty, or a number on a logarithmic scale is not positive.

    Examples
    --------
    >>> from activations.figures import subplots
    >>> fig, ax = subplots()
    >>> _ = plot_spread(ax, {"relu": [1.0, 2.0, 4.0], "tanh": [2.0, np.nan]})
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['relu', 'tanh\n(1 of 2 diverged)']
    """
    check_axes("plot_spread", ax)
    check_mapping("plot_spread", "by_label", by_label)
    check_format("plot_spread", "number_format", number_format)
    if log:
        log_scale(ax, "x")
    names = []
    looks = looks_for(by_label)
    for row, ((label, values), look) in enumerate(zip(by_label.items(), looks, strict=True)):
        numbers = check_array("plot_spread", f"by_label[{label!r}]", values, 1)
        finite = numbers[np.isfinite(numbers)]
        if log and not (finite > 0).all():
            raise ValueError(
                f"plot_spread: by_label[{label!r}] must be positive for log, got {finite.min():g}; "
                "use log=False"
            )
        lost = len(numbers) - len(finite)
        names.append(f"{label}\n({lost} of {len(numbers)} diverged)" if lost else label)
        if not finite.size:
            continue
        # Multiples of the golden ratio keep neighbours in rank apart, the same way every time.
        lift = ((np.argsort(np.argsort(finite, kind="stable")) * GOLDEN) % 1.0 - 0.5) * 0.36
        ax.plot(
            finite,
            row + lift,
            linestyle="none",
            marker="o",
            markersize=5,
            color=look.color,
            markeredgecolor="white",
            markeredgewidth=0.5,
        )
        median = float(np.median(finite))
        ax.vlines(median, row - 0.3, row + 0.3, color="black", linewidth=2)
        _in_margin(ax, row, written(median, number_format))
    row_labels(ax, names)
    _in_margin(ax, -0.75, "median")
    ax.set_ylim(len(names) - 0.5, -0.6)
    ax.set_xlabel(xlabel)
    return ax


def _in_margin(ax: Axes, row: float, text: str) -> None:
    """Write ``text`` to the right of a row, where no dot can lie."""
    ax.annotate(
        text,
        (1.0, row),
        xycoords=("axes fraction", "data"),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        annotation_clip=False,
    )
