"""Measure every figure that the site has a goal for; print one table: goal, measured, met.

    python benchmarks/figures.py                       # everything: about 40 minutes on a quiet machine
    python benchmarks/figures.py --visits 0            # without Lighthouse: about 15 minutes
    python benchmarks/figures.py --runs 1 --moves 20 --visits 1 --only sigmoid     # a trial

It counts what axe, the console and the network say of each page, holds the numbers of each explorer and the
mathematics of the pages against the package, and takes the rest from ``site.py``, ``explorers.py`` and
``lighthouse.py`` beside it. A whole run writes their tables, too, and its own to results/figures.md.
"""

from __future__ import annotations

import argparse
import runpy
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import explorers
import lighthouse
from _serving import SITE, browsing, is_complete, publish, require, serving
from playwright.sync_api import Browser
from tqdm import tqdm

HERE = Path(__file__).resolve().parent
# `import site` would give Python's own module of that name.
site_pages = SimpleNamespace(**runpy.run_path(str(HERE / "site.py")))

# What the tests of the site measure with.
sys.path[:0] = [str(HERE.parent / "tests"), str(HERE.parent / "tests" / "browser")]

import living  # noqa: E402 (found by the line above)
import mathematics  # noqa: E402
import visits  # noqa: E402

SUB_PATH = "/org/repo/"
# The page that holds an explorer of every kind.
GALLERY = "chapters/explorers.html"
MAX_FIRST_PAINT = 1.5
MAX_WAITS = dict(zip(explorers.LINES, (1.0, 3.0), strict=True))
MAX_MOVE = 4.0
MAX_STATE = 150
MIN_CONTRAST = 3.0
# Of 100, by device: speed; then for every device the other categories.
MIN_SPEED = {"phone": 95, "desktop": 100}


@dataclass(frozen=True)
class Row:
    """A goal, what was measured, and whether that meets it."""

    goal: str
    measured: str
    met: bool


def at_most(goal: str, limit: float, unit: str, values: Iterable[tuple[float, str]], digits: int = 0) -> Row:
    """Return a row for the greatest of some values, each with where it was measured."""
    value, where = max(values)
    number = f"{value:.{digits}f}"
    return Row(f"{goal} ≤ {limit:g}{unit}", f"{number}{unit} ({where})", value <= limit)


def none(goal: str, found: Iterable[str]) -> Row:
    """Return a row for what must not be found anywhere, with the first three that are."""
    found = list(found)
    few = "".join(f"; {each[:150]}" for each in found[:3]).replace("|", "\\|")
    return Row(f"{goal}: 0", f"{len(found)}{few}", not found)


def findings(browser: Browser, root: str, site: Path, pages: list[str]) -> dict[str, visits.Findings]:
    """Return what a visit to each page has found."""
    found = {}
    for name in tqdm(pages):
        context = browser.new_context(viewport=visits.SIZES["desktop"], color_scheme="light")
        found[name] = visits.inspect(visits.Visit(context, root + name), root, site)
        context.close()
    return found


def of_findings(found: dict[str, visits.Findings]) -> Iterator[Row]:
    """Yield the rows that visits to all pages answer."""
    for theme in visits.THEMES:
        for size, box in visits.SIZES.items():
            violations = [f"{name}, {each}" for name, page in found.items() for each in page.axe[theme, size]]
            yield none(f"violations of axe's rules, {theme}, {box['width']} px", violations)
    least, where = min((page.smallest_target, name) for name, page in found.items())
    yield Row(
        f"least side of a control ≥ {visits.MIN_TARGET} px",
        f"{least:.1f} px ({where})",
        least >= visits.MIN_TARGET,
    )
    wide = [
        f"{name}, {part}" for name, page in found.items() for each in page.overflow.values() for part in each
    ]
    yield none("parts wider than a window of 1280, 390 or 320 px", wide)
    for goal, limit, which in (
        ("plain page, gzip", visits.MAX_PLAIN, False),
        ("page with explorers, gzip", visits.MAX_WITH_EXPLORERS, True),
    ):
        weights = [(page.kilobytes, name) for name, page in found.items() if bool(page.explorers) == which]
        if weights:
            yield at_most(goal, limit, " kB", weights)
    requests = [(page.requests, name) for name, page in found.items()]
    yield at_most("requests", visits.MAX_REQUESTS, "", requests)
    for goal, part in (
        ("requests to third parties", "outside"),
        ("errors and warnings in the console", "complaints"),
        ("attempts that the security policy stopped", "forbidden"),
    ):
        yield none(goal, (f"{name}, {each}" for name, page in found.items() for each in getattr(page, part)))


