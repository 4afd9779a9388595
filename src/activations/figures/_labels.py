"""Direct labels: the name of a curve at its end, kept apart from the other names."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox, IdentityTransform

FloatArray = npt.NDArray[np.float64]

GAP = 7.0  # points between a curve and its name
LEADER = 18.0  # the same where a thin line leads from one to the other
NEARLY = 15.0  # points from the frame within which a curve reaches it
ROUNDS = 4
SEPARATION = 1.25  # of the letters' height, between the middles of two names


class EndLabel(Annotation):
    """The name of a curve, written beside its right end; a thin line may lead from one to the other."""

    def __init__(self, line: Line2D, text: str) -> None:
        color = str(line.get_color())
        leader = {"arrowstyle": "-", "color": color, "linewidth": 0.8, "shrinkA": 1.5, "shrinkB": 2.0}
        super().__init__(
            text,
            xy=(0.0, 0.0),
            xytext=(GAP, 0.0),
            textcoords="offset points",
            ha="left",
            va="center",
            color=color,
            clip_on=False,
            annotation_clip=False,
            arrowprops={**leader, "relpos": (0.0, 0.5)},
        )
        self.line = line

    def get_window_extent(self, *args: Any, **kwargs: Any) -> Bbox:
        """Return where the letters are; the line that leads to them takes no room."""
        leader = self.arrowprops, self.arrow_patch
        self.arrowprops = self.arrow_patch = None
        try:
            return super().get_window_extent(*args, **kwargs)
        finally:
            self.arrowprops, self.arrow_patch = leader


def label_end(ax: Axes, line: Line2D, text: str) -> EndLabel:
    """Write ``text`` beside the right end of ``line``; `arrange_labels` gives it its final place."""
    label = EndLabel(line, text)
    label.set_transform(IdentityTransform())
    ax.add_artist(label)
    _place(ax, [label])
    return label


def arrange_labels(fig: Figure) -> None:
    """Move the labels of every axes apart, now that its limits are final."""
    by_axes = {ax: [text for text in ax.texts if isinstance(text, EndLabel)] for ax in fig.axes}
    labels = [label for some in by_axes.values() for label in some]
    # Labels and layout depend on one another: a label needs room, and how high an axes is decides how far
    # apart two curves end. The first round puts the labels where the limits are now; one or two more settle.
    for turn in range(ROUNDS if labels else 0):
        if turn:
            lay_out(fig)
        before = [(*label.xy, *label.get_position()) for label in labels]
        for ax, some in by_axes.items():
            _place(ax, some)
        if turn and np.allclose(before, [(*label.xy, *label.get_position()) for label in labels], atol=0.05):
            break


def lay_out(fig: Figure) -> None:
    """Give every axes its final place without drawing it."""
    engine = fig.get_layout_engine()
    if engine is not None:
        engine.execute(fig)


def spread(positions: npt.ArrayLike, separation: float, low: float, high: float) -> FloatArray:
    """Return the positions nearest to the given ones that are ``separation`` apart, in the same order.

    Parameters
    ----------
    positions : array_like, shape (n,)
        Where the labels would like to be.
    separation : float
        The least distance between two of them.
    low, high : float
        The bounds; if there are too many labels, they are spaced evenly between them.

    Returns
    -------
    ndarray of float64, shape (n,)
        Least squares: no other allowed positions have a smaller sum of squared moves (before the bounds).
    """
    wanted = np.asarray(positions, dtype=np.float64)
    n = len(wanted)
    if n > 1:
        separation = min(separation, (high - low) / (n - 1))
    order = np.argsort(wanted, kind="stable")
    steps = separation * np.arange(n)
    # Subtracting the steps turns "at least a separation apart" into "not decreasing": isotonic regression,
    # solved by pooling neighbours that are out of order (Ayer et al., 1955).
    pools: list[tuple[float, int]] = []
    for value in wanted[order] - steps:
        mean, size = float(value), 1
        while pools and pools[-1][0] > mean:
            previous, count = pools.pop()
            mean = (mean * size + previous * count) / (size + count)
            size += count
        pools.append((mean, size))
    fitted = np.repeat([mean for mean, _ in pools], [size for _, size in pools])
    result = np.empty(n)
    result[order] = np.clip(fitted, low, max(low, high - steps[-1] if n else low)) + steps
    return result


def _place(ax: Axes, labels: list[EndLabel]) -> None:
    ends = [_visible_end(ax, label.line) for label in labels]
    points = 72.0 / ax.figure.dpi
    box = ax.get_window_extent()
    pixels = np.array([ax.transData.transform(end) for end in ends]).reshape(-1, 2)
    wanted = (pixels[:, 1] - box.y0) * points
    size = max((float(label.get_fontsize()) for label in labels), default=0.0)
    final = spread(wanted, SEPARATION * size, 0.0, box.height * points)
    moves = final - wanted
    crowded = bool(np.abs(moves).max(initial=0.0) > 0.35 * size)
    # A curve may end a little short of the frame: its name stands outside all the same.
    short = np.clip((box.x1 - pixels[:, 0]) * points, 0.0, None)
    offsets = np.where(short < NEARLY, short, 0.0) + (LEADER if crowded else GAP)
    for label, end, offset, move in zip(labels, ends, offsets, moves, strict=True):
        label.xy = end
        label.set_position((float(offset), float(move)))
        leader: Any = label.arrow_patch
        leader.set_visible(crowded)


def _visible_end(ax: Axes, line: Line2D) -> tuple[float, float]:
    """Return the rightmost point of ``line`` inside the view, in data coordinates."""
    xy = np.column_stack([np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)])
    xy = xy[np.isfinite(xy).all(axis=1)]
    (left, right), (low, high) = sorted(ax.get_xlim()), sorted(ax.get_ylim())
    if not len(xy):
        return right, low
    within = xy[(xy[:, 0] <= right) & (xy[:, 0] >= left)]
    x, y = within[-1] if len(within) else xy[-1]
    beyond = xy[xy[:, 0] > right]
    if len(within) and len(beyond):
        # The view cuts the curve: its end is where it leaves.
        x, y = right, float(np.interp(right, [x, beyond[0, 0]], [y, beyond[0, 1]]))
    return float(np.clip(x, left, right)), float(np.clip(y, low, high))
