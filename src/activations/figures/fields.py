"""Fields and pictures: decision regions, matrices, digits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.ticker import MaxNLocator

from activations.figures._axes import ink_for, written
from activations.figures._checks import (
    FloatArray,
    check_array,
    check_axes,
    check_format,
    check_length,
    check_number,
)
from activations.figures._style import styled
from activations.figures.palette import CYCLE
from activations.training._checks import count as whole_number
from activations.training._checks import number, routine, sequence

MOST_TICKS = 12  # numbered cells; of more, some are numbered
MARKERS = ("o", "^", "s", "D", "v", "P", "X", "p", "h", "<")


@styled
def plot_decision_boundary(
    ax: Axes,
    predict: Callable[[FloatArray], Any],
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    level: float = 0.5,
    resolution: int = 120,
) -> Axes:
    """Draw what a classifier of points in the plane decides everywhere, and the points that it learned from.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    predict : callable
        Takes points of shape (m, 2). Returns one score a point, shape (m,) or (m, 1), such as a probability;
        or one score a class, shape (m, n_classes), of which the largest decides.
    X : array_like, shape (n_samples, 2)
        The points.
    y : array_like of int, shape (n_samples,)
        Their classes, from 0. Each class has its own colour and its own marker.
    level : float
        The single score at which the decision turns: 0.5 for a probability, 0 for a logit.
    resolution : int
        Points of the grid, each way.

    Returns
    -------
    matplotlib.axes.Axes
        ``ax``.

    Raises
    ------
    TypeError
        If there is something that is no number.
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> from activations.figures import subplots
    >>> fig, ax = subplots()
    >>> X, y = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([0, 1])
    >>> len(plot_decision_boundary(ax, lambda points: points[:, 0], X, y).images)
    1
    """
    check_axes("plot_decision_boundary", ax)
    X = check_array("plot_decision_boundary", "X", X, 2)
    labels = check_array("plot_decision_boundary", "y", y, 1).astype(np.int64)
    check_length("plot_decision_boundary", "y", labels, len(X), "X")
    routine("plot_decision_boundary", "predict", predict, "pass one such as network.predict")
    number("plot_decision_boundary", "level", level, -np.inf, np.inf)
    resolution = whole_number("plot_decision_boundary", "resolution", resolution, 2)
    if X.shape[1] != 2:
        raise ValueError(
            f"plot_decision_boundary: X must have shape (n_samples, 2), got {X.shape}; choose two features"
        )
    low, high = X.min(axis=0), X.max(axis=0)
    margin = 0.08 * np.where(high > low, high - low, 1.0)
    (left, bottom), (right, top) = low - margin, high + margin
    xs, ys = np.linspace(left, right, resolution), np.linspace(bottom, top, resolution)
    points = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    scores = np.asarray(predict(points), dtype=np.float64).reshape(len(points), -1)
    if scores.shape[1] == 1:
        # From -1, surely class 0, over 0, where the decision turns, to 1.
        side = (scores[:, 0] - level) / max(float(np.abs(scores[:, 0] - level).max()), 1e-300)
        winner, certainty = (side > 0).astype(np.int64), np.abs(side)
        boundaries = [side]
    else:
        winner, certainty = scores.argmax(axis=1), np.ones(len(points))
        boundaries = [scores[:, k] - np.delete(scores, k, axis=1).max(axis=1) for k in range(scores.shape[1])]
    field = np.empty((len(points), 4))
    field[:, :3] = np.array([to_rgb(look.color) for look in CYCLE])[winner % len(CYCLE)]
    # A tint, so that the field suits a light and a dark page.
    field[:, 3] = 0.34 * certainty
    picture = ax.imshow(
        field.reshape(resolution, resolution, 4),
        origin="lower",
        extent=(float(left), float(right), float(bottom), float(top)),
        aspect="auto",
    )
    picture.set_gid("smooth")
    for boundary in boundaries:
        if boundary.min() < 0 < boundary.max():
            grid = boundary.reshape(resolution, resolution)
            ax.contour(xs, ys, grid, levels=[0.0], colors="black", linewidths=1.4, linestyles="solid")
    for label in np.unique(labels):
        ax.plot(
            *X[labels == label].T,
            linestyle="none",
            marker=MARKERS[label % len(MARKERS)],
            color=CYCLE[label % len(CYCLE)].color,
            markersize=5.5,
            markeredgecolor="white",
            markeredgewidth=0.7,
        )
    ax.set_xlim(left, right)
    ax.set_ylim(bottom, top)
    ax.grid(visible=False)
    ax.set_xlabel("x₁")
    ax.set_ylabel("x₂")
    return ax


@styled
def plot_confusion_matrix(ax: Axes, matrix: npt.ArrayLike, labels: Sequence[object]) -> Axes:
    """Draw a confusion matrix: a row a true class, a column a predicted one.

    A cell holds its count, and its tint grows with the share of the row (as the square root, because the
    mistakes are few and they are the point).

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    matrix : array_like of int, shape (n_classes, n_classes)
        Counts, by true class and predicted class.
    labels : sequence
        The names of the classes.

    Returns
    -------
    matplotlib.axes.Axes
        ``ax``.

    Raises
    ------
    TypeError
        If there is something that is no number.
    ValueError
        If the matrix is not square or the number of labels does not fit.

    Examples
    --------
    >>> from activations.figures import subplots
    >>> fig, ax = subplots()
    >>> plot_confusion_matrix(ax, [[9, 1], [0, 5]], ["benign", "malignant"]).get_ylabel()
    'true'
    """
    check_axes("plot_confusion_matrix", ax)
    matrix = check_array("plot_confusion_matrix", "matrix", matrix, 2)
    if matrix.shape[0] != matrix.shape[1]:
        raise ValueError(
            f"plot_confusion_matrix: matrix must be square, got shape {matrix.shape}; "
            "make it with confusion_matrix(y_true, y_pred)"
        )
    check_length("plot_confusion_matrix", "labels", labels, len(matrix), "matrix")
    rows = np.maximum(matrix.sum(axis=1, keepdims=True), 1.0)
    right = np.eye(len(matrix), dtype=bool)
    tint = np.empty((*matrix.shape, 4))
    tint[..., :3] = np.where(right[..., None], to_rgb(CYCLE[0].color), to_rgb(CYCLE[1].color))
    # At most half, so that the page's own colour of text stays legible on it; a single mistake shows.
    tint[..., 3] = np.where(matrix > 0, 0.1 + 0.4 * np.sqrt(matrix / rows), 0.0)
    ax.imshow(tint, aspect="equal")
    for (row, column), count in np.ndenumerate(matrix):
        ax.text(
            column,
            row,
            f"{count:g}",
            ha="center",
            va="center",
            fontsize=10,
            alpha=None if count else 0.6,
            fontweight="bold" if row == column else "normal",
        )
    _cells(ax, matrix.shape, labels, labels)
    ax.set_xlabel("predicted")
    ax.set_ylabel("true")
    return ax


@styled
def plot_heatmap(
    ax: Axes,
    matrix: npt.ArrayLike,
    *,
    row_labels: Sequence[object] | None = None,
    column_labels: Sequence[object] | None = None,
    annotate: bool = True,
    number_format: str = ".2f",
    low: float | None = None,
    high: float | None = None,
    cmap: str = "viridis",
    label: str = "",
) -> Axes:
    """Draw a matrix as coloured cells, with their numbers or a scale.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    matrix : array_like, shape (n_rows, n_columns)
        The numbers; cells of nan stay empty.
    row_labels, column_labels : sequence, optional
        Names of the rows and columns; 0, 1, 2, … unless told.
    annotate : bool
        Write the number into each cell; otherwise draw a scale beside the matrix.
    number_format : str
        How to write the numbers, ``".2f"`` unless told.
    low, high : float, optional
        The numbers at the ends of the colours; the smallest and the largest unless told.
    cmap : str
        The colours, viridis unless told; take viridis or cividis.
    label : str, optional
        What the scale shows.

    Returns
    -------
    matplotlib.axes.Axes
        ``ax``.

    Raises
    ------
    TypeError
        If there is something that is no number.
    ValueError
        If the matrix has no rows and columns, or the number of labels does not fit.

    Examples
    --------
    >>> from activations.figures import subplots
    >>> fig, ax = subplots()
    >>> [text.get_text() for text in plot_heatmap(ax, [[0.25, -1.0]]).texts]
    ['0.25', '−1.00']
    """
    check_axes("plot_heatmap", ax)
    matrix = check_array("plot_heatmap", "matrix", matrix, 2)
    n_rows, n_columns = matrix.shape
    rows: Sequence[object] = range(n_rows) if row_labels is None else row_labels
    columns: Sequence[object] = range(n_columns) if column_labels is None else column_labels
    check_length("plot_heatmap", "row_labels", rows, n_rows, "the rows")
    check_length("plot_heatmap", "column_labels", columns, n_columns, "the columns")
    check_format("plot_heatmap", "number_format", number_format)
    check_number("plot_heatmap", "low", low)
    check_number("plot_heatmap", "high", high)
    picture = ax.imshow(matrix, cmap=cmap, vmin=low, vmax=high, aspect="auto")
    if annotate:
        colors = np.asarray(picture.to_rgba(matrix))
        for (row, column), value in np.ndenumerate(matrix):
            if np.isfinite(value):
                ax.text(
                    column,
                    row,
                    written(value, number_format),
                    ha="center",
                    va="center",
                    fontsize=10,
                    color=ink_for(colors[row, column]),
                )
    else:
        _scale(ax, picture.get_cmap(), *picture.get_clim(), label)
    _cells(ax, matrix.shape, rows, columns)
    return ax


@styled
def plot_digits(
    axes: Any, images: npt.ArrayLike, titles: Iterable[object] | None = None, *, high: float | None = None
) -> Any:
    """Draw small pictures, one an axes: light ink on a dark ground.

    Parameters
    ----------
    axes : Axes or array of Axes
        Where to draw, row by row; axes that are left over are hidden.
    images : array_like, shape (n, rows, columns)
        The pictures; no ink is 0.
    titles : iterable, optional
        A line above each.
    high : float, optional
        The value of full ink; the largest of all pictures unless told.

    Returns
    -------
    Axes or array of Axes
        ``axes``.

    Raises
    ------
    TypeError
        If there is something that is no number.
    ValueError
        If there are more pictures than axes, or the number of titles does not fit.

    Examples
    --------
    >>> from activations.figures import subplots
    >>> fig, axes = subplots(1, 4, height=1.5)
    >>> _ = plot_digits(axes, np.eye(8)[None], titles=["one"])
    >>> axes[0].get_title(loc="left"), axes[1].get_visible()
    ('one', False)
    """
    images = check_array("plot_digits", "images", images, 3)
    flat = np.atleast_1d(np.asarray(axes, dtype=object)).ravel()
    if len(images) > len(flat):
        raise ValueError(
            f"plot_digits: there must be an axes for each picture, got {len(flat)} for {len(images)}; "
            "make more with subplots or pass fewer pictures"
        )
    names = (
        [""] * len(images)
        if titles is None
        else [str(title) for title in sequence("plot_digits", "titles", titles, "names")]
    )
    check_number("plot_digits", "high", high)
    check_length("plot_digits", "titles", names, len(images), "images")
    high = float(images.max()) if high is None else high
    ink = mpl.colors.LinearSegmentedColormap.from_list("ink", ["#1b2027", "#f5f6f7"])
    for ax in flat[len(images) :]:
        ax.set_visible(False)
    for ax, image, name in zip(flat, images, names, strict=False):
        ax.imshow(image, cmap=ink, vmin=0.0, vmax=high or 1.0)
        ax.set_title(name, fontweight="normal", fontsize=10, pad=4)
        ax.set_axis_off()
    return axes


def _cells(ax: Axes, shape: tuple[int, ...], rows: Iterable[object], columns: Iterable[object]) -> None:
    for axis, count, names in ((ax.yaxis, shape[0], rows), (ax.xaxis, shape[1], columns)):
        if isinstance(names, range) and count > MOST_TICKS:
            axis.set_major_locator(MaxNLocator(6, integer=True))
        else:
            axis.set_ticks(range(count), [str(name) for name in names])
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)


def _scale(ax: Axes, cmap: Any, low: Any, high: Any, label: str) -> None:
    """Draw a scale of colours as a picture of 64 pixels, in place of matplotlib's 256 outlines."""
    beside = ax.inset_axes((1.03, 0.0, 0.035, 1.0))
    beside.imshow(
        np.linspace(low, high, 64)[:, None],
        cmap=cmap,
        origin="lower",
        aspect="auto",
        extent=(0.0, 1.0, low, high) if low < high else (0.0, 1.0, low - 0.5, low + 0.5),
    )
    beside.set_xticks([])
    beside.yaxis.tick_right()
    beside.yaxis.set_label_position("right")
    beside.set_ylabel(label)
    beside.grid(visible=False)
    beside.spines[:].set_visible(False)
