"""The elementwise functions, apart from their accuracy: values, properties, types, memory, errors."""

import inspect
import re
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from layouts import same_bits, strided

import activations
from activations import ACTIVATIONS
from activations.functions import _blocks

FUNCTIONS = {f.__name__: f for a in ACTIVATIONS.values() for f in (a.function, a.derivative)}
INF, NAN = np.inf, np.nan

# Both evaluate blocks of their own; the parameter must reach them.
VARIANTS = {
    **FUNCTIONS,
    "gelu(approximate)": lambda x, **k: activations.gelu(x, approximate=True, **k),
    "gelu_derivative(approximate)": lambda x, **k: activations.gelu_derivative(x, approximate=True, **k),
    "leaky_relu(0)": lambda x, **k: activations.leaky_relu(x, negative_slope=0, **k),
    "leaky_relu(3)": lambda x, **k: activations.leaky_relu(x, 3, **k),
    "prelu(-0.5)": lambda x, **k: activations.prelu(x, -0.5, **k),
    "elu(2)": lambda x, **k: activations.elu(x, alpha=2, **k),
}


@pytest.fixture(params=FUNCTIONS)
def function(request):
    return FUNCTIONS[request.param]


@pytest.fixture(params=VARIANTS)
def variant(request):
    return VARIANTS[request.param]


def sample(size, dtype=np.float64, seed=0):
    """Return floats in which every branch and every special value occurs."""
    x = np.random.default_rng(seed).normal(scale=4, size=size).astype(dtype)
    special = [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 3.0, -3.0, -90.0, -710.0, -3000.0, 800.0, 6e4, -6e4]
    x.flat[: len(special)] = special[: x.size]
    return np.random.default_rng(seed).permutation(x.ravel()).reshape(x.shape)


# ---------------------------------------------------------------------------------------------------- values


LIMITS = {
    "identity": (-INF, INF),
    "sigmoid": (0, 1),
    "tanh": (-1, 1),
    "relu": (0, INF),
    "leaky_relu": (-INF, INF),
    "prelu": (-INF, INF),
    "elu": (-1, INF),
    "selu": (-1.7580993408473768599, INF),
    "gelu": (0, INF),
    "silu": (0, INF),
    "mish": (0, INF),
    "softplus": (0, INF),
    "log_sigmoid": (-INF, 0),
    "hard_tanh": (-1, 1),
    "hard_sigmoid": (0, 1),
    "identity_derivative": (1, 1),
    "sigmoid_derivative": (0, 0),
    "tanh_derivative": (0, 0),
    "relu_derivative": (0, 1),
    "leaky_relu_derivative": (0.01, 1),
    "prelu_derivative": (0.25, 1),
    "elu_derivative": (0, 1),
    "selu_derivative": (0, 1.0507009873554805),
    "gelu_derivative": (0, 1),
    "silu_derivative": (0, 1),
    "mish_derivative": (0, 1),
    "softplus_derivative": (0, 1),
    "log_sigmoid_derivative": (1, 0),
    "hard_tanh_derivative": (0, 0),
    "hard_sigmoid_derivative": (0, 0),
}

