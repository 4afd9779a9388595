"""Turn a bare formula into a ufunc-like function: the one helper behind every elementwise function.

A formula such as ``1 / (1 + np.exp(-x))`` allocates an array for every operation. On a large input these
temporaries cost more than the mathematics, because the machine must map fresh memory for each of them.
`elementwise` therefore hands a formula one short block at a time, so that its temporaries stay in the cache.
"""

import functools
import inspect
import math
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = Any
"""Array-like for the caller, one block of float64 or float32 for the formula. (NumPy types its ufuncs so too.)"""

Formula = TypeVar("Formula", bound=Callable[..., Any])

BLOCK_BYTES = 64 * 1024
"""Several temporaries of this size fit a second-level cache; from 128 KiB on, malloc maps fresh pages each time."""

FLOAT16, FLOAT32, FLOAT64 = np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64)


def as_real(function: str, x: Array, name: str = "x") -> NDArray[Any]:
    """Return `x` as an array of booleans, integers or floats of at most 64 bits, or say why that is impossible."""
    try:
        x = np.asarray(x)
    except ValueError as error:
        raise ValueError(
            f"{function}: {name} must be a rectangular array, got rows of different lengths; "
            "pad them or call the function row by row"
        ) from error
    if x.dtype is FLOAT64 or x.dtype is FLOAT32 or x.dtype.char in "?bBhHiIlLqQefd":
        return x
    remedy = {
        "c": "take its real part or its absolute value first",
        "f": f"convert it with {name}.astype(np.float64)",
    }.get(x.dtype.kind, f"convert it with np.asarray({name}, dtype=np.float64)")
    raise TypeError(f"{function}: {name} must hold real numbers, got dtype {x.dtype}; {remedy}")


def result_dtype(x: NDArray[Any]) -> np.dtype[Any]:
    """Return the dtype of a function's result: floats keep theirs, booleans and integers become float64."""
    return x.dtype.newbyteorder("=") if x.dtype.kind == "f" else FLOAT64


def computing_dtype(x: NDArray[Any]) -> np.dtype[Any]:
    """Return the dtype that the formula sees: that of the result, but float32 in place of float16."""
    dtype = result_dtype(x)
    return FLOAT32 if dtype == FLOAT16 else dtype


