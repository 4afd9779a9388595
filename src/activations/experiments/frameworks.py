"""The functions and losses of the course in other libraries: how each of them spells the same thing.

A spelling is a line of code. Readers see it in a table, and the tests run the very same line, so that the
table cannot be wrong. Nothing here imports a framework before it is asked to.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from activations.datasets import Standardizer, load_auto_mpg, one_hot, train_test_split
from activations.training._checks import instance, lookup, sequence

__all__ = [
    "LIBRARIES",
    "SPELLINGS",
    "Library",
    "MissingLibraryError",
    "Spelling",
    "mileage_data",
    "require",
    "spelling_table",
]

FloatArray = npt.NDArray[np.float64]


class MissingLibraryError(ImportError):
    """A framework that is needed is not installed. A notebook shows the message without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


def require(*packages: str) -> None:
    """Raise, with the remedy, unless all packages can be imported. None of them is imported.

    Parameters
    ----------
    *packages : str
        Names as in an import statement.

    Raises
    ------
    MissingLibraryError
        If one is not installed.

    Examples
    --------
    >>> require("numpy", "json")
    """
    for package in packages:
        instance("require", "a package", package, str, "pass the name that is imported, such as 'torch'")
    missing = [package for package in packages if importlib.util.find_spec(package) is None]
    if missing:
        raise MissingLibraryError(
            f"require: this code needs {', '.join(missing)}, not installed here; in a copy of the "
            "repository run `pip install -r requirements-frameworks.txt`, or `make test-frameworks`, which "
            "installs them into an environment of its own (.venv-frameworks)"
        )


@dataclass(frozen=True)
class Library:
    """A library, and the names that its spellings may use.

    Attributes
    ----------
    label : str
        Its name in prose.
    package : str
        The module that knows the library's version.
    bare : tuple of str
        Modules whose names stand in spellings without a prefix.
    prefixes : mapping of str to str
        Prefixes that stand in spellings, and the modules they mean.
    array : str
        The spelling that turns the NumPy array ``value`` into an array of the library.
    """

    label: str
    package: str
    bare: tuple[str, ...]
    prefixes: Mapping[str, str]
    array: str

    @property
    def version(self) -> str:
        """The version that is installed."""
        return str(importlib.import_module(self.package).__version__)

    def names(self) -> dict[str, Any]:
        """Import what the spellings need, and return it by name."""
        names: dict[str, Any] = {}
        for module in self.bare:
            names |= vars(importlib.import_module(module))
        return names | {prefix: importlib.import_module(module) for prefix, module in self.prefixes.items()}

    def convert(self, value: npt.ArrayLike) -> Any:
        """Return an array of the library with the same numbers and the same dtype.

        Parameters
        ----------
        value : array_like

        Returns
        -------
        array of the library
        """
        return self.evaluate(self.array, value=np.asarray(value))

    def evaluate(self, code: str, **variables: Any) -> Any:
        """Run a spelling whose variables hold arrays of the library, and return the library's answer.

        Parameters
        ----------
        code : str
            A spelling, one expression.
        **variables
            Its variables by name.

        Returns
        -------
        array of the library

        Examples
        --------
        >>> LIBRARIES["numpy"].evaluate("np.maximum(x, 0)", x=np.array([-1.0, 2.0]))
        array([0., 2.])
        """
        # The spellings are this package's own tables, never a reader's input.
        return eval(code, self.names() | variables)  # nosec B307


LIBRARIES: Mapping[str, Library] = MappingProxyType(
    {
        "activations": Library(
            "This package", "activations", ("activations", "activations.training"), {}, "value"
        ),
        "numpy": Library("NumPy", "numpy", (), {"np": "numpy", "special": "scipy.special"}, "value"),
        "keras": Library(
            "Keras",
            "keras",
            ("keras.layers", "keras.initializers", "keras.activations"),
            {"keras": "keras", "ops": "keras.ops"},
            "keras.ops.convert_to_tensor(value)",
        ),
        "torch": Library(
            "PyTorch", "torch", ("torch.nn.functional",), {"torch": "torch"}, "torch.tensor(value)"
        ),
        "jax": Library(
            "JAX",
            "jax",
            ("jax.nn",),
            {"jnp": "jax.numpy", "optax": "optax"},
            "jnp.asarray(value)",
        ),
    }
)
"""The five columns of the table of spellings, by the key that `Spelling.code` uses."""


