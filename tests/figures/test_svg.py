"""Figures become SVG that is well-formed, small, follows the theme and disturbs no other figure."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from activations import ACTIVATIONS
from activations.figures import (
    plot_activation,
    plot_confusion_matrix,
    plot_decision_boundary,
    plot_digits,
    plot_functions,
    plot_heatmap,
    plot_lines,
    subplots,
)
from activations.figures._svg import SCALE, _clean_style, panels
from activations.figures.display import figure_html

ALT = "A figure that serves for a test."


def curves():
    fig, ax = subplots()
    plot_functions(ax, ["sigmoid", "tanh", "relu"])
    ax.set_title("Three functions")
    return fig


def two_panels():
    fig, axes = subplots(1, 2)
    for ax, derivative in zip(axes, (False, True), strict=True):
        plot_functions(ax, ["sigmoid", "tanh"], derivative=derivative)
    return fig


def points():
    fig, ax = subplots()
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    plot_decision_boundary(ax, lambda p: p[:, 0], X, (X[:, 0] > 0).astype(int), level=0.0)
    return fig


def cells():
    fig, ax = subplots()
    plot_heatmap(ax, np.linspace(-1, 1, 12).reshape(3, 4))
    return fig


def counts():
    fig, ax = subplots()
    plot_confusion_matrix(ax, np.eye(10) * 40 + 1, range(10))
    return fig


def digits():
    fig, axes = subplots(2, 5, height=1.3)
    plot_digits(axes, np.random.default_rng(0).integers(0, 17, (10, 8, 8)))
    return fig


FIGURES = (curves, two_panels, points, cells, counts, digits)


def elements(text):
    return list(ET.fromstring(text).iter())


@pytest.mark.parametrize("make", FIGURES)
def test_well_formed_and_self_contained(make):
    root = ET.fromstring(figure_html(make(), ALT, caption="A < B & C"))
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert "svg" in names
    # A style sheet would reach the whole page; metadata carry a date; the rest would run or fetch.
    assert not names & {"style", "metadata", "title", "script", "foreignObject", "a"}
    for element in root.iter():
        for name in ("href", "src"):
            assert re.match(r"(#|data:image/png;base64,)", element.get(name, "#"))


@pytest.mark.parametrize("make", FIGURES)
def test_same_figure_same_text(make):
    assert figure_html(make(), ALT) == figure_html(make(), ALT)


@pytest.mark.parametrize("make", FIGURES)
def test_showing_twice_moves_no_word(make):
    fig = make()
    words = []
    for _ in range(2):
        texts = [e for e in elements(figure_html(fig, ALT)) if e.tag.endswith("text")]
        words.append([(e.text, float(e.get("x")), float(e.get("y"))) for e in texts])
    for (text, x, y), (again, x_again, y_again) in zip(*words, strict=True):
        assert text == again
        # The layout starts from where it ended before; half a unit is less than a pixel.
        assert (x, y) == pytest.approx((x_again, y_again), abs=0.5)


@pytest.mark.parametrize("make", FIGURES)
def test_small(make):
    assert len(figure_html(make(), ALT)) < 60_000


def test_curves_are_very_small():
    assert len(figure_html(curves(), ALT)) < 12_000


def test_ids_are_unique_across_figures_and_every_reference_resolves():
    seen = set()
    for make in FIGURES:
        text = figure_html(make(), ALT)
        ids = [element.get("id") for element in elements(text) if element.get("id")]
        assert len(ids) == len(set(ids))
        assert not seen & set(ids)
        seen |= set(ids)
        assert all(re.fullmatch(r"f[0-9a-f]{8}-\d+", name) for name in ids)
        references = re.findall(r"url\(#([^)]*)\)|href=\"#([^\"]*)\"", text)
        assert {a or b for a, b in references} == set(ids)
    assert len(seen) > 10


@pytest.mark.parametrize("make", FIGURES)
def test_no_black_and_no_white(make):
    for element in elements(figure_html(make(), ALT)):
        for value in (element.get("style", ""), element.get("fill", ""), element.get("stroke", "")):
            assert not re.search(r"#000000|black|white|#ffffff", value.replace("#fff)", ""))


def test_black_becomes_the_colour_of_the_text():
    fig, ax = subplots()
    ax.plot([0, 1], [0, 1], color="black")
    ax.plot([0, 1], [1, 0], color="#101418")
    text = figure_html(fig, ALT)
    assert text.count("stroke:currentColor;stroke-width:2") == 2
    assert "101418" not in text


def test_white_areas_vanish_and_white_edges_take_the_page():
    fig, ax = subplots()
    ax.set_facecolor("white")
    ax.plot([0.2, 0.4, 0.6, 0.8], [0, 1, 0, 1], "o", color="#2595e6", markeredgecolor="white")
    text = figure_html(fig, ALT)
    assert "fill:#fff" not in text
    assert "stroke:var(--pst-color-background,var(--jp-layout-color0,#fff))" in text


def test_coloured_words_lean_towards_the_text_but_ink_on_cells_stays():
    text = figure_html(curves(), ALT)
    assert "fill:color-mix(in srgb,#2595e6 60%,currentColor)" in text
    inks = set(re.findall(r"fill:(#\w+)", figure_html(cells(), ALT)))
    assert inks == {"#fafafa", "#21262c"}


def test_grey_words_lean_too():
    fig, ax = subplots()
    plot_functions(ax, ["identity"])
    assert "color-mix(in srgb,#848688 60%" in figure_html(fig, ALT)


def test_colours_that_look_like_numbers_stay_whole():
    # 55e00 in #d55e00 is 55 to a careless rounding.
    fig, ax = subplots()
    ax.plot([0, 1], [0, 1], color="#d55e00")
    assert "stroke:#d55e00" in figure_html(fig, ALT)


@pytest.mark.parametrize("make", FIGURES)
def test_coordinates_have_two_decimals(make):
    for element in elements(figure_html(make(), ALT)):
        for name in ("d", "x", "y", "transform", "viewBox"):
            assert not re.search(r"\.\d{3}", element.get(name, ""))


def test_words_take_the_font_of_the_page():
    text = figure_html(curves(), ALT)
    assert "font-family" not in text
    assert "font-size:11px" in text
    assert "<text" in text


@pytest.mark.parametrize(
    ("style", "cleaned"),
    [
        ("font: 11px 'DejaVu Sans'; text-anchor: end", "font-size:11px;text-anchor:end"),
        ("font: 700 11px 'DejaVu Sans', sans-serif", "font-size:11px;font-weight:700"),
        ("font: italic 10.5px 'DejaVu Sans'", "font-size:10.5px;font-style:italic"),
        ("font-size: 11px; font-family: 'DejaVu Sans', sans-serif", "font-size:11px"),
    ],
)
def test_both_ways_of_naming_a_font_are_understood(style, cleaned):
    # Which of them is written depends on the version of matplotlib.
    assert _clean_style("text", "", style) == cleaned


def test_mathematics_keeps_the_font_it_was_set_in():
    fig, ax = subplots()
    ax.set_title(r"$\sigma^2$")
    assert "font-family:'DejaVu Sans'" in figure_html(fig, ALT)


def test_size_is_declared_so_that_nothing_jumps():
    svg = ET.fromstring(figure_html(curves(), ALT))[0]
    left, top, width, height = map(float, svg.get("viewBox").split())
    assert (left, top) == (0, 0)
    assert (width, height) == pytest.approx((5.2 * 72, 3.0 * 72))
    assert int(svg.get("width")) == round(width * SCALE)
    assert int(svg.get("height")) == round(height * SCALE)
    assert "max-width:100%" in svg.get("style")
    assert "height:auto" in svg.get("style")


def test_equal_markers_share_their_style():
    text = figure_html(points(), ALT)
    assert text.count("<use") >= 200
    assert max(len(use) for use in re.findall(r"<use[^>]*>", text) if "style" not in use) < 60


def test_pictures_keep_their_own_pixels():
    text = figure_html(cells(), ALT)
    image = next(element for element in elements(text) if element.tag.endswith("image"))
    assert (image.get("width"), image.get("height")) == ("4", "3")
    assert "pixelated" in image.get("style")
    smooth = next(e for e in elements(figure_html(points(), ALT)) if e.tag.endswith("image"))
    assert "pixelated" not in smooth.get("style", "")


def test_one_row_of_panels_can_stack():
    texts, sizes = panels(two_panels())
    assert len(texts) == 2
    assert sum(width for width, _ in sizes) == pytest.approx(8.4 * 72)
    for text, word in zip(texts, ("f(x)", "f′(x)"), strict=True):
        assert f">{word}<" in text
        assert text.count(">f") == 1
        ids = set(re.findall(r' id="([^"]*)"', text))
        used = set(re.findall(r'(?:#)([\w-]+)(?:\)|")', text)) - {"fff"}
        assert used == ids
    root = ET.fromstring(figure_html(two_panels(), ALT))
    row = root[0]
    assert "flex-wrap:wrap" in row.get("style")
    assert [svg.get("role") for svg in row] == ["img", None]
    assert [svg.get("aria-hidden") for svg in row] == [None, "true"]


def test_three_panels_and_their_gids():
    fig, axes = subplots(1, 3)
    axes[1].set_gid("mine")
    assert len(panels(fig)[0]) == 3
    assert [ax.get_gid() for ax in axes] == [None, "mine", None]


def test_scale_beside_a_panel_goes_with_it():
    fig, axes = subplots(1, 2)
    plot_heatmap(axes[0], np.eye(3), annotate=False, label="size")
    plot_lines(axes[1], [0.0, 1.0], {"a": [0.0, 1.0]})
    left, right = panels(fig)[0]
    assert ">size<" in left
    assert ">size<" not in right


def test_what_cannot_be_cut_stays_whole():
    assert len(panels(two_panels(), stack=False)[0]) == 1
    assert len(panels(digits())[0]) == 1
    titled = two_panels()
    titled.suptitle("both")
    assert len(panels(titled)[0]) == 1
    fig, axes = subplots(1, 2)
    axes[0].annotate("far", (1.0, 0.5), xytext=(400, 0), textcoords="offset points", annotation_clip=False)
    fig.set_layout_engine("none")
    assert len(panels(fig)[0]) == 1


def test_two_axes_in_one_column_are_not_cut():
    fig, axes = subplots(1, 2)
    twin = axes[1].twinx()
    twin.plot([0, 1], [0, 1])
    assert len(panels(fig)[0]) == 1


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_can_be_shown(name):
    fig, ax = subplots()
    plot_activation(ax, name)
    root = ET.fromstring(figure_html(fig, ALT))
    words = [element.text for element in root.iter() if element.tag.endswith("text")]
    assert {"f(x)", "f′(x)", ACTIVATIONS[name].label} <= set(words)
