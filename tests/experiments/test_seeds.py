"""Seeds and rates are checked before the work begins, and whoever watches sees how far it is."""

import numpy as np
import pytest

from activations.experiments._seeds import at_each_rate, each_seed, generators
from activations.experiments.gating import best_contender_rate
from activations.experiments.side_by_side import Networks, fit_side_by_side
from activations.experiments.stalling import measure_stalling
from activations.training import SGD, _progress


@pytest.mark.parametrize(
    ("seeds", "error", "message"),
    [
        (5, TypeError, "f: seeds must be a sequence of whole numbers, got 5; "),
        ("12", TypeError, "f: seeds must be a sequence of whole numbers, got '12'; "),
        ([], ValueError, r"f: seeds must not be empty, got \(\); pass for example range\(20\)"),
        ([0, 0.5], TypeError, "f: each of seeds must be a whole number, got 0.5; "),
        ([0, -1], ValueError, "f: each of seeds must be at least 0, got -1; "),
    ],
)
@pytest.mark.parametrize("use", [each_seed, generators])
def test_bad_seeds_are_refused_before_any_work(use, seeds, error, message):
    with pytest.raises(error, match=message):
        use("f", seeds)


def test_seeds_may_come_from_an_iterator():
    assert list(each_seed("f", iter(range(3)))) == [0, 1, 2]
    draws = [rng.random() for rng in generators("f", (seed for seed in (4, 7)))]
    assert draws == [np.random.default_rng(seed).random() for seed in (4, 7)]


@pytest.mark.parametrize(
    ("rates", "error", "message"),
    [
        (0.1, TypeError, "f: learning_rates must be a sequence of numbers, got 0.1; "),
        ([0.1, 0], ValueError, "f: each of learning_rates must be above 0, got 0; "),
        ([0.1, "1"], TypeError, "f: each of learning_rates must be a number, got '1'; "),
    ],
)
def test_bad_rates_are_refused_before_any_work(rates, error, message):
    with pytest.raises(error, match=message):
        at_each_rate("f", rates, lambda rate: pytest.fail("measured"))


def train_side_by_side():
    rngs = [np.random.default_rng(seed) for seed in range(2)]
    networks = Networks([2, 3, 1], "tanh", rngs=rngs)
    fit_side_by_side(
        networks, np.eye(2), [0, 1], loss="binary_cross_entropy", optimizer=SGD(0.1), epochs=3, rngs=rngs
    )


def stall():
    measure_stalling(depth=1, steps=1, n_samples=4, seeds=range(3))


def scan():
    best_contender_rate("ReLU", "products", [0.01, 0.02, 0.03], seeds=[0])


LONG_WORK = [
    (train_side_by_side, "fit_side_by_side"),
    (stall, "measure_stalling"),
    (scan, "best_contender_rate"),
]


@pytest.mark.parametrize(("work", "name"), LONG_WORK)
def test_long_work_shows_one_bar_to_whoever_watches(work, name, monkeypatch, capsys):
    monkeypatch.setattr(_progress, "PROGRESS_DELAY", 0.0)
    monkeypatch.setenv("JPY_SESSION_NAME", "chapters/02-sigmoid.ipynb")
    work()
    out, err = capsys.readouterr()
    assert out == ""
    assert f"{name}:" in err
    assert "/3" in err
    assert {line.split(":")[0].strip() for line in err.split("\r") if line.strip()} == {name}


@pytest.mark.parametrize(("work", "name"), LONG_WORK)
def test_an_executed_notebook_gets_no_output(work, name, monkeypatch, capsys):
    monkeypatch.setattr(_progress, "PROGRESS_DELAY", 0.0)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    work()
    assert capsys.readouterr() == ("", "")
