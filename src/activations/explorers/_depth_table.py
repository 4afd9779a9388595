"""The measurements behind `depth_explorer`, kept in ``depth.npz``.

Measuring them takes a few minutes, too long for a page. To measure them anew::

    python -c "from activations.explorers._depth_table import main; main()"

The tests measure samples of the table and compare.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from activations.experiments import measure_backprop_signal

ACTIVATIONS = ("sigmoid", "tanh", "relu", "selu")
INITIALIZERS = ("glorot_uniform", "he_normal", "lecun_normal", "plain_normal")
DEEPEST = 30
TABLE = Path(__file__).parent / "depth.npz"


def summary(activation: str, initializer: str, depth: int) -> NDArray[np.float64]:
    """Measure one network of one depth over 20 seeds.

    Parameters
    ----------
    activation, initializer : str
    depth : int

    Returns
    -------
    ndarray, shape (3, depth)
        Median, smallest and largest signal in each layer, as a multiple of the signal in the last layer.
    """
    signal = measure_backprop_signal(activation, initializer, depth).signal
    share = signal / signal[:, -1:]
    return np.stack([np.median(share, axis=0), share.min(axis=0), share.max(axis=0)])


def measure_table(
    activations: tuple[str, ...] = ACTIVATIONS,
    initializers: tuple[str, ...] = INITIALIZERS,
    deepest: int = DEEPEST,
) -> NDArray[np.float32]:
    """Measure all depths of all pairs.

    Parameters
    ----------
    activations, initializers : tuple of str
    deepest : int

    Returns
    -------
    ndarray of float32, shape (n_activations, n_initializers, 3 * (1 + 2 + … + deepest))
        For each pair the summaries of depth 1, 2, …, one after the other.
    """
    return np.array(
        [
            [
                np.concatenate([summary(activation, initializer, L).ravel() for L in range(1, deepest + 1)])
                for initializer in initializers
            ]
            for activation in activations
        ],
        dtype=np.float32,
    )


def load_table() -> NDArray[np.float32]:
    """Return the stored measurements, in the form of `measure_table`."""
    with np.load(TABLE) as stored:
        table: NDArray[np.float32] = stored["signal"]
    return table


def main() -> None:
    """Measure the table and store it."""
    np.savez_compressed(TABLE, signal=measure_table())
