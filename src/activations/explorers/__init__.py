"""Interactive figures: one Python call each, alive in notebooks and on pages without a kernel."""

from .comparison import ComparisonExplorer, comparison_explorer
from .derivative import DerivativeExplorer, derivative_explorer
from .softmax import SoftmaxExplorer, softmax_explorer
from .threshold import ThresholdExplorer, threshold_explorer

__all__ = [
    "ComparisonExplorer",
    "DerivativeExplorer",
    "SoftmaxExplorer",
    "ThresholdExplorer",
    "comparison_explorer",
    "derivative_explorer",
    "softmax_explorer",
    "threshold_explorer",
]
