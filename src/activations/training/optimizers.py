"""Optimizers: how a gradient becomes a change of the parameters.

An optimizer remembers something for each parameter (a velocity, two moments), so use a new one for each
network.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol, runtime_checkable

import numpy as np

from activations.training._checks import FloatArray, lookup, number, sequence


@runtime_checkable
class Optimizer(Protocol):
    """Anything with a learning rate that can update parameters in place."""

    learning_rate: float

    def update(self, parameters: Sequence[FloatArray], gradients: Sequence[FloatArray]) -> None:
        """Change the parameters in place, one step against the gradients.

        Parameters
        ----------
        parameters : list of ndarray
            The arrays to change.
        gradients : list of ndarray
            One gradient for each, of the same shape.
        """
        ...


class SGD:
    r"""Stochastic gradient descent, with momentum if you like.

    .. math:: v \leftarrow \mu v - \eta g, \qquad \theta \leftarrow \theta + v

    Parameters
    ----------
    learning_rate : float, default 0.01
        The step :math:`\eta`, above 0. May be changed between updates.
    momentum : float, default 0.0
        The share :math:`\mu` of the last step that is kept, in [0, 1).

    Raises
    ------
    ValueError
        If a number lies outside its range.
    TypeError
        If a number is none.

    References
    ----------
    B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.

    Examples
    --------
    >>> import numpy as np
    >>> theta = np.array([1.0])
    >>> optimizer = SGD(learning_rate=0.1, momentum=0.9)
    >>> for step in range(2):
    ...     optimizer.update([theta], [2 * theta])  # the gradient of theta ** 2
    >>> theta
    array([0.46])
    """

    def __init__(self, learning_rate: float = 0.01, momentum: float = 0.0) -> None:
        self.learning_rate = number("SGD", "learning_rate", learning_rate, 0, math.inf)
        self.momentum = number("SGD", "momentum", momentum, 0, 1, low_allowed=True)
        self._velocities: list[FloatArray] = []

    def __repr__(self) -> str:
        return f"SGD(learning_rate={self.learning_rate:g}, momentum={self.momentum:g})"

    def update(self, parameters: Sequence[FloatArray], gradients: Sequence[FloatArray]) -> None:
        """Change the parameters in place, one step against the gradients.

        Parameters
        ----------
        parameters : list of ndarray
            The arrays to change.
        gradients : list of ndarray
            One gradient for each, of the same shape.

        Raises
        ------
        ValueError
            If the arrays do not pair up, or are not those of the first update.
        TypeError
            If a parameter is no array of floats, or a gradient no array.
        """
        _check_pairs("SGD.update", parameters, gradients, self._velocities)
        if self.momentum == 0:
            for theta, g in zip(parameters, gradients, strict=True):
                theta -= self.learning_rate * g
            return
        if not self._velocities:
            self._velocities = [np.zeros_like(theta) for theta in parameters]
        for theta, g, v in zip(parameters, gradients, self._velocities, strict=True):
            v *= self.momentum
            v -= self.learning_rate * g
            theta += v


class Adam:
    r"""Adam: each parameter's step is scaled by the recent size of its own gradient.

    .. math::

        \begin{aligned}
        m &\leftarrow \beta_1 m + (1 - \beta_1) g, & \hat m &= m / (1 - \beta_1^t) \\
        v &\leftarrow \beta_2 v + (1 - \beta_2) g^2, & \hat v &= v / (1 - \beta_2^t) \\
        \theta &\leftarrow \theta - \eta \, \hat m / (\sqrt{\hat v} + \varepsilon)
        \end{aligned}

    Parameters
    ----------
    learning_rate : float, default 0.001
        The step :math:`\eta`, above 0: about how far a parameter moves in one update. May be changed between
        updates.
    beta_1, beta_2 : float, defaults 0.9 and 0.999
        The share of the old mean and of the old mean square that is kept, in [0, 1).
    epsilon : float, default 1e-8
        Keeps the quotient finite where a gradient is zero, above 0.

    Raises
    ------
    ValueError
        If a number lies outside its range.
    TypeError
        If a number is none.

    References
    ----------
    D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> theta = np.array([1.0, -100.0])
    >>> Adam(learning_rate=0.1).update([theta], [2 * theta])  # the first step has the same size for both
    >>> theta.round(6)
    array([  0.9, -99.9])
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        self.learning_rate = number("Adam", "learning_rate", learning_rate, 0, math.inf)
        self.beta_1 = number("Adam", "beta_1", beta_1, 0, 1, low_allowed=True)
        self.beta_2 = number("Adam", "beta_2", beta_2, 0, 1, low_allowed=True)
        self.epsilon = number("Adam", "epsilon", epsilon, 0, math.inf)
        self._step = 0
        self._means: list[FloatArray] = []
        self._squares: list[FloatArray] = []

    def __repr__(self) -> str:
        return (
            f"Adam(learning_rate={self.learning_rate:g}, beta_1={self.beta_1:g}, "
            f"beta_2={self.beta_2:g}, epsilon={self.epsilon:g})"
        )

    def update(self, parameters: Sequence[FloatArray], gradients: Sequence[FloatArray]) -> None:
        """Change the parameters in place, one step against the gradients.

        Parameters
        ----------
        parameters : list of ndarray
            The arrays to change.
        gradients : list of ndarray
            One gradient for each, of the same shape.

        Raises
        ------
        ValueError
            If the arrays do not pair up, or are not those of the first update.
        TypeError
            If a parameter is no array of floats, or a gradient no array.
        """
        _check_pairs("Adam.update", parameters, gradients, self._means)
        if not self._means:
            self._means = [np.zeros_like(theta) for theta in parameters]
            self._squares = [np.zeros_like(theta) for theta in parameters]
        self._step += 1
        mean_correction = 1 - self.beta_1**self._step
        square_correction = 1 - self.beta_2**self._step
        for theta, g, m, v in zip(parameters, gradients, self._means, self._squares, strict=True):
            m *= self.beta_1
            m += (1 - self.beta_1) * g
            v *= self.beta_2
            v += (1 - self.beta_2) * g * g
            theta -= (
                (self.learning_rate / mean_correction) * m / (np.sqrt(v / square_correction) + self.epsilon)
            )


