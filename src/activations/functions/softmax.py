"""Softmax and its family: they mix the entries of a vector, hence an axis and a Jacobian.

All of them rest on `_exponentials`, which neither overflows nor loses digits to the shift that prevents it.
Beside the result they need a few blocks of memory, whatever the size of the input; `softmax_jvp` of a vector
longer than a block needs a few more arrays of its length.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._blocks import (
    BLOCK_BYTES,
    FLOAT16,
    FLOAT32,
    FLOAT64,
    Array,
    Out,
    as_real,
    check_out,
    computing_dtype,
    in_blocks,
    result_dtype,
)

_FEW_FOR_SUM, _FEW_FOR_MAX = 32, 64
"""Up to here a block is transposed, classes first, to add (to compare) few long rows, not many short ones."""

_BLOCK_BYTES = 2 * BLOCK_BYTES
"""Softmax needs fewer temporaries than the elementwise functions, and more calls for each block."""

_SAFE = {FLOAT64: (-700.0, 650.0), FLOAT32: (-80.0, 60.0)}
"""Logits of these whose exponentials are normal numbers, and sum up to one."""


def softmax(z: Array, axis: int = -1, *, out: Out = None) -> NDArray[Any]:
    """Turn logits into probabilities: ``softmax(z)_i = exp(z_i) / Σ_j exp(z_j)`` along `axis`.

    Adding a constant to all logits of a vector changes nothing. Every entry is within 3.5 ULP [float32: 10,
    and 6 for up to 32 classes], also when the logits are hundreds apart; all but one in a million are within
    3 in float64.

    Parameters
    ----------
    z : array_like of real numbers, shape (..., n, ...)
        Logits, with n ≥ 1 classes along `axis`. ``-inf`` excludes a class. A single ``+inf`` takes all the
        probability; with several, with ``-inf`` only, or with a nan, no limit exists and the vector is nan.
    axis : int
        The axis whose entries add up to 1; the last one by default.
    out : ndarray, same shape as z, optional
        Where to store the result; may be `z` itself.

    Returns
    -------
    ndarray, same shape as z
        Probabilities; float64, or float32 and float16 for logits of these types.

    Raises
    ------
    TypeError
        If `z` does not hold real numbers, `axis` is not an integer or `out` cannot hold floats.
    ValueError
        If `z` has no such axis, no entry along it, or `out` has another shape.

    See Also
    --------
    log_softmax : its logarithm, for losses.
    softmax_jvp : its derivative along a direction.

    References
    ----------
    Bridle (1990) named it. Blanchard, Higham & Higham (2021) analyse the shift by the maximum.

    Examples
    --------
    >>> softmax([1.8, 0.9, 0.68]).round(2)
    array([0.58, 0.23, 0.19])
    >>> softmax([[1000.0, 1000.0], [0.0, -1000.0]])
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    return _apply("softmax", _softmax_block, z, axis, out)


def log_softmax(z: Array, axis: int = -1, *, out: Out = None) -> NDArray[Any]:
    """Return the logarithm of softmax: ``log_softmax(z)_i = z_i − log Σ_j exp(z_j)`` along `axis`.

    Unlike ``np.log(softmax(z))`` it is finite for all logits within 1e308 of each other; further apart it
    overflows to ``-inf``, rightly and with NumPy's warning. Every entry is within 3.5 ULP [float32: 8], also
    that of a class whose probability is so close to 1 that softmax rounds to 1; all but one in a million are
    within 3 in float64.

    Parameters
    ----------
    z : array_like of real numbers, shape (..., n, ...)
        Logits, with n ≥ 1 classes along `axis`; infinities as in `softmax`.
    axis : int
        The axis of the classes; the last one by default.
    out : ndarray, same shape as z, optional
        Where to store the result; may be `z` itself.

    Returns
    -------
    ndarray, same shape as z
        Log-probabilities, all ≤ 0.

    Raises
    ------
    TypeError, ValueError
        As `softmax`.

    Examples
    --------
    >>> log_softmax([0.0, 50.0])
    array([-5.00000000e+01, -1.92874985e-22])
    """
    return _apply("log_softmax", _log_softmax_block, z, axis, out)


