"""What is compared with Keras, PyTorch and JAX, and where they are meant to differ; needs none of them.

`tests/frameworks` computes the frameworks' side where they are installed, and stores it in this folder. The
tests of this folder hold the package against the stored values everywhere.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from activations import log_softmax, softmax, softmax_jvp
from activations.experiments.framework_runs import Run, train_in
from activations.experiments.frameworks import LIBRARIES, SPELLINGS, mileage_data
from activations.training import MLP, get_loss

FRAMEWORKS = ("keras", "torch", "jax")
REFERENCE = Path(__file__).parent / "reference"
ROWS = {row.code["activations"]: row for row in SPELLINGS}
NAN, INF = np.nan, np.inf
SELU_SCALE = 1.0507009873554805

# --- Where the functions are compared -----------------------------------------------------------------------

_far = np.array([1e-300, 1e-8, 0.1, 12.0, 20.0, 20.5, 30.0, 40.0, 100.0, 700.0, 1e3, 1e300, INF])
_grid = np.append(np.unique(np.concatenate([np.linspace(-8, 8, 65), _far, -_far])), NAN)
_rng = np.random.default_rng(7)
_logits = np.vstack(
    [
        _rng.normal(0, 3, (6, 5)),
        _rng.normal(0, 3, (2, 5)) + 1e4,
        [[50, 0, 0, 0, 0], [0, -800, 800, 1, 2], [2, 2, 2, 2, 2], [-INF, 0, 1, 2, 3]],
    ]
)
_infinite = np.array([[INF, 0, 1], [INF, INF, 0], [INF, -INF, 0], [-INF, -INF, -INF], [NAN, 0, 1]])

VARIABLES = {
    "x": _grid,
    "a": np.array([0.25]),
    "z": _logits,
    "output": _rng.normal(size=(7, 3)),
    "y": _rng.uniform(size=(7, 3)),
    "labels": np.array([0, 1, 2, 3, 4, 0]),
}
WEIGHTS = _rng.normal(size=_logits.shape)
"""Of the sum whose gradient is compared, for functions of vectors."""


def variables(row, what):
    """Return the arrays that a spelling takes; the first is the one to differentiate by."""
    chosen = {name: VARIABLES[name] for name in row.parameters()}
    if what == "infinite":
        return {"z": _infinite}
    if row.name == "binary_cross_entropy":
        return chosen | {"z": VARIABLES["output"] * 10}
    if row.name == "softmax_cross_entropy":
        return chosen | {"z": _logits[:6]}
    return chosen


def whats(row):
    """Return what is compared: values, derivatives (gradients), and rows of logits with infinite entries."""
    return ("value", "derivative", "infinite") if row.kind == "vector" else ("value", "derivative")


COMPARISONS = [
    (framework, code, what) for framework in FRAMEWORKS for code in ROWS for what in whats(ROWS[code])
]


def ours(code, what):
    """Evaluate this package."""
    row = ROWS[code]
    given = variables(row, what)
    if what != "derivative":
        return LIBRARIES["activations"].evaluate(code, **given)
    if row.name == "softmax":
        return softmax_jvp(given["z"], WEIGHTS)  # the Jacobian is symmetric
    if row.name == "log_softmax":
        return WEIGHTS - softmax(given["z"]) * WEIGHTS.sum(axis=-1, keepdims=True)
    if row.name == "logsumexp":
        return np.exp(log_softmax(given["z"])) * WEIGHTS[:, :1]
    suffix = "_gradient" if row.kind == "loss" else "_derivative"
    return LIBRARIES["activations"].evaluate(code.replace("(", f"{suffix}(", 1), **given)


# --- Where they differ, and by how much ---------------------------------------------------------------------

_nan_is_flat = {NAN: 0.0}
_nan_is_one = {NAN: 1.0}
_limit_is_nan = {-INF: NAN}
_limits_are_nan = {-INF: NAN, INF: NAN}
_huge_is_nan = {-INF: NAN, -1e300: NAN, 1e300: NAN, INF: NAN}
_edges_pass = {-1.0: 1.0, 1.0: 1.0}
_row_is_nan = {0: NAN, 2: NAN}

# What each framework answers at the points where it differs from this package: the derivative at a kink,
# limits at infinity, nan. Each entry is a convention or a weakness of the framework, checked to the digit; a
# point that is not listed agrees. (Of the rows with infinite entries, by number: one +inf makes all nan.)
DIFFERENCES = {
    # The derivative at nan: this package hands nan on.
    ("keras", "identity(x)", "derivative"): _nan_is_one,
    ("torch", "identity(x)", "derivative"): _nan_is_one,
    ("jax", "identity(x)", "derivative"): _nan_is_one,
    ("keras", "relu(x)", "derivative"): _nan_is_flat,
    ("torch", "relu(x)", "derivative"): _nan_is_one,
    ("jax", "relu(x)", "derivative"): _nan_is_flat,
    ("keras", "leaky_relu(x, 0.01)", "derivative"): {NAN: float(np.float32(0.01))},
    ("torch", "leaky_relu(x, 0.01)", "derivative"): {NAN: 0.01},
    ("torch", "prelu(x, a)", "derivative"): {NAN: 0.25},
    ("keras", "elu(x)", "derivative"): _nan_is_one,
    ("torch", "elu(x)", "derivative"): _nan_is_one,
    ("torch", "selu(x)", "derivative"): {NAN: SELU_SCALE},
    ("torch", "hard_tanh(x)", "derivative"): _nan_is_one,
    ("keras", "hard_sigmoid(x)", "derivative"): _nan_is_flat,
    ("torch", "hard_sigmoid(x)", "derivative"): _nan_is_flat,
    ("jax", "hard_sigmoid(x)", "derivative"): _nan_is_flat,
    # The derivative at a kink, too.
    ("jax", "leaky_relu(x, 0.01)", "derivative"): {0.0: 1.0, NAN: 0.01},
    ("keras", "prelu(x, a)", "derivative"): {0.0: 0.0, NAN: 0.0},
    ("jax", "prelu(x, a)", "derivative"): {0.0: 1.0, NAN: 0.25},
    ("keras", "selu(x)", "derivative"): {-1e-300: SELU_SCALE, 0.0: SELU_SCALE, NAN: SELU_SCALE},
    ("keras", "hard_tanh(x)", "derivative"): _edges_pass | _nan_is_flat,
    ("jax", "hard_tanh(x)", "derivative"): _edges_pass | _nan_is_one,
    # ∞ · 0 on the way to a finite limit.
    **{
        (framework, f"{name}(x)", what): points
        for framework in FRAMEWORKS
        for name in ("gelu", "silu", "mish")
        for what, points in (("value", _limit_is_nan), ("derivative", _limits_are_nan))
    },
    **{
        (framework, "gelu(x, approximate=True)", what): points
        for framework in FRAMEWORKS
        for what, points in (("value", _limit_is_nan), ("derivative", _huge_is_nan))
    },
    **{
        (framework, f"{name}(z)", "infinite"): _row_is_nan
        for framework in FRAMEWORKS
        for name in ("softmax", "log_softmax")
    },
}

# Both sides round in float64 at each of a handful of operations, and in other orders: 1e-12 of the value.
# Where a framework cancels (1 + erf, 1 - tanh²) only the absolute error is small, a few units of 1.1e-16.
TOLERANCE = (1e-12, 2e-15)

# Relative and absolute tolerance where a framework knowingly or unknowingly computes with less.
LOOSER = {
    # TensorFlow rounds Python numbers to float32 on their way to float64: the slope, the constants of GELU.
    ("keras", "leaky_relu(x, 0.01)", "value"): (3e-8, 0),
    ("keras", "leaky_relu(x, 0.01)", "derivative"): (3e-8, 0),
    ("keras", "gelu(x)", "value"): (1e-8, 1e-8),
    ("keras", "gelu(x)", "derivative"): (1e-8, 1e-8),
    ("keras", "gelu(x, approximate=True)", "value"): (1e-8, 1e-8),
    ("keras", "gelu(x, approximate=True)", "derivative"): (1e-8, 1e-8),
    # 1 + tanh of a large negative argument: x times a few units of 1.1e-16; its derivative, x³ times as many.
    ("torch", "gelu(x, approximate=True)", "derivative"): (1e-12, 1e-13),
    ("jax", "gelu(x, approximate=True)", "value"): (1e-12, 1e-14),
    ("jax", "gelu(x, approximate=True)", "derivative"): (1e-12, 1e-13),
    # PyTorch's softplus is the identity from its threshold of 20 on, where it errs by exp(-20) = 2e-9.
    ("torch", "softplus(x)", "value"): (2e-10, 0),
    ("torch", "softplus(x)", "derivative"): (2e-9, 0),
    # PyTorch rounds the 1/6 of this derivative to float32.
    ("torch", "hard_sigmoid(x)", "derivative"): (4e-8, 0),
}


def expected(framework, code, what):
    """Return what the framework should answer: what this package does, but for the differences."""
    values = np.array(ours(code, what), dtype=float)
    for point, value in DIFFERENCES.get((framework, code, what), {}).items():
        at = point if what == "infinite" else np.isnan(_grid) if np.isnan(point) else _grid == point
        assert not np.array_equal(values[at], np.broadcast_to(value, values[at].shape), equal_nan=True), (
            f"{framework}: {code} at {point} agrees after all; take it off the list"
        )
        values[at] = value
    return values


def compare(framework, code, what, theirs):
    """Assert that the framework's answers are as expected."""
    relative, absolute = LOOSER.get((framework, code, what), TOLERANCE)
    np.testing.assert_allclose(theirs, expected(framework, code, what), rtol=relative, atol=absolute)


