"""Time every elementwise function, as a multiple of ``np.exp(x, out=...)`` and of a memory copy.

    .venv-frameworks/bin/python benchmarks/functions.py    # with PyTorch and JAX; writes results/functions.*
    python benchmarks/functions.py               # with what this interpreter has; about three minutes
    python benchmarks/functions.py --rounds 3    # a quick look; writes nothing

This package, and each library that the interpreter has, is measured in a process of its own: PyTorch's
allocator, once imported, hides the cost of fresh memory from NumPy. In every round the function, exp and a
copy are timed one right after the other, so that a slow moment of the machine hits all of them. The table
gives the median of the ratios over the rounds, and their range. All functions write into an array that is
there already. A run without a library whose figures are stored leaves the stored files as they are.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import importlib.util
import json
import platform
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

RESULTS = Path(__file__).parent / "results"
LIBRARIES = ("activations", "scipy", "torch", "jax", "numexpr", "numba")
SMALL, MIDDLE, LARGE = (100, 1_000), (10_000,), (100_000, 1_000_000, 10_000_000)
SIZES = SMALL + MIDDLE + LARGE
COMPARED = (1_000, 100_000, 1_000_000)
DTYPES = ("float64", "float32")
SHARED = ("sigmoid", "log_sigmoid", "tanh", "softplus", "silu", "mish", "gelu", "gelu, tanh form", "relu")
FULL = 9
"""Rounds of a run whose results are stored."""
SHOWN = 6
"""How many cases of a missed goal are named."""

# What a student writes: the textbook formula on one line, right or not.
NAIVE: dict[str, Callable[[Any], Any]] = {
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "sigmoid′": lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2,
    "tanh": lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
    "relu": lambda x: np.where(x > 0, x, 0),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x),
    "elu": lambda x: np.where(x > 0, x, np.exp(x) - 1),
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "mish": lambda x: x * np.tanh(np.log(1 + np.exp(x))),
    "gelu, tanh form": lambda x: 0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x**3))),
}

Timed = Callable[[Any, Any], object]


def ours() -> dict[str, Timed]:
    """Return the functions of this package."""
    import activations
    from activations import ACTIVATIONS

    functions: dict[str, Timed] = {}
    for name, act in ACTIVATIONS.items():
        functions[name] = lambda x, out, f=act.function: f(x, out=out)
        functions[f"{name}′"] = lambda x, out, f=act.derivative: f(x, out=out)
    functions["gelu, tanh form"] = lambda x, out: activations.gelu(x, approximate=True, out=out)
    functions["gelu′, tanh form"] = lambda x, out: activations.gelu_derivative(x, approximate=True, out=out)
    return functions


def scipy_functions() -> dict[str, Timed]:
    """Return SciPy's, by this package's names."""
    from scipy import special

    ufuncs = {"sigmoid": special.expit, "log_sigmoid": special.log_expit}
    if hasattr(special, "softplus"):
        ufuncs["softplus"] = special.softplus
    functions: dict[str, Timed] = {
        name: lambda x, out, f=ufunc: f(x, out=out) for name, ufunc in ufuncs.items()
    }
    functions["tanh"] = lambda x, out: np.tanh(x, out=out)
    functions["gelu"] = lambda x, out: np.multiply(x, special.ndtr(x), out=out)
    return functions


def torch_functions() -> dict[str, Timed]:
    """Return PyTorch's, on one thread."""
    import torch
    from torch.nn import functional

    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    plain = {
        "log_sigmoid": functional.logsigmoid,
        "softplus": functional.softplus,
        "silu": functional.silu,
        "mish": functional.mish,
        "gelu": functional.gelu,
        "gelu, tanh form": lambda x: functional.gelu(x, approximate="tanh"),
    }
    with_out = {"sigmoid": torch.sigmoid, "tanh": torch.tanh}
    as_tensor = torch.from_numpy
    functions: dict[str, Timed] = {
        name: (lambda x, out, f=f: f(as_tensor(x), out=as_tensor(out))) for name, f in with_out.items()
    }
    functions |= {name: (lambda x, out, f=f: f(as_tensor(x))) for name, f in plain.items()}  # noqa: ARG005
    functions["relu"] = lambda x, out: torch.clamp(as_tensor(x), min=0, out=as_tensor(out))
    return functions