def of_drawings(browser: Browser, root: str, places: list[living.Place]) -> Iterator[Row]:
    """Yield the contrast of curves with the ground beside them, and of the lines where grounds change."""
    for theme in visits.THEMES:
        context = browser.new_context(
            viewport=visits.SIZES["desktop"], color_scheme=theme, device_scale_factor=living.SHARP
        )
        curves, edges = [], []
        for kind in living.ON_GROUNDS:
            place = next((p for p in places if (p.kind, p.page) == (kind, GALLERY)), None)
            if place is None:
                continue
            page = context.new_page()
            page.goto(root + place.page)
            explorer = living.Explorer(page, place)
            curves += [(ratio, f"{kind}, {name}") for name, ratio in living.curve_contrasts(explorer)]
            edges += [(ratio, kind) for ratio in living.edge_contrasts(explorer)]
        context.close()
        for what, ratios in (("curves on bands", curves), ("edges of bands", edges)):
            if ratios:
                ratio, where = min(ratios)
                yield Row(
                    f"contrast of {what}, {theme} ≥ {MIN_CONTRAST:g}",
                    f"{ratio:.2f} ({where})",
                    ratio >= MIN_CONTRAST,
                )


def of_numbers(browser: Browser, root: str, places: list[living.Place]) -> Iterator[Row]:
    """Yield how far the explorers' numbers and the pages' mathematics are from the package's."""
    off = []
    context = browser.new_context(viewport=visits.SIZES["desktop"])
    for place in tqdm(places):
        page = context.new_page()
        page.goto(root + place.page)
        explorer = living.Explorer(page, place)
        where = f"{place.kind}, {place.page}"
        off.append((explorer.largest_difference(), where))
        for slider in explorer.visible("input[type=range]"):
            slider.focus()
            for key in ("End", "Home", "PageUp", "ArrowRight"):
                page.keyboard.press(key)
                off.append((explorer.largest_difference(), where))
        page.close()
    if off:
        yield at_exponent(f"numbers of {len(places)} explorers, {len(off)} positions", living.TOLERANCE, off)
    page = context.new_page()
    softmax = [
        (difference, f"{name}, temperature {temperature:g}")
        for temperature, shift in mathematics.SETTINGS
        for name, difference in mathematics.softmax_differences(page, temperature, shift).items()
    ]
    stacks = [
        (mathematics.stack_difference(page, activation, layers), f"{layers} layers, {activation}")
        for activation in mathematics.ACTIVATIONS
        for layers in mathematics.LAYERS
    ]
    context.close()
    yield at_exponent("JavaScript's mathematics", mathematics.TOLERANCE, softmax + stacks)


def at_exponent(goal: str, limit: float, values: list[tuple[float, str]]) -> Row:
    """Return a row for a difference from the package, which has a power of ten."""
    value, where = max(values)
    return Row(f"{goal}: off from Python ≤ {limit:.0e}", f"{value:.1e} ({where})", value <= limit)


