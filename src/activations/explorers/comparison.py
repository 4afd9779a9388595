"""Several activation functions over each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import traitlets

from activations.functions import Activation

from ._base import Explorer, Number, View, checkbox, module_text, number, position, row, slider
from ._tables import X_GRID, chosen, tabulate

_NAME = "comparison_explorer"
_MOST_AT_FIRST = 5
_DEFAULT = ("sigmoid", "tanh", "relu", "elu", "gelu")


class ComparisonView(View):
    """Two plots, f and f′ of several functions, from a table that Python has filled."""

    _esm: ClassVar[str] = module_text("comparison")

    grid = traitlets.Dict(help="positions of x").tag(sync=True)
    table = traitlets.Bytes(help="f and f′ on the grid, as float32").tag(sync=True)
    functions: traitlets.List[Any] = traitlets.List(help="what is where in the table").tag(sync=True)
    x = traitlets.Float(help="where the cursor stands").tag(sync=True)


class _Names(traitlets.Tuple):
    """A trait for some of the functions' names."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.names = tuple(names)

    def validate(self, obj: Any, value: object) -> tuple[str, ...]:  # noqa: ARG002 (traitlets passes it)
        """Return the names in the explorer's order, or raise for an unknown one."""
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            raise TypeError(
                f"{_NAME}: shown must be a sequence of names, got {value!r}; pass for instance ['tanh']"
            )
        wanted = {position(_NAME, "name", name, self.names) for name in value}
        return tuple(name for i, name in enumerate(self.names) if i in wanted)


class ComparisonExplorer(Explorer):
    """The widget that `comparison_explorer` returns, with its traits ``x`` and ``shown``."""

    view: ComparisonView

    def __init__(self, activations: Sequence[Activation], x: float) -> None:
        table, entries = tabulate(activations)
        names = [activation.name for activation in activations]
        view = ComparisonView(
            kind="comparison",
            label="Comparison explorer",
            grid=X_GRID.state(),
            table=table,
            functions=entries,
            x=x,
        )
        flags = [f"show_{name}" for name in names]
        view.add_traits(
            **{flag: traitlets.Bool(i < _MOST_AT_FIRST).tag(sync=True) for i, flag in enumerate(flags)}
        )
        boxes = [checkbox(view, f"show_{each.name}", each.label) for each in activations]
        super().__init__(view, [row(*boxes), slider(view, "x", "x", X_GRID.low, X_GRID.high, X_GRID.step)])
        self._share("x", Number(_NAME, X_GRID.low, X_GRID.high, X_GRID))

        def follow_view(_: object = None) -> None:
            self.shown = tuple(name for name in names if getattr(view, f"show_{name}"))

        def move_view(change: Any) -> None:
            with view.hold_trait_notifications():
                for name in names:
                    setattr(view, f"show_{name}", name in change["new"])

        self.add_traits(shown=_Names(names))
        follow_view()
        self._public.append("shown")
        view.observe(follow_view, flags)
        self.observe(move_view, "shown")


def comparison_explorer(*names: str, x: float = 1.0) -> ComparisonExplorer:
    """Compare activation functions and their derivatives under one cursor.

    Each function has its colour and line style, and a checkbox that shows or hides it. Move the cursor
    with the slider or by dragging in a plot; the table gives f and f′ of every function that is shown.

    Parameters
    ----------
    *names : str
        Names from ``ACTIVATIONS``. By default sigmoid, tanh, ReLU, ELU and GELU. Of more than five, the
        first five are shown at first. Functions with a parameter have its default.
    x : float, default 1.0
        Where the cursor starts, from −6 to 6, rounded to the slider's steps of 0.05.

    Returns
    -------
    ComparisonExplorer
        A widget. Its traits ``x`` and ``shown`` (a tuple of names) can be set and observed.

    Raises
    ------
    ValueError
        If a name is not in the catalog, stands twice, or x lies outside the plot.
    TypeError
        If x is not a number.

    Examples
    --------
    >>> explorer = comparison_explorer("sigmoid", "tanh", "relu")
    >>> explorer.shown = ["tanh", "relu"]
    >>> explorer
    ComparisonExplorer(x=1.0, shown=('tanh', 'relu'))
    """
    activations = chosen(_NAME, names or _DEFAULT)
    return ComparisonExplorer(activations, X_GRID.nearest(number(_NAME, "x", x, X_GRID.low, X_GRID.high)))
