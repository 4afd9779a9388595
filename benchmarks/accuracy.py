"""Measure the error of every function, in units in the last place: here, in SciPy, PyTorch, JAX and Keras.

    .venv-frameworks/bin/python benchmarks/accuracy.py

The elementwise functions are compared with the exact values of tests/functions/reference (mpmath, 400 bits)
at about a thousand points over the whole range; in float32 at many more, and in float16 at every finite
number, with the float64 functions of this package; softmax and its relatives with mpmath at vectors drawn
here. Derivatives are those of the library's own automatic differentiation. Writes
results/accuracy-libraries.json and .md.

A library that is not installed keeps the figures, version and date that are stored for it.
"""

from __future__ import annotations

import datetime
import importlib.util
import json
import platform
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
from mpmath import mpf

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / folder) for folder in ("functions", "parity", "frameworks")]

import oracle  # noqa: E402
import parity  # noqa: E402

from activations.experiments.frameworks import LIBRARIES  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "accuracy-libraries"
REFERENCE = ROOT / "tests" / "functions" / "reference" / "elementwise.npz"

TEXT = """\
The largest error in units in the last place (ULP), over the results that are normal numbers. "All digits":
the answer is 0, or off by about its own size or more. "nan at": the answer is no number there, though the
exact one is. A dash: the library has no such function. Keras runs on TensorFlow. Derivatives nearer than 0.6
to their root are left out, as two terms cancel there in every library.
"""
LABELS = {"activations": "this package", "scipy": "SciPy", "torch": "PyTorch", "jax": "JAX", "keras": "Keras"}
VERSIONED = {"activations": "numpy", "scipy": "scipy", "torch": "torch", "jax": "jax", "keras": "tensorflow"}
SCIPY = {
    "sigmoid": "special.expit(x)",
    "log_sigmoid": "special.log_expit(x)",
    "tanh": "np.tanh(x)",
    "softplus": "special.softplus(x)",
    "gelu": "x * special.ndtr(x)",
    "softmax": "special.softmax(z, axis=-1)",
    "log_softmax": "special.log_softmax(z, axis=-1)",
    "logsumexp": "special.logsumexp(z, axis=-1)",
}
"""What SciPy has; NumPy's tanh and the obvious line for GELU stand in, as SciPy's users write them."""

# Straight pieces have no entry in the oracle.
PIECES = {
    "leaky_relu": ("leaky_relu(x, 0.01)", lambda x: x if x > 0 else mpf(0.01) * x),
    "hard_sigmoid": ("hard_sigmoid(x)", lambda x: min(max(x / 6 + mpf("0.5"), mpf(0)), mpf(1))),
}
NEAR_ROOT = 0.6
"""Nearer to the root of a derivative two terms cancel everywhere, and no bound in these units exists."""
CORE = 6.0
POINTS32 = 40_000
HALF = ("sigmoid", "log_sigmoid", "tanh", "softplus", "gelu", "silu", "mish")
ALL_DIGITS = {"float64": 2.0**52, "float32": 2.0**23, "float16": 2.0**10}
"""An answer that is as far off as it is large."""


def code_of(name: str) -> str:
    """Return this package's spelling for a name of the reference file: "gelu:True" means the tanh form."""
    base, _, parameter = name.partition(":")
    base = base.removesuffix("_derivative")
    return f"{base}(x, approximate=True)" if parameter else f"{base}(x)"


def installed() -> list[str]:
    """Return the libraries that can be measured here."""
    frameworks = all(
        importlib.util.find_spec(name) for name in ("keras", "tensorflow", "torch", "jax", "optax")
    )
    return ["activations", "scipy", *(["torch", "jax", "keras"] if frameworks else [])]


