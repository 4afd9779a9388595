"""A stack of layers: one line without a non-linearity, a bent one with it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import traitlets
from numpy.typing import NDArray

from activations.functions import get_activation
from activations.training import MLP

from ._base import Choice, Explorer, Number, View, Whole, menu, module_text, position, row, slider, whole
from ._grid import Grid

_NAME = "linear_collapse_explorer"
_MOST_LAYERS = 6
_ACTIVATIONS = ("identity", "relu", "tanh")
_GRID = Grid(-2.0, 2.0, 0.05)
_LARGEST = 99.0

Nested = list[Any]


def _presets() -> dict[str, tuple[Nested, Nested]]:
    """Return named weights, shape (6, 2, 2), and biases, shape (6, 2)."""
    # The triangle map t(u) = 2 relu(u) − 4 relu(u − ½) folds [0, 1] in two; the first layer brings x there.
    fold = [[2.0, 2.0], [-4.0, -4.0]]
    triangle = ([[[0.25, 0.25], [0.0, 0.0]]] + [fold] * 5, [[0.5, 0.0]] + [[0.0, -0.5]] * 5)
    presets = {"Triangle map": triangle}
    for name, seed in (("Random 1", 3), ("Random 2", 5)):
        rng = np.random.default_rng(seed)
        weights = np.round(rng.normal(0, 1.1, (_MOST_LAYERS, 2, 2)), 1)
        biases = np.round(rng.normal(0, 0.6, (_MOST_LAYERS, 2)), 1)
        presets[name] = (weights.tolist(), biases.tolist())
    return {name: presets[name] for name in ("Random 1", "Random 2", "Triangle map")}


class CollapseView(View):
    """A plot, a diagram and fields for weights, computed on the page from free weights."""

    _esm: ClassVar[str] = module_text("collapse")

    grid = traitlets.Dict(help="positions of x").tag(sync=True)
    activations: traitlets.List[str] = traitlets.List(list(_ACTIVATIONS), help="names").tag(sync=True)
    labels: traitlets.List[str] = traitlets.List(help="their labels").tag(sync=True)
    presets: traitlets.List[Any] = traitlets.List(help="weights and biases to start from").tag(sync=True)
    preset = traitlets.Int(help="which of them").tag(sync=True)
    layers = traitlets.Int(3, help="number of layers").tag(sync=True)
    weights: traitlets.List[Any] = traitlets.List(help="a 2 by 2 matrix a layer").tag(sync=True)
    biases: traitlets.List[Any] = traitlets.List(help="two numbers a layer").tag(sync=True)
    activation = traitlets.Int(help="which function stands between the layers").tag(sync=True)
    edit = traitlets.Int(help="the layer whose weights are on display").tag(sync=True)
    x = traitlets.Float(0.5, help="where the cursor stands").tag(sync=True)


class _Array(traitlets.TraitType[Nested, Any]):
    """A trait for an array of fixed shape, kept as nested lists of floats."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__(default_value=np.zeros(shape).tolist())
        self.shape = shape

    def validate(self, obj: Any, value: object) -> Nested:  # noqa: ARG002 (traitlets passes it)
        """Return the array as nested lists, or raise naming the rule."""
        try:
            array = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):
            raise TypeError(
                f"{_NAME}: {self.name} must be numbers of shape {self.shape}, got {value!r}; "
                f"start from explorer.{self.name}"
            ) from None
        if array.shape != self.shape:
            raise ValueError(
                f"{_NAME}: {self.name} must have shape {self.shape}, got {array.shape}; "
                f"start from explorer.{self.name}"
            )
        if not np.all(np.abs(array) <= _LARGEST):
            raise ValueError(
                f"{_NAME}: {self.name} must lie between −{_LARGEST:g} and {_LARGEST:g}, "
                f"got {array[~(np.abs(array) <= _LARGEST)][0]}; scale them down"
            )
        result: Nested = array.tolist()
        return result


