"""Splitting loses no row, scaling can be undone, one-hot rows sum to 1."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from activations.datasets import (
    MinMaxScaler,
    Standardizer,
    load_breast_cancer,
    load_digits,
    one_hot,
    train_test_split,
)

matrices = arrays(
    np.float64, st.tuples(st.integers(2, 20), st.integers(1, 4)), elements=st.floats(-1e6, 1e6, width=32)
)


def rng(seed=0):
    return np.random.default_rng(seed)


@given(
    n=st.integers(2, 60),
    fraction=st.floats(0.05, 0.95),
    stratify=st.booleans(),
    seed=st.integers(0, 5),
)
def test_split_is_a_partition(n, fraction, stratify, seed):
    n_test = round(fraction * n)
    if not 0 < n_test < n:
        return
    X = np.arange(n)[:, None]
    y = np.zeros(n, dtype=int)
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_fraction=fraction, rng=rng(seed), stratify=stratify
    )
    assert len(X_test) == len(y_test) == n_test
    assert len(X_train) == len(y_train) == n - n_test
    assert sorted(np.concatenate([X_train, X_test]).ravel()) == list(range(n))


def test_split_keeps_rows_together():
    X = np.arange(40.0).reshape(20, 2)
    y = X[:, 0] / 2
    for stratify in (False, True):
        parts = train_test_split(X, y.astype(int) // 10, rng=rng(1), stratify=stratify)
        for features, labels in (parts[::2], parts[1::2]):
            np.testing.assert_array_equal(features[:, 0] // 20, labels)


def test_split_shuffles_and_follows_the_generator():
    X = np.arange(100)
    one = train_test_split(X, X, rng=rng(7))
    other = train_test_split(X, X, rng=rng(7))
    np.testing.assert_array_equal(one[0], other[0])
    assert not (np.diff(one[0]) > 0).all()
    assert not np.array_equal(one[1], train_test_split(X, X, rng=rng(8))[1])


def test_split_returns_copies():
    X, y = np.zeros((8, 1)), np.zeros(8)
    train_test_split(X, y, rng=rng())[0][:] = 1.0
    assert not X.any()


@pytest.mark.parametrize("load", [load_breast_cancer, load_digits])
@pytest.mark.parametrize("fraction", [0.1, 0.25, 1 / 3])
def test_stratified_shares_differ_by_less_than_a_row(load, fraction):
    data = load()
    *_, y_train, y_test = train_test_split(
        data.features, data.target, test_fraction=fraction, rng=rng(), stratify=True
    )
    assert len(y_test) == round(fraction * len(data.target))
    expected = np.bincount(data.target) * len(y_test) / len(data.target)
    assert np.abs(np.bincount(y_test) - expected).max() < 1
    np.testing.assert_array_equal(np.bincount(y_train) + np.bincount(y_test), np.bincount(data.target))


def test_stratified_choice_within_a_class_is_random():
    y = np.repeat([4, 9], 50)
    X = np.arange(100)
    chosen = [set(train_test_split(X, y, rng=rng(seed), stratify=True)[1]) for seed in range(30)]
    # A row is in none of 30 tests of a quarter with probability 0.75^30 = 2e-4.
    assert len(set.union(*chosen)) > 95


@given(X=matrices)
def test_standardizer_centres_scales_and_inverts(X):
    scaler = Standardizer.fit(X)
    Z = scaler.transform(X)
    size = np.abs(X).max() + 1.0
    varies = np.ptp(X, axis=0) > 1e-3 * size
    # Rounding grows with the ratio of the values to their spread, at most 1e3 for the columns tested.
    np.testing.assert_allclose(Z[:, varies].mean(axis=0), 0.0, atol=1e-9)
    np.testing.assert_allclose(Z[:, varies].std(axis=0), 1.0, atol=1e-9)
    np.testing.assert_allclose(scaler.inverse_transform(Z), X, atol=1e-12 * size)


def test_standardizer_of_a_constant_feature():
    # 0.1 is chosen because the mean of ten of them is not exactly 0.1.
    X = np.column_stack([np.full(10, 0.1), np.arange(10.0)])
    scaler = Standardizer.fit(X)
    assert scaler.scale[0] == 1.0
    assert not scaler.transform(X)[:, 0].any()


@given(X=matrices, ends=st.sampled_from([(-1.0, 1.0), (0.0, 1.0), (-3, 5)]))
def test_min_max_scaler_fills_the_interval_and_inverts(X, ends):
    low, high = ends
    scaler = MinMaxScaler.fit(X, low, high)
    Z = scaler.transform(X)
    varies = np.ptp(X, axis=0) > 0
    # Exact up to the rounding of the last multiplication and addition.
    np.testing.assert_allclose(Z.min(axis=0), low, atol=1e-14)
    np.testing.assert_allclose(Z[:, varies].max(axis=0), high, atol=1e-14)
    size = np.abs(X).max() + 1.0
    np.testing.assert_allclose(scaler.inverse_transform(Z), X, atol=1e-14 * size)


def test_scalers_use_the_training_rows_only():
    scaler = MinMaxScaler.fit([[0.0], [10.0]])
    assert scaler.transform([[20.0]]) == [[3.0]]
    assert Standardizer.fit([[0.0], [2.0]]).transform([[5.0]]) == [[4.0]]


def test_blank_pixels_become_the_low_end():
    digits = load_digits()
    assert not digits.features[:, 0].any()
    assert set(MinMaxScaler.fit(digits.features).transform(digits.features)[:, 0]) == {-1.0}


@given(labels=arrays(np.int64, st.integers(0, 20), elements=st.integers(0, 4)))
def test_one_hot_rows(labels):
    rows = one_hot(labels, 5)
    assert rows.shape == (len(labels), 5)
    np.testing.assert_array_equal(rows.sum(axis=1), 1.0)
    np.testing.assert_array_equal(rows.argmax(axis=1), labels)


def test_one_hot_keeps_the_shape_of_the_labels():
    assert one_hot(3, 4).tolist() == [0, 0, 0, 1]
    assert one_hot([[0, 1], [1, 0]], 2).shape == (2, 2, 2)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: train_test_split([[1.0]], [1, 2], rng=rng()),
            ValueError,
            r"train_test_split: X and y must have one row an example, got shapes \(1, 1\) and \(2,\); ",
        ),
        (lambda: train_test_split(1.0, 2.0, rng=rng()), ValueError, r"got shapes \(\) and \(\)"),
        (
            lambda: train_test_split(np.zeros((2, 1)), [0, 1], test_fraction=1.0, rng=rng()),
            ValueError,
            r"train_test_split: both parts must have a row, got test_fraction 1\.0 of 2 rows; ",
        ),
        (
            lambda: train_test_split(np.zeros((0, 1)), [], rng=rng()),
            ValueError,
            "both parts must have a row, got test_fraction 0.25 of 0",
        ),
        (
            lambda: train_test_split(np.zeros((4, 1)), np.zeros(4), test_fraction=-0.5, rng=rng()),
            ValueError,
            r"test_fraction must be 0 or more, got -0\.5",
        ),
        (lambda: train_test_split(np.zeros((4, 1)), np.zeros(4), rng=1), TypeError, "rng must be a numpy"),
        (
            lambda: train_test_split(np.zeros((4, 1)), np.zeros(4), rng=rng(), stratify=True),
            TypeError,
            r"train_test_split: y must be integers, got dtype float64; .*astype\(int\)",
        ),
        (
            lambda: train_test_split(np.zeros((4, 1)), np.eye(4, dtype=int), rng=rng(), stratify=True),
            ValueError,
            r"stratify needs a vector of labels, got y of shape \(4, 4\); ",
        ),
        (
            lambda: train_test_split(np.zeros((4, 1)), [0, 0, 0, 7], rng=rng(), stratify=True),
            ValueError,
            "stratify needs two rows of every class, got one of class 7; ",
        ),
        (
            lambda: Standardizer.fit([1.0, 2.0]),
            ValueError,
            r"Standardizer\.fit: X must have shape \(n_samples, n_features\), got .*\(2,\); use X\[:, None\]",
        ),
        (
            lambda: Standardizer.fit(np.zeros((2, 2, 2))),
            ValueError,
            r"got shape \(2, 2, 2\); one row",
        ),
        (
            lambda: Standardizer.fit(np.zeros((0, 3))),
            ValueError,
            r"have a row and a column, got shape \(0, 3\)",
        ),
        (
            lambda: Standardizer.fit([[1.0, np.nan]]),
            ValueError,
            "X must be finite, got nan in row 0, column 1; remove or fill",
        ),
        (lambda: Standardizer.fit([["a"]]), TypeError, "X must hold real numbers, got dtype <U1; "),
        (lambda: Standardizer.fit([[None]]), TypeError, "X must hold real numbers, got dtype object; "),
        (lambda: Standardizer.fit([[1j]]), TypeError, "X must hold real numbers, got dtype complex128; "),
        (lambda: Standardizer.fit([[1.0], [1.0, 2.0]]), ValueError, "X must be rectangular"),
        (
            lambda: Standardizer.fit([[1.0, 2.0]]).transform([[1.0]]),
            ValueError,
            r"Standardizer\.transform: X must have the 2 features of the fit, got shape \(1, 1\); ",
        ),
        (
            lambda: Standardizer.fit([[1.0]]).inverse_transform([[np.inf]]),
            ValueError,
            r"Standardizer\.inverse_transform: X must be finite, got inf",
        ),
        (
            lambda: MinMaxScaler.fit([[1.0]], low=1, high=1),
            ValueError,
            r"MinMaxScaler\.fit: low must be below high, got 1\.0 and 1\.0; ",
        ),
        (lambda: MinMaxScaler.fit([[1.0]], high=np.inf), ValueError, "high must be finite, got inf"),
        (lambda: MinMaxScaler.fit([[1.0]], low="a"), TypeError, "low must be a number, got 'a'"),
        (
            lambda: MinMaxScaler.fit([[1.0]]).transform([[1.0, 2.0]]),
            ValueError,
            r"MinMaxScaler\.transform: X must have the 1 features",
        ),
        (
            lambda: one_hot([0, 3], 3),
            ValueError,
            r"one_hot: labels must lie in 0…2, got 3; number the classes from 0 or raise n_classes",
        ),
        (lambda: one_hot([-1], 3), ValueError, "got -1"),
        (lambda: one_hot([0.0], 3), TypeError, "one_hot: labels must be integers, got dtype float64"),
        (lambda: one_hot(["a"], 3), TypeError, "labels must be integers, got dtype <U1"),
        (lambda: one_hot(np.array([0], dtype=object), 3), TypeError, "got dtype object"),
        (lambda: one_hot([0], 0), ValueError, "n_classes must be at least 1, got 0"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
