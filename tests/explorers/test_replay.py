"""training_replay: what it shows is what the package measured during the run."""

from __future__ import annotations

import numpy as np
import pytest

from activations import sigmoid
from activations.datasets import moons
from activations.explorers import Recorder, record_training, training_replay
from activations.explorers._recording import MOST_FRAMES
from activations.training import MLP, SGD, History, accuracy, binary_cross_entropy, dead_units, fit

X, Y = moons(60, noise=0.15, rng=np.random.default_rng(0))


def network(activation: str = "relu", sizes: tuple[int, ...] = (2, 6, 1), seed: int = 0) -> MLP:
    return MLP(sizes, activation, rng=np.random.default_rng(seed))


def train(recorder: Recorder, net: MLP, epochs: int, rate: float = 0.1) -> None:
    fit(
        net, X, Y, loss="binary_cross_entropy", optimizer=SGD(rate), epochs=epochs,
        rng=np.random.default_rng(0), on_epoch_end=recorder,
    )  # fmt: skip


def test_a_frame_holds_the_packages_numbers() -> None:
    net = network(sizes=(2, 5, 4, 1))
    recorder = Recorder(net, X, Y, every=2)
    train(recorder, net, 6)
    assert recorder.epochs == [0, 2, 4, 6]
    output = net.predict(X)
    assert recorder.loss[-1] == binary_cross_entropy(output, Y)
    assert recorder.accuracy[-1] == accuracy(Y, output, threshold=0)
    dead = np.concatenate(dead_units(net, X))
    assert recorder.dead[-1] == dead.sum()

    (x0, x1), (y0, y1) = recorder.bounds
    n = recorder.probabilities[-1].shape[0]
    at = np.array([[np.linspace(x0, x1, n)[3], np.linspace(y0, y1, n)[7]]])
    assert recorder.probabilities[-1][7, 3] == pytest.approx(sigmoid(net.predict(at)).item(), abs=1e-12)

    first = net.forward(X).pre_activations[0]
    active = (first > 0).mean(axis=0)
    np.testing.assert_allclose(recorder.activity[-1][:5], np.where(dead[:5], -1, active))


def test_all_points_lie_within_the_plotted_part() -> None:
    (x0, x1), (y0, y1) = Recorder(network(), X, Y).bounds
    assert x0 < X[:, 0].min() < X[:, 0].max() < x1
    assert y0 < X[:, 1].min() < X[:, 1].max() < y1


def test_runs_start_from_the_same_seed() -> None:
    first, again = record_training(X, Y, ["tanh"], epochs=3), record_training(X, Y, ["tanh"], epochs=3)
    assert first[0].loss == again[0].loss
    other = record_training(X, Y, ["tanh"], epochs=3, seed=1)
    assert first[0].loss != other[0].loss


def test_long_runs_keep_few_frames() -> None:
    [recorder] = record_training(X, Y, ["tanh"], epochs=200, batch_size=60)
    assert len(recorder.epochs) <= MOST_FRAMES
    assert recorder.epochs[:2] == [0, 7]


def test_the_view_shows_what_was_recorded() -> None:
    runs = record_training(X, Y, ["sigmoid", "relu"], hidden=(3, 2), epochs=4)
    view = training_replay(*runs).view
    assert view.epochs == [0, 1, 2, 3, 4]
    frames = np.frombuffer(view.frames, np.uint8).reshape(2, 5, view.cells + 1, view.cells + 1)
    units = np.frombuffer(view.activity, np.uint8).reshape(2, 5, 5)
    for r, run in enumerate(runs):
        shown = view.runs[r]
        np.testing.assert_allclose(shown["loss"], run.loss, rtol=1e-8)
        np.testing.assert_allclose(shown["accuracy"], run.accuracy, atol=1e-8)
        assert shown["dead"] == run.dead
        assert shown["layers"] == [3, 2]
        np.testing.assert_allclose(frames[r] / 255, run.probabilities, atol=0.5 / 255 + 1e-12)
        shares = np.array(run.activity)
        np.testing.assert_array_equal(units[r] == 0, shares == -1)
        np.testing.assert_allclose((units[r][shares >= 0] - 1.0) / 254, shares[shares >= 0], atol=0.5 / 254)
    np.testing.assert_allclose(np.frombuffer(view.points, "<f4").reshape(-1, 2), X, rtol=1e-6)
    assert np.frombuffer(view.classes, np.uint8).tolist() == Y.tolist()


