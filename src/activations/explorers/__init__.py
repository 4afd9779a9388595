"""Interactive figures: one Python call each, alive in notebooks and on pages without a kernel."""

from ._recording import Recorder, record_training
from .collapse import CollapseExplorer, linear_collapse_explorer
from .comparison import ComparisonExplorer, comparison_explorer
from .depth import DepthExplorer, depth_explorer
from .derivative import DerivativeExplorer, derivative_explorer
from .replay import ReplayExplorer, training_replay
from .softmax import SoftmaxExplorer, softmax_explorer
from .threshold import ThresholdExplorer, threshold_explorer

__all__ = [
    "CollapseExplorer",
    "ComparisonExplorer",
    "DepthExplorer",
    "DerivativeExplorer",
    "Recorder",
    "ReplayExplorer",
    "SoftmaxExplorer",
    "ThresholdExplorer",
    "comparison_explorer",
    "depth_explorer",
    "derivative_explorer",
    "linear_collapse_explorer",
    "record_training",
    "softmax_explorer",
    "threshold_explorer",
    "training_replay",
]
