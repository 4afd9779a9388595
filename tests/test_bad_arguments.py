"""Whatever a public function is given by mistake, its answer names function, rule, value and remedy.

Each argument in turn is replaced by nothing, a text, a number and a list of nothing. What the function takes
is no mistake; what it refuses must not be refused by the words of Python, NumPy or matplotlib.
"""

from __future__ import annotations

import importlib
import inspect
import re
import warnings
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

import activations.datasets as d
import activations.explorers as e
import activations.figures as f
import activations.training as t

BAD: tuple[Any, ...] = (None, "text", 5, [None])
EXPLAINED = re.compile(r"['\"]?[A-Za-z_][\w.]*: .+; .+", re.DOTALL)
X, Y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])
SEEDS = [0, 1]


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def network() -> t.MLP:
    return t.MLP([2, 4, 1], "tanh", rng=rng())


def axes() -> Any:
    return f.subplots()[1]


def experiments(module: str) -> Any:
    return importlib.import_module(f"activations.experiments.{module}")


def networks() -> Any:
    return experiments("side_by_side").Networks([2, 3, 1], "tanh", rngs=[rng(), rng()])


def history() -> t.History:
    return t.History({"loss": [0.7, 0.4]})


# A valid call of each: the function, and its arguments, made anew for each call where they can be changed.
Call = tuple[Callable[..., Any], Callable[[], dict[str, Any]]]
CALLS: dict[str, Call] = {
    "MLP": (
        t.MLP,
        lambda: {
            "layer_sizes": [2, 4, 1],
            "activation": "leaky_relu",
            "output_activation": "identity",
            "activation_parameters": {"negative_slope": 0.1},
            "initializer": None,
            "parameters": None,
            "rng": rng(),
            "dtype": np.float64,
        },
    ),
    "MLP.forward": (network().forward, lambda: {"X": X}),
    "MLP.backward": (
        network().backward,
        lambda: {
            "forward": network().forward(X),
            "output_gradient": np.ones((4, 1)),
        },
    ),
    "MLP.predict": (network().predict, lambda: {"X": X}),
    "MLP.copy": (network().copy, lambda: {"dtype": np.float32}),
    "fit": (
        t.fit,
        lambda: {
            "network": network(),
            "X": X,
            "y": Y,
            "loss": "binary_cross_entropy",
            "optimizer": "sgd",
            "epochs": 1,
            "batch_size": 2,
            "validation_data": (X, Y),
            "metrics": ["accuracy"],
            "shuffle": True,
            "rng": rng(),
            "on_epoch_end": (),
            "progress": None,
        },
    ),
    "History": (t.History, lambda: {"records": {"loss": [1.0, 2.0]}}),
    "History[]": (history().__getitem__, lambda: {"name": "loss"}),
    "SGD": (t.SGD, lambda: {"learning_rate": 0.1, "momentum": 0.5}),
    "Adam": (t.Adam, lambda: {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.5, "epsilon": 1e-8}),
    "SGD.update": (t.SGD().update, lambda: {"parameters": [np.ones(2)], "gradients": [np.ones(2)]}),
    "Adam.update": (t.Adam().update, lambda: {"parameters": [np.ones(2)], "gradients": [np.ones(2)]}),
    "get_loss": (t.get_loss, lambda: {"name": "mean_squared_error"}),
    "get_optimizer": (t.get_optimizer, lambda: {"name": "sgd"}),
    "get_initializer": (t.get_initializer, lambda: {"name": "he_normal"}),
    "layer_statistics": (t.layer_statistics, lambda: {"network": network(), "X": X, "threshold": 0.05}),
    "dead_units": (t.dead_units, lambda: {"network": network(), "X": X}),
    "numerical_gradient": (
        t.numerical_gradient,
        lambda: {
            "f": lambda v: float(v.sum()),
            "x": [1.0, 2.0],
            "eps": 1e-5,
        },
    ),
    "accuracy": (t.accuracy, lambda: {"y_true": [0, 1], "y_pred": [0.1, 0.9], "threshold": 0.5}),
    "confusion_matrix": (t.confusion_matrix, lambda: {"y_true": [0, 1], "y_pred": [0, 1], "n_classes": 2}),
    "precision_recall": (t.precision_recall, lambda: {"y_true": [0, 1], "y_pred": [0, 1]}),
    "precision_recall_curve": (
        t.precision_recall_curve,
        lambda: {
            "y_true": [0, 1],
            "scores": [0.1, 0.9],
            "thresholds": [0.5],
        },
    ),
    "roc_curve": (t.roc_curve, lambda: {"y_true": [0, 1], "scores": [0.1, 0.9]}),
    **{
        name: (
            getattr(t, name),
            lambda: {
                "network": network(),
                "X": X,
                "y": Y,
                "loss": "binary_cross_entropy",
            },
        )
        for name in ("backprop_signal", "weight_gradient_norms", "check_gradients")
    },
    **{
        name: (draw, lambda: {"fan_in": 2, "fan_out": 3, "rng": rng()})
        for name, draw in t.INITIALIZERS.items()
    },
    **{
        name: (
            loss,
            lambda loss=loss: dict(
                zip(
                    inspect.signature(loss).parameters,
                    ([[0.1, 0.2], [0.3, 0.1]], [[0, 1], [1, 0]]),
                    strict=True,
                )
            ),
        )
        for entry in t.LOSSES.values()
        for name, loss in ((entry.name, entry.value), (f"{entry.name}_gradient", entry.gradient))
    },
    "xor": (d.xor, lambda: {"n_samples": 8, "noise": 0.1, "rng": rng()}),
    "moons": (d.moons, lambda: {"n_samples": 10, "noise": 0.1, "rng": rng()}),
    "blobs": (d.blobs, lambda: {"n_samples": 10, "centers": 3, "spread": 0.1, "rng": rng()}),
    "spirals": (
        d.spirals,
        lambda: {
            "n_samples": 10,
            "n_classes": 2,
            "turns": 1.0,
            "noise": 0.1,
            "rng": rng(),
        },
    ),
    "train_test_split": (
        d.train_test_split,
        lambda: {
            "X": X,
            "y": Y,
            "test_fraction": 0.5,
            "rng": rng(),
            "stratify": True,
        },
    ),
    "Standardizer.fit": (d.Standardizer.fit, lambda: {"X": X}),
    "Standardizer.transform": (d.Standardizer.fit(X).transform, lambda: {"X": X}),
    "MinMaxScaler.fit": (d.MinMaxScaler.fit, lambda: {"X": X, "low": 0.0, "high": 1.0}),
    "MinMaxScaler.inverse_transform": (d.MinMaxScaler.fit(X).inverse_transform, lambda: {"X": X}),
    "one_hot": (d.one_hot, lambda: {"labels": [0, 1], "n_classes": 2}),
    "Recorder": (e.Recorder, lambda: {"network": network(), "X": X, "y": Y, "every": 1, "label": "a"}),
    "record_training": (
        e.record_training,
        lambda: {
            "X": X,
            "y": Y,
            "activations": ["relu"],
            "hidden": (3,),
            "epochs": 2,
            "learning_rate": 0.1,
            "batch_size": 2,
            "initializer": None,
            "seed": 0,
        },
    ),
    "training_replay": (
        lambda run: e.training_replay(run),
        lambda: {
            "run": e.record_training(X, Y, ["relu"], epochs=2)[0],
        },
    ),
    "softmax_explorer": (e.softmax_explorer, lambda: {"logits": [1, 2], "labels": ["a", "b"]}),
    "threshold_explorer": (
        e.threshold_explorer,
        lambda: {
            "y_true": [0, 1],
            "scores": [0.1, 0.9],
            "threshold": 0.5,
            "labels": ("a", "b"),
        },
    ),
    "derivative_explorer": (
        lambda name, x: e.derivative_explorer(name, x=x),
        lambda: {"name": "tanh", "x": 1.0},
    ),
    "comparison_explorer": (
        lambda name, x: e.comparison_explorer(name, x=x),
        lambda: {"name": "tanh", "x": 1.0},
    ),
    "depth_explorer": (lambda name: e.depth_explorer(name), lambda: {"name": "tanh"}),
    "linear_collapse_explorer": (
        e.linear_collapse_explorer,
        lambda: {
            "layers": 2,
            "activation": "relu",
            "preset": "Random 1",
        },
    ),
    "subplots": (f.subplots, lambda: {"nrows": 1, "ncols": 1, "height": 2.0, "width": 3.0}),
    "plot_activation": (
        f.plot_activation,
        lambda: {
            "ax": axes(),
            "name": "leaky_relu",
            "derivative": True,
            "x": (-6.0, 6.0),
            "negative_slope": 0.1,
        },
    ),
    "plot_functions": (
        f.plot_functions,
        lambda: {
            "ax": axes(),
            "names": ["tanh"],
            "derivative": True,
            "x": (-6.0, 6.0),
        },
    ),
    "plot_lines": (f.plot_lines, lambda: {"ax": axes(), "x": [1, 2], "curves": {"a": [1, 2]}}),
    "plot_history": (f.plot_history, lambda: {"ax": axes(), "histories": {"a": history()}, "key": "loss"}),
    "plot_signal": (f.plot_signal, lambda: {"ax": axes(), "signals": {"a": [[1.0, 2.0]]}}),
    "plot_precision_recall": (
        f.plot_precision_recall,
        lambda: {
            "ax": axes(),
            "thresholds": [0.1, 0.2],
            "precision": [0.1, 0.2],
            "recall": [0.1, 0.2],
            "threshold": 0.5,
        },
    ),
    "plot_histograms": (
        f.plot_histograms,
        lambda: {
            "ax": axes(),
            "arrays": {"a": [1.0, 2.0, 3.0]},
            "bins": 4,
            "low": 0.0,
            "high": 4.0,
        },
    ),
    "plot_bars": (
        f.plot_bars,
        lambda: {
            "ax": axes(),
            "labels": ["a", "b"],
            "values": [1, 2],
            "low": [0, 1],
            "high": [2, 3],
            "number_format": ".3g",
        },
    ),
    "plot_spread": (
        f.plot_spread,
        lambda: {
            "ax": axes(),
            "by_label": {"a": [1.0, 2.0]},
            "number_format": ".3g",
        },
    ),
    "plot_decision_boundary": (
        f.plot_decision_boundary,
        lambda: {
            "ax": axes(),
            "predict": network().predict,
            "X": X,
            "y": Y,
            "level": 0.5,
            "resolution": 10,
        },
    ),
    "plot_confusion_matrix": (
        f.plot_confusion_matrix,
        lambda: {
            "ax": axes(),
            "matrix": [[1, 0], [0, 1]],
            "labels": ["a", "b"],
        },
    ),
    "plot_heatmap": (
        f.plot_heatmap,
        lambda: {
            "ax": axes(),
            "matrix": [[1, 0], [0, 1]],
            "row_labels": ["a", "b"],
            "column_labels": ["a", "b"],
            "number_format": ".2f",
            "low": 0.0,
            "high": 6.0,
        },
    ),
    "plot_digits": (
        f.plot_digits,
        lambda: {
            "axes": f.subplots(1, 2)[1],
            "images": np.zeros((2, 8, 8)),
            "titles": ["a", "b"],
            "high": 16.0,
        },
    ),
    "Table": (f.Table, lambda: {"columns": {"a": [1, 2]}, "caption": "", "digits": 3}),
    "color_for": (f.color_for, lambda: {"name": "tanh"}),
    "line_style_for": (f.line_style_for, lambda: {"name": "tanh"}),
}


