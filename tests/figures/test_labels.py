"""Direct labels stand by their curves and never on one another."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activations.figures import plot_functions, plot_lines, subplots
from activations.figures._labels import arrange_labels, label_end, spread

positions = st.lists(st.floats(-50, 150, allow_nan=False), min_size=1, max_size=8)


@given(wanted=positions, separation=st.floats(0.5, 30))
def test_spread_separates_within_bounds_and_keeps_the_order(wanted, separation):
    final = spread(wanted, separation, 0.0, 100.0)
    order = np.argsort(wanted, kind="stable")
    least = min(separation, 100.0 / max(1, len(wanted) - 1))
    # Rounding of numbers up to 150.
    assert (np.diff(final[order]) >= least - 1e-9).all()
    assert final.min() >= -1e-9
    assert final.max() <= 100.0 + 1e-9


@given(wanted=positions)
def test_spread_leaves_alone_what_is_apart(wanted):
    apart = np.arange(len(wanted)) * 10.0 + 5.0
    np.testing.assert_allclose(spread(apart, 10.0, 0.0, 100.0), apart, atol=1e-12)


def test_spread_moves_as_little_as_possible():
    rng = np.random.default_rng(0)
    wanted = np.array([20.0, 21.0, 24.0, 60.0])
    best = ((spread(wanted, 8.0, -1e3, 1e3) - wanted) ** 2).sum()
    for _ in range(2000):
        # Other allowed positions: any start, steps of at least 8.
        other = rng.uniform(5, 25) + np.concatenate([[0.0], np.cumsum(8.0 + rng.exponential(6.0, 3))])
        assert ((other - wanted) ** 2).sum() >= best
    np.testing.assert_allclose(spread([20.0, 20.0], 8.0, 0.0, 100.0), [16.0, 24.0])


def test_spread_of_nothing():
    assert spread([], 5.0, 0.0, 10.0).size == 0


def overlaps(fig, ax):
    fig.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts]
    return [pair for pair in combinations(boxes, 2) if pair[0].overlaps(pair[1])]


@pytest.mark.parametrize("log", [False, True])
def test_crowded_labels_do_not_overlap(log):
    fig, ax = subplots()
    x = np.linspace(0.1, 1.0, 20)
    plot_lines(ax, x, {f"curve {i}": x + 0.001 * i for i in range(5)}, log_y=log)
    arrange_labels(fig)
    assert overlaps(fig, ax) == []
    assert all(text.arrow_patch.get_visible() for text in ax.texts)


def test_labels_far_apart_have_no_leader():
    fig, ax = subplots()
    plot_functions(ax, ["identity", "tanh"])
    arrange_labels(fig)
    assert not any(text.arrow_patch.get_visible() for text in ax.texts)


def test_labels_follow_limits_set_later():
    fig, ax = subplots()
    x = np.linspace(0.0, 10.0, 11)
    plot_lines(ax, x, {"line": 2.0 * x})
    ax.set_xlim(0.0, 4.5)
    arrange_labels(fig)
    assert ax.texts[0].xy == pytest.approx((4.5, 9.0))
    ax.set_ylim(0.0, 5.0)
    arrange_labels(fig)
    assert ax.texts[0].xy == pytest.approx((4.5, 5.0))


def test_label_of_a_run_that_broke_off_stands_at_its_last_number():
    fig, ax = subplots()
    plot_lines(
        ax, [1.0, 2.0, 3.0, 4.0], {"whole": [4.0, 3.0, 2.0, 1.0], "broken": [4.0, 8.0, np.nan, np.nan]}
    )
    arrange_labels(fig)
    assert ax.texts[1].xy == pytest.approx((2.0, 8.0))


def test_label_of_nothing_and_of_what_lies_outside():
    fig, ax = subplots()
    nothing = ax.plot([0.0, 1.0], [np.nan, np.nan])[0]
    outside = ax.plot([5.0, 6.0], [1.0, 2.0])[0]
    ax.set_xlim(0.0, 1.0)
    ax.set_ylim(0.0, 1.0)
    labels = [label_end(ax, line, "name") for line in (nothing, outside)]
    arrange_labels(fig)
    assert labels[0].xy == (1.0, 0.0)
    assert labels[1].xy == (1.0, 1.0)


def test_name_of_a_curve_stands_outside_the_frame():
    fig, ax = subplots()
    plot_functions(ax, ["sigmoid", "tanh"])
    arrange_labels(fig)
    fig.draw_without_rendering()
    frame = ax.get_window_extent()
    assert all(text.get_window_extent().x0 > frame.x1 for text in ax.texts)


def test_other_texts_stay_where_they_are():
    fig, ax = subplots()
    note = ax.annotate("here", (0.5, 0.5), xytext=(3.0, 4.0), textcoords="offset points")
    plot_lines(ax, [0.0, 1.0], {"a": [0.0, 1.0]})
    arrange_labels(fig)
    assert note.get_position() == (3.0, 4.0)
