"""Data to learn from: three real sets that ship with the package, and toy problems."""

from activations.datasets._dataset import Dataset
from activations.datasets.preparation import MinMaxScaler, Standardizer, one_hot, train_test_split
from activations.datasets.real import load_auto_mpg, load_breast_cancer, load_digits
from activations.datasets.toy import blobs, moons, spirals, xor

__all__ = [
    "Dataset",
    "MinMaxScaler",
    "Standardizer",
    "blobs",
    "load_auto_mpg",
    "load_breast_cancer",
    "load_digits",
    "moons",
    "one_hot",
    "spirals",
    "train_test_split",
    "xor",
]
