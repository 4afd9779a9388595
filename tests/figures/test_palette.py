"""Colours are legible on both themes, and told apart by readers who see colours differently."""

from itertools import combinations

import numpy as np
import pytest
from contrast import channels, contrast, linear

from activations import ACTIVATIONS
from activations.figures import PALETTE, color_for, line_style_for
from activations.figures._style import STYLE
from activations.figures._svg import WORD_SHARE
from activations.figures.palette import ACTIVATION_LOOKS, CYCLE, DASHED, is_activation, looks_for

PAGES = {"light": ("#ffffff", "#212529"), "dark": ("#14181e", "#ced6dd"), "darkest": ("#121212", "#ced6dd")}
MAIN = ("identity", "sigmoid", "tanh", "relu", "softmax")

# What a dichromat sees of linear RGB: Machado, Oliveira, Fernandes (2009), severity 1.
VISION = {
    "trichromat": np.eye(3),
    "protanope": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranope": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanope": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}


def oklab(rgb):
    """Ottosson (2020): coordinates in which distance is about the difference seen."""
    cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    ) @ np.clip(rgb, 0, 1)
    return np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    ) @ np.cbrt(cones)


def test_contrast_of_black_and_white():
    assert contrast(channels("#000000"), channels("#ffffff")) == pytest.approx(21.0)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("color", PALETTE.values(), ids=PALETTE)
def test_lines_have_a_contrast_of_three(color, page):
    assert contrast(channels(color), channels(PAGES[page][0])) >= 3.0


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("color", PALETTE.values(), ids=PALETTE)
def test_coloured_words_have_a_contrast_of_four_and_a_half(color, page):
    background, text = map(channels, PAGES[page])
    share = WORD_SHARE / 100
    assert contrast(share * channels(color) + (1 - share) * text, background) >= 4.5


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(
    "colors",
    [[look.color for look in CYCLE[:5]], [ACTIVATION_LOOKS[name].color for name in MAIN]],
    ids=["cycle", "main functions"],
)
def test_five_colours_are_told_apart(colors, vision):
    seen = [oklab(VISION[vision] @ linear(channels(color))) for color in colors]
    nearest = min(np.linalg.norm(a - b) for a, b in combinations(seen, 2))
    # 0.02 is just noticeable side by side; thin lines in different places need several times that.
    assert nearest > 0.07


def test_every_activation_has_a_look_of_its_own():
    assert set(ACTIVATIONS) | {"softmax"} == set(ACTIVATION_LOOKS)
    assert len(set(ACTIVATION_LOOKS.values())) == len(ACTIVATION_LOOKS)
    assert {look.color for look in ACTIVATION_LOOKS.values()} <= set(PALETTE.values())


@pytest.mark.parametrize(
    "together",
    [
        MAIN,
        ("sigmoid", "tanh", "hard_sigmoid", "hard_tanh", "log_sigmoid"),
        ("relu", "leaky_relu", "prelu", "elu", "selu"),
        ("relu", "gelu", "silu", "mish", "softplus"),
    ],
)
def test_functions_that_meet_differ_in_colour_and_in_line(together):
    assert len({color_for(name) for name in together}) == len(together)
    assert len({line_style_for(name) for name in together}) == len(together)


def test_plain_dashes_are_left_to_derivatives():
    assert DASHED not in {look.line_style for look in (*ACTIVATION_LOOKS.values(), *CYCLE)}


def test_first_five_of_the_cycle_differ_in_colour_and_in_line():
    assert len({look.color for look in CYCLE[:5]}) == len({look.line_style for look in CYCLE[:5]}) == 5


def test_style_file_has_the_colours_of_the_palette():
    assert STYLE["axes.prop_cycle"].by_key()["color"] == [look.color for look in CYCLE[:5]]


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_labels_and_other_names_serve_as_well(activation):
    for name in (activation.label, activation.label.upper(), *activation.aliases):
        assert color_for(name) == color_for(activation.name)
        assert is_activation(name)


def test_unknown_names_are_refused_with_the_nearest():
    with pytest.raises(
        ValueError, match=r"color_for: unknown name 'rellu'; did you mean 'relu'\? Choose from elu,"
    ):
        color_for("rellu")
    with pytest.raises(ValueError, match="line_style_for: unknown name 'xyzzy'; Choose from elu"):
        line_style_for("xyzzy")


def test_looks_of_other_labels_avoid_those_taken():
    looks = looks_for(["training", "Sigmoid", "validation"])
    assert looks[1].color == color_for("sigmoid")
    assert len({look.color for look in looks}) == 3


def test_looks_never_run_out():
    assert len(looks_for([str(i) for i in range(30)])) == 30
    every = [*ACTIVATION_LOOKS, "one more"]
    assert looks_for(every)[-1] in CYCLE
