"""Time a step of training beside PyTorch, JAX, scikit-learn and Keras, and show where the time goes.

    .venv-frameworks/bin/python benchmarks/training.py    # with all libraries; writes results/training.*
    python benchmarks/training.py                 # with what this interpreter has
    python benchmarks/training.py --rounds 3      # a quick look; writes nothing

A step is forward, loss, backward and an update by plain gradient descent, on all 500 points, in float32, on
one thread. Every library starts from the same weights, in a process of its own that stays alive; in every
round all of them are timed one right after the other, and the table gives the median of the ratios over the
rounds with their range. The losses of 200 steps are compared, too: a fast step must be the same step.
"""

from __future__ import annotations

import argparse
import cProfile
import importlib.util
import json
import os
import pstats
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from functions import RESULTS, environment, spread

NETS: dict[str, tuple[list[int], str]] = {
    "small": ([2, 16, 16, 1], "relu"),
    "deep": ([64, *[64] * 10, 1], "tanh"),
}
TITLES = {"small": "2-16-16-1, ReLU", "deep": "64 inputs, ten layers of 64, tanh"}
LIBRARIES = {"activations": "", "torch": "torch", "jax": "jax", "scikit-learn": "sklearn", "keras": "keras"}
GOALS = {
    ("small", "torch"): 0.35,
    ("small", "scikit-learn"): 0.40,
    ("small", "jax"): 1.1,
    ("small", "keras"): 0.2,
    ("deep", "torch"): 0.6,
    ("deep", "jax"): 1.4,
}
N_POINTS, COMPARED = 500, 200
LEARNING_RATES = {"small": 0.1, "deep": 0.01}
"""Low enough that rounding errors do not grow: at 0.1 PyTorch and JAX part ways on the deep network, too."""
Step = Callable[[int], list[float]]
"""Take so many steps, and return the loss before each (Keras: as `fit` reports it)."""


def problem(net: str) -> tuple[Any, Any, list[Any]]:
    """Return inputs, labels and initial parameters, the same for every library."""
    from activations.training import MLP

    sizes, activation = NETS[net]
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N_POINTS, sizes[0])).astype(np.float32)
    y = (X[:, :1] * X[:, 1:2] > 0).astype(np.float32)
    return X, y, MLP(sizes, activation, rng=rng, dtype=np.float32).parameters


def ours(net: str) -> Step:
    """Return this package's training step."""
    from activations.training import MLP, SGD, get_loss

    X, y, parameters = problem(net)
    sizes, activation = NETS[net]
    network = MLP(sizes, activation, parameters=parameters, dtype=np.float32)
    loss, optimizer = get_loss("binary_cross_entropy"), SGD(LEARNING_RATES[net])

    def steps(count: int) -> list[float]:
        losses = []
        for _ in range(count):
            forward = network.forward(X)
            losses.append(float(loss.value(forward.output, y)))
            gradients = network.backward(forward, loss.gradient(forward.output, y))
            optimizer.update(network.parameters, gradients.parameters)
        return losses

    return steps


def torch_steps(net: str) -> Step:
    """Return PyTorch's, eager, on one thread."""
    import torch

    torch.set_num_threads(1)
    X, y, parameters = problem(net)
    layers: list[Any] = []
    for W, b in zip(parameters[::2], parameters[1::2], strict=True):
        linear = torch.nn.Linear(*W.shape)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(W.T.copy()))
            linear.bias.copy_(torch.from_numpy(b))
        layers += [linear, torch.nn.ReLU() if NETS[net][1] == "relu" else torch.nn.Tanh()]
    model = torch.nn.Sequential(*layers[:-1])
    optimizer = torch.optim.SGD(model.parameters(), LEARNING_RATES[net])
    inputs, labels = torch.from_numpy(X), torch.from_numpy(y)

    def steps(count: int) -> list[float]:
        losses = []
        for _ in range(count):
            optimizer.zero_grad()
            loss = torch.nn.functional.binary_cross_entropy_with_logits(model(inputs), labels)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    return steps


def jax_steps(net: str) -> Step:
    """Return JAX's, the whole step compiled."""
    import jax
    import jax.numpy as jnp

    X, y, parameters = problem(net)
    bend = jax.nn.relu if NETS[net][1] == "relu" else jnp.tanh

    def loss(theta: list[Any]) -> Any:
        a = X
        for i in range(0, len(theta), 2):
            z = a @ theta[i] + theta[i + 1]
            a = bend(z) if i + 2 < len(theta) else z
        return jnp.mean(jax.nn.softplus(a) - y * a)

    @jax.jit
    def step(theta: list[Any]) -> Any:
        value, gradient = jax.value_and_grad(loss)(theta)
        return value, [t - LEARNING_RATES[net] * g for t, g in zip(theta, gradient, strict=True)]

    state = [jnp.asarray(array) for array in parameters]

    def steps(count: int) -> list[float]:
        nonlocal state
        losses = []
        for _ in range(count):
            value, state = step(state)
            losses.append(float(value))
        return losses

    return steps