def measure(
    module: str, function: str, /, make: Callable[[], dict[str, Any]] = dict, **arguments: Any
) -> None:
    """Enter a valid call of an experiment, as small as it can be."""
    CALLS[f"{module}.{function}"] = getattr(experiments(module), function), lambda: arguments | make()


measure("born_dead", "born_dead_bounds", width=3, depth=3)
measure(
    "born_dead",
    "measure_living_points",
    widths=[3, 3],
    n_inputs=1,
    n_points=4,
    networks=3,
    flip=False,
    seed=0,
)
measure("born_dead", "draw_asymmetric", lambda: {"rng": rng()}, layer_sizes=[2, 3, 1])
measure(
    "born_dead",
    "learn_absolute_value",
    activation="relu",
    asymmetric=False,
    width=2,
    hidden_layers=2,
    optimizer=None,
    epochs=1,
    seeds=SEEDS,
)
measure("centring", "scaled_sigmoid", height=2.0, steepness=1.0, offset=0.0, label="a")
measure("centring", "fresh_network", activation="tanh", task="digits", absorbed=0.0, seed=0)
measure(
    "centring",
    "descend",
    activation="tanh",
    learning_rate=0.1,
    task="digits",
    absorbed=0.0,
    optimizer=t.SGD,
    max_steps=1,
    seeds=[0],
)
measure(
    "centring",
    "scan_descents",
    activation="tanh",
    learning_rates=[0.1],
    task="digits",
    absorbed=0.0,
    max_steps=1,
    seeds=[0],
)
measure(
    "centring",
    "largest_curvature",
    lambda: {"rng": rng(), "network": network()},
    X=X,
    y=Y,
    loss="binary_cross_entropy",
    iterations=2,
)
measure("centring", "sharpness_at_start", activation="tanh", task="digits", absorbed=0.0, seeds=[0])
measure("centring", "single_sign_share", activation="tanh", batch_sizes=[2], task="digits", seeds=[0])
measure("centring", "walk_two_weights", low=0.0, high=1.0, learning_rate=0.1, steps=2, seeds=SEEDS)
measure(
    "centring", "train_on_shifted_inputs", shift=0.0, learning_rate=0.1, task="digits", steps=1, seeds=[0]
)
measure("classifiers", "train_digits", output="softmax", activation="relu", epochs=1, seed=0)
measure("classifiers", "sweep_temperature", temperatures=[1.0], epochs=1, seeds=[0])
measure("cost", "measure_cost", names=["relu"], size=10, repeats=1, derivative=False)
measure("cost", "compare", first=np.exp, second=np.sin, sizes=[4], repeats=1)
measure(
    "depth",
    "measure_backprop_signal",
    activation="tanh",
    initializer="he_normal",
    depth=2,
    width=4,
    n_samples=4,
    seeds=SEEDS,
)
measure("dying", "two_moons", n_samples=20)
measure(
    "dying",
    "measure_dying",
    activation="relu",
    bias=0.0,
    optimizer=None,
    activation_parameters=None,
    width=4,
    steps=2,
    seeds=SEEDS,
)
measure("dying", "one_input_death_probability", width=2, depth=2)
measure("dying", "measure_born_dead", width=2, depth=2, networks=3, seed=0)
measure("folding", "triangle_network", layers=2, activation="relu", steepness=1.0)
measure("folding", "random_network", lambda: {"rng": rng()}, layers=2, width=3)
measure(
    "folding",
    "count_pieces",
    lambda: {"network": experiments("folding").triangle_network(2)},
    low=0.0,
    high=1.0,
    cells=64,
)
measure("frameworks", "mileage_data", lambda: {"rng": rng()})
measure(
    "gating",
    "measure_contender",
    contender="GLU",
    target="products",
    learning_rate=0.1,
    epochs=1,
    n_samples=8,
    seeds=SEEDS,
)
measure("gating", "best_contender_rate", contender="GLU", target="products", learning_rates=[0.1], seeds=[0])
measure("handwriting", "split_digits", lambda: {"rng": rng()})
measure("handwriting", "with_shifted_copies", X=np.zeros((2, 64)))
measure(
    "handwriting",
    "measure_digits",
    activation="relu",
    hidden=4,
    gated=False,
    shifted=False,
    epochs=1,
    learning_rate=0.1,
    seeds=[0],
)
measure(
    "layerwise",
    "watch_layers",
    activation="tanh",
    initializer="he_normal",
    learning_rate=0.1,
    hidden_layers=1,
    width=3,
    epochs=1,
    n_samples=10,
    batch_size=5,
    seeds=SEEDS,
)
measure("linear", "line_labelings", points=[[0.0, 0], [1, 1], [0, 1]])
measure("linear", "best_line", X=X, y=Y)
measure("linear", "collapse", weights=[np.eye(2)], biases=[np.zeros(2)])
measure("linear", "relu_interpolant", knots=[0.0, 1.0], values=[0.0, 1.0])
measure("linear", "train_on_xor", activation="tanh", n_units=2, epochs=1, learning_rate=0.1, seeds=SEEDS)
measure("linear", "train_on_curve", n_units=2, epochs=1, learning_rate=0.1, seeds=SEEDS)
measure(
    "linear",
    "regress_auto_mpg",
    hidden="relu",
    output="identity",
    target="standardized",
    n_units=2,
    epochs=1,
    learning_rate=0.01,
    ceiling=None,
    seeds=[0],
)
measure("moments", "normal_moments", f=np.tanh, mean=0.0, variance=1.0)
measure(
    "moments",
    "moment_map",
    activation="tanh",
    moments=experiments("moments").Moments(0.0, 1.0),
    weight_sum=0.0,
    weight_squares=1.0,
)
measure(
    "moments",
    "moment_jacobian",
    activation="tanh",
    moments=experiments("moments").Moments(0.0, 1.0),
    weight_sum=0.0,
    weight_squares=1.0,
)
measure(
    "moments",
    "measure_moments",
    activation="tanh",
    initializer="he_normal",
    depth=2,
    mean=0.0,
    std=1.0,
    width=3,
    n_samples=3,
    seeds=SEEDS,
)
measure("precision", "exact_logsumexp", z=[1.0, 2.0])
measure("precision", "ulp_errors", computed=[1.0], exact=[Decimal(1)])
measure("precision", "worst_error", formula=np.exp, name="sigmoid", x=[1.0])
measure("propagation", "predict_signal", activation="tanh", gain=1.0, depth=2)
measure("propagation", "orthogonal", lambda: {"rng": rng()}, fan_in=2, fan_out=3)
measure("propagation", "product_singular_values", initializer="he_normal", layers=2, width=3, seeds=SEEDS)
measure("saturation", "first_where", condition=lambda x: x > 3, dtype=np.float64, low=0.0, high=10.0)
measure("scaling", "split_cars", lambda: {"rng": rng()}, scaling="[−1, 1]")
measure(
    "scaling",
    "ablate",
    scaling="[−1, 1]",
    initializer="he_normal",
    learning_rate=0.1,
    activation="tanh",
    epochs=1,
    seeds=[0],
)
measure(
    "scaling",
    "jacobian_singular_values",
    initializer="he_normal",
    depth=2,
    width=3,
    with_slopes=True,
    seeds=SEEDS,
)
measure(
    "sparsity",
    "measure_overfitting",
    activation="relu",
    weight_decay=0.0,
    random_labels=False,
    n_train=20,
    width=4,
    epochs=1,
    seeds=[0],
)
measure("speed", "epochs_to_target", activation="tanh", learning_rate=1.0, task="digits", seeds=[0])
measure("speed", "scan_learning_rates", activation="tanh", learning_rates=[1.0], task="digits", seeds=[0])
measure("speed", "best_learning_rate", learning_rates=[1.0, 2.0], epochs=np.ones((2, 3)))
measure("stalling", "with_gain", initializer="he_normal", gain=1.0)
measure(
    "stalling",
    "measure_stalling",
    activation="tanh",
    depth=2,
    gain=1.0,
    optimizer=None,
    width=3,
    n_samples=4,
    steps=1,
    seeds=SEEDS,
)
measure(
    "stalling",
    "measure_bad_start",
    loss="mean_squared_error",
    learning_rate=0.1,
    std=1.0,
    steps=1,
    seeds=SEEDS,
)
measure("summary", "median_range", values=[1.0, 2.0], digits=2)
measure("summary", "significant", number=1.0, digits=2)
measure("thresholds", "sweep_thresholds", y_true=[0, 1], scores=[0.1, 0.9], thresholds=[0.5])
measure("thresholds", "break_even_threshold", missed=1.0, false_alarm=1.0)
measure("thresholds", "reliability", y_true=[0, 1], probabilities=[0.1, 0.9], edges=[0, 0.5, 1])
measure("thresholds", "measure_splits", epochs=1, learning_rate=1.0, seeds=[0])
measure(
    "unit_lives",
    "watch_units",
    optimizer=t.SGD(0.1),
    activation="relu",
    hidden=(4,),
    bias=0.0,
    steps=2,
    seeds=SEEDS,
)
measure("unit_lives", "silent_at_bias", bias=0.0, directions=36)
measure(
    "very_deep",
    "train_very_deep",
    initializer="he_normal",
    learning_rate=0.1,
    depth=2,
    width=3,
    epochs=1,
    seeds=[0],
)

