"""The training loop: shuffle, cut into mini-batches, step against the gradient, keep a record."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from activations.training._checks import (
    FloatArray,
    count,
    finite,
    generator,
    instance,
    lookup,
    matrix,
    numeric_array,
    routine,
    sequence,
)
from activations.training._progress import progress_bar
from activations.training.losses import Loss, get_loss
from activations.training.metrics import accuracy
from activations.training.network import MLP
from activations.training.optimizers import Optimizer, get_optimizer

Metric = Callable[[NDArray[Any], FloatArray], float]
Callback = Callable[[int, MLP, dict[str, float]], str | None]


class DivergenceWarning(RuntimeWarning):
    """A training run was stopped because its loss, or its weights, ceased to be finite."""


class History:
    """The record of a training run: one number for each epoch under each name.

    Attributes
    ----------
    epochs : int
        Number of epochs on record.
    stopped_because : str or None
        Why the run ended before its last epoch; None if it did not.

    Examples
    --------
    >>> history = History({"loss": [0.7, 0.4]})
    >>> history["loss"]
    array([0.7, 0.4])
    >>> history.epochs, history.keys(), history.stopped_because
    (2, ['loss'], None)
    """

    def __init__(self, records: Mapping[str, Sequence[float]], stopped_because: str | None = None) -> None:
        if not isinstance(records, Mapping):
            raise TypeError(
                f"History: records must map names to numbers, got {records!r}; "
                "for example {'loss': [0.7, 0.4]}"
            )
        self._records: dict[str, list[float]] = {
            name: sequence("History", f"records[{name!r}]", values, "numbers")
            for name, values in records.items()
        }
        lengths = {len(values) for values in self._records.values()}
        if len(lengths) != 1:
            raise ValueError(
                f"History: records must have one common length, got {sorted(lengths)}; "
                "give one number for each epoch under each name"
            )
        self.stopped_because = stopped_because

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        if not isinstance(name, str) or name not in self._records:
            raise KeyError(f"History: no record {name!r}; choose from {', '.join(self._records)}")
        return np.array(self._records[name], dtype=np.float64)

    def __contains__(self, name: object) -> bool:
        return name in self._records

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __repr__(self) -> str:
        end = f"; stopped: {self.stopped_because}" if self.stopped_because else ""
        return f"History({self.epochs} epochs of {', '.join(self._records)}{end})"

    def keys(self) -> list[str]:
        """Return the names on record: "loss", then "val_loss" and the metrics if there are any."""
        return list(self._records)

    @property
    def epochs(self) -> int:
        """Number of epochs on record."""
        return len(next(iter(self._records.values())))

    def _append(self, logs: dict[str, float]) -> None:
        for name, value in logs.items():
            self._records[name].append(value)


def fit(
    network: MLP,
    X: ArrayLike,
    y: ArrayLike,
    *,
    loss: str | Loss,
    optimizer: str | Optimizer,
    epochs: int,
    batch_size: int = 32,
    validation_data: tuple[ArrayLike, ArrayLike] | None = None,
    metrics: str | Metric | Sequence[str | Metric] = (),
    shuffle: bool = True,
    rng: np.random.Generator | None = None,
    on_epoch_end: Callback | Sequence[Callback] = (),
    progress: bool | None = None,
) -> History:
    """Train a network, in place, and return the record of the run.

    Each epoch goes once through the examples, in mini-batches: forward, loss, backward, update.

    Parameters
    ----------
    network : MLP
        Its parameters are changed.
    X : array_like, shape (n_samples, n_inputs)
        Inputs, finite numbers.
    y : array_like, shape (n_samples,) or (n_samples, n_outputs)
        Targets, as the loss wants them.
    loss : str or Loss
        "mean_squared_error", "binary_cross_entropy" or "softmax_cross_entropy". The last two take *logits*:
        the network's output activation must be the identity.
    optimizer : str or Optimizer
        "sgd" or "adam" for the defaults, or an object such as ``Adam(learning_rate=0.01)``.
    epochs : int
        How often to go through the examples; 0 leaves the network as it is.
    batch_size : int, default 32
        Examples an update. The last batch of an epoch may be smaller.
    validation_data : tuple (X_val, y_val), optional
        Examples to measure on after each epoch, never trained on.
    metrics : sequence of str or callable
        "accuracy", or functions ``(y, output) -> float``, recorded under their name.
    shuffle : bool, default True
        Draw a new order for each epoch.
    rng : numpy.random.Generator, optional
        Source of that order; needed unless `shuffle` is False.
    on_epoch_end : callable or sequence of callables
        Called as ``(epoch, network, logs)`` after each epoch; epochs count from 1, ``logs`` maps the names on
        record to this epoch's numbers. A callback that returns a text stops the run, and the text says why.
    progress : bool, optional
        Whether to show a progress bar (on stderr, never before two seconds). By default only where somebody
        watches: in a terminal, or in a notebook opened in Jupyter or Colab.

    Returns
    -------
    History
        ``history["loss"]`` and the metrics are taken over the mini-batches *during* the epoch, while the
        weights still move, as in Keras; ``history["val_loss"]`` is measured after it, so it may well be the
        smaller one.

    Raises
    ------
    ValueError
        If shapes, lengths or numbers do not fit, data hold nan or infinity, or a name is unknown.
    TypeError
        If data are not numeric, or an argument has the wrong type.

    Warns
    -----
    DivergenceWarning
        If the loss or the weights cease to be finite. The run stops, and the history keeps all epochs
        including the broken one.

    Examples
    --------
    >>> import numpy as np
    >>> from activations.training import Adam
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> rng = np.random.default_rng(0)
    >>> network = MLP([2, 8, 1], "tanh", rng=rng)
    >>> history = fit(
    ...     network, X, y, loss="binary_cross_entropy", optimizer=Adam(0.05), epochs=200,
    ...     metrics=["accuracy"], rng=rng,
    ... )
    >>> history
    History(200 epochs of loss, accuracy)
    >>> float(history["accuracy"][-1])
    1.0
    """
    instance("fit", "network", network, MLP, "call fit(network, X, y, …)")
    loss, optimizer = get_loss(loss), get_optimizer(optimizer)
    if loss.from_logits and network.output_activation.name != "identity":
        raise ValueError(
            f"fit: {loss.name} takes logits, got a network with output activation "
            f"{network.output_activation.name!r}; leave output_activation at 'identity'"
        )
    train = _Examples(network, loss, X, y, ("X", "y"))
    validation = _validation_examples(network, loss, validation_data)
    measures = _measures(loss, network, metrics)
    epochs = count("fit", "epochs", epochs, 0)
    batch_size = count("fit", "batch_size", batch_size, 1)
    callbacks = _callbacks(on_epoch_end)
    order = np.arange(len(train))
    shuffler = generator("fit", rng, "to shuffle the examples (or pass shuffle=False)") if shuffle else None

    names = ["loss", *measures]
    history = History({name: [] for name in names + [f"val_{name}" for name in names if validation]})
    # A run that blows up is reported once, by a DivergenceWarning; NumPy's own warnings would only blur it.
    quiet = np.errstate(over="ignore", invalid="ignore", divide="ignore")
    with quiet, progress_bar(epochs, "fit", "epoch", progress) as bar:
        for epoch in range(1, epochs + 1):
            if shuffler:
                order = shuffler.permutation(len(train))
            logs = _train_epoch(network, train, order, batch_size, loss, optimizer, measures)
            if validation:
                logs |= {
                    f"val_{name}": value for name, value in _evaluate(network, validation, loss, measures)
                }
            history._append(logs)
            bar.update()

            trouble = _trouble(network, logs)
            if trouble:
                history.stopped_because = f"diverged in epoch {epoch}: {trouble}"
                warnings.warn(
                    f"fit: the run must stay finite, got {trouble} in epoch {epoch} of {epochs}; lower the "
                    f"learning rate (now {optimizer.learning_rate:g}) or scale the data, and start afresh",
                    DivergenceWarning,
                    stacklevel=2,
                )
                break
            answers = [callback(epoch, network, dict(logs)) for callback in callbacks]
            reasons = [answer for answer in answers if isinstance(answer, str)]
            if reasons:
                history.stopped_because = reasons[0]
                break
    return history


def _train_epoch(
    network: MLP,
    train: _Examples,
    order: NDArray[np.intp],
    batch_size: int,
    loss: Loss,
    optimizer: Optimizer,
    measures: dict[str, Metric],
) -> dict[str, float]:
    """Go once through the examples in the given order; stop where the loss is no longer finite."""
    total, outputs = 0.0, []
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        X, y = train.X[batch], train.targets[batch]

        forward = network.forward(X)
        value = loss.value(forward.output, y)
        total += len(batch) * value
        if not math.isfinite(value):
            return {"loss": total / len(order)} | dict.fromkeys(measures, math.nan)
        if measures:
            outputs.append(forward.output)
        gradients = network.backward(forward, loss.gradient(forward.output, y))
        optimizer.update(network.parameters, gradients.parameters)

    logs = {"loss": total / len(order)}
    if measures:
        seen = np.concatenate(outputs)
        logs |= {name: float(measure(train.y[order], seen)) for name, measure in measures.items()}
    return logs


def _evaluate(
    network: MLP, examples: _Examples, loss: Loss, measures: dict[str, Metric]
) -> Iterator[tuple[str, float]]:
    """Yield loss and metrics on examples that are not trained on."""
    output = network.predict(examples.X)
    value = loss.value(output, examples.targets)
    yield "loss", value
    for name, measure in measures.items():
        yield name, float(measure(examples.y, output)) if math.isfinite(value) else math.nan


def _trouble(network: MLP, logs: dict[str, float]) -> str | None:
    """Say what is no longer finite, if anything."""
    for name in ("loss", "val_loss"):
        if not math.isfinite(logs.get(name, 0.0)):
            return f"{name} = {logs[name]}"
    if not all(np.isfinite(array).all() for array in network.parameters):
        return "a weight that is nan or infinite"
    return None


class _Examples:
    """Inputs and targets, checked once and converted to the network's floats."""

    def __init__(self, network: MLP, loss: Loss, X: Any, y: Any, names: tuple[str, str]) -> None:
        name_X, name_y = names
        self.X = matrix("fit", name_X, X, network.layer_sizes[0], network.dtype)
        self.y = numeric_array("fit", name_y, y)
        if self.y.ndim == 0 or len(self.y) != len(self.X):
            raise ValueError(
                f"fit: {name_X} and {name_y} must have the same length, got shapes {self.X.shape} and "
                f"{self.y.shape}; give one target for each example"
            )
        finite("fit", name_X, self.X)
        finite("fit", name_y, self.y)
        outputs = np.zeros((len(self.X), network.layer_sizes[-1]), network.dtype)
        self.targets = loss.encode("fit", outputs, self.y)[1]

    def __len__(self) -> int:
        return len(self.X)


