"""Time grading beside stock ``nbgrader autograde``, and show how time and memory grow with the class.

    python benchmarks/grading.py                     # classes of up to 200; writes results/grading.*
    python benchmarks/grading.py --submissions 20    # a quick look; writes nothing

Everybody hands in the sigmoid assignment, solved. Stock nbgrader and this package's command grade the same
files, each as the command that an instructor types, in processes of their own, one after the other in every
round. Two sizes of class are timed; the difference between them, divided by the difference in students, is
what one more submission costs, without the start of the program. The engines and both ways to start a sandbox
are compared; then one of them grades larger and larger classes, and the largest amount of memory that a
process of it ever held is noted.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
from functions import RESULTS, environment

from activations.figures import subplots
from activations.grading.release import autograder_version

ROOT = Path(__file__).resolve().parents[1]
NAME = "sigmoid"
SMALL, LARGE = 4, 12
"""Sizes of the two classes whose difference tells what one more submission costs."""
FULL = 200
PICTURE = "grading.svg"
GOAL_SECONDS, GOAL_RATIO = 0.75, 0.4
PROCESSES = 2
WAYS = {
    "stock nbgrader, one process": None,
    "one process, fresh interpreters": ["--engine", "serial", "--fresh"],
    "one process, warm interpreter": ["--engine", "serial"],
    "joblib, 2 processes, fresh interpreters": ["--engine", "joblib", "--jobs", "2", "--fresh"],
    "joblib, 2 processes, warm interpreters": ["--engine", "joblib", "--jobs", "2"],
    "Dask, 2 processes, warm interpreters": ["--engine", "dask", "--jobs", "2"],
}
STOCK = next(iter(WAYS))
CHOSEN = "joblib, 2 processes, warm interpreters"
"""What the command does unless told otherwise, and so what the goals are about."""


def make_class(folder: Path, size: int) -> None:
    """Make a course's folder in which everybody has handed in the solved assignment."""
    source = ROOT / "assignments" / NAME / f"{NAME}.ipynb"
    solved = nbformat.read(source, as_version=4)
    copy = autograder_version(solved)
    for given, answer in zip(copy.cells, solved.cells, strict=True):
        if answer.metadata.get("nbgrader", {}).get("solution"):
            given.source = answer.source
    (folder / "source" / NAME).mkdir(parents=True)
    shutil.copy(source, folder / "source" / NAME)
    for number in range(size):
        copy.cells[-1].source = f"Answer {number}"
        place = folder / "submitted" / f"student-{number:04}" / NAME
        place.mkdir(parents=True)
        nbformat.write(copy, place / f"{NAME}.ipynb")


