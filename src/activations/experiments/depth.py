"""What happens to a signal on its way through many layers, forward and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from activations.experiments._seeds import each_seed
from activations.experiments._tabular import Tabular
from activations.functions import Activation
from activations.training import MLP, Initializer
from activations.training._checks import count


@dataclass(frozen=True)
class BackpropSignal(
    Tabular,
    axes={
        "signal": "run layer",
        "forward_std": "run layer",
        "forward_rms": "run layer",
        "weight_gradient": "run layer",
    },
):
    """The strength of the back-propagated signal in each layer, one row for each seed.

    Attributes
    ----------
    activation, initializer : str
        Names of what was measured.
    depth, width, n_samples : int
        Number of layers, units in each, examples.
    signal : ndarray, shape (n_seeds, depth)
        Norm of dL/dz over examples and units, first layer to last.
    forward_std : ndarray, shape (n_seeds, depth)
        Standard deviation of the activations, first layer to last.
    forward_rms : ndarray, shape (n_seeds, depth)
        Root mean square of the activations; for one example their length, over the root of the width.
    weight_gradient : ndarray, shape (n_seeds, depth)
        Norm of dL/dW, first layer to last.
    """

    activation: str
    initializer: str
    depth: int
    width: int
    n_samples: int
    signal: NDArray[np.floating[Any]]
    forward_std: NDArray[np.floating[Any]]
    forward_rms: NDArray[np.floating[Any]]
    weight_gradient: NDArray[np.floating[Any]]

    @property
    def ratio(self) -> NDArray[np.floating[Any]]:
        """Signal in the first layer, as a multiple of the signal in the last; shape (n_seeds,)."""
        ratio: NDArray[np.floating[Any]] = self.signal[:, 0] / self.signal[:, -1]
        return ratio


def measure_backprop_signal(
    activation: str | Activation,
    initializer: str | Initializer,
    depth: int,
    *,
    width: int = 64,
    n_samples: int = 100,
    seeds: Iterable[int] = range(20),
) -> BackpropSignal:
    """Send random inputs up a fresh network and a random gradient down, and measure both in each layer.

    All layers have the same width and the same activation, the last one too. Inputs and the gradient that
    arrives at the top are standard normal numbers, independent of each other: the measurement is about the
    layers alone, not about a loss.

    Parameters
    ----------
    activation : str or Activation
        The activation of every layer.
    initializer : str or callable
        What draws the weights; biases are zero.
    depth : int
        Number of layers.
    width : int, default 64
        Number of inputs, and of units in each layer.
    n_samples : int, default 100
        Examples in the batch. Chaotic networks (tanh under N(0, 1), 30 layers) want 256: there a few examples
        carry most of the norm, and the ratio settles slowly.
    seeds : iterable of int, default range(20)
        One network, batch and gradient for each.

    Returns
    -------
    BackpropSignal

    Raises
    ------
    ValueError
        If a name is unknown, or depth, width or n_samples is below 1, or there is no seed.
    TypeError
        If a number is not whole.

    Examples
    --------
    >>> result = measure_backprop_signal("sigmoid", "glorot_uniform", 10, seeds=range(3))
    >>> result.signal.shape
    (3, 10)
    >>> bool(np.all(result.ratio < 1e-5))
    True
    """
    depth = count("measure_backprop_signal", "depth", depth, 1)
    width = count("measure_backprop_signal", "width", width, 1)
    n_samples = count("measure_backprop_signal", "n_samples", n_samples, 1)
    signal, forward_std, forward_rms, weight_gradient = [], [], [], []
    for seed in each_seed("measure_backprop_signal", seeds):
        rng = np.random.default_rng(seed)
        network = MLP(
            [width] * (depth + 1), activation, output_activation=activation, initializer=initializer, rng=rng
        )
        forward = network.forward(rng.standard_normal((n_samples, width)))
        backward = network.backward(forward, rng.standard_normal((n_samples, width)))
        signal.append([np.linalg.norm(dz) for dz in backward.signals])
        forward_std.append([a.std() for a in forward.activations[1:]])
        forward_rms.append([np.sqrt(np.mean(a * a)) for a in forward.activations[1:]])
        weight_gradient.append([np.linalg.norm(dW) for dW in backward.weights])
    return BackpropSignal(
        activation=network.output_activation.name,
        initializer=initializer
        if isinstance(initializer, str)
        else getattr(initializer, "__name__", repr(initializer)),
        depth=depth,
        width=width,
        n_samples=n_samples,
        signal=np.array(signal),
        forward_std=np.array(forward_std),
        forward_rms=np.array(forward_rms),
        weight_gradient=np.array(weight_gradient),
    )


@dataclass(frozen=True, eq=False)
class LengthScatter(Tabular, axes={"length": "network", "signal": "network"}):
    """What became of one example in many networks of one kind.

    Attributes
    ----------
    length : ndarray, shape (n_firing,)
        Length of the last layer's activations over the root of the width, for each network in which some unit
        of that layer fires.
    signal : ndarray, shape (n_firing,)
        Signal in the first layer of these networks, as a multiple of the signal in the last.
    silent : int
        Number of the other networks: for this example they put out nothing, and pass nothing back.
    """

    length: NDArray[np.floating[Any]]
    signal: NDArray[np.floating[Any]]
    silent: int


def measure_length_scatter(
    width: int, depth: int = 30, *, seeds: Iterable[int] = range(200)
) -> LengthScatter:
    r"""Send one example through each of many fresh ReLU networks with He weights, and a gradient back.

    Given the activations below, a layer multiplies their squared length by the mean of n independent terms
    :math:`2 \max(0, z)^2` with standard normal z, a random factor of mean 1 and variance 5/n. So the
    logarithm of the length has a variance of :math:`v \approx \tfrac54 L/n` after L layers, and a median
    of about :math:`-v`.

    Parameters
    ----------
    width : int
        Number of inputs, and of units in each layer.
    depth : int, default 30
        Number of layers.
    seeds : iterable of int, default range(200)
        One network, example and gradient for each. Twenty would leave a standard deviation uncertain by a
        sixth.

    Returns
    -------
    LengthScatter

    Raises
    ------
    ValueError
        If a number is below 1, or there is no seed.

    References
    ----------
    B. Hanin and D. Rolnick, "How to start training: the effect of initialization and architecture", 2018.

    Examples
    --------
    >>> narrow, wide = (measure_length_scatter(n, 10, seeds=range(20)) for n in (8, 128))
    >>> bool(np.log(narrow.length).std() > 2 * np.log(wide.length).std())
    True
    """
    run = measure_backprop_signal("relu", "he_normal", depth, width=width, n_samples=1, seeds=seeds)
    fires = run.forward_rms[:, -1] > 0
    signal = run.signal[fires]
    return LengthScatter(run.forward_rms[fires, -1], signal[:, 0] / signal[:, -1], int(np.sum(~fires)))
