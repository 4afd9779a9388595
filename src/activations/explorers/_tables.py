"""Tables of activation functions on a grid: Python computes, the page looks up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from activations.figures.palette import LineStyle, color_for, line_style_for
from activations.functions import ACTIVATIONS, Activation, Parameter, get_activation

from ._grid import Grid

_LINE_WIDTH = 2.4

X_GRID = Grid(-6.0, 6.0, 0.05)


def chosen(function: str, names: Sequence[str]) -> list[Activation]:
    """Return the catalog's entries for some names, all of them for none."""
    activations = [get_activation(name) for name in names or ACTIVATIONS]
    found = [activation.name for activation in activations]
    twice = sorted({name for name in found if found.count(name) > 1})
    if twice:
        raise ValueError(f"{function}: names must differ, got {twice[0]!r} twice; name each function once")
    return activations


@dataclass(frozen=True)
class Knob:
    """A parameter with its slider: the widest bounds of the functions that share it."""

    name: str
    label: str
    default: float
    grid: Grid


def knobs(activations: Sequence[Activation]) -> dict[str, Knob]:
    """Return a slider's description for each parameter that the functions take."""
    found: dict[str, Knob] = {}
    for activation in activations:
        for parameter in activation.parameters[:1]:
            low, high = float(parameter.low), float(parameter.high)
            if parameter.name in found:
                low = min(low, found[parameter.name].grid.low)
                high = max(high, found[parameter.name].grid.high)
            step = 0.01 if high - low <= 1 else 0.05
            found[parameter.name] = Knob(
                parameter.name, parameter.label, float(parameter.default), Grid(low, high, step)
            )
    return found


def _evaluate(
    activation: Activation, parameter: Parameter | None, value: float, aside: float = 0.0
) -> NDArray[np.float64]:
    """Return f and f′ on the grid, or a little aside from it, shape (2, size)."""
    x = X_GRID.values + aside
    given = {} if parameter is None else {parameter.name: value}
    return np.stack([activation.function(x, **given), activation.derivative(x, **given)])


def _nodes(activation: Activation, parameter: Parameter, knob: Knob) -> NDArray[np.float64]:
    """Return the parameter values to tabulate.

    Between tabulated values the page draws a straight line. Most functions are affine in their
    parameter (max(x, 0) + slope·min(x, 0)): then the two ends are exact everywhere. Otherwise every
    position of the slider gets its own row.
    """
    positions = knob.grid.values
    ends = [_evaluate(activation, parameter, value) for value in positions[[0, -1]]]
    for position in positions[1:-1]:
        share = (position - positions[0]) / (positions[-1] - positions[0])
        between = (1 - share) * ends[0] + share * ends[1]
        if not np.allclose(between, _evaluate(activation, parameter, position), rtol=0, atol=1e-9):
            return positions
    return positions[[0, -1]]


def _kinks(activation: Activation, parameter: Parameter | None, nodes: NDArray[np.float64]) -> list[float]:
    """Return where f′ jumps for at least one of the tabulated parameters, inside the plot.

    The catalog knows the kinks for default parameters, where ELU has none: with another α its slope jumps.
    """
    known = [X_GRID.nearest(kink) for kink in activation.kinks if X_GRID.low < kink < X_GRID.high]
    found = np.isin(X_GRID.values, known)
    for node in nodes.tolist():
        below, above = (_evaluate(activation, parameter, node, aside)[1] for aside in (-1e-9, 1e-9))
        # A smooth f′ changes by about 1e-9 on such a way.
        found |= np.abs(above - below) > 1e-6
    return [float(x) for x in X_GRID.values[1:-1][found[1:-1]]]


def _padded(values: NDArray[np.float64]) -> list[float]:
    """Return plot bounds around values and zero, with some air."""
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    air = 0.07 * (high - low)
    return [low - air, high + air]


def dashes(style: LineStyle) -> str | None:
    """Return matplotlib's line style, in line widths, as an SVG dash pattern for our line."""
    if isinstance(style, str):
        return None
    return " ".join(f"{_LINE_WIDTH * length:g}" for length in style[1])


def tabulate(activations: Sequence[Activation]) -> tuple[bytes, list[dict[str, Any]]]:
    """Return the table of some functions, and an entry for each that says where its rows are.

    The table holds, for each function and each tabulated parameter, f and then f′ on ``X_GRID``, as
    little-endian float32: 24 bits are exact to 4e-7 over the plotted range.

    Parameters
    ----------
    activations : sequence of Activation

    Returns
    -------
    table : bytes
    entries : list of dict
    """
    shared = knobs(activations)
    rows: list[NDArray[np.float64]] = []
    entries = []
    start = 0
    for activation in activations:
        parameter = activation.parameters[0] if activation.parameters else None
        nodes = np.zeros(1) if parameter is None else _nodes(activation, parameter, shared[parameter.name])
        block = np.stack([_evaluate(activation, parameter, float(node)) for node in nodes])
        entries.append(
            {
                "name": activation.name,
                "label": activation.label,
                "colour": color_for(activation.name),
                "dashes": dashes(line_style_for(activation.name)),
                "value": None if parameter is None else float(parameter.default),
                "parameter": None
                if parameter is None
                else {"name": parameter.name, "label": parameter.label},
                "nodes": [float(node) for node in nodes],
                "start": start,
                "range": _padded(block[:, 0]),
                "derivative_range": _padded(block[:, 1]),
                "kinks": _kinks(activation, parameter, nodes),
            }
        )
        rows.append(block.reshape(-1, X_GRID.size))
        start += block.size
    return np.concatenate(rows).astype("<f4").tobytes(), entries
