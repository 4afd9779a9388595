"""Visits to the pages of the built site, and what can be measured on them.

Shared by the tests, which hold each page to the limits, and by ``benchmarks/figures.py``, which prints how
far each page is from them.
"""

from __future__ import annotations

import gzip
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml
from playwright.sync_api import BrowserContext, Page, Response

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


def files_of(entries: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the pages of a table of contents, from top to bottom."""
    for entry in entries:
        if "file" in entry:
            yield entry["file"]
        yield from files_of(entry.get("chapters", []) + entry.get("sections", []))


TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
CHAPTERS = [TOC["root"], *files_of(TOC["parts"])]
# The pages that readers meet; "index" is the front page under the site's bare address.
PAGES = ["index.html", *[f"{name}.html" for name in CHAPTERS], "search.html?q=gradient", "genindex.html"]
# Served for every address that leads nowhere.
MISSING = "404.html"
FILES = {name.split("?")[0] for name in PAGES} | {MISSING}

SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
THEMES = ("light", "dark")
NARROWEST = {"width": 320, "height": 568}

MAX_REQUESTS = 40
# Kilobytes (1000 bytes) on the wire, each answer gzipped as a web server would, fonts as they are.
MAX_PLAIN, MAX_WITH_EXPLORERS = 200, 450
MAX_SHIFT = 0.02

MIN_TARGET = 24
# All rules, with one that axe does not run unless asked: a target is at least 24 px wide and high.
AXE_ALL = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}

OBSERVE_SHIFTS = """
  window.layoutShift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.layoutShift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
"""

# Listened to from the start: what the page's security policy forbids, and has been tried nevertheless.
OBSERVE_VIOLATIONS = """
  window.violations = [];
  addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sample }) =>
    violations.push(`${effectiveDirective} ${blockedURI} ${sample}`));
"""


class Visit:
    """Open one page and note everything that it asks for and complains about."""

    def __init__(self, context: BrowserContext, address: str, *, until: str = "networkidle") -> None:
        self.outside: list[str] = []
        self.complaints: list[str] = []
        self.responses: list[Response] = []
        context.route(re.compile(r"^(?!http://127\.0\.0\.1:)(https?|wss?):"), self._refuse)
        self.page = context.new_page()
        self.page.add_init_script(OBSERVE_SHIFTS)
        self.page.add_init_script(OBSERVE_VIOLATIONS)
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self._note("error", str(error)))
        self.page.on("requestfailed", lambda request: self._note("error", f"not loaded: {request.url}"))
        self.page.on("response", lambda response: self.responses.append(response))
        self.page.goto(address, wait_until=until)

    def _refuse(self, route: Any) -> None:
        self.outside.append(route.request.url)
        route.abort()

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(f"{kind}: {text}")

    def kilobytes(self, site_url: str, site_dir: Path) -> float:
        """Return what a web server would send for the page and all that it asked for."""
        names = [
            response.url.removeprefix(site_url)
            for response in self.responses
            if response.url.startswith("http")
        ]
        return (
            sum(packed_size(site_dir, unquote(re.split("[?#]", name)[0]) or "index.html") for name in names)
            / 1000
        )


@cache
def packed_size(site_dir: Path, name: str) -> int:
    """Return the bytes of a file on the wire: gzipped, but for fonts and pictures, packed as they are."""
    body = (site_dir / name).read_bytes()
    return len(body) if name.endswith((".woff2", ".png")) else len(gzip.compress(body, 6))


def scroll_through(page: Page) -> None:
    """Bring every part of the page into view once, so that whatever waits for that has started."""
    page.evaluate(
        """async () => {
          for (let y = 0; y < document.body.scrollHeight; y += innerHeight) {
            scrollTo({ top: y, behavior: "instant" });
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 10)));
          }
          scrollTo({ top: 0, behavior: "instant" });
        }"""
    )
    page.wait_for_load_state("networkidle")


def overflow(page: Page) -> list[str]:
    """Return what makes the page wider than its window."""
    return page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          return [...document.querySelectorAll("body *")]
            .filter((node) => node.getBoundingClientRect().right > width + 1)
            .slice(0, 3).map((node) => node.outerHTML.slice(0, 120));
        }"""
    )


def lay_out_in_full(page: Page) -> None:
    """Lay out the sections that are off the screen, too: else their boxes move while axe measures them."""
    page.evaluate(
        """() => {
          const parts = document.querySelectorAll("article section");
          for (const part of parts) part.style.contentVisibility = "visible";
        }"""
    )