def evaluate(library: str, code: str, variables: dict[str, Any], *, derivative: bool) -> np.ndarray | None:
    """Return a library's answer, or None where it has no such function."""
    row = parity.ROWS[code]
    if library == "activations":
        spelling = code.replace("(", "_derivative(", 1) if derivative else code
        return np.asarray(LIBRARIES["activations"].evaluate(spelling, **variables))
    if library == "scipy":
        if derivative or row.name not in SCIPY or "approximate" in code:
            return None
        return np.asarray(LIBRARIES["numpy"].evaluate(SCIPY[row.name], **variables))
    import libraries

    if derivative:
        return libraries.gradient(library, row.code[library], variables)
    return libraries.value(library, row.code[library], variables)


def summary(name: str, x: np.ndarray, y: np.ndarray, value: np.ndarray, error: np.ndarray) -> dict[str, Any]:
    """Return the largest error over the normal results, over those near zero, and what is lost."""
    info = np.finfo(y.dtype)
    normal = (np.abs(value) >= info.tiny) & (np.abs(value) <= info.max)
    normal &= ~(np.abs(x - oracle.ROOTS.get(name, np.inf)) < NEAR_ROOT)
    broken = normal & ~np.isfinite(y)
    error = np.where(normal & ~broken, error, 0)
    worst, core = int(np.argmax(error)), np.abs(x) <= CORE
    subnormal = (value != 0) & (np.abs(value) < info.tiny)
    return {
        "max_ulp": round(float(error[worst]), 2),
        "at": float(x[worst]),
        "max_ulp_core": round(float(error[core].max()), 2),
        "not_finite_at": float(x[broken][0]) if broken.any() else None,
        "keeps_subnormals": bool((y[subnormal] != 0).any()) if subnormal.any() else None,
        "points": int(normal.sum()),
    }


def elementwise(library: str) -> Iterator[dict[str, Any]]:
    """Measure every elementwise function and derivative of a library, in float64 and float32."""
    with np.load(REFERENCE) as file:
        stored = dict(file)
    x32 = oracle.points(np.random.default_rng(32), POINTS32, np.float32)
    for name in oracle.EXACT:
        if name.endswith(":2.5"):
            continue
        derivative = "_derivative" in name
        x = np.concatenate([stored["common"], stored[f"{name}/hard"]])
        y = evaluate(library, code_of(name), {"x": x}, derivative=derivative)
        if y is None:
            continue
        value, rest = stored[f"{name}/value"], stored[f"{name}/rest"] / 100
        record = {"function": name, "library": library}
        yield record | {"dtype": "float64"} | summary(name, x, y, value, oracle.ulp_error(y, value, rest))

        exact = np.asarray(oracle.call(name, x32.astype(np.float64)))
        value = exact.astype(np.float32)
        y = evaluate(library, code_of(name), {"x": x32}, derivative=derivative)
        assert y is not None
        if y.dtype != np.float32:
            raise TypeError(f"{library} answers {name} of float32 in {y.dtype}")
        spacing = np.spacing(np.abs(value)).astype(np.float64)
        error = np.abs(y.astype(np.float64) - exact) / spacing
        yield record | {"dtype": "float32"} | summary(name, x32, y, value, error)
    for name, (code, function) in PIECES.items():
        x = stored["common"]
        y = evaluate(library, code, {"x": x}, derivative=False)
        if y is not None:
            value, rest = zip(*[oracle.rounded(function(mpf(float(v)))) for v in x], strict=True)
            error = oracle.ulp_error(y, np.array(value), np.array(rest))
            record = {"function": name, "library": library, "dtype": "float64"}
            yield record | summary(name, x, y, np.array(value), error)


def half(library: str) -> Iterator[dict[str, Any]]:
    """Measure a library in float16, at every finite number, and note in which dtype it answers."""
    x = np.arange(2**16, dtype=np.uint16).view(np.float16)
    x = np.sort(x[np.isfinite(x)])
    for name in HALF:
        y = evaluate(library, code_of(name), {"x": x}, derivative=False)
        if y is None:
            continue
        exact = np.asarray(oracle.call(name, x.astype(np.float64)))
        value = exact.astype(np.float16)
        error = np.abs(y.astype(np.float64) - exact) / np.spacing(np.abs(value)).astype(np.float64)
        record = {"function": name, "library": library, "dtype": "float16", "answers_in": str(y.dtype)}
        yield record | summary(name, x, y.astype(np.float16), value, error)