def check_out(function: str, out: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Raise unless `out` is an array that can take a result of the given shape and dtype."""
    if not isinstance(out, np.ndarray):
        raise TypeError(
            f"{function}: out must be a NumPy array, got {type(out).__name__}; "
            f"allocate it with np.empty({shape}, dtype=np.{dtype})"
        )
    if out.shape != shape:
        raise ValueError(
            f"{function}: out must have the shape of the result {shape}, got {out.shape}; "
            f"allocate it with np.empty({shape}, dtype=np.{dtype})"
        )
    if not np.can_cast(dtype, out.dtype, "same_kind"):
        raise TypeError(
            f"{function}: out must hold floats, got dtype {out.dtype}; "
            f"allocate it with np.empty({shape}, dtype=np.{dtype})"
        )


def in_blocks(
    formula: Callable[..., NDArray[Any]],
    operands: tuple[NDArray[Any], ...],
    out: NDArray[Any] | None,
    computing: np.dtype[Any],
    result: np.dtype[Any],
) -> NDArray[Any]:
    """Evaluate ``formula(*operands)`` block by block into `out`, or into a new array when it is None.

    NumPy's buffered iterator casts, broadcasts and gathers strided memory, so that the formula only ever sees
    contiguous blocks of one floating dtype. That is also why every memory layout gives the same bits.
    """
    n = len(operands)
    new = ["writeonly", "contig", "allocate", "no_subtype", "overlap_assume_elementwise"]
    with np.nditer(
        [*operands, out],
        flags=["external_loop", "buffered", "copy_if_overlap", "zerosize_ok"],
        op_flags=[["readonly", "contig", "overlap_assume_elementwise"]] * n + [new],  # type: ignore[list-item]
        op_dtypes=[computing] * n + [computing if out is not None else result],
        casting="same_kind",
        buffersize=BLOCK_BYTES // computing.itemsize,
    ) as iterator:
        for *blocks, target in iterator:
            target[...] = formula(*blocks)
        return iterator.operands[-1]


def elementwise(formula: Formula) -> Formula:
    """Make `formula`, written for one block of floats, accept what a NumPy ufunc accepts.

    The decorated function takes any array-like `x` of real numbers and an optional keyword `out`, checks its
    parameter (if it has one) by the rule of that parameter's name, and returns an array of the shape of `x`,
    or a NumPy scalar for a scalar. Booleans and integers are computed in float64, float16 in float32.
    """
    name = formula.__name__
    rules = [PARAMETER_RULES[p] for p in inspect.signature(formula).parameters if p not in ("x", "out")]
    parameter_names = [p for p in inspect.signature(formula).parameters if p not in ("x", "out")]

    def check_parameter(x: NDArray[Any], args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        try:
            bound = inspect.signature(formula).bind(x, *args, **named)
        except TypeError as error:
            raise TypeError(f"{name}: {error}; its signature is {name}{inspect.signature(formula)}") from None
        return tuple(
            rule(name, x, bound.arguments[p]) for rule, p in zip(rules, parameter_names, strict=True)
        )

    @functools.wraps(formula)
    def function(x: Array, *args: Any, out: NDArray[Any] | None = None, **named: Any) -> Any:
        x = as_real(name, x)
        if args or named:
            args = check_parameter(x, args, named)
        dtype = x.dtype
        if dtype is not FLOAT64 and dtype is not FLOAT32:
            dtype = computing_dtype(x)
        if x.nbytes > BLOCK_BYTES:
            result = result_dtype(x)
            if out is not None:
                check_out(name, out, x.shape, result)
            slopes = tuple(np.broadcast_to(a, x.shape) for a in args if isinstance(a, np.ndarray))
            if slopes:
                return in_blocks(formula, (x, *slopes), out, dtype, result)
            return in_blocks(lambda block: formula(block, *args), (x,), out, dtype, result)
        # A small array is one block. Only contiguous memory of the computing dtype reaches the formula.
        block = x if x.dtype is dtype and x.flags.forc else x.astype(dtype, order="K")
        y = formula(block if x.ndim else block.reshape(1), *args)
        if out is not None:
            check_out(name, out, x.shape, result_dtype(x))
            np.copyto(out, y if x.ndim else y[0], casting="same_kind")
            return out
        if x.dtype.char == "e":
            y = y.astype(FLOAT16)
        return y if x.ndim else y[0]

    return function  # type: ignore[return-value]


def _real_number(function: str, name: str, value: Any) -> float:
    if isinstance(value, (str, bytes)) or np.ndim(value) != 0:
        raise TypeError(f"{function}: {name} must be one real number, got {value!r}; pass a float")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{function}: {name} must be one real number, got {value!r}; pass a float") from None


def _negative_slope(function: str, x: NDArray[Any], value: Any) -> float:  # noqa: ARG001
    number = _real_number(function, "negative_slope", value)
    if not 0 <= number < math.inf:
        raise ValueError(
            f"{function}: negative_slope must be finite and at least 0, got {number}; "
            "for a negative or learned slope use prelu"
        )
    return number


def _alpha(function: str, x: NDArray[Any], value: Any) -> float:  # noqa: ARG001
    number = _real_number(function, "alpha", value)
    if not 0 < number < math.inf:
        raise ValueError(
            f"{function}: alpha must be finite and greater than 0, got {number}; the usual choice is 1.0"
        )
    return number


def _slope(function: str, x: NDArray[Any], value: Any) -> float | NDArray[Any]:
    slope = as_real(function, value, "slope")
    if not np.all(np.isfinite(slope)):
        raise ValueError(f"{function}: slope must be finite, got {value}; the usual initial value is 0.25")
    if slope.ndim == 0:
        return float(slope)
    try:
        np.broadcast_to(slope, x.shape)
    except ValueError:
        raise ValueError(
            f"{function}: slope must be a number or broadcast to the shape of x {x.shape}, got shape "
            f"{slope.shape}; pass one slope for each entry of the last axis"
        ) from None
    return slope.astype(computing_dtype(x))


def _approximate(function: str, x: NDArray[Any], value: Any) -> bool:  # noqa: ARG001
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(
            f"{function}: approximate must be True or False, got {value!r}; "
            "True is the tanh form, False the exact one"
        )
    return bool(value)


PARAMETER_RULES: dict[str, Callable[[str, NDArray[Any], Any], Any]] = {
    "negative_slope": _negative_slope,
    "slope": _slope,
    "alpha": _alpha,
    "approximate": _approximate,
}
