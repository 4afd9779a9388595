"""Measure the explorers of the built site: weight, time until the first answers, time from event to picture.

    python benchmarks/explorers.py
    python benchmarks/explorers.py --moves 200 --site _build/html

First table: for each page with explorers the size of the embedded widget state and of the explorers' files,
and the time from the start of the visit until the first explorer, scrolled to at once, can be moved, on two
lines. Second table: for each kind of explorer the time from an input event until the new picture is laid out,
over real key presses and real pointer moves. Both go to results/explorers.md; times are this machine's.
"""

from __future__ import annotations

import argparse
import gzip
import re
import statistics
from dataclasses import dataclass
from pathlib import Path

from _serving import SITE, browsing, is_complete, publish, require, serving
from playwright.sync_api import Browser, Locator, Page
from tqdm import tqdm

TITLE = "Speed of the explorers on the built site"
# Bytes a second, milliseconds there and back.
LINES = {"10 Mb/s, 40 ms": (10e6 / 8, 40), "1.6 Mb/s, 150 ms": (1.6e6 / 8, 150)}

SCROLL_TO_FIRST = """
  addEventListener("DOMContentLoaded", () => {
    document.querySelector("[data-widget-view]")?.scrollIntoView({ behavior: "instant" });
  });
  // Noted in the page, at the first picture with a living explorer: to ask from outside takes its own time.
  new MutationObserver((_, observer) => {
    if (document.querySelector("[data-widget-view][data-widget-ready=yes]")) {
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => {
        document.documentElement.dataset.alive = performance.now();
      }));
    }
  }).observe(document, { subtree: true, attributeFilter: ["data-widget-ready"] });
"""

# From the event's arrival at the window, before any listener, to the layout after the last one.
CLOCK = """() => {
  window.times = [];
  for (const name of ["input", "pointermove"]) {
    let start;
    addEventListener(name, () => { start = performance.now(); }, true);
    addEventListener(name, () => {
      document.body.getBoundingClientRect();
      window.times.push(performance.now() - start);
    });
  }
}"""


def time_to_first(browser: Browser, address: str, speed: float, latency: float) -> float:
    """Return the milliseconds until the first explorer of a page is alive, with an empty cache."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page = context.new_page()
    page.add_init_script(SCROLL_TO_FIRST)
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": latency, "downloadThroughput": speed, "uploadThroughput": speed},
    )
    page.goto(address, wait_until="commit")
    elapsed = float(page.wait_for_selector("[data-alive]", state="attached").get_attribute("data-alive"))
    context.close()
    return elapsed


def by_keyboard(page: Page, slider: Locator, moves: int) -> list[float]:
    """Return the milliseconds of each move of a slider with the arrow keys, up and down again."""
    slider.focus()
    page.keyboard.press("Home")
    page.evaluate("window.times = []")
    steps = slider.evaluate("(range) => Math.round((range.max - range.min) / (Number(range.step) || 1))")
    turn = min(steps, 20)  # against the end of a slider nothing moves
    for k in range(moves):
        page.keyboard.press("ArrowRight" if k % (2 * turn) < turn else "ArrowLeft")
    return list(page.evaluate("window.times"))


def by_drag(page: Page, target: Locator, moves: int) -> list[float]:
    """Return the milliseconds of each pointer move while a plot, or a slider's thumb, is dragged."""
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.3 * box["width"], y)
    page.mouse.down()
    page.evaluate("window.times = []")
    for k in range(moves):
        share = 0.2 + 0.6 * ((k * 37) % 100) / 100
        page.mouse.move(box["x"] + share * box["width"], y)
    times = list(page.evaluate("window.times"))
    page.mouse.up()
    return times


def quantile(times: list[float], share: float) -> float:
    """Return a quantile of some times."""
    return sorted(times)[min(int(share * len(times)), len(times) - 1)]


@dataclass(frozen=True)
class Start:
    """What the explorers of one page weigh, in kB, and the seconds until the first answers, on each line."""

    page: str
    state: float
    files: float
    seconds: dict[str, float]