OPTIMIZERS: Mapping[str, type[SGD] | type[Adam]] = MappingProxyType({"sgd": SGD, "adam": Adam})
"""Every optimizer by its name."""


def get_optimizer(name: str | Optimizer) -> Optimizer:
    """Return a new optimizer of that name with its default settings; an optimizer is handed back as it is.

    Parameters
    ----------
    name : str or Optimizer
        A key of `OPTIMIZERS`, or an object with `learning_rate` and `update`.

    Returns
    -------
    Optimizer

    Raises
    ------
    ValueError
        If no optimizer has that name.
    TypeError
        If `name` is neither text nor an optimizer, or is a class instead of an object.

    Examples
    --------
    >>> get_optimizer("adam")
    Adam(learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-08)
    """
    if isinstance(name, Optimizer) and not isinstance(name, type):
        return name
    return lookup("get_optimizer", "an optimizer", name, OPTIMIZERS)()


def _check_pairs(
    function: str,
    parameters: Sequence[FloatArray],
    gradients: Sequence[FloatArray],
    state: Sequence[FloatArray],
) -> None:
    for theta in sequence(function, "parameters", parameters, "arrays"):
        # Only an array can be changed in place, and only floats can be changed by a fraction.
        if not isinstance(theta, np.ndarray) or theta.dtype.kind != "f":
            raise TypeError(
                f"{function}: parameters must be arrays of floats, got {theta!r}; "
                "pass network.parameters, or convert each with np.array(values, dtype=float)"
            )
    for g in sequence(function, "gradients", gradients, "arrays"):
        if not isinstance(g, (np.ndarray, np.number)):
            raise TypeError(f"{function}: gradients must be arrays, got {g!r}; convert each with np.asarray")
    shapes = [theta.shape for theta in parameters]
    if shapes != [g.shape for g in gradients]:
        raise ValueError(
            f"{function}: each parameter needs a gradient of its own shape, got shapes {shapes} and "
            f"{[g.shape for g in gradients]}; pass the lists of one network in the same order"
        )
    if state and shapes != [s.shape for s in state]:
        raise ValueError(
            f"{function}: an optimizer belongs to one network, got parameters of shapes {shapes} after "
            f"{[s.shape for s in state]}; make a new optimizer for each network"
        )
