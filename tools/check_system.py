"""Say at once what the tests need of the system and do not find: they would only fail for it at their end.

    python tools/check_system.py     # before `make test`; fetches a browser where the system has none

Pip cannot bring these: the sandbox and the database server of the grading tests (on Linux, where
alone those run), and a browser. In place of a system's Chromium, Playwright can fetch one.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

CHROMIUM = Path("/usr/bin/chromium")
PACKAGES = {"bwrap": "bubblewrap", "initdb": "postgresql"}
"""The Debian package of each program."""


def has_program(name: str) -> bool:
    """Tell whether a program is on the path, or where Debian keeps those of a database server."""
    return bool(shutil.which(name) or list(Path("/usr/lib/postgresql").glob(f"*/bin/{name}")))


def fetch_browser() -> bool:
    """Have Playwright fetch its Chromium, unless it is there already; tell whether that worked."""
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    return subprocess.run(command, check=False).returncode == 0


def missing_packages(
    platform: str = sys.platform,
    has: Callable[[str], bool] = has_program,
    fetch: Callable[[], bool] = fetch_browser,
    chromium: Path = CHROMIUM,
) -> list[str]:
    """Return the packages to install; where only the browser is lacking, try to fetch one first."""
    needed = PACKAGES if platform == "linux" else {}
    missing = [package for name, package in needed.items() if not has(name)]
    if not chromium.exists() and (missing or not fetch()):
        missing.append("chromium")
    return missing


def main() -> int:
    """Print one line, if something is missing."""
    missing = missing_packages()
    if missing:
        print(
            f"The tests need what is not installed here: {', '.join(missing)}. On Debian or Ubuntu: "
            f"sudo apt install {' '.join(missing)}",
            file=sys.stderr,
        )
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
