"""Histograms, bars and dots show what they are given."""

import numpy as np
import pytest

from activations.figures import color_for, plot_bars, plot_histograms, plot_spread, subplots


@pytest.fixture
def ax():
    return subplots()[1]


def rows(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def test_histograms_share_their_bins_and_fill_their_rows(ax):
    arrays = {
        "sigmoid": np.array([0.0, 0.1, 0.1, 0.2]),
        "other": np.array([[0.9], [1.0], [np.nan], [np.inf]]),
    }
    assert plot_histograms(ax, arrays, bins=5, xlabel="activation") is ax
    assert rows(ax) == ["sigmoid", "other"]
    assert ax.get_xlabel() == "activation"
    assert ax.get_xlim() == (0.0, 1.0)
    outlines = [patch for patch in ax.patches if not patch.get_fill()]
    assert len(outlines) == 2
    for row, (outline, counts) in enumerate(zip(outlines, ([3, 1, 0, 0, 0], [0, 0, 0, 0, 2]), strict=True)):
        heights, edges, base = outline.get_data()
        np.testing.assert_allclose(edges, np.linspace(0, 1, 6))
        np.testing.assert_allclose(row - heights, 0.82 * np.array(counts) / max(counts))
        assert base == row
    assert outlines[0].get_edgecolor()[:3] == pytest.approx(
        [int(color_for("sigmoid")[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    )


def test_many_histograms_have_one_colour(ax):
    plot_histograms(ax, {f"layer {i}": [0.0, float(i)] for i in range(8)}, low=-1.0, high=2.0)
    assert len({patch.get_edgecolor() for patch in ax.patches if not patch.get_fill()}) == 1
    assert ax.get_xlim() == (-1.0, 2.0)


def test_histogram_of_a_constant_and_of_what_lies_outside(ax):
    plot_histograms(ax, {"a": [3.0, 3.0]})
    assert ax.get_xlim() == (2.5, 3.5)
    plot_histograms(ax, {"a": [3.0]}, low=5.0, high=6.0)
    assert ax.get_xlim() == (5.0, 6.0)


def test_bars_with_numbers(ax):
    assert plot_bars(ax, ["relu", "b", "c"], [1.0, -0.5, 1e-7], xlabel="ratio") is ax
    assert [text.get_text() for text in ax.texts] == ["1", "−0.5", "1×10⁻⁷"]
    assert [text.get_ha() for text in ax.texts] == ["left", "right", "left"]
    assert [patch.get_width() for patch in ax.patches] == [1.0, -0.5, 1e-7]
    assert rows(ax) == ["relu", "b", "c"]
    assert ax.get_xlabel() == "ratio"
    assert ax.patches[0].get_facecolor()[:3] == pytest.approx(
        [int(color_for("relu")[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    )
    assert ax.patches[1].get_facecolor() == ax.patches[2].get_facecolor()


def test_numbers_stand_beyond_the_range(ax):
    plot_bars(ax, ["a", "b"], [1.0, -1.0], low=[0.5, -3.0], high=[2.0, -0.5])
    assert [text.xy[0] for text in ax.texts] == [2.0, -3.0]


def test_bars_on_a_logarithmic_scale(ax):
    plot_bars(ax, ["a", "b"], [1e-6, 1.0], log=True, number_format=".1g")
    assert ax.get_xscale() == "log"
    assert [text.get_text() for text in ax.texts] == ["1×10⁻⁶", "1"]


def test_spread_draws_every_seed_and_the_median(ax):
    seeds = np.array([3.0, 1.0, 2.0, 10.0])
    assert plot_spread(ax, {"tanh": seeds, "b": [5.0]}, xlabel="epochs") is ax
    dots = ax.lines[0]
    np.testing.assert_array_equal(dots.get_xdata(), seeds)
    assert np.abs(dots.get_ydata()).max() < 0.2
    assert len(set(np.round(dots.get_ydata(), 6))) == 4
    assert dots.get_color() == color_for("tanh")
    assert [text.get_text() for text in ax.texts] == ["2.5", "5", "median"]
    assert rows(ax) == ["tanh", "b"]
    assert ax.get_xlabel() == "epochs"


def test_spread_counts_what_it_cannot_draw(ax):
    plot_spread(ax, {"a": [1.0, np.nan, np.inf, 3.0], "b": [np.nan]}, log=True)
    assert rows(ax) == ["a\n(2 of 4 diverged)", "b\n(1 of 1 diverged)"]
    assert [text.get_text() for text in ax.texts] == ["2", "median"]
    assert ax.get_xscale() == "log"


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda ax: plot_histograms(ax, {}), ValueError, "plot_histograms: arrays must not be empty"),
        (lambda ax: plot_histograms(ax, [1.0]), TypeError, "arrays must map labels to numbers, got list"),
        (lambda ax: plot_histograms(ax, {"a": [1.0]}, bins=0), ValueError, "bins must be at least 1, got 0"),
        (
            lambda ax: plot_histograms(ax, {"a": [np.nan]}),
            ValueError,
            r"plot_histograms: arrays\['a'\] must hold a finite number, got none; leave it out",
        ),
        (lambda ax: plot_histograms(ax, {"a": ["b"]}), TypeError, r"arrays\['a'\] must hold numbers"),
        (
            lambda ax: plot_bars(ax, ["a"], [1.0, 2.0]),
            ValueError,
            r"plot_bars: labels must be as long as values \(2\)",
        ),
        (
            lambda ax: plot_bars(ax, ["a"], [1.0], low=[0.5]),
            ValueError,
            "plot_bars: low and high must come together",
        ),
        (
            lambda ax: plot_bars(ax, ["a"], [1.0], low=[0.5], high=[2, 3]),
            ValueError,
            "high must be as long as values",
        ),
        (
            lambda ax: plot_bars(ax, ["a"], [0.0], log=True),
            ValueError,
            "values must be positive for log, got 0; use",
        ),
        (lambda ax: plot_spread(ax, {}), ValueError, "plot_spread: by_label must not be empty"),
        (
            lambda ax: plot_spread(ax, {"a": []}),
            ValueError,
            r"by_label\['a'\] must have 1 dimension and an entry",
        ),
        (
            lambda ax: plot_spread(ax, {"a": [1.0, -2.0]}, log=True),
            ValueError,
            r"plot_spread: by_label\['a'\] must be positive for log, got -2; use log=False",
        ),
    ],
)
def test_bad_input(ax, call, error, message):
    with pytest.raises(error, match=message):
        call(ax)
