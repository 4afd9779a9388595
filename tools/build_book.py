"""Build the website as CI does: every notebook is run, warnings are errors, the exit code tells the truth."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: list[str]) -> int:
    """Run jupyter-book from the repository's root; ``--all`` rebuilds unchanged pages, too."""
    started = time.monotonic()
    run = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", run, "build", ".", "-n", "-W", "--keep-going", *arguments]
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if code:
        print("The build failed: the warnings above are errors here.", file=sys.stderr)
    else:
        print(f"Built in {time.monotonic() - started:.0f} s.")
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