def sklearn_steps(net: str) -> Step:
    """Return scikit-learn's, by `partial_fit` with one batch of all points."""
    from sklearn.neural_network import MLPClassifier

    X, y, parameters = problem(net)
    sizes, activation = NETS[net]
    model = MLPClassifier(
        sizes[1:-1], activation=activation, solver="sgd", alpha=0, batch_size=N_POINTS, momentum=0,
        learning_rate_init=LEARNING_RATES[net], nesterovs_momentum=False, shuffle=False,
    )  # fmt: skip
    labels = y[:, 0].astype(int)
    model.partial_fit(X, labels, classes=[0, 1])
    for mine, theirs in zip(parameters[::2], model.coefs_, strict=True):
        theirs[...] = mine
    for mine, theirs in zip(parameters[1::2], model.intercepts_, strict=True):
        theirs[...] = mine

    def steps(count: int) -> list[float]:
        losses = []
        for _ in range(count):
            model.partial_fit(X, labels)
            losses.append(float(model.loss_))
        return losses

    return steps


def keras_steps(net: str) -> Step:
    """Return those of Keras's `fit`, on TensorFlow, an epoch a step."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    X, y, parameters = problem(net)
    sizes, activation = NETS[net]
    hidden = [keras.layers.Dense(width, activation) for width in sizes[1:-1]]
    model = keras.Sequential([keras.Input((sizes[0],)), *hidden, keras.layers.Dense(1)])
    model.set_weights(parameters)
    model.compile(
        keras.optimizers.SGD(LEARNING_RATES[net]), keras.losses.BinaryCrossentropy(from_logits=True)
    )

    def steps(count: int) -> list[float]:
        history = model.fit(X, y, batch_size=N_POINTS, epochs=count, shuffle=False, verbose=0)
        return [float(value) for value in history.history["loss"]]

    return steps


MAKERS: dict[str, Callable[[str], Step]] = {
    "activations": ours,
    "torch": torch_steps,
    "jax": jax_steps,
    "scikit-learn": sklearn_steps,
    "keras": keras_steps,
}


def answer(library: str, net: str) -> None:
    """Serve one library: a line of stdin says how many steps, a line of stdout gives seconds and losses."""
    steps = MAKERS[library](net)
    for line in sys.stdin:
        count = int(line)
        started = time.perf_counter()
        losses = steps(count)
        seconds = (time.perf_counter() - started) / count
        print(json.dumps({"seconds": seconds, "losses": losses}), flush=True)


class Library:
    """A library in a process of its own, asked for a few steps at a time."""

    def __init__(self, name: str, net: str) -> None:
        command = [sys.executable, __file__, "--answer", name, net]
        one_thread = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        one_thread["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | one_thread
        )

    def steps(self, count: int) -> dict[str, Any]:
        """Take `count` steps."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found

    def close(self) -> None:
        """Let the process end."""
        self.process.communicate()