AT_ZERO = {
    "sigmoid": 0.5,
    "softplus": np.log(2),
    "log_sigmoid": -np.log(2),
    "hard_sigmoid": 0.5,
    "identity_derivative": 1,
    "sigmoid_derivative": 0.25,
    "tanh_derivative": 1,
    "relu_derivative": 0,
    "leaky_relu_derivative": 0.01,
    "prelu_derivative": 0.25,
    "elu_derivative": 1,
    "selu_derivative": 1.7580993408473768599,
    "gelu_derivative": 0.5,
    "silu_derivative": 0.5,
    "mish_derivative": 0.6,
    "softplus_derivative": 0.5,
    "log_sigmoid_derivative": 0.5,
    "hard_tanh_derivative": 1,
    "hard_sigmoid_derivative": 1 / 6,
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_infinity_gives_the_limit(function, dtype):
    with np.errstate(all="raise", under="ignore"):
        y = function(np.array([-INF, INF], dtype))
    assert np.array_equal(y, np.array(LIMITS[function.__name__], dtype))


def test_nan_propagates(function):
    with np.errstate(all="raise", under="ignore"):
        assert np.isnan(function(NAN))
        y = function(np.array([NAN, 1.0, -5000.0]))
    assert np.isnan(y).tolist() == [True, False, False]


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_value_at_zero(function, zero):
    """Also the convention at a kink: the left derivative, 0 for ReLU as in PyTorch, JAX and TensorFlow."""
    # One rounding of difference is allowed: the derivative of GELU is 1/2 only to the last place.
    assert function(zero) == pytest.approx(AT_ZERO.get(function.__name__, 0), rel=3e-16, abs=0)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_functions_of_straight_pieces_are_rounded_correctly(dtype):
    info = np.finfo(dtype)
    near = [-3, -1, 0, 1, 3, info.tiny, -1e-2 * info.max, info.smallest_subnormal]
    x = np.concatenate([np.random.default_rng(1).normal(scale=3, size=800), near]).astype(dtype)
    for v in x:
        exact = Fraction(float(v))
        assert activations.identity(v) == v
        assert activations.relu(v) == max(exact, 0)
        assert activations.hard_tanh(v) == min(max(exact, -1), 1)
        for slope in map(dtype, (0.0, 0.01, 1.0, 2.5)):
            # A product of two numbers of float32 fits float64: there is one rounding in either dtype.
            product = dtype(float(exact * Fraction(float(slope)))) if v < 0 else v
            assert activations.leaky_relu(v, slope) == product
            assert activations.prelu(v, -slope) == (-product if v < 0 else product)
            assert activations.leaky_relu_derivative(v, slope) == (slope if v <= 0 else 1)
            assert activations.prelu_derivative(v, -slope) == (-slope if v <= 0 else 1)
        assert activations.relu_derivative(v) == (v > 0)
        assert activations.hard_tanh_derivative(v) == (abs(v) < 1)
        assert activations.hard_sigmoid_derivative(v) == (dtype(1 / 6) if abs(v) < 3 else 0)
        line = min(max(exact + 3, Fraction(0)), Fraction(6)) / 6
        difference = Fraction(float(activations.hard_sigmoid(v))) - line
        assert abs(difference) <= Fraction(float(np.spacing(dtype(float(line)))))


@pytest.mark.parametrize("name", ["leaky_relu", "prelu", "leaky_relu_derivative", "prelu_derivative"])
def test_a_slope_is_rounded_to_the_dtype_first(name):
    """As the docstrings say. The product with the slope of float64, rounded once, is another number."""
    x = np.random.default_rng(0).normal(size=1000).astype(np.float32)
    y = FUNCTIONS[name](x, 0.01)
    assert same_bits(y, FUNCTIONS[name](x, float(np.float32(0.01))))
    assert "slope rounded to x's dtype" in FUNCTIONS[name].__doc__
    if not name.endswith("derivative"):
        once = np.where(x > 0, x, 0.01 * x.astype(np.float64)).astype(np.float32)
        assert np.any(y != once)
        assert np.all(np.abs(y - once) <= np.spacing(np.abs(once)))


@pytest.mark.parametrize("name", ["hard_tanh_derivative", "hard_sigmoid_derivative"])
def test_derivative_of_a_flat_piece_starts_at_its_kink(name):
    kink = max(ACTIVATIONS[name.removesuffix("_derivative")].kinks)
    for sign in (1, -1):
        assert FUNCTIONS[name](sign * kink) == 0
        assert FUNCTIONS[name](sign * np.nextafter(kink, 0)) > 0


def test_tanh_form_of_gelu_is_as_near_as_the_literature_says():
    x = np.linspace(-6, 6, 100_001)
    difference = np.abs(activations.gelu(x) - activations.gelu(x, approximate=True))
    assert difference.max() == pytest.approx(4.73e-4, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "minimum", "at"),
    [
        ("gelu", -0.1699712074799037, -0.7517915246935645),
        ("silu", -0.2784645427610738, -1.2784645427610738),
        ("mish", -0.30884341301725043, -1.1924312145154953),
    ],
)
def test_minimum_of_the_bent_functions(name, minimum, at):
    x = at + np.linspace(-1e-3, 1e-3, 2001)
    y = FUNCTIONS[name](x)
    assert y.min() == pytest.approx(minimum, rel=4e-16)
    assert abs(x[y.argmin()] - at) < 1e-6
    assert ACTIVATIONS[name].range.low == minimum


