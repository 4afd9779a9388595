"""Three small real data sets that ship inside the package: no network, ever.

Where they come from, what was changed and how they were checked is written in ``data/README.md``.
"""

from __future__ import annotations

import gzip
from importlib.resources import files

import numpy as np

from activations.datasets._checks import FloatArray
from activations.datasets._dataset import Dataset

LICENSE = "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"


def load_auto_mpg() -> Dataset:
    """Load Auto MPG, a regression: how far a car of the 1970s goes on a gallon of fuel.

    392 cars, seven features: cylinders; displacement (cubic inches); horsepower; weight (pounds);
    acceleration (seconds from 0 to 60 miles per hour); model year (70 to 82); origin (1 = USA,
    2 = Europe, 3 = Japan: a code without an order, see the example). The target is miles per US gallon.
    Rows are in the order of the model year, so shuffle before you split.

    Returns
    -------
    Dataset
        ``features`` of shape (392, 7); ``target`` of shape (392,), float64.

    References
    ----------
    R. Quinlan (1993). Auto MPG. UCI Machine Learning Repository. https://doi.org/10.24432/C5859H

    Examples
    --------
    >>> cars = load_auto_mpg()
    >>> cars.features.shape, round(float(cars.target.mean()), 2)
    ((392, 7), 23.45)

    Three columns of 0 and 1 in place of the origin's code:

    >>> from activations.datasets import one_hot
    >>> origin = one_hot(cars.features[:, 6].astype(int) - 1, 3)
    >>> np.hstack([cars.features[:, :6], origin]).shape
    (392, 9)
    """
    names, features, target = _read("auto_mpg.csv")
    return Dataset(
        name="Auto MPG",
        features=features,
        target=target,
        feature_names=names,
        target_names=("miles per gallon",),
        description=(
            "Fuel consumption in the city, in miles per US gallon, of 392 cars of the model years 1970 to "
            "1982. Displacement is in cubic inches, weight in pounds, acceleration in seconds from 0 to 60 "
            "miles per hour; origin is 1 for USA, 2 for Europe, 3 for Japan. Six cars of unknown horsepower "
            "are left out."
        ),
        source="https://doi.org/10.24432/C5859H",
        license=LICENSE,
        citation=(
            "R. Quinlan (1993). Auto MPG [data set]. UCI Machine Learning Repository. "
            "https://doi.org/10.24432/C5859H"
        ),
    )


def load_breast_cancer() -> Dataset:
    """Load Breast Cancer Wisconsin (Diagnostic), two classes: malignant or benign.

    569 masses, 30 features: the mean, the standard error and the worst value of ten measurements of the
    cell nuclei under a microscope. The target is **1 for malignant** (212 masses) and 0 for benign (357):
    "positive" means disease, as in a medical test. scikit-learn's copy codes it the other way round.

    Returns
    -------
    Dataset
        ``features`` of shape (569, 30); ``target`` of shape (569,), int64, 0 or 1.

    References
    ----------
    W. Wolberg, O. Mangasarian, N. Street, W. Street (1993). Breast Cancer Wisconsin (Diagnostic).
    UCI Machine Learning Repository. https://doi.org/10.24432/C5DW2B

    Examples
    --------
    >>> masses = load_breast_cancer()
    >>> masses.features.shape, int(masses.target.sum()), masses.target_names[1]
    ((569, 30), 212, 'malignant')
    """
    names, features, target = _read("breast_cancer.csv")
    return Dataset(
        name="Breast Cancer Wisconsin (Diagnostic)",
        features=features,
        target=target.astype(np.int64),
        feature_names=names,
        target_names=("benign", "malignant"),
        description=(
            "Ten measurements of the cell nuclei in an image of a fine-needle aspirate of a breast mass: the "
            "mean, the standard error and the worst (mean of the three largest) of each, for 569 masses. "
            "Recoded so that 1 is malignant and 0 is benign; the patient number is left out."
        ),
        source="https://doi.org/10.24432/C5DW2B",
        license=LICENSE,
        citation=(
            "W. Wolberg, O. Mangasarian, N. Street, W. Street (1993). Breast Cancer Wisconsin (Diagnostic) "
            "[data set]. UCI Machine Learning Repository. https://doi.org/10.24432/C5DW2B"
        ),
    )


def load_digits() -> Dataset:
    """Load the test part of Optical Recognition of Handwritten Digits, ten classes.

    1797 pictures of 8×8 pixels, each a count from 0 (blank) to 16 (full ink), written by 13 people.

    Returns
    -------
    Dataset
        ``features`` of shape (1797, 64); ``images``, the same numbers as a view of shape (1797, 8, 8);
        ``target`` of shape (1797,), int64, 0 to 9.

    References
    ----------
    E. Alpaydin, C. Kaynak (1998). Optical Recognition of Handwritten Digits. UCI Machine Learning
    Repository. https://doi.org/10.24432/C50P49

    Examples
    --------
    >>> digits = load_digits()
    >>> digits.images.shape, digits.target[:5]
    ((1797, 8, 8), array([0, 1, 2, 3, 4]))
    """
    names, features, target = _read("digits.csv.gz")
    return Dataset(
        name="Optical Recognition of Handwritten Digits",
        features=features,
        target=target.astype(np.int64),
        feature_names=names,
        target_names=tuple("0123456789"),
        description=(
            "8×8 pictures of 1797 digits written by 13 people. A pixel counts the inked dots, 0 to 16, in a "
            "4×4 block of the scan. This is the test part of the original, unchanged."
        ),
        source="https://doi.org/10.24432/C50P49",
        license=LICENSE,
        citation=(
            "E. Alpaydin, C. Kaynak (1998). Optical Recognition of Handwritten Digits [data set]. UCI "
            "Machine Learning Repository. https://doi.org/10.24432/C50P49"
        ),
        image_shape=(8, 8),
    )


def _read(file_name: str) -> tuple[tuple[str, ...], FloatArray, FloatArray]:
    """Return the feature names, the features and the target (the last column) of a data file."""
    content = files("activations.datasets").joinpath("data", file_name).read_bytes()
    if file_name.endswith(".gz"):
        content = gzip.decompress(content)
    header, *lines = content.decode("utf-8").splitlines()
    table = np.loadtxt(lines, delimiter=",")
    # Contiguous copies, so that .images can be a view and a product of matrices is fast.
    return tuple(header.split(",")[:-1]), table[:, :-1].copy(), table[:, -1].copy()
