"""Measure the built site as a phone on a slow line meets it: weight, requests, first paint, shifts.

    python benchmarks/site.py                # every page of _build/html
    python benchmarks/site.py --runs 5

Each page is opened in a fresh browser, at the size of a phone, with the line of Lighthouse's mobile profile
(1.6 Mb/s, 150 ms there and back) and a processor slowed four times. The server gzips, as web servers do.
The table shows the median of the runs, and goes to results/site.md; times are those of this machine.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path

from _serving import SITE, browsing, is_complete, publish, require, serving
from playwright.sync_api import Browser
from tqdm import tqdm

TITLE = "Weight and first paint of the pages"
LATENCY_MS = 150
BYTES_PER_SECOND = 1.6e6 / 8
SLOWER_PROCESSOR = 4

OBSERVE = """
  window.measured = { first: 0, largest: 0, shift: 0 };
  const observe = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note))
    .observe({ type, buffered: true });
  observe("paint", (entry) => { measured.first = entry.startTime; });
  observe("largest-contentful-paint", (entry) => { measured.largest = entry.startTime; });
  observe("layout-shift", (entry) => { if (!entry.hadRecentInput) measured.shift += entry.value; });
"""


def measure(browser: Browser, address: str) -> dict[str, float]:
    """Open one page with an empty cache; return what it took."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True
    )
    page = context.new_page()
    page.add_init_script(OBSERVE)
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    received: list[float] = []
    line.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    line.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": BYTES_PER_SECOND,
            "uploadThroughput": BYTES_PER_SECOND,
        },
    )
    line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_PROCESSOR})
    page.goto(address, wait_until="networkidle")
    result: dict[str, float] = page.evaluate("measured")
    result |= {"kilobytes": sum(received) / 1000, "requests": len(received)}
    context.close()
    return result


def measure_pages(
    browser: Browser, root: str, site: Path, runs: int, only: str = ""
) -> dict[str, dict[str, float]]:
    """Return, for each page of a site that is served at ``root``, the medians of some visits.

    With ``only``, for the pages with that in their name.
    """
    names = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    medians = {}
    for name in tqdm([name for name in names if not name.startswith("_") and only in name]):
        visits = [measure(browser, root + name) for _ in range(runs)]
        medians[name] = {key: statistics.median(visit[key] for visit in visits) for key in visits[0]}
    return medians


def report(pages: dict[str, dict[str, float]], runs: int) -> list[str]:
    """Return the table of all pages."""
    rows = [
        f"| {name} | {page['kilobytes']:.0f} | {page['requests']:.0f} | {page['first'] / 1000:.2f} | "
        f"{page['largest'] / 1000:.2f} | {page['shift']:.3f} |"
        for name, page in pages.items()
    ]
    return [
        f"A phone of 390 px, a processor slowed {SLOWER_PROCESSOR} times, {BYTES_PER_SECOND * 8 / 1e6} Mb/s,",
        f"{LATENCY_MS} ms there and back, an empty cache; the median of {runs} visits.",
        "",
        "| page | kB, gzip | requests | first paint, s | largest paint, s | layout shift |",
        "|---|---:|---:|---:|---:|---:|",
        *rows,
    ]


def main() -> int:
    """Measure every page, print one row for each, and write the results."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--site", type=Path, default=SITE)
    options = parser.parse_args()
    require(parser, options.site)
    with serving(options.site) as root, browsing() as browser:
        lines = report(measure_pages(browser, root, options.site, options.runs), options.runs)
        publish("site", TITLE, browser.version, lines, write=is_complete(parser))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
