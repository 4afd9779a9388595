"""What benchmarks/functions.py says of goals, and which stored figures it lets be."""

import importlib.util
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).parents[1] / "benchmarks" / "functions.py"


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("functions_benchmark", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_a_goal_is_met_missed_or_not_measured(benchmark):
    cases = {f"case {k}": float(k) for k in range(1, 9)}
    goals = [
        benchmark.Goal("first", 8, lambda found: found, "never read"),
        benchmark.Goal("second", 1, lambda found: found, "It is hard."),
        benchmark.Goal("third", 1, lambda found: {}, "never read"),
    ]
    text = "\n".join(benchmark.verdicts(goals, cases))
    assert "| first | 8 | 1.00–8.00 | met |" in text
    assert "| second | 1 | 1.00–8.00 | missed in 7 of 8 cases |" in text
    assert "| third | 1 | – | not measured |" in text
    assert "- **second** (the worst case 8: 8.00; case 7: 7.00;" in text
    assert text.count("It is hard.") == 1
    assert "never read" not in text


def test_every_goal_finds_its_figures(benchmark):
    """Made-up times: every function takes twice as long as exp, a copy and a one-liner."""
    entry = {"function": [2.0], "exp": [1.0], "copy": [1.0], "naive": [2.0]}
    found = {
        library: {
            f"{name}|{dtype}|{size}": entry
            for name in names
            for dtype in benchmark.DTYPES
            for size in benchmark.SIZES
        }
        for library, names in (("activations", benchmark.ours()), ("scipy", ["sigmoid"]))
    }
    verdicts = [line for line in benchmark.verdicts(benchmark.GOALS, found) if line.startswith("| ")][1:]
    assert len(verdicts) == len(benchmark.GOALS)
    for goal, line in zip(benchmark.GOALS, verdicts, strict=True):
        expected = 1 if "expit" in goal.what else 2
        assert line.endswith("| met |") == (expected <= goal.limit)
        assert f"{expected:.2f}–{expected:.2f}" in line
    assert "scipy" in benchmark.report(found)


def test_a_thinner_run_leaves_a_fuller_report(benchmark, tmp_path, capsys):
    path = tmp_path / "functions.md"
    known = benchmark.LIBRARIES
    assert benchmark.may_store(path, ["activations"], known)
    path.write_text("numpy 2.4.6, scipy 1.17.1, torch 2.13.0+cpu; Python 3.11.7", encoding="utf-8")
    assert benchmark.may_store(path, ["activations", "scipy", "torch", "jax"], known)
    assert capsys.readouterr().err == ""
    assert not benchmark.may_store(path, ["activations", "scipy"], known)
    assert "functions.md is left as it is: it holds figures of torch, which" in capsys.readouterr().err
