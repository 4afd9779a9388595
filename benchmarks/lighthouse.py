"""Ask Lighthouse what it thinks of the built site: on a phone and on a desktop, the median of five visits.

    python benchmarks/lighthouse.py                            # the landing page, chapters of every kind
    python benchmarks/lighthouse.py chapters/02-sigmoid.html   # other pages

Lighthouse comes from npm, locked in package-lock.json beside this file, and is installed on the first run.
The table of the first form goes to results/lighthouse.md. Scores for performance are those of this machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _serving import FLAGS, SITE, browsing, chromium_path, is_complete, publish, require, serving
from playwright.sync_api import Browser
from tqdm import tqdm

TITLE = "What Lighthouse thinks of the pages"
HERE = Path(__file__).parent
PROGRAM = HERE / "node_modules" / "lighthouse" / "cli" / "index.js"
PAGES = [
    "index.html",
    "chapters/01-linear-vs-nonlinear.html",
    "chapters/02-sigmoid.html",
    "chapters/03-tanh.html",
    "chapters/04-relu.html",
    "chapters/05-softmax.html",
    "chapters/06-choosing.html",
    "chapters/11-in-frameworks.html",
    "chapters/explorers.html",
    "chapters/claims.html",
    "chapters/api/functions.html",
]
CATEGORIES = ["performance", "accessibility", "best-practices", "seo"]
DEVICES: dict[str, list[str]] = {"phone": [], "desktop": ["--preset=desktop"]}


def install() -> None:
    """Install Lighthouse, unless it is there."""
    if not PROGRAM.exists():
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-fund", "--no-audit"], cwd=HERE, check=True)


@dataclass(frozen=True)
class Opinion:
    """What some visits with one device have given for one page."""

    page: str
    device: str
    # Of each category, of 100, one for each visit.
    scores: dict[str, list[float]]
    # What does not pass, speed aside, with the elements that are at fault.
    failed: dict[str, list[str]]

    def median(self, category: str) -> float:
        """Return the middle one of the scores in a category."""
        return statistics.median(self.scores[category])


def culprits(audit: dict[str, Any]) -> Iterator[str]:
    """Yield the elements that an audit blames, with where they stand."""
    for item in audit.get("details", {}).get("items", []):
        if "node" in item:
            yield f"{item['node'].get('snippet', '')} at {item['node'].get('selector', '')}"


def visit(address: str, options: list[str], chromium: str) -> tuple[dict[str, float], dict[str, list[str]]]:
    """Return a page's score in each category, of 100, and the audits, speed aside, that it does not pass."""
    command = ["node", str(PROGRAM), address, "--quiet", "--output=json", *options]
    command += [f"--only-categories={','.join(CATEGORIES)}"]
    command += [f"--chrome-flags={' '.join(['--headless=new', *FLAGS])}"]
    run = subprocess.run(command, check=True, capture_output=True, env=os.environ | {"CHROME_PATH": chromium})
    found = json.loads(run.stdout)
    scores = {name: 100 * found["categories"][name]["score"] for name in CATEGORIES}
    rated = [each for name in CATEGORIES[1:] for each in found["categories"][name]["auditRefs"]]
    audits = {each["id"]: found["audits"][each["id"]] for each in rated if each["weight"]}
    # Others do not apply to the page, or only inform.
    return scores, {
        key: list(culprits(audit))
        for key, audit in audits.items()
        if audit["scoreDisplayMode"] == "binary" and not audit["score"]
    }


def measure(browser: Browser, root: str, pages: list[str], runs: int) -> list[Opinion]:
    """Return an opinion on each page of a site that is served at ``root``, with each device."""
    install()
    chromium = chromium_path(browser.browser_type)
    opinions = []
    for page, device in tqdm([(page, device) for page in pages for device in DEVICES]):
        visits = [visit(root + page, DEVICES[device], chromium) for _ in range(runs)]
        scores = {name: [scores[name] for scores, _ in visits] for name in CATEGORIES}
        failed = {name: nodes for _, audits in visits for name, nodes in audits.items()}
        opinions.append(Opinion(page, device, scores, failed))
    return opinions


def report(opinions: list[Opinion], runs: int) -> list[str]:
    """Return the table of all pages, and what failed on them."""
    lines = [
        f"Scores of 100: the median of {runs} visits, with the least in brackets. The",
        "profiles of phone and desktop are Lighthouse's own.",
        "",
        "| page | device | " + " | ".join(CATEGORIES) + " | failed audits of the last three |",
        "|---|---|" + "---:|" * len(CATEGORIES) + "---|",
    ]
    for each in opinions:
        cells = [f"{each.median(name):.0f} ({min(each.scores[name]):.0f})" for name in CATEGORIES]
        failed = ", ".join(sorted(each.failed)) or "none"
        lines.append(f"| {each.page} | {each.device} | {' | '.join(cells)} | {failed} |")
    blamed = [
        f"- {each.page}, {each.device}, {audit}: `{node}`"
        for each in opinions
        for audit, nodes in sorted(each.failed.items())
        for node in nodes
    ]
    return [*lines, *(["", "What the failed audits blame:", "", *blamed] if blamed else [])]


def main() -> int:
    """Visit every page, print one row for each, and write the results."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", nargs="*", default=PAGES)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--site", type=Path, default=SITE)
    options = parser.parse_args()
    require(parser, options.site, *options.pages)
    with serving(options.site) as root, browsing() as browser:
        lines = report(measure(browser, root, options.pages, options.runs), options.runs)
        publish("lighthouse", TITLE, browser.version, lines, write=is_complete(parser))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