def test_no_signal_but_underflow():
    x = np.concatenate([[0.0], np.geomspace(5e-324, 1.7e308, 4001), [1.797e308]])
    x = np.concatenate([x, -x, [INF, -INF, NAN]])
    for name, f in VARIANTS.items():
        # Results beyond the largest float overflow, rightly.
        z = x[~(np.abs(x) > 5e307) | ~np.isfinite(x)] if name in ("selu", "leaky_relu(3)") else x
        with np.errstate(all="raise", under="ignore"):
            f(z)
            f(z[np.abs(z) < 1e38].astype(np.float32))


def test_selu_overflows_where_its_value_does():
    with pytest.warns(RuntimeWarning, match="overflow"):
        assert activations.selu(1.75e308) == INF


# ----------------------------------------------------------------------------------------------- properties


finite = st.floats(-1e300, 1e300)
moderate = st.floats(-30, 30)


@given(x=finite)
def test_values_stay_in_the_range(x):
    for a in ACTIVATIONS.values():
        y = a(x)
        # A minimum is attained to the last place only: the constant itself is rounded.
        assert a.range.low - abs(a.range.low) * 4e-16 <= y <= a.range.high
        assert y > -INF
        assert y < INF


@given(x=finite)
def test_derivatives_stay_in_their_range(x):
    highest = {"gelu": 1.1289, "silu": 1.0999, "mish": 1.0891, "selu": 1.7581}
    for name, a in ACTIVATIONS.items():
        lowest = -0.13 if name in ("gelu", "silu", "mish") else 0
        assert lowest <= a.derivative(x) <= highest.get(name, 1)


@given(a=st.floats(-800, 800), b=st.floats(-800, 800))
def test_monotonic_but_for_rounding(a, b):
    a, b = min(a, b), max(a, b)
    for name, f in ACTIVATIONS.items():
        if name not in ("gelu", "silu", "mish"):
            low, high = f(a), f(b)
            assert low <= high + 4 * np.spacing(abs(high))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid_climbs_to_one_without_a_step_back(dtype):
    # exp(x) / (1 + exp(x)) flickers between 1 and the number below it just before it saturates.
    x = np.linspace(5, 40, 500_001, dtype=dtype)
    assert (np.diff(activations.sigmoid(x)) >= 0).all()


@given(x=st.floats(-700, 700))
def test_symmetries(x):
    f = activations
    assert f.tanh(-x) == -f.tanh(x)
    assert f.hard_tanh(-x) == -f.hard_tanh(x)
    assert f.sigmoid_derivative(-x) == f.sigmoid_derivative(x)
    assert f.tanh_derivative(-x) == f.tanh_derivative(x)
    assert f.log_sigmoid(x) == -f.softplus(-x)
    # Sums of two functions, each with its own rounding error of at most a few units.
    few = 4 * np.spacing(max(abs(x), 1.0))
    assert abs(f.sigmoid(x) + f.sigmoid(-x) - 1) <= few
    assert abs(f.hard_sigmoid(x) + f.hard_sigmoid(-x) - 1) <= few
    assert abs(f.softplus(x) - f.softplus(-x) - x) <= few
    for g, slope in ((f.gelu, f.gelu_derivative), (f.silu, f.silu_derivative)):
        assert abs(g(x) - g(-x) - x) <= few
        assert abs(slope(x) + slope(-x) - 1) <= few
    assert abs(f.tanh(x) - (2 * f.sigmoid(2 * x) - 1)) <= few


