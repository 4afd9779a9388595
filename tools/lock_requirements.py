"""Resolve the dependencies of pyproject.toml for Python 3.11 and later, and pin them.

Writes requirements.txt (the book), a file for each extra that adds to it (the tests, grading), and
requirements-frameworks.txt (an environment of its own, with the big libraries that chapter 11 compares).
Those are for people and services that have no make, as is binder/requirements.txt. For the Makefile it
writes, in locks/, the same pins with the hash of every file that may be installed, and four more: what
builds the package, what audits it, the oldest releases that it works with, and PyTorch.

    python tools/lock_requirements.py               # everything
    python tools/lock_requirements.py frameworks    # only the last, and the hashes
    python tools/lock_requirements.py hashes        # only locks/, from the pins that stand
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAD = "# Written by `make lock` from pyproject.toml; do not edit by hand.\n"
PACKAGE = "\n# The course's own package.\n--editable .\n"

ON_TOP = {
    "test": "What `make test` needs on top of the book",
    "grading": "What grading needs on top of the book",
}
"""Extras of pyproject.toml that share the book's environment."""

# What chapter 11, tests/frameworks and the benchmarks need beside the package. The release of PyTorch is one
# that has processor-only wheels everywhere; the others are the newest that work with it.
FRAMEWORKS = ["jax==0.10.2", "keras==3.15.*", "optax", "tensorflow-cpu==2.21.*", "torch==2.13.0"]
FRAMEWORKS += ["numba", "numexpr", "scikit-learn"]
FRAMEWORKS += ["hypothesis", "ipykernel", "mpmath<1.4", "nbclient", "nbval", "pytest", "scipy"]
FRAMEWORKS_HEAD = """\
# An environment of its own for chapter 11 and the benchmarks: Keras on TensorFlow, PyTorch and JAX, pinned.
# `make test-frameworks` installs it into .venv-frameworks. For Python 3.11 to 3.13.
# Written by `make lock` (tools/lock_requirements.py); do not edit by hand.
#
# Special about it: everything runs on the processor, and no package of CUDA is pinned here. On Linux, though,
# pip adds gigabytes of them to the standard wheel of torch. To keep them out, install the processor-only
# wheel of this release first, in the way that pytorch.org shows; pip then finds torch in place.
"""
BINDER_HEAD = """\
# What the package stands on, without the package itself, so that Binder keeps this layer of its image.
# Binder's own image brings {brought}. Written by `make lock`; do not edit by hand.
"""
BINDER_BRINGS = {"ipywidgets"}
"""Left to Binder's image, where it fits the JupyterLab that is there."""

# What tests the package with the oldest releases of what it stands on; these may be new.
OLDEST = ["hypothesis", "ipykernel", "mpmath", "nbformat", "pytest", "pytest-xdist", "scipy"]

HASHED_HEAD = """\
# {what}, with the hash of every file that may be installed.
# Written by `make lock`; do not edit by hand. Nothing is built: `pip install --no-deps -r {name}`.
--require-hashes
--only-binary :all:
"""
APART = {"torch"}
"""In a lock of its own: what goes with a wheel of PyTorch depends on the wheel."""
TORCH_HEAD = """\
# PyTorch's standard wheels, and on Linux the packages of CUDA without which those cannot be imported.
# A processor-only wheel, torch=={version}+cpu, needs none of them: `make test-frameworks` prefers it where
# pip is offered one. It has no hash here, as it is no file of the package index that these hashes are from.
"""

CUDA = ("cuda-", "nvidia-", "triton")
"""Names of packages that only a graphics card needs, and that PyTorch's standard wheel for Linux asks for."""


