"""The catalog: complete, consistent with the functions, read-only, and helpful when a name is misspelled."""

import dataclasses
import inspect
import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import activations
from activations import ACTIVATIONS, Activation, Parameter, Range, get_activation

BIBLIOGRAPHY = Path(__file__).parents[2] / "chapters" / "references.bib"
GRID = np.concatenate([np.linspace(-40, 40, 80_001), [-1e300, 1e300]])


@pytest.fixture(params=ACTIVATIONS.values(), ids=ACTIVATIONS)
def activation(request):
    return request.param


def test_names_and_order():
    assert list(ACTIVATIONS) == [
        "identity", "sigmoid", "tanh", "relu", "leaky_relu", "prelu", "elu", "selu", "gelu", "silu", "mish",
        "softplus", "log_sigmoid", "hard_tanh", "hard_sigmoid",
    ]  # fmt: skip
    labels = [a.label for a in ACTIVATIONS.values()]
    assert len(set(labels)) == len(labels)


def test_functions_are_the_public_ones_of_that_name(activation):
    assert ACTIVATIONS[activation.name] is activation
    assert activation.function is getattr(activations, activation.name)
    assert activation.derivative is getattr(activations, f"{activation.name}_derivative")


def test_range_is_that_of_the_values(activation):
    y = activation(GRID)
    low, high, low_attained, high_attained = activation.range
    # A bound that is not attained is approached; floats may round to it.
    assert y.min() == pytest.approx(low, abs=1e-6) if math.isfinite(low) else y.min() <= -1e290
    assert y.max() == pytest.approx(high, abs=1e-6) if math.isfinite(high) else y.max() >= 1e290
    middle = activation(np.linspace(-6, 6, 12_001))
    assert (abs(middle.min() - low) < 1e-7) == low_attained
    assert (abs(middle.max() - high) < 1e-7) == high_attained


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (Range(0.0, 1.0, False, False), "(0, 1)"),
        (Range(0.0, math.inf, True, False), "[0, ∞)"),
        (Range(-math.inf, math.inf, False, False), "(−∞, ∞)"),
        (Range(-1.0, 1.0, True, True), "[−1, 1]"),
        (Range(-math.inf, 0.0, False, True), "(−∞, 0]"),
        (Range(-0.2784645427610738, math.inf, True, False), "[−0.2785, ∞)"),
    ],
)
def test_range_as_text(interval, text):
    assert str(interval) == text


def test_kinks_are_where_the_derivative_jumps(activation):
    h = 1e-9
    jumps = [
        x
        for x in (-3.0, -1.0, 0.0, 1.0, 3.0)
        if abs(np.diff(activation.derivative([x - h, x + h]))[0]) > 1e-6
    ]
    assert list(activation.kinks) == jumps


def test_parameters_are_those_of_the_function(activation):
    signature = inspect.signature(activation.function).parameters
    for p in activation.parameters:
        assert p.default == signature[p.name].default
        assert p.low <= p.default <= p.high
        assert p.low < p.high
        assert p.symbol in activation.formula
        assert p.symbol in activation.derivative_formula
        for value in (p.low, p.high):  # both ends of a slider are accepted
            assert np.isfinite(activation(1.0, **{p.name: value}))
            assert np.isfinite(activation.derivative(-1.0, **{p.name: value}))
    # `approximate` chooses how GELU is computed; it is not a parameter of its shape.
    assert {p.name for p in activation.parameters} == set(signature) - {"x", "out", "approximate"}


def test_call(activation):
    x = np.linspace(-3, 3, 13)
    assert np.array_equal(activation(x), activation.function(x))
    for p in activation.parameters:
        assert np.array_equal(activation(x, **{p.name: p.high}), activation.function(x, p.high))


def test_call_with_an_unknown_parameter():
    with pytest.raises(TypeError, match=r"elu: its arguments must fit elu\(x, alpha=1.0, \*, out=None\)"):
        ACTIVATIONS["elu"](1.0, beta=2.0)


def test_formulas_are_latex_without_dollars(activation):
    for formula in (activation.formula, activation.derivative_formula):
        assert "$" not in formula
        assert formula.count("{") == formula.count("}")
        assert formula.count(r"\begin") == formula.count(r"\end")
        assert "=" in formula


def test_summaries_are_sentences(activation):
    assert re.fullmatch(r"[A-Z][^\n]{20,130}\.", activation.summary)


def test_citations_are_in_the_bibliography(activation):
    assert re.search(rf"@\w+\{{{activation.citation},", BIBLIOGRAPHY.read_text(encoding="utf-8"))


def test_catalog_is_read_only():
    with pytest.raises(TypeError):
        ACTIVATIONS["relu"] = ACTIVATIONS["tanh"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        ACTIVATIONS["relu"].label = "Rectifier"
    with pytest.raises(dataclasses.FrozenInstanceError):
        ACTIVATIONS["elu"].parameters[0].default = 2.0
    assert isinstance(ACTIVATIONS["elu"].parameters[0], Parameter)


def test_get_activation(activation):
    assert get_activation(activation.name) is activation
    assert get_activation(activation) is activation
    for alias in activation.aliases:
        assert get_activation(alias) is activation


def test_aliases():
    assert {a: get_activation(a).name for a in ("linear", "logistic", "swish")} == {
        "linear": "identity",
        "logistic": "sigmoid",
        "swish": "silu",
    }


def test_get_activation_hands_back_an_activation_of_the_user():
    own = dataclasses.replace(ACTIVATIONS["tanh"], name="mine", label="Mine")
    assert isinstance(own, Activation)
    assert get_activation(own) is own


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("rellu", "relu"),
        ("ReLU", "relu"),
        ("leaky-relu", "leaky_relu"),
        ("Leaky ReLU", "leaky_relu"),
        ("sigmiod", "sigmoid"),
        ("swich", "swish"),
        ("hardtanh", "hard_tanh"),
    ],
)
def test_unknown_name_suggests_the_nearest(name, nearest):
    with pytest.raises(ValueError, match=r"^get_activation: unknown name") as caught:
        get_activation(name)
    beginning = f"get_activation: unknown name {name!r}; did you mean {nearest!r}? Choose from elu, gelu, "
    assert str(caught.value).startswith(beginning)


def test_unknown_name_without_a_near_one():
    with pytest.raises(
        ValueError, match=r"^get_activation: unknown name 'xyz'; choose from elu, gelu, .*, tanh$"
    ):
        get_activation("xyz")


@pytest.mark.parametrize("name", [None, 3, b"relu", np.tanh, ["relu"]])
def test_name_of_another_type(name):
    kind = type(name).__name__
    with pytest.raises(
        TypeError, match=rf"^get_activation: name must be a string or an Activation, got {kind}; pass"
    ):
        get_activation(name)


def test_public_names():
    exported = set(activations.__all__)
    assert exported >= {
        "ACTIVATIONS",
        "Activation",
        "get_activation",
        "__version__",
        "softmax",
        "softmax_jvp",
    }
    assert exported >= {n for a in ACTIVATIONS for n in (a, f"{a}_derivative")}
    assert all(hasattr(activations, name) for name in exported)
    assert set(activations.functions.__all__) == exported - {"__version__"}
    assert re.match(r"\d+\.\d+\.\d+", activations.__version__)


def test_import_is_light():
    """Of the packages that the course needs, importing the functions loads NumPy alone."""
    code = "import sys, activations; print(*{m.partition('.')[0] for m in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "numpy" in loaded
    assert not {"matplotlib", "ipywidgets", "anywidget", "tqdm", "scipy", "IPython", "torch"} & set(loaded)