@settings(max_examples=300)
@given(x=moderate)
def test_derivative_agrees_with_finite_differences(x):
    """Central differences with h = 1e-5 are off by h² f''' / 6 and by 2 ε |f| / h: together below 3e-9."""
    h = 1e-5
    for a in ACTIVATIONS.values():
        if all(abs(x - kink) > 2 * h for kink in (*a.kinks, 0.0 if a.name == "elu" else INF)):
            difference = (a(x + h) - a(x - h)) / (2 * h)
            slope = a.derivative(x, **{p.name: p.default for p in a.parameters})
            assert abs(difference - slope) <= 3e-9, a.name


@given(x=moderate, slope=st.floats(0, 5), alpha=st.floats(0.1, 5))
def test_derivative_agrees_with_finite_differences_for_any_parameter(x, slope, alpha):
    h = 1e-5
    assume(abs(x) > 2 * h)
    f = activations
    for function, derivative, parameter in (
        (f.leaky_relu, f.leaky_relu_derivative, slope),
        (f.prelu, f.prelu_derivative, -slope),
        (f.elu, f.elu_derivative, alpha),
        (f.gelu, f.gelu_derivative, True),
    ):
        difference = (function(x + h, parameter) - function(x - h, parameter)) / (2 * h)
        assert abs(difference - derivative(x, parameter)) <= 2e-8  # values up to 150 instead of 30


# ------------------------------------------------------------------------------------- types, shapes, memory


@pytest.mark.parametrize(
    "dtype", ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8", "f2", ">f4", ">f8", ">i4"]
)
def test_dtypes(variant, dtype):
    x = np.array([0, 1, 2, 100, 1, 1], dtype)
    y = variant(x)
    dtype = np.dtype(dtype)
    assert y.dtype == (dtype.newbyteorder("=") if dtype.kind == "f" else np.float64)
    assert y.dtype.isnative
    computing = np.float32 if y.dtype.itemsize < 8 else np.float64
    assert same_bits(y, variant(x.astype(computing)).astype(y.dtype))


def test_unsigned_integers_do_not_wrap():
    assert activations.sigmoid(np.array([200], np.uint8))[0] == 1


@pytest.mark.parametrize("value", [2, 2.5, True, np.float64(2.5), np.int8(-3), np.array(2.5)])
def test_scalar_gives_numpy_scalar(variant, value):
    y = variant(value)
    assert isinstance(y, np.float64)
    assert same_bits(y, variant(np.array([value], np.float64))[0])
    assert isinstance(variant(np.float32(2.5)), np.float32)
    assert isinstance(variant(np.float16(2.5)), np.float16)


def test_lists_and_tuples(variant):
    assert same_bits(variant([[1, -2.0], (3, 4)]), variant(np.array([[1, -2], [3, 4.0]])))


@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 3, 2)])
def test_no_entries(variant, shape):
    for dtype in (np.float64, np.float32, np.float16, np.int64):
        y = variant(np.empty(shape, dtype))
        assert y.shape == shape
        assert y.dtype == (dtype if dtype is not np.int64 else np.float64)
    assert variant([]).shape == (0,)


def test_subclasses_become_arrays(variant):
    class Special(np.ndarray):
        pass

    for size in (2, 50_000):
        x = np.ones(size).view(Special)
        assert type(variant(x)) is np.ndarray
        assert same_bits(variant(x), variant(np.ones(size)))


