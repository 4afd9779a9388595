"""Every result hands out its numbers as a table of which each row is one observation."""

import csv
import importlib
import io
import pkgutil

import numpy as np
import pytest

from activations import experiments
from activations.experiments import Tabular, measure_backprop_signal
from activations.experiments.centring import walk_two_weights
from activations.experiments.classifiers import OutputComparison, TemperatureSweep
from activations.experiments.stalling import Stalling
from activations.experiments.thresholds import sweep_thresholds

STALLING = Stalling(loss=np.array([[0.7, 0.6], [0.5, 0.4]]), updates=np.arange(6.0).reshape(2, 1, 3))


def results():
    for module in pkgutil.iter_modules(experiments.__path__):
        importlib.import_module(f"{experiments.__name__}.{module.name}")
    return sorted(Tabular.__subclasses__(), key=lambda cls: cls.__name__)


def test_rows_go_through_the_axes_in_order():
    assert STALLING.table() == [
        {"run": 0, "step": 0, "loss": 0.7},
        {"run": 0, "step": 1, "loss": 0.6},
        {"run": 1, "step": 0, "loss": 0.5},
        {"run": 1, "step": 1, "loss": 0.4},
    ]
    rows = STALLING.table("updates")
    assert rows[4] == {"run": 1, "step": 0, "layer": 1, "updates": 4.0}
    assert len(rows) == 6


def test_quantities_along_the_same_axes_share_a_table():
    result = measure_backprop_signal("tanh", "glorot_uniform", 3, width=4, n_samples=5, seeds=[3, 4])
    rows = result.table()
    assert list(rows[0]) == ["run", "layer", "signal", "forward_std", "forward_rms", "weight_gradient"]
    assert len(rows) == 2 * 3
    for row in rows:
        assert row["signal"] == result.signal[row["run"], row["layer"]]
    assert list(result.table("forward_std", "signal")[0]) == ["run", "layer", "forward_std", "signal"]


def test_an_axis_that_the_result_holds_has_its_values():
    sweep = sweep_thresholds([0, 1, 1], [0.2, 0.4, 0.9], thresholds=[0.3, 0.5])
    assert sweep.table() == [
        {"thresholds": 0.3, "missed": 0, "false_alarms": 0},
        {"thresholds": 0.5, "missed": 1, "false_alarms": 0},
    ]
    loss = np.array([[0.3, 0.2]])
    warm = TemperatureSweep(np.array([1.0, 2.0]), loss, loss, loss).table("loss")
    assert warm == [
        {"run": 0, "temperatures": 1.0, "loss": 0.3},
        {"run": 0, "temperatures": 2.0, "loss": 0.2},
    ]


def test_the_keys_of_a_mapping_are_an_axis():
    numbers = {"softmax": np.array([0.9, 0.8]), "linear": np.array([0.7, 0.6])}
    rows = OutputComparison(numbers, numbers, numbers).table("accuracy")
    assert rows[1] == {"output": "softmax", "run": 1, "accuracy": 0.8}
    assert rows[2] == {"output": "linear", "run": 0, "accuracy": 0.7}


def test_cells_are_pythons_own_so_that_any_writer_takes_them():
    rows = walk_two_weights(-0.5, 0.5, 1.0, steps=2, seeds=range(2)).table()
    assert {type(value) for row in rows for value in row.values()} == {int, float}
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    assert text.getvalue().splitlines()[:2] == ["run,step,weight,paths", "0,0,0,0.0"]


@pytest.mark.parametrize(
    ("names", "error", "message"),
    [
        (["los"], ValueError, "Stalling.table: unknown name 'los'; did you mean 'loss'?"),
        ([3], TypeError, "Stalling.table: a quantity must be given by name, got 3; "),
        (["loss", 3], TypeError, "Stalling.table: a quantity must be given by name, got 3; "),
        (
            ["loss", "updates"],
            ValueError,
            "Stalling.table: quantities must run along the same axes, got 'loss' along run, step and ",
        ),
    ],
)
def test_bad_names_are_explained(names, error, message):
    with pytest.raises(error) as caught:
        STALLING.table(*names)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("result", results(), ids=lambda cls: cls.__name__)
def test_the_axes_are_those_of_the_documented_shapes(result):
    """A quantity along n axes is documented with a shape of n numbers."""
    documented = " ".join(result.__doc__.split())
    for name, axes in result.axes.items():
        entry = documented.split(name, 1)[1]
        shape = entry[entry.index("shape (") + len("shape (") :].split(")")[0]
        # A mapping has its keys for one axis more than its arrays have.
        is_mapping = "mapping of" in entry[: entry.index("shape (")][:40]
        assert len([part for part in shape.split(",") if part.strip()]) + is_mapping == len(axes), name
