"""A function, its tangent and its derivative."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import ipywidgets
import traitlets

from activations.functions import Activation

from ._base import Choice, Explorer, Number, View, menu, module_text, number, row, slider
from ._tables import X_GRID, chosen, knobs, tabulate

_NAME = "derivative_explorer"


class DerivativeView(View):
    """Two plots, f and f′, from a table that Python has filled."""

    _esm: ClassVar[str] = module_text("derivative")

    grid = traitlets.Dict(help="positions of x").tag(sync=True)
    table = traitlets.Bytes(help="f and f′ on the grid, as float32").tag(sync=True)
    functions: traitlets.List[Any] = traitlets.List(help="what is where in the table").tag(sync=True)
    parameters: traitlets.List[str] = traitlets.List(help="names of the parameters that have a slider").tag(
        sync=True
    )
    index = traitlets.Int(help="which function is shown").tag(sync=True)
    x = traitlets.Float(help="where the tangent touches").tag(sync=True)


class DerivativeExplorer(Explorer):
    """The widget that `derivative_explorer` returns, with its traits ``function``, ``x`` and parameters."""

    view: DerivativeView

    def __init__(self, activations: Sequence[Activation], x: float) -> None:
        shared = knobs(activations)
        table, entries = tabulate(activations)
        view = DerivativeView(
            kind="derivative",
            label="Derivative explorer",
            grid=X_GRID.state(),
            table=table,
            functions=entries,
            parameters=list(shared),
            x=x,
        )
        controls = [slider(view, "x", "x", X_GRID.low, X_GRID.high, X_GRID.step)]
        if len(activations) > 1:
            controls.insert(0, menu(view, "index", "Function", [each.label for each in activations]))
        for name, knob in shared.items():
            # Only the parameter of the function on display has a slider on display.
            used = any(parameter.name == name for parameter in activations[0].parameters)
            view.add_traits(
                **{
                    name: traitlets.Float(knob.default).tag(sync=True),
                    f"show_{name}": traitlets.Unicode("flex" if used else "none").tag(sync=True),
                }
            )
            control = slider(view, name, knob.label, knob.grid.low, knob.grid.high, knob.grid.step)
            ipywidgets.jsdlink((view, f"show_{name}"), (control.layout, "display"))
            controls.append(control)
        super().__init__(view, [row(*controls)])
        self._share_choice("function", Choice(_NAME, [activation.name for activation in activations]))
        self._share("x", Number(_NAME, X_GRID.low, X_GRID.high, X_GRID))
        for name, knob in shared.items():
            self._share(name, Number(_NAME, knob.grid.low, knob.grid.high, knob.grid))


def derivative_explorer(*names: str, x: float = 0.5) -> DerivativeExplorer:
    """Explore a function beside its derivative.

    The upper plot shows f with its tangent at x and the tangent's slope triangle; the lower plot shows
    f′, whose height at x is that slope. Where f′ is below 1 % of its largest value the background is
    hatched, and kinks are marked. Move x with the slider or by dragging in a plot; functions with a
    parameter get a slider for it.

    Parameters
    ----------
    *names : str
        Names from ``ACTIVATIONS``, at least one; all of them if none is given.
    x : float, default 0.5
        Where the tangent touches, from −6 to 6, rounded to the slider's steps of 0.05.

    Returns
    -------
    DerivativeExplorer
        A widget. Its traits ``function``, ``x`` and one for each parameter (``negative_slope``,
        ``alpha``, …) can be set and observed.

    Raises
    ------
    ValueError
        If a name is not in the catalog, stands twice, or x lies outside the plot.
    TypeError
        If x is not a number.

    Examples
    --------
    >>> explorer = derivative_explorer("sigmoid", "tanh", x=1)
    >>> explorer.x = 2
    >>> explorer.function = "tanh"
    >>> explorer
    DerivativeExplorer(function='tanh', x=2.0)
    """
    activations = chosen(_NAME, names)
    return DerivativeExplorer(activations, X_GRID.nearest(number(_NAME, "x", x, X_GRID.low, X_GRID.high)))
