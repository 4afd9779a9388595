"""What is left of a gradient after many layers."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import traitlets

from activations.figures.palette import color_for
from activations.functions import get_activation

from ._base import Choice, Explorer, View, Whole, menu, module_text, position, row, slider
from ._depth_table import ACTIVATIONS, DEEPEST, INITIALIZERS, load_table

_NAME = "depth_explorer"
_DEFAULT = ("sigmoid", "tanh", "relu")
_PARTS = 1000
_LABELS = {
    "glorot_uniform": "Glorot uniform",
    "he_normal": "He normal",
    "lecun_normal": "LeCun normal",
    "plain_normal": "Normal, σ = 1",
}


class DepthView(View):
    """Two plots on a log axis, from measurements that Python has made."""

    _esm: ClassVar[str] = module_text("depth")

    first = traitlets.Bytes(help="signal in the first layer, at each depth, as float32").tag(sync=True)
    layers = traitlets.Bytes(help="logarithm of the signal in every layer, as int16").tag(sync=True)
    unit = traitlets.Float(1 / _PARTS, help="what one step of that int16 means").tag(sync=True)
    activations: traitlets.List[Any] = traitlets.List(help="what was measured").tag(sync=True)
    initializers: traitlets.List[Any] = traitlets.List(help="what was measured").tag(sync=True)
    deepest = traitlets.Int(DEEPEST, help="largest depth in the table").tag(sync=True)
    activation = traitlets.Int(help="which activation is shown").tag(sync=True)
    initializer = traitlets.Int(help="which initializer is shown").tag(sync=True)
    depth = traitlets.Int(10, help="number of layers").tag(sync=True)


class DepthExplorer(Explorer):
    """The widget that `depth_explorer` returns, with traits ``activation``, ``initializer``, ``depth``."""

    view: DepthView

    def __init__(self, names: tuple[str, ...]) -> None:
        rows = load_table()[[ACTIVATIONS.index(name) for name in names]]
        # Summaries follow each other: three rows of L numbers for each depth L. The numbers that the reader
        # reads keep their precision; the others only place marks on a log axis.
        starts = [
            3 * L * (L - 1) // 2 + statistic * L for L in range(1, DEEPEST + 1) for statistic in range(3)
        ]
        labels = [get_activation(name).label for name in names]
        view = DepthView(
            kind="depth",
            label="Depth explorer",
            first=rows[..., starts].astype("<f4").tobytes(),
            layers=np.round(_PARTS * np.log10(rows)).astype("<i2").tobytes(),
            activations=[
                {"name": name, "label": label, "colour": color_for(name)}
                for name, label in zip(names, labels, strict=True)
            ],
            initializers=[{"name": name, "label": _LABELS[name]} for name in INITIALIZERS],
        )
        controls = [
            menu(view, "initializer", "Initialization", [_LABELS[name] for name in INITIALIZERS]),
            slider(view, "depth", "Depth", 1, DEEPEST, 1),
        ]
        if len(names) > 1:
            controls.insert(0, menu(view, "activation", "Activation", labels))
        super().__init__(view, [row(*controls)])
        self._share_choice("activation", Choice(_NAME, names), "activation")
        self._share_choice("initializer", Choice(_NAME, INITIALIZERS), "initializer")
        self._share("depth", Whole(_NAME, 1, DEEPEST))


def depth_explorer(*names: str) -> DepthExplorer:
    """Explore how depth, activation and initialization decide whether gradients arrive.

    Networks of 1 to 30 layers of 64 units, fresh from their initialization, receive a random gradient at
    the top. Shown is the backprop signal, the norm of ∂L/∂z, in each layer as a multiple of the last
    layer's: the median over 20 seeds, with the smallest and the largest. The numbers are measurements of
    this package, made by `activations.experiments.measure_backprop_signal` and kept in a table.

    Parameters
    ----------
    *names : str
        From sigmoid, tanh, relu and selu; by default the first three.

    Returns
    -------
    DepthExplorer
        A widget. Its traits ``activation``, ``initializer`` (glorot_uniform, he_normal, lecun_normal or
        plain_normal) and ``depth`` can be set and observed.

    Raises
    ------
    ValueError
        If a name was not measured or stands twice.
    TypeError
        If a name is not a string.

    Examples
    --------
    >>> explorer = depth_explorer()
    >>> explorer.activation, explorer.depth = "relu", 30
    >>> explorer.initializer = "he_normal"
    >>> explorer
    DepthExplorer(activation='relu', initializer='he_normal', depth=30)
    """
    chosen = tuple(
        ACTIVATIONS[position(_NAME, "activation", name, ACTIVATIONS)] for name in names or _DEFAULT
    )
    if len(set(chosen)) < len(chosen):
        raise ValueError(f"{_NAME}: names must differ, got {', '.join(chosen)}; name each activation once")
    return DepthExplorer(chosen)
