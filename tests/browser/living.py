"""The explorers of the built site as readers move them, and what the package says of their numbers.

An explorer writes each number that it shows into ``data-value``, and what it stands on (function, weights,
depth, …) into the attributes of its root. From these the package computes the numbers anew. Shared by the
tests and by ``benchmarks/figures.py``.
"""

from __future__ import annotations

import base64
import io
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from contrast import channels, contrast
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from activations import get_activation, sigmoid, softmax, softmax_jacobian
from activations.experiments import measure_backprop_signal
from activations.explorers import linear_collapse_explorer
from activations.figures import PALETTE
from activations.training import accuracy, confusion_matrix, precision_recall

TOLERANCE = 1e-6

READ = """(root) => ({
  kind: root.dataset.explorer,
  on: { ...root.dataset },
  numbers: Object.fromEntries([...root.querySelectorAll("[data-quantity]")]
    .filter((cell) => cell.checkVisibility())
    .map((cell) => [cell.dataset.quantity, Number(cell.dataset.value)])),
  texts: Object.fromEntries([...root.querySelectorAll("[data-quantity]")]
    .map((cell) => [cell.dataset.quantity, cell.textContent])),
})"""

STATE = """() => JSON.parse(document.querySelector("script[type$='widget-state+json']").textContent).state"""


# --- What the package says ---------------------------------------------------------------------------------

Numbers = dict[str, float]
On = dict[str, str]
State = dict[str, Any]


def derivative(on: On, shown: Numbers, state: State) -> Numbers:
    activation = get_activation(on["function"])
    given = {activation.parameters[0].name: float(on["parameter"])} if "parameter" in on else {}
    x = shown["x"]
    return {"x": x, "f": activation.function(x, **given), "derivative": activation.derivative(x, **given)}


def comparison(on: On, shown: Numbers, state: State) -> Numbers:
    x = shown["x"]
    names = [quantity.split(":")[1] for quantity in shown if quantity.startswith("f:")]
    return (
        {"x": x}
        | {f"f:{name}": get_activation(name).function(x) for name in names}
        | {f"derivative:{name}": get_activation(name).derivative(x) for name in names}
    )


def softmax_numbers(on: On, shown: Numbers, state: State) -> Numbers:
    logits = np.array(json.loads(on["logits"]))
    temperature, shift = float(on["temperature"]), float(on["shift"])
    z = (logits + shift) / temperature
    p, separate, J = softmax(z), sigmoid(z), softmax_jacobian(z) / temperature
    n = len(z)
    return {
        "entropy": float(-np.sum(p * np.log(np.where(p > 0, p, 1)))),
        "entropy_limit": math.log(n),
        "sum:softmax": 1.0,
        "sum:argmax": 1.0,
        "sum:sigmoid": separate.sum(),
        **{f"logit:{i}": logits[i] + shift for i in range(n)},
        **{f"softmax:{i}": p[i] for i in range(n)},
        **{f"sigmoid:{i}": separate[i] for i in range(n)},
        **{f"argmax:{i}": float(i == np.argmax(logits)) for i in range(n)},
        **{f"jacobian:{i}:{j}": J[i, j] for i in range(n) for j in range(n)},
    }


def buffer(state: State, name: str, dtype: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(state["buffers"][name]), dtype)


def threshold(on: On, shown: Numbers, state: State) -> Numbers:
    scores, truth = buffer(state, "scores", "<f4").astype(float), buffer(state, "truth", "u1").astype(int)
    at = shown["threshold"]
    called = (scores > at).astype(int)
    matrix = confusion_matrix(truth, called, 2)
    precision, recall = precision_recall(truth, called)
    return {
        "threshold": at,
        "true_negative": matrix[0, 0],
        "false_positive": matrix[0, 1],
        "false_negative": matrix[1, 0],
        "true_positive": matrix[1, 1],
        "precision": precision,
        "recall": recall,
        "false_positive_rate": matrix[0, 1] / matrix[0].sum(),
        "accuracy": accuracy(truth, called),
    }


@cache
def ratios(activation: str, initializer: str, depth: int) -> np.ndarray:
    return measure_backprop_signal(activation, initializer, depth).ratio


def depth(on: On, shown: Numbers, state: State) -> Numbers:
    ratio = ratios(on["activation"], on["initializer"], int(on["depth"]))
    median = float(np.median(ratio))
    layers = int(on["depth"])
    return {
        "ratio": median,
        "low": ratio.min(),
        "high": ratio.max(),
        "per_layer": median ** (1 / (layers - 1)) if layers > 1 else 1.0,
    }