def logsumexp(z: Array, axis: int = -1, *, keepdims: bool = False) -> Any:
    """Return ``log Σ_j exp(z_j)`` along `axis`: a smooth maximum, between max z and max z + log n.

    Within 3.5 ULP [float32: 6] of the larger of abs(result) and abs(max z); all but one in a million are
    within 3 in float64.

    Parameters
    ----------
    z : array_like of real numbers, shape (..., n, ...)
        With n ≥ 1 entries along `axis`. ``-inf`` adds nothing, ``+inf`` gives ``+inf``.
    axis : int
        The axis to sum over; the last one by default.
    keepdims : bool
        Whether to keep that axis, with length 1.

    Returns
    -------
    ndarray, shape of z without `axis`
        A NumPy scalar if `z` is a single vector.

    Raises
    ------
    TypeError
        If `z` does not hold real numbers or `axis` is not an integer.
    ValueError
        If `z` has no such axis or no entry along it.

    Examples
    --------
    >>> float(logsumexp([1000.0, 1000.0]))
    1000.6931471805599
    >>> logsumexp([[0.0, 0.0], [1.0, -40.0]], keepdims=True)
    array([[0.69314718],
           [1.        ]])
    """
    z, axis = _check("logsumexp", z, axis)
    rows = _rows(z, axis)
    result = np.empty(len(rows), result_dtype(z))
    _fill(result[:, None], _logsumexp_block, computing_dtype(z), rows)
    result = result.reshape(z.shape[:axis] + z.shape[axis + 1 :])
    return np.expand_dims(result, axis) if keepdims else result[()]


def softmax_jacobian(z: Array) -> NDArray[Any]:
    """Return the matrix of all derivatives of softmax: ``J_ij = ∂softmax(z)_i/∂z_j = s_i (δ_ij − s_j)``.

    The matrix is symmetric, its rows sum to 0 and its spectral norm is at most 1/2. Every entry, a product of
    two probabilities, is within 8 ULP [float32: 20].

    Parameters
    ----------
    z : array_like of real numbers, shape (..., n)
        Logits.

    Returns
    -------
    ndarray, shape (..., n, n)
        One Jacobian for each vector of logits.

    Raises
    ------
    TypeError, ValueError
        As `softmax`.

    See Also
    --------
    softmax_jvp : the product with one direction, without building the matrix.

    Examples
    --------
    >>> softmax_jacobian([0.0, 0.0])
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    """
    z, _ = _check("softmax_jacobian", z, -1)
    s = softmax(z.astype(computing_dtype(z), copy=False))
    jacobian = np.empty((*s.shape, s.shape[-1]), result_dtype(z))
    np.multiply(-s[..., :, None], s[..., None, :], out=jacobian, casting="same_kind")
    # On the diagonal, s_i (1 - s_i) cancels if s_i is near 1: there the others are added up, for one i only.
    others = 1 - s
    likeliest = np.argmax(s, axis=-1)[..., None]
    less = s.copy()
    np.put_along_axis(less, likeliest, 0, axis=-1)
    np.put_along_axis(others, likeliest, less.sum(axis=-1, keepdims=True), axis=-1)
    np.einsum("...ii->...i", jacobian)[...] = s * others
    return jacobian


def softmax_jvp(z: Array, v: Array, axis: int = -1) -> NDArray[Any]:
    """Return ``J v``, the derivative of softmax at `z` along the direction `v`: ``s_i (v_i − Σ_j s_j v_j)``.

    As the Jacobian is symmetric, this is also the product from the left, which backpropagation needs: with v
    the gradient with respect to the probabilities, the result is the gradient with respect to the logits. The
    error is within 1e-14 [float32: 2e-6] of the largest entry of the vector, where that is a normal number.

    Parameters
    ----------
    z : array_like of real numbers, shape (..., n, ...)
        Logits.
    v : array_like of real numbers, same shape as z
        Direction, or gradient with respect to softmax(z).
    axis : int
        The axis of the classes; the last one by default.

    Returns
    -------
    ndarray, same shape as z
        Its entries sum to 0 along `axis`.

    Raises
    ------
    TypeError, ValueError
        As `softmax`; ValueError also if the shapes of `z` and `v` differ.

    Examples
    --------
    >>> softmax_jvp([0.0, 0.0], [1.0, 0.0])
    array([ 0.25, -0.25])
    """
    z, axis = _check("softmax_jvp", z, axis)
    v = as_real("softmax_jvp", v, "v")
    if v.shape != z.shape:
        raise ValueError(
            f"softmax_jvp: v must have the shape of z {z.shape}, got {v.shape}; "
            "pass one direction for each vector of logits"
        )
    result = np.result_type(result_dtype(z), result_dtype(v))
    computing = FLOAT32 if result == FLOAT16 else result
    return _along(axis, _jvp_block, computing, np.empty(z.shape, result), z, v)


