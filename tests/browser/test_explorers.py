"""Every explorer of the built site, found on its page, moved as readers move it, held against the package."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from contrast import channels, contrast
from living import (
    ON_GROUNDS,
    ORACLES,
    SHARP,
    STROKE_AND_PAPER,
    Explorer,
    Place,
    bring_to_the_middle,
    curve_contrasts,
    edge_contrasts,
    find_places,
)
from playwright.sync_api import Browser, BrowserContext, Page
from visits import MIN_TARGET, SIZES, smallest_target

from activations import elu_derivative
from activations.figures import PALETTE

Wait = Callable[..., None]


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
        assert smallest_target(explorer.page) >= MIN_TARGET


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


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", ON_GROUNDS)
def test_curves_are_seen_on_every_ground(
    kind: str, theme: str, browser: Browser, site_url: str, places: list[Place]
) -> None:
    """A contrast of 3:1 as drawn, between a curve and what is beside it, in every colour that curves have."""
    sharp = browser.new_context(viewport=SIZES["desktop"], color_scheme=theme, device_scale_factor=SHARP)
    place = next(place for place in places if place.kind == kind and "/explorers." in place.page)
    explorer = Explorer(Reader(sharp, site_url, places).open(place.page), place)
    measured = list(curve_contrasts(explorer))
    assert {name for name, _ in measured} == set(PALETTE)
    assert not [(name, ratio) for name, ratio in measured if ratio < 3]
    edges = list(edge_contrasts(explorer))
    assert edges
    assert min(edges) >= 3, "where the ground changes must be seen"
    sharp.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_colours_that_a_system_forces_reach_the_drawings(
    theme: str, browser: Browser, site_url: str, places: list[Place]
) -> None:
    context = browser.new_context(forced_colors="active", color_scheme=theme)
    explorer = next(Reader(context, site_url, places).each("derivative"))
    casing, paper = explorer.root.locator(".ax-casing").first.evaluate(STROKE_AND_PAPER)
    assert casing == paper
    for part in (".ax-curve", ".ax-tangent", ".ax-axis", ".ax-band-end"):
        for each in explorer.root.locator(part).all():
            stroke, paper = map(channels, each.evaluate(STROKE_AND_PAPER))
            assert contrast(stroke, paper) > 15, part
    context.close()


def test_the_jacobian_is_told_to_those_who_do_not_see_it(reader: Reader) -> None:
    for explorer in reader.each("softmax"):
        drawn = explorer.root.locator("[data-quantity^='jacobian:']")
        told = explorer.root.locator("svg[role=img]").nth(1).get_attribute("aria-label") or ""
        numbers = [float(number.replace("−", "-")) for number in re.findall(r"−?\d\.\d+", told)]
        expected = drawn.evaluate_all("(cells) => cells.map((cell) => Number(cell.dataset.value))")
        assert numbers == pytest.approx(expected, abs=0.0005001)


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