def timed(command: list[str], folder: Path) -> tuple[float, float]:
    """Run a command; return its seconds, and the megabytes of its largest process."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | {"PATH": path}, stdout=said, stderr=said
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"{' '.join(command)} failed:\n{said.read().decode()[-3000:]}")
    return seconds, usage.ru_maxrss / 1024


def grade(way: str, size: int) -> tuple[float, float]:
    """Grade a new class; return seconds and megabytes."""
    options = WAYS[way]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_class(folder, size)
        if options is None:
            nbgrader = [sys.executable, "-m", "nbgrader"]
            timed([*nbgrader, "generate_assignment", NAME], folder)
            return timed([*nbgrader, "autograde", NAME], folder)
        ours = [sys.executable, "-m", "activations.grading"]
        timed([*ours, "release", NAME], folder)
        found = timed([*ours, "grade", NAME, *options], folder)
        graded = list((folder / "results" / NAME).glob("*.json"))
        if len(graded) != size or any('"status": "graded"' not in path.read_text() for path in graded):
            raise SystemExit(f"{way}: not all of {size} submissions were graded")
        return found


def cost_of_one_more(rounds: int) -> dict[str, list[float]]:
    """Return, for each way and round, the seconds that one more submission costs."""
    costs: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way, found in costs.items():
            few, many = grade(way, SMALL)[0], grade(way, LARGE)[0]
            found.append((many - few) / (LARGE - SMALL))
    return costs


def growth(largest: int) -> list[tuple[int, float, float]]:
    """Return sizes of classes, with seconds and megabytes of grading them."""
    sizes = [size for size in (25, 50, 100, 200, 500, 1000) if size < largest] + [largest]
    return [(size, *grade(CHOSEN, size)) for size in sizes]


def report(costs: dict[str, list[float]], grown: list[tuple[int, float, float]]) -> str:
    """Return the results as a page."""
    lines = [
        "# Grading beside stock nbgrader",
        "",
        "Written by `benchmarks/grading.py`; do not edit by hand.",
        "",
    ]
    lines += [environment(["nbgrader", "joblib", "distributed", "ipython", "matplotlib"]), ""]
    lines += [
        "What one more submission of the sigmoid assignment costs: the median over the rounds, with the least"
    ]
    lines += ["and the greatest ratio in brackets. Seconds mean nothing on another machine, ratios do.", ""]
    lines += ["| way | seconds a submission | of stock nbgrader |", "|---|---:|---:|"]
    for way, found in costs.items():
        ratios = [ours / stock for ours, stock in zip(found, costs[STOCK], strict=True)]
        middle = statistics.median(ratios)
        spread = "" if way == STOCK else f" ({min(ratios):.2f}–{max(ratios):.2f})"
        lines.append(f"| {way} | {statistics.median(found):.2f} | {middle:.2f}{spread} |")
    chosen = costs[CHOSEN]
    ratio = statistics.median(ours / stock for ours, stock in zip(chosen, costs[STOCK], strict=True))
    seconds = statistics.median(chosen)
    met = "met" if seconds <= GOAL_SECONDS and ratio <= GOAL_RATIO else "NOT met"
    lines += [
        "",
        f"The goals were {GOAL_SECONDS} s a submission with {PROCESSES} processes, and {GOAL_RATIO} of stock",
    ]
    lines += [f"nbgrader: {met}, with {seconds:.2f} s and {ratio:.2f}.", ""]
    lines += [
        "## How it grows",
        "",
        f"{CHOSEN[0].upper()}{CHOSEN[1:]}, the start of the command included.",
        "",
    ]
    lines += ["| submissions | seconds | seconds a submission | memory of the largest process, MB |"]
    lines += ["|---:|---:|---:|---:|"]
    for size, seconds, memory in grown:
        lines.append(f"| {size:,} | {seconds:.1f} | {seconds / size:.2f} | {memory:.0f} |")
    lines += ["", f"![{alt_text(grown)}]({PICTURE})"]
    return "\n".join(lines) + "\n"


def alt_text(grown: list[tuple[int, float, float]]) -> str:
    """Return what the picture of the growth shows."""
    sizes, seconds, memory = zip(*grown, strict=True)
    return (
        f"Left: time over the size of the class, from {seconds[0]:.0f} s for {sizes[0]:,} submissions to "
        f"{seconds[-1]:.0f} s for {sizes[-1]:,}, beside a dotted straight line between the ends. "
        f"Right: memory of the largest process, {min(memory):.0f} to {max(memory):.0f} MB."
    )


def plot(grown: list[tuple[int, float, float]], path: Path) -> None:
    """Draw time and memory over the size of the class."""
    sizes, seconds, memory = zip(*grown, strict=True)
    fig, (left, right) = subplots(1, 2, height=2.8)
    left.plot(sizes, seconds, "o-")
    straight = [
        seconds[0] + (seconds[-1] - seconds[0]) * (s - sizes[0]) / (sizes[-1] - sizes[0]) for s in sizes
    ]
    left.plot(sizes, straight, ":", color="gray")
    left.set_ylabel("seconds")
    right.plot(sizes, memory, "o-")
    right.set_ylabel("megabytes, largest process")
    for axes in (left, right):
        axes.set_xlabel("submissions")
        axes.set_ylim(bottom=0)
    fig.savefig(path, metadata={"Date": None})


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=FULL, help="size of the largest class")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    grown: Any = growth(options.submissions)
    text = report(cost_of_one_more(options.rounds if options.submissions >= FULL else 1), grown)
    print(text)
    if options.submissions >= FULL:
        (RESULTS / "grading.md").write_text(text, encoding="utf-8")
        plot(grown, RESULTS / PICTURE)


if __name__ == "__main__":
    main()
