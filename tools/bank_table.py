"""Print the bank of answers to the assignments: what each misconception costs, and what it is told.

python tools/bank_table.py            # all assignments
python tools/bank_table.py sigmoid    # one of them
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "grading"))

import graded

WIDTH = 78


def rows(name: str) -> Iterator[tuple[str, bool]]:
    """Yield a line for each answer, and whether it was judged as it deserves."""
    grader = graded.Grader(graded.read_assignment(name))
    for answer, failures in grader.answers(graded.read_bank(name)):
        lost = sum(grader.points[check] for check in failures)
        if answer.hint is None:
            just = not failures
        else:
            just = set(failures) == {answer.check} and answer.hint in failures[answer.check]
        said = " ".join(" / ".join(failures.values()).split()) or "all checks pass"
        said = said.removeprefix("AssertionError: ")
        outcome = f"−{lost}" if lost else "0"
        yield f"| {answer.question} | {answer.name} | {outcome} | {said[:WIDTH]} |", just


def main(names: list[str]) -> int:
    """Print the tables; the exit code is 1 where an answer is judged otherwise than the bank says."""
    n_answers = n_astray = 0
    for name in names or graded.NAMES:
        print(f"\n## {name}\n\n| question | answer | points | what it is told |\n| --- | --- | --- | --- |")
        for line, just in rows(name):
            print(line if just else f"{line} **not as the bank says**")
            n_answers, n_astray = n_answers + 1, n_astray + (not just)
    print(f"\n{n_answers} answers, {n_astray} of them judged otherwise than the bank says")
    return int(n_astray > 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
