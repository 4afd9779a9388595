"""Curves show what they are given, in the looks that belong to them."""

import numpy as np
import pytest

from activations import ACTIVATIONS, get_activation
from activations.figures import (
    color_for,
    line_style_for,
    plot_activation,
    plot_functions,
    plot_history,
    plot_lines,
    plot_precision_recall,
    plot_signal,
    subplots,
)
from activations.training import History


@pytest.fixture
def ax():
    return subplots()[1]


def curves(ax):
    """Return the curves that have a name, without the coordinate axes."""
    return [text.line for text in ax.texts]


def names(ax):
    return [text.get_text() for text in ax.texts]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_function_solid_and_derivative_dashed(ax, name):
    assert plot_activation(ax, name) is ax
    activation = get_activation(name)
    function, derivative = curves(ax)
    assert names(ax) == ["f(x)", "f′(x)"]
    assert (function.get_linestyle(), derivative.get_linestyle()) == ("-", "--")
    assert function.get_color() == color_for(name)
    for line, of in ((function, activation.function), (derivative, activation.derivative)):
        x, y = line.get_data()
        np.testing.assert_array_equal(y, of(x))
        assert np.nanmin(x) == -6.0
        assert np.nanmax(x) == 6.0
    assert ax.get_title(loc="left") == activation.label


def test_derivative_can_be_left_out(ax):
    plot_activation(ax, "tanh", derivative=False)
    assert names(ax) == ["f(x)"]


def test_line_is_broken_where_the_derivative_jumps(ax):
    plot_activation(ax, "relu", x=(-1.0, 2.0))
    x, slope = curves(ax)[1].get_data()
    gap = np.flatnonzero(np.isnan(slope))
    assert len(gap) == 1
    assert slope[gap - 1] == 0.0
    assert slope[gap + 1] == 1.0
    # The two sides come as near to the kink as floating point allows.
    assert -1e-300 < x[gap - 1] < 0 < x[gap + 1] < 1e-300


def test_kinks_outside_the_interval_break_nothing(ax):
    plot_activation(ax, "relu", x=(1.0, 2.0))
    assert np.isfinite(curves(ax)[1].get_ydata()).all()


def test_parameters_reach_the_function_and_the_title(ax):
    plot_activation(ax, get_activation("leaky_relu"), negative_slope=0.25)
    assert curves(ax)[0].get_ydata()[0] == -1.5
    assert ax.get_title(loc="left") == "Leaky ReLU, negative_slope = 0.25"


@pytest.mark.parametrize("derivative", [False, True])
def test_several_functions(ax, derivative):
    chosen = ["sigmoid", get_activation("tanh"), "relu"]
    assert plot_functions(ax, chosen, derivative=derivative, x=(-2, 2)) is ax
    assert names(ax) == ["Sigmoid", "Tanh", "ReLU"]
    assert ax.get_ylabel() == ("f′(x)" if derivative else "f(x)")
    for line, name in zip(curves(ax), ("sigmoid", "tanh", "relu"), strict=True):
        activation = get_activation(name)
        x, y = line.get_data()
        np.testing.assert_array_equal(y, (activation.derivative if derivative else activation.function)(x))
        assert line.get_color() == color_for(name)
    assert curves(ax)[0].get_linestyle() == "-"
    assert line_style_for("sigmoid") == "solid"


def test_lines(ax):
    x = np.linspace(1.0, 2.0, 4)
    assert plot_lines(ax, x, {"tanh": x, "mine": x**2}, xlabel="depth", ylabel="norm", log_x=True) is ax
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("depth", "norm")
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "linear")
    assert curves(ax)[0].get_color() == color_for("tanh")
    assert curves(ax)[1].get_color() != color_for("tanh")
    np.testing.assert_array_equal(curves(ax)[1].get_ydata(), x**2)


def test_lines_keep_labels_of_the_axes(ax):
    ax.set_xlabel("before")
    plot_lines(ax, [1.0, 2.0], {"a": [1.0, 2.0]}, log_y=True)
    assert ax.get_xlabel() == "before"
    assert ax.get_yscale() == "log"


def test_single_point_is_marked(ax):
    plot_lines(ax, [1.0], {"a": [2.0]})
    assert curves(ax)[0].get_marker() == "o"


RUN = {"loss": [1.0, 0.5, 0.25], "val_loss": [1.1, 0.7, 0.6], "accuracy": [0.5, 0.8, 0.9]}


@pytest.mark.parametrize("wrap", [dict, History], ids=["dict", "History"])
def test_one_history_with_its_validation(ax, wrap):
    assert plot_history(ax, wrap(RUN)) is ax
    assert names(ax) == ["training", "validation"]
    np.testing.assert_array_equal(curves(ax)[0].get_xdata(), [1, 2, 3])
    np.testing.assert_array_equal(curves(ax)[1].get_ydata(), RUN["val_loss"])
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_yscale()) == ("epoch", "loss", "linear")


@pytest.mark.parametrize("wrap", [dict, History], ids=["dict", "History"])
def test_history_without_validation(ax, wrap):
    plot_history(ax, wrap(RUN), "accuracy", log=True)
    assert names(ax) == ["training"]
    assert ax.get_yscale() == "log"


