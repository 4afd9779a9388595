"""Fields and pictures show what they are given."""

import numpy as np
import pytest

from activations.datasets import load_digits
from activations.figures import (
    plot_confusion_matrix,
    plot_decision_boundary,
    plot_digits,
    plot_heatmap,
    subplots,
)

X = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0], [1.0, 2.0]])
Y = np.array([0, 1, 0, 1])


@pytest.fixture
def ax():
    return subplots()[1]


def ticks(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


@pytest.mark.parametrize("level", [0.5, 0.0])
def test_boundary_lies_where_the_score_crosses_the_level(ax, level):
    shift = 0.5 - level
    assert plot_decision_boundary(ax, lambda p: p[:, 0] - shift, X, Y, level=level, resolution=41) is ax
    line = ax.collections[0].get_paths()[0].vertices
    np.testing.assert_allclose(line[:, 0], 0.5, atol=1e-9)
    field = ax.images[0].get_array()
    assert field.shape == (41, 41, 4)
    # Blue on the left, vermilion on the right; fainter towards the boundary.
    assert field[0, 0, 2] > field[0, 0, 0]
    assert field[0, -1, 0] > field[0, -1, 2]
    assert field[0, 20, 3] == pytest.approx(0.0, abs=1e-12)
    assert field[0, 0, 3] == pytest.approx(0.34)


def test_column_of_scores_serves_as_well(ax):
    plot_decision_boundary(ax, lambda p: p[:, :1], X, Y, resolution=11)
    assert len(ax.collections) == 1


def test_largest_of_several_scores_decides(ax):
    centres = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]])

    def scores(points):
        return -((points[:, None] - centres) ** 2).sum(axis=2)

    plot_decision_boundary(ax, scores, X, [0, 1, 2, 1], resolution=31)
    field = ax.images[0].get_array()
    assert len(np.unique(field[..., :3].reshape(-1, 3), axis=0)) == 3
    assert len(ax.collections) == 3


def test_classes_differ_in_marker_and_colour(ax):
    plot_decision_boundary(ax, lambda p: p[:, 0], X, Y, resolution=5)
    points = [line for line in ax.lines if line.get_marker() not in {"", "None", None}]
    assert len({line.get_marker() for line in points}) == len({line.get_color() for line in points}) == 2
    assert sum(len(line.get_xdata()) for line in points) == 4


def test_constant_prediction_has_no_boundary(ax):
    plot_decision_boundary(ax, lambda p: np.full(len(p), 0.5), X, Y, resolution=5)
    assert not ax.collections
    assert not ax.images[0].get_array()[..., 3].any()


def test_points_on_a_line_have_room(ax):
    plot_decision_boundary(ax, lambda p: p[:, 1], np.zeros((3, 2)), [0, 1, 0], resolution=5)
    assert ax.get_xlim()[0] < 0 < ax.get_xlim()[1]


def test_confusion_matrix(ax):
    matrix = np.array([[50, 3, 0], [1, 40, 0], [0, 0, 0]])
    assert plot_confusion_matrix(ax, matrix, ["a", "b", "c"]) is ax
    assert [text.get_text() for text in ax.texts] == [str(n) for n in matrix.ravel()]
    tint = ax.images[0].get_array()[..., 3]
    assert tint.max() <= 0.5 + 1e-12
    assert (tint[matrix == 0] == 0).all()
    assert tint[0, 0] > tint[0, 1] > 0.1
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted", "true")
    assert ticks(ax.xaxis) == ticks(ax.yaxis) == ["a", "b", "c"]


def test_heatmap_with_numbers(ax):
    matrix = np.array([[0.0, 1.0], [-0.5, np.nan]])
    assert plot_heatmap(ax, matrix, row_labels=["r", "s"], number_format=".1f") is ax
    assert [text.get_text() for text in ax.texts] == ["0.0", "1.0", "−0.5"]
    assert ticks(ax.yaxis) == ["r", "s"]
    assert ticks(ax.xaxis) == ["0", "1"]
    assert not ax.child_axes