def _exponentials(
    z: Array, axis: int, m: Array = None, least: Array = None
) -> tuple[Array, Array, Array, Array]:
    """Return z, its maximum m along `axis`, exp(z) and exp(m), the last two over a common factor if need be.

    Of a part of a longer vector, m and `least` are the maximum, finite, and the minimum of the whole.

    Subtracting m from z, the usual remedy against overflow, rounds. It is off by 6e-14 at a difference of
    700, which exp turns into hundreds of units in the last place. So it is done only to vectors that need it,
    and there the rounding is made good. Infinities in z and m are replaced by what has the same limit.
    """
    low, high = _SAFE[z.dtype]
    m = z.max(axis=axis, keepdims=True) if m is None else m
    direct = (m >= 0) & (m <= high)  # beside exp(m) >= 1, an entry that loses digits does not count
    if not direct.all():
        least = z.min(axis=axis, keepdims=True) if least is None else least
        direct |= (m >= -high) & (m < 0) & (least >= low)
    if direct.all():
        return z, m, np.exp(z), np.exp(m)

    e, top = np.exp(np.minimum(z, high)), np.exp(np.minimum(m, high))
    others = ~direct.ravel()
    select = (slice(None), others) if axis == 0 else others
    z_others, m_others = z[select], m[select]
    if not np.isfinite(m_others).all():
        single = np.sum(z_others == np.inf, axis=axis, keepdims=True) == 1
        z_others, m_others = _finite(z_others, m_others, single)
        z, m = z.copy(), m.copy()
        z[select], m[select] = z_others, m_others
    shape = z_others.shape
    e[select] = in_blocks(
        _shifted_exponentials, (z_others, np.broadcast_to(m_others, shape)), np.empty(shape, z.dtype), z.dtype
    )
    top[select] = 1
    return z, m, e, top


def _shifted_exponentials(z: Array, m: Array, out: Out) -> Array:
    """Return exp(z - m) for z <= m.

    Two-sum (Higham 2002, section 4.3) recovers exactly what the difference d lost, and exp(d + lost) is
    exp(d) (1 + lost) for a loss so small. Differences of halves cannot overflow.
    """
    z, m = 0.5 * z, 0.5 * m
    z = np.maximum(z, m - np.maximum(400, 2**-20 * np.abs(m)))  # whose exponential is 0; -inf would give nan
    d = z - m
    part = d - z
    lost = (z - (d - part)) - (m + part)
    e = np.exp(2 * d)
    return np.add(e, 2 * lost * e, out=out)


def _finite(z: Array, m: Array, single: Array) -> tuple[Array, Array]:
    """Return z and m with a finite maximum: 0 for a `single` +inf, nan where softmax has no limit."""
    limit = np.where(z == np.inf, 0, np.where(single, -np.inf, np.nan))
    return (
        np.where(np.isinf(m), np.where(single, limit, np.nan), z).astype(z.dtype),
        np.where(np.isinf(m), np.where(single, 0, np.nan), m).astype(z.dtype),
    )


def _sum(e: Array, axis: int) -> Array:
    """Return the sum of nonnegative numbers along `axis`, exact but for one rounding.

    NumPy's own sum is off by some ULP. In float32 it will do along the last axis, where NumPy adds pairwise
    and exp errs more. Adding and subtracting twice that rough sum cuts all numbers off at its last place, and
    such numbers add up without rounding. What was cut off is recovered without error (Dekker 1971), and so
    small that its own sum may be rounded.
    """
    rough = e.sum(axis=axis, keepdims=True)
    if e.dtype == FLOAT32 and axis != 0:
        return rough
    rough += rough
    head = e + rough
    head -= rough
    total = head.sum(axis=axis, keepdims=True)
    head -= e
    return total - head.sum(axis=axis, keepdims=True)


