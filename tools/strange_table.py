"""Hand in the strangest submissions, and print what comes of each: the status, the points, the reason.

    python tools/strange_table.py

Takes about ten seconds. Needs the sandbox of grading (bubblewrap, on Linux).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "grading"))

import classroom

from activations.grading.driver import grade_assignment
from activations.grading.pages import number

WIDTH = 110


def main() -> int:
    """Print the table; the exit code is 1 where something came out otherwise than it should."""
    n_astray = 0
    with tempfile.TemporaryDirectory() as folder:
        course = classroom.make_course(Path(folder))
        classroom.strange_class(course)
        results = grade_assignment(course, classroom.NAME, limits=classroom.LIMITS)
    print("| what is handed in | status | points of 7 | reason |\n| --- | --- | ---: | --- |")
    for result in results:
        strange = classroom.STRANGE.get(result.student)
        what = strange.what if strange else "an honest submission"
        wanted = (strange.status, strange.score, strange.reason) if strange else ("graded", 7.0, "")
        just = (result.status, result.score) == wanted[:2] and wanted[2] in result.reason
        n_astray += not just
        reason = " ".join(result.reason.replace("|", "/").replace(folder, "…").split())
        reason = reason if len(reason) <= WIDTH else f"{reason[:WIDTH]}…"
        row = f"| {what} | {result.status} | {number(result.score)} | {reason} |"
        print(row if just else f"{row} **not as it should**")
    print(f"\n{len(results)} submissions, {n_astray} of them graded otherwise than they should")
    return int(n_astray > 0)


if __name__ == "__main__":
    raise SystemExit(main())