def compile_pins(*arguments: str, requirements: Sequence[str] = ()) -> list[str]:
    """Return the pins of what ``arguments`` and ``requirements`` ask for, with markers for each platform."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-annotate", "--no-header"]
    command += ["--universal", "--python-version", "3.11", *arguments]
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
    return compile_pins("pyproject.toml", *arguments)


def lock_book_and_tests() -> None:
    """Write requirements.txt, and one file for each group of ``ON_TOP`` that pyproject.toml has."""
    book = resolve("book")
    (ROOT / "requirements.txt").write_text(
        "# Everything that the book needs, pinned: "
        "`pip install -r requirements.txt` on Python 3.11 to 3.13.\n"
        + HEAD
        + "\n".join(book)
        + "\n"
        + PACKAGE,
        encoding="utf-8",
    )
    print(f"Pinned {len(book)} packages for the book.")
    lock_binder(book)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    known = book
    # Each group takes the versions of those before it, so that all may share one environment.
    for extra in [name for name in ON_TOP if name in extras]:
        with tempfile.TemporaryDirectory() as folder:
            constraint = Path(folder) / "known.txt"
            constraint.write_text("\n".join(known), encoding="utf-8")
            everything = resolve("book", extra, constraint=constraint)
        added = [line for line in everything if line not in book]
        (ROOT / f"requirements-{extra}.txt").write_text(
            f"# {ON_TOP[extra]}, pinned.\n{HEAD}--requirement requirements.txt\n" + "\n".join(added) + "\n",
            encoding="utf-8",
        )
        known = [*known, *(line for line in added if line not in known)]
        print(f"Pinned {len(added)} more for the extra {extra}.")


def lock_binder(pins: Sequence[str]) -> None:
    """Write binder/requirements.txt: the pins of what the package itself asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {requirement.partition(">=")[0] for requirement in project["dependencies"]} - BINDER_BRINGS
    lines = [pin for pin in pins if pin.partition("==")[0] in asked]
    head = BINDER_HEAD.format(brought=", ".join(sorted(BINDER_BRINGS)))
    (ROOT / "binder" / "requirements.txt").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


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
        pins = compile_pins("pyproject.toml", "--constraint", str(constraint), requirements=FRAMEWORKS)
    pins = [line for line in pins if not line.startswith(CUDA)]
    (ROOT / "requirements-frameworks.txt").write_text(
        FRAMEWORKS_HEAD + "\n".join(pins) + "\n" + PACKAGE, encoding="utf-8"
    )
    print(f"Pinned {len(pins)} packages for the frameworks.")


def read_pins(path: Path) -> list[str]:
    """Return the pins of a requirements file, without those of the files that it includes."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", "--"))]


def lock_hashes() -> None:
    """Write locks/ from the requirements files, and what builds and audits the package beside them."""
    folder = ROOT / "locks"
    folder.mkdir(exist_ok=True)
    known = [pin for name in ("", "-test") for pin in read_pins(ROOT / f"requirements{name}.txt")]
    written = {}
    for source in sorted(ROOT.glob("requirements*.txt")):
        name = source.stem.removeprefix("requirements").removeprefix("-") or "book"
        pins = [pin for pin in read_pins(source) if pin.partition("==")[0] not in APART]
        written[name] = (f"The pins of {source.name}", pins)
    frameworks = read_pins(ROOT / "requirements-frameworks.txt")
    torch = next(pin for pin in frameworks if pin.startswith("torch=="))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    builders = [*project["build-system"]["requires"], "editables"]  # hatchling asks for it to install with -e
    auditors = project["project"]["optional-dependencies"]["audit"]
    floors = [floor.replace(">=", "==") for floor in project["project"]["dependencies"]]
    written["oldest"] = (
        "The oldest supported releases, and what tests them",
        compile_pins(requirements=floors + OLDEST),
    )
    with tempfile.TemporaryDirectory() as place:
        constraint = Path(place) / "known.txt"
        constraint.write_text("\n".join(frameworks), encoding="utf-8")
        pins = compile_pins("--constraint", str(constraint), requirements=[torch])
        pins = [pin for pin in pins if pin == torch or pin.startswith(CUDA)]
        written["torch"] = ("PyTorch", pins)
        constraint.write_text("\n".join(known), encoding="utf-8")
        pins = compile_pins("--constraint", str(constraint), requirements=builders)
        written["build"] = ("What builds the package", pins)
        pins = compile_pins("--constraint", str(constraint), requirements=auditors)
        new = [pin for pin in pins if pin not in known]
        written["audit"] = ("What `make audit` needs on top of the tests", new)
    for name, (what, pins) in written.items():
        path = folder / f"{name}.txt"
        lines = compile_pins("--no-deps", "--generate-hashes", requirements=pins)
        head = HASHED_HEAD.format(what=what, name=f"locks/{name}.txt")
        if name == "torch":
            head = TORCH_HEAD.format(version=torch.partition("==")[2]) + head
        path.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: {len(pins)} pins with hashes.")


LOCKS = {"book": lock_book_and_tests, "frameworks": lock_frameworks, "hashes": lock_hashes}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("locks", nargs="*", metavar="lock", help=f"one of {', '.join(LOCKS)}")
    chosen = parser.parse_args(arguments).locks or list(LOCKS)
    if not set(chosen) <= set(LOCKS):
        parser.error(f"unknown lock in {' '.join(chosen)}; choose from {', '.join(LOCKS)}")
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "uv"], check=True)
    for name in LOCKS:
        if name in chosen or name == "hashes":
            LOCKS[name]()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
