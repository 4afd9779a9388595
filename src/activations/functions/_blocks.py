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
"""Array-like for the caller, a block of floats for a formula. (NumPy types its ufuncs as loosely.)"""

Out: TypeAlias = NDArray[Any] | None
Formula = TypeVar("Formula", bound=Callable[..., Any])

BLOCK_BYTES = 128 * 1024
"""Several temporaries of this size fit a second-level cache."""

# glibc's malloc maps fresh pages for every chunk of 128 KiB or more, until one such chunk was freed
# (mallopt(3), M_MMAP_THRESHOLD). Free one here, lest the temporaries cost three times the mathematics.
np.empty(2**20)

FLOAT16, FLOAT32, FLOAT64 = np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64)
_REAL_KINDS = "?bBhHiIlLqQefd"  # bool, all integers, float16, float32, float64


def as_real(function: str, x: Array, name: str = "x") -> Array:
    """Return `x` as an array of booleans, integers or floats of at most 64 bits, or raise."""
    try:
        x = np.asarray(x)
    except ValueError as error:
        raise ValueError(
            f"{function}: {name} must be a rectangular array, got rows of different lengths; "
            "pad them or call the function row by row"
        ) from error
    if x.dtype.char in _REAL_KINDS:
        return x
    remedy = {
        "c": "take its real part or its absolute value first",
        "f": f"convert it with {name}.astype(np.float64)",
    }.get(x.dtype.kind, f"convert it with np.asarray({name}, dtype=np.float64)")
    raise TypeError(f"{function}: {name} must hold real numbers, got dtype {x.dtype}; {remedy}")


def result_dtype(x: NDArray[Any]) -> np.dtype[Any]:
    """Return the dtype of a function's result: floats keep theirs, booleans and integers become float64."""
    return np.dtype(x.dtype.type) if x.dtype.kind == "f" else FLOAT64  # in the machine's own byte order


def computing_dtype(x: NDArray[Any]) -> np.dtype[Any]:
    """Return the dtype that the formula sees: that of the result, but float32 in place of float16."""
    dtype = result_dtype(x)
    return FLOAT32 if dtype == FLOAT16 else dtype


