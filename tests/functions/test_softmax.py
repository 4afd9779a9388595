"""Softmax and its family: accuracy against mpmath, special vectors, properties, types, memory, errors."""

import math
import re
import tracemalloc

import mpmath
import numpy as np
import oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from mpmath import mpf

from activations import log_softmax, logsumexp, sigmoid, softmax, softmax_jacobian, softmax_jvp
from activations.functions.softmax import _sum

INF, NAN = np.inf, np.nan


# ------------------------------------------------------------------------------------------------ accuracy


def exact_family(z):
    """Return the exact softmax, log_softmax and logsumexp of one vector; log_softmax without cancellation."""
    z = [mpf(float(v)) for v in z]
    top = max(z)
    e = [mpmath.exp(v - top) for v in z]
    total = mpmath.fsum(e)
    others = mpmath.fsum(sorted(e)[:-1])
    log_total = mpmath.log1p(others)
    return [v / total for v in e], [v - top - log_total for v in z], top + log_total


def worst_error(computed, exact, dtype=np.float64):
    """Return the largest error in ULP of the results that are normal numbers."""
    worst = 0.0
    for y, v in zip(np.atleast_1d(computed), exact, strict=True):
        if abs(v) >= np.finfo(dtype).tiny:
            worst = max(worst, float(oracle.ulp_error(y, *oracle.rounded(v, dtype))))
    return worst


def logits(kind, n, rng):
    """Return one vector of n logits of the given kind."""
    z = {
        "standard": lambda: rng.normal(size=n),
        "confident": lambda: rng.normal(scale=20, size=n),
        "negative": lambda: -30 - rng.exponential(20, size=n),
        "spread": lambda: rng.uniform(-700, 700, size=n),
        "spread below": lambda: rng.uniform(-1400, -1, size=n),
        "far": lambda: rng.uniform(-3000, 3000, size=n),
        "offset": lambda: 1e4 + rng.normal(scale=3, size=n),
        "negative offset": lambda: -1e4 + rng.normal(scale=100, size=n),
        "huge offset": lambda: 1e15 + rng.integers(0, 50, size=n),
        "dominant": lambda: np.append(rng.uniform(-600, -30, size=n - 1), rng.uniform(0, 10)),
        "dominant below": lambda: np.append(rng.uniform(-1300, -730, size=n - 1), rng.uniform(-20, -0.1)),
        "dominant offset": lambda: 1e4 + np.append(rng.uniform(-600, -30, size=n - 1), 0.3),
        "ties": lambda: rng.integers(-2, 3, size=n).astype(float),
        "tiny": lambda: rng.normal(size=n) * 1e-300,
    }[kind]()
    return rng.permutation(z)


KINDS = [
    "standard", "confident", "negative", "spread", "spread below", "far", "offset", "negative offset",
    "huge offset", "dominant", "dominant below", "dominant offset", "ties", "tiny",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [2, 3, 10, 32, 33, 64, 65, 300])
def test_float64_keeps_its_bounds(kind, n):
    rng = np.random.default_rng(n)
    for _ in range(20 if n < 40 else 5):
        z = logits(kind, n, rng)
        s, log_s, total = exact_family(z)
        assert worst_error(softmax(z), s) <= (3.5 if n <= 32 else 8)
        assert worst_error(log_softmax(z), log_s) <= (3.5 if n <= 64 else 6)
        # The sum of max z and a positive logarithm may cancel: the unit is that of the larger of the two.
        unit = np.spacing(max(abs(float(total)), abs(z.max())))
        assert abs(mpf(float(logsumexp(z))) - total) <= 3 * mpf(float(unit))
        if z.max() >= 0:
            assert worst_error(logsumexp(z), [total]) <= 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [2, 10, 32, 64, 100])
def test_float32_keeps_its_bounds(kind, n):
    rng = np.random.default_rng(n)
    for _ in range(6):
        z = logits(kind, n, rng).astype(np.float32)
        s, log_s, total = exact_family(z)
        results = softmax(z), log_softmax(z), logsumexp(z)
        assert all(r.dtype == np.float32 for r in results)
        # exp errs by up to 2 ULP in float32, by less than 1 in float64.
        assert worst_error(results[0], s, np.float32) <= (6 if n <= 32 else 10)
        assert worst_error(results[1], log_s, np.float32) <= (6 if n <= 64 else 10)
        unit = np.spacing(max(np.float32(abs(total)), abs(z.max())))
        assert abs(mpf(float(results[2])) - total) <= 6 * mpf(float(unit))