# More than a block of float64, of float32 (twice as many), and several with a rest.
SIZES = [7, _blocks.BLOCK_BYTES // 8 + 1, _blocks.BLOCK_BYTES // 4 + 5, 50_001]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_blocks_change_nothing(variant, size, dtype):
    """The bits of an entry do not depend on its company or its place."""
    x = sample(size, dtype)
    with np.errstate(over="ignore"):
        y = variant(x)
        assert same_bits(y[::-1], variant(x[::-1].copy()))
        assert same_bits(y[3:], variant(x[3:].copy()))
        for i in (0, size // 2, size - 1):
            assert same_bits(y[i], variant(x[i]))


@pytest.mark.parametrize("size", [(6, 5, 4), (41, 33, 31)])
def test_layouts_change_nothing(variant, size):
    x = sample(size)
    y = variant(x)
    layouts = {
        "fortran": np.asfortranarray(x),
        "reversed": x[::-1, :, ::-1].copy()[::-1, :, ::-1],
        "every other": np.repeat(x, 2, axis=1)[:, ::2],
        "transposed": np.ascontiguousarray(x.transpose(2, 0, 1)).transpose(1, 2, 0),
        "unaligned": np.frombuffer(b"\0" + x.tobytes(), np.uint8)[1:].view(np.float64).reshape(x.shape),
        "read-only": np.broadcast_to(x, x.shape),
    }
    for layout in layouts.values():
        assert same_bits(variant(layout), y)
    assert variant(layouts["fortran"]).flags.f_contiguous
    row = x[0, 0]
    assert same_bits(
        variant(np.broadcast_to(row, (300, *row.shape))), np.broadcast_to(variant(row), (300, *row.shape))
    )


@pytest.mark.parametrize("size", [9, 40_000])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.int16])
def test_out(variant, size, dtype):
    with np.errstate(over="ignore", invalid="ignore"):
        x = sample(size).astype(dtype)
        expected = variant(x)
        out = np.full(size, 7, expected.dtype)
        assert variant(x, out=out) is out
        assert same_bits(out, expected)
        for layout in (np.empty(2 * size, expected.dtype)[::2], np.empty(size, expected.dtype)[::-1]):
            variant(x, out=layout)
            assert same_bits(layout, expected)
        wider = np.empty(size, np.float64)
        variant(x, out=wider)
        # float16 results are computed in float32, so a wider `out` keeps more of their digits.
        assert same_bits(wider.astype(expected.dtype), expected)


@pytest.mark.parametrize("size", [12, 50_000])
def test_out_may_be_the_input(variant, size):
    x = sample(size)
    expected = variant(x)
    variant(x, out=x)
    assert same_bits(x, expected)
    backing = np.concatenate([sample(size), [0.0]])
    expected = variant(backing[:-1].copy())
    variant(backing[:-1], out=backing[1:])
    assert same_bits(backing[1:], expected)


def test_out_of_a_scalar(variant):
    out = np.empty(())
    assert variant(0.5, out=out) is out
    assert out[()] == variant(0.5)


def test_input_is_left_alone(variant):
    for size in (20, 50_000):
        x = sample(size)
        before = x.copy()
        y = variant(x)
        assert not np.may_share_memory(x, y)
        assert same_bits(x, before)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_memory(variant, dtype):
    """Beside the result, a function needs a few blocks (128 KiB each), whatever the size of its input."""
    x = np.ones(2_000_000, dtype)
    out = np.empty_like(x)
    tracemalloc.start()
    try:
        variant(x, out=out)
        with_out = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        variant(x)
        without_out = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert with_out < 12 * _blocks.BLOCK_BYTES
    assert without_out < x.nbytes + 12 * _blocks.BLOCK_BYTES


@settings(max_examples=60)
@given(x=strided(), cut=st.integers(1, 3), order=st.sampled_from("CF"), in_place=st.booleans())
def test_any_array(x, cut, order, in_place):
    """Any dtype, shape, stride and order, any `out`, and lists give the bits of contiguous memory."""
    with np.errstate(over="ignore", invalid="ignore"):
        for f in VARIANTS.values():
            flat = f(np.ascontiguousarray(x).reshape(-1))
            assert flat.dtype == (x.dtype.newbyteorder("=") if x.dtype.kind == "f" else np.float64)
            expected = flat.reshape(x.shape)
            y = f(x)
            assert np.shape(y) == x.shape
            assert same_bits(y, expected)
            if x.dtype.kind == "f":
                assert np.array_equal(np.isnan(y), np.isnan(x))
            if x.size and (x.dtype == np.float64 or x.dtype.kind == "b"):
                assert same_bits(f(x.tolist()), expected)
            out = np.empty([n * cut for n in x.shape], flat.dtype, order)
            out = out[tuple(slice(None, None, cut) for _ in x.shape)] if x.ndim else out
            assert f(x, out=out) is out
            assert same_bits(out, expected)
            if in_place and x.dtype == flat.dtype:
                twin = x.copy()
                assert same_bits(f(twin, out=twin), expected)