def collapse(on: On, shown: Numbers, state: State) -> Numbers:
    given = json.loads(on["network"])
    explorer = linear_collapse_explorer(layers=given["layers"], activation=given["activation"])
    explorer.weights, explorer.biases = given["weights"], given["biases"]
    network = explorer.network()
    x = np.array([[shown["x"]]])
    forward = network.forward(x)
    slope = network.backward(forward, [[1.0]]).inputs.item()

    explorer.activation = "identity"
    line = explorer.network()
    intercept = line.predict([[0.0]]).item()
    assert abs(float(on["intercept"]) - intercept) <= TOLERANCE
    assert abs(float(on["slope"]) - (line.predict([[1.0]]).item() - intercept)) <= TOLERANCE

    if given["activation"] == "tanh" and given["layers"] > 1:
        pieces = math.nan
    else:
        middles = -2 + (np.arange(400)[:, None] + 0.5) * 4 / 400
        slopes = network.backward(network.forward(middles), np.ones((400, 1))).inputs.ravel()
        steps = np.abs(np.diff(slopes)) / np.maximum(1, np.maximum(np.abs(slopes[1:]), np.abs(slopes[:-1])))
        pieces = 1 + int(np.sum(steps > 1e-9))
    return {"x": shown["x"], "y": forward.output.item(), "slope": slope, "pieces": pieces}


def replay(on: On, shown: Numbers, state: State) -> Numbers:
    """Return what was recorded; that records are the package's numbers is tested where they are made."""
    frame = state["epochs"].index(int(shown["epoch"]))
    expected: Numbers = {"epoch": shown["epoch"]}
    for r, run in enumerate(state["runs"]):
        k = min(frame, len(run["loss"]) - 1)
        expected |= {f"{name}:{r}": run[name][k] for name in ("loss", "accuracy", "dead")}
    return expected


ORACLES: dict[str, Callable[[On, Numbers, State], Numbers]] = {
    "collapse": collapse,
    "comparison": comparison,
    "depth": depth,
    "derivative": derivative,
    "replay": replay,
    "softmax": softmax_numbers,
    "threshold": threshold,
}
# The ratio of a signal may be 1e-19 or 1e22: there, agreement is relative.
RELATIVE = {"depth"}


# --- Explorers on pages ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """An explorer's place: the page, and its number on it."""

    page: str
    index: int
    kind: str


class Explorer:
    """One live explorer."""

    def __init__(self, page: Page, place: Place) -> None:
        self.page, self.kind = page, place.kind
        page.bring_to_front()  # a browser draws pages behind others seldom
        self.box = page.locator(".widget").nth(place.index)
        self.box.scroll_into_view_if_needed()
        self.box.locator("[data-widget-ready=yes]").wait_for(state="attached")
        self.root = self.box.locator("[data-explorer]")
        self.state = self._state()

    def _state(self) -> State:
        """Return the state that the page embeds for the view, its buffers in base64."""
        models: dict[str, Any] = self.page.evaluate(STATE)
        queue = [self.box.locator("[data-widget-view]").get_attribute("data-widget-view") or ""]
        for model in queue:
            own = models[model]
            if own["state"].get("kind"):
                buffers = {b["path"][0]: b["data"] for b in own.get("buffers", [])}
                return {**own["state"], "buffers": buffers}
            queue += [child.removeprefix("IPY_MODEL_") for child in own["state"].get("children", [])]
        raise AssertionError("an explorer without a view")

    def check(self) -> Numbers:
        """Hold every number on display against the package; return them."""
        found = self.root.evaluate(READ)
        shown: Numbers = found["numbers"]
        for name, difference in self._differences(found).items():
            assert difference <= TOLERANCE, f"{self.kind}: {name} is off by {difference}"
            self._check_text(found["texts"][name], shown[name])
        return shown

    def largest_difference(self) -> float:
        """Return how far the numbers on display are from the package's, at most."""
        return max(self._differences(self.root.evaluate(READ)).values())

    def _differences(self, found: dict[str, Any]) -> Numbers:
        shown: Numbers = found["numbers"]
        expected = ORACLES[self.kind](found["on"], shown, self.state)
        missing = set(expected) ^ set(shown)
        assert not missing, f"{self.kind}: numbers without a counterpart: {sorted(missing)}"
        return {name: self._difference(shown[name], float(value)) for name, value in expected.items()}

    def _difference(self, shown: float, expected: float) -> float:
        if math.isnan(shown) or math.isnan(expected):
            return 0.0 if math.isnan(shown) and math.isnan(expected) else math.inf
        return abs(shown - expected) / (abs(expected) if self.kind in RELATIVE else 1)

    @staticmethod
    def _check_text(text: str, value: float) -> None:
        """What is written is the number, rounded."""
        digits = text.replace("−", "-").split(" ")[0]
        if "×" in text or math.isnan(value):
            return
        decimals = len(digits.partition(".")[2])
        assert abs(float(digits) - value) <= 0.5001 * 10**-decimals, text

    def visible(self, selector: str) -> list[Locator]:
        return [each for each in self.box.locator(selector).all() if each.is_visible()]

    def picture(self) -> str:
        """Return the drawn part as markup, to see that something moved."""
        return self.root.evaluate("(root) => root.innerHTML")


def bring_to_the_middle(target: Locator) -> None:
    """Scroll at once, to where neither the header nor the edge of the window covers the target."""
    target.evaluate("(node) => node.scrollIntoView({ block: 'center', behavior: 'instant' })")