def jax_functions() -> dict[str, Timed]:
    """Return JAX's, compiled, with the input on the device."""
    import jax

    jax.config.update("jax_enable_x64", True)
    plain = {
        "sigmoid": jax.nn.sigmoid,
        "log_sigmoid": jax.nn.log_sigmoid,
        "tanh": jax.numpy.tanh,
        "softplus": jax.nn.softplus,
        "silu": jax.nn.silu,
        "mish": jax.nn.mish,
        "gelu": lambda x: jax.nn.gelu(x, approximate=False),
        "gelu, tanh form": lambda x: jax.nn.gelu(x, approximate=True),
        "relu": jax.nn.relu,
    }
    on_device: dict[tuple[int, str], Any] = {}

    def timed(f: Callable[[Any], Any]) -> Timed:
        compiled = jax.jit(f)

        def run(x: Any, out: Any) -> object:  # noqa: ARG001 -- JAX cannot write into an array
            key = (x.size, str(x.dtype))
            if key not in on_device:
                on_device[key] = jax.device_put(x)
            return compiled(on_device[key]).block_until_ready()

        return run

    return {name: timed(f) for name, f in plain.items()}


def numexpr_functions() -> dict[str, Timed]:
    """Return the formulas that a user of numexpr writes, on one thread."""
    import numexpr

    numexpr.set_num_threads(1)
    texts = {
        "sigmoid": "1 / (1 + exp(-x))",
        "log_sigmoid": "-log1p(exp(-x))",
        "tanh": "tanh(x)",
        "softplus": "log1p(exp(x))",
        "silu": "x / (1 + exp(-x))",
        "relu": "where(x > 0, x, 0)",
    }

    def timed(text: str) -> Timed:
        return lambda x, out: numexpr.evaluate(text, {"x": x}, out=out, casting="same_kind")

    return {name: timed(text) for name, text in texts.items()}


def numba_functions() -> dict[str, Timed]:
    """Return the formulas that a user of numba writes, as compiled loops."""
    import math

    import numba

    def one_pass(f: Callable[[float], float]) -> Timed:
        scalar = numba.njit(f, fastmath=False)

        @numba.njit
        def loop(x, out):  # type: ignore[no-untyped-def]
            for i in range(x.size):
                out[i] = scalar(x[i])

        return loop

    return {
        "sigmoid": one_pass(lambda x: 1 / (1 + math.exp(-x))),
        "log_sigmoid": one_pass(lambda x: min(x, 0.0) - math.log1p(math.exp(-abs(x)))),
        "tanh": one_pass(lambda x: math.tanh(x)),
        "softplus": one_pass(lambda x: max(x, 0.0) + math.log1p(math.exp(-abs(x)))),
        "silu": one_pass(lambda x: x / (1 + math.exp(-x))),
        "gelu": one_pass(lambda x: x * 0.5 * math.erfc(-x * 0.7071067811865476)),
        "relu": one_pass(lambda x: max(x, 0.0)),
    }


LOADERS: dict[str, Callable[[], dict[str, Timed]]] = {
    "activations": ours,
    "scipy": scipy_functions,
    "torch": torch_functions,
    "jax": jax_functions,
    "numexpr": numexpr_functions,
    "numba": numba_functions,
}


