"""What every explorer is made of: a view with its module text, and the box that Python moves."""

from __future__ import annotations

import difflib
import numbers
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import ipywidgets
import traitlets

from activations.figures.palette import PALETTE
from activations.training._checks import sequence

from ._grid import Grid

_STATIC = Path(__file__).parent / "static"


def module_text(name: str) -> str:
    """Return the self-contained JavaScript of one explorer: the shared helpers, then its own file.

    A widget's module is text, not a file, and can import no other, so the helpers are put in
    front here. Whole-line comments and indentation stay behind: every page with the explorer carries
    this text.

    Parameters
    ----------
    name : str
        Stem of a file in ``static/``.

    Returns
    -------
    str
    """
    text = "".join((_STATIC / f"{stem}.js").read_text(encoding="utf-8") for stem in ("_shared", name))
    return re.sub(r"^(?:[ ]*//.*)?\n|^[ ]+", "", text, flags=re.MULTILINE)


def _style_text() -> str:
    """Return the style sheet of all explorers, after the course's palette as CSS variables."""
    colours = "".join(f" --ax-{name}: {colour};" for name, colour in PALETTE.items())
    return f".ax-explorer {{{colours} }}\n" + (_STATIC / "explorers.css").read_text(encoding="utf-8")


class View(anywidget.AnyWidget):
    """The drawn part of an explorer. Subclasses add ``_esm`` and the traits that it draws."""

    _css: ClassVar[str] = _style_text()

    kind = traitlets.Unicode(help="which explorer this is").tag(sync=True)
    label = traitlets.Unicode(help="its name for assistive technology").tag(sync=True)


class Number(traitlets.Float[float, float]):
    """A trait for a number between two bounds, rounded to the slider's positions if it has any."""

    def __init__(
        self, function: str, low: float, high: float, grid: Grid | None = None, **options: Any
    ) -> None:
        super().__init__(default_value=low, **options)
        self.function, self.low, self.high, self.grid = function, low, high, grid

    def validate(self, obj: Any, value: object) -> float:  # noqa: ARG002 (traitlets passes it)
        """Return the value as the explorer shows it, or raise naming function, trait and remedy."""
        checked = number(self.function, str(self.name), value, self.low, self.high)
        return checked if self.grid is None else self.grid.nearest(checked)


class Whole(traitlets.Int[int, int]):
    """A trait for a whole number between two bounds, rounded to the slider's steps from the lower."""

    def __init__(self, function: str, low: int, high: int, step: int = 1, **options: Any) -> None:
        super().__init__(default_value=low, **options)
        self.function, self.low, self.high, self.step = function, low, high, step

    def validate(self, obj: Any, value: object) -> int:  # noqa: ARG002 (traitlets passes it)
        """Return the number, or raise naming function, trait and remedy."""
        checked = whole(self.function, str(self.name), value, self.low, self.high)
        return self.low + self.step * round((checked - self.low) / self.step)


class Choice(traitlets.TraitType[str, str]):
    """A trait for one of some names."""

    def __init__(self, function: str, names: Sequence[str], **options: Any) -> None:
        super().__init__(default_value=names[0], **options)
        self.function, self.names = function, tuple(names)

    def validate(self, obj: Any, value: object) -> str:  # noqa: ARG002 (traitlets passes it)
        """Return the name, or raise naming function, trait and remedy."""
        return self.names[position(self.function, str(self.name), value, self.names)]


