"""Write elementwise.npz: points, and the exact values there from mpmath, for test_accuracy.py.

Run ``python tests/functions/reference/make_references.py`` from the repository's root. An exact value is
stored as the nearest float, and the rest in hundredths of a unit in the last place. The points of a
function are random ones over the whole float64 range, the edges, and the worst of 20 000 more random
ones, so that the stored few are as hard as many.
"""

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import oracle  # noqa: E402

COMMON, HARD, CANDIDATES = 900, 60, 20_000


def reference(name, x):
    """Return the exact values at `x`: as floats, and as what remains of them in hundredths of an ULP."""
    pairs = [oracle.rounded(oracle.exact(name, v)) for v in x]
    return np.array([p[0] for p in pairs]), np.round([100 * p[1] for p in pairs]).astype(np.int8)


def hardest(name, rng):
    """Return the random points at which the package errs most, by a quick search."""
    x = oracle.points(rng, CANDIDATES)
    with np.errstate(all="ignore"):
        y = oracle.call(name, x)
    value, rest = reference(name, x)
    error = np.where(
        np.isfinite(value) & (np.abs(value) > 2.3e-308), oracle.ulp_error(y, value, rest / 100), 0
    )
    return x[np.argsort(error)[-HARD:]]


def elementwise():
    common = oracle.points(np.random.default_rng(2024), COMMON)
    edges = np.concatenate([[v, -v] for v in oracle.EDGES[np.float64]])
    extremes = np.array([5e-324, 1e-310, 2.3e-308, 1e-300, 1e300, 1.7e308])
    common = np.unique(np.concatenate([common, edges, extremes, -extremes]))
    arrays = {"common": common}
    for i, name in enumerate(oracle.EXACT):
        hard = hardest(name, np.random.default_rng(i))
        value, rest = reference(name, np.concatenate([common, hard]))
        arrays |= {f"{name}/hard": hard, f"{name}/value": value, f"{name}/rest": rest}
        print(f"{name}: {value.size} points")
    return arrays


def main():
    np.savez_compressed(HERE / "elementwise.npz", **elementwise())


if __name__ == "__main__":
    main()