def test_validation_alone(ax):
    plot_history(ax, RUN, "val_loss")
    np.testing.assert_array_equal(curves(ax)[0].get_ydata(), RUN["val_loss"])
    assert names(ax) == ["validation"]
    assert ax.get_ylabel() == "loss"


@pytest.mark.parametrize("wrap", [dict, History], ids=["dict", "History"])
def test_several_histories(ax, wrap):
    plot_history(ax, {"sigmoid": wrap(RUN), "relu": wrap({"loss": [1.0, 0.1]})})
    assert names(ax) == ["sigmoid", "relu"]
    assert [line.get_color() for line in curves(ax)] == [color_for("sigmoid"), color_for("relu")]
    assert [len(line.get_xdata()) for line in curves(ax)] == [3, 2]


def test_signal_is_the_median_within_the_range(ax):
    rng = np.random.default_rng(0)
    signal = 10 ** rng.normal(size=(7, 5))
    assert plot_signal(ax, {"sigmoid": signal, "other": signal * 2}, xlabel="depth", ylabel="norm") is ax
    np.testing.assert_allclose(curves(ax)[0].get_ydata(), np.median(signal, axis=0))
    band = ax.collections[0].get_paths()[0].vertices
    assert band[:, 1].max() == signal.max()
    assert band[:, 1].min() == signal.min()
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_yscale()) == ("depth", "norm", "log")


def test_precision_and_recall(ax):
    assert plot_precision_recall(ax, [0.1, 0.5, 0.9], [0.6, 0.8, np.nan], [1.0, 0.7, 0.0]) is ax
    assert names(ax) == ["precision", "recall"]
    assert ax.get_xlabel() == "threshold"
    assert [line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 2] == [0.5]


def test_precision_and_recall_without_a_threshold(ax):
    plot_precision_recall(ax, [0.1, 0.5, 0.9], [0.6, 0.8, 1.0], [1.0, 0.7, 0.0], threshold=None)
    assert len(ax.lines) == 2


SIX = {str(i): [1.0, 2.0] for i in range(6)}


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda ax: plot_activation(ax, "rellu"), ValueError, "unknown name 'rellu'; did you mean 'relu'"),
        (
            lambda ax: plot_activation(ax, "relu", x=(1, 1)),
            ValueError,
            r"plot_activation: x must be an interval",
        ),
        (
            lambda ax: plot_activation(ax, "relu", x=(0, np.inf)),
            ValueError,
            r"must be an interval, got \(0, inf\)",
        ),
        (
            lambda ax: plot_functions(ax, []),
            ValueError,
            "plot_functions: names must hold 1 to 5 curves, got 0",
        ),
        (
            lambda ax: plot_functions(ax, list(ACTIVATIONS)),
            ValueError,
            "1 to 5 curves, got 15; draw the others",
        ),
        (
            lambda ax: plot_functions(ax, ["tanh"], x=(3, 2)),
            ValueError,
            "plot_functions: x must be an interval",
        ),
        (
            lambda ax: plot_lines(ax, [1.0, 2.0], SIX),
            ValueError,
            "plot_lines: curves must hold 1 to 5 curves, got 6",
        ),
        (lambda ax: plot_lines(ax, [1.0], {}), ValueError, "plot_lines: curves must not be empty"),
        (lambda ax: plot_lines(ax, [1.0], [[1.0]]), TypeError, "curves must map labels to numbers, got list"),
        (
            lambda ax: plot_lines(ax, [1.0, 2.0], {"a": [1.0]}),
            ValueError,
            r"plot_lines: curves\['a'\] must be as long as x \(2\), got 1; give one for each",
        ),
        (
            lambda ax: plot_lines(ax, ["a"], {"a": [1.0]}),
            TypeError,
            r"plot_lines: x must hold numbers, got \['a'\]",
        ),
        (
            lambda ax: plot_lines(ax, [], {"a": []}),
            ValueError,
            r"x must have 1 dimension and an entry, got shape \(0,\)",
        ),
        (
            lambda ax: plot_history(ax, RUN, "precision"),
            ValueError,
            "every run must have 'precision', got one without",
        ),
        (lambda ax: plot_history(ax, {"a": RUN}, "nope"), ValueError, "every run must have 'nope'"),
        (lambda ax: plot_history(ax, {str(i): {} for i in range(6)}), ValueError, "1 to 5 curves, got 6"),
        (lambda ax: plot_history(ax, {}), ValueError, "histories must hold 1 to 5 curves, got 0"),
        (
            lambda ax: plot_signal(ax, {"a": [1.0]}),
            ValueError,
            r"signals\['a'\] must have 2 dimensions and an entry",
        ),
        (lambda ax: plot_signal(ax, [1.0]), TypeError, "plot_signal: signals must map labels"),
        (
            lambda ax: plot_precision_recall(ax, [0.5], [1.0, 1.0], [1.0]),
            ValueError,
            r"plot_precision_recall: precision must be as long as thresholds \(1\), got 2",
        ),
    ],
)
def test_bad_input(ax, call, error, message):
    with pytest.raises(error, match=message):
        call(ax)
