"""What all explorers share: self-contained modules, one palette, and traits that explain themselves."""

from __future__ import annotations

import re

import ipywidgets
import numpy as np
import pytest
import traitlets

from activations import explorers
from activations.datasets import moons
from activations.explorers._base import Choice, Number, View, Whole, module_text, number, position, whole
from activations.explorers._grid import Grid
from activations.figures import PALETTE

STEMS = ["collapse", "comparison", "depth", "derivative", "replay", "softmax", "threshold"]


def every_explorer() -> list[explorers.DerivativeExplorer]:
    X, y = moons(40, rng=np.random.default_rng(0))
    return [
        explorers.derivative_explorer("tanh", "elu"),
        explorers.comparison_explorer("tanh", "relu"),
        explorers.softmax_explorer([1.0, 2.0]),
        explorers.threshold_explorer([0, 1, 0, 1], [0.1, 0.4, 0.6, 0.9]),
        explorers.depth_explorer("tanh"),
        explorers.linear_collapse_explorer(),
        explorers.training_replay(*explorers.record_training(X, y, ["tanh"], epochs=2)),
    ]


@pytest.mark.parametrize("stem", STEMS)
def test_a_module_is_one_self_contained_text(stem: str) -> None:
    text = module_text(stem)
    assert not re.search(r"\bimport\b|\bfetch\b|\brequire\b|https?://(?!www\.w3\.org)", text)
    assert "export default" in text
    # Lighter than its sources: whole-line comments and indentation are gone.
    assert not re.search(r"^(\s|//)", text, flags=re.MULTILINE)


def test_the_style_sheet_touches_explorers_only() -> None:
    css = re.sub(r"/\*.*?\*/|@[\w-]+ *\([^)]*\)", "", View._css, flags=re.DOTALL)
    selectors = [part.strip() for rule in re.findall(r"([^{}]+)\{", css) for part in rule.split(",")]
    assert selectors
    assert all(selector.startswith(".ax-") for selector in selectors if selector), selectors


def test_the_style_sheet_takes_the_colours_of_the_figures() -> None:
    for name, colour in PALETTE.items():
        assert f"--ax-{name}: {colour};" in View._css


@pytest.mark.parametrize("index", range(len(STEMS)))
def test_an_explorer_is_controls_linked_to_one_labelled_view(index: int) -> None:
    explorer = every_explorer()[index]
    views = [child for child in explorer.children if isinstance(child, View)]
    assert views == [explorer.view]
    assert explorer.view.kind in STEMS
    assert len(explorer.view.label.split()) >= 2
    boxes = [child for child in explorer.children if child is not explorer.view]
    controls = [control for box in boxes for control in getattr(box, "children", [box])]
    assert controls
    # Nothing on the page is without a name for a screen reader.
    assert all(control.description for control in controls)


def test_explorers_compose_like_other_widgets() -> None:
    first, second = every_explorer()[:2]
    box = ipywidgets.HBox([first, second])
    assert box.children == (first, second)


@pytest.mark.parametrize("index", range(len(STEMS)))
def test_an_explorer_says_its_state_in_words(index: int) -> None:
    explorer = every_explorer()[index]
    assert re.fullmatch(r"\w+Explorer\(\w+=.+\)", repr(explorer))


def test_number_refuses_what_is_not_one() -> None:
    assert number("f", "x", np.float32(2), 0, 3) == 2.0
    with pytest.raises(TypeError, match=r"^f: x must be a number, got '2'; pass one between 0 and 3$"):
        number("f", "x", "2", 0, 3)
    with pytest.raises(TypeError, match=r"^f: x must be a number, got True;"):
        number("f", "x", True, 0, 3)
    for value in (4, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match=r"^f: x must lie between 0 and 3, got .*; choose"):
            number("f", "x", value, 0, 3)


def test_whole_refuses_fractions() -> None:
    assert whole("f", "n", 2.0, 0, 3) == 2
    with pytest.raises(ValueError, match=r"^f: n must be a whole number, got 2.5; choose one from 0 to 3$"):
        whole("f", "n", 2.5, 0, 3)


def test_position_names_the_nearest_choice() -> None:
    assert position("f", "name", "relu", ("tanh", "relu")) == 1
    with pytest.raises(
        ValueError, match=r"^f: unknown name 'rellu'; did you mean 'relu'\? Choose from relu, tanh$"
    ):
        position("f", "name", "rellu", ("tanh", "relu"))
    with pytest.raises(ValueError, match=r"^f: unknown name 'x'; Choose from relu, tanh$"):
        position("f", "name", "x", ("tanh", "relu"))
    with pytest.raises(TypeError, match=r"^f: name must be a name, got 3; pass one of tanh, relu$"):
        position("f", "name", 3, ("tanh", "relu"))


def test_traits_round_to_the_positions_of_their_slider() -> None:
    class Holder(traitlets.HasTraits):
        x = Number("f", -1.0, 1.0, Grid(-1.0, 1.0, 0.05))
        free = Number("f", -1.0, 1.0)
        n = Whole("f", 0, 12, 3)
        name = Choice("f", ("tanh", "relu"))

    holder = Holder(x=0.33, free=0.33, n=7, name="relu")
    assert (holder.x, holder.free, holder.n, holder.name) == (0.35, 0.33, 6, "relu")
    with pytest.raises(ValueError, match=r"^f: x must lie between -1 and 1, got 2;"):
        holder.x = 2
    with pytest.raises(ValueError, match=r"^f: unknown name 'x';"):
        holder.name = "x"


def test_a_grid_has_the_decimals_that_a_reader_sees() -> None:
    grid = Grid(-6.0, 6.0, 0.05)
    assert grid.size == len(grid.values) == 241
    assert 0.15 in grid.values.tolist()
    assert grid.nearest(0.16) == 0.15
    assert grid.state() == {"low": -6.0, "high": 6.0, "step": 0.05, "size": 241}
