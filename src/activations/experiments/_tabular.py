"""Results as tables, for whoever goes on with a table library or a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from activations.training._checks import lookup


class Tabular:
    """What a result of an experiment can do: hand out its numbers as a tidy table.

    A table is tidy if every row is one observation and every column one quantity. Each result class says
    along which axes its arrays run: ``run`` counts the seeds in the order in which they were given, and
    ``layer``, ``step``, ``epoch``, … count from 0. An axis with the name of another attribute, such as
    ``thresholds``, has the values of that attribute.

    Examples
    --------
    >>> from activations.experiments.stalling import measure_stalling
    >>> runs = measure_stalling(depth=2, steps=1, seeds=[0, 1])
    >>> rows = runs.table("loss")
    >>> list(rows[0]), [(row["run"], row["step"]) for row in rows]
    (['run', 'step', 'loss'], [(0, 0), (0, 1), (1, 0), (1, 1)])
    """

    axes: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """The axes of each attribute that is an array."""

    def __init_subclass__(cls, *, axes: Mapping[str, str]) -> None:
        """Take the axes as words: ``axes={"loss": "run step"}``."""
        super().__init_subclass__()
        cls.axes = {name: tuple(words.split()) for name, words in axes.items()}

    def table(self, *names: str) -> list[dict[str, Any]]:
        """Return quantities that run along the same axes as a tidy table.

        Parameters
        ----------
        *names : str
            Attributes of this result. By default the first and all that run along the same axes.

        Returns
        -------
        list of dict
            A row for each observation: its place along each axis, then its quantities, as Python's own
            numbers and texts. ``pandas.DataFrame`` and ``csv.DictWriter`` take such a list as it is.

        Raises
        ------
        ValueError
            If a name is no such attribute, or the named ones run along different axes.
        TypeError
            If a name is no text.

        Examples
        --------
        >>> from activations.experiments.thresholds import sweep_thresholds
        >>> sweep = sweep_thresholds([0, 1, 1], [0.2, 0.4, 0.9], thresholds=[0.3, 0.5])
        >>> sweep.table("missed", "false_alarms")[1]
        {'thresholds': 0.5, 'missed': 1, 'false_alarms': 0}
        """
        function = f"{type(self).__name__}.table"
        first = (
            lookup(function, "a quantity", names[0], self.axes) if names else next(iter(self.axes.values()))
        )
        chosen = names or [name for name, axes in self.axes.items() if axes == first]
        for name in chosen:
            axes = lookup(function, "a quantity", name, self.axes)
            if axes != first:
                raise ValueError(
                    f"{function}: quantities must run along the same axes, got {chosen[0]!r} along "
                    f"{', '.join(first)} and {name!r} along {', '.join(axes)}; make a table of each"
                )
        columns = {name: self._array(name) for name in chosen}
        shape = columns[chosen[0]].shape
        places = [self._places(axis, chosen[0], size) for axis, size in zip(first, shape, strict=True)]
        return [
            {axis: place[i] for axis, place, i in zip(first, places, index, strict=True)}
            | {name: column[index].item() for name, column in columns.items()}
            for index in np.ndindex(shape)
        ]

    def _array(self, name: str) -> np.ndarray[Any, Any]:
        value = getattr(self, name)
        return np.array(list(value.values()) if isinstance(value, Mapping) else value)

    def _places(self, axis: str, name: str, size: int) -> list[Any]:
        """Return what stands for each place along an axis: keys, another attribute's values, or a count."""
        value = getattr(self, name)
        if isinstance(value, Mapping) and axis == self.axes[name][0]:
            return list(value)
        labels = getattr(self, axis, None)
        return list(range(size)) if labels is None else np.asarray(labels).tolist()
