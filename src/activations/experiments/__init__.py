"""Measurements over many seeds: each experiment is one function whose result has a row for each seed."""

from activations.experiments._tabular import Tabular
from activations.experiments.depth import BackpropSignal, measure_backprop_signal

__all__ = ["BackpropSignal", "Tabular", "measure_backprop_signal"]