def settle(page: Page) -> None:
    """Wait until the page's idle work is done: boxes that scroll are marked a few at a time."""
    page.evaluate(
        """async () => {
          const scrolls = (box) =>
            box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX !== "visible";
          const late = () => [...document.querySelectorAll("pre, .output.text_html, div.math")].some(
            (box) => scrolls(box) && box.tabIndex < 0);
          for (let turn = 0; turn < 400 && late(); turn++) await new Promise((done) => setTimeout(done, 50));
        }"""
    )


def axe_violations(page: Page, options: dict[str, Any]) -> list[str]:
    """Return axe-core's findings, one line each.

    Drawn formulas are left out: thousands of elements, hidden from screen readers, in their text's colour.
    """
    found = page.evaluate(
        "(options) => axe.run({ exclude: ['.katex'] }, options).then((result) => result.violations)", options
    )
    return [
        f"{violation['id']} ({violation['help']}): {node['html'][:200]} at {node['target']}"
        for violation in found
        for node in violation["nodes"]
    ]


def wait_until(page: Page, expression: str, arg: object = None, seconds: float = 30) -> None:
    """Wait until an expression, or a function of ``arg``, is true in a page.

    Playwright's own way compiles a text in the page again and again: the site's security policy forbids it.
    """
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression, arg):
        assert time.monotonic() < deadline, f"not true after {seconds} s: {expression}"
        page.wait_for_timeout(30)


def wear(page: Page, theme: str) -> None:
    """Bring a page into the light or the dark theme, as a reader's system does."""
    page.emulate_media(color_scheme=theme)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    wait_until(page, "(theme) => document.documentElement.dataset.theme === theme", theme)
    settle(page)


def smallest_target(page: Page) -> float:
    """Return the least width or height of the explorers' controls, in pixels; infinite without any."""
    return page.evaluate(
        """() => Math.min(...[...document.querySelectorAll(".widget :is(input, select, button)")]
          .filter((control) => control.checkVisibility())
          .map((control) => control.getBoundingClientRect())
          .flatMap(({ width, height }) => [width, height]))"""
    )


@dataclass
class Findings:
    """What one visit to a page has found."""

    explorers: int
    shift: float
    kilobytes: float
    requests: int
    smallest_target: float
    outside: list[str]
    forbidden: list[str]
    complaints: list[str]
    # By theme and size, and by size.
    axe: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    overflow: dict[str, list[str]] = field(default_factory=dict)

    @property
    def kilobytes_allowed(self) -> int:
        """The limit for the page's weight."""
        return MAX_WITH_EXPLORERS if self.explorers else MAX_PLAIN

    def problems(self) -> Iterator[str]:
        """Yield what keeps the page from its goals."""
        if self.shift >= MAX_SHIFT:
            yield f"layout shift {self.shift:.3f}"
        if self.kilobytes > self.kilobytes_allowed:
            yield f"{self.kilobytes:.0f} kB on the wire, {self.kilobytes_allowed} allowed"
        if self.requests > MAX_REQUESTS:
            yield f"{self.requests} requests, {MAX_REQUESTS} allowed"
        if self.smallest_target < MIN_TARGET:
            yield f"a control of {self.smallest_target:.1f} px, {MIN_TARGET} needed"
        for (theme, size), violations in self.axe.items():
            yield from (f"axe, {theme}, {size}: {violation}" for violation in violations)
        for size, parts in self.overflow.items():
            yield from (f"overflow, {size}: {part}" for part in parts)
        yield from (f"third party: {address}" for address in self.outside)
        yield from (f"forbidden by the policy: {violation}" for violation in self.forbidden)
        yield from self.complaints


def inspect(visit: Visit, site_url: str, site_dir: Path) -> Findings:
    """Return what there is to find on a page that was opened in the light theme, at desktop size."""
    page = visit.page
    shift = page.evaluate("layoutShift")
    scroll_through(page)
    # The search page reads every page that it quotes.
    searches = "search.html" in page.url
    found = Findings(
        explorers=page.locator("[data-widget-view]").count(),
        shift=shift,
        kilobytes=0 if searches else visit.kilobytes(site_url, site_dir),
        requests=0 if searches else len(visit.responses),
        smallest_target=float("inf"),
        outside=visit.outside,
        forbidden=[],
        complaints=visit.complaints,
    )
    page.evaluate(AXE.read_text(encoding="utf-8"))
    lay_out_in_full(page)
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        for theme in THEMES:
            wear(page, theme)
            found.axe[theme, size] = axe_violations(page, AXE_ALL)
        found.overflow[size] = overflow(page)
        found.smallest_target = min(found.smallest_target, smallest_target(page))
    page.set_viewport_size(NARROWEST)
    found.overflow["320 px"] = overflow(page)
    found.forbidden = page.evaluate("violations")
    return found