def _sum_of_others(z: Array, m: Array, e: Array, top: Array, axis: int) -> Array:
    """Return the sum of exp(z - m) over all entries but one that attains the maximum, whose term is 1.

    log(1 + others) then keeps its digits, by log1p, when the others are far below the rounding error of 1.
    """
    below = z < m
    others = _sum(np.multiply(e, below, out=e), axis) / top
    if np.count_nonzero(below) < z.size - m.size:  # some maximum is attained twice, or is nan
        others += z.shape[axis] - 1 - np.count_nonzero(below, axis=axis, keepdims=True)
    return others


def _softmax_block(z: Array, axis: int, out: Out) -> Array:
    high = _SAFE[z.dtype][1]
    e = np.exp(z, out=out) if z.min() >= -high and z.max() <= high else _exponentials(z, axis)[2]
    return np.divide(e, _sum(e, axis), out=e if out is None else out)


def _log_softmax_block(z: Array, axis: int, out: Out) -> Array:
    z, m, e, top = _exponentials(z, axis)
    correction = np.log1p(_sum_of_others(z, m, e, top, axis))
    return np.subtract(np.subtract(z, m, out=e), correction, out=e if out is None else out)


def _logsumexp_block(z: Array, axis: int, out: Out) -> Array:  # noqa: ARG001
    largest = z.max(axis=axis, keepdims=True)
    result = largest + np.log1p(_sum_of_others(*_exponentials(z, axis), axis))
    return np.where(np.isinf(largest), largest, result)


def _jvp_block(z: Array, v: Array, axis: int, out: Out) -> Array:
    # J (1, …, 1) = 0, so v may be shifted. With v = 0 at the likeliest class, the sum cannot cancel there.
    w = v - np.take_along_axis(v, np.expand_dims(np.argmax(z, axis), axis), axis)
    s = softmax(z) if z.shape[axis] * z.itemsize > _BLOCK_BYTES else _softmax_block(z, axis, None)
    w -= np.sum(s * w, axis=axis, keepdims=True)
    return np.multiply(s, w, out=out)


Block = Callable[..., Array]
"""The formula for a few vectors: takes them, the axis of the classes (0 or -1) and `out`."""


def _fill_long(target: Array, block: Block, computing: np.dtype[Any], z: Array) -> None:
    """Set the vector `target` to what `block` makes of a vector `z` too long for a block, part by part.

    The maximum is that of the whole vector, the sum is that of the parts, and nothing is as long as `z`.
    """
    length = _BLOCK_BYTES // computing.itemsize
    places = [slice(start, start + length) for start in range(0, z.size, length)]
    largest, least = (np.full((1, 1), end, computing) for end in (z.max(), z.min()))
    single = largest == np.inf and sum(np.count_nonzero(z[place] == np.inf) for place in places) == 1
    m = largest if np.isfinite(largest) else np.full((1, 1), 0 if single else np.nan, computing)

    def part(place: slice) -> Array:
        some = np.ascontiguousarray(z[place], computing)[None]
        return some if m is largest else _finite(some, largest, single)[0]

    def exponentials(place: slice) -> tuple[Array, Array, Array, Array]:
        return _exponentials(part(place), -1, m, least)

    sums = []
    if block is _softmax_block:
        kept = target.dtype == computing  # else they would be rounded: they are computed twice instead
        for place in places:
            e = exponentials(place)[2]
            sums.append(float(_sum(e, -1)[0, 0]))
            if kept:
                target[place] = e[0]
        total = computing.type(math.fsum(sums))
        for place in places:
            e = target[place] if kept else exponentials(place)[2][0]
            np.divide(e, total, out=target[place], casting="same_kind")
        return
    leader = int(z.argmax())
    for place in places:
        _, _, e, top = exponentials(place)
        if place.start <= leader < place.stop:
            e[0, leader - place.start] = 0
        sums.append(float(_sum(e, -1)[0, 0]))
    correction = np.log1p(computing.type(math.fsum(sums)) / top)
    if block is _logsumexp_block:
        target[...] = np.where(np.isinf(largest), largest, m + correction)[0]
        return
    for place in places:
        target[place] = (part(place) - m - correction)[0]


