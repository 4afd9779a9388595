"""The course on machines that know nothing of it: `make test-anywhere`.

Each test installs into environments of its own, which takes the package index and a minute or more. Therefore
nothing here is collected unless this folder is named.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from machines import ROOT, TAG, Machine  # noqa: E402 (found by the line above)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    named = [Path(argument.partition("::")[0]).resolve() for argument in config.args]
    return None if any(path.is_relative_to(HERE) for path in named) else True


@pytest.fixture
def make_machine(tmp_path: Path) -> Callable[..., Machine]:
    """Return a function that makes an environment with nothing but pip, then installs ``packages``."""

    numbers = itertools.count(1)

    def make(*packages: str) -> Machine:
        folder = tmp_path / f"machine {next(numbers)}"
        venv.create(folder, with_pip=True, upgrade_deps=True)
        machine = Machine(folder)
        if packages:
            machine.pip("install", "--quiet", *packages)
        return machine

    return make


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A fresh clone of what is committed, with the tag of the release."""
    folder = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    subprocess.run(["git", "tag", "--force", TAG], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A working directory far from the course."""
    folder = tmp_path / "somewhere else"
    folder.mkdir()
    return folder
