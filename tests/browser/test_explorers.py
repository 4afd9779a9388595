"""Every explorer of the built site, found on its page, moved as readers move it, held against the package.

An explorer writes each number that it shows into ``data-value``, and what it stands on (function, weights,
depth, …) into the attributes of its root. From these the package computes the numbers anew.
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
import pytest
from contrast import channels, contrast
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page

from activations import elu_derivative, get_activation, sigmoid, softmax, softmax_jacobian
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

Wait = Callable[..., None]


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
    assert float(on["intercept"]) == pytest.approx(intercept, abs=TOLERANCE)
    assert float(on["slope"]) == pytest.approx(line.predict([[1.0]]).item() - intercept, abs=TOLERANCE)

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
        """Compare every number on display with the package; return them."""
        found = self.root.evaluate(READ)
        shown: Numbers = found["numbers"]
        expected = ORACLES[self.kind](found["on"], shown, self.state)
        missing = set(expected) ^ set(shown)
        assert not missing, f"{self.kind}: numbers without a counterpart: {sorted(missing)}"
        for name, value in expected.items():
            limit = {"rel": TOLERANCE} if self.kind in RELATIVE else {"abs": TOLERANCE}
            assert shown[name] == pytest.approx(float(value), nan_ok=True, **limit), f"{self.kind}: {name}"
            self._check_text(found["texts"][name], shown[name])
        return shown

    @staticmethod
    def _check_text(text: str, value: float) -> None:
        """What is written is the number, rounded."""
        digits = text.replace("−", "-").split(" ")[0]
        if "×" in text or math.isnan(value):
            return
        decimals = len(digits.partition(".")[2])
        assert float(digits) == pytest.approx(value, abs=0.5001 * 10**-decimals), text

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


@pytest.fixture(scope="module")
def places(browser: Browser, site_url: str, site_dir: Path) -> list[Place]:
    return find_places(browser, site_url, site_dir)


class Reader:
    """Somebody with a browser who opens each page of the site once, and keeps it open."""

    def __init__(self, context: BrowserContext, site_url: str, places: list[Place]) -> None:
        self.context, self.site_url, self.places = context, site_url, places
        self.pages: dict[str, Page] = {}
        self.complaints: list[str] = []

    def open(self, name: str) -> Page:
        if name not in self.pages:
            self.pages[name] = self.open_anew(name)
        return self.pages[name]

    def open_anew(self, name: str) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{name}: {error}"))
        page.goto(self.site_url + name)
        return page

    def each(self, kind: str, *, anew: bool = False) -> Iterator[Explorer]:
        """Yield every explorer of one kind, alive on its page."""
        mine = [place for place in self.places if place.kind == kind]
        assert mine, f"no page of the site holds a {kind} explorer"
        for place in mine:
            yield Explorer(self.open_anew(place.page) if anew else self.open(place.page), place)
            assert not self.complaints


@pytest.fixture(scope="module")
def reader(browser: Browser, site_url: str, places: list[Place]) -> Iterator[Reader]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    yield Reader(context, site_url, places)
    context.close()


@pytest.fixture(scope="module")
def phone(browser: Browser, site_url: str, places: list[Place]) -> Iterator[Reader]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    yield Reader(context, site_url, places)
    context.close()


# --- Tests -------------------------------------------------------------------------------------------------


def test_every_widget_of_the_site_is_a_known_explorer(places: list[Place]) -> None:
    assert places
    assert {place.kind for place in places} == set(ORACLES)


@pytest.mark.parametrize("kind", ORACLES)
def test_keyboard(kind: str, reader: Reader) -> None:
    for explorer in reader.each(kind):
        explorer.check()
        for control in explorer.visible("input[type=range]"):
            control.focus()
            values = []
            for key in ("End", "Home", "PageUp", "ArrowRight", "ArrowUp", "PageDown", "ArrowLeft"):
                explorer.page.keyboard.press(key)
                values.append(float(control.input_value()))
                if key in ("End", "PageUp", "ArrowLeft"):
                    explorer.check()
            low, high = (float(control.get_attribute(end) or "nan") for end in ("min", "max"))
            assert (values[0], values[1]) == (pytest.approx(high), pytest.approx(low))
            assert values[2] > values[1]
            assert values[4] > values[2]
        for control in explorer.visible("input[type=checkbox]"):
            before = explorer.picture()
            control.focus()
            explorer.page.keyboard.press("Space")
            assert explorer.picture() != before
            explorer.check()
        for menu in explorer.visible("select"):
            count = menu.locator("option").count()
            for index in range(count):
                # Chromium moves the selection of a closed menu with the arrow keys.
                menu.focus()
                explorer.page.keyboard.press("Home" if index == 0 else "ArrowDown")
                assert menu.evaluate("(menu) => menu.selectedIndex") == index
                explorer.check()


@pytest.mark.parametrize("kind", ORACLES)
def test_typed_numbers(kind: str, reader: Reader) -> None:
    for explorer in reader.each(kind):
        for field in explorer.visible("input[type=number]"):
            before = float(field.input_value())
            low = float(field.get_attribute("min") or before - 1)
            high = float(field.get_attribute("max") or before + 1)
            target = round(low + 0.3 * (high - low), 2)
            field.fill(str(target))
            field.press("Enter")
            field.evaluate("(field) => field.blur()")
            explorer.check()
            # The slider has steps, and the field says where it went.
            step = field.get_attribute("step") or "any"
            near = 0.06 * (high - low) if step == "any" else float(step)
            assert float(field.input_value()) == pytest.approx(target, abs=near)
            field.fill("")
            field.press("Enter")
            field.evaluate("(field) => field.blur()")
            explorer.check()


@pytest.mark.parametrize("kind", ORACLES)
def test_mouse(kind: str, reader: Reader) -> None:
    for explorer in reader.each(kind):
        mouse = explorer.page.mouse
        for target in explorer.visible("input[type=range], .ax-drag"):
            bring_to_the_middle(target)
            box = target.bounding_box()
            assert box
            height = box["y"] + box["height"] / 2
            pictures = [explorer.picture()]
            mouse.move(box["x"] + 0.4 * box["width"], height)
            mouse.down()
            for share in (0.35, 0.55, 0.8):
                mouse.move(box["x"] + share * box["width"], height, steps=3)
                pictures.append(explorer.picture())
                explorer.check()
            mouse.up()
            assert len(set(pictures)) >= 3, f"{kind}: dragging moves nothing"
            still = explorer.picture()
            mouse.move(box["x"] + 0.5 * box["width"], height)
            assert explorer.picture() == still, f"{kind}: moves without a button down"


@pytest.mark.parametrize("kind", ORACLES)
def test_touch(kind: str, phone: Reader) -> None:
    for explorer in phone.each(kind):
        for target in explorer.visible("input[type=range], .ax-drag"):
            bring_to_the_middle(target)
            pictures = set()
            for share in (0.3, 0.75):
                box = target.bounding_box()
                assert box
                explorer.page.touchscreen.tap(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
                explorer.page.wait_for_timeout(50)
                explorer.check()
                pictures.add(explorer.picture())
            assert len(pictures) == 2, f"{kind}: a tap moves nothing"
        small = explorer.box.evaluate(
            """(box) => [...box.querySelectorAll("input, select, button")]
                 .filter((control) => control.checkVisibility())
                 .map((control) => [control.outerHTML.slice(0, 80), control.getBoundingClientRect()])
                 .filter(([, { width, height }]) => width < 24 || height < 24).map(([markup]) => markup)"""
        )
        assert not small, f"{kind}: targets below 24 px"


@pytest.mark.parametrize("kind", ORACLES)
def test_a_polite_sentence_after_a_pause(kind: str, reader: Reader, wait_until: Wait) -> None:
    for explorer in reader.each(kind, anew=True):
        live = explorer.root.locator("[aria-live=polite]")
        assert live.count() == 1
        assert live.text_content() == "", "nothing is spoken before the reader does anything"
        control = explorer.visible("input[type=range]")[0]
        control.focus()
        explorer.page.keyboard.press("End")
        explorer.page.keyboard.press("PageDown")
        assert live.text_content() == "", "a sentence for each step would drown the reader"
        wait_until(explorer.page, "(node) => node.textContent !== ''", live.element_handle())
        spoken = live.text_content() or ""
        assert len(spoken.split()) >= 6
        # The picture's description says the same.
        first = explorer.root.locator("svg[role=img]").first.get_attribute("aria-label") or ""
        assert spoken in first


@pytest.mark.parametrize("kind", ORACLES)
def test_every_control_has_a_name(kind: str, reader: Reader) -> None:
    for explorer in reader.each(kind):
        names = explorer.box.evaluate(
            """(box) => [...box.querySelectorAll("input, select, button")].map((control) =>
                 control.getAttribute("aria-label") ?? (control.labels?.[0] ?? control).textContent)"""
        )
        assert names
        assert all(name and name.strip() for name in names), names
        assert explorer.box.get_attribute("role") == "group"
        assert len((explorer.box.get_attribute("aria-label") or "").split()) >= 2


@pytest.mark.parametrize("alpha", [0.5, 0.95, 1.0, 1.05, 3.0])
def test_elu_has_a_kink_unless_its_slopes_meet(alpha: float, reader: Reader) -> None:
    """The mark hangs on the parameter, and is where the package's derivative jumps."""
    below, above = elu_derivative(np.array([-1e-9, 1e-9]), alpha=alpha)
    jumps = abs(below - above) > 0.01 * max(alpha, 1)
    seen = 0
    for explorer in reader.each("derivative"):
        menu = explorer.box.get_by_label("Function")
        if not menu.count() or "ELU" not in menu.locator("option").all_text_contents():
            continue
        seen += 1
        menu.select_option("ELU")
        for name, value in (("Alpha", alpha), ("x", 0)):
            field = explorer.box.get_by_label(f"{name}, typed", exact=True)
            field.fill(str(value))
            field.press("Enter")
        shown = explorer.check()
        assert shown["x"] == 0
        assert explorer.root.locator(".ax-kink").count() == explorer.root.locator(".ax-jump").count() == jumps
        pieces = (explorer.root.locator(".ax-dashed").get_attribute("d") or "").count("M")
        assert pieces == 1 + jumps, "a jump is no slope"
        assert ("A kink" in explorer.root.locator(".ax-note").inner_text()) == jumps
    assert seen


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

