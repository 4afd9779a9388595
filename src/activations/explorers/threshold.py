"""A classifier's threshold: precision, recall, the confusion matrix and the ROC curve."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import traitlets
from numpy.typing import ArrayLike

from activations.training import accuracy, confusion_matrix, precision_recall_curve, roc_curve

from ._base import Explorer, Number, View, class_names, module_text, number, row, slider
from ._grid import Grid

_NAME = "threshold_explorer"
_MOST_EXAMPLES = 5000
_POSITIONS = 200


class ThresholdView(View):
    """Histograms, rates, a confusion matrix and a ROC curve, from tables that Python has filled."""

    _esm: ClassVar[str] = module_text("threshold")

    grid = traitlets.Dict(help="positions of the threshold").tag(sync=True)
    table = traitlets.Dict(help="counts and rates at each position").tag(sync=True)
    labels: traitlets.List[str] = traitlets.List(help="names of class 0 and class 1").tag(sync=True)
    scores = traitlets.Bytes(help="scores of the examples, as float32").tag(sync=True)
    truth = traitlets.Bytes(help="classes of the examples, as uint8").tag(sync=True)
    roc = traitlets.Bytes(help="false-positive rates, then true-positive rates, as float32").tag(sync=True)
    area = traitlets.Float(help="area under the ROC curve").tag(sync=True)
    threshold = traitlets.Float(help="scores above it are called class 1").tag(sync=True)


class ThresholdExplorer(Explorer):
    """The widget that `threshold_explorer` returns, with its trait ``threshold``."""

    view: ThresholdView

    def __init__(self, view: ThresholdView, grid: Grid) -> None:
        super().__init__(
            view,
            [
                row(
                    slider(
                        view, "threshold", "Threshold", grid.low, grid.high, grid.step, readout_format=".3f"
                    )
                )
            ],
        )
        self._share("threshold", Number(_NAME, grid.low, grid.high, grid))


def _grid(scores: np.ndarray[Any, np.dtype[np.float64]]) -> Grid:
    """Return the slider's positions: 0 to 1 for probabilities, else whole numbers around the scores."""
    low, high = float(scores.min()), float(scores.max())
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    else:
        low, high = float(math.floor(low)), float(math.ceil(high))
        if low == high:  # all scores are this one whole number: let the threshold pass it on both sides
            air = max(1.0, 1e-6 * abs(low))  # near 1e16 the next float is more than 1 away
            low, high = low - air, high + air
    return Grid(low, high, (high - low) / _POSITIONS)


def threshold_explorer(
    y_true: ArrayLike,
    scores: ArrayLike,
    *,
    threshold: float | None = None,
    labels: Sequence[str] = ("negative", "positive"),
) -> ThresholdExplorer:
    """Explore what moving a binary classifier's threshold does.

    Examples whose score lies above the threshold are called positive. Shown are the scores of both
    classes as histograms (on a square-root scale), the confusion matrix, precision and recall over all
    thresholds, and the point on the ROC curve. Move the threshold with the slider or by dragging in the
    histogram.

    Parameters
    ----------
    y_true : array_like of 0 and 1, shape (n_samples,)
        The right classes; both must occur.
    scores : array_like, shape (n_samples,) or (n_samples, 1)
        Probabilities, or logits; the slider then spans them. At most 5000 examples.
    threshold : float, optional
        Where to start; by default 0.5 for probabilities and 0 for logits. Rounded to the slider's
        200 steps.
    labels : sequence of two str, default ("negative", "positive")
        Names of class 0 and class 1.

    Returns
    -------
    ThresholdExplorer
        A widget. Its trait ``threshold`` can be set and observed.

    Raises
    ------
    ValueError
        If lengths differ, a class is missing, a score is not finite, or there are too many examples.
    TypeError
        If scores or threshold are not numbers, or the labels are no sequence.

    Examples
    --------
    >>> explorer = threshold_explorer([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    >>> explorer.threshold = 0.3
    >>> explorer
    ThresholdExplorer(threshold=0.3)
    """
    curve = roc_curve(y_true, scores)  # checks both arrays
    truth = np.asarray(y_true).reshape(-1).astype(np.uint8)
    values = np.asarray(scores, dtype=np.float64).reshape(-1)
    if len(values) > _MOST_EXAMPLES:
        raise ValueError(
            f"{_NAME}: at most {_MOST_EXAMPLES} examples fit on a page, got {len(values)}; draw a sample"
        )
    # The page keeps the scores as float32.
    if np.abs(values).max() > np.finfo(np.float32).max:
        raise ValueError(
            f"{_NAME}: scores must lie within ±3.4e38, got {values[np.abs(values).argmax()]:g}; "
            "scale them down"
        )
    names = class_names(_NAME, "labels", labels, 2)
    grid = _grid(values)
    if threshold is None:
        threshold = 0.5 if grid.high <= 1 and grid.low >= 0 else min(max(0.0, grid.low), grid.high)
    start = grid.nearest(number(_NAME, "threshold", threshold, grid.low, grid.high))

    matrices = np.array([confusion_matrix(truth, values > cut, 2) for cut in grid.values])
    rates = precision_recall_curve(truth, values, grid.values)
    table = {
        "true_negative": matrices[:, 0, 0].tolist(),
        "false_positive": matrices[:, 0, 1].tolist(),
        "false_negative": matrices[:, 1, 0].tolist(),
        "true_positive": matrices[:, 1, 1].tolist(),
        # JSON knows no nan: a precision of 0/0 becomes null.
        "precision": [None if math.isnan(p) else round(p, 9) for p in rates.precision.tolist()],
        "recall": np.round(rates.recall, 9).tolist(),
        "false_positive_rate": np.round(matrices[:, 0, 1] / matrices[:, 0].sum(axis=1), 9).tolist(),
        "accuracy": [round(accuracy(truth, values, threshold=cut), 9) for cut in grid.values.tolist()],
    }
    view = ThresholdView(
        kind="threshold",
        label="Threshold explorer",
        grid=grid.state(),
        table=table,
        labels=names,
        scores=values.astype("<f4").tobytes(),
        truth=truth.tobytes(),
        roc=np.concatenate([curve.false_positive_rate, curve.true_positive_rate]).astype("<f4").tobytes(),
        area=curve.area,
        threshold=start,
    )
    return ThresholdExplorer(view, grid)