def race(net: str, names: list[str], rounds: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Return, for every library, the seconds a step in each round, and its first losses."""
    libraries = {name: Library(name, net) for name in names}
    losses = {name: library.steps(COMPARED)["losses"] for name, library in libraries.items()}
    seconds: dict[str, list[float]] = {name: [] for name in names}
    count = 100 if net == "small" else 20
    for _ in range(rounds):
        for name, library in libraries.items():
            seconds[name].append(min(library.steps(count)["seconds"] for _ in range(3)))
    for library in libraries.values():
        library.close()
    return seconds, losses


def disagreement(mine: list[float], theirs: list[float]) -> float:
    """Return the largest relative difference of two records of losses."""
    return float(np.max(np.abs(np.array(mine) - theirs) / np.abs(mine)))


def growth(rounds: int) -> dict[str, list[tuple[int, float]]]:
    """Return how a step's time grows with width, depth, batch and seeds, as a multiple of the first."""
    from activations.experiments.side_by_side import Networks
    from activations.training import MLP

    def best(networks: Any, X: Any, y: Any) -> float:
        def step() -> None:
            forward = networks.forward(X)
            networks.backward(forward, (forward.output - y) / len(y))

        step()
        found = []
        for _ in range(3 * rounds):
            started = time.perf_counter()
            step()
            found.append(time.perf_counter() - started)
        return statistics.median(found)

    def plain(sizes: list[int], n: int) -> float:
        rng = np.random.default_rng(0)
        X = rng.normal(size=(n, sizes[0])).astype(np.float32)
        y = (X[:, :1] > 0).astype(np.float32)
        return best(MLP(sizes, "relu", rng=rng, dtype=np.float32), X, y)

    def stacked(seeds: int) -> float:
        rng = np.random.default_rng(0)
        X = rng.normal(size=(N_POINTS, 2)).astype(np.float32)
        y = (X[:, :1] > 0).astype(np.float32)
        rngs = [np.random.default_rng(seed) for seed in range(seeds)]
        return best(Networks([2, 16, 16, 1], "relu", rngs=rngs, dtype=np.float32), X, y)

    powers = [16, 32, 64, 128, 256, 512]
    measured = {
        "width": [(width, plain([64, width, width, 1], N_POINTS)) for width in powers],
        "depth": [(depth, plain([64, *[64] * depth, 1], N_POINTS)) for depth in (1, 2, 4, 8, 16, 32)],
        "batch": [(n, plain([64, 64, 64, 1], n)) for n in (8, 32, 128, 512, 2048, 8192)],
        "seeds": [(seeds, stacked(seeds)) for seeds in (1, 2, 4, 8, 16, 32)],
    }
    return {what: [(size, t / times[0][1]) for size, t in times] for what, times in measured.items()}


def profile(net: str) -> list[tuple[str, float]]:
    """Return the share of the time that the parts of a step take by themselves, largest first."""
    steps = ours(net)
    steps(20)
    profiler = cProfile.Profile()
    profiler.enable()
    steps(300)
    profiler.disable()
    own: dict[str, float] = {}
    for (file, _, function), (_, _, itself, _, _) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        place = Path(file).stem
        if function in ("forward", "backward"):
            part = f"{function}: matrix products and sums over NumPy's operators"
        elif place == "elementwise":
            part = "activation functions and derivatives"
        elif "reduce" in function:
            part = "sums over the batch (bias gradients, mean loss)"
        elif place == "losses":
            part = "loss"
        elif place == "optimizers":
            part = "update"
        else:
            part = "checks and calls"
        own[part] = own.get(part, 0) + itself
    total = sum(own.values())
    return sorted(((part, t / total) for part, t in own.items()), key=lambda pair: -pair[1])


def report(found: dict[str, Any], names: list[str]) -> str:
    """Return the tables in Markdown."""
    lines = ["# Speed of training", "", "Written by `benchmarks/training.py`; do not edit by hand.", ""]
    lines += [environment(names), ""]
    lines += [
        "A step on 500 points in float32, on one thread: forward, loss, backward, plain gradient descent.",
        "Median over the rounds, with the least and the greatest in brackets.",
        "",
        "## This package's time as a multiple of another library's",
        "",
        "| network | library | ratio | goal | losses of 200 steps differ by at most |",
        "|---|---|---:|---:|---:|",
    ]
    for net in NETS:
        seconds, losses = found[net]["seconds"], found[net]["losses"]
        for name in names[1:]:
            ratios = [a / b for a, b in zip(seconds["activations"], seconds[name], strict=True)]
            goal = f"≤ {GOALS[net, name]}" if (net, name) in GOALS else "–"
            off = disagreement(losses["activations"], losses[name])
            lines.append(f"| {TITLES[net]} | {name} | {spread(ratios)} | {goal} | {off:.0e} |")
    lines += [
        "",
        "Keras's losses are those that `fit` reports. Where a goal is missed: the network is written to be",
        "read, one NumPy operation for each of the textbook's, with new arrays and checked arguments in",
        "every step. A compiled step saves the calls; a derivative that reuses f(z) saves the exponential.",
        "",
        "## Where the time goes",
        "",
    ]
    for net in NETS:
        lines += [f"**{TITLES[net]}**", "", "| part | share of the profiled time |", "|---|---:|"]
        lines += [f"| {part} | {100 * share:.0f} % |" for part, share in found[net]["profile"]]
        lines.append("")
    lines += ["## How the cost grows", "", "Forward and backward, as a multiple of the first entry.", ""]
    for what, times in found["growth"].items():
        lines += [f"| {what} | " + " | ".join(str(size) for size, _ in times) + " |"]
        lines += ["|---|" + "---:|" * len(times)]
        lines += ["| multiple | " + " | ".join(f"{ratio:.1f}" for _, ratio in times) + " |", ""]
    return "\n".join(lines)


def plot(found: dict[str, list[tuple[int, float]]], target: Path) -> None:
    """Draw how the cost grows, on double logarithmic axes with the line of proportional growth."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "training"})
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5.5), layout="constrained")
    for axes, (what, times) in zip(figure.subplots(2, 2).flat, found.items(), strict=True):
        sizes = np.array([size for size, _ in times])
        axes.loglog(sizes, [ratio for _, ratio in times], "o-", label="measured")
        axes.loglog(sizes, sizes / sizes[0], ":", color="0.5", label="proportional")
        axes.set_xticks(sizes, [str(size) for size in sizes], minor=False)
        axes.minorticks_off()
        axes.set_xlabel(what)
        axes.set_ylabel("multiple of the first")
    axes.legend()
    figure.savefig(target, metadata={"Date": None})


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--answer", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.answer:
        answer(*options.answer)
        return
    names = [name for name, module in LIBRARIES.items() if not module or importlib.util.find_spec(module)]
    found: dict[str, Any] = {"growth": growth(options.rounds)}
    for net in NETS:
        seconds, losses = race(net, names, options.rounds)
        found[net] = {"seconds": seconds, "losses": losses, "profile": profile(net)}
    text = report(found, names)
    print(text)
    if options.rounds >= 9:
        (RESULTS / "training.md").write_text(text, encoding="utf-8")
        plot(found["growth"], RESULTS / "training.svg")


if __name__ == "__main__":
    main()