class Explorer(ipywidgets.VBox):  # type: ignore[misc]
    """Controls above a view, as one widget whose traits move it from Python.

    The controls and the view are linked in the browser, where they need no kernel. The explorer's own
    traits are linked to the view's in Python: set them, or ``observe`` them, in a live notebook.
    """

    view: View

    def __init__(self, view: View, controls: Sequence[ipywidgets.Widget]) -> None:
        super().__init__(children=[*controls, view])
        self.view = view
        self._public: list[str] = []

    def _share(self, name: str, trait: traitlets.TraitType[Any, Any], *, shown: bool = True) -> None:
        """Give the explorer a trait that follows the view's of the same name, and moves it."""
        self.add_traits(**{name: trait})
        traitlets.link((self.view, name), (self, name))
        if shown:
            self._public.append(name)

    def _share_choice(self, name: str, trait: Choice, index: str = "index") -> None:
        """Give the explorer a trait with a name for what the view knows as an index."""
        self.add_traits(**{name: trait})
        traitlets.link(
            (self.view, index), (self, name), transform=(lambda i: trait.names[i], trait.names.index)
        )
        self._public.append(name)

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._public)
        return f"{type(self).__name__}({values})"


def row(*controls: ipywidgets.Widget) -> ipywidgets.HBox:
    """Return controls side by side, wrapping where the page is narrow."""
    return ipywidgets.HBox(list(controls), layout=ipywidgets.Layout(flex_flow="row wrap"))


def slider(
    view: View, trait: str, description: str, low: float, high: float, step: float, **options: Any
) -> Any:
    """Return a slider linked in the browser to a number of the view."""
    made = (ipywidgets.IntSlider if isinstance(getattr(view, trait), int) else ipywidgets.FloatSlider)(
        value=getattr(view, trait), min=low, max=high, step=step, description=description,
        style={"description_width": "initial"}, **options,
    )  # fmt: skip
    ipywidgets.jslink((view, trait), (made, "value"))
    return made


def menu(view: View, trait: str, description: str, labels: list[str]) -> Any:
    """Return a menu linked in the browser to an index of the view."""
    made = ipywidgets.Dropdown(
        options=[(label, index) for index, label in enumerate(labels)],
        index=getattr(view, trait), description=description, style={"description_width": "initial"},
    )  # fmt: skip
    ipywidgets.jslink((view, trait), (made, "index"))
    return made


def checkbox(view: View, trait: str, description: str) -> Any:
    """Return a checkbox linked in the browser to a flag of the view."""
    made = ipywidgets.Checkbox(
        value=getattr(view, trait), description=description, indent=False,
        layout=ipywidgets.Layout(width="auto"), style={"description_width": "initial"},
    )  # fmt: skip
    ipywidgets.jslink((view, trait), (made, "value"))
    return made


def class_names(function: str, argument: str, value: object, length: int) -> list[str]:
    """Return as many names as are needed, or raise naming the function and the argument."""
    entries = [str(name) for name in sequence(function, argument, value, "names")]
    if len(entries) != length:
        raise ValueError(
            f"{function}: {argument} must be {length} names, got {len(entries)}; give one for each class"
        )
    return entries


def number(function: str, argument: str, value: object, low: float, high: float) -> float:
    """Return a real number between two bounds, or raise naming the function and the argument."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(
            f"{function}: {argument} must be a number, got {value!r}; pass one between {low:g} and {high:g}"
        )
    real = float(value)
    if not low <= real <= high:
        raise ValueError(
            f"{function}: {argument} must lie between {low:g} and {high:g}, got {value}; "
            "choose a value in that range"
        )
    return real


def whole(function: str, argument: str, value: object, low: int, high: int) -> int:
    """Return a whole number between two bounds, or raise naming the function and the argument."""
    checked = number(function, argument, value, low, high)
    if checked != int(checked):
        raise ValueError(
            f"{function}: {argument} must be a whole number, got {value}; choose one from {low} to {high}"
        )
    return int(checked)


def position(function: str, argument: str, value: object, names: Sequence[str]) -> int:
    """Return where a name stands among others, or raise with the nearest one."""
    if not isinstance(value, str):
        raise TypeError(
            f"{function}: {argument} must be a name, got {value!r}; pass one of {', '.join(names)}"
        )
    if value not in names:
        near = difflib.get_close_matches(value, names, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ValueError(
            f"{function}: unknown {argument} {value!r}; {hint}Choose from {', '.join(sorted(names))}"
        )
    return tuple(names).index(value)
