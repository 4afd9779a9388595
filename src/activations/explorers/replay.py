"""Recorded training runs, side by side."""

from __future__ import annotations

from typing import Any, ClassVar

import ipywidgets
import numpy as np
import traitlets
from numpy.typing import NDArray

from activations.figures.palette import looks_for
from activations.training import History

from ._base import Explorer, View, Whole, module_text, row, slider
from ._recording import MOST_FRAMES, Recorder
from ._tables import dashes

_NAME = "training_replay"
_MOST_RUNS = 4
_MOST_POINTS = 500


class ReplayView(View):
    """Decision boundaries, units and loss curves, from frames that Python has recorded."""

    _esm: ClassVar[str] = module_text("replay")

    runs: traitlets.List[Any] = traitlets.List(help="name, look and numbers of each run").tag(sync=True)
    epochs: traitlets.List[int] = traitlets.List(help="epochs on record").tag(sync=True)
    frames = traitlets.Bytes(help="probabilities on the grid, in 255ths, run after run").tag(sync=True)
    cells = traitlets.Int(help="cells along each axis of the grid").tag(sync=True)
    activity = traitlets.Bytes(help="responsive share of each unit in 254ths plus 1, 0 if dead").tag(
        sync=True
    )
    points = traitlets.Bytes(help="coordinates of the points, as float32").tag(sync=True)
    classes = traitlets.Bytes(help="classes of the points, as uint8").tag(sync=True)
    bounds: traitlets.List[Any] = traitlets.List(help="plotted part of the plane").tag(sync=True)
    epoch = traitlets.Int(help="the epoch on display").tag(sync=True)


class ReplayExplorer(Explorer):
    """The widget that `training_replay` returns, with its trait ``epoch``."""

    view: ReplayView

    def __init__(self, view: ReplayView) -> None:
        last, step = view.epochs[-1], view.epochs[1]
        play = ipywidgets.Play(
            value=view.epoch, min=0, max=last, step=step, interval=150, show_repeat=False,
            description="Play",
        )  # fmt: skip
        ipywidgets.jslink((view, "epoch"), (play, "value"))
        super().__init__(view, [row(play, slider(view, "epoch", "Epoch", 0, last, step))])
        self._share("epoch", Whole(_NAME, 0, last, step))


def _longest(recordings: tuple[Recorder, ...]) -> list[int]:
    """Return the epochs of the longest run, of which all others must have the beginning."""
    longest = max((recording.epochs for recording in recordings), key=len)
    for recording in recordings:
        if recording.epochs != longest[: len(recording.epochs)]:
            raise ValueError(
                f"{_NAME}: runs must be recorded at the same epochs, got {recording.epochs[:3]}… beside "
                f"{longest[:3]}…; give all of them the same `every`"
            )
    return longest


def _padded(frames: list[Any], length: int) -> NDArray[np.float64]:
    """Return frames as an array, the last one repeated where a run stopped early."""
    return np.array([*frames, *[frames[-1]] * (length - len(frames))], dtype=np.float64)


def _bytes(shares: NDArray[np.float64]) -> bytes:
    return np.round(255 * shares).astype(np.uint8).tobytes()


def _unit_bytes(shares: NDArray[np.float64]) -> bytes:
    """Return shares in 254ths plus one, so that 0 is left for dead units."""
    return np.where(shares < 0, 0, 1 + np.round(254 * shares)).astype(np.uint8).tobytes()


