"""Checks for answers: each failure says in one sentence what to look at.

The assignments' notebooks call them, so they need NumPy alone. A hint pairs a sentence with the wrong result
(or the wrong function) that it explains: whoever hands that in reads the sentence.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

__all__ = ["check_function", "check_hints", "check_own", "check_value"]

_MANY = 8
"""Arrays of at most so many entries are printed in full."""


def check_value(
    got: Any,
    expected: Any,
    *,
    hints: Mapping[str, Any] | None = None,
    rtol: float = 1e-6,
    atol: float = 1e-12,
    name: str = "the result",
    otherwise: str | None = None,
) -> None:
    """Compare a result with the expected one, and explain a difference.

    Parameters
    ----------
    got : object
        What the student's code came to.
    expected : array_like of real numbers, any shape
        What is right.
    hints : mapping of str to array_like, optional
        Wrong results by the sentence that explains them.
    rtol, atol : float
        Tolerances, as in :func:`numpy.allclose`.
    name : str
        What the sentences call the result.
    otherwise : str, optional
        Where to look again if no hint fits; what is right then stays unsaid. For an answer that is a number,
        which could just be copied.

    Raises
    ------
    AssertionError
        If the two differ; the message says how, or which misconception leads there.

    See Also
    --------
    check_hints : the misconceptions alone, for a check that must not hold what is right.

    Examples
    --------
    >>> check_value(0.25, 1 / 4)
    >>> check_value(0.5, 1 / 4, hints={"did you forget the square?": 1 / 2})
    Traceback (most recent call last):
    AssertionError: did you forget the square?
    """
    expected, numbers = np.asarray(expected), _numbers(got, name)
    for hint, wrong in (hints or {}).items():
        if _agree(numbers, wrong, rtol, atol) and not _agree(numbers, expected, rtol, atol):
            raise AssertionError(hint)
    if numbers.shape != expected.shape:
        raise AssertionError(f"{name} has the shape {numbers.shape}, asked is {expected.shape}")
    if np.isnan(numbers).sum() > np.isnan(expected).sum():
        raise AssertionError(f"{name} is not a number (nan): look for inf − inf, 0 · inf, 0 / 0 or log of 0")
    if not _agree(numbers, expected, rtol, atol):
        instead = f"which is not it yet: {otherwise}" if otherwise else f"right is {_show(expected)}"
        raise AssertionError(f"{name} is {_show(numbers)}, {instead}")


def check_hints(
    got: Any, hints: Mapping[str, Any], *, rtol: float = 1e-6, atol: float = 1e-12, name: str = "the result"
) -> None:
    """Explain a result that comes from a misconception; whether any other is right stays open.

    For checks that students read, of an answer that a single number gives away. A hidden check decides, with
    :func:`check_value` and the hints that lie so near to what is right that they would tell it.

    Parameters
    ----------
    got : object
        What the student's code came to.
    hints : mapping of str to array_like
        Wrong results by the sentence that explains them.
    rtol, atol : float
        Tolerances, as in :func:`numpy.allclose`.
    name : str
        What the sentences call the result.

    Raises
    ------
    AssertionError
        If there is no result, if it is no number, or if it is one of the wrong ones.

    Examples
    --------
    >>> check_hints(0.3, {"that is the height: asked is where it lies": 0.5})
    >>> check_hints(0.5, {"that is the height: asked is where it lies": 0.5})
    Traceback (most recent call last):
    AssertionError: that is the height: asked is where it lies
    """
    numbers = _numbers(got, name)
    for hint, wrong in hints.items():
        if _agree(numbers, wrong, rtol, atol):
            raise AssertionError(hint)


def check_function(
    function: Callable[..., Any],
    reference: Callable[..., Any],
    *inputs: Any,
    hints: Mapping[str, Callable[..., Any]] | None = None,
    errors: Mapping[str, type[Exception]] | None = None,
    rtol: float = 1e-6,
    atol: float = 1e-12,
) -> None:
    """Call a function and its reference with the same arrays; compare results, shapes and manners.

    Parameters
    ----------
    function : callable
        What the student wrote.
    reference : callable
        What is right.
    *inputs : array_like
        The arguments; each call gets copies.
    hints : mapping of str to callable, optional
        Wrong functions by the sentence that explains them.
    errors : mapping of str to type of exception, optional
        Errors that a misconception leads to, by the sentence that explains them.
    rtol, atol : float
        Tolerances, as in :func:`numpy.allclose`.

    Raises
    ------
    AssertionError
        If the function overflows, divides by zero, changes its input, returns integers where the right result
        is a float, or returns another value or shape; or if one of `errors` stops it.
    Exception
        Any other error of the function's own, as it is.

    Examples
    --------
    >>> check_function(lambda x: 1 - np.tanh(x) ** 2, lambda x: np.cosh(x) ** -2, np.array([0.0, 1.0]))
    >>> hints = {"x², not 2x": lambda x: 2 * x}
    >>> check_function(lambda x: 2 * x, np.square, np.array([1.0, 3.0]), hints=hints)
    Traceback (most recent call last):
    AssertionError: x², not 2x
    """
    name = getattr(function, "__name__", "the function")
    name = "the result" if name == "<lambda>" else name
    given = [_copy(value) for value in inputs]
    try:
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            got = function(*given)
    except FloatingPointError as error:
        reason = str(error).split(" encountered")[0]
        raise AssertionError(
            f"{name}: {reason} for the input {_show(np.asarray(inputs[0]))}; rewrite the formula so that it "
            "cannot happen"
        ) from None
    except Exception as error:
        for hint, kind_of_error in (errors or {}).items():
            if isinstance(error, kind_of_error):
                raise AssertionError(hint) from error
        raise
    for before, after in zip(inputs, given, strict=True):
        if isinstance(before, np.ndarray) and not np.array_equal(before, after, equal_nan=True):
            raise AssertionError(f"{name} changed its input: work on a new array, without out= and += on it")
    expected = np.asarray(reference(*map(_copy, inputs)))
    wrong = _wrong_results(hints or {}, inputs)
    kind = getattr(got, "dtype", expected.dtype).kind
    if expected.dtype.kind == "f" and kind in "iu":
        wrong[
            f"{name} gives whole numbers, their fractions are cut off: does it write into an array made like "
            "an input of integers?"
        ] = np.trunc(expected)
    check_value(got, expected, hints=wrong, rtol=rtol, atol=atol, name=name)
    kind = np.asarray(got).dtype.kind
    if expected.dtype.kind == "f" and kind != "f":
        raise AssertionError(f"{name} returns {np.asarray(got).dtype}, not floats: convert, or divide by 1.0")


def check_own(function: Callable[..., Any], *names: str) -> None:
    """Check that a function does not call what it is to be written without.

    A closer look is left to people: this only reads the names in the function's code.

    Parameters
    ----------
    function : callable
        What the student wrote.
    *names : str
        Names that it must not use.

    Raises
    ------
    AssertionError
        If the code of the function uses one of the names.

    Examples
    --------
    >>> check_own(lambda x: np.exp(x), "sigmoid")
    >>> check_own(lambda x: np.tanh(x), "tanh")
    Traceback (most recent call last):
    AssertionError: <lambda> uses tanh: write it yourself, that is the exercise
    """
    code = getattr(function, "__code__", None)
    used = [name for name in names if code is None or name in (*code.co_names, *code.co_freevars)]
    if used:
        label = getattr(function, "__name__", "the function")
        raise AssertionError(f"{label} uses {used[0]}: write it yourself, that is the exercise")


def _numbers(got: Any, name: str) -> np.ndarray[Any, Any]:
    if got is None or got is Ellipsis:
        raise AssertionError(f"{name} is None: answer first, and end a function with return")
    try:
        return np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        raise AssertionError(f"{name} is of type {type(got).__name__}: give numbers") from None


def _agree(left: Any, right: Any, rtol: float, atol: float) -> bool:
    left, right = np.asarray(left), np.asarray(right)
    return left.shape == right.shape and bool(np.allclose(left, right, rtol, atol, equal_nan=True))


def _wrong_results(hints: Mapping[str, Callable[..., Any]], inputs: tuple[Any, ...]) -> dict[str, Any]:
    with np.errstate(all="ignore"):
        return {hint: wrong(*map(_copy, inputs)) for hint, wrong in hints.items()}


def _copy(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def _show(values: np.ndarray[Any, Any]) -> str:
    if values.size > _MANY:
        return f"{np.array2string(values.ravel()[:_MANY], precision=6)[:-1]} …]"
    return np.array2string(values, precision=6).replace("\n", "")
