"""How close the short forms of GELU come to it, for every value of the constant in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from activations.experiments._tabular import Tabular
from activations.functions import gelu, sigmoid
from activations.training._checks import FloatArray, lookup, numeric_array

__all__ = ["SHORT_FORMS", "ShortForm", "measure_short_form"]

SHORT_FORMS: Mapping[str, Callable[[FloatArray, FloatArray], FloatArray]] = MappingProxyType(
    {
        "tanh": lambda x, c: (1 + np.tanh(np.sqrt(2 / np.pi) * (x + c * x**3))) / 2,
        "sigmoid": lambda x, c: np.asarray(sigmoid(c * x)),
    }
)
"""What stands in for the normal distribution function Φ(x), with a constant c: 0.044715 in the tanh form, and
1.702 in the sigmoid form."""


@dataclass(frozen=True, eq=False)
class ShortForm(Tabular, axes={"cdf_error": "constants", "gelu_error": "constants"}):
    """The largest errors of a short form.

    Attributes
    ----------
    constants : ndarray, shape (n_constants,)
    cdf_error : ndarray, shape (n_constants,)
        Largest distance from Φ(x).
    gelu_error : ndarray, shape (n_constants,)
        Largest distance from x Φ(x), if the form takes the place of Φ.
    """

    constants: FloatArray
    cdf_error: FloatArray
    gelu_error: FloatArray

    @property
    def best_for_cdf(self) -> float:
        """The constant with the smallest `cdf_error`."""
        return float(self.constants[self.cdf_error.argmin()])

    @property
    def best_for_gelu(self) -> float:
        """The constant with the smallest `gelu_error`."""
        return float(self.constants[self.gelu_error.argmin()])


def measure_short_form(form: str, constants: ArrayLike) -> ShortForm:
    """Measure a short form of GELU for several constants, at 6000 points between 0 and 6.

    The errors for -x are those for x.

    Parameters
    ----------
    form : str
        A name in `SHORT_FORMS`.
    constants : array_like, shape (n_constants,)

    Returns
    -------
    ShortForm

    Raises
    ------
    ValueError
        If the form is unknown.

    References
    ----------
    D. Hendrycks and K. Gimpel, "Gaussian error linear units (GELUs)", 2016.

    Examples
    --------
    >>> measure_short_form("sigmoid", [1.6, 1.702, 1.8]).best_for_cdf
    1.702
    """
    stand_in = lookup("measure_short_form", "a short form", form, SHORT_FORMS)
    c = numeric_array("measure_short_form", "constants", constants, np.float64).reshape(-1)
    x = np.linspace(0.001, 6, 6000)
    errors = np.abs(stand_in(x, c[:, None]) - gelu(x) / x)
    return ShortForm(c, errors.max(axis=1), (x * errors).max(axis=1))
