"""Write tests/parity/reference/frameworks.npz and .json: what Keras, PyTorch and JAX answer.

Run ``.venv-frameworks/bin/python tests/frameworks/make_references.py`` from the repository's root.
"""

import datetime
import json
import platform
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "parity")]

import libraries  # noqa: E402
import networks  # noqa: E402
import numpy as np  # noqa: E402
import parity  # noqa: E402


def answer(framework, code, what):
    """Evaluate one comparison in the framework."""
    row = parity.ROWS[code]
    given = parity.variables(row, what)
    if what != "derivative":
        return libraries.value(framework, row.code[framework], given)
    weights = {"softmax": parity.WEIGHTS, "log_softmax": parity.WEIGHTS, "logsumexp": parity.WEIGHTS[:, 0]}
    return libraries.gradient(framework, row.code[framework], given, weights.get(row.name))


def main():
    arrays = {}
    for framework, code, what in parity.COMPARISONS:
        arrays[f"{framework}/{code}/{what}"] = answer(framework, code, what)
    for framework in parity.FRAMEWORKS:
        for code, case in parity.NETWORKS.items():
            loss, gradients = networks.small_network(framework, case)
            arrays[f"{framework}/network/{code}/loss"] = np.array(loss)
            arrays |= {f"{framework}/network/{code}/gradients/{i}": g for i, g in enumerate(gradients)}
        for hidden, optimizer in parity.MILEAGE_RUNS:
            run = parity.run(framework, hidden, optimizer)
            key = f"{framework}/mileage/{hidden}"
            arrays[f"{key}/output"] = run.output
            arrays |= {f"{key}/gradients/{i}": g for i, g in enumerate(run.gradients)}
            arrays[f"{key}/{optimizer}/loss"] = run.loss
            arrays[f"{key}/{optimizer}/val_loss"] = run.val_loss
    parity.REFERENCE.mkdir(exist_ok=True)
    np.savez_compressed(parity.REFERENCE / "frameworks.npz", **arrays)
    record = {
        "made_by": "tests/frameworks/make_references.py",
        "made_on": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "dtype": "float64",
        "versions": {"python": platform.python_version(), **libraries.versions()},
    }
    text = json.dumps(record, indent=2) + "\n"
    (parity.REFERENCE / "frameworks.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
