"""Rounding errors, counted in units in the last place against exact arithmetic of the standard library."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from activations.training._checks import instance, lookup, numeric_array, routine, sequence

__all__ = ["EXACT", "WorstError", "exact_logsumexp", "ulp_errors", "worst_error"]

# Operators such as unary minus round to the caller's context of 28 digits: every step names this one instead.
_CONTEXT = decimal.Context(prec=60, Emax=10**6, Emin=-(10**6))


def _sigmoid(x: Decimal) -> Decimal:
    return _CONTEXT.divide(Decimal(1), _CONTEXT.add(Decimal(1), _CONTEXT.exp(x.copy_negate())))


def _sigmoid_derivative(x: Decimal) -> Decimal:
    return _CONTEXT.multiply(_sigmoid(x), _sigmoid(x.copy_negate()))


def _softplus(x: Decimal) -> Decimal:
    if x > 0:
        return _CONTEXT.add(x, _softplus(x.copy_negate()))
    e = _CONTEXT.exp(x)
    # ln(1 + e) would lose e where it is tiny: two terms of its series have more digits than are asked for.
    if e < Decimal("1e-30"):
        return _CONTEXT.subtract(e, _CONTEXT.multiply(Decimal("0.5"), _CONTEXT.multiply(e, e)))
    return _CONTEXT.ln(_CONTEXT.add(Decimal(1), e))


def _tanh_derivative(x: Decimal) -> Decimal:
    return _CONTEXT.multiply(Decimal(4), _sigmoid_derivative(_CONTEXT.multiply(Decimal(2), x)))


EXACT: Mapping[str, Callable[[Decimal], Decimal]] = MappingProxyType(
    {
        "sigmoid": _sigmoid,
        "sigmoid_derivative": _sigmoid_derivative,
        "log_sigmoid": lambda x: _softplus(x.copy_negate()).copy_negate(),
        "softplus": _softplus,
        "tanh_derivative": _tanh_derivative,
    }
)
"""Functions of exact decimal numbers, to 60 digits."""


def exact_logsumexp(z: ArrayLike) -> Decimal:
    """Return the logarithm of the sum of the exponentials of the given floats, to about 60 digits.

    Parameters
    ----------
    z : array_like, shape (n_classes,)

    Returns
    -------
    decimal.Decimal

    Raises
    ------
    ValueError, TypeError
        If `z` is empty, or holds anything but real numbers.

    Examples
    --------
    >>> float(exact_logsumexp([0.0, 0.0]).exp())
    2.0
    """
    terms = [Decimal(float(entry)) for entry in numeric_array("exact_logsumexp", "z", z).ravel()]
    top = max(terms)
    total = Decimal(0)
    for term in terms:
        total = _CONTEXT.add(total, _CONTEXT.exp(_CONTEXT.subtract(term, top)))
    return _CONTEXT.add(top, _CONTEXT.ln(total))


def ulp_errors(computed: ArrayLike, exact: Sequence[Decimal]) -> NDArray[np.float64]:
    """Count how many units in the last place each result is away from the exact one.

    Parameters
    ----------
    computed : array_like, shape (n,)
        Results in float64.
    exact : sequence of decimal.Decimal, length n

    Returns
    -------
    ndarray, shape (n,)
        The unit is the distance of the exact result's float64 to the next one. Infinite where the computed
        result is not finite.

    Raises
    ------
    ValueError
        If the lengths differ.

    Examples
    --------
    >>> ulp_errors([1.0, 1.0 + 2**-51], [Decimal(1), Decimal(1)]).tolist()
    [0.0, 2.0]
    """
    values = numeric_array("ulp_errors", "computed", computed, np.float64).reshape(-1)
    exact = [
        instance("ulp_errors", "each of exact", truth, Decimal, "convert it with Decimal")
        for truth in sequence("ulp_errors", "exact", exact, "Decimals")
    ]
    if len(values) != len(exact):
        raise ValueError(
            f"ulp_errors: computed and exact must have one length, got {len(values)} and {len(exact)}; "
            "give one exact result for each computed one"
        )
    errors = []
    for value, truth in zip(values.tolist(), exact, strict=True):
        unit = Decimal(float(np.spacing(abs(float(truth)))))
        finite = bool(np.isfinite(value))
        errors.append(float(abs(Decimal(value) - truth) / unit) if finite else np.inf)
    return np.array(errors)


class WorstError(NamedTuple):
    """The largest error of a formula.

    Attributes
    ----------
    ulp : float
        In units in the last place.
    at : float
        The argument at which it was found.
    """

    ulp: float
    at: float


def worst_error(formula: Callable[[NDArray[Any]], ArrayLike], name: str, x: ArrayLike) -> WorstError:
    """Find the largest error of a formula over the given arguments.

    Parameters
    ----------
    formula : callable
        From an array of float64 to an array of the same shape.
    name : str
        The function that it should compute, a name in `EXACT`.
    x : array_like, shape (n,)
        Arguments; those with a result below the smallest normal number are left out.

    Returns
    -------
    WorstError

    Raises
    ------
    ValueError
        If the name is unknown.

    Examples
    --------
    >>> from activations import sigmoid
    >>> worst_error(sigmoid, "sigmoid", np.linspace(-30, 30, 301)).ulp < 2
    True
    """
    routine("worst_error", "formula", formula, "pass one that takes an array")
    truth_of = lookup("worst_error", "a function", name, EXACT)
    arguments = numeric_array("worst_error", "x", x, np.float64).reshape(-1)
    exact = [truth_of(Decimal(argument)) for argument in arguments.tolist()]
    normal = np.array([abs(truth) >= Decimal(float(np.finfo(np.float64).tiny)) for truth in exact])
    kept = [truth for truth, keep in zip(exact, normal.tolist(), strict=True) if keep]
    with np.errstate(all="ignore"):
        errors = ulp_errors(np.asarray(formula(arguments))[normal], kept)
    worst = int(np.argmax(errors))
    return WorstError(float(errors[worst]), float(arguments[normal][worst]))