class CollapseExplorer(Explorer):
    """The widget that `linear_collapse_explorer` returns, with traits ``layers``, ``activation``, ….

    Layer k keeps a 2×2 matrix. The first layer uses its first row, since there is one input, and the last
    its first column, since there is one output.
    """

    view: CollapseView

    def __init__(self, layers: int, activation: int, preset: int) -> None:
        presets = _presets()
        weights, biases = list(presets.values())[preset]
        labels = ["none"] + [get_activation(name).label for name in _ACTIVATIONS[1:]]
        view = CollapseView(
            kind="collapse",
            label="Linear collapse explorer",
            grid=_GRID.state(),
            labels=labels,
            presets=[{"weights": w, "biases": b} for w, b in presets.values()],
            preset=preset,
            layers=layers,
            weights=weights,
            biases=biases,
            activation=activation,
        )
        super().__init__(
            view,
            [
                row(
                    slider(view, "layers", "Layers", 1, _MOST_LAYERS, 1),
                    menu(view, "activation", "Non-linearity between them", labels),
                ),
                row(
                    slider(view, "x", "x", _GRID.low, _GRID.high, _GRID.step),
                    menu(view, "preset", "Weights", list(presets)),
                    menu(view, "edit", "Edit layer", [str(k + 1) for k in range(_MOST_LAYERS)]),
                ),
            ],
        )
        self._share("layers", Whole(_NAME, 1, _MOST_LAYERS))
        self._share_choice("activation", Choice(_NAME, _ACTIVATIONS), "activation")
        self._share_choice("preset", Choice(_NAME, tuple(presets)), "preset")
        self._share("x", Number(_NAME, _GRID.low, _GRID.high))
        for name, shape in (("weights", (_MOST_LAYERS, 2, 2)), ("biases", (_MOST_LAYERS, 2))):
            self._share(name, _Array(shape), shown=False)
        # In a live notebook the page does this; without a page, Python does.
        view.observe(self._start_from, "preset")

    def _start_from(self, change: Any) -> None:
        with self.view.hold_trait_notifications():
            for name, value in self.view.presets[change["new"]].items():
                setattr(self.view, name, value)

    def network(self) -> MLP:
        """Return the network that is on display.

        Returns
        -------
        MLP
            With one input, one output, two units in each hidden layer, and the explorer's weights.

        Examples
        --------
        >>> explorer = linear_collapse_explorer(layers=2, activation="relu", preset="Triangle map")
        >>> explorer.network().predict([[-2.0], [0.0], [2.0]]).ravel()
        array([0., 1., 0.])
        """
        weights: NDArray[np.float64] = np.array(self.view.weights)
        biases: NDArray[np.float64] = np.array(self.view.biases)
        widths = [1] + [2] * (self.view.layers - 1) + [1]
        parameters: list[NDArray[np.float64]] = []
        for k, (fan_in, fan_out) in enumerate(pairwise(widths)):
            parameters += [weights[k, :fan_in, :fan_out], biases[k, :fan_out]]
        return MLP(widths, _ACTIVATIONS[self.view.activation], parameters=parameters)


def linear_collapse_explorer(
    *, layers: int = 3, activation: str = "identity", preset: str = "Random 1"
) -> CollapseExplorer:
    """Explore why a stack of linear layers is one line, and what a non-linearity changes.

    One number x goes through 1 to 6 layers of two units to one number y. Without a non-linearity the plot
    is a line, and one layer does the same; with ReLU or tanh between the layers it bends. All weights can
    be edited. The preset "Triangle map" folds the line once more with each layer: 2^(layers − 1) pieces.

    Parameters
    ----------
    layers : int, default 3
        Number of layers at the start, 1 to 6.
    activation : {"identity", "relu", "tanh"}
        What stands between the layers at the start.
    preset : {"Random 1", "Random 2", "Triangle map"}
        The weights to start from.

    Returns
    -------
    CollapseExplorer
        A widget. Its traits ``layers``, ``activation``, ``preset``, ``x``, ``weights`` (shape (6, 2, 2)) and
        ``biases`` (shape (6, 2)) can be set and observed; its method ``network()`` returns the `MLP`.

    Raises
    ------
    ValueError
        If a name is unknown or the number of layers is out of range.
    TypeError
        If an argument has the wrong type.

    Examples
    --------
    >>> explorer = linear_collapse_explorer()
    >>> explorer.layers = 6
    >>> explorer.activation = "relu"
    >>> explorer
    CollapseExplorer(layers=6, activation='relu', preset='Random 1', x=0.5)
    """
    return CollapseExplorer(
        whole(_NAME, "layers", layers, 1, _MOST_LAYERS),
        position(_NAME, "activation", activation, _ACTIVATIONS),
        position(_NAME, "preset", preset, tuple(_presets())),
    )