def test_a_plain_shift_would_lose_hundreds_of_units():
    z = np.array([300.1, 0.3, -300.7])
    s, _, _ = exact_family(z)
    e = np.exp(z - z.max())
    assert worst_error(e / e.sum(), s) > 100
    assert worst_error(softmax(z), s) <= 3


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("spread", [0.3, 3.0, 15.0])
def test_few_exponentials_add_up_with_one_rounding(spread, dtype):
    e = np.exp(np.random.default_rng(0).normal(0, spread, (32, 5_000)).astype(dtype))
    exact = np.array([math.fsum(column) for column in e.T.tolist()]).astype(dtype)
    unit = np.spacing(exact)
    assert np.max(np.abs(_sum(e, 0)[0] - exact) / unit) <= 1
    assert np.mean(_sum(e, 0)[0] != exact) < 0.001
    assert np.max(np.abs(e.sum(axis=0) - exact) / unit) > 2  # what one addition after the other comes to


def test_a_plain_sum_would_lose_the_dominant_class():
    z = np.array([0.0, -40.0])
    assert np.log(np.exp(z).sum()) == 0
    assert log_softmax(z)[0] == logsumexp(z) * -1 == pytest.approx(-np.exp(-40), rel=1e-15)


@pytest.mark.parametrize("scale", [1, 20, 200])
@pytest.mark.parametrize("n", [2, 3, 10, 50])
def test_jvp_and_jacobian_against_mpmath(scale, n):
    rng = np.random.default_rng(n)
    for _ in range(6):
        z, v = rng.normal(scale=scale, size=n), rng.normal(size=n)
        s = exact_family(z)[0]
        with mpmath.workprec(3000):  # 1 - s may be as small as e^-1000
            mean = mpmath.fsum(a * mpf(b) for a, b in zip(exact_family(z)[0], v, strict=True))
            exact = [a * (mpf(b) - mean) for a, b in zip(exact_family(z)[0], v, strict=True)]
        largest = max(abs(x) for x in exact)
        error = max(abs(mpf(a) - b) for a, b in zip(softmax_jvp(z, v), exact, strict=True))
        assert error <= 1e-14 * largest
        jacobian = softmax_jacobian(z)
        for i in range(n):
            row = [s[i] * ((i == j) - s[j]) for j in range(n)]
            row[i] = s[i] * mpmath.fsum(s[j] for j in range(n) if j != i)
            # A product of two rounded entries; the diagonal is a sum of such products.
            assert worst_error(jacobian[i], row) <= 9


def test_naive_jvp_loses_every_digit():
    z, v = np.array([50.0, 0.0, -3.0]), np.array([1.3, 0.4, -2.0])
    s = softmax(z)
    naive = s * (v - s @ v)
    exact = exact_family(z)[0]
    gradient = exact[0] * mpmath.fsum(exact[j] * (mpf(v[0]) - mpf(v[j])) for j in (1, 2))
    assert abs(naive[0] - gradient) > 0.5 * abs(gradient)
    assert softmax_jvp(z, v)[0] == pytest.approx(float(gradient), rel=1e-14)


# ----------------------------------------------------------------------------------------- special vectors

SPECIAL = [
    # z, softmax, log_softmax, logsumexp
    ([INF, 1.0, 2.0], [1, 0, 0], [0, -INF, -INF], INF),
    ([INF, -INF], [1, 0], [0, -INF], INF),
    ([-INF, 0.0, 0.0], [0, 0.5, 0.5], [-INF, -np.log(2), -np.log(2)], np.log(2)),
    ([-INF, -2.0, -2.0], [0, 0.5, 0.5], [-INF, -np.log(2), -np.log(2)], np.log(2) - 2),
    ([-INF, 900.0], [0, 1], [-INF, 0], 900),
    ([-INF, -INF], [NAN, NAN], [NAN, NAN], -INF),
    ([INF, INF, 0.0], [NAN] * 3, [NAN] * 3, INF),
    ([NAN, 0.0], [NAN] * 2, [NAN] * 2, NAN),
    ([NAN, INF], [NAN] * 2, [NAN] * 2, NAN),
    ([NAN, -INF], [NAN] * 2, [NAN] * 2, NAN),
    ([3.0], [1], [0], 3),
    ([-900.0], [1], [0], -900),
    ([1e308, -1e308], [1, 0], [0, -INF], 1e308),
    ([-1e308, -1e308], [0.5, 0.5], [-np.log(2)] * 2, -1e308),
]


