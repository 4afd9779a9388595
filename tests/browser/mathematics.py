"""How far the mathematics that pages compute themselves is from the package's, over grids.

Softmax and the stack of layers are computed in JavaScript, because logits and weights are free. Shared by the
tests and by ``benchmarks/figures.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from playwright.sync_api import Page

from activations import sigmoid, softmax, softmax_jacobian
from activations.explorers import linear_collapse_explorer
from activations.explorers._base import module_text

# Both sides round each operation to 1e-16 of its result, and results here are at most a few.
TOLERANCE = 1e-12
# Pairs of temperature and what is added to all logits.
SETTINGS = [(1.0, 0.0), (0.1, 0.0), (10.0, 0.0), (1.0, 10.0), (0.37, -10.0)]
ACTIVATIONS = ("identity", "relu", "tanh")
LAYERS = range(1, 7)

Call = Callable[..., Any]


def load(page: Page, stem: str) -> Call:
    """Import an explorer's module as a page does; return a function that calls its functions in the page."""
    page.evaluate(
        """async (text) => {
          const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
          window.module = await import(url);
        }""",
        module_text(stem),
    )
    return lambda name, calls: page.evaluate(
        "([name, calls]) => calls.map((values) => window.module[name](...values))", [name, calls]
    )


def logit_grid() -> list[list[float]]:
    """Return rows of 2 to 6 logits: evenly spread, equal, far apart, and random ones."""
    rng = np.random.default_rng(0)
    steps = np.linspace(-5, 5, 11).tolist()
    rows = [[a, b, c] for a in steps for b in steps for c in steps[::5]]
    rows += [[z] * n for z in (-5.0, 0.0, 3.0) for n in range(2, 7)]
    rows += [[700.0, -700.0], [0.0, 1e-9], [-745.0, -746.0, -747.0], [1e3, 1e3 - 1]]
    rows += [rng.uniform(-13, 13, n).tolist() for n in range(2, 7) for _ in range(20)]
    return rows


def furthest(found: ArrayLike, expected: ArrayLike, scale: ArrayLike = 1.0) -> float:
    """Return the greatest distance between two arrays, as a share of ``scale``; infinite if one is nan."""
    distance = np.abs(np.asarray(found) - np.asarray(expected)) / scale
    return float(np.nan_to_num(distance, nan=np.inf).max())


def softmax_differences(page: Page, temperature: float, shift: float) -> dict[str, float]:
    """Return how far softmax, its Jacobian, its entropy and the sigmoids of a page are off, at most."""
    call = load(page, "softmax")
    rows = logit_grid()
    found = call("softmax", [[row, temperature, shift] for row in rows])
    jacobians = call("jacobian", [[p, temperature] for p in found])
    entropies = call("entropy", [[p] for p in found])
    separate = call("sigmoids", [[row, temperature, shift] for row in rows])
    off: dict[str, list[float]] = {"softmax": [], "Jacobian": [], "entropy": [], "sigmoids": []}
    for row, p, J, H, s in zip(rows, found, jacobians, entropies, separate, strict=True):
        z = (np.array(row) + shift) / temperature
        q = softmax(z)
        off["softmax"].append(furthest(p, q))
        # Its entries grow as the temperature falls.
        off["Jacobian"].append(furthest(J, softmax_jacobian(z) / temperature, 1 / min(temperature, 1)))
        off["entropy"].append(furthest(H, -np.sum(q * np.log(np.where(q > 0, q, 1)))))
        off["sigmoids"].append(furthest(s, sigmoid(z)))
    return {name: max(distances) for name, distances in off.items()}


def stack_difference(page: Page, activation: str, layers: int) -> float:
    """Return how far output and slope of a page's stack of layers are off, at most, over random weights."""
    call = load(page, "collapse")
    x = np.linspace(-2, 2, 33)
    distances = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        explorer = linear_collapse_explorer(layers=layers, activation=activation)
        explorer.weights = rng.normal(0, 1, (6, 2, 2))
        explorer.biases = rng.normal(0, 1, (6, 2))
        network = explorer.network()
        found = call(
            "forward", [[at, layers, explorer.weights, explorer.biases, activation] for at in x.tolist()]
        )
        forward = network.forward(x[:, None])
        gradient = network.backward(forward, np.ones((len(x), 1))).inputs
        expected = np.column_stack([forward.output, gradient])
        # Weights may make both large: then the difference is a share of them.
        distances.append(furthest(found, expected, 1 + np.abs(expected)))
    return max(distances)