# --- Small networks: every activation, every loss -----------------------------------------------------------


@dataclass(frozen=True)
class NetworkCase:
    """A network with random weights, a batch, and a loss."""

    activation: str  # the key of a row
    loss: str
    seed: int

    @property
    def layer_sizes(self):
        return (3, 6, 5, 4)

    def network(self):
        return MLP(self.layer_sizes, ROWS[self.activation].name, rng=np.random.default_rng(self.seed))

    @cached_property
    def X(self):  # noqa: N802
        return np.random.default_rng([self.seed, 1]).normal(0, 2, (9, 3))

    @cached_property
    def y(self):
        rng = np.random.default_rng([self.seed, 2])
        kind = ROWS[self.loss].name
        if kind == "softmax_cross_entropy":
            return rng.integers(0, 4, 9)
        return (
            rng.normal(size=(9, 4))
            if kind == "mean_squared_error"
            else rng.integers(0, 2, (9, 4)).astype(float)
        )

    def gradients(self):
        """Return our loss, and its gradients with respect to weights and biases."""
        network, loss = self.network(), get_loss(ROWS[self.loss].name)
        forward = network.forward(self.X)
        backward = network.backward(forward, loss.gradient(forward.output, self.y))
        return loss.value(forward.output, self.y), backward.parameters[:6]


