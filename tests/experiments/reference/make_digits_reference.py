"""Let scikit-learn's MLPClassifier read the digits on the course's own splits, and store how well it does.

Run ``python tests/experiments/reference/make_digits_reference.py`` where scikit-learn and this package are
installed. It writes ``digits_scikit_learn.json``: the test accuracy of each run, the versions, the date, and
a fingerprint of each split. The tests read that file and never import scikit-learn.
"""

from __future__ import annotations

import datetime
import json
import platform
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from activations.experiments.handwriting import split_digits, with_shifted_copies

HERE = Path(__file__).parent
SEEDS = range(20)
# scikit-learn's name for the sigmoid is "logistic".
ACTIVATIONS = {"sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}


def main() -> None:
    runs: dict[str, dict[str, list[float]]] = {"plain": {}, "shifted": {}}
    for training_set, accuracies in runs.items():
        for name, spelling in ACTIVATIONS.items():
            accuracies[name] = []
            for seed in SEEDS:
                X, X_test, y, y_test = split_digits(np.random.default_rng(seed))
                if training_set == "shifted":
                    X, y = with_shifted_copies(X), np.tile(y, 5)
                # Everything else as it comes: Adam, rate 0.001, batches of 200, at most 200 passes.
                classifier = MLPClassifier((32,), activation=spelling, random_state=seed)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", ConvergenceWarning)
                    classifier.fit(X, y)
                accuracies[name].append(float(classifier.score(X_test, y_test)))
    record = {
        "made_by": "tests/experiments/reference/make_digits_reference.py",
        "made_on": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scikit-learn": sklearn.__version__,
        },
        "seeds": list(SEEDS),
        "ink_of_test_set": [float(split_digits(np.random.default_rng(s))[1].sum()) for s in SEEDS],
        "test_accuracy": runs,
    }
    text = json.dumps(record, indent=1) + "\n"
    (HERE / "digits_scikit_learn.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
