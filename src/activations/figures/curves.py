"""Curves: a function, several functions, a run of training, anything over a common x."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from activations.figures._axes import even_ticks, log_scale, zero_lines
from activations.figures._checks import (
    FloatArray,
    check_array,
    check_axes,
    check_curves,
    check_length,
    check_mapping,
    check_number,
)
from activations.figures._labels import label_end
from activations.figures._style import styled
from activations.figures.palette import DASHED, LineStyle, color_for, looks_for
from activations.functions import Activation, get_activation
from activations.training._checks import is_number

N_POINTS = 481


@styled
def plot_activation(
    ax: Axes,
    name: str | Activation,
    *,
    derivative: bool = True,
    x: tuple[float, float] = (-6.0, 6.0),
    **params: float,
) -> Axes:
    """Draw an activation function, solid, and its derivative, dashed.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    name : str or Activation
        The function.
    derivative : bool
        Draw the derivative as well. Where it jumps, its line is broken.
    x : tuple of float
        The interval to draw.
    **params
        Parameters of the function, such as ``negative_slope=0.2``; they are added to the title.

    Returns
    -------
    matplotlib.axes.Axes
        ``ax``.

    Raises
    ------
    ValueError
        If the name is unknown or the interval is empty.

    Examples
    --------
    >>> from activations.figures import subplots
    >>> fig, ax = subplots()
    >>> plot_activation(ax, "leaky_relu", negative_slope=0.2).get_title(loc="left")
    'Leaky ReLU, negative_slope = 0.2'
    """
    check_axes("plot_activation", ax)
    activation = get_activation(name)
    points = _sample("plot_activation", activation, x)
    color = color_for(activation.name)
    zero_lines(ax)
    line = ax.plot(points, activation.function(points, **params), color=color)[0]
    label_end(ax, line, "f(x)")
    if derivative:
        # In the colour of the text, to be seen where it runs along the function (ReLU left of 0).
        slope = activation.derivative(points, **params)
        line = ax.plot(points, slope, color="black", linestyle=DASHED, linewidth=1.5)[0]
        label_end(ax, line, "f′(x)")
    ax.set_title(", ".join([activation.label, *(f"{key} = {value:g}" for key, value in params.items())]))
    even_ticks(ax)
    ax.set_xlabel("x")
    return ax


@styled
def plot_functions(
    ax: Axes,
    names: Sequence[str | Activation],
    *,
    derivative: bool = False,
    x: tuple[float, float] = (-6.0, 6.0),
) -> Axes:
    """Draw up to five activation functions into one axes, or their derivatives.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    names : sequence of str or Activation
        The functions, with their default parameters.
    derivative : bool
        Draw the derivatives in place of the functions.
    x : tuple of float
        The interval to draw.

    Returns
    -------
    matplotlib.axes.Axes
        ``ax``.

    Raises
    ------
    ValueError
        If a name is unknown, the interval is empty, or there are more than five functions.

    Examples
    --------
    >>> from activations.figures import subplots
    >>> fig, ax = subplots()
    >>> len(plot_functions(ax, ["sigmoid", "tanh"], derivative=True).texts)
    2
    """
    check_axes("plot_functions", ax)
    check_curves("plot_functions", "names", names)
    activations = [get_activation(name) for name in names]
    zero_lines(ax)
    for activation, look in zip(activations, looks_for(a.name for a in activations), strict=True):
        points = _sample("plot_functions", activation, x)
        values = (activation.derivative if derivative else activation.function)(points)
        line = ax.plot(points, values, color=look.color, linestyle=look.line_style)[0]
        label_end(ax, line, activation.label)
    even_ticks(ax)
    ax.set_xlabel("x")
    ax.set_ylabel("f′(x)" if derivative else "f(x)")
    return ax


@styled
def plot_lines(
    ax: Axes,
    x: npt.ArrayLike,
    curves: Mapping[str, npt.ArrayLike],
    *,
    xlabel: str = "",
    ylabel: str = "",
    log_x: bool = False,
    log_y: bool = False,
) -> Axes:
    """Draw up to five curves over the same ``x``, each named at its end.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    x : array_like, shape (n,)
        The common abscissa.
    curves : mapping of str to array_like, shape (n,)
        The curves by their labels. A label that names an activation gets its colour and line style.
    xlabel, ylabel : str, optional
        What the axes show.
    log_x, log_y : bool, optional
        Logarithmic scales.

    Returns
    -------
    matplotlib.axes.Axes
        ``ax``.

    Raises
    ------
    TypeError
        If ``curves`` is no mapping, or there is something that is no number.
    ValueError
        If the lengths differ, or there are more than five curves.

    Examples
    --------
    >>> from activations.figures import subplots
    >>> fig, ax = subplots()
    >>> t = np.linspace(0.0, 1.0, 5)
    >>> plot_lines(ax, t, {"linear": t, "squared": t**2}, xlabel="t").get_xlabel()
    't'
    """
    check_axes("plot_lines", ax)
    x = check_array("plot_lines", "x", x, 1)
    check_curves("plot_lines", "curves", check_mapping("plot_lines", "curves", curves))
    if log_x:
        log_scale(ax, "x")
    if log_y:
        log_scale(ax, "y")
    for (label, values), look in zip(curves.items(), looks_for(curves), strict=True):
        y = check_array("plot_lines", f"curves[{label!r}]", values, 1)
        check_length("plot_lines", f"curves[{label!r}]", y, len(x), "x")
        _draw(ax, x, y, label, look.color, look.line_style)
    ax.set_xlabel(xlabel or ax.get_xlabel())
    ax.set_ylabel(ylabel or ax.get_ylabel())
    return ax


@styled
def plot_history(ax: Axes, histories: Any, key: str = "loss", *, log: bool = False) -> Axes:
    """Draw how a loss or a metric changed from epoch to epoch.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    histories : History, or mapping of str to History
        One run, whose validation curve is drawn too if there is one; or up to five runs by their labels.
    key : str
        What to draw: ``"loss"``, ``"val_loss"``, ``"accuracy"``, …
    log : bool
        Logarithmic scale.

    Returns
    -------
    matplotlib.axes.Axes
        ``ax``.

    Raises
    ------
    ValueError
        If a run has no such key, or there are more than five runs.

    Examples
    --------
    >>> from activations.figures import subplots
    >>> fig, ax = subplots()
    >>> history = {"loss": [1.0, 0.4, 0.3], "val_loss": [1.1, 0.6, 0.5]}
    >>> plot_history(ax, history).get_ylabel()
    'loss'
    """
    check_axes("plot_history", ax)
    if not isinstance(key, str):
        raise TypeError(f"plot_history: key must be a name, got {key!r}; pass for example 'loss'")
    if not (hasattr(histories, "keys") and hasattr(histories, "__getitem__")):
        raise TypeError(
            f"plot_history: histories must be a run or map labels to runs, got {type(histories).__name__}; "
            "pass what fit returned"
        )
    if _holds_runs(histories):
        check_curves("plot_history", "histories", histories)
        curves = {label: _epochs(history, key) for label, history in histories.items()}
    else:
        curves = {"validation" if key.startswith("val_") else "training": _epochs(histories, key)}
        if not key.startswith("val_") and _has(histories, f"val_{key}"):
            curves["validation"] = _epochs(histories, f"val_{key}")
    if log:
        log_scale(ax, "y")
    for (label, values), look in zip(curves.items(), looks_for(curves), strict=True):
        _draw(ax, np.arange(1.0, len(values) + 1), values, label, look.color, look.line_style)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
    ax.set_xlabel("epoch")
    ax.set_ylabel(key.removeprefix("val_").replace("_", " "))
    return ax


@styled
def plot_signal(
    ax: Axes,
    signals: Mapping[str, npt.ArrayLike],
    *,
    xlabel: str = "layer",
    ylabel: str = "gradient norm",
) -> Axes:
    """Draw how a signal changes from layer to layer: the median over seeds, and the range of all seeds.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw; its y axis becomes logarithmic.
    signals : mapping of str to array_like, shape (n_seeds, n_layers)
        Up to five signals by their labels, positive.
    xlabel, ylabel : str, optional
        What the axes show.

    Returns
    -------
    matplotlib.axes.Axes
        ``ax``.

    Raises
    ------
    TypeError
        If ``signals`` is no mapping, or there is something that is no number.
    ValueError
        If a signal has no rows and columns, or there are more than five.

    Examples
    --------
    >>> from activations.figures import subplots
    >>> fig, ax = subplots()
    >>> plot_signal(ax, {"sigmoid": [[1e-3, 1e-2, 1e-1], [2e-3, 2e-2, 2e-1]]}).get_yscale()
    'log'
    """
    check_axes("plot_signal", ax)
    check_curves("plot_signal", "signals", check_mapping("plot_signal", "signals", signals))
    log_scale(ax, "y")
    for (label, values), look in zip(signals.items(), looks_for(signals), strict=True):
        signal = check_array("plot_signal", f"signals[{label!r}]", values, 2)
        layers = np.arange(1.0, signal.shape[1] + 1)
        ax.fill_between(
            layers, signal.min(axis=0), signal.max(axis=0), color=look.color, alpha=0.18, linewidth=0
        )
        _draw(ax, layers, np.median(signal, axis=0), label, look.color, look.line_style)
    ax.xaxis.set_major_locator(MaxNLocator(10, integer=True, min_n_ticks=1))
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    return ax


@styled
def plot_precision_recall(
    ax: Axes,
    thresholds: npt.ArrayLike,
    precision: npt.ArrayLike,
    recall: npt.ArrayLike,
    *,
    threshold: float | None = 0.5,
) -> Axes:
    """Draw precision and recall of a classifier as its threshold moves.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    thresholds : array_like, shape (n,)
        A score above the threshold counts as positive.
    precision, recall : array_like, shape (n,)
        What follows for each threshold; nan where undefined.
    threshold : float, optional
        Where to draw a vertical line, 0.5 unless told; None for none.

    Returns
    -------
    matplotlib.axes.Axes
        ``ax``.

    Raises
    ------
    TypeError
        If there is something that is no number.
    ValueError
        If the lengths differ.

    Examples
    --------
    >>> from activations.figures import subplots
    >>> fig, ax = subplots()
    >>> plot_precision_recall(ax, [0.2, 0.5, 0.8], [0.7, 0.9, 1.0], [1.0, 0.9, 0.6]).get_xlabel()
    'threshold'
    """
    check_axes("plot_precision_recall", ax)
    thresholds = check_array("plot_precision_recall", "thresholds", thresholds, 1)
    curves = {"precision": precision, "recall": recall}
    for (label, values), look in zip(curves.items(), looks_for(curves), strict=True):
        y = check_array("plot_precision_recall", label, values, 1)
        check_length("plot_precision_recall", label, y, len(thresholds), "thresholds")
        _draw(ax, thresholds, y, label, look.color, look.line_style)
    check_number("plot_precision_recall", "threshold", threshold)
    if threshold is not None:
        ax.axvline(threshold, color="black", alpha=0.5, linewidth=1.0)
    ax.set_xlabel("threshold")
    ax.set_ylim(top=1.03)
    return ax


def _draw(ax: Axes, x: FloatArray, y: FloatArray, label: str, color: str, line_style: LineStyle) -> None:
    # A single point has no line to see.
    marker = "o" if len(x) == 1 else ""
    line = ax.plot(x, y, color=color, linestyle=line_style, marker=marker)[0]
    label_end(ax, line, label)


def _sample(function: str, activation: Activation, x: tuple[float, float]) -> FloatArray:
    """Return points from ``x[0]`` to ``x[1]``, with a gap (nan) at each kink, both sides of it close by."""
    # One check for all that is no interval: a number alone, a text, three numbers, nan.
    if np.shape(x) != (2,) or not all(map(is_number, x)) or not -np.inf < x[0] < x[1] < np.inf:
        raise ValueError(f"{function}: x must be an interval, got {x}; pass (low, high) with low < high")
    low, high = x
    stops = [low, *(kink for kink in activation.kinks if low < kink < high), high]
    pieces: list[FloatArray] = []
    for left, right in pairwise(stops):
        count = max(2, round(N_POINTS * (right - left) / (high - low)))
        piece = np.linspace(left, right, count)
        # Beside the kink, not on it: there the derivative takes its value by convention.
        piece[0] = left if left == low else np.nextafter(left, right)
        piece[-1] = right if right == high else np.nextafter(right, left)
        pieces.extend([piece, np.array([np.nan])])
    return np.concatenate(pieces[:-1])


def _has(history: Any, key: str) -> bool:
    try:
        history[key]
    except (KeyError, IndexError):
        return False
    return True


def _holds_runs(histories: Any) -> bool:
    """Return whether these are runs by label, and not one run whose values are numbers."""
    return isinstance(histories, Mapping) and not any(
        isinstance(value, np.ndarray | list | tuple) for value in histories.values()
    )


def _epochs(history: Any, key: str) -> FloatArray:
    if not _has(history, key):
        raise ValueError(f"plot_history: every run must have {key!r}, got one without; record it in fit")
    return check_array("plot_history", key, history[key], 1)