def find_places(browser: Browser, site_url: str, site_dir: Path) -> list[Place]:
    context = browser.new_context()
    page = context.new_page()
    places = []
    for path in sorted(site_dir.rglob("*.html")):
        if "data-widget-view" not in path.read_text(encoding="utf-8"):
            continue
        name = path.relative_to(site_dir).as_posix()
        page.goto(site_url + name)
        kinds = page.evaluate(
            """() => [...document.querySelectorAll(".widget")]
                 .map((box) => box.querySelector("[data-explorer]")?.dataset.explorer ?? "unknown")"""
        )
        places += [Place(name, i, kind) for i, kind in enumerate(kinds)]
    context.close()
    return places


# --- Curves on grounds that are not paper ------------------------------------------------------------------

# Spots along a curve, where it is in the plot and on the screen: its middle, and beside it, where its paper
# casing has to be.
ALONG = """(line, reach) => {
  const matrix = line.getScreenCTM();
  const onScreen = (x, y) => {
    const at = new DOMPoint(x, y).matrixTransform(matrix);
    return [at.x, at.y];
  };
  const whole = line.getTotalLength();
  return Array.from({ length: 400 }, (_, k) => {
    const [{ x, y }, next] = [0, 0.5].map((step) => line.getPointAtLength((whole * (k + 0.5)) / 400 + step));
    const turn = reach / Math.hypot(next.x - x, next.y - y);
    const [dx, dy] = [(next.x - x) * turn, (next.y - y) * turn];
    return { x, spots: [onScreen(x, y), onScreen(x - dy, y + dx), onScreen(x + dy, y - dx)] };
  });
}"""

# Where the ground of a plot is not paper, as bounds of x in its units. A spread is wider than the casing
# only where the network is deep.
GROUNDS = """(plot) => [...plot.querySelectorAll(".ax-band, .ax-spread")].map((area) => {
  const { x, width } = area.getBBox();
  return [area.matches(".ax-spread") ? x + width / 2 : x, x + width];
})"""

STROKE_AND_PAPER = """(line) => {
  const pen = document.createElement("canvas").getContext("2d");
  return [getComputedStyle(line).stroke, getComputedStyle(document.body).backgroundColor].map((colour) => {
    pen.fillStyle = colour;
    return pen.fillStyle;
  });
}"""

# What shows a curve on such a ground: choices from the menus, and numbers for the sliders.
ON_GROUNDS = {"derivative": (["Tanh"], {"x": 0}), "depth": (["ReLU", "He normal"], {"Depth": 1})}
SHARP = 4  # pixels of the screen for one of the page


def curve_contrasts(explorer: Explorer) -> Iterator[tuple[str, float]]:
    """Yield each colour that curves have, with the least contrast that one has with what is beside it.

    Measured on the picture, of a page with ``SHARP`` pixels for each of its own.
    """
    choices, numbers = ON_GROUNDS[explorer.kind]
    for menu, choice in zip(explorer.visible("select"), choices, strict=True):
        menu.select_option(choice)
    for name, value in numbers.items():  # the marks of the position are out of the way there
        field = explorer.box.get_by_label(f"{name}, typed", exact=True)
        field.fill(str(value))
        field.press("Enter")
    for plot in explorer.visible("svg.ax-plot"):
        bring_to_the_middle(plot)
        grounds = plot.evaluate(GROUNDS)
        box = plot.bounding_box()
        assert box
        left, top = math.floor(box["x"]), math.floor(box["y"])
        size = {"width": math.ceil(box["width"]) + 1, "height": math.ceil(box["height"]) + 1}
        samples = plot.locator(".ax-curve").last.evaluate(ALONG, 2.4)
        inside = [s for s in samples if any(low + 12 < s["x"] < high - 12 for low, high in grounds)]
        for name, colour in PALETTE.items() if grounds else ():
            explorer.root.evaluate("(root, colour) => root.style.setProperty('--ax-line', colour)", colour)
            shot = io.BytesIO(explorer.page.screenshot(clip={"x": left, "y": top, **size}))
            picture = np.asarray(Image.open(shot).convert("RGB")) / 255
            ratios = []
            for sample in inside:
                middle, *beside = (
                    picture[int(SHARP * (y - top)), int(SHARP * (x - left))] for x, y in sample["spots"]
                )
                if np.abs(middle - channels(colour)).max() < 0.02:  # else in a gap of a dashed curve
                    ratios += [contrast(middle, ground) for ground in beside]
            assert len(ratios) > 50, f"{explorer.kind}: no curve where one has to be"
            yield name, min(ratios)


def edge_contrasts(explorer: Explorer) -> Iterator[float]:
    """Yield the contrast of each line at which the ground of a plot changes with the page."""
    for edge in explorer.box.locator(".ax-band-end, .ax-spread-edge").all():
        stroke, paper = map(channels, edge.evaluate(STROKE_AND_PAPER))
        yield contrast(stroke, paper)