measure("nonnegative", "predict_concavity", output="relu", n_units=2, epochs=1, seeds=[0])
measure("speed", "race", activation="tanh", learning_rate=1.0, task="digits", seeds=[0])
measure("summary", "binomial_interval", hits=1, trials=2)
measure("summary", "share_interval", happened=[True, False], decimals=2)
measure("summary", "bootstrap_interval", values=[1.0, 2.0], statistic=np.median, resamples=10, seed=0)
measure("summary", "statistic_interval", values=[1.0, 2.0], statistic=np.median, decimals=2)
measure("depth", "measure_length_scatter", width=4, depth=2, seeds=SEEDS)
measure("cost", "time_in_turns", calls={"a": list}, repeats=1)
CALLS["side_by_side.Networks"] = (
    experiments("side_by_side").Networks,
    lambda: {
        "layer_sizes": [2, 3, 1],
        "activation": "tanh",
        "initializer": None,
        "rngs": [rng()],
        "dtype": np.float64,
    },
)
CALLS["side_by_side.fit_side_by_side"] = (
    experiments("side_by_side").fit_side_by_side,
    lambda: {
        "networks": networks(),
        "X": X,
        "y": Y,
        "loss": "binary_cross_entropy",
        "optimizer": t.SGD(),
        "epochs": 1,
        "batch_size": 2,
        "rngs": [rng(), rng()],
        "on_epoch_end": None,
    },
)
CALLS["side_by_side.mean_losses"] = (
    experiments("side_by_side").mean_losses,
    lambda: {
        "networks": networks(),
        "X": X,
        "y": Y,
        "loss": "binary_cross_entropy",
    },
)
CALLS["frameworks.spelling_table"] = (
    lambda kind, libraries: experiments("frameworks").spelling_table(kind, libraries=libraries),
    lambda: {"kind": "loss", "libraries": ("activations", "numpy")},
)


@pytest.mark.parametrize("name", CALLS)
def test_what_is_refused_is_explained(name: str) -> None:
    function, arguments = CALLS[name]
    unexplained = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a number where another was meant may well make a run diverge
        function(**arguments())  # so that what follows is the fault of one argument
        for argument in arguments():
            for bad in BAD:
                try:
                    function(**arguments() | {argument: bad})
                except (
                    TypeError,
                    ValueError,
                    KeyError,
                    AttributeError,
                    IndexError,
                    ArithmeticError,
                ) as error:
                    told = isinstance(error, TypeError | ValueError | KeyError)
                    if not (told and EXPLAINED.match(str(error))):
                        unexplained.append(f"{argument}={bad!r}: {type(error).__name__}: {error}")
    assert unexplained == []


@pytest.mark.parametrize("module", [d, e, t])
def test_no_public_function_is_left_out(module: Any) -> None:
    functions = {name for name in module.__all__ if inspect.isfunction(getattr(module, name))}
    assert {name for name in functions if inspect.signature(getattr(module, name)).parameters} <= set(CALLS)