def training_replay(*recordings: Recorder) -> ReplayExplorer:
    """Replay recorded training runs side by side.

    For each run the plane with its points (circles are class 1, crosses class 0), the region that the
    network calls class 1, and its hidden units: the fuller a unit's disc, the more points it responds to;
    dead units are crossed out. Below them the loss curves, and a table with the numbers of the epoch.
    Play, pause, or scrub through the epochs with the slider.

    Parameters
    ----------
    *recordings : Recorder
        One to four runs on the same points, as `record_training` returns them, or a `Recorder` that was
        given to `fit`. A `History` has too little to be replayed: it keeps the numbers of each epoch, but
        neither weights nor points.

    Returns
    -------
    ReplayExplorer
        A widget. Its trait ``epoch`` can be set and observed.

    Raises
    ------
    ValueError
        If there are no runs or too many, their points or epochs differ, or there are too many frames.
    TypeError
        If something else than a recording is given, such as the history that `fit` returns.

    Examples
    --------
    Runs of the activations' names, all from the same seed:

    >>> from activations.datasets import moons
    >>> from activations.explorers import record_training
    >>> X, y = moons(60, rng=np.random.default_rng(0))
    >>> replay = training_replay(*record_training(X, y, ["tanh", "relu"], epochs=20))
    >>> replay.epoch = 20
    >>> replay
    ReplayExplorer(epoch=20)

    A run of your own, recorded while it is trained:

    >>> from activations.explorers import Recorder
    >>> from activations.training import MLP, fit
    >>> network = MLP([2, 8, 1], "relu", rng=np.random.default_rng(0))
    >>> recorder = Recorder(network, X, y)
    >>> history = fit(
    ...     network, X, y, loss="binary_cross_entropy", optimizer="adam", epochs=10,
    ...     rng=np.random.default_rng(0), on_epoch_end=recorder,
    ... )
    >>> training_replay(recorder)
    ReplayExplorer(epoch=0)
    """
    for recording in recordings:
        if not isinstance(recording, Recorder):
            kept = ", which keeps numbers but neither weights nor points" * isinstance(recording, History)
            raise TypeError(
                f"{_NAME}: recordings must be Recorders, got {type(recording).__name__}{kept}; make "
                "recorder = Recorder(network, X, y), pass it to fit as on_epoch_end=recorder, and replay it; "
                "or use record_training"
            )
    if not 1 <= len(recordings) <= _MOST_RUNS:
        raise ValueError(
            f"{_NAME}: there must be 1 to {_MOST_RUNS} recordings, got {len(recordings)}; choose some"
        )
    first = recordings[0]
    for other in recordings[1:]:
        if not (np.array_equal(first.X, other.X) and np.array_equal(first.y, other.y)):
            raise ValueError(
                f"{_NAME}: runs must share their points, got others for {other.label!r}; use the same X and y"
            )
    if len(first.X) > _MOST_POINTS:
        raise ValueError(f"{_NAME}: at most {_MOST_POINTS} points, got {len(first.X)}; draw a sample")
    epochs = _longest(recordings)
    if not 2 <= len(epochs) <= MOST_FRAMES:
        raise ValueError(
            f"{_NAME}: there must be 2 to {MOST_FRAMES} frames, got {len(epochs)}; "
            f"record with every={-(-epochs[-1] // (MOST_FRAMES - 1)) or 1}"
        )
    # An activation's own look; runs that bear other names take unused ones.
    looks = looks_for([each.label for each in recordings])
    view = ReplayView(
        kind="replay",
        label="Training replay",
        runs=[
            {
                "name": each.activation,
                "label": each.label,
                "colour": look.color,
                "dashes": dashes(look.line_style),
                "layers": each.layers,
                "last": each.epochs[-1],
                "loss": [float(f"{value:.9g}") for value in each.loss],
                "accuracy": [round(value, 9) for value in each.accuracy],
                "dead": each.dead,
            }
            for each, look in zip(recordings, looks, strict=True)
        ],
        epochs=epochs,
        frames=b"".join(_bytes(_padded(each.probabilities, len(epochs))) for each in recordings),
        cells=first.probabilities[0].shape[0] - 1,
        activity=b"".join(_unit_bytes(_padded(each.activity, len(epochs))) for each in recordings),
        points=first.X.astype("<f4").tobytes(),
        classes=first.y.astype(np.uint8).tobytes(),
        bounds=[list(axis) for axis in first.bounds],
        epoch=0,
    )
    return ReplayExplorer(view)