# ---------------------------------------------------------------------------------------------- parameters


def test_slope_for_each_entry_of_the_last_axis():
    x, slope = sample((40, 3)), np.array([0.0, 0.5, -2.0])
    y, d = activations.prelu(x, slope), activations.prelu_derivative(x, slope)
    big = np.tile(x, (500, 1))
    for i, s in enumerate(slope):
        assert same_bits(y[:, i], activations.prelu(x[:, i], s))
        assert same_bits(d[:, i], activations.prelu_derivative(x[:, i], s))
    assert same_bits(activations.prelu(big, slope), np.tile(y, (500, 1)))
    assert same_bits(activations.prelu_derivative(big, slope=slope), np.tile(d, (500, 1)))
    x32 = x.astype(np.float32)
    assert activations.prelu(x32, slope).dtype == np.float32
    assert same_bits(activations.prelu(x32, slope), activations.prelu(x32, slope.astype(np.float32)))


def test_slope_zero_is_relu_also_at_infinity():
    x = sample(50)
    assert np.array_equal(activations.prelu(x, 0), activations.relu(x), equal_nan=True)
    assert np.array_equal(activations.prelu(x, np.zeros(50)), activations.relu(x), equal_nan=True)
    assert np.array_equal(activations.leaky_relu(x, 0.0), activations.relu(x), equal_nan=True)


def test_parameters_may_be_numpy_scalars():
    x = sample(20, np.float32)
    assert activations.leaky_relu(x, np.float64(0.1)).dtype == np.float32
    assert same_bits(activations.elu(x, np.float64(2)), activations.elu(x, 2))
    assert same_bits(activations.gelu(x, np.True_), activations.gelu(x, True))
    assert same_bits(activations.prelu(x, [0.5]), activations.prelu(x, 0.5))


def test_signatures(function):
    signature = inspect.signature(function)
    names = list(signature.parameters)
    assert names[0] == "x"
    assert names[-1] == "out"
    assert signature.parameters["out"].kind is inspect.Parameter.KEYWORD_ONLY
    twin = function.__name__.removesuffix("_derivative")
    assert list(inspect.signature(FUNCTIONS[twin]).parameters) == names
    assert list(inspect.signature(FUNCTIONS[f"{twin}_derivative"]).parameters) == names


@pytest.mark.parametrize("section", ["Parameters", "Returns", "Raises", "Examples"])
def test_docstrings_are_complete(function, section):
    # Python 3.13 takes the indentation off by itself.
    assert f"\n\n{section}\n{'-' * len(section)}\n" in inspect.getdoc(function)


# -------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        ("three", TypeError, "x must hold real numbers, got dtype <U5; convert it with np.asarray"),
        (["1", "2"], TypeError, "x must hold real numbers, got dtype <U1; convert"),
        (1j, TypeError, "x must hold real numbers, got dtype complex128; take its real part"),
        ([None, 1.0], TypeError, "x must hold real numbers, got dtype object; convert"),
        (np.array([1.0, 2.0], object), TypeError, "got dtype object"),
        (np.array([1], "M8[s]"), TypeError, "got dtype datetime64"),
        ({"a": 1}, TypeError, "got dtype object"),
        ([[1, 2], [3]], ValueError, "x must be a rectangular array, got rows of different lengths; pad"),
    ],
)
def test_bad_input(function, x, error, message):
    with pytest.raises(error, match=f"^{function.__name__}: ") as caught:
        function(x)
    assert message in str(caught.value)


def test_long_doubles_are_refused(function):  # on every platform, though on some they have 64 bits, too
    with pytest.raises(TypeError, match=r"got dtype .*; convert it with x\.astype"):
        function(np.ones(3, np.longdouble))


