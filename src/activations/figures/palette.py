"""Colours and line styles: fixed for each activation, legible on a light and on a dark page.

Every colour keeps a contrast of at least 3:1 against white and against the dark page (WCAG 2.2, success
criterion 1.4.11). That confines them to a narrow band of luminance, so hue alone would not serve a
colour-blind reader: a line style goes with each colour, and figures name their curves directly.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from types import MappingProxyType
from typing import NamedTuple

from activations.training._checks import instance

LineStyle = str | tuple[float, tuple[float, ...]]

PALETTE = MappingProxyType(
    {
        "blue": "#2595e6",
        "vermilion": "#d01e03",
        "green": "#14754e",
        "purple": "#905198",
        "ochre": "#bc8825",
        "teal": "#12908f",
        "rose": "#d4548a",
        "violet": "#6a62dc",
        "grey": "#848688",
    }
)

SOLID: LineStyle = "solid"
DOTTED: LineStyle = (0.0, (1.2, 1.5))
DASH_DOT: LineStyle = (0.0, (6.0, 1.8, 1.2, 1.8))
DASH_DOT_DOT: LineStyle = (0.0, (6.0, 1.8, 1.2, 1.8, 1.2, 1.8))
LONG_DASH: LineStyle = (0.0, (9.0, 2.5))
# Plain dashes belong to derivatives, everywhere.
DASHED: LineStyle = (0.0, (4.0, 2.0))


class Look(NamedTuple):
    """A colour and the line style that goes with it."""

    color: str
    line_style: LineStyle


ACTIVATION_LOOKS = MappingProxyType(
    {
        "identity": Look(PALETTE["grey"], DOTTED),
        "sigmoid": Look(PALETTE["blue"], SOLID),
        "tanh": Look(PALETTE["vermilion"], DASH_DOT),
        "relu": Look(PALETTE["green"], LONG_DASH),
        "softmax": Look(PALETTE["purple"], DASH_DOT_DOT),
        "leaky_relu": Look(PALETTE["ochre"], DASH_DOT),
        "prelu": Look(PALETTE["purple"], DOTTED),
        "elu": Look(PALETTE["teal"], DASH_DOT_DOT),
        "selu": Look(PALETTE["rose"], SOLID),
        "gelu": Look(PALETTE["violet"], SOLID),
        "silu": Look(PALETTE["rose"], DASH_DOT),
        "mish": Look(PALETTE["ochre"], DOTTED),
        "softplus": Look(PALETTE["blue"], DASH_DOT_DOT),
        "log_sigmoid": Look(PALETTE["violet"], LONG_DASH),
        "hard_tanh": Look(PALETTE["ochre"], DASH_DOT_DOT),
        "hard_sigmoid": Look(PALETTE["teal"], DOTTED),
    }
)

_ALIASES = {"linear": "identity", "logistic": "sigmoid", "swish": "silu"}

# For curves that are no activations, in this order.
CYCLE = (
    Look(PALETTE["blue"], SOLID),
    Look(PALETTE["vermilion"], DASH_DOT),
    Look(PALETTE["green"], LONG_DASH),
    Look(PALETTE["purple"], DOTTED),
    Look(PALETTE["ochre"], DASH_DOT_DOT),
    Look(PALETTE["violet"], SOLID),
    Look(PALETTE["rose"], DASH_DOT),
    Look(PALETTE["teal"], LONG_DASH),
    Look(PALETTE["grey"], DOTTED),
)


def color_for(name: str) -> str:
    """Return the colour of an activation, the same in every figure.

    Parameters
    ----------
    name : str
        A name such as ``"leaky_relu"``; its label (``"Leaky ReLU"``) and its other names serve as well.

    Returns
    -------
    str
        The colour as ``"#rrggbb"``.

    Raises
    ------
    ValueError
        If no activation has that name.

    Examples
    --------
    >>> color_for("sigmoid"), color_for("Sigmoid") == color_for("logistic")
    ('#2595e6', True)
    """
    return _look_of("color_for", name).color


def line_style_for(name: str) -> LineStyle:
    """Return the line style of an activation, for figures that compare several.

    Parameters
    ----------
    name : str
        A name, label or other name of an activation.

    Returns
    -------
    str or tuple
        A line style as matplotlib takes it; never plain dashes, which mean a derivative.

    Raises
    ------
    ValueError
        If no activation has that name.

    Examples
    --------
    >>> line_style_for("sigmoid")
    'solid'
    """
    return _look_of("line_style_for", name).line_style


def looks_for(labels: Iterable[str]) -> list[Look]:
    """Return a look for each label: an activation's own, or the next unused one of the cycle.

    Parameters
    ----------
    labels : iterable of str
        The curves of one figure, in order.

    Returns
    -------
    list of Look
        One a label.

    Examples
    --------
    >>> [look.color for look in looks_for(["tanh", "training"])]
    ['#d01e03', '#2595e6']
    """
    labels = list(labels)
    known = [ACTIVATION_LOOKS.get(_canonical(label)) for label in labels]
    taken = {look.color for look in known if look is not None}
    free = [look for look in CYCLE if look.color not in taken] or list(CYCLE)
    looks, position = [], 0
    for look in known:
        if look is None:
            look = free[position % len(free)]
            position += 1
        looks.append(look)
    return looks


def is_activation(label: str) -> bool:
    """Return whether ``label`` names an activation, and so has a colour of its own.

    Examples
    --------
    >>> is_activation("Leaky ReLU"), is_activation("training")
    (True, False)
    """
    return _canonical(label) in ACTIVATION_LOOKS


def _canonical(name: str) -> str:
    key = name.strip().lower().replace(" ", "_").replace("-", "_")
    return _ALIASES.get(key, key)


def _look_of(function: str, name: str) -> Look:
    instance(function, "name", name, str, "for example 'tanh'")
    key = _canonical(name)
    if key not in ACTIVATION_LOOKS:
        near = get_close_matches(key, ACTIVATION_LOOKS, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ValueError(
            f"{function}: unknown name {name!r}; {hint}Choose from {', '.join(sorted(ACTIVATION_LOOKS))}"
        )
    return ACTIVATION_LOOKS[key]
