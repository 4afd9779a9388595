"""The constants in GELU's short forms."""

from __future__ import annotations

import numpy as np
import pytest

from activations import gelu, sigmoid
from activations.experiments.short_forms import measure_short_form


def test_the_errors_are_those_of_the_forms_themselves():
    x = np.linspace(-6, 6, 12_001)
    tanh_form, sigmoid_form = measure_short_form("tanh", 0.044715), measure_short_form("sigmoid", 1.702)
    # The grids differ by a thousandth of a unit, and the errors are flat where they are largest.
    assert tanh_form.gelu_error == pytest.approx(abs(gelu(x, approximate=True) - gelu(x)).max(), rel=1e-4)
    assert sigmoid_form.gelu_error == pytest.approx(abs(x * sigmoid(1.702 * x) - gelu(x)).max(), rel=1e-4)


@pytest.mark.parametrize(("form", "constant"), [("tanh", 0.044715), ("sigmoid", 1.702)])
def test_the_published_constants_are_the_best_for_the_distribution_function(form, constant):
    result = measure_short_form(form, constant * np.linspace(0.95, 1.05, 401))
    assert result.best_for_cdf == pytest.approx(constant, rel=1e-3)
    assert result.best_for_gelu != pytest.approx(constant, rel=5e-3)
    assert result.cdf_error.min() < result.gelu_error.min()


def test_an_unknown_form_is_refused():
    with pytest.raises(ValueError, match="measure_short_form: unknown name 'erf'"):
        measure_short_form("erf", [1.0])
