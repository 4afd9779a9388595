"""The real data sets agree with what has been published about them."""

import csv
import gzip
import hashlib
import re
import socket
from importlib.resources import files

import numpy as np
import pytest

from activations.datasets import Dataset, load_auto_mpg, load_breast_cancer, load_digits

LOADERS = (load_auto_mpg, load_breast_cancer, load_digits)
DATA = files("activations.datasets").joinpath("data")


@pytest.mark.parametrize(
    ("load", "shape", "classes"),
    [(load_auto_mpg, (392, 7), None), (load_breast_cancer, (569, 30), 2), (load_digits, (1797, 64), 10)],
)
def test_shapes_types_and_names(load, shape, classes):
    data = load()
    assert isinstance(data, Dataset)
    assert data.features.shape == shape
    assert data.features.dtype == np.float64
    assert np.isfinite(data.features).all()
    assert data.target.shape == shape[:1]
    assert len(data.feature_names) == len(set(data.feature_names)) == shape[1]
    if classes is None:
        assert data.target.dtype == np.float64
        assert data.target_names == ("miles per gallon",)
    else:
        assert data.target.dtype == np.int64
        assert set(data.target) == set(range(classes))
        assert len(data.target_names) == classes


@pytest.mark.parametrize("load", LOADERS)
def test_credit_is_complete(load):
    data = load()
    assert data.source.startswith("https://doi.org/10.24432/")
    assert data.source in data.citation
    assert re.search(r"\((19|20)\d\d\)", data.citation)
    assert "CC BY 4.0" in data.license
    assert data.source in DATA.joinpath("README.md").read_text(encoding="utf-8")
    assert len(data.description.split()) > 20


@pytest.mark.parametrize("load", LOADERS)
def test_each_call_returns_its_own_arrays(load):
    first, second = load(), load()
    first.features[:] = -1.0
    first.target[:] = -1
    assert second.features.min() >= 0
    assert second.target.min() >= 0


@pytest.mark.parametrize("load", LOADERS)
def test_no_network(load, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a loader opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    assert len(load().features) > 300


def test_files_match_their_checksums_and_are_small():
    readme = DATA.joinpath("README.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"`([\w.]+\.(?:csv|gz))`.*`([0-9a-f]{64})`", readme))
    assert set(listed) == {"auto_mpg.csv", "breast_cancer.csv", "digits.csv.gz"}
    for name, checksum in listed.items():
        content = DATA.joinpath(name).read_bytes()
        assert len(content) < 300_000
        if name.endswith(".csv"):
            # A checkout on Windows may end the lines with \r\n.
            content = content.replace(b"\r\n", b"\n")
        assert hashlib.sha256(content).hexdigest() == checksum, name


def test_auto_mpg_reproduces_published_regression():
    # James, Witten, Hastie, Tibshirani, An Introduction to Statistical Learning (2013), section 3.7:
    # mpg on horsepower has intercept 39.936, slope -0.158 and R² 0.606 on these 392 cars.
    cars = load_auto_mpg()
    horsepower = cars.features[:, cars.feature_names.index("horsepower")]
    slope, intercept = np.polyfit(horsepower, cars.target, 1)
    assert intercept == pytest.approx(39.936, abs=5e-4)
    assert slope == pytest.approx(-0.1578, abs=5e-5)
    assert np.corrcoef(horsepower, cars.target)[0, 1] ** 2 == pytest.approx(0.6059, abs=5e-5)


def test_auto_mpg_columns():
    cars = load_auto_mpg()
    assert cars.feature_names == (
        "cylinders",
        "displacement",
        "horsepower",
        "weight",
        "acceleration",
        "model year",
        "origin",
    )
    assert cars.features[0].tolist() == [8, 307, 130, 3504, 12, 70, 1]
    assert set(cars.features[:, 0]) == {3, 4, 5, 6, 8}
    assert np.bincount(cars.features[:, 6].astype(int)).tolist() == [0, 245, 68, 79]
    assert (cars.target.min(), cars.target.max()) == (9.0, 46.6)


def test_auto_mpg_has_a_year_1981():
    # Copies are in circulation that date the cars of 1981 to 1982. Of UCI's 398 cars, these are left
    # when the six without horsepower (one each of 71, 74, 81, 82 and two of 80) go.
    years = load_auto_mpg().features[:, 5].astype(int)
    counts = np.bincount(years)[70:]
    assert counts.tolist() == [29, 27, 28, 40, 26, 30, 34, 28, 36, 29, 27, 28, 30]
    assert (np.diff(years) >= 0).all()


def test_breast_cancer_one_is_malignant():
    masses = load_breast_cancer()
    assert masses.target_names == ("benign", "malignant")
    assert np.bincount(masses.target).tolist() == [357, 212]
    # UCI's first record, 842302, is diagnosed M; malignant nuclei are larger.
    assert masses.target[0] == 1
    radius = masses.features[:, masses.feature_names.index("mean radius")]
    assert radius[masses.target == 1].mean() > 1.4 * radius[masses.target == 0].mean()


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("mean radius", 6.981, 28.11),
        ("mean area", 143.5, 2501.0),
        ("standard error of texture", 0.36, 4.885),
        ("worst concavity", 0.0, 1.252),
        ("worst fractal dimension", 0.055, 0.208),
    ],
)
def test_breast_cancer_ranges_as_published(name, low, high):
    masses = load_breast_cancer()
    column = masses.features[:, masses.feature_names.index(name)]
    # The published table gives at most three decimals for these.
    assert round(column.min(), 3) == pytest.approx(low, abs=1e-9)
    assert round(column.max(), 3) == pytest.approx(high, abs=1e-9)


def test_digits_counts_as_published():
    digits = load_digits()
    # The class distribution of UCI's test part (optdigits.names).
    assert np.bincount(digits.target).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert (digits.features.min(), digits.features.max()) == (0.0, 16.0)
    assert (digits.features % 1 == 0).all()


def test_digits_images_are_a_view():
    digits = load_digits()
    assert digits.images.shape == (1797, 8, 8)
    assert np.shares_memory(digits.images, digits.features)
    assert digits.feature_names[10] == "pixel 1 2"
    np.testing.assert_array_equal(digits.images[:, 1, 2], digits.features[:, 10])


def test_only_pictures_have_images():
    with pytest.raises(AttributeError, match=r"Dataset\.images: .* got 'Auto MPG'; use \.features"):
        load_auto_mpg().images  # noqa: B018


def test_repr_is_one_short_line():
    assert repr(load_auto_mpg()) == (
        "<Dataset 'Auto MPG': 392 examples, 7 features, target miles per gallon>"
    )
    assert repr(load_breast_cancer()).endswith("569 examples, 30 features, 2 classes>")


def test_dataset_is_frozen():
    with pytest.raises(AttributeError):
        load_digits().name = "other"


def test_files_have_a_header_and_the_target_last():
    for name in ("auto_mpg.csv", "breast_cancer.csv", "digits.csv.gz"):
        content = DATA.joinpath(name).read_bytes()
        text = (gzip.decompress(content) if name.endswith(".gz") else content).decode()
        header, first, *_ = csv.reader(text.splitlines())
        assert header[-1] in {"mpg", "malignant", "digit"}
        assert len(header) == len(first)