_losses = [code for code, row in ROWS.items() if row.kind == "loss"]
_elementwise = [code for code, row in ROWS.items() if row.kind == "elementwise" and "approximate" not in code]
NETWORKS = {code: NetworkCase(code, _losses[i % 3], i) for i, code in enumerate(_elementwise)}


def network_tolerance(framework, code):
    """Return the tolerance of a network's gradients: those of its activation, through three layers."""
    relative, absolute = LOOSER.get((framework, code, "derivative"), (1e-12, 1e-14))
    return {"rtol": 10 * relative, "atol": 10 * max(absolute, relative)}


# --- The network of claim P2 --------------------------------------------------------------------------------

MILEAGE_EPOCHS, MILEAGE_BATCH = 10, 32
MILEAGE_UNITS = {"identity": 128, "relu": 64}
OPTIMIZERS = {
    "defaults": {},
    # Numbers that float32 holds exactly, and an epsilon too small to matter.
    "exact": {"beta_1": 0.875, "beta_2": 1 - 2**-10, "epsilon": 1e-12},
}
MILEAGE_RUNS = [(hidden, optimizer) for hidden in MILEAGE_UNITS for optimizer in OPTIMIZERS]


def mileage(hidden):
    """Return the data, and our network 9-units-1 at its start."""
    rng = np.random.default_rng(0)
    data = mileage_data(rng=rng)
    sizes = [data[0].shape[1], MILEAGE_UNITS[hidden], 1]
    return data, MLP(sizes, hidden, initializer="glorot_uniform", rng=rng)


def run(library, hidden, optimizer):
    """Train it: ten epochs of Adam on the examples in their order, 32 at a time."""
    data, network = mileage(hidden)
    settings = {"epochs": MILEAGE_EPOCHS, "batch_size": MILEAGE_BATCH, **OPTIMIZERS[optimizer]}
    return train_in(library, network, data, **settings)


def curve_tolerance(framework, optimizer):
    """Return how far two curves of losses may be apart, relatively.

    A hundred steps of the same arithmetic in another order: 1e-10 is generous. Keras's Adam adds its epsilon,
    1e-7 unless told, in another place, and on TensorFlow rounds its betas to float32: 1e-5 with the defaults.
    """
    if framework == "keras":
        return 1e-4 if optimizer == "defaults" else 1e-8
    return 1e-10


def compare_runs(framework, optimizer, theirs, mine):
    """Assert the same outputs, gradients and curves.

    The claim asks for outputs within 1e-6 and gradients within 1e-5. In float64 there is no reason for more
    than the rounding of sums of a few hundred terms.
    """
    np.testing.assert_allclose(theirs.output, mine.output, rtol=1e-10, atol=1e-12)
    for g, h in zip(theirs.gradients, mine.gradients, strict=True):
        np.testing.assert_allclose(g, h, rtol=1e-10, atol=1e-12)
    tolerance = curve_tolerance(framework, optimizer)
    np.testing.assert_allclose(theirs.loss, mine.loss, rtol=tolerance)
    np.testing.assert_allclose(theirs.val_loss, mine.val_loss, rtol=tolerance)


# --- The stored values --------------------------------------------------------------------------------------


def provenance():
    """Return with which versions, when and by which script the values were stored."""
    return json.loads((REFERENCE / "frameworks.json").read_text(encoding="utf-8"))


def stored():
    """Return the stored arrays by name."""
    with np.load(REFERENCE / "frameworks.npz") as file:
        return {name: file[name] for name in file.files}


def stored_run(arrays, framework, hidden, optimizer):
    """Return one stored run of the network of claim P2."""
    start, run = f"{framework}/mileage/{hidden}", f"{framework}/mileage/{hidden}/{optimizer}"
    gradients = [arrays[f"{start}/gradients/{i}"] for i in range(4)]
    return Run(arrays[f"{start}/output"], gradients, arrays[f"{run}/loss"], arrays[f"{run}/val_loss"])
