"""The toy problems have the shapes that their names promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activations.datasets import blobs, moons, spirals, xor

GENERATORS = (xor, moons, blobs, spirals)


def rng(seed=0):
    return np.random.default_rng(seed)


def test_noisy_xor_spreads_around_the_corners():
    X, y = xor(20_000, noise=0.2, rng=rng())
    corners = np.stack([X[y == 1][:, 0] > 0.5, X[y == 1][:, 1] > 0.5])
    assert np.mean(corners[0] != corners[1]) > 0.95  # a point strays over the middle at 2.5 deviations
    near = X - (X > 0.5)
    # Folding the few strays back takes a little off the spread of 20 000 draws, known to half a percent.
    assert near.std() == pytest.approx(0.2, rel=0.03)


def test_noise_moves_the_four_rows_in_their_order():
    X, y = xor(noise=0.01, rng=rng())
    np.testing.assert_array_equal(y, xor()[1])
    np.testing.assert_allclose(X, xor()[0], atol=0.05)
    assert not np.array_equal(X, xor()[0])


def test_points_of_xor_without_noise_are_its_corners():
    X, y = xor(10, rng=rng())
    np.testing.assert_array_equal(y, np.logical_xor(X[:, 0], X[:, 1]))
    assert len(np.unique(X, axis=0)) == 4


def test_xor():
    X, y = xor()
    assert X.dtype == np.float64
    assert y.dtype == np.int64
    np.testing.assert_array_equal(y, np.logical_xor(X[:, 0], X[:, 1]))
    assert len(np.unique(X, axis=0)) == 4


@pytest.mark.parametrize("draw", GENERATORS)
def test_same_generator_same_points(draw):
    for one, other in zip(draw(50, rng=rng(3)), draw(50, rng=rng(3)), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(draw(50, rng=rng(3))[0], draw(50, rng=rng(4))[0])


@pytest.mark.parametrize("draw", GENERATORS)
@given(n_samples=st.integers(4, 60), seed=st.integers(0, 9))
def test_classes_share_the_points_evenly(draw, n_samples, seed):
    X, y = draw(n_samples, rng=rng(seed))
    assert X.shape == (n_samples, 2)
    assert X.dtype == np.float64
    assert y.dtype == np.int64
    counts = np.bincount(y)
    assert counts.sum() == n_samples
    assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize("draw", GENERATORS)
def test_rows_come_in_random_order(draw):
    y = draw(200, rng=rng())[1]
    # Sorted by class there would be 1 or 2 changes of label, alternating 199.
    assert 50 < np.count_nonzero(np.diff(y)) < 180


def test_moons_without_noise_are_half_circles():
    X, y = moons(101, noise=0.0, rng=rng())
    assert np.bincount(y).tolist() == [50, 51]
    upper, lower = X[y == 0], X[y == 1] - [1.0, 0.5]
    # Rounding of the cosine and sine only.
    np.testing.assert_allclose(np.hypot(*upper.T), 1.0, atol=1e-12)
    np.testing.assert_allclose(np.hypot(*lower.T), 1.0, atol=1e-12)
    assert upper[:, 1].min() >= 0
    assert lower[:, 1].max() <= 0


def test_spread_is_the_standard_deviation():
    X, y = blobs(20_000, centers=[[0.0, 0.0, 5.0]], spread=0.2, rng=rng())
    assert set(y) == {0}
    # The standard deviation of 20 000 draws is known to half a percent (1 / sqrt(2 n)).
    np.testing.assert_allclose(X.std(axis=0), 0.2, rtol=0.03)
    np.testing.assert_allclose(X.mean(axis=0), [0.0, 0.0, 5.0], atol=0.01)


def test_noise_moves_points_off_the_moons():
    X, y = moons(20_000, noise=0.1, rng=rng())
    distance = np.hypot(*(X - np.column_stack([y, 0.5 * y])).T)
    # Across the circle the noise is one coordinate of standard deviation 0.1; the curvature adds
    # 0.1² / 2 to the mean distance.
    assert distance.std() == pytest.approx(0.1, rel=0.03)
    assert distance.mean() == pytest.approx(1.005, abs=0.003)


def test_blobs_sit_on_their_centres():
    X, y = blobs(12, centers=4, spread=0.0, rng=rng())
    expected = np.array([[4, 0], [0, 4], [-4, 0], [0, -4]])
    np.testing.assert_allclose(X, expected[y], atol=1e-12)


def test_spirals_without_noise_wind_as_told():
    X, y = spirals(300, n_classes=3, turns=2.0, noise=0.0, rng=rng())
    radius, angle = np.hypot(*X.T), np.arctan2(X[:, 1], X[:, 0])
    assert radius.min() >= 0.1
    assert radius.max() <= 1.0
    winding = angle / (2 * np.pi) - 2.0 * radius - y / 3
    # Equal up to whole turns.
    np.testing.assert_allclose(winding - np.round(winding), 0.0, atol=1e-9)


@pytest.mark.parametrize("draw", GENERATORS)
def test_randomness_must_be_passed_in(draw):
    with pytest.raises(TypeError, match="rng"):
        draw(10)
    with pytest.raises(TypeError, match=rf"{draw.__name__}: rng must be .* got 0; .*default_rng"):
        draw(10, rng=0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: xor(3, rng=rng()), ValueError, r"xor: n_samples must be at least 4, got 3; "),
        (lambda: xor(8), TypeError, r"xor: rng must be a numpy.random.Generator, got None; "),
        (lambda: xor(noise=0.1), TypeError, r"xor: rng must be a numpy.random.Generator, got None; "),
        (lambda: xor(rng=0), TypeError, r"xor: rng must be a numpy.random.Generator, got 0; "),
        (lambda: xor(8, noise=-1, rng=rng()), ValueError, r"xor: noise must be 0 or more, got -1\.0; "),
        (lambda: moons(1, rng=rng()), ValueError, r"moons: n_samples must be at least 2, got 1; "),
        (lambda: moons(10.0, rng=rng()), TypeError, r"moons: n_samples must be an integer, got 10\.0; "),
        (lambda: moons(True, rng=rng()), TypeError, r"moons: n_samples must be an integer, got True; "),
        (lambda: moons(noise=-0.1, rng=rng()), ValueError, r"moons: noise must be 0 or more, got -0\.1; "),
        (lambda: moons(noise=np.nan, rng=rng()), ValueError, r"moons: noise must be finite, got nan; "),
        (lambda: moons(noise="low", rng=rng()), TypeError, r"moons: noise must be a number, got 'low'; "),
        (lambda: blobs(2, centers=3, rng=rng()), ValueError, r"blobs: n_samples must be at least 3, got 2; "),
        (lambda: blobs(centers=0, rng=rng()), ValueError, r"blobs: centers must be at least 1, got 0; "),
        (
            lambda: blobs(centers=[1.0, 2.0], rng=rng()),
            ValueError,
            r"blobs: centers must .*\(2,\)",
        ),
        (lambda: blobs(spread=np.inf, rng=rng()), ValueError, r"blobs: spread must be finite, got inf; "),
        (lambda: spirals(turns=0, rng=rng()), ValueError, r"spirals: turns must be greater than 0, got 0\.0"),
        (lambda: spirals(2, n_classes=3, rng=rng()), ValueError, r"spirals: n_samples must be at least 3"),
        (
            lambda: spirals(n_classes=0, rng=rng()),
            ValueError,
            r"n_classes must be at least 1, got 0",
        ),
        (lambda: spirals(noise=True, rng=rng()), TypeError, r"spirals: noise must be a number, got True"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
