import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activations.training import (
    accuracy,
    confusion_matrix,
    precision_recall,
    precision_recall_curve,
    roc_curve,
)

labels = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40)
scored = st.lists(st.tuples(st.integers(0, 1), st.integers(-3, 3)), min_size=2, max_size=30).filter(
    lambda pairs: len({y for y, _ in pairs}) == 2
)


@given(labels)
def test_accuracy_is_the_diagonal_of_the_confusion_matrix(pairs):
    true, pred = np.array(pairs).T
    matrix = confusion_matrix(true, pred)
    assert matrix.sum() == len(pairs)
    assert accuracy(true, pred) == pytest.approx(np.trace(matrix) / matrix.sum(), rel=1e-15)
    for i, j in np.ndindex(matrix.shape):
        assert matrix[i, j] == pairs.count((i, j))


def test_accuracy_of_binary_logits_in_either_shape():
    true, logits = np.array([1, 0, 1, 0]), np.array([2.0, -1.0, -0.5, 0.0])
    for y in (true, true[:, None], true.astype(bool), true.astype(float)):
        for scores in (logits, logits[:, None]):
            assert accuracy(y, scores, threshold=0) == 0.75
    probabilities = 1 / (1 + np.exp(-logits))
    assert accuracy(true, probabilities, threshold=0.5) == 0.75


def test_accuracy_of_several_classes():
    scores = np.array([[0.1, 2.0, -1.0], [3.0, 1.0, 1.0], [0.0, 0.1, 0.2]])
    assert accuracy([1, 0, 0], scores) == pytest.approx(2 / 3)
    assert accuracy([[1], [0], [0]], scores) == pytest.approx(2 / 3)
    assert accuracy(np.eye(3)[[1, 0, 0]], scores) == pytest.approx(2 / 3)


def test_accuracy_with_a_threshold_treats_columns_as_questions_of_their_own():
    assert accuracy([[1, 0], [1, 1]], [[0.5, -2.0], [-0.1, 3.0]], threshold=0) == 0.75


@pytest.mark.parametrize(
    ("true", "pred", "threshold", "exception", "words"),
    [
        ([0, 1], [0.2, 0.7], None, ValueError, ["threshold=0 for logits", "0.5 for probabilities"]),
        ([0, 1, 1], [0, 1], None, ValueError, ["same length", "(3,)", "(2,)"]),
        ([0, 1, 1], [[0.1, 0.9], [0.5, 0.5]], None, ValueError, ["same length", "(3,)", "(2, 2)"]),
        ([0.3, 1.7], [0.2, 0.7], 0, ValueError, ["class numbers", "0.3"]),
        ([0, 1], [0.2, math.nan], 0, ValueError, ["y_pred", "nan"]),
        ([0, math.inf], [0.2, 1], 0, ValueError, ["y_true", "inf"]),
        ([], [], None, ValueError, ["empty"]),
        (["no", "yes"], [0, 1], None, TypeError, ["y_true"]),
        ([0, 1], [0.2, 0.7], "a", TypeError, ["threshold must be a number", "got 'a'"]),
        ([0, 1], [0.2, 0.7], [0.5, 0.6], TypeError, ["threshold must be a number", "got [0.5, 0.6]"]),
        ([0, 1], [0.2, 0.7], math.nan, TypeError, ["threshold must be a number", "got nan"]),
    ],
)
def test_accuracy_of_nonsense(true, pred, threshold, exception, words, complains):
    with complains(exception, "accuracy", *words):
        accuracy(true, pred, threshold=threshold)


def test_confusion_matrix_may_be_larger_than_the_labels(complains):
    np.testing.assert_array_equal(
        confusion_matrix([0, 1], [1, 1], n_classes=3), [[0, 1, 0], [0, 1, 0], [0, 0, 0]]
    )
    with complains(ValueError, "confusion_matrix", "n_classes = 3", "got 3"):
        confusion_matrix([0, 3], [0, 1], n_classes=3)
    with complains(ValueError, "confusion_matrix", "n_classes", "got 0"):
        confusion_matrix([0], [0], n_classes=0)


