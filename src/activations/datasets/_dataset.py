"""The container that every loader returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from activations.datasets._checks import FloatArray


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """A real data set: its numbers, what they mean, and whom to credit for them.

    Attributes
    ----------
    name : str
        The name under which the data are known.
    features : ndarray of float64, shape (n_samples, n_features)
        One row an example, one column a feature.
    target : ndarray, shape (n_samples,)
        What is to be predicted: float64 for a quantity, int64 for a class label.
    feature_names : tuple of str, length n_features
        What each column measures, in the order of the columns.
    target_names : tuple of str
        The names of the classes in the order of their labels; for a quantity, its one name.
    description : str
        What the data are, in what units, and what was changed.
    source : str
        The address of the original.
    license : str
        The terms under which the data may be shared.
    citation : str
        The credit that the licence asks for.
    image_shape : tuple of int, or None
        Rows and columns of pixels, where an example is a picture.

    Examples
    --------
    >>> from activations.datasets import load_digits
    >>> load_digits()
    <Dataset 'Optical Recognition of Handwritten Digits': 1797 examples, 64 features, 10 classes>
    """

    name: str
    features: FloatArray
    target: npt.NDArray[Any]
    feature_names: tuple[str, ...]
    target_names: tuple[str, ...]
    description: str
    source: str
    license: str
    citation: str
    image_shape: tuple[int, int] | None = None

    @property
    def images(self) -> FloatArray:
        """The features as pictures, shape (n_samples, rows, columns); a view, not a copy.

        Raises
        ------
        AttributeError
            If the examples are not pictures.
        """
        if self.image_shape is None:
            raise AttributeError(
                f"Dataset.images: the examples must be pictures, got {self.name!r}; use .features instead"
            )
        return self.features.reshape(-1, *self.image_shape)

    def __repr__(self) -> str:
        n_samples, n_features = self.features.shape
        if np.issubdtype(self.target.dtype, np.integer):
            target = f"{len(self.target_names)} classes"
        else:
            target = f"target {self.target_names[0]}"
        return f"<Dataset {self.name!r}: {n_samples} examples, {n_features} features, {target}>"