@dataclass(frozen=True)
class Spelling:
    """One function or loss, as each library writes it.

    Attributes
    ----------
    name : str
        The name of the function in this package.
    kind : {"elementwise", "vector", "loss"}
        Elementwise functions take ``x`` (PReLU a slope ``a``, too), functions of vectors take ``z``. A loss
        takes the ``output`` of a regression and its targets ``y``, or logits ``z`` with ``y`` or ``labels``.
    code : mapping of str to str
        The line of code, by a key of `LIBRARIES`.
    """

    name: str
    kind: str
    code: Mapping[str, str]

    def parameters(self) -> tuple[str, ...]:
        """Return which of x, a, z, output, y and labels the spelling takes, in that order."""
        tree = ast.walk(ast.parse(self.code["activations"]))
        used = {node.id for node in tree if isinstance(node, ast.Name)}
        return tuple(name for name in ("x", "a", "z", "output", "y", "labels") if name in used)

    def differences(
        self,
        values: Mapping[str, npt.ArrayLike],
        libraries: Sequence[str] = ("numpy", "keras", "torch", "jax"),
    ) -> dict[str, float]:
        """Run the spelling in each library and return its largest distance from this package's answer.

        Parameters
        ----------
        values : mapping of str to array_like
            A value for each of the `parameters`; others are left aside.
        libraries : sequence of str
            Keys of `LIBRARIES`.

        Returns
        -------
        dict of str to float
            By the key of the library.

        Examples
        --------
        >>> relu = next(row for row in SPELLINGS if row.name == "relu")
        >>> relu.differences({"x": [-1.0, 2.0]}, ["numpy"])
        {'numpy': 0.0}
        """
        answers = {}
        for key in ("activations", *libraries):
            arrays = {name: LIBRARIES[key].convert(values[name]) for name in self.parameters()}
            answers[key] = np.asarray(LIBRARIES[key].evaluate(self.code[key], **arrays))
        return {key: float(np.max(np.abs(answers[key] - answers["activations"]))) for key in libraries}


# One row a function, in the order of LIBRARIES. Parameters are spelled out wherever the defaults differ.
_ROWS: dict[str, tuple[tuple[str, str, str, str, str], ...]] = {
    "elementwise": (
        ("identity(x)", "x", "linear(x)", "torch.nn.Identity()(x)", "identity(x)"),
        ("sigmoid(x)", "1 / (1 + np.exp(-x))", "sigmoid(x)", "torch.sigmoid(x)", "sigmoid(x)"),
        ("tanh(x)", "np.tanh(x)", "tanh(x)", "torch.tanh(x)", "tanh(x)"),
        ("relu(x)", "np.maximum(x, 0)", "relu(x)", "relu(x)", "relu(x)"),
        (
            "leaky_relu(x, 0.01)",
            "np.where(x > 0, x, 0.01 * x)",
            "leaky_relu(x, 0.01)",
            "leaky_relu(x, 0.01)",
            "leaky_relu(x, 0.01)",
        ),
        (
            "prelu(x, a)",
            "np.where(x > 0, x, a * x)",
            "PReLU(Constant(a))(x)",
            "prelu(x, a)",
            "leaky_relu(x, a)",
        ),
        ("elu(x)", "np.where(x > 0, x, np.exp(x) - 1)", "elu(x)", "elu(x)", "elu(x)"),
        (
            "selu(x)",
            "1.05070 * np.where(x > 0, x, 1.67326 * (np.exp(x) - 1))",
            "selu(x)",
            "selu(x)",
            "selu(x)",
        ),
        ("gelu(x)", "x * special.ndtr(x)", "gelu(x)", "gelu(x)", "gelu(x, approximate=False)"),
        (
            "gelu(x, approximate=True)",
            "x / (1 + np.exp(-1.59577 * (x + 0.044715 * x**3)))",
            "gelu(x, approximate=True)",
            'gelu(x, approximate="tanh")',
            "gelu(x)",
        ),
        ("silu(x)", "x / (1 + np.exp(-x))", "silu(x)", "silu(x)", "silu(x)"),
        ("mish(x)", "x * np.tanh(np.log1p(np.exp(x)))", "mish(x)", "mish(x)", "mish(x)"),
        ("softplus(x)", "np.log1p(np.exp(x))", "softplus(x)", "softplus(x)", "softplus(x)"),
        ("log_sigmoid(x)", "-np.log1p(np.exp(-x))", "log_sigmoid(x)", "logsigmoid(x)", "log_sigmoid(x)"),
        ("hard_tanh(x)", "np.clip(x, -1, 1)", "hard_tanh(x)", "hardtanh(x)", "hard_tanh(x)"),
        (
            "hard_sigmoid(x)",
            "np.clip(x / 6 + 0.5, 0, 1)",
            "hard_sigmoid(x)",
            "hardsigmoid(x)",
            "hard_sigmoid(x)",
        ),
    ),
    "vector": (
        (
            "softmax(z)",
            "np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)",
            "softmax(z)",
            "softmax(z, dim=-1)",
            "softmax(z)",
        ),
        (
            "log_softmax(z)",
            "z - np.log(np.exp(z).sum(axis=-1, keepdims=True))",
            "log_softmax(z)",
            "log_softmax(z, dim=-1)",
            "log_softmax(z)",
        ),
        (
            "logsumexp(z)",
            "np.log(np.exp(z).sum(axis=-1))",
            "ops.logsumexp(z, axis=-1)",
            "torch.logsumexp(z, dim=-1)",
            "logsumexp(z, axis=-1)",
        ),
    ),
    "loss": (
        (
            "mean_squared_error(output, y)",
            "np.mean((output - y) ** 2)",
            "keras.losses.MeanSquaredError()(y, output)",
            "mse_loss(output, y)",
            "jnp.mean(optax.squared_error(output, y))",
        ),
        (
            "binary_cross_entropy(z, y)",
            "np.mean(np.log1p(np.exp(z)) - y * z)",
            "keras.losses.BinaryCrossentropy(from_logits=True)(y, z)",
            "binary_cross_entropy_with_logits(z, y)",
            "jnp.mean(optax.sigmoid_binary_cross_entropy(z, y))",
        ),
        (
            "softmax_cross_entropy(z, labels)",
            "np.mean(np.log(np.exp(z).sum(axis=-1)) - z[np.arange(len(z)), labels])",
            "keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, z)",
            "cross_entropy(z, labels)",
            "jnp.mean(optax.softmax_cross_entropy_with_integer_labels(z, labels))",
        ),
    ),
}