def test_heatmap_with_a_scale(ax):
    plot_heatmap(ax, np.arange(60.0).reshape(2, 30), annotate=False, low=-10.0, high=100.0, label="weight")
    assert not ax.texts
    (scale,) = ax.child_axes
    assert scale.get_ylabel() == "weight"
    assert scale.get_ylim() == (-10.0, 100.0)
    assert ax.images[0].get_clim() == (-10.0, 100.0)
    # Thirty columns are not all numbered.
    assert len(ax.xaxis.get_ticklocs()) < 12


def test_scale_of_a_constant(ax):
    plot_heatmap(ax, np.ones((2, 2)), annotate=False)
    low, high = ax.child_axes[0].get_ylim()
    assert low < 1.0 < high


def test_digits_fill_the_axes_in_order():
    _, axes = subplots(2, 3, height=1.3)
    images = load_digits().images[:5]
    assert plot_digits(axes, images, titles=[0, 1, 2, 3, 4]) is axes
    for ax, image, title in zip(axes.ravel(), images, "01234", strict=False):
        np.testing.assert_array_equal(ax.images[0].get_array(), image)
        assert ax.images[0].get_clim() == (0.0, images.max())
        assert ax.get_title(loc="left") == title
    assert not axes[1, 2].get_visible()


def test_one_blank_digit_in_one_axes(ax):
    plot_digits(ax, np.zeros((1, 8, 8)))
    assert ax.images[0].get_clim() == (0.0, 1.0)
    plot_digits(ax, np.ones((1, 8, 8)), high=16.0)
    assert ax.images[1].get_clim() == (0.0, 16.0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda ax: plot_decision_boundary(ax, lambda p: p[:, 0], np.zeros((3, 3)), [0, 1, 1]),
            ValueError,
            r"plot_decision_boundary: X must have shape \(n_samples, 2\), got \(3, 3\); choose two features",
        ),
        (
            lambda ax: plot_decision_boundary(ax, lambda p: p[:, 0], X, [0, 1]),
            ValueError,
            r"plot_decision_boundary: y must be as long as X \(4\), got 2",
        ),
        (
            lambda ax: plot_confusion_matrix(ax, [[1, 2, 3]], ["a"]),
            ValueError,
            r"plot_confusion_matrix: matrix must be square, got shape \(1, 3\); make it",
        ),
        (
            lambda ax: plot_confusion_matrix(ax, [[1, 2], [3, 4]], ["a"]),
            ValueError,
            r"plot_confusion_matrix: labels must be as long as matrix \(2\), got 1",
        ),
        (
            lambda ax: plot_heatmap(ax, [1.0, 2.0]),
            ValueError,
            r"matrix must have 2 dimensions .*got shape \(2,\)",
        ),
        (
            lambda ax: plot_heatmap(ax, [[1.0]], row_labels=["a", "b"]),
            ValueError,
            r"plot_heatmap: row_labels must be as long as the rows \(1\), got 2",
        ),
        (
            lambda ax: plot_heatmap(ax, [[1.0]], column_labels=[]),
            ValueError,
            "column_labels must be as long as",
        ),
        (
            lambda ax: plot_digits(ax, np.zeros((2, 8, 8))),
            ValueError,
            "plot_digits: there must be an axes for each picture, got 1 for 2; make more",
        ),
        (
            lambda ax: plot_digits(ax, np.zeros((1, 8, 8)), titles=["a", "b"]),
            ValueError,
            r"plot_digits: titles must be as long as images \(1\), got 2",
        ),
        (lambda ax: plot_digits(ax, np.zeros((8, 8))), ValueError, "images must have 3 dimensions"),
        (lambda ax: plot_digits(ax, [[["a"]]]), TypeError, "plot_digits: images must hold numbers"),
    ],
)
def test_bad_input(ax, call, error, message):
    with pytest.raises(error, match=message):
        call(ax)
