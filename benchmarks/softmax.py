"""Time softmax, log_softmax and logsumexp against SciPy, PyTorch and JAX, for few classes and for many.

    .venv-frameworks/bin/python benchmarks/softmax.py    # with PyTorch and JAX; writes results/softmax.md
    python benchmarks/softmax.py                # with what this interpreter has; half a minute
    python benchmarks/softmax.py --rounds 3     # a quick look; writes nothing

Each library is measured in a process of its own, on one thread, on the same float64 and float32 logits. The
table gives nanoseconds for each logit, for the comparison within one run only: the median over the rounds and
the range. A run without a library whose figures are stored leaves the stored file as it is.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from functions import DTYPES, FULL, RESULTS, Goal, environment, may_store, shortest, verdicts

LIBRARIES = ("activations", "scipy", "torch", "jax")
FUNCTIONS = ("softmax", "log_softmax", "logsumexp")
SHAPES = ((1, 10), (10_000, 3), (10_000, 10), (5_000, 32), (3_000, 64), (1_000, 1_000), (1, 1_000_000))


def of_scipy(shape: tuple[int, int]) -> Callable[[Any], dict[str, float]]:
    """Return what gives this package's time for softmax as a multiple of SciPy's."""

    def cells(found: Any) -> dict[str, float]:
        if "scipy" not in found:
            return {}
        keys = {dtype: f"softmax|{dtype}|{shape}" for dtype in DTYPES}
        return {
            dtype: statistics.median(found["activations"][key]) / statistics.median(found["scipy"][key])
            for dtype, key in keys.items()
        }

    return cells


GOALS = (
    Goal(
        "softmax of 10 000 × 10, in SciPy's", 0.25, of_scipy((10_000, 10)),
        "The classes are transposed to the front, added exactly, and transposed back: the two copies and the "
        "exact sum cost more than the exponentials. SciPy's time is mostly that of fresh memory, which "
        "differs from machine to machine.",
    ),
    Goal(
        "softmax of 1 000 × 1 000, in SciPy's", 1, of_scipy((1_000, 1_000)),
        "A look at the range of the logits stands before the exponentials, so that none loses digits to a "
        "shift; in float64 the sum is exact, which takes five walks instead of one and saves up to 2 ULP.",
    ),
)  # fmt: skip


def load(library: str) -> dict[str, Callable[[Any], object]]:
    """Return the three functions of a library, along the last axis."""
    if library == "activations":
        import activations

        return {name: getattr(activations, name) for name in FUNCTIONS}
    if library == "scipy":
        from scipy import special

        return {name: partial(getattr(special, name), axis=-1) for name in FUNCTIONS}
    if library == "torch":
        import torch

        torch.set_num_threads(1)
        torch.set_grad_enabled(False)
        return {name: lambda z, f=name: getattr(torch, f)(torch.from_numpy(z), dim=-1) for name in FUNCTIONS}
    import jax

    jax.config.update("jax_enable_x64", True)
    found: dict[str, Callable[[Any], object]] = {}
    for name in FUNCTIONS:
        compiled = jax.jit(getattr(jax.nn, name))
        found[name] = lambda z, f=compiled: f(z).block_until_ready()
    return found


def measure(library: str, rounds: int) -> dict[str, list[float]]:
    """Time every function on every shape, in nanoseconds for each logit."""
    functions = load(library)
    found = {}
    for dtype in DTYPES:
        for shape in SHAPES:
            z = np.random.default_rng(0).normal(scale=3, size=shape).astype(dtype)
            for name, function in functions.items():
                function(z)
                times = [shortest(lambda z=z, f=function: f(z), z.size) for _ in range(rounds)]
                found[f"{name}|{dtype}|{shape}"] = [float(f"{1e9 * t / z.size:.4g}") for t in times]
    return found


def in_own_process(library: str, rounds: int) -> dict[str, list[float]]:
    """Measure one library in a fresh interpreter."""
    command = [sys.executable, __file__, "--measure", library, "--rounds", str(rounds)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def cell(times: list[float], reference: list[float]) -> str:
    """Return the median time, its range, and how many times as long as this package it is."""
    ratio = statistics.median(times) / statistics.median(reference)
    return f"{statistics.median(times):.3g} ({min(times):.3g}–{max(times):.3g}) = {ratio:.2f}×"


def report(found: dict[str, dict[str, list[float]]]) -> str:
    """Return the tables in Markdown."""
    lines = [
        "# Speed of softmax and its relatives",
        "",
        "Written by `benchmarks/softmax.py`; do not edit by hand.",
        "",
    ]
    lines += [environment(list(found)), ""]
    lines += [
        "Nanoseconds for each logit, median (least–greatest), and as a multiple of this package's time.",
        "",
        "## Goals",
        "",
        *verdicts(GOALS, found)[:-1],
    ]
    for name in FUNCTIONS:
        lines += ["", f"## {name}", ""]
        lines += ["| dtype | shape | " + " | ".join(found) + " |", "|---|---|" + "---:|" * len(found)]
        for dtype in DTYPES:
            for shape in SHAPES:
                key = f"{name}|{dtype}|{shape}"
                cells = [cell(times[key], found["activations"][key]) for times in found.values()]
                rows, classes = (f"{n:,}".replace(",", " ") for n in shape)
                lines.append(f"| {dtype} | {rows} × {classes} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=FULL)
    parser.add_argument("--measure", choices=LIBRARIES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        json.dump(measure(options.measure, options.rounds), sys.stdout)
        return
    found = {
        name: in_own_process(name, options.rounds) for name in LIBRARIES if importlib.util.find_spec(name)
    }
    text = report(found)
    print(text)
    if options.rounds >= FULL and may_store(RESULTS / "softmax.md", list(found), LIBRARIES):
        (RESULTS / "softmax.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
