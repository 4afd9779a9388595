"""The table of spellings: complete, and right in the two columns that need no framework."""

import sys
from pathlib import Path

import numpy as np
import pytest

from activations import ACTIVATIONS
from activations.datasets import load_auto_mpg
from activations.experiments import frameworks
from activations.experiments.frameworks import LIBRARIES, SPELLINGS, Spelling
from activations.training import LOSSES

RNG = np.random.default_rng(0)
VARIABLES = {
    "x": np.linspace(-5, 5, 41),
    "a": np.array([0.25]),
    "z": RNG.normal(0, 2, (6, 4)),
    "output": RNG.normal(size=(6, 4)),
    "y": RNG.uniform(size=(6, 4)),
    "labels": np.array([0, 1, 2, 3, 3, 0]),
}
# Two lines of the NumPy column write constants with six digits.
TOLERANCE = {"selu": 1e-5, "gelu": 1e-5}


def test_every_function_and_loss_is_spelled():
    names = {
        kind: {row.name for row in SPELLINGS if row.kind == kind}
        for kind in ("elementwise", "vector", "loss")
    }
    assert names["elementwise"] == set(ACTIVATIONS)
    assert names["vector"] == {"softmax", "log_softmax", "logsumexp"}
    assert names["loss"] == set(LOSSES)
    assert all(list(row.code) == list(LIBRARIES) for row in SPELLINGS)


@pytest.mark.parametrize("row", SPELLINGS, ids=lambda row: row.code["activations"])
def test_numpy_says_the_same(row):
    # The plain formulas lose a few digits; so few that the meaning cannot differ.
    assert row.differences(VARIABLES, ["numpy"])["numpy"] <= TOLERANCE.get(row.name, 1e-12)


def test_another_function_would_be_noticed():
    wrong = Spelling("relu", "elementwise", {"activations": "relu(x)", "numpy": "np.abs(x)"})
    assert wrong.differences(VARIABLES, ["numpy"]) == {"numpy": 5.0}


def test_parameters_are_those_of_the_code():
    rows = {row.name: row.parameters() for row in SPELLINGS}
    assert rows["relu"] == ("x",)
    assert rows["prelu"] == ("x", "a")
    assert rows["mean_squared_error"] == ("output", "y")
    assert rows["softmax_cross_entropy"] == ("z", "labels")


def test_the_table_has_a_column_a_library():
    table = frameworks.spelling_table("vector", "loss")
    assert list(table) == ["This package", "NumPy", "Keras", "PyTorch", "JAX"]
    assert {len(cells) for cells in table.values()} == {6}
    assert table["JAX"][0] == "softmax(z)"
    assert list(frameworks.spelling_table("loss", libraries=["torch", "jax"])) == ["PyTorch", "JAX"]
    with pytest.raises(
        ValueError, match=r"unknown name 'losses'; did you mean 'loss'.* elementwise, vector, loss"
    ):
        frameworks.spelling_table("losses")
    with pytest.raises(ValueError, match="unknown name 'theano'; choose from activations, numpy, keras"):
        frameworks.spelling_table("loss", libraries=["theano"])


def test_a_library_tells_its_version():
    assert LIBRARIES["numpy"].version == np.__version__


def test_a_missing_framework_is_named_with_its_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "there", sys)
    monkeypatch.setattr(
        frameworks.importlib.util, "find_spec", lambda name: None if name == "keras" else object()
    )
    frameworks.require("there")
    with pytest.raises(
        ImportError, match=r"needs keras, not installed here.*requirements-frameworks\.txt"
    ) as error:
        frameworks.require("there", "keras")
    # IPython asks the exception itself what to show; one line instead of a traceback.
    assert error.value._render_traceback_() == [f"MissingLibraryError: {error.value}"]


def test_the_remedy_exists():
    assert (Path(__file__).parents[2] / "requirements-frameworks.txt").is_file()


def test_mileage_data_are_standardized_by_the_training_cars_alone():
    X_train, X_validation, y_train, y_validation = frameworks.mileage_data(rng=np.random.default_rng(1))
    assert len(X_train) + len(X_validation) == len(load_auto_mpg().target)
    # Sums of 314 numbers of order 1 round at 1e-14.
    np.testing.assert_allclose(X_train.mean(axis=0), 0, atol=1e-13)
    np.testing.assert_allclose(y_train.std(), 1, atol=1e-13)
    assert (abs(X_validation.mean(axis=0)) > 1e-4).all()
    assert abs(y_validation.mean()) > 1e-4
    # The one-hot columns of the origin have two values each.
    assert [len(np.unique(column)) for column in X_train[:, 6:].T] == [2, 2, 2]
