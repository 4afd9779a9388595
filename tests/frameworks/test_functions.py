"""Every function and loss, and every derivative, in the installed frameworks."""

import libraries
import make_references
import numpy as np
import parity
import pytest

from activations.experiments.frameworks import SPELLINGS


@pytest.fixture(scope="module")
def arrays():
    return parity.stored()


def test_installed_versions_are_the_stored_ones():
    assert {"python": "", **libraries.versions()}.keys() == parity.provenance()["versions"].keys()
    stored = {**parity.provenance()["versions"], "python": "", "numpy": ""}
    installed = {"python": "", **libraries.versions(), "numpy": ""}
    # "2.13.0+cpu" is 2.13.0: the part behind the plus tells how it was built.
    assert {key: text.partition("+")[0] for key, text in installed.items()} == {
        key: text.partition("+")[0] for key, text in stored.items()
    }, "run tests/frameworks/make_references.py"


@pytest.mark.parametrize(("framework", "code", "what"), parity.COMPARISONS)
def test_functions_and_losses(arrays, framework, code, what):
    theirs = make_references.answer(framework, code, what)
    parity.compare(framework, code, what, theirs)
    # The stored values, too, are what this framework says, up to the rounding of another processor.
    stored = arrays[f"{framework}/{code}/{what}"]
    np.testing.assert_allclose(theirs, stored, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("framework", parity.FRAMEWORKS)
@pytest.mark.parametrize(
    "row", [row for row in SPELLINGS if row.kind == "elementwise"], ids=lambda row: row.name
)
def test_float32_stays_float32(framework, row):
    x = np.linspace(-8, 8, 65, dtype=np.float32)
    given = {"x": x, "a": np.array([0.25], dtype=np.float32)}
    given = {name: given[name] for name in row.parameters()}
    # Keras has PReLU as a layer only, and a layer computes in the floats of its policy: here float64.
    return_type = np.float64 if (framework, row.name) == ("keras", "prelu") else np.float32
    theirs = libraries.value(framework, row.code[framework], given)
    assert theirs.dtype == return_type
    exact = libraries.value(
        "activations", row.code["activations"], {k: v.astype(float) for k, v in given.items()}
    )
    # A few roundings at 6e-8; where 1 + erf or 1 + tanh cancels, eight times a unit of 1.2e-7.
    np.testing.assert_allclose(theirs, exact, rtol=1e-6, atol=1e-6)