@pytest.mark.parametrize(("z", "s", "log_s", "total"), SPECIAL)
@pytest.mark.parametrize("n", [1, 30, 100])
def test_special_vectors(z, s, log_s, total, n):
    """Also padded with excluded classes, for the code that treats many classes in another way."""
    z, s, log_s = (
        z + [-INF] * n,
        s + [s[0] if np.isnan(s[0]) else 0] * n,
        log_s + [log_s[0] if np.isnan(s[0]) else -INF] * n,
    )
    with np.errstate(all="raise", under="ignore", over="ignore" if z[0] == 1e308 else "raise"):
        results = softmax(z), log_softmax(z), logsumexp(z)
    assert np.array_equal(results[0], s, equal_nan=True)
    # log(2) is rounded twice where it is added to another number.
    assert results[1] == pytest.approx(log_s, rel=1e-15, nan_ok=True)
    assert results[2] == pytest.approx(total, rel=1e-15, nan_ok=True)


@pytest.mark.parametrize("n", [4, 30, 100])
def test_special_vectors_in_company(n):
    """A special vector changes no bit of its neighbours."""
    rng = np.random.default_rng(0)
    kinds = [logits(k, n, rng) for k in KINDS]
    specials = [np.append([INF], rng.normal(size=n - 1)), np.full(n, -INF), np.full(n, NAN), np.full(n, INF)]
    z = np.array(kinds + specials + kinds)
    for function in (softmax, log_softmax, logsumexp):
        with np.errstate(all="raise", under="ignore"):
            together = function(z)
            alone = np.array([function(row) for row in z])
        assert np.array_equal(together, alone, equal_nan=True)


def test_no_signal_but_underflow():
    rng = np.random.default_rng(0)
    with np.errstate(all="raise", under="ignore"):
        for scale in (1e-300, 1.0, 1e3, 1e300):
            for n in (3, 50):
                z = rng.normal(scale=scale, size=(40, n))
                for function in (softmax, log_softmax, logsumexp, softmax_jacobian):
                    assert np.all(np.isfinite(function(z)))
                assert np.all(np.isfinite(softmax_jvp(z, z / scale)))


def test_log_softmax_overflows_where_its_value_does():
    with pytest.warns(RuntimeWarning, match="overflow"):
        assert log_softmax([1e308, -1e308]).tolist() == [0, -INF]


# ----------------------------------------------------------------------------------------------- properties

vectors = hnp.arrays(np.float64, st.integers(1, 80), elements=st.floats(-800, 800))


@given(z=vectors)
def test_probabilities(z):
    s, n = softmax(z), z.size
    assert np.all((s >= 0) & (s <= 1))
    assert abs(s.sum() - 1) <= 2e-16 * (n + 2)
    order = np.argsort(z, kind="stable")
    assert np.all(np.diff(s[order]) >= -4 * np.spacing(s[order][1:]))
    assert np.all(log_softmax(z) <= 0)
    assert z.max() <= logsumexp(z) <= z.max() + np.log(n) + 2e-13


@given(z=vectors, shift=st.integers(-(2**20), 2**20))
def test_shift_invariance(z, shift):
    """Exact for logits on a grid on which adding the shift does not round."""
    z = np.round(z * 2**10) / 2**10
    assert softmax(z + shift) == pytest.approx(softmax(z), rel=4e-15 * z.size, abs=1e-300)
    assert log_softmax(z + shift) == pytest.approx(log_softmax(z), rel=4e-15 * z.size, abs=1e-300)
    assert logsumexp(z + shift) == pytest.approx(logsumexp(z) + shift, rel=1e-15, abs=1e-9)


