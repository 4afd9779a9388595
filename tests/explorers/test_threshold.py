"""threshold_explorer: its tables are the package's counts and rates at every position of the slider."""

from __future__ import annotations

import numpy as np
import pytest

from activations.explorers import threshold_explorer
from activations.training import accuracy, confusion_matrix, precision_recall, roc_curve

rng = np.random.default_rng(1)
TRUTH = (rng.random(80) < 0.4).astype(int)
LOGITS = rng.normal(size=80) + 2 * TRUTH - 1
SHARES = 1 / (1 + np.exp(-LOGITS))


@pytest.mark.parametrize("scores", [SHARES, LOGITS, SHARES[:, None]], ids=["shares", "logits", "column"])
def test_the_tables_are_the_packages_numbers(scores: np.ndarray) -> None:
    explorer = threshold_explorer(TRUTH, scores)
    grid, table = explorer.view.grid, explorer.view.table
    flat = scores.reshape(-1)
    for i in range(0, grid["size"], 10):
        called = (flat > grid["low"] + i * grid["step"]).astype(int)
        matrix = confusion_matrix(TRUTH, called, 2)
        assert [table[name][i] for name in ("true_negative", "false_positive")] == matrix[0].tolist()
        assert [table[name][i] for name in ("false_negative", "true_positive")] == matrix[1].tolist()
        precision, recall = precision_recall(TRUTH, called)
        assert table["recall"][i] == pytest.approx(recall, abs=1e-8)
        assert table["accuracy"][i] == pytest.approx(accuracy(TRUTH, called), abs=1e-8)
        assert table["false_positive_rate"][i] == pytest.approx(matrix[0, 1] / matrix[0].sum(), abs=1e-8)
        if np.isnan(precision):
            assert table["precision"][i] is None
        else:
            assert table["precision"][i] == pytest.approx(precision, abs=1e-8)


def test_precision_without_a_positive_call_is_null_not_a_number() -> None:
    assert threshold_explorer([0, 1], [0.2, 0.7]).view.table["precision"][-1] is None


def test_the_curve_is_the_packages() -> None:
    view = threshold_explorer(TRUTH, SHARES).view
    curve = roc_curve(TRUTH, SHARES)
    stored = np.frombuffer(view.roc, "<f4").reshape(2, -1)
    np.testing.assert_allclose(stored, [curve.false_positive_rate, curve.true_positive_rate], atol=1e-7)
    assert view.area == curve.area
    np.testing.assert_allclose(np.frombuffer(view.scores, "<f4"), SHARES, rtol=1e-7)
    assert np.frombuffer(view.truth, np.uint8).tolist() == TRUTH.tolist()


def test_the_slider_spans_the_scores() -> None:
    shares, logits = threshold_explorer(TRUTH, SHARES), threshold_explorer(TRUTH, LOGITS)
    assert (shares.view.grid["low"], shares.view.grid["high"], shares.threshold) == (0.0, 1.0, 0.5)
    assert logits.view.grid["low"] <= LOGITS.min() < LOGITS.max() <= logits.view.grid["high"]
    assert logits.threshold == pytest.approx(0, abs=logits.view.grid["step"])


def test_a_start_outside_of_all_scores_is_moved_to_them() -> None:
    assert threshold_explorer([0, 1], [3.2, 5.5]).threshold == 3.0
    assert threshold_explorer([0, 1], [-5.2, -3.3]).threshold == -3.0


def test_threshold_moves_the_view() -> None:
    explorer = threshold_explorer(TRUTH, SHARES, threshold=0.301, labels=("benign", "malignant"))
    assert explorer.threshold == explorer.view.threshold == 0.3
    assert explorer.view.labels == ["benign", "malignant"]
    explorer.threshold = 0.9
    assert explorer.view.threshold == 0.9
    explorer.view.threshold = 0.1
    assert explorer.threshold == 0.1


@pytest.mark.parametrize("score", [3.0, -2.0, 0.0, 1.0, 1e20, -1e30])
def test_equal_scores_have_a_threshold_on_either_side(score):
    explorer = threshold_explorer([0, 1], [score, score])
    called = [
        true + false
        for true, false in zip(
            explorer.view.table["true_positive"], explorer.view.table["false_positive"], strict=True
        )
    ]
    assert called[0] in {0, 2}  # a score of 0 lies above no threshold from 0 to 1
    assert called[-1] == 0
    assert explorer.view.grid["step"] > 0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: threshold_explorer([0, 1], [0.1]), ValueError, r"same length"),
        (lambda: threshold_explorer([1, 1], [0.1, 0.2]), ValueError, r"both labels"),
        (lambda: threshold_explorer([0, 2], [0.1, 0.2]), ValueError, r"y_true must hold 0 and 1"),
        (lambda: threshold_explorer([0, 1], [0.1, np.nan]), ValueError, r"scores"),
        (lambda: threshold_explorer([0, 1], ["a", "b"]), TypeError, r"scores"),
        (lambda: threshold_explorer([0, 1], [1.0, 1e300]), ValueError, r"scores must lie within ±3.4e38"),
        (
            lambda: threshold_explorer([0, 1] * 2501, [0.1, 0.9] * 2501),
            ValueError,
            r"threshold_explorer: at most 5000 examples fit on a page, got 5002",
        ),
        (
            lambda: threshold_explorer([0, 1], [0.1, 0.9], labels=["one"]),
            ValueError,
            r"threshold_explorer: labels must be 2 names, got 1",
        ),
        (
            lambda: threshold_explorer([0, 1], [0.1, 0.9], labels=3),
            TypeError,
            r"threshold_explorer: labels must be a sequence of names, got 3; ",
        ),
        (
            lambda: threshold_explorer([0, 1], [0.1, 0.9], threshold=2),
            ValueError,
            r"threshold_explorer: threshold must lie between 0 and 1, got 2",
        ),
    ],
)
def test_bad_input_is_explained(call, error, message) -> None:
    with pytest.raises(error, match=message):
        call()