def of_speed(
    pages: dict[str, dict[str, float]], starts: list[explorers.Start], moves: list[explorers.Moves]
) -> Iterator[Row]:
    """Yield the rows that `site.py` and `explorers.py` answer."""
    paint = [(page["first"] / 1000, name) for name, page in pages.items()]
    yield at_most("first paint, phone on a slow line", MAX_FIRST_PAINT, " s", paint, 2)
    shift, where = max((page["shift"], name) for name, page in pages.items())
    yield Row(f"layout shift < {visits.MAX_SHIFT:g}", f"{shift:.3f} ({where})", shift < visits.MAX_SHIFT)
    for line, limit in MAX_WAITS.items():
        waits = [(start.seconds[line], start.page) for start in starts]
        yield at_most(f"first explorer usable, {line}", limit, " s", waits, 2)
    slow = [(explorers.quantile(move.times, 0.95), f"{move.kind}, {move.way}") for move in moves]
    yield at_most("event to picture, 95th percentile", MAX_MOVE, " ms", slow, 1)
    states = [(start.state, start.page) for start in starts]
    yield at_most("widget state of a page", MAX_STATE, " kB", states)


def of_lighthouse(opinions: list[lighthouse.Opinion]) -> Iterator[Row]:
    """Yield the least of the medians, by category and device."""
    for device, speed in MIN_SPEED.items():
        for category in lighthouse.CATEGORIES:
            limit = speed if category == "performance" else 100
            score, where = min((o.median(category), o.page) for o in opinions if o.device == device)
            yield Row(f"Lighthouse, {device}, {category} ≥ {limit}", f"{score:.0f} ({where})", score >= limit)


def table(rows: list[Row]) -> list[str]:
    """Return the rows as a table, with a line that counts them."""
    lines = [f"| {row.goal} | {row.measured} | {'yes' if row.met else '**no**'} |" for row in rows]
    met = sum(row.met for row in rows)
    return [
        "| goal | measured, at worst | met |",
        "|---|---|---|",
        *lines,
        "",
        f"{met} of {len(rows)} goals met.",
    ]


def main() -> int:
    """Measure everything, print the table, and write it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3, help="visits a page for its speed")
    parser.add_argument("--moves", type=int, default=200, help="moves of an explorer")
    parser.add_argument("--visits", type=int, default=5, help="visits a page of Lighthouse; 0 leaves it out")
    parser.add_argument("--only", default="", help="pages with this in their name, for a trial")
    parser.add_argument("--site", type=Path, default=SITE)
    options = parser.parse_args()
    site = options.site
    require(parser, site)
    write = is_complete(parser)
    pages = [name for name in [*visits.PAGES, visits.MISSING] if options.only in name]
    if not any(options.only in name for name in explorers.pages_with_explorers(site)):
        parser.error(f"no page with explorers has {options.only!r} in its name")
    rows = []
    with browsing() as browser:
        with serving(site, SUB_PATH) as root:
            rows += of_findings(findings(browser, root, site, pages))
            places = [p for p in living.find_places(browser, root, site) if options.only in p.page]
            rows += of_drawings(browser, root, places)
            rows += of_numbers(browser, root, places)
        with serving(site) as root:
            weighed = site_pages.measure_pages(browser, root, site, options.runs, options.only)
            starts = explorers.measure_starts(browser, root, site, options.runs, options.only)
            moves = explorers.measure_moves(browser, root, site, options.moves)
            rows += of_speed(weighed, starts, moves)
            reports = [
                ("site", site_pages.TITLE, site_pages.report(weighed, options.runs)),
                ("explorers", explorers.TITLE, explorers.report(starts, moves, options.runs)),
            ]
            seen = [name for name in lighthouse.PAGES if options.only in name]
            if options.visits and seen:
                opinions = lighthouse.measure(browser, root, seen, options.visits)
                rows += of_lighthouse(opinions)
                reports.append(("lighthouse", lighthouse.TITLE, lighthouse.report(opinions, options.visits)))
        for name, title, lines in reports:
            publish(name, title, browser.version, lines, write=write)
        publish("figures", "The figures of the site", browser.version, table(rows), write=write)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