@given(z=vectors)
def test_logarithm(z):
    s, log_s = softmax(z), log_softmax(z)
    assert np.exp(log_s) == pytest.approx(
        s, rel=2e-13, abs=1e-300
    )  # exp turns the rounding of 700 into 1e-13
    assert log_s == pytest.approx(z - logsumexp(z), rel=1e-12, abs=1e-12)


@given(a=st.floats(-300, 300), b=st.floats(-300, 300))
def test_two_classes_are_a_sigmoid(a, b):
    assert softmax([a, b])[0] == pytest.approx(sigmoid(a - b), rel=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_huge_logits_leave_everything_to_the_largest(dtype):
    for size in np.geomspace(1e4, 0.9 * float(np.finfo(dtype).max), 40):
        z = np.array([[0, size, -INF], [-size, size / 2, 1]], dtype)
        np.testing.assert_array_equal(softmax(z), [[0, 1, 0], [0, 1, 0]])
        np.testing.assert_array_equal(logsumexp(z), z.max(axis=-1))


@given(z=vectors, data=st.data())
def test_permutation(z, data):
    order = np.array(data.draw(st.permutations(range(z.size))))
    assert softmax(z[order]) == pytest.approx(softmax(z)[order], rel=1e-14, abs=1e-300)


@given(z=hnp.arrays(np.float64, st.integers(1, 20), elements=st.floats(-60, 60)), data=st.data())
def test_jacobian(z, data):
    n = z.size
    jacobian = softmax_jacobian(z)
    assert np.array_equal(jacobian, jacobian.T - np.diag(jacobian.diagonal() - jacobian.diagonal()))
    assert np.all(np.abs(jacobian.sum(axis=1)) <= 4e-16 * n * np.abs(jacobian).max(axis=1))
    assert np.all(np.linalg.norm(jacobian, 2) <= 0.5 + 1e-15)
    v = data.draw(hnp.arrays(np.float64, n, elements=st.floats(-10, 10)))
    assert softmax_jvp(z, v) == pytest.approx(jacobian @ v, rel=1e-12, abs=1e-14 * np.abs(v).max() + 1e-300)
    assert abs(softmax_jvp(z, v).sum()) <= 1e-15 * n * max(np.abs(v).max(), 1e-300)
    assert np.all(np.abs(softmax_jvp(z, np.full(n, 7.0))) == 0)


@settings(max_examples=50)
@given(z=hnp.arrays(np.float64, 5, elements=st.floats(-8, 8)))
def test_jacobian_agrees_with_finite_differences(z):
    """Central differences with h = 1e-5 are off by h² / 6 and by ε / h: together below 1e-10."""
    h = 1e-5
    columns = [(softmax(z + h * unit) - softmax(z - h * unit)) / (2 * h) for unit in np.eye(5)]
    assert softmax_jacobian(z) == pytest.approx(np.array(columns).T, abs=1e-10)


def test_jacobian_norm_is_one_half_for_two_equal_classes():
    assert np.linalg.norm(softmax_jacobian([0.0, 0.0]), 2) == pytest.approx(0.5, rel=1e-15)


# -------------------------------------------------------------------------------------- types, shapes, memory


@pytest.fixture(params=[softmax, log_softmax, logsumexp], ids=lambda f: f.__name__)
def function(request):
    return request.param


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
@pytest.mark.parametrize("shape", [(4, 5, 6), (70, 3, 40), (1, 1, 90), (3, 70_000, 2)])
def test_axes(function, axis, shape):
    """Every vector is treated as if it were alone, whatever the axis: to the last bit."""
    z = np.random.default_rng(0).normal(scale=5, size=shape)
    result = function(z, axis)
    rows = np.moveaxis(z, axis, -1).reshape(-1, shape[axis])
    if function is logsumexp:
        assert result.shape == np.delete(shape, axis).tolist() or result.shape == tuple(
            np.delete(shape, axis)
        )
        kept = logsumexp(z, axis, keepdims=True)
        assert kept.shape == tuple(1 if i == axis % 3 else k for i, k in enumerate(shape))
        assert np.array_equal(kept.ravel(), result.ravel())
        found = result.reshape(-1)
    else:
        assert result.shape == shape
        found = np.moveaxis(result, axis, -1).reshape(rows.shape)
    for i in {0, len(rows) // 2, len(rows) - 1}:
        assert np.array_equal(function(rows[i]), found[i])


@pytest.mark.parametrize("dtype", ["?", "i1", "u1", "i8", "u8", "f2", "f4", "f8", ">f4", ">f8"])
@pytest.mark.parametrize("n", [3, 70])
def test_dtypes(function, dtype, n):
    z = np.random.default_rng(0).integers(0, 9, size=(4, n)).astype(dtype)
    result = function(z)
    dtype = np.dtype(dtype)
    assert result.dtype == (dtype.newbyteorder("=") if dtype.kind == "f" else np.float64)
    computing = np.float32 if result.dtype.itemsize < 8 else np.float64
    assert np.array_equal(result, function(z.astype(computing)).astype(result.dtype))


def test_dtypes_of_derivatives():
    for dtype, expected in ((np.float16,) * 2, (np.float32,) * 2, (np.float64,) * 2, (np.int64, np.float64)):
        z = np.array([[1, 2, 4], [0, 0, 3]], dtype)
        jacobian, jvp = softmax_jacobian(z), softmax_jvp(z, z)
        assert jacobian.dtype == jvp.dtype == expected
        precise = softmax_jacobian(z.astype(np.float64))
        assert jacobian == pytest.approx(precise, rel=4 * float(np.finfo(expected).eps))
        assert jvp == pytest.approx(softmax_jvp(z * 1.0, z * 1.0), rel=4 * float(np.finfo(expected).eps))
    assert softmax_jvp(np.float32([1, 2]), np.float64([1, 2])).dtype == np.float64


@pytest.mark.parametrize("n", [5, 20, 80])
def test_layouts_change_nothing(function, n):
    z = np.random.default_rng(0).normal(scale=9, size=(30, n))
    expected = function(z)
    layouts = [
        np.asfortranarray(z),
        np.repeat(z, 2, axis=1)[:, ::2],
        z[::-1].copy()[::-1],
        z[:, ::-1].copy()[:, ::-1],
        np.frombuffer(b"\0" + z.tobytes(), np.uint8)[1:].view(np.float64).reshape(z.shape),
    ]
    for layout in layouts:
        assert np.array_equal(function(layout), expected)
    assert np.array_equal(function(z.tolist()), expected)
    assert np.array_equal(function(np.broadcast_to(z[0], (4, n)))[2], expected[0])


@pytest.mark.parametrize("function", [softmax, log_softmax])
@pytest.mark.parametrize("shape", [(2000, 7), (700, 90), (2, 50_000), (40,)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_out(function, shape, dtype):
    z = np.random.default_rng(0).normal(scale=9, size=shape).astype(dtype)
    expected = function(z)
    for out in (
        np.empty(shape, dtype),
        np.empty((*shape, 2), dtype)[..., 0],
        np.empty(shape, dtype, order="F"),
    ):
        assert function(z, out=out) is out
        assert np.array_equal(out, expected)
    wider = function(z, out=np.empty(shape))
    assert np.array_equal(wider.astype(dtype), expected)
    assert np.array_equal(
        function(np.moveaxis(z, -1, 0), 0, out=np.empty_like(np.moveaxis(z, -1, 0))),
        np.moveaxis(expected, -1, 0),
    )
    cube = np.stack([z, z], axis=-1)
    axis = len(shape) - 1
    assert np.array_equal(function(cube, axis, out=np.empty_like(cube))[..., 1], expected)
    backing = np.concatenate([z.ravel(), [0]]).astype(dtype)
    shifted = backing[1:].reshape(shape)
    function(backing[:-1].reshape(shape), out=shifted)
    assert np.array_equal(shifted, expected)
    function(z, out=z)
    assert np.array_equal(z, expected)


def test_no_vectors(function):
    for shape in ((0, 5), (0, 90), (4, 0, 3)):
        assert function(np.empty(shape)).shape == (shape if function is not logsumexp else shape[:-1])
    assert softmax_jacobian(np.empty((0, 5))).shape == (0, 5, 5)
    assert softmax_jvp(np.empty((0, 5)), np.empty((0, 5))).shape == (0, 5)


def test_scalar_results():
    assert isinstance(logsumexp([1.0, 2.0]), np.float64)
    assert isinstance(logsumexp(np.float32([1, 2])), np.float32)
    assert logsumexp([1.0, 2.0], keepdims=True).shape == (1,)


def test_input_is_left_alone(function):
    for z in (
        np.array([[1.0, 2.0], [INF, 3.0]]),
        np.append([INF], np.arange(100.0)),
        np.arange(-900.0, -800),
    ):
        before = z.copy()
        assert not np.may_share_memory(function(z), z)
        assert np.array_equal(z, before)


@pytest.mark.parametrize("shape", [(200_000, 10), (2000, 1000), (1, 2_000_000)])
def test_memory(function, shape):
    """No temporary is larger than the input; softmax needs only the result and a few blocks."""
    z = np.random.default_rng(0).normal(size=shape)
    tracemalloc.start()
    try:
        result = function(z)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    few_blocks = 12 * 128 * 1024
    long_row = (
        0 if function is softmax or shape[0] > 1 else 1.2 * z.nbytes
    )  # exponentials, and one byte an entry
    assert peak < result.nbytes + few_blocks + long_row


# -------------------------------------------------------------------------------------------------- errors

ONES = np.ones((2, 3))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: softmax("abc"), TypeError, "softmax: z must hold real numbers, got dtype <U3; convert"),
        (
            lambda: log_softmax([1j, 2]),
            TypeError,
            "log_softmax: z must hold real numbers, got dtype complex128; take",
        ),
        (
            lambda: logsumexp([None]),
            TypeError,
            "logsumexp: z must hold real numbers, got dtype object; convert",
        ),
        (lambda: softmax_jacobian(["a"]), TypeError, "softmax_jacobian: z must hold real numbers"),
        (lambda: softmax_jvp([1, 2], ["a", "b"]), TypeError, "softmax_jvp: v must hold real numbers"),
        (lambda: softmax([[1, 2], [3]]), ValueError, "softmax: z must be a rectangular array"),
        (
            lambda: softmax(1.0),
            ValueError,
            "softmax: z must have an axis of classes, got the scalar 1.0; pass a vector",
        ),
        (
            lambda: logsumexp([]),
            ValueError,
            "logsumexp: z must have at least one entry along axis 0, got shape (0,); ",
        ),
        (
            lambda: softmax(np.empty((3, 0))),
            ValueError,
            "at least one entry along axis 1, got shape (3, 0); ",
        ),
        (
            lambda: softmax(ONES, 2),
            ValueError,
            "axis must be from -2 to 1 for an array of shape (2, 3), got 2; pass -1",
        ),
        (lambda: softmax(np.ones((2, 3, 4)), 3), ValueError, "axis must be from -3 to 2 for an array of"),
        (lambda: softmax(ONES, -3), ValueError, "got -3; pass -1 for the last axis"),
        (lambda: softmax(ONES, None), TypeError, "softmax: axis must be one integer, got None; pass -1"),
        (lambda: softmax(ONES, (0, 1)), TypeError, "softmax: axis must be one integer, got (0, 1); pass -1"),
        (lambda: softmax(ONES, True), TypeError, "softmax: axis must be one integer, got True; pass -1"),
        (lambda: softmax(ONES, 1.0), TypeError, "softmax: axis must be one integer, got 1.0; pass -1"),
        (lambda: softmax(ONES, out=[1]), TypeError, "softmax: out must be a NumPy array, got list; allocate"),
        (
            lambda: softmax(ONES, out=np.empty((3, 2))),
            ValueError,
            "shape of the result (2, 3), got (3, 2); allocate",
        ),
        (
            lambda: log_softmax(ONES, out=np.empty((2, 3), int)),
            TypeError,
            "out must hold floats, got dtype int64; ",
        ),
        (
            lambda: softmax_jvp(ONES, ONES[0]),
            ValueError,
            "v must have the shape of z (2, 3), got (3,); pass one",
        ),
        (lambda: softmax_jvp(ONES, ONES, axis=5), ValueError, "softmax_jvp: axis must be from -2 to 1"),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()


def test_integer_axis_may_be_numpy():
    assert np.array_equal(softmax(ONES, np.int64(0)), softmax(ONES, 0))