def exact_family(z: np.ndarray) -> dict[str, list[mpf]]:
    """Return softmax, log_softmax and logsumexp of one vector, exactly."""
    logits = [mpf(float(v)) for v in z]
    total = mpmath.log(mpmath.fsum(mpmath.exp(v) for v in logits))
    return {
        "softmax": [mpmath.exp(v - total) for v in logits],
        "log_softmax": [v - total for v in logits],
        "logsumexp": [total],
    }


VECTORS: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "standard normal": lambda rng: rng.normal(size=10),
    "normal, std 20": lambda rng: rng.normal(0, 20, size=10),
    "normal plus 10 000": lambda rng: rng.normal(0, 3, size=10) + 1e4,
    "uniform from -300 to 300": lambda rng: rng.uniform(-300, 300, size=10),
    "one entry leads by 50": lambda rng: np.append(rng.normal(size=9), 50 + rng.normal()),
    "the same, the leader at 0": lambda rng: np.append(rng.normal(-50, size=9), 0.0),
    "standard normal, 1000 classes": lambda rng: rng.normal(size=1000),
}
"""Vectors by their kind, of ten logits but for the last. With the leader at 0, a logsumexp is tiny."""
LOGITS = 1000
"""So many of each kind; ten vectors are the least."""


def families(library: str) -> Iterator[dict[str, Any]]:
    """Measure softmax, log_softmax and logsumexp of a library over several kinds of vectors, in float64."""
    for kind, draw in VECTORS.items():
        rng = np.random.default_rng(1)
        first = draw(rng)
        Z = np.array([first, *(draw(rng) for _ in range(max(LOGITS // first.size, 10) - 1))])
        exact = [exact_family(z) for z in Z]
        for name in ("softmax", "log_softmax", "logsumexp"):
            y = evaluate(library, f"{name}(z)", {"z": Z}, derivative=False)
            assert y is not None
            pairs = [oracle.rounded(v) for family in exact for v in family[name]]
            value, rest = (np.array(column) for column in zip(*pairs, strict=True))
            error = oracle.ulp_error(y.ravel(), value, rest)
            error = np.where(np.abs(value) >= np.finfo(float).tiny, error, 0)
            yield {
                "function": name,
                "library": library,
                "dtype": "float64",
                "vectors": kind,
                "max_ulp": round(float(error.max()), 2),
                "points": len(value),
            }


def measure(library: str) -> list[dict[str, Any]]:
    """Return all records of one library."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return [*elementwise(library), *half(library), *families(library)]


def ulp(error: float, dtype: str) -> str:
    """Write an error for people: two digits, and a word for a total loss."""
    if error >= ALL_DIGITS[dtype] / 2:
        return "all digits"
    if error >= 1e4:
        mantissa, exponent = f"{error:.0e}".split("e")
        return f"{mantissa}·10{str(int(exponent)).translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}"
    return f"{error:.1f}" if error < 99.5 else f"{error:.0f}"


def cell(record: dict[str, Any] | None, key: str) -> str:
    """Return a cell of a table."""
    if record is None:
        return "–"
    text = ulp(record[key], record["dtype"])
    return (
        f"{text}, nan at {record['not_finite_at']:g}"
        if key == "max_ulp" and record.get("not_finite_at")
        else text
    )


def table(records: Sequence[dict[str, Any]], key: str, row_names: Sequence[str]) -> list[str]:
    """Return a Markdown table: a row a function, a column a library."""
    found = {(r["function"] + r.get("vectors", ""), r["library"]): r for r in records}
    lines = ["| | " + " | ".join(LABELS.values()) + " |", "|---|" + "---:|" * len(LABELS)]
    for name in row_names:
        cells = [cell(found.get((name, library)), key) for library in LABELS]
        lines.append(
            f"| {name.replace('_derivative', '′').replace(':True', ', tanh form')} | {' | '.join(cells)} |"
        )
    return lines


def markdown(results: dict[str, Any]) -> str:
    """Return the tables."""
    records = results["records"]
    double = [r for r in records if r["dtype"] == "float64" and "vectors" not in r]
    single = [r for r in records if r["dtype"] == "float32"]
    in_half = [r for r in records if r["dtype"] == "float16"]
    wider: dict[str, list[str]] = {}
    for r in in_half:
        if r["answers_in"] != "float16":
            wider.setdefault(f"{LABELS[r['library']]} in {r['answers_in']}", []).append(r["function"])
    names = list(dict.fromkeys(r["function"] for r in double))
    names32 = list(dict.fromkeys(r["function"] for r in single))
    measured = []
    for name, entry in results["libraries"].items():
        versions = ", ".join(f"{package} {version}" for package, version in entry["versions"].items())
        measured.append(f"{LABELS[name]}: {versions}, {entry['measured_on']}")
    flushing = [r["library"] for r in double if r["function"] == "sigmoid" and r["keeps_subnormals"] is False]
    lines = ["# Accuracy of the functions, library by library", ""]
    lines += [
        "Written by `benchmarks/accuracy.py`; do not edit by hand.",
        "",
        *[f"- {m}" for m in measured],
        "",
    ]
    lines += [*TEXT.splitlines(), ""]
    flushed = " and ".join(LABELS[library] for library in flushing) or "None of them"
    lines += [f"Results below the normal numbers, such as the sigmoid of -740, become 0 in: {flushed}.", ""]
    lines += [
        "## float64, the whole range",
        "",
        *table(double, "max_ulp", names),
        "",
        f"## float64, |x| ≤ {CORE:g}",
        "",
        *table(double, "max_ulp_core", names),
        "",
        "## float32, the whole range",
        "",
        *table(single, "max_ulp", names32),
        "",
        "## float16, every finite number",
        "",
        *table(in_half, "max_ulp", HALF),
        "",
        "Answers that are not in float16: "
        + ("; ".join(f"{where} ({', '.join(names)})" for where, names in wider.items()) or "none")
        + ".",
        "",
    ]
    for function in ("softmax", "log_softmax", "logsumexp"):
        rows = [r | {"function": ""} for r in records if r["function"] == function]
        lines += [
            f"## {function}, float64, by the kind of vector",
            "",
            *table(rows, "max_ulp", list(VECTORS)),
            "",
        ]
    return "\n".join(lines)


def main() -> int:
    """Measure what is installed, keep the rest, and write both files."""
    path = RESULTS.with_suffix(".json")
    results = (
        json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"libraries": {}, "records": []}
    )
    here = installed()
    for library in here:
        print(f"measuring {LABELS[library]} …", file=sys.stderr)
        results["records"] = [r for r in results["records"] if r["library"] != library] + measure(library)
        versions = {name: versions_of(name) for name in dict.fromkeys((VERSIONED[library], library))}
        results["libraries"][library] = {
            "versions": versions | {"python": platform.python_version()},
            "measured_on": datetime.datetime.now(datetime.UTC).date().isoformat(),
        }
    order = list(LABELS)
    results["records"].sort(key=lambda record: order.index(record["library"]))
    results["libraries"] = {
        name: results["libraries"][name] for name in order if name in results["libraries"]
    }
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    RESULTS.with_suffix(".md").write_text(markdown(results), encoding="utf-8")
    print(f"Wrote {path.relative_to(ROOT)} and .md; measured {', '.join(here)}.")
    return 0


def versions_of(package: str) -> str:
    """Return the version of an importable package."""
    return str(importlib.import_module(package).__version__)


if __name__ == "__main__":
    raise SystemExit(main())
