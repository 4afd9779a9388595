"""Figures of the course: one style, fixed colours, words beside the curves, both themes."""

from activations.figures._style import subplots
from activations.figures.curves import (
    plot_activation,
    plot_functions,
    plot_history,
    plot_lines,
    plot_precision_recall,
    plot_signal,
)
from activations.figures.display import show
from activations.figures.distributions import plot_bars, plot_histograms, plot_spread
from activations.figures.fields import (
    plot_confusion_matrix,
    plot_decision_boundary,
    plot_digits,
    plot_heatmap,
)
from activations.figures.palette import PALETTE, color_for, line_style_for
from activations.figures.tables import Table, show_table

__all__ = [
    "PALETTE",
    "Table",
    "color_for",
    "line_style_for",
    "plot_activation",
    "plot_bars",
    "plot_confusion_matrix",
    "plot_decision_boundary",
    "plot_digits",
    "plot_functions",
    "plot_heatmap",
    "plot_histograms",
    "plot_history",
    "plot_lines",
    "plot_precision_recall",
    "plot_signal",
    "plot_spread",
    "show",
    "show_table",
    "subplots",
]
