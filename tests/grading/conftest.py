"""What the tests of grading share."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# Sandboxes are Linux's. Elsewhere what needs none is tested: reading, merging, tables, pages.
if sys.platform != "linux":
    needs_a_sandbox = ["accessibility", "autograde", "cli", "driver", "engines", "feedback", "gradebook"]
    needs_a_sandbox += ["formgrader", "hostile", "runner", "sandbox"]
    collect_ignore = [f"test_{name}.py" for name in needs_a_sandbox]

# Lets the tests import `graded`, `classroom` and `postgresql`.
sys.path.append(str(Path(__file__).parent))


@pytest.fixture(autouse=True, scope="session")
def version_asked_once() -> Iterator[None]:
    """For every new gradebook nbgrader starts a process to ask for one and the same version; ask it once."""
    from nbgrader import api

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
        patch.setattr(api, "get_alembic_version", functools.cache(api.get_alembic_version))
        yield
