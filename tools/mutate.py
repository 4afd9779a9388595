"""Change the code of the functions in one small place at a time, and see whether a test notices.

    python tools/mutate.py                # a sample of 200 mutants, on two processes: about an hour
    python tools/mutate.py --mutants 20 --seed 1

Needs cosmic-ray, which makes the mutants; `make mutants` installs it into an environment of its own. Each
mutant is tested in a copy of the project, by the tests of the functions and their docstrings' examples. One
that passes them all is a gap in the tests, unless it cannot matter: tests/functions/survivors.toml says of
those, one by one, why not. The exit code is 1 where a survivor is not explained. A run with the defaults
writes benchmarks/results/mutation.md.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import os
import platform
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).resolve().parents[1]
FUNCTIONS = Path("src/activations/functions")
MODULES = ["elementwise.py", "softmax.py", "_normal.py", "_blocks.py", "catalog.py"]
EXPLANATIONS = ROOT / "tests" / "functions" / "survivors.toml"
RESULT = ROOT / "benchmarks" / "results" / "mutation.md"
TESTS = ["tests/functions", FUNCTIONS.as_posix()]
PATIENCE = 4
"""How many times as long as the unchanged code a mutant may take; beyond that it hangs, and is found out."""


@dataclass(frozen=True)
class Mutant:
    """One change of one module.

    Attributes
    ----------
    module : str
    line : int
    before, after : str
        The lines that differ, without their indentation.
    code : str
        The whole module, changed.
    """

    module: str
    line: int
    before: str
    after: str
    code: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What an explanation is found by: line numbers change too often."""
        return self.module, self.before, self.after


def mutants(module: str, rng: random.Random) -> Iterator[Mutant]:
    """Yield a mutant for each place of a module and each kind of change there, such as another operator."""
    source = (ROOT / FUNCTIONS / module).read_text(encoding="utf-8")
    nodes = list(ast_nodes(get_ast(source)))
    choices: dict[tuple[str, object], list[tuple[str, int]]] = {}
    for name in operator_names():
        operator = get_operator(name)
        if operator.arguments():
            continue
        places = [place for node in nodes for place in operator().mutation_positions(node)]
        for occurrence, place in enumerate(places):
            choices.setdefault((name.split("_")[0], place), []).append((name, occurrence))
    for names in choices.values():
        name, occurrence = rng.choice(names)
        code = mutate_code(source, get_operator(name)(), occurrence)
        if code is None or code == source:
            continue
        pairs = list(zip(source.splitlines(), code.splitlines(), strict=False))
        line = next(k for k, (old, new) in enumerate(pairs) if old != new)
        yield Mutant(module, line + 1, pairs[line][0].strip(), pairs[line][1].strip(), code)


