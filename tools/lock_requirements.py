"""Resolve the dependencies of pyproject.toml for Python 3.11 and later, and pin them.

Writes requirements.txt (the book), requirements-test.txt (what the tests add to it) and
requirements-frameworks.txt (an environment of its own, with the big libraries that chapter 11 compares).

    python tools/lock_requirements.py               # all three
    python tools/lock_requirements.py frameworks    # only the last
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAD = "# Written by `make lock` from pyproject.toml; do not edit by hand.\n"
PACKAGE = "\n# The course's own package.\n--editable .\n"

# What chapter 11 and tests/frameworks need beside the package. The release of PyTorch is one that has
# processor-only wheels everywhere; the others are the newest that work with it.
FRAMEWORKS = ["jax==0.10.2", "keras==3.15.*", "optax", "tensorflow-cpu==2.21.*", "torch==2.13.0"]
FRAMEWORKS += ["hypothesis", "ipykernel", "mpmath<1.4", "nbclient", "nbval", "pytest", "scipy"]
FRAMEWORKS_HEAD = """\
# An environment of its own for chapter 11: Keras on TensorFlow, PyTorch and JAX, pinned.
# `make test-frameworks` installs it into .venv-frameworks. For Python 3.11 to 3.13.
# Written by `make lock` (tools/lock_requirements.py); do not edit by hand.
#
# Special about it: everything runs on the processor, and no package of CUDA is pinned here. On Linux, though,
# pip adds gigabytes of them to the standard wheel of torch. To keep them out, install the processor-only
# wheel of this release first, in the way that pytorch.org shows; pip then finds torch in place.
"""
CUDA = ("cuda-", "nvidia-", "triton")
"""Names of packages that only a graphics card needs; torch asks for them, and runs without them."""


def compile_pins(*arguments: str, requirements: Sequence[str] = ()) -> list[str]:
    """Return the pins of what ``arguments`` and ``requirements`` ask for, with markers for each platform."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-annotate", "--no-header"]
    command += ["--universal", "--python-version", "3.11", "pyproject.toml", *arguments]
    if requirements:
        command.append("-")
    text = "\n".join(requirements)
    run = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, input=text, text=True)
    return run.stdout.splitlines()


def resolve(*extras: str, constraint: Path | None = None) -> list[str]:
    """Return the pins of the package with ``extras``."""
    arguments = [argument for extra in extras for argument in ("--extra", extra)]
    if constraint:
        arguments += ["--constraint", str(constraint)]
    return compile_pins(*arguments)


def lock_book_and_tests() -> None:
    """Write requirements.txt and requirements-test.txt."""
    book = resolve("book")
    with tempfile.TemporaryDirectory() as folder:
        constraint = Path(folder) / "book.txt"
        constraint.write_text("\n".join(book), encoding="utf-8")
        everything = resolve("book", "test", constraint=constraint)
    (ROOT / "requirements.txt").write_text(
        "# Everything that the book needs, pinned: "
        "`pip install -r requirements.txt` on Python 3.11 to 3.13.\n"
        + HEAD
        + "\n".join(book)
        + "\n"
        + PACKAGE,
        encoding="utf-8",
    )
    (ROOT / "requirements-test.txt").write_text(
        "# What `make test` needs on top of the book, pinned.\n"
        + HEAD
        + "--requirement requirements.txt\n"
        + "\n".join(line for line in everything if line not in book)
        + "\n",
        encoding="utf-8",
    )
    print(f"Pinned {len(book)} packages for the book and {len(everything) - len(book)} more for the tests.")


def lock_frameworks() -> None:
    """Write requirements-frameworks.txt, with the versions of the other files wherever they allow it."""
    known = [
        line
        for name in ("requirements.txt", "requirements-test.txt")
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
        # SymPy, which torch needs, has no release yet for the mpmath of the tests.
        if line and not line.startswith(("#", "--", "mpmath"))
    ]
    with tempfile.TemporaryDirectory() as folder:
        constraint = Path(folder) / "known.txt"
        constraint.write_text("\n".join(known), encoding="utf-8")
        pins = compile_pins("--constraint", str(constraint), requirements=FRAMEWORKS)
    pins = [line for line in pins if not line.startswith(CUDA)]
    (ROOT / "requirements-frameworks.txt").write_text(
        FRAMEWORKS_HEAD + "\n".join(pins) + "\n" + PACKAGE, encoding="utf-8"
    )
    print(f"Pinned {len(pins)} packages for the frameworks.")


LOCKS = {"book": lock_book_and_tests, "frameworks": lock_frameworks}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("locks", nargs="*", metavar="lock", help="book (with the tests) or frameworks")
    chosen = parser.parse_args(arguments).locks or list(LOCKS)
    if not set(chosen) <= set(LOCKS):
        parser.error(f"unknown lock in {' '.join(chosen)}; choose from {', '.join(LOCKS)}")
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "uv"], check=True)
    for name in chosen:
        LOCKS[name]()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
