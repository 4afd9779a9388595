"""The mathematics that pages compute themselves, held against the package in the browser that runs it.

Softmax and the stack of layers are computed in JavaScript, because logits and weights are free; everything
else that explorers show is looked up in tables that Python has filled.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from mathematics import (
    ACTIVATIONS,
    LAYERS,
    SETTINGS,
    TOLERANCE,
    load,
    softmax_differences,
    stack_difference,
)
from playwright.sync_api import Browser, Page

from activations.explorers import linear_collapse_explorer


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(("temperature", "shift"), SETTINGS)
def test_softmax(blank: Page, temperature: float, shift: float) -> None:
    for name, difference in softmax_differences(blank, temperature, shift).items():
        assert difference <= TOLERANCE, name


def test_softmax_ignores_a_constant_also_far_out(blank: Page) -> None:
    call = load(blank, "softmax")
    [p, moved] = call("softmax", [[[1, 2, 3], 1, 0], [[1, 2, 3], 1, 1000]])
    np.testing.assert_allclose(p, moved, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("layers", LAYERS)
def test_stack_of_layers(blank: Page, activation: str, layers: int) -> None:
    assert stack_difference(blank, activation, layers) <= TOLERANCE


@pytest.mark.parametrize("layers", LAYERS)
def test_pieces_are_counted(blank: Page, layers: int) -> None:
    call = load(blank, "collapse")
    explorer = linear_collapse_explorer(preset="Triangle map")
    settings = [-2, 2, layers, explorer.weights, explorer.biases]
    assert call("pieces", [[*settings, "relu"], [*settings, "identity"]]) == [2 ** (layers - 1), 1]
