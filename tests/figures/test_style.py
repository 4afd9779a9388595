"""Figures come in the course's style and leave matplotlib's settings alone."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from activations.figures import plot_lines, subplots
from activations.figures._style import styled


def test_settings_stay_as_they_were():
    before = dict(mpl.rcParams)
    _, ax = subplots()
    plot_lines(ax, [0.0, 1.0], {"a": [0.0, 1.0]})
    ax.set_title("title")
    assert dict(mpl.rcParams) == before


def test_figures_are_not_pyplots():
    fig, ax = subplots()
    assert type(fig) is Figure
    assert ax.figure is fig


@pytest.mark.parametrize(("ncols", "width"), [(1, 5.2), (2, 8.4), (3, 9.6), (5, 5.2)])
def test_width_follows_the_columns(ncols, width):
    fig, axes = subplots(2, ncols, height=1.5)
    assert fig.get_size_inches() == pytest.approx([width, 3.0])
    assert np.shape(axes) == ((2,) if ncols == 1 else (2, ncols))


def test_width_height_and_keywords_are_taken():
    fig, axes = subplots(1, 2, height=2.0, width=6.0, sharey=True)
    assert fig.get_size_inches() == pytest.approx([6.0, 2.0])
    axes[0].set_ylim(-3, 3)
    assert axes[1].get_ylim() == (-3, 3)
    _, ax = subplots(subplot_kw={"xlabel": "x"})
    assert ax.get_xlabel() == "x"


def test_axes_methods_follow_the_style():
    _, ax = subplots()
    title = ax.set_title("Functions")
    assert ax.get_title(loc="left") == "Functions"
    assert title.get_fontweight() == "bold"
    assert ax.plot([0, 1], [0, 1])[0].get_linewidth() == 2.0
    assert ax.text(0, 0, "word").get_fontsize() == 11.0
    assert not ax.spines["top"].get_visible()


def test_settings_are_restored_after_an_error():
    @styled
    def broken():
        raise RuntimeError

    before = dict(mpl.rcParams)
    with pytest.raises(RuntimeError):
        broken()
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"nrows": 0}, "subplots: nrows must be positive, got 0; leave it out"),
        ({"ncols": -1}, "subplots: ncols must be positive, got -1"),
        ({"height": 0.0}, "subplots: height must be positive, got 0.0"),
        ({"width": float("nan")}, "subplots: width must be positive, got nan"),
    ],
)
def test_bad_sizes(arguments, message):
    with pytest.raises(ValueError, match=message):
        subplots(**arguments)
