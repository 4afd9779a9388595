"""Softmax and its family. These functions mix the entries of a vector, so they have an axis and a Jacobian.

All of them start from `_exponentials`: subtract the largest logit, so that nothing overflows, and carry along
what the subtraction rounds off, so that nothing is lost.
"""

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

_FEW_CLASSES = 32
"""Up to here a block is transposed, classes first: NumPy then works on few long rows, not many short ones."""

_UNDERFLOW = {FLOAT64: 800.0, FLOAT32: 120.0}
"""A logit this far below the largest one has a softmax of zero."""


def softmax(z: Array, axis: int = -1, *, out: Out = None) -> NDArray[Any]:
    """Turn logits into probabilities: ``softmax(z)_i = exp(z_i) / Σ_j exp(z_j)`` along `axis`.

    Adding a constant to all logits of a vector changes nothing. Every entry is right to 3 ULP (float64), also
    when the logits are thousands apart.

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

    Unlike ``np.log(softmax(z))`` it is finite for all logits within 1e308 of each other. Every entry is right
    to 3 ULP (float64), also that of a class whose probability is so close to 1 that softmax rounds to 1.

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

    Right to 3 ULP (float64) of the larger of the result and max z.

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
    _fill(result[:, None], _logsumexp_block, rows)
    result = result.reshape(z.shape[:axis] + z.shape[axis + 1 :])
    return np.expand_dims(result, axis) if keepdims else result[()]


def softmax_jacobian(z: Array) -> NDArray[Any]:
    """Return the matrix of all derivatives of softmax: ``J_ij = ∂softmax(z)_i/∂z_j = s_i (δ_ij − s_j)``.

    The matrix is symmetric, its rows sum to 0 and its spectral norm is at most 1/2.

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
    jacobian: NDArray[Any] = -s[..., :, None] * s[..., None, :]
    # s_i (1 - s_i) would cancel once s_i is near 1. The row sums to zero, so the others tell the diagonal.
    diagonal = np.einsum("...ii->...i", jacobian)
    diagonal[...] = 0
    diagonal[...] = -jacobian.sum(axis=-1)
    return jacobian.astype(result_dtype(z), copy=False)


def softmax_jvp(z: Array, v: Array, axis: int = -1) -> NDArray[Any]:
    """Return ``J v``, the derivative of softmax at `z` along the direction `v`: ``s_i (v_i − Σ_j s_j v_j)``.

    As the Jacobian is symmetric, this is also the product from the left, which backpropagation needs: with v
    the gradient with respect to the probabilities, the result is the gradient with respect to the logits. The
    error is at most 1e-14 of the largest entry of the vector.

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
    z, v = z.astype(computing, copy=False), v.astype(computing, copy=False)
    s = softmax(z, axis)
    # J (1, …, 1) = 0, so v may be shifted. With v = 0 at the likeliest class, the sum cannot cancel there.
    likeliest = np.expand_dims(np.argmax(z, axis), axis)
    w = v - np.take_along_axis(v, likeliest, axis)
    product: NDArray[Any] = s * (w - np.sum(s * w, axis=axis, keepdims=True))
    return product.astype(result, copy=False)


def _exponentials(z: Array, m: Array, out: Out = None) -> Array:
    """Return exp(z - m) for z <= m, right also where z - m must be rounded.

    Rounding a difference of -700 loses up to 6e-14, which exp turns into a relative error of the same size:
    hundreds of units in the last place. Two-sum (Higham 2002, section 4.3) recovers the lost part exactly,
    and exp(d + lost) is exp(d) (1 + lost) for one so small.
    """
    z = np.maximum(z, m - _UNDERFLOW[z.dtype])  # -inf - -inf would be nan
    d = z - m
    part = d - z
    lost = (z - (d - part)) - (m + part)
    e = np.exp(d)
    return np.add(e, e * lost, out=out)


def _shifted(z: Array, axis: int) -> tuple[Array, Array, Array]:
    """Return z, its maximum m along `axis`, and exp(z - m), with infinities replaced by their limits."""
    m = z.max(axis=axis, keepdims=True)
    if not np.isfinite(m).all():
        infinite = z == np.inf
        single = infinite.sum(axis=axis, keepdims=True) == 1
        one_hot = np.where(infinite & single, 0, np.where(single, -np.inf, np.nan))
        z = np.where(np.isinf(m), one_hot, z).astype(z.dtype)
        m = np.where(np.isinf(m), np.where(single, 0, np.nan), m).astype(z.dtype)
    if z.nbytes <= BLOCK_BYTES:
        return z, m, _exponentials(z, m)
    e = in_blocks(_exponentials, (z, np.broadcast_to(m, z.shape)), np.empty_like(z), z.dtype)
    return z, m, e


def _sum_of_others(z: Array, m: Array, e: Array, axis: int) -> Array:
    """Return the sum of exp(z - m) over all entries but one that attains the maximum, whose term is 1.

    log(1 + others) then keeps its digits, by log1p, when the others are far below the rounding error of 1.
    """
    largest = z == m
    e -= largest
    return e.sum(axis=axis, keepdims=True) + (largest.sum(axis=axis, keepdims=True, dtype=e.dtype) - 1)


def _softmax_block(z: Array, axis: int) -> Array:
    _, _, e = _shifted(z, axis)
    e /= e.sum(axis=axis, keepdims=True)
    return e


def _log_softmax_block(z: Array, axis: int) -> Array:
    z, m, e = _shifted(z, axis)
    correction = np.log1p(_sum_of_others(z, m, e, axis))
    return np.subtract(np.subtract(z, m, out=e), correction, out=e)


def _logsumexp_block(z: Array, axis: int) -> Array:
    largest = z.max(axis=axis, keepdims=True)
    result = largest + np.log1p(_sum_of_others(*_shifted(z, axis), axis))
    return np.where(np.isinf(largest), largest, result)


Block = Callable[[Array, int], Array]


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


def _fill(target: NDArray[Any], block: Block, rows: NDArray[Any]) -> None:
    """Set ``target`` to ``block(rows)``, as many rows at a time as fit the cache."""
    computing = computing_dtype(rows)
    n = rows.shape[-1]
    step = max(1, BLOCK_BYTES // (n * computing.itemsize))
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        count = len(part)
        if n <= _FEW_CLASSES:
            if count == 1:
                part = part[[0, 0]]  # NumPy would sum one vector alone in another order than in company
            target[start : start + step] = block(np.array(part.T, dtype=computing, order="C"), 0).T[:count]
        else:
            target[start : start + step] = block(np.ascontiguousarray(part, dtype=computing), -1)


def _apply(function: str, block: Block, z: Array, axis: Any, out: Out) -> NDArray[Any]:
    """Evaluate `block` for every vector of `z` along `axis`, into `out` or a new array."""
    z, axis = _check(function, z, axis)
    if out is None:
        out = np.empty(z.shape, result_dtype(z))
    else:
        check_out(function, out, z.shape, result_dtype(z))
        if out is not z and np.may_share_memory(z, out):
            z = z.copy()
    target = _rows(out, axis)
    _fill(target, block, _rows(z, axis))
    if not np.may_share_memory(target, out):
        np.moveaxis(out, axis, -1)[...] = target.reshape(np.moveaxis(out, axis, -1).shape)
    return out
