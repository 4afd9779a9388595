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
from pathlib import Path

from _serving import FLAGS, SITE, browsing, chromium_path, is_complete, publish, serving
from tqdm import tqdm

HERE = Path(__file__).parent
PROGRAM = HERE / "node_modules" / "lighthouse" / "cli" / "index.js"
PAGES = [
    "index.html",
    "chapters/01-linear-vs-nonlinear.html",
    "chapters/02-sigmoid.html",
    "chapters/05-softmax.html",
    "chapters/06-choosing.html",
    "chapters/11-in-frameworks.html",
    "chapters/claims.html",
    "chapters/api/functions.html",
]
CATEGORIES = ["performance", "accessibility", "best-practices", "seo"]
DEVICES: dict[str, list[str]] = {"phone": [], "desktop": ["--preset=desktop"]}


def install() -> None:
    """Install Lighthouse, unless it is there."""
    if not PROGRAM.exists():
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-fund", "--no-audit"], cwd=HERE, check=True)


def visit(address: str, options: list[str], chromium: str) -> tuple[dict[str, float], list[str]]:
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
    return scores, [
        key for key, audit in audits.items() if audit["scoreDisplayMode"] == "binary" and not audit["score"]
    ]


def main() -> int:
    """Visit every page, print one row for each, and write the results."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", nargs="*", default=PAGES)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--site", type=Path, default=SITE)
    options = parser.parse_args()
    missing = [page for page in options.pages if not (options.site / page).is_file()]
    if missing:
        parser.error(f"{options.site} has no page {', '.join(missing)}; run `make book` first")
    install()
    with browsing() as browser:
        version = browser.version
        chromium = chromium_path(browser.browser_type)
    lines = [
        f"Scores of 100: the median of {options.runs} visits, with the least in brackets. The",
        "profiles of phone and desktop are Lighthouse's own.",
        "",
        "| page | device | " + " | ".join(CATEGORIES) + " | failed audits of the last three |",
        "|---|---|" + "---:|" * len(CATEGORIES) + "---|",
    ]
    with serving(options.site) as root:
        for page, device in tqdm([(page, device) for page in options.pages for device in DEVICES]):
            visits = [visit(root + page, DEVICES[device], chromium) for _ in range(options.runs)]
            columns = [[scores[name] for scores, _ in visits] for name in CATEGORIES]
            cells = [f"{statistics.median(column):.0f} ({min(column):.0f})" for column in columns]
            failed = sorted({name for _, names in visits for name in names})
            lines.append(f"| {page} | {device} | {' | '.join(cells)} | {', '.join(failed) or 'none'} |")
    publish("lighthouse", "What Lighthouse thinks of the pages", version, lines, write=is_complete(parser))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