def check_out(function: str, out: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Raise unless `out` is an array that can take a result of the given shape and dtype."""
    if isinstance(out, np.ndarray) and out.shape == shape and np.can_cast(dtype, out.dtype, "same_kind"):
        return
    remedy = f"allocate it with np.empty({shape}, dtype=np.{dtype})"
    if not isinstance(out, np.ndarray):
        raise TypeError(f"{function}: out must be a NumPy array, got {type(out).__name__}; {remedy}")
    if out.shape != shape:
        raise ValueError(
            f"{function}: out must have the shape of the result {shape}, got {out.shape}; {remedy}"
        )
    raise TypeError(f"{function}: out must hold floats, got dtype {out.dtype}; {remedy}")


def in_blocks(
    formula: Callable[..., Array], operands: tuple[NDArray[Any], ...], out: NDArray[Any], dtype: np.dtype[Any]
) -> NDArray[Any]:
    """Evaluate ``formula(*operands)``, computing in `dtype`, block by block into `out`, and return `out`.

    NumPy's buffered iterator casts, broadcasts and gathers strided memory, so that the formula only ever sees
    contiguous blocks of one floating dtype. That is also why every memory layout gives the same bits.
    """
    count = len(operands)
    with np.nditer(  # type: ignore[call-overload]  # NumPy's stubs do not know "contig"
        [np.atleast_1d(a) for a in (*operands, out)],  # NumPy 1 fails to cast arrays without an axis
        flags=["external_loop", "buffered", "copy_if_overlap", "zerosize_ok"],
        op_flags=[["readonly", "contig", "overlap_assume_elementwise"]] * count
        + [["writeonly", "contig", "overlap_assume_elementwise"]],
        op_dtypes=[dtype] * (count + 1),
        casting="same_kind",
        buffersize=BLOCK_BYTES // dtype.itemsize,
    ) as iterator:
        for *blocks, target in iterator:
            formula(*blocks, out=target)
    return out


def _matches(x: NDArray[Any], out: Any) -> bool:
    """Whether a formula may write straight into `out`: it is like `x`, and has all of its memory or none."""
    return (
        type(out) is np.ndarray
        and out.dtype is x.dtype
        and out.shape == x.shape
        and out.strides == x.strides
        and (out is x or not np.may_share_memory(x, out))
    )


def elementwise(formula: Formula, *, whole: bool = False) -> Formula:
    """Make `formula`, written for one block of floats, accept what a NumPy ufunc accepts.

    The decorated function takes any array-like `x` of real numbers, checks its parameter (if it has one) by
    the rule of that parameter's name, and returns an array of the shape of `x`, or a NumPy scalar for a
    scalar. Booleans and integers are computed in float64, float16 in float32.

    A formula must hand `out` to its last operation, and not write to it before: it may be the memory of `x`.
    One without temporaries may have the `whole` array as its block.
    """
    name = formula.__name__
    signature = inspect.signature(formula)
    parameters = [p for p in signature.parameters if p not in ("x", "out")]  # at most one
    usage = ", ".join(str(p.replace(annotation=p.empty)) for p in signature.parameters.values())

    def checked(x: Array, args: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
        given = dict(zip(parameters, args, strict=False)) | named
        if len(given) < len(args) + len(named) or list(given) != parameters:
            got = ", ".join([*map(repr, args), *(f"{key}={value!r}" for key, value in named.items())])
            raise TypeError(
                f"{name}: its arguments must fit {name}({usage.replace(', out=None', ', *, out=None')}), "
                f"got {got} after x; leave out or rename what does not fit"
            )
        return [PARAMETER_RULES[p](name, x, given[p]) for p in parameters]

    @functools.wraps(formula)
    def function(x: Array, *args: Any, out: Out = None, **named: Any) -> Any:
        values = checked(x, args, named) if args or named else []
        arrays = [v for v in values if isinstance(v, np.ndarray)]
        # The common case is kept thin: contiguous floats, cut into blocks if there are many.
        if (
            type(x) is np.ndarray
            and (x.dtype is FLOAT64 or x.dtype is FLOAT32)
            and x.flags.forc
            and x.ndim
            and not arrays
            and (out is None or _matches(x, out))
        ):
            if x.nbytes <= BLOCK_BYTES or whole:
                return formula(x, *values, out=out)
            result = np.empty_like(x) if out is None else out
            flat, flat_result = x.reshape(-1, order="A"), result.reshape(-1, order="A")
            size = BLOCK_BYTES // x.itemsize
            for start in range(0, x.size, size):
                formula(flat[start : start + size], *values, out=flat_result[start : start + size])
            return result
        x = as_real(name, x)
        result = np.empty_like(x, dtype=result_dtype(x)) if out is None else out
        check_out(name, result, x.shape, result_dtype(x))
        if arrays:
            in_blocks(formula, (x, *arrays), result, computing_dtype(x))
        else:
            in_blocks(lambda b, out: formula(b, *values, out=out), (x,), result, computing_dtype(x))
        return result if x.ndim or out is not None else result[()]

    return function  # type: ignore[return-value]


def one_operation(formula: Formula) -> Formula:
    """Do as `elementwise` for a formula of a single operation, whose block may be the whole array."""
    return elementwise(formula, whole=True)


def _real_number(function: str, name: str, value: Any) -> float:
    if isinstance(value, (str, bytes)) or np.ndim(value) != 0:
        raise TypeError(f"{function}: {name} must be one real number, got {value!r}; pass a float")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{function}: {name} must be one real number, got {value!r}; pass a float") from None


def _negative_slope(function: str, x: Array, value: Any) -> float:  # noqa: ARG001
    number = _real_number(function, "negative_slope", value)
    if not 0 <= number < math.inf:
        raise ValueError(
            f"{function}: negative_slope must be finite and at least 0, got {number}; "
            "for a negative or learned slope use prelu"
        )
    return number


def _alpha(function: str, x: Array, value: Any) -> float:  # noqa: ARG001
    number = _real_number(function, "alpha", value)
    if not 0 < number < math.inf:
        raise ValueError(
            f"{function}: alpha must be finite and greater than 0, got {number}; the usual choice is 1.0"
        )
    return number


def _slope(function: str, x: Array, value: Any) -> float | NDArray[Any]:
    slope = as_real(function, value, "slope")
    if not np.all(np.isfinite(slope)):
        raise ValueError(f"{function}: slope must be finite, got {value}; the usual initial value is 0.25")
    if slope.ndim == 0:
        return float(slope)
    try:
        return np.broadcast_to(slope, np.shape(x))
    except ValueError:
        raise ValueError(
            f"{function}: slope must be a number or broadcast to the shape of x {np.shape(x)}, got shape "
            f"{slope.shape}; pass one slope for each entry of the last axis"
        ) from None


def _approximate(function: str, x: Array, value: Any) -> bool:  # noqa: ARG001
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(
            f"{function}: approximate must be True or False, got {value!r}; "
            "True is the tanh form, False the exact one"
        )
    return bool(value)


PARAMETER_RULES: dict[str, Callable[[str, Array, Any], Any]] = {
    "negative_slope": _negative_slope,
    "slope": _slope,
    "alpha": _alpha,
    "approximate": _approximate,
}
"""How a parameter is checked and made a Python number (or, for slopes, an array of the shape of x)."""