def _validation_examples(network: MLP, loss: Loss, validation_data: Any) -> _Examples | None:
    if validation_data is None:
        return None
    if not isinstance(validation_data, (tuple, list)) or len(validation_data) != 2:
        size = f" of {len(validation_data)}" if hasattr(validation_data, "__len__") else ""
        raise ValueError(
            f"fit: validation_data must be a pair, got {type(validation_data).__name__}{size}; "
            "pass validation_data=(X_val, y_val)"
        )
    X_val, y_val = validation_data
    return _Examples(network, loss, X_val, y_val, ("X_val", "y_val"))


def _measures(loss: Loss, network: MLP, metrics: Any) -> dict[str, Metric]:
    """Return the metrics by name; "accuracy" knows from the loss how outputs become classes."""
    several_win = loss.threshold == 0.5 and network.layer_sizes[-1] > 1
    threshold = None if several_win else loss.threshold
    known: dict[str, Metric] = {"accuracy": lambda y, output: accuracy(y, output, threshold=threshold)}
    single = isinstance(metrics, str) or callable(metrics)
    chosen = [metrics] if single else sequence("fit", "metrics", metrics, "names and functions")
    return {
        getattr(metric, "__name__", repr(metric)) if callable(metric) else metric: (
            metric if callable(metric) else lookup("fit", "a metric", metric, known)
        )
        for metric in chosen
    }


def _callbacks(on_epoch_end: Any) -> list[Callback]:
    if callable(on_epoch_end):
        return [on_epoch_end]
    callbacks = sequence("fit", "on_epoch_end", on_epoch_end, "functions")
    remedy = "pass functions of (epoch, network, logs)"
    return [routine("fit", "each of on_epoch_end", callback, remedy) for callback in callbacks]