def run_tests(copy: Path, python: str, seconds: float | None = None) -> bool:
    """Whether all tests pass in a copy of the project; those that take too long do not."""
    # Files in a cache could be as old, to the second, as the change that makes them stale.
    environment = os.environ | {"PYTHONPATH": str(copy / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [python, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *TESTS]
    try:
        run = subprocess.run(
            command, cwd=copy, env=environment | {"CI": "1"}, capture_output=True, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        return False
    return run.returncode == 0


def make_copy(folder: Path) -> Path:
    """Copy what the tests of the functions need."""
    for name in ("src", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "chapters").mkdir()
    for name in ("pyproject.toml", "chapters/references.bib"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def find_survivors(sample: list[Mutant], jobs: int, python: str) -> Iterator[Mutant]:
    """Yield the mutants that pass all tests."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(jobs) as pool:
        copies: queue.Queue[Path] = queue.Queue()
        for k in range(jobs):
            copies.put(make_copy(Path(folder) / str(k)))
        start = time.monotonic()
        if not run_tests(Path(folder) / "0", python):
            sys.exit("mutate: the tests of the unchanged code fail; mend them first")
        seconds = PATIENCE * (time.monotonic() - start)

        def survives(mutant: Mutant) -> bool:
            copy = copies.get()
            path = copy / FUNCTIONS / mutant.module
            original = path.read_text(encoding="utf-8")
            try:
                path.write_text(mutant.code, encoding="utf-8")
                return run_tests(copy, python, seconds)
            finally:
                path.write_text(original, encoding="utf-8")
                copies.put(copy)

        for k, (mutant, alive) in enumerate(zip(sample, pool.map(survives, sample), strict=True), 1):
            print(
                f"{k} of {len(sample)}: {mutant.module}:{mutant.line} {'survives' if alive else 'found'}",
                flush=True,
            )
            if alive:
                yield mutant


def explanations() -> dict[tuple[str, str, str], str]:
    """Return why each known survivor cannot be found, by its key."""
    entries = tomllib.loads(EXPLANATIONS.read_text(encoding="utf-8"))["survivor"]
    return {(one["module"], one["before"], after): one["why"] for one in entries for after in one["after"]}


def environment(python: str) -> str:
    """Return what made the mutants, what tested them, and when."""
    ask = "from importlib.metadata import version as v; print('numpy', v('numpy'), 'pytest', v('pytest'))"
    tested = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.split()
    packages = ["cosmic-ray", importlib.metadata.version("cosmic-ray"), *tested]
    versions = ", ".join(f"{name} {version}" for name, version in zip(*[iter(packages)] * 2, strict=True))
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return f"{versions}; Python {platform.python_version()}, {platform.system()}; {today}."


def report(
    everything: list[Mutant],
    sample: list[Mutant],
    survivors: list[Mutant],
    known: dict[tuple[str, str, str], str],
    made_with: str,
) -> str:
    """Return the page of results."""
    n_unexplained = sum(one.key not in known for one in survivors)
    killed, equivalent = len(sample) - len(survivors), len(survivors) - n_unexplained
    score = killed / max(killed + n_unexplained, 1)
    lines = ["# Mutation testing of the functions", "", "Written by `make mutants`; do not edit by hand.", ""]
    lines += [
        made_with,
        "",
        f"{len(sample)} mutants, drawn at random from all {len(everything)}: {killed} found out by a test,",
        f"{equivalent} that change nothing that a test could see, {n_unexplained} neither.",
        "",
        "| score | |",
        "|---|---:|",
        f"| raw: found, of all in the sample | {killed / len(sample):.1%} |",
        f"| found, of those that a test could see (the explained ones left out) | {score:.1%} |",
        "",
        "| module | all mutants | in the sample | found | survive |",
        "|---|---:|---:|---:|---:|",
    ]
    for module in MODULES:
        counts = [sum(one.module == module for one in each) for each in (everything, sample, survivors)]
        n_all, n_drawn, n_left = counts
        lines.append(f"| {module} | {n_all} | {n_drawn} | {n_drawn - n_left} | {n_left} |")
    lines += ["", "The survivors:", ""]
    for one in survivors:
        lines.append(f"- {one.module}, line {one.line}: `{one.before}` → `{one.after}`")
        lines.append(f"  {known.get(one.key, '**not explained**')}")
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--mutants", type=int, default=200, help="how many, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--python", default=sys.executable, help="of the environment that runs the tests")
    options = parser.parse_args(arguments)
    rng = random.Random(options.seed)
    everything = [mutant for module in MODULES for mutant in mutants(module, rng)]
    sample = rng.sample(everything, min(options.mutants, len(everything)))
    python = os.path.abspath(options.python)  # noqa: PTH100 (a link into an environment stays one)
    found = find_survivors(sample, options.jobs, python)
    survivors = sorted(found, key=lambda one: (MODULES.index(one.module), one.line))
    known = explanations()
    text = report(everything, sample, survivors, known, environment(python))
    print(text)
    if (options.mutants, options.seed) == (parser.get_default("mutants"), parser.get_default("seed")):
        RESULT.write_text(text, encoding="utf-8")
    return int(any(one.key not in known for one in survivors))


if __name__ == "__main__":
    raise SystemExit(main())
