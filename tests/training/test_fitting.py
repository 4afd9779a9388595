import warnings

import numpy as np
import pytest

from activations.training import (
    MLP,
    SGD,
    Adam,
    DivergenceWarning,
    History,
    Loss,
    accuracy,
    fit,
    mean_squared_error,
    mean_squared_error_gradient,
)

BINARY = "binary_cross_entropy"


def rng(seed=0):
    return np.random.default_rng(seed)


def two_blobs(n=60, seed=0):
    generator = rng(seed)
    y = np.arange(n) % 2
    return generator.standard_normal((n, 2)) + 3 * y[:, None], y


def network(sizes=(2, 8, 1), activation="tanh", seed=0, **options):
    return MLP(sizes, activation, rng=rng(seed), **options)


def arguments(**changes):
    X, y = two_blobs()
    default = {
        "network": network(),
        "X": X,
        "y": y,
        "loss": BINARY,
        "optimizer": SGD(0.1),
        "epochs": 2,
        "rng": rng(),
    }
    return default | changes


def run(**changes):
    given = arguments(**changes)
    return fit(given.pop("network"), given.pop("X"), given.pop("y"), **given)


@pytest.mark.parametrize("batch_size", [1, 7, 60, 1000])
def test_an_epoch_is_forward_loss_backward_update_over_the_batches(batch_size):
    X, y = two_blobs()
    ours, optimizer = network(), SGD(0.1, momentum=0.5)
    history = run(network=ours, optimizer=SGD(0.1, momentum=0.5), batch_size=batch_size, epochs=3, rng=rng(7))

    theirs, order, means = network(), rng(7), []
    for _ in range(3):
        indices, losses = order.permutation(60), []
        for start in range(0, 60, batch_size):
            batch = indices[start : start + batch_size]
            forward = theirs.forward(X[batch])
            z, target = forward.output, y[batch, None]
            losses += list((np.log1p(np.exp(-abs(z))) + np.maximum(z, 0) - target * z)[:, 0])
            gradient = (1 / (1 + np.exp(-z)) - target) / len(batch)
            optimizer.update(theirs.parameters, theirs.backward(forward, gradient).parameters)
        means.append(np.mean(losses))
    for mine, other in zip(ours.parameters, theirs.parameters, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(history["loss"], means, rtol=1e-10)


def test_training_learns_and_the_record_is_complete():
    X_val, y_val = two_blobs(40, seed=1)
    history = run(
        optimizer=Adam(0.02), epochs=40, validation_data=(X_val, y_val), metrics=["accuracy"], batch_size=16
    )
    assert history.keys() == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert list(history) == history.keys()
    assert {name: history[name].shape for name in history} == dict.fromkeys(history.keys(), (40,))
    assert history.epochs == 40
    assert history.stopped_because is None
    assert history["loss"][-1] < 0.3 * history["loss"][0]
    assert history["val_accuracy"][-1] >= 0.9
    assert "val_loss" in history
    assert "precision" not in history
    assert repr(history) == "History(40 epochs of loss, accuracy, val_loss, val_accuracy)"
    with pytest.raises(KeyError, match="History: no record 'acc'; choose from loss, accuracy"):
        history["acc"]


def test_validation_is_measured_after_the_epoch_on_other_examples():
    X_val, y_val = two_blobs(40, seed=1)
    trained, seen = network(), []

    def remember(epoch, network, logs):
        z = network.predict(X_val)
        seen.append(
            (float(np.mean(np.log1p(np.exp(z)) - y_val[:, None] * z)), accuracy(y_val, z, threshold=0))
        )

    history = run(network=trained, validation_data=[X_val, y_val], metrics="accuracy", on_epoch_end=remember)
    np.testing.assert_allclose(history["val_loss"], [value for value, _ in seen], rtol=1e-12)
    np.testing.assert_array_equal(history["val_accuracy"], [value for _, value in seen])


def test_the_same_seed_gives_the_same_run():
    first, second, other = (run(rng=rng(seed))["loss"] for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


def test_without_shuffling_no_generator_is_needed():
    np.testing.assert_array_equal(
        run(shuffle=False, rng=None)["loss"], run(shuffle=False, rng=rng(5))["loss"]
    )


def test_zero_epochs_leave_the_network_as_it_is():
    trained = network()
    before = [array.copy() for array in trained.parameters]
    history = run(network=trained, epochs=0)
    assert history.epochs == 0
    assert history["loss"].shape == (0,)
    for array, old in zip(trained.parameters, before, strict=True):
        np.testing.assert_array_equal(array, old)


@pytest.mark.parametrize("shape", [(60,), (60, 1)])
def test_binary_accuracy_decides_at_logit_zero(shape):
    X, y = two_blobs()
    fixed = MLP([2, 1], parameters=[[[1.0], [0.0]], [-1.5]])
    history = run(network=fixed, y=y.reshape(shape), optimizer=SGD(1e-12), metrics=["accuracy"], epochs=1)
    assert history["accuracy"][0] == pytest.approx(np.mean((X[:, 0] > 1.5) == y), abs=1e-15)


def test_multiclass_accuracy_takes_the_largest_output():
    y = two_blobs()[1]
    for targets in (y + 1, np.eye(3)[y + 1]):
        history = run(
            network=network((2, 8, 3)), y=targets, loss="softmax_cross_entropy", optimizer=Adam(0.05),
            metrics=["accuracy"], epochs=30,
        )  # fmt: skip
        assert history["accuracy"][-1] >= 0.95


def test_mean_squared_error_works_with_a_sigmoid_output():
    trained = network(output_activation="sigmoid")
    history = run(
        network=trained, loss="mean_squared_error", optimizer=Adam(0.05), metrics=["accuracy"], epochs=40
    )
    assert history["accuracy"][-1] >= 0.9, "one output in (0, 1) decides at 0.5"
    assert history["loss"][-1] < 0.1


def test_the_largest_of_several_numbers_wins():
    X, y = two_blobs()
    # outputs 0 and 0.01 x − 0.015, far below one half: only their order says which class is meant
    fixed = MLP([2, 2], parameters=[[[0.0, 0.01], [0.0, 0.0]], [0.0, -0.015]])
    history = run(
        network=fixed, y=np.eye(2)[y], loss="mean_squared_error", optimizer=SGD(1e-12), metrics=["accuracy"]
    )
    np.testing.assert_allclose(history["accuracy"], np.mean((X[:, 0] > 1.5) == y), rtol=1e-15)


def test_multilabel_accuracy_counts_every_answer():
    X, y = two_blobs()
    both = np.column_stack([y, 1 - y])
    fixed = MLP([2, 2], parameters=[np.array([[1.0, 1.0], [0.0, 0.0]]), [-1.5, -1.5]])
    history = run(network=fixed, y=both, optimizer=SGD(1e-12), metrics=["accuracy"], epochs=1)
    right = np.mean((X[:, 0] > 1.5) == y)
    assert history["accuracy"][0] == pytest.approx((right + (1 - right)) / 2)


def test_own_metrics_and_losses():
    def largest(y, output):
        assert y.shape == (60,)
        assert output.shape == (60, 1)
        return abs(output).max()

    own = Loss("own", "own", mean_squared_error, mean_squared_error_gradient)
    history = run(loss=own, metrics=[largest, "accuracy"], epochs=1)
    assert history.keys() == ["loss", "largest", "accuracy"]
    assert run(metrics=largest).keys() == ["loss", "largest"]


def test_names_choose_losses_and_optimizers():
    by_name = run(loss=BINARY, optimizer="adam")["loss"]
    np.testing.assert_array_equal(by_name, run(optimizer=Adam())["loss"])


def test_callbacks_are_told_each_epoch():
    calls, trained = [], network()
    history = run(
        network=trained,
        epochs=3,
        on_epoch_end=[lambda *call: calls.append(call), lambda epoch, network, logs: logs.clear()],
    )
    assert [epoch for epoch, _, _ in calls] == [1, 2, 3]
    assert all(seen is trained for _, seen, _ in calls)
    np.testing.assert_array_equal([logs["loss"] for _, _, logs in calls], history["loss"])


def test_a_callback_can_stop_the_run():
    def good_enough(epoch, network, logs):
        return "loss below 0.6" if logs["loss"] < 0.6 else None

    history = run(epochs=500, on_epoch_end=good_enough)
    assert 0 < history.epochs < 500
    assert history["loss"][-1] < 0.6 <= history["loss"][:-1].min(initial=1)
    assert history.stopped_because == "loss below 0.6"
    assert repr(history).endswith("stopped: loss below 0.6)")


def test_float32_end_to_end():
    X, y = two_blobs()
    for optimizer in (SGD(0.1, momentum=0.9), Adam(0.01)):
        trained = network(dtype=np.float32)
        history = run(network=trained, optimizer=optimizer, validation_data=(X, y), metrics="accuracy")
        assert {array.dtype for array in trained.parameters} == {np.dtype(np.float32)}
        assert history["loss"].dtype == np.float64
        double = run(
            network=network(), optimizer=type(optimizer)(optimizer.learning_rate), validation_data=(X, y)
        )
        assert history["loss"][0] == pytest.approx(double["loss"][0], rel=0.3)


# A run that blows up


def diverging(**changes):
    options = {"loss": "mean_squared_error", "optimizer": SGD(10.0), "epochs": 2000, "batch_size": 60}
    with pytest.warns(DivergenceWarning) as caught:
        history = run(**{"network": MLP([2, 1], rng=rng())} | options | changes)
    assert len(caught) == 1, "one clear message, none of NumPy's"
    return history, str(caught[0].message), caught[0]


def test_a_diverging_run_stops_says_why_and_keeps_its_history():
    history, message, warning = diverging(metrics="accuracy", validation_data=two_blobs(20, seed=1))
    assert 10 < history.epochs < 2000
    assert f"in epoch {history.epochs} of 2000" in message
    assert message.startswith("fit: the run must stay finite, got ")
    assert "lower the learning rate (now 10)" in message
    assert history.stopped_because.startswith(f"diverged in epoch {history.epochs}: ")
    assert "stopped: diverged" in repr(history)
    assert np.isfinite(history["loss"][:-1]).all()
    assert np.all(np.diff(history["loss"][:10]) > 0), "the way up is on record"
    assert {len(history[name]) for name in history} == {history.epochs}
    assert warning.filename == __file__
    assert issubclass(DivergenceWarning, RuntimeWarning)


def test_divergence_within_the_first_epoch():
    history, message, _ = diverging(batch_size=1, optimizer=SGD(1e10), metrics="accuracy")
    assert history.epochs == 1
    assert not np.isfinite(history["loss"][0])
    assert np.isnan(history["accuracy"][0])
    assert "got loss = " in message


def test_divergence_of_the_validation_loss():
    X, y = two_blobs()
    history, message, _ = diverging(
        epochs=1, optimizer=SGD(1e160), validation_data=(1e10 * X, y), metrics="accuracy"
    )
    assert "got val_loss = " in message
    assert np.isnan(history["val_accuracy"][0])
    assert np.isfinite(history["accuracy"][0])


def test_divergence_of_the_weights_alone():
    _, message, _ = diverging(epochs=1, optimizer=SGD(1e308), X=10 * two_blobs()[0])
    assert "got a weight that is nan or infinite in epoch 1 of 1" in message


def test_large_but_harmless_steps_are_left_alone():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = run(network=network(activation="relu"), optimizer=SGD(30.0), epochs=20)
    assert history.epochs == 20


# Bad arguments


X, Y = two_blobs()
X_NAN, Y_INF = X.copy(), Y.astype(float)
X_NAN[3, 1], Y_INF[5] = np.nan, np.inf


@pytest.mark.parametrize(
    ("changes", "exception", "words"),
    [
        ({"network": X}, TypeError, ["network", "ndarray"]),
        ({"X": X_NAN}, ValueError, ["X must be finite", "nan at index (3, 1)"]),
        ({"y": Y_INF}, ValueError, ["y must be finite", "inf at index (5,)"]),
        ({"X": X[:, :1]}, ValueError, ["(n_samples, 2)", "(60, 1)"]),
        ({"X": X[0]}, ValueError, ["(n_samples, 2)", "(2,)"]),
        ({"X": X[:0], "y": Y[:0]}, ValueError, ["X must not be empty"]),
        ({"y": Y[:0]}, ValueError, ["y must not be empty"]),
        ({"y": Y[:-1]}, ValueError, ["same length", "(60, 2)", "(59,)"]),
        ({"y": 1}, ValueError, ["same length", "()"]),
        ({"X": X.astype(str)}, TypeError, ["X must hold real numbers", "<U"]),
        ({"X": X.astype(object)}, TypeError, ["X must hold real numbers", "object"]),
        ({"y": np.where(Y > 0, "yes", "no")}, TypeError, ["y must hold real numbers", "<U3"]),
        ({"y": Y + 1}, ValueError, ["[0, 1]", "from 1 to 2"]),
        ({"y": np.column_stack([Y, Y])}, ValueError, ["(60, 1)", "(60, 2)"]),
        ({"loss": "softmax_cross_entropy"}, ValueError, ["2 classes", "use binary_cross_entropy"]),
        (
            {"loss": "softmax_cross_entropy", "network": network((2, 2)), "y": 2 * Y},
            ValueError,
            ["from 0 to 1", "got 2"],
        ),
        (
            {"network": network(output_activation="sigmoid")},
            ValueError,
            ["logits", "'sigmoid'", "'identity'"],
        ),
        ({"epochs": -1}, ValueError, ["epochs", "got -1"]),
        ({"epochs": 2.5}, TypeError, ["epochs", "got 2.5"]),
        ({"batch_size": 0}, ValueError, ["batch_size", "got 0"]),
        ({"batch_size": None}, TypeError, ["batch_size", "got None"]),
        ({"rng": None}, TypeError, ["rng", "shuffle=False"]),
        ({"rng": 0}, TypeError, ["rng", "got 0"]),
        ({"metrics": ["acuracy"]}, ValueError, ["'acuracy'", "did you mean 'accuracy'?"]),
        ({"metrics": [3]}, TypeError, ["metric", "got 3"]),
        ({"metrics": 5}, TypeError, ["metrics must be a sequence", "got 5"]),
        ({"on_epoch_end": 5}, TypeError, ["on_epoch_end must be a sequence", "got 5"]),
        ({"on_epoch_end": "print"}, TypeError, ["on_epoch_end must be a sequence", "got 'print'"]),
        ({"on_epoch_end": [5]}, TypeError, ["each of on_epoch_end must be a function", "got 5"]),
        ({"validation_data": X}, ValueError, ["validation_data", "ndarray of 60", "(X_val, y_val)"]),
        ({"validation_data": (X, Y, Y)}, ValueError, ["validation_data", "tuple of 3"]),
        ({"validation_data": 0.2}, ValueError, ["validation_data", "float"]),
        ({"validation_data": (X, Y[:5])}, ValueError, ["X_val and y_val", "(5,)"]),
        ({"validation_data": (X_NAN, Y)}, ValueError, ["X_val must be finite"]),
    ],
)
def test_bad_arguments(changes, exception, words, complains):
    with complains(exception, "fit", *words):
        run(**changes)


@pytest.mark.parametrize(
    ("changes", "function", "words"),
    [
        ({"loss": "mse"}, "get_loss", ["'mse'", "mean_squared_error"]),
        ({"optimizer": "adamw"}, "get_optimizer", ["'adamw'", "did you mean 'adam'?"]),
    ],
)
def test_unknown_names(changes, function, words, complains):
    with complains(ValueError, function, *words):
        run(**changes)


def test_what_is_no_callback_is_refused_before_the_first_epoch(complains):
    untrained, trained = network(), network()
    with complains(TypeError, "fit", "on_epoch_end"):
        run(network=trained, on_epoch_end=[lambda epoch, network, logs: None, None])
    for before, after in zip(untrained.parameters, trained.parameters, strict=True):
        np.testing.assert_array_equal(before, after)


def test_accuracy_of_a_regression_is_refused(complains):
    with complains(ValueError, "accuracy", "class numbers"):
        run(loss="mean_squared_error", y=X[:, 0], metrics=["accuracy"])


def test_history_from_records():
    history = History({"accuracy": [0.5, 0.75, 1]}, "stopped by hand")
    assert history.epochs == 3
    assert history.stopped_because == "stopped by hand"
    np.testing.assert_array_equal(history["accuracy"], [0.5, 0.75, 1])


def test_history_rejects_uneven_records(complains):
    with complains(ValueError, "History", "one common length"):
        History({"loss": [1.0, 2.0], "val_loss": [1.0]})


@pytest.mark.parametrize(
    ("records", "words"),
    [
        (None, "map names to numbers"),
        ([0.7, 0.4], "[0.7, 0.4]"),
        ({"loss": 0.7}, "records['loss'] must be a"),
    ],
)
def test_history_rejects_what_is_no_record(records, words, complains):
    with complains(TypeError, "History", words):
        History(records)
