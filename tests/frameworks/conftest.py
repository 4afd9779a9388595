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
