"""What all tests share."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# Lets the tests import `ledger`.
sys.path.append(str(Path(__file__).parent))

# Before NumPy is imported: small matrices gain nothing from threads, which would fight over the cores.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from hypothesis import HealthCheck, settings

# Shared machines are slow now and then: no deadline for one example. In CI every run has the same examples.
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("local"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")