def shortest(run: Callable[[], object], size: int) -> float:
    """Return the seconds that one call takes: the best of three runs, of many calls on a small array."""
    calls = max(1, 20_000 // size)
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        for _ in range(calls):
            run()
        best = min(best, time.perf_counter() - start)
    return best / calls


def measure(library: str, rounds: int) -> dict[str, Any]:
    """Time every function of one library; called in a process of its own."""
    functions = LOADERS[library]()
    found: dict[str, Any] = {}
    for dtype in DTYPES:
        for size in SIZES:
            x = np.random.default_rng(0).normal(scale=3, size=size).astype(dtype)
            out, copy = np.zeros_like(x), np.zeros_like(x)
            references = {
                "exp": lambda x=x, o=out: np.exp(x, out=o),
                "copy": lambda x=x, c=copy: np.copyto(c, x),
            }
            for name, function in functions.items():
                run = lambda f=function, x=x, o=out: f(x, o)  # noqa: E731
                run()
                times: dict[str, list[float]] = {key: [] for key in (*references, "function", "naive")}
                for _ in range(rounds):
                    times["function"].append(shortest(run, size))
                    for key, reference in references.items():
                        times[key].append(shortest(reference, size))
                    if library == "activations" and size in SMALL and name in NAIVE:
                        # The one-liner returns a new array; so do we, for this comparison.
                        act = plain_call(name)
                        times["naive"].append(shortest(lambda x=x, a=act: a(x), size) / shortest(
                            lambda x=x, n=NAIVE[name]: n(x), size
                        ))  # fmt: skip
                found[f"{name}|{dtype}|{size}"] = {
                    k: [float(f"{t:.4g}") for t in v] for k, v in times.items() if v
                }
    return found


def plain_call(name: str) -> Callable[[Any], Any]:
    """Return the function of this package that allocates its result."""
    import activations

    if name == "gelu, tanh form":
        return lambda x: activations.gelu(x, approximate=True)
    return getattr(activations, name.replace("′", "_derivative"))


def in_own_process(library: str, rounds: int) -> dict[str, Any]:
    """Measure one library in a fresh interpreter."""
    command = [sys.executable, __file__, "--measure", library, "--rounds", str(rounds)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def versions(libraries: list[str]) -> str:
    """Return the versions of NumPy and the libraries."""
    names = ["numpy", *(n for n in libraries if n != "activations")]
    return ", ".join(f"{n} {importlib.metadata.version(n)}" for n in names)


def processor() -> str:
    """Return the name of the processor, as far as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def environment(libraries: list[str]) -> str:
    """Return one line that says where and when the figures were measured."""
    return (
        f"{versions(libraries)}; Python {platform.python_version()}, {platform.system()}, {processor()}; "
        f"{datetime.date.today().isoformat()}."
    )


def spread(ratios: list[float]) -> str:
    """Return the median of some ratios and, small, their range."""
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"


def ratios(entry: dict[str, list[float]], reference: str) -> list[float]:
    """Return the ratio to a reference in every round."""
    return [a / b for a, b in zip(entry["function"], entry[reference], strict=True)]


@dataclass(frozen=True)
class Goal:
    """A ratio that the project has set itself, and why it is missed where it is.

    Attributes
    ----------
    what : str
    limit : float
    cells : callable
        Takes all figures and returns the median ratio for each case, by the name of the case.
    reason : str
        Stands in the report only where the goal is missed.
    """

    what: str
    limit: float
    cells: Callable[[Any], dict[str, float]]
    reason: str


def verdicts(goals: Sequence[Goal], found: Any) -> list[str]:
    """Return a table of the goals: what was measured, met or missed, and the reasons."""
    lines = ["| goal | at most | median, least–greatest case | verdict |", "|---|---:|---:|---|"]
    missed = []
    for goal in goals:
        cells = goal.cells(found)
        if not cells:
            lines.append(f"| {goal.what} | {goal.limit:g} | – | not measured |")
            continue
        beyond = {case: ratio for case, ratio in cells.items() if ratio > goal.limit}
        verdict = f"missed in {len(beyond)} of {len(cells)} cases" if beyond else "met"
        spread_of_cases = f"{min(cells.values()):.2f}–{max(cells.values()):.2f}"
        lines.append(f"| {goal.what} | {goal.limit:g} | {spread_of_cases} | {verdict} |")
        if beyond:
            worst = sorted(beyond, key=lambda case: -beyond[case])[:SHOWN]
            cases = "; ".join(f"{case}: {beyond[case]:.2f}" for case in worst)
            missed.append(f"- **{goal.what}** ({'the worst ' * (len(beyond) > SHOWN)}{cases}). {goal.reason}")
    return [*lines, "", *(["Where a goal is missed, and why:", "", *missed] if missed else []), ""]


def of_exp(name: str) -> Callable[[Any], dict[str, float]]:
    """Return what gives the multiples of exp of a function on large arrays."""

    def cells(found: Any) -> dict[str, float]:
        mine = found["activations"]
        return {
            f"{dtype}, N = {size:,}": statistics.median(ratios(mine[f"{name}|{dtype}|{size}"], "exp"))
            for dtype in DTYPES
            for size in LARGE
        }

    return cells


def relu_of_copy(found: Any) -> dict[str, float]:
    """Return the multiples of a copy that ReLU takes on large arrays."""
    mine = found["activations"]
    return {
        f"{dtype}, N = {size:,}": statistics.median(ratios(mine[f"relu|{dtype}|{size}"], "copy"))
        for dtype in DTYPES
        for size in LARGE
    }


def of_one_line(found: Any) -> dict[str, float]:
    """Return the multiples of the one-liners on small arrays."""
    return {
        f"{name}, {dtype}, N = {size:,}": statistics.median(
            found["activations"][f"{name}|{dtype}|{size}"]["naive"]
        )
        for name in NAIVE
        for dtype in DTYPES
        for size in SMALL
    }


def of_expit(found: Any) -> dict[str, float]:
    """Return the sigmoid's time as a multiple of SciPy's; both are measured in multiples of exp."""
    if "scipy" not in found:
        return {}
    return {
        f"{dtype}, N = {size:,}": statistics.median(ratios(found["activations"][key], "exp"))
        / statistics.median(ratios(found["scipy"][key], "exp"))
        for dtype in DTYPES
        for size in SIZES
        for key in [f"sigmoid|{dtype}|{size}"]
    }


PASSES = "Every operation of NumPy is a walk of its own over the block, and its exp is vectorized: "
GOALS = (
    Goal(
        "sigmoid, in exp", 3, of_exp("sigmoid"),
        PASSES + "`top - top * (e / (1 + e))` takes eight walks beside it. `top / (1 + e)` takes two less, "
        "and errs by up to 2.5 ULP instead of 1.7: the more accurate formula is kept.",
    ),
    Goal(
        "sigmoid′, in exp", 3, of_exp("sigmoid′"),
        PASSES + "this formula takes six walks beside it, two of them for `-abs(x)`, without which it would "
        "overflow on the left.",
    ),
    Goal(
        "softplus, in exp", 4, of_exp("softplus"),
        PASSES + "`log1p`, which keeps the left tail, alone costs as much as two of it or more.",
    ),
    Goal(
        "silu, in exp", 4, of_exp("silu"),
        PASSES + "the walks are three, and one more looks for entries so far left that exp would overflow.",
    ),
    Goal(
        "mish, in exp", 6, of_exp("mish"),
        PASSES + "there are eight walks, two of them divisions, and no second transcendental function.",
    ),
    Goal(
        "gelu, tanh form, in exp", 6, of_exp("gelu, tanh form"),
        PASSES + "the polynomial in the exponent, and the two halves that keep the left tail, take eleven.",
    ),
    Goal(
        "gelu, in exp", 18, of_exp("gelu"),
        PASSES + "NumPy has no error function, and a polynomial that keeps its digits in the tail takes "
        "dozens of walks. SciPy's `ndtr` is quicker on some machines and loses the tail.",
    ),
    Goal(
        "relu, in copies", 1.3, relu_of_copy,
        "Where both arrays fit a cache, a copy moves them without the arithmetic units: `identity`, which "
        "only copies through NumPy's loops, misses the goal there, too.",
    ),
    Goal(
        "functions of up to 1,000 numbers, in one-liners", 1.3, of_one_line,
        "A call checks its arguments and looks for numbers that need care, which takes as long as one to "
        "three operations on so few of them; and most of the one-liners save operations by overflowing or "
        "by losing digits.",
    ),
    Goal(
        "sigmoid, in `scipy.special.expit`", 1, of_expit,
        "`expit` is one loop in compiled code without a check of its arguments, which tells on few numbers.",
    ),
)  # fmt: skip


def stored_libraries(path: Path, names: Sequence[str]) -> list[str]:
    """Return those of the libraries whose versions a stored report names."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [name for name in names if re.search(rf"\b{name} \d", text)]


def may_store(path: Path, libraries: Sequence[str], known: Sequence[str]) -> bool:
    """Whether a report on some libraries may take the place of the stored one; says so if it may not."""
    lost = [name for name in stored_libraries(path, known) if name not in libraries]
    if lost:
        print(
            f"{path.name} is left as it is: it holds figures of {', '.join(lost)}, which this interpreter "
            "lacks. Run the script with an interpreter that has all of them, or delete the file first.",
            file=sys.stderr,
        )
    return not lost


def report(found: dict[str, dict[str, Any]]) -> str:
    """Return the tables in Markdown."""
    mine = found["activations"]
    names = list(dict.fromkeys(key.split("|")[0] for key in mine))
    lines = [
        "# Speed of the elementwise functions",
        "",
        "Written by `benchmarks/functions.py`; do not edit by hand.",
        "",
    ]
    lines += [environment(list(found)), ""]
    lines += [
        "Median over the rounds, with the least and the greatest in brackets. Ratios only: seconds mean",
        "nothing on another machine.",
        "",
        "## Goals",
        "",
        *verdicts(GOALS, found)[:-1],
    ]
    for dtype in DTYPES:
        lines += ["", f"## {dtype}: multiples of `np.exp(x, out=...)` on the same array", ""]
        lines += ["| function | " + " | ".join(f"N = {size:,}" for size in SIZES) + " |"]
        lines += ["|---|" + "---:|" * len(SIZES)]
        for name in names:
            cells = [spread(ratios(mine[f"{name}|{dtype}|{size}"], "exp")) for size in SIZES]
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines += ["", "## Multiples of a memory copy (`np.copyto`)", ""]
    lines += ["| function | " + " | ".join(f"{d}, N = {s:,}" for d in DTYPES for s in LARGE) + " |"]
    lines += ["|---|" + "---:|" * (2 * len(LARGE))]
    for name in names:
        cells = [spread(ratios(mine[f"{name}|{d}|{s}"], "copy")) for d in DTYPES for s in LARGE]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines += ["", "## Small arrays: multiples of the textbook's formula on one line", ""]
    lines += ["| function | " + " | ".join(f"{d}, N = {s:,}" for d in DTYPES for s in SMALL) + " |"]
    lines += ["|---|" + "---:|" * 4]
    for name in NAIVE:
        cells = [spread(mine[f"{name}|{d}|{s}"]["naive"]) for d in DTYPES for s in SMALL]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    if len(found) > 1:
        lines += ["", "## Other libraries on one thread, in the same unit: multiples of NumPy's exp", ""]
        lines += [
            "| function | dtype | N | " + " | ".join(found) + " |",
            "|---|---|---:|" + "---:|" * len(found),
        ]
        for name in SHARED:
            for dtype in DTYPES:
                for size in COMPARED:
                    key = f"{name}|{dtype}|{size}"
                    cells = [spread(ratios(f[key], "exp")) if key in f else "–" for f in found.values()]
                    lines.append(f"| {name} | {dtype} | {size:,} | " + " | ".join(cells) + " |")
        lines += [
            "",
            "SciPy's gelu is `x * ndtr(x)`, and its tanh is NumPy's. PyTorch and JAX return a new array",
            "where they know no `out`; numexpr and numba run the formula that their users write. Their",
            "accuracy is another matter: see accuracy-libraries.md.",
        ]
    return "\n".join(lines) + "\n"


def plot(found: dict[str, dict[str, Any]], target: Path) -> None:
    """Draw the multiples of exp at a million numbers: median as a dot, range as a line."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "functions"})
    from matplotlib.figure import Figure

    mine = found["activations"]
    names = list(dict.fromkeys(key.split("|")[0] for key in mine))
    names.sort(key=lambda n: statistics.median(ratios(mine[f"{n}|float64|1000000"], "exp")))
    figure = Figure(figsize=(7, 8), layout="constrained")
    axes = figure.subplots()
    for offset, dtype, marker in ((0.15, "float64", "o"), (-0.15, "float32", "s")):
        values = [ratios(mine[f"{n}|{dtype}|1000000"], "exp") for n in names]
        height = np.arange(len(names)) + offset
        axes.hlines(height, [min(v) for v in values], [max(v) for v in values], color="0.6")
        axes.plot([statistics.median(v) for v in values], height, marker, ms=4, label=dtype)
    axes.set_yticks(np.arange(len(names)), names)
    axes.set_xscale("log")
    axes.set_xticks([1, 2, 3, 4, 6, 10, 20, 40], ["1", "2", "3", "4", "6", "10", "20", "40"])
    axes.set_xlabel("time, as a multiple of np.exp on the same million numbers")
    axes.legend(loc="lower right")
    figure.savefig(target, metadata={"Date": None})


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=FULL)
    parser.add_argument("--measure", choices=LIBRARIES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        json.dump(measure(options.measure, options.rounds), sys.stdout)
        return
    libraries = [name for name in LIBRARIES if importlib.util.find_spec(name)]
    found = {library: in_own_process(library, options.rounds) for library in libraries}
    text = report(found)
    print(text)
    target = RESULTS / "functions.md"
    if options.rounds >= FULL and may_store(target, libraries, LIBRARIES):
        target.write_text(text, encoding="utf-8")
        plot(found, RESULTS / "functions.svg")


if __name__ == "__main__":
    main()
