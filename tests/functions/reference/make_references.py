"""Write elementwise.npz: points, and the exact values there from mpmath, for test_accuracy.py.

Beside it, elementwise.json says with what the file was made, and when.

Run ``python tests/functions/reference/make_references.py`` from the repository's root. An exact value is
stored as the nearest float, and the rest in hundredths of a unit in the last place. The points of a
function are random ones over the whole float64 range, the edges, and the worst of 60 000 more random
ones, so that the stored few are as hard as many.
"""

import datetime
import hashlib
import json
import platform
import sys
from pathlib import Path

import mpmath
import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import oracle  # noqa: E402

SEED, COMMON, HARD, CANDIDATES = 2024, 900, 60, 60_000


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
    common = oracle.points(np.random.default_rng(SEED), COMMON)
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


def provenance(arrays):
    """Return what the reader of the file should know of it."""
    return {
        "made_by": "tests/functions/reference/make_references.py",
        "made_on": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "mpmath": mpmath.__version__,
        },
        "bits": mpmath.mp.prec,
        "seed_of_common_points": SEED,
        "points": {name: arrays[f"{name}/value"].size for name in oracle.EXACT},
        "digest": digest(arrays),
    }


def digest(arrays):
    """Return a checksum of the names and bits of all arrays, whatever the compression of the file."""
    total = hashlib.sha256()
    for name in sorted(arrays):
        total.update(name.encode())
        total.update(np.ascontiguousarray(arrays[name]).tobytes())
    return total.hexdigest()


def main():
    arrays = elementwise()
    np.savez_compressed(HERE / "elementwise.npz", **arrays)
    text = json.dumps(provenance(arrays), indent=1)
    (HERE / "elementwise.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