# What shows a curve on a ground that is not paper: choices from the menus, and numbers for the sliders.
ON_GROUNDS = {"derivative": (["Tanh"], {"x": 0}), "depth": (["ReLU", "He normal"], {"Depth": 1})}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", ON_GROUNDS)
def test_curves_are_seen_on_every_ground(
    kind: str, theme: str, browser: Browser, site_url: str, places: list[Place]
) -> None:
    """A contrast of 3:1 as drawn, between a curve and what is beside it, in every colour that curves have."""
    sharp = browser.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme=theme, device_scale_factor=4
    )
    place = next(place for place in places if place.kind == kind and "/explorers." in place.page)
    explorer = Explorer(Reader(sharp, site_url, places).open(place.page), place)
    choices, numbers = ON_GROUNDS[kind]
    for menu, choice in zip(explorer.visible("select"), choices, strict=True):
        menu.select_option(choice)
    for name, value in numbers.items():  # marks of the position are out of the way
        field = explorer.box.get_by_label(f"{name}, typed", exact=True)
        field.fill(str(value))
        field.press("Enter")
    plots = [plot for plot in explorer.visible("svg.ax-plot") if plot.evaluate(GROUNDS)]
    assert plots
    for plot in plots:
        bring_to_the_middle(plot)
        box = plot.bounding_box()
        assert box
        left, top = math.floor(box["x"]), math.floor(box["y"])
        clip = {
            "x": left,
            "y": top,
            "width": math.ceil(box["width"]) + 1,
            "height": math.ceil(box["height"]) + 1,
        }
        samples = plot.locator(".ax-casing ~ .ax-curve").evaluate(ALONG, 2.4)
        grounds = plot.evaluate(GROUNDS)
        inside = [s for s in samples if any(low + 12 < s["x"] < high - 12 for low, high in grounds)]
        for name, colour in PALETTE.items():
            explorer.root.evaluate("(root, colour) => root.style.setProperty('--ax-line', colour)", colour)
            shot = io.BytesIO(explorer.page.screenshot(clip=clip))
            picture = np.asarray(Image.open(shot).convert("RGB")) / 255
            ratios = []
            for sample in inside:
                middle, *beside = (
                    picture[int(4 * (y - top)), int(4 * (x - left))] for x, y in sample["spots"]
                )
                if np.abs(middle - channels(colour)).max() < 0.02:  # else in a gap of a dashed curve
                    ratios += [contrast(middle, ground) for ground in beside]
            assert len(ratios) > 50
            assert min(ratios) >= 3, f"{name} on a ground of {kind}, {theme}"
        for end in plot.locator(".ax-band-end, .ax-spread-edge").all():
            stroke, paper = map(channels, end.evaluate(STROKE_AND_PAPER))
            assert contrast(stroke, paper) >= 3, "where the ground changes must be seen"
    sharp.close()


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_nothing_jumps_when_an_explorer_starts(
    width: int, places: list[Place], browser: Browser, site_url: str
) -> None:
    """The still figure has the very shape of the living one."""
    viewport = {"width": width, "height": 900}
    without, alive = browser.new_context(viewport=viewport), browser.new_context(viewport=viewport)
    without.route("**/host.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    still, living = without.new_page(), Reader(alive, site_url, places)
    heights = "() => [...document.querySelectorAll('.widget')].map((box) => box.offsetHeight)"
    for name in sorted({place.page for place in places}):
        still.goto(site_url + name)
        page = living.open(name)
        for place in places:
            if place.page == name:
                Explorer(page, place)
        assert page.evaluate(heights) == pytest.approx(still.evaluate(heights), abs=1), name
    without.close()
    alive.close()


def test_without_javascript_a_described_still_remains(
    places: list[Place], browser: Browser, site_url: str
) -> None:
    bare = browser.new_context(java_script_enabled=False)
    page = bare.new_page()
    for place in places:
        page.goto(site_url + place.page)
        box = page.locator(".widget").nth(place.index)
        figures = box.locator("svg[role=img]")
        assert figures.count() >= 1
        assert len((figures.first.get_attribute("aria-label") or "").split()) >= 10
        assert figures.first.is_visible()
        assert not [c for c in box.locator(".widget-control").all() if c.is_visible()], (
            "controls that are dead"
        )
        assert "need JavaScript" in (box.text_content() or "")
    bare.close()


def test_explorers_wait_until_they_are_near(
    places: list[Place], browser: Browser, site_url: str, wait_until: Wait
) -> None:
    small = browser.new_context(viewport={"width": 1280, "height": 500})
    for name in sorted({place.page for place in places}):
        page = small.new_page()
        page.goto(site_url + name, wait_until="load")
        far = page.evaluate(
            """() => [...document.querySelectorAll("[data-widget-view]")]
                 .filter((place) => place.getBoundingClientRect().top > innerHeight + 700)
                 .filter((place) => place.dataset.widgetReady !== undefined).length"""
        )
        assert far == 0, f"{name}: explorers far below the window have started"
        # But a reader who never scrolls finds all of them alive soon after.
        wait_until(
            page,
            """() => [...document.querySelectorAll("[data-widget-view]")]
                 .every((place) => place.dataset.widgetReady === "yes")""",
        )
        page.close()
    small.close()


def test_explorers_live_on_a_page_opened_as_a_file(reader: Reader, site_dir: Path) -> None:
    for kind in ORACLES:
        place = next(place for place in reader.places if place.kind == kind)
        page = reader.context.new_page()
        page.goto((site_dir / place.page).as_uri())
        explorer = Explorer(page, place)
        control = explorer.visible("input[type=range]")[0]
        before = explorer.picture()
        control.focus()
        page.keyboard.press("End")
        assert explorer.picture() != before
        explorer.check()
        page.close()


def test_pages_without_explorers_load_no_host(site_dir: Path) -> None:
    pages = {path: path.read_text(encoding="utf-8") for path in site_dir.rglob("*.html")}
    plain = {path.name: text for path, text in pages.items() if "data-widget-view" not in text}
    assert plain
    assert not [name for name, text in plain.items() if "widgets/host" in text]


def test_the_state_of_a_page_is_small(site_dir: Path) -> None:
    for path in site_dir.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        start = text.find('<script type="application/vnd.jupyter.widget-state+json">')
        if start >= 0:
            size = len(text[start : text.index("</script>", start)].encode())
            assert size <= 150_000, f"{path.name}: {size} bytes of widget state"


def test_a_reader_who_wants_less_motion_gets_none(
    places: list[Place], browser: Browser, site_url: str
) -> None:
    """Explorers never move by themselves: nothing plays before the reader starts it, nothing glides."""
    calm = browser.new_context(reduced_motion="reduce")
    reader = Reader(calm, site_url, places)
    for kind in ORACLES:
        for explorer in reader.each(kind):
            assert explorer.page.evaluate(
                """(box) => [...box.querySelectorAll("*")].every((node) => {
                     const style = getComputedStyle(node);
                     return style.animationName === "none" && !parseFloat(style.transitionDuration);
                   })""",
                explorer.box.element_handle(),
            )
            before = explorer.picture()
            explorer.page.wait_for_timeout(200)
            assert explorer.picture() == before
            break
    calm.close()


def test_play_runs_through_the_epochs_and_pauses(reader: Reader, wait_until: Wait) -> None:
    for explorer in reader.each("replay"):
        button = explorer.box.get_by_role("button", name="Play")
        button.click()
        wait_until(
            explorer.page,
            "(cell) => Number(cell.dataset.value) > 0",
            explorer.root.locator("[data-quantity=epoch]").element_handle(),
        )
        explorer.box.get_by_role("button", name="Pause").click()
        at = explorer.check()["epoch"]
        explorer.page.wait_for_timeout(400)
        assert explorer.check()["epoch"] == at
        slider = explorer.visible("input[type=range]")[0]
        slider.focus()
        explorer.page.keyboard.press("End")
        last = explorer.check()["epoch"]
        # At the end, Play starts again from the beginning.
        button.click()
        explorer.page.wait_for_timeout(300)
        assert explorer.check()["epoch"] < last