def test_dead_units_are_marked() -> None:
    net = MLP([2, 2, 1], "relu", parameters=[[[1, 1], [1, 1]], [9, -99], [[1], [1]], [0]])
    recorder = Recorder(net, X, Y)
    assert recorder.dead == [1]
    assert recorder.activity[0].tolist() == [1.0, -1.0]


def test_a_run_that_diverges_stops_in_the_replay() -> None:
    runs = record_training(X, Y, ["relu", "tanh"], hidden=(16, 16, 16), epochs=20, learning_rate=1e30)
    relu, tanh = runs
    assert len(relu.epochs) < len(tanh.epochs)
    view = training_replay(*runs).view
    assert view.runs[0]["last"] == relu.epochs[-1]
    frames = np.frombuffer(view.frames, np.uint8).reshape(2, len(tanh.epochs), -1)
    np.testing.assert_array_equal(frames[0, len(relu.epochs) - 1], frames[0, -1])


def test_epoch_moves_the_view() -> None:
    replay = training_replay(*record_training(X, Y, ["tanh"], epochs=60))
    assert replay.view.epochs[1] == 2
    replay.epoch = 31
    assert replay.epoch == replay.view.epoch == 30 or replay.epoch == 32
    replay.view.epoch = 4
    assert replay.epoch == 4


def test_a_recorder_takes_a_label() -> None:
    recorder = Recorder(network(), X, Y, label="rate 0.1")
    assert repr(recorder) == "Recorder(rate 0.1, epochs 0 to 0)"
    assert recorder.activation == "relu"


def two_runs(**changes) -> list[Recorder]:
    return record_training(X, Y, ["tanh"], epochs=2) + record_training(
        **{"X": X, "y": Y, "activations": ["relu"], "epochs": 2, **changes}
    )


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: Recorder(network(), X[:, :1], Y),
            ValueError,
            r"Recorder: X must have shape \(n_samples, 2\)",
        ),
        (
            lambda: Recorder(network(), X, Y[:9]),
            ValueError,
            r"Recorder: y must hold one class a point, .*\(9,\)",
        ),
        (lambda: Recorder(network(), X * np.nan, Y), ValueError, r"Recorder: X must be finite, got nan at"),
        (lambda: Recorder(network(), [["a", "b"]], [1]), TypeError, r"Recorder: X must hold real numbers"),
        (lambda: Recorder(None, X, Y), TypeError, r"Recorder: network must be of type MLP, got NoneType"),
        (
            lambda: record_training(X, Y, "relu"),
            TypeError,
            r"record_training: activations must be a sequence",
        ),
        (lambda: record_training(X, Y, hidden=3), TypeError, r"record_training: hidden must be a sequence"),
        (lambda: Recorder(network(), X, Y + 1), ValueError, r"Recorder: y must hold 0 and 1, got 2"),
        (
            lambda: Recorder(network(sizes=(2, 1)), X, Y),
            ValueError,
            r"hidden units and one output, got \[2, 1\]",
        ),
        (lambda: Recorder(network(), X, Y, every=0), ValueError, r"Recorder: every must lie between 1"),
        (lambda: record_training(X, Y, epochs=0), ValueError, r"record_training: epochs must lie between 1"),
        (lambda: training_replay(), ValueError, r"there must be 1 to 4 recordings, got 0"),
        (
            lambda: training_replay(History({"loss": [0.7, 0.4]})),
            TypeError,
            r"got History, which keeps numbers .*; make recorder = Recorder\(network, X, y\)",
        ),
        (lambda: training_replay(3), TypeError, r"recordings must be Recorders, got int"),
        (
            lambda: training_replay(*two_runs(X=X + 1)),
            ValueError,
            r"must share their points, got others for 'ReLU'",
        ),
        (lambda: training_replay(*two_runs(epochs=90)), ValueError, r"recorded at the same epochs"),
        (lambda: training_replay(Recorder(network(), X, Y)), ValueError, r"2 to 31 frames, got 1"),
    ],
)
def test_bad_input_is_explained(call, error, message) -> None:
    with pytest.raises(error, match=message):
        call()


def test_too_much_for_a_page_is_refused() -> None:
    many = np.tile(X, (9, 1)), np.tile(Y, 9)
    with pytest.raises(ValueError, match=r"training_replay: at most 500 points, got 540; draw a sample"):
        training_replay(*record_training(*many, ["tanh"], epochs=1))
    net = network()
    recorder = Recorder(net, X, Y)
    train(recorder, net, 40)
    with pytest.raises(ValueError, match=r"there must be 2 to 31 frames, got 41; record with every=2"):
        training_replay(recorder)
