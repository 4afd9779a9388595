"""Logits, temperature and the probabilities that softmax makes of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import ipywidgets
import traitlets

from ._base import Explorer, Number, View, checkbox, class_names, module_text, number, row, slider

_NAME = "softmax_explorer"
_FEWEST, _MOST = 2, 6
_COLDEST, _HOTTEST = 0.1, 10.0
_FARTHEST_SHIFT = 10.0


class SoftmaxView(View):
    """Bars, a Jacobian and a table, computed on the page from free logits."""

    _esm: ClassVar[str] = module_text("softmax")

    labels: traitlets.List[str] = traitlets.List(help="names of the classes").tag(sync=True)
    temperature = traitlets.Float(1.0, help="divides the logits").tag(sync=True)
    shift = traitlets.Float(0.0, help="constant added to all logits").tag(sync=True)
    show_argmax = traitlets.Bool(False, help="mark the one-hot argmax").tag(sync=True)
    show_sigmoids = traitlets.Bool(False, help="draw a sigmoid of each logit").tag(sync=True)


class _Logits(traitlets.Tuple):
    """A trait for the logits, all within the sliders' limit."""

    def __init__(self, n_classes: int, limit: float) -> None:
        super().__init__()
        self.n_classes, self.limit = n_classes, limit

    def validate(self, obj: Any, value: object) -> tuple[float, ...]:  # noqa: ARG002 (traitlets passes it)
        """Return the logits as floats, or raise naming the rule."""
        logits = _numbers(value)
        if len(logits) != self.n_classes:
            raise ValueError(
                f"{_NAME}: logits must keep their number of classes, {self.n_classes}, got {len(logits)}; "
                "make a new explorer for another number"
            )
        return tuple(number(_NAME, "each logit", z, -self.limit, self.limit) for z in logits)


def _numbers(value: object) -> list[float]:
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise TypeError(
            f"{_NAME}: logits must be a sequence of numbers, got {value!r}; pass for instance [2, 0.5, -1]"
        )
    return [number(_NAME, "each logit", z, -math.inf, math.inf) for z in value]


class SoftmaxExplorer(Explorer):
    """The widget that `softmax_explorer` returns, with traits ``logits``, ``temperature``, …."""

    view: SoftmaxView

    def __init__(self, logits: Sequence[float], labels: Sequence[str]) -> None:
        limit = float(max(5, math.ceil(max(abs(z) for z in logits))))
        # JupyterLab's slider rounds to its steps, so they must meet the given logits.
        step = 0.1 if all(math.isclose(z, round(z, 1), abs_tol=1e-9) for z in logits) else 0.01
        view = SoftmaxView(kind="softmax", label="Softmax explorer", labels=list(labels))
        traits = [f"logit_{i}" for i in range(len(logits))]
        view.add_traits(
            **{name: traitlets.Float(z).tag(sync=True) for name, z in zip(traits, logits, strict=True)}
        )
        temperature = ipywidgets.FloatLogSlider(
            value=1.0, base=10, min=math.log10(_COLDEST), max=math.log10(_HOTTEST), step=0.05,
            description="Temperature", readout_format=".2f", style={"description_width": "initial"},
        )  # fmt: skip
        ipywidgets.jslink((view, "temperature"), (temperature, "value"))
        super().__init__(
            view,
            [
                row(
                    *(
                        slider(view, name, label, -limit, limit, step)
                        for name, label in zip(traits, labels, strict=True)
                    )
                ),
                row(
                    temperature,
                    slider(view, "shift", "Add to all logits", -_FARTHEST_SHIFT, _FARTHEST_SHIFT, 0.5),
                ),
                row(
                    checkbox(view, "show_argmax", "Mark the argmax"),
                    checkbox(view, "show_sigmoids", "Compare independent sigmoids"),
                ),
            ],
        )
        self.add_traits(logits=_Logits(len(logits), limit))
        self.logits = tuple(logits)
        self._public.append("logits")
        view.observe(lambda _: setattr(self, "logits", tuple(getattr(view, name) for name in traits)), traits)
        self.observe(self._move_logits, "logits")
        self._share("temperature", Number(_NAME, _COLDEST, _HOTTEST))
        self._share("shift", Number(_NAME, -_FARTHEST_SHIFT, _FARTHEST_SHIFT))
        self._share("show_argmax", traitlets.Bool())
        self._share("show_sigmoids", traitlets.Bool())

    def _move_logits(self, change: Any) -> None:
        # All at once: whoever observes the logits never sees half of a change.
        with self.view.hold_trait_notifications():
            for i, z in enumerate(change["new"]):
                setattr(self.view, f"logit_{i}", z)


def softmax_explorer(logits: Sequence[float], labels: Sequence[str] | None = None) -> SoftmaxExplorer:
    """Explore how softmax turns logits into probabilities.

    A slider for each logit, which can also be typed; the temperature T, on a log scale; and a constant
    that is added to all logits, under which nothing moves. Shown are the probabilities
    softmax(z / T), the Jacobian ∂pᵢ/∂zⱼ = pᵢ (δᵢⱼ − pⱼ) / T as a heat map with numbers, the entropy in
    nats and, on demand, the one-hot argmax and an independent sigmoid of each logit.

    Parameters
    ----------
    logits : sequence of float, shape (n_classes,)
        Two to six starting values. The sliders have steps of 0.1, or 0.01 where a starting value needs it.
    labels : sequence of str, shape (n_classes,), optional
        Names of the classes, ``class 1``, ``class 2``, … if not given.

    Returns
    -------
    SoftmaxExplorer
        A widget. Its traits ``logits``, ``temperature``, ``shift``, ``show_argmax`` and
        ``show_sigmoids`` can be set and observed.

    Raises
    ------
    ValueError
        If there are fewer than two or more than six logits, one is not finite, or the labels do not match.
    TypeError
        If a logit is not a number, or the labels are no sequence.

    Examples
    --------
    >>> explorer = softmax_explorer([2.33, -1.46, 0.56], ["cat", "dog", "bird"])
    >>> explorer.temperature = 0.5
    >>> explorer.logits
    (2.33, -1.46, 0.56)
    """
    values = _numbers(logits)
    if not _FEWEST <= len(values) <= _MOST:
        raise ValueError(
            f"{_NAME}: logits must be {_FEWEST} to {_MOST} numbers, got {len(values)}; show fewer classes"
        )
    if not all(math.isfinite(z) for z in values):
        raise ValueError(f"{_NAME}: logits must be finite, got {values}; replace infinite or missing ones")
    if labels is None:
        labels = [f"class {i + 1}" for i in range(len(values))]
    return SoftmaxExplorer(values, class_names(_NAME, "labels", labels, len(values)))