SPELLINGS: tuple[Spelling, ...] = tuple(
    Spelling(row[0].partition("(")[0], kind, MappingProxyType(dict(zip(LIBRARIES, row, strict=True))))
    for kind, rows in _ROWS.items()
    for row in rows
)
"""Every function and loss of the course, in the spelling of each library."""


def spelling_table(*kinds: str, libraries: Sequence[str] = tuple(LIBRARIES)) -> dict[str, list[str]]:
    """Return the spellings of these kinds as the columns of a table.

    Parameters
    ----------
    *kinds : {"elementwise", "vector", "loss"}
    libraries : sequence of str
        Keys of `LIBRARIES`; all, unless told.

    Returns
    -------
    dict of str to list of str
        The code in each library, by the library's label.

    Raises
    ------
    ValueError
        If a kind or a library is unknown.

    Examples
    --------
    >>> spelling_table("vector")["PyTorch"]
    ['softmax(z, dim=-1)', 'log_softmax(z, dim=-1)', 'torch.logsumexp(z, dim=-1)']
    """
    libraries = sequence("spelling_table", "libraries", libraries, "names")
    for kind in kinds:
        lookup("spelling_table", "a kind", kind, _ROWS)
    for library in libraries:
        lookup("spelling_table", "a library", library, LIBRARIES)
    rows = [spelling for spelling in SPELLINGS if spelling.kind in kinds]
    return {LIBRARIES[key].label: [row.code[key] for row in rows] for key in libraries}


def mileage_data(*, rng: np.random.Generator) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return Auto MPG, ready for a network: split, standardized, the origin of the cars one-hot coded.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the split: a fifth of the cars is held out for validation.

    Returns
    -------
    X_train, X_validation : ndarray, shapes (314, 9) and (78, 9)
    y_train, y_validation : ndarray, shapes (314, 1) and (78, 1)
        Miles per gallon, with mean 0 and standard deviation 1 over the training cars.

    Raises
    ------
    TypeError
        If `rng` is not a generator.

    Examples
    --------
    >>> [part.shape for part in mileage_data(rng=np.random.default_rng(0))]
    [(314, 9), (78, 9), (314, 1), (78, 1)]
    """
    cars = load_auto_mpg()
    X = np.hstack([cars.features[:, :6], one_hot(cars.features[:, 6].astype(int) - 1, 3)])
    parts = train_test_split(X, cars.target[:, None], test_fraction=0.2, rng=rng)
    X_train, X_validation, y_train, y_validation = parts
    features, target = Standardizer.fit(X_train), Standardizer.fit(y_train)
    return (
        features.transform(X_train),
        features.transform(X_validation),
        target.transform(y_train),
        target.transform(y_validation),
    )