@pytest.mark.parametrize("size", [3, 50_000])
def test_bad_out(function, size):
    x, name = np.ones(size), function.__name__
    with pytest.raises(TypeError, match=f"^{name}: out must be a NumPy array, got list; allocate"):
        function(x, out=[0.0] * size)
    with pytest.raises(
        ValueError, match=rf"^{name}: out must have the shape of the result \({size},\), got \(4,\); "
    ):
        function(x, out=np.empty(4))
    with pytest.raises(TypeError, match=f"^{name}: out must hold floats, got dtype int64; allocate"):
        function(x, out=np.empty(size, np.int64))
    with pytest.raises(ValueError, match="read-only"):
        function(x, out=np.broadcast_to(1.0, size))


F = activations

BAD_VALUES = [
    (lambda: F.leaky_relu(1, -0.1), "leaky_relu: negative_slope must be finite and at least 0, got -0.1; "),
    (lambda: F.leaky_relu(1, INF), "leaky_relu: negative_slope must be finite and at least 0, got inf; "),
    (lambda: F.leaky_relu(1, NAN), "negative_slope must be finite and at least 0, got nan; "),
    (lambda: F.leaky_relu_derivative(1, -1), "leaky_relu_derivative: negative_slope must be"),
    (lambda: F.elu(1, 0), "elu: alpha must be finite and greater than 0, got 0.0; the usual choice is 1.0"),
    (lambda: F.elu(1, alpha=-1), "elu: alpha must be finite and greater than 0, got -1.0; "),
    (lambda: F.elu_derivative(1, INF), "elu_derivative: alpha must be finite and greater than 0, got inf; "),
    (lambda: F.prelu(1, NAN), "prelu: slope must be finite, got nan; the usual initial value is 0.25"),
    (lambda: F.prelu([1, 2], [0.1, INF]), "prelu: slope must be finite, got [0.1, inf]; "),
    (
        lambda: F.prelu(np.ones((2, 3)), [1, 2]),
        "broadcast to the shape of x (2, 3), got shape (2,); pass one",
    ),
    (lambda: F.prelu(1.0, [1, 2]), "broadcast to the shape of x (), got shape (2,); pass one slope for each"),
]

BAD_TYPES = [
    (
        lambda: F.leaky_relu(1, "a"),
        "leaky_relu: negative_slope must be one real number, got 'a'; pass a float",
    ),
    (lambda: F.leaky_relu(1, "0.1"), "negative_slope must be one real number, got '0.1'; pass a float"),
    (lambda: F.leaky_relu(1, b"1"), "negative_slope must be one real number, got b'1'; pass a float"),
    (lambda: F.leaky_relu(1, [0.1, 0.2]), "must be one real number, got [0.1, 0.2]; pass a float"),
    (lambda: F.leaky_relu(1, None), "negative_slope must be one real number, got None; pass a float"),
    (lambda: F.elu(1, 1j), "elu: alpha must be one real number, got 1j; pass a float"),
    (lambda: F.gelu(1, "tanh"), "gelu: approximate must be True or False, got 'tanh'; True is the tanh form"),
    (lambda: F.gelu(1, approximate=1), "gelu: approximate must be True or False, got 1; "),
    (lambda: F.prelu(1, "a"), "prelu: slope must hold real numbers, got dtype <U1; convert"),
    (lambda: F.sigmoid(1, 2), "sigmoid: its arguments must fit sigmoid(x, *, out=None), got 2 after x; "),
    (
        lambda: F.sigmoid(1, beta=2),
        "must fit sigmoid(x, *, out=None), got beta=2 after x; leave out or rename",
    ),
    (lambda: F.leaky_relu(1, 0.1, 0.2), "(x, negative_slope=0.01, *, out=None), got 0.1, 0.2 after x; "),
    (lambda: F.leaky_relu(1, 0.1, negative_slope=0.2), "got 0.1, negative_slope=0.2 after x; "),
    (
        lambda: F.elu(1, slope=0.2),
        "its arguments must fit elu(x, alpha=1.0, *, out=None), got slope=0.2 after x",
    ),
]


@pytest.mark.parametrize(("call", "message"), BAD_VALUES)
def test_bad_parameter_values(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


@pytest.mark.parametrize(("call", "message"), BAD_TYPES)
def test_bad_parameter_types(call, message):
    with pytest.raises(TypeError, match=re.escape(message)):
        call()