def _check(function: str, z: Array, axis: Any) -> tuple[NDArray[Any], int]:
    """Return `z` as an array and `axis` as a number from 0, or raise."""
    z = as_real(function, z, "z")
    if z.ndim == 0:
        raise ValueError(
            f"{function}: z must have an axis of classes, got the scalar {z}; pass a vector of logits"
        )
    if isinstance(axis, (bool, np.bool_)) or not isinstance(axis, (int, np.integer)):
        raise TypeError(f"{function}: axis must be one integer, got {axis!r}; pass -1 for the last axis")
    if not -z.ndim <= axis < z.ndim:
        raise ValueError(
            f"{function}: axis must be from {-z.ndim} to {z.ndim - 1} for an array of shape {z.shape}, "
            f"got {axis}; pass -1 for the last axis"
        )
    axis = int(axis) % z.ndim
    if z.shape[axis] == 0:
        raise ValueError(
            f"{function}: z must have at least one entry along axis {axis}, got shape {z.shape}; "
            "leave empty vectors out"
        )
    return z, axis


def _rows(z: NDArray[Any], axis: int) -> NDArray[Any]:
    """Return `z` as a matrix of one vector a row: a view where the memory allows it, else a copy."""
    if axis != z.ndim - 1:
        z = np.moveaxis(z, axis, -1)
    return z if z.ndim == 2 else z.reshape(-1, z.shape[-1])


def _fill(target: Array, block: Block, computing: np.dtype[Any], *operands: Array) -> None:
    """Set ``target`` to ``block(*operands)``, as many of their rows at a time as fit the cache."""
    n = operands[0].shape[-1]
    few = _FEW_FOR_SUM if block is _softmax_block else _FEW_FOR_MAX
    step = max(1, _BLOCK_BYTES // (n * computing.itemsize))
    if n * computing.itemsize > _BLOCK_BYTES and block is not _jvp_block:
        for row_target, row in zip(target, operands[0], strict=True):
            _fill_long(row_target, block, computing, row)
        return
    for start in range(0, len(target), step):
        parts, part_target = [x[start : start + step] for x in operands], target[start : start + step]
        if n <= few:
            count = len(part_target)
            if count == 1:
                parts = [x[[0, 0]] for x in parts]  # NumPy would sum one vector alone in another order
            parts = [np.array(x.T, dtype=computing, order="C") for x in parts]
            part_target[...] = block(*parts, 0, None).T[:count]
        else:
            parts = [np.ascontiguousarray(x, dtype=computing) for x in parts]
            fits = part_target.shape == parts[0].shape and target.dtype is computing
            fits = fits and target.flags.c_contiguous
            result = block(*parts, -1, part_target if fits else None)
            if not fits:
                part_target[...] = result


def _apply(function: str, block: Block, z: Array, axis: Any, out: Out) -> NDArray[Any]:
    """Evaluate `block` for every vector of `z` along `axis`, into `out` or a new array."""
    z, axis = _check(function, z, axis)
    if out is None:
        out = np.empty(z.shape, result_dtype(z))
    else:
        check_out(function, out, z.shape, result_dtype(z))
        if out is not z and np.may_share_memory(z, out):
            z = z.copy()
    return _along(axis, block, computing_dtype(z), out, z)


def _along(
    axis: int, block: Block, computing: np.dtype[Any], out: NDArray[Any], *operands: NDArray[Any]
) -> NDArray[Any]:
    """Evaluate `block` for every vector of the operands along `axis`, into `out`."""
    target = _rows(out, axis)
    _fill(target, block, computing, *(_rows(x, axis) for x in operands))
    if not np.may_share_memory(target, out):
        np.moveaxis(out, axis, -1)[...] = target.reshape(np.moveaxis(out, axis, -1).shape)
    return out
