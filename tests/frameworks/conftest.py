"""These tests run in the environment of requirements-frameworks.txt: `make test-frameworks`."""

import importlib.util
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "parity")]

# Where one is missing nothing is collected, and `pytest tests/frameworks` fails for lack of tests.
_missing = [
    name for name in ("keras", "tensorflow", "torch", "jax", "optax") if not importlib.util.find_spec(name)
]
collect_ignore_glob = ["*.py"] if _missing else []


def pytest_report_header():
    return f"tests/frameworks: left out, as {', '.join(_missing)} cannot be imported" if _missing else None


def pytest_terminal_summary(terminalreporter):
    """Print how far the networks of claim P2 are from ours, as the tests measured it."""
    reports = [report for some in terminalreporter.stats.values() for report in some]
    calls = [report for report in reports if getattr(report, "when", None) == "call"]
    properties = [dict(report.user_properties) for report in calls]
    rows = [found["distances"] for found in properties if "distances" in found]
    if not rows:
        return
    terminalreporter.section("Claim P2 on Auto MPG, beside ours: 128 linear units, and 64 of ReLU")
    heads = ("library", "units   ", "Adam    ", "max |Δ output|", "max |Δ gradient|", "max relative Δ loss")
    terminalreporter.write_line("  ".join(heads))
    for row in rows:
        cells = [cell if isinstance(cell, str) else f"{cell:.1e}" for cell in row]
        widths = map(len, heads)
        terminalreporter.write_line("  ".join(map(str.ljust, cells, widths)).rstrip())