@dataclass(frozen=True)
class Moves:
    """The milliseconds of each move of one kind of explorer, by keyboard or by dragging."""

    kind: str
    way: str
    times: list[float]


def pages_with_explorers(site: Path) -> dict[str, str]:
    """Return the text of each page that holds an explorer."""
    texts = {
        path.relative_to(site).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(site.rglob("*.html"))
    }
    return {name: text for name, text in texts.items() if "data-widget-view" in text}


def measure_starts(browser: Browser, root: str, site: Path, runs: int, only: str = "") -> list[Start]:
    """Return one start for each page with explorers, and with ``only`` in its name, of a served site."""
    starts = []
    for name, text in tqdm(pages_with_explorers(site).items()):
        if only not in name:
            continue
        state = re.search(r'widget-state\+json">(.*?)</script>', text, re.DOTALL)
        files = {*re.findall(r"_static/(widgets/[\w.-]+)", text)}
        weight = sum(len(gzip.compress((site / "_static" / file).read_bytes(), 6)) for file in files)
        waited = {
            line: statistics.median(time_to_first(browser, root + name, *speed) for _ in range(runs)) / 1000
            for line, speed in LINES.items()
        }
        size = len(state[1].encode()) if state else 0
        starts.append(Start(name, size / 1000, weight / 1000, waited))
    return starts


def measure_moves(browser: Browser, root: str, site: Path, moves: int) -> list[Moves]:
    """Return the times of each kind of explorer, on the first page that holds one."""
    measured = []
    done: set[str] = set()
    for name in pages_with_explorers(site):
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(root + name)
        page.evaluate(CLOCK)
        for box in page.locator(".widget").all():
            box.scroll_into_view_if_needed()
            box.locator("[data-widget-ready=yes]").wait_for(state="attached")
            kind = box.locator("[data-explorer]").get_attribute("data-explorer") or ""
            if kind in done:
                continue
            done.add(kind)
            slider = next(each for each in box.locator("input[type=range]").all() if each.is_visible())
            plots = box.locator(".ax-drag")
            measured += [
                Moves(kind, "keyboard", by_keyboard(page, slider, moves)),
                Moves(kind, "drag", by_drag(page, plots.first if plots.count() else slider, moves)),
            ]
        page.close()
    return measured


def report(starts: list[Start], moves: list[Moves], runs: int) -> list[str]:
    """Return both tables."""
    first = [
        f"| {start.page} | {start.state:.1f} | {start.files:.1f} | "
        + " | ".join(f"{seconds:.2f} s" for seconds in start.seconds.values())
        + " |"
        for start in starts
    ]
    second = [
        f"| {move.kind} | {move.way} | {len(move.times)} | {statistics.median(move.times):.2f} | "
        f"{quantile(move.times, 0.95):.2f} |"
        for move in moves
    ]
    return [
        "The widget state, unpacked, and the explorers' files, gzipped; then the time from the start of",
        "a visit until the first explorer can be moved, with an empty cache,",
        f"the median of {runs} visits.",
        "",
        "| page | state, kB | files, kB | " + " | ".join(LINES) + " |",
        "|---|---:|---:|" + "---:|" * len(LINES),
        *first,
        "",
        "From an input event until the new picture is laid out, in milliseconds:",
        "",
        "| explorer | moved by | moves | median | 95th percentile |",
        "|---|---|---:|---:|---:|",
        *second,
    ]


def main() -> int:
    """Measure, print both tables, and write them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--moves", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--site", type=Path, default=SITE)
    options = parser.parse_args()
    require(parser, options.site)
    with serving(options.site) as root, browsing() as browser:
        starts = measure_starts(browser, root, options.site, options.runs)
        moves = measure_moves(browser, root, options.site, options.moves)
        lines = report(starts, moves, options.runs)
        publish("explorers", TITLE, browser.version, lines, write=is_complete(parser))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