@pytest.mark.parametrize(
    ("true", "pred", "words"),
    [
        ([0, 1], [0, 1, 1], ["same length", "2 and 3"]),
        ([0, -1], [0, 1], ["y_true", "got -1"]),
        ([0, 1], [0.2, 1], ["y_pred", "got 0.2", "threshold"]),
        ([0, 1], [math.nan, 1], ["y_pred", "nan"]),
        ([[0, 1], [1, 0]], [0, 1], ["(n_samples,)", "(2, 2)", "argmax"]),
    ],
)
@pytest.mark.parametrize("function", [confusion_matrix, precision_recall])
def test_labels_that_are_none(function, true, pred, words, complains):
    with complains(ValueError, function.__name__, *words):
        function(true, pred)


def test_precision_and_recall_by_hand():
    true, pred = np.array([1, 1, 1, 1, 0, 0]), np.array([1, 1, 1, 0, 1, 0])
    assert precision_recall(true, pred) == (0.75, 0.75)
    assert precision_recall(true[:, None], pred > 0) == (0.75, 0.75)
    assert precision_recall([1, 1, 1], [1, 0, 0]) == (1.0, pytest.approx(1 / 3))


def test_precision_and_recall_without_an_answer():
    precision, recall = precision_recall([0, 1], [0, 0])
    assert math.isnan(precision)
    assert recall == 0
    precision, recall = precision_recall([0, 0], [1, 0])
    assert precision == 0
    assert math.isnan(recall)


def test_precision_is_for_two_classes(complains):
    with complains(ValueError, "precision_recall", "0 or 1", "got 2", "y == 3"):
        precision_recall([0, 2], [0, 1])


def test_precision_recall_curve_moves_the_threshold():
    true, scores = np.array([0, 1, 0, 1, 1]), np.array([[-2.0], [-1.0], [0.5], [1.0], [3.0]])
    cuts = [-5, -1.5, 0, 0.5, 9]  # 0.5 is a score itself, and not above it
    precision, recall = precision_recall_curve(true, scores, cuts)
    for k, cut in enumerate(cuts):
        np.testing.assert_array_equal((precision[k], recall[k]), precision_recall(true, scores[:, 0] > cut))
    np.testing.assert_allclose(recall, [1, 1, 2 / 3, 2 / 3, 0], rtol=1e-15)
    assert np.all(np.diff(recall) <= 0)
    assert math.isnan(precision[-1])


@given(scored)
def test_roc_area_is_the_chance_to_rank_a_pair_rightly(pairs):
    true, scores = np.array(pairs).T
    curve = roc_curve(true, scores)
    ones, zeros = scores[true == 1], scores[true == 0]
    differences = ones[:, None] - zeros[None, :]
    chance = np.mean((differences > 0) + 0.5 * (differences == 0))  # Mann and Whitney's U
    assert curve.area == pytest.approx(chance, abs=1e-12)
    for k, threshold in enumerate(curve.thresholds):
        assert curve.true_positive_rate[k] == pytest.approx(np.mean(ones >= threshold))
        assert curve.false_positive_rate[k] == pytest.approx(np.mean(zeros >= threshold))
    assert (curve.false_positive_rate[-1], curve.true_positive_rate[-1]) == (1, 1)


def test_roc_depends_on_order_alone():
    rng = np.random.default_rng(0)
    true, scores = rng.integers(0, 2, 50), rng.standard_normal((50, 1))
    assert roc_curve(true, scores).area == roc_curve(true, np.exp(scores[:, 0])).area


@pytest.mark.parametrize(
    ("true", "scores", "words"),
    [
        ([0, 1, 2], [0.1, 0.2, 0.3], ["0 and 1", "got 2"]),
        ([0, 1], [0.1, 0.2, 0.3], ["same length", "2 and 3"]),
        ([0, 1], [[0.1, 0.9], [0.2, 0.8]], ["(n_samples,)", "(2, 2)"]),
        ([0, 1], [0.1, math.nan], ["scores", "nan"]),
    ],
)
def test_scores_that_are_none(true, scores, words, complains):
    with complains(ValueError, "roc_curve", *words):
        roc_curve(true, scores)
    with complains(ValueError, "precision_recall_curve", *words):
        precision_recall_curve(true, scores, [0.5])


def test_roc_needs_both_classes(complains):
    with complains(ValueError, "roc_curve", "both labels", "only 1"):
        roc_curve([1, 1], [0.1, 0.2])
