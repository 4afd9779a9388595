"""Resolve the dependencies of pyproject.toml for Python 3.11 and later, and pin them.

Writes requirements.txt (the book) and requirements-test.txt (what the tests add to it).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAD = "# Written by `make lock` from pyproject.toml; do not edit by hand.\n"


def resolve(*extras: str, constraint: Path | None = None) -> list[str]:
    """Return the pins of the package with ``extras``, with markers for every platform and version."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
    command += ["--no-annotate", "--no-header", "pyproject.toml"]
    for extra in extras:
        command += ["--extra", extra]
    if constraint:
        command += ["--constraint", str(constraint)]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()


def main() -> int:
    """Write both files."""
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "uv"], check=True)
    book = resolve("book")
    with tempfile.TemporaryDirectory() as folder:
        constraint = Path(folder) / "book.txt"
        constraint.write_text("\n".join(book), encoding="utf-8")
        everything = resolve("book", "test", constraint=constraint)
    (ROOT / "requirements.txt").write_text(
        "# Everything that the book needs, pinned: `pip install -r requirements.txt` on Python 3.11 to 3.13.\n"
        + HEAD
        + "\n".join(book)
        + "\n\n# The course's own package.\n--editable .\n",
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
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
