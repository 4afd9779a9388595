"""The mathematics that pages compute themselves, held against the package in the browser that runs it.

Softmax and the stack of layers are computed in JavaScript, because logits and weights are free; everything
else that explorers show is looked up in tables that Python has filled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from activations import sigmoid, softmax, softmax_jacobian
from activations.explorers import linear_collapse_explorer
from activations.explorers._base import module_text

# Both sides round each operation to 1e-16 of its result, and results here are at most a few.
TOLERANCE = 1e-12

Call = Callable[..., Any]


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


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


SETTINGS = [(1.0, 0.0), (0.1, 0.0), (10.0, 0.0), (1.0, 10.0), (0.37, -10.0)]


@pytest.mark.parametrize(("temperature", "shift"), SETTINGS)
def test_softmax(blank: Page, temperature: float, shift: float) -> None:
    call = load(blank, "softmax")
    rows = logit_grid()
    found = call("softmax", [[row, temperature, shift] for row in rows])
    jacobians = call("jacobian", [[p, temperature] for p in found])
    entropies = call("entropy", [[p] for p in found])
    separate = call("sigmoids", [[row, temperature, shift] for row in rows])
    for row, p, J, H, s in zip(rows, found, jacobians, entropies, separate, strict=True):
        z = (np.array(row) + shift) / temperature
        np.testing.assert_allclose(p, softmax(z), rtol=0, atol=TOLERANCE)
        np.testing.assert_allclose(
            J, softmax_jacobian(z) / temperature, rtol=0, atol=TOLERANCE / min(temperature, 1)
        )
        np.testing.assert_allclose(s, sigmoid(z), rtol=0, atol=TOLERANCE)
        q = softmax(z)
        expected = -np.sum(q * np.log(np.where(q > 0, q, 1)))
        assert pytest.approx(expected, abs=TOLERANCE) == H


def test_softmax_ignores_a_constant_also_far_out(blank: Page) -> None:
    call = load(blank, "softmax")
    [p, moved] = call("softmax", [[[1, 2, 3], 1, 0], [[1, 2, 3], 1, 1000]])
    np.testing.assert_allclose(p, moved, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("activation", ["identity", "relu", "tanh"])
@pytest.mark.parametrize("layers", range(1, 7))
def test_stack_of_layers(blank: Page, activation: str, layers: int) -> None:
    call = load(blank, "collapse")
    x = np.linspace(-2, 2, 33)
    for seed in range(5):
        rng = np.random.default_rng(seed)
        explorer = linear_collapse_explorer(layers=layers, activation=activation)
        explorer.weights = rng.normal(0, 1, (6, 2, 2))
        explorer.biases = rng.normal(0, 1, (6, 2))
        network = explorer.network()
        found = call(
            "forward", [[at, layers, explorer.weights, explorer.biases, activation] for at in x.tolist()]
        )
        output, slope = np.array(found).T
        forward = network.forward(x[:, None])
        gradient = network.backward(forward, np.ones((len(x), 1))).inputs.ravel()
        np.testing.assert_allclose(output, forward.output.ravel(), rtol=TOLERANCE, atol=TOLERANCE)
        np.testing.assert_allclose(slope, gradient, rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.parametrize("layers", range(1, 7))
def test_pieces_are_counted(blank: Page, layers: int) -> None:
    call = load(blank, "collapse")
    explorer = linear_collapse_explorer(preset="Triangle map")
    settings = [-2, 2, layers, explorer.weights, explorer.biases]
    assert call("pieces", [[*settings, "relu"], [*settings, "identity"]]) == [2 ** (layers - 1), 1]
