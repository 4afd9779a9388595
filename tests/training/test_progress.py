import io
import sys

import numpy as np
import pytest

from activations.training import MLP, SGD, _progress, fit
from activations.training._progress import progress, progress_bar


def train(epochs=3, **options):
    network = MLP([2, 1], rng=np.random.default_rng(0))
    return fit(
        network, np.eye(2), [0, 1], loss="mean_squared_error", optimizer=SGD(0.1), epochs=epochs,
        shuffle=False, **options,
    )  # fmt: skip


def hold(progress=None):
    with progress_bar(3, "held", "step", progress) as bar:
        for _ in range(3):
            bar.update()


def loop():
    for _ in progress(range(3), "looped", "step"):
        pass


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(_progress, "PROGRESS_DELAY", 0.0)


@pytest.fixture
def watched(monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "chapters/02-sigmoid.ipynb")


@pytest.fixture
def alone(monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)


@pytest.mark.parametrize("work", [train, hold, loop])
def test_nothing_is_printed_by_a_short_run_though_somebody_watches(work, watched, capsys):
    work()
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("work", [train, hold, loop])
def test_nothing_is_printed_where_nobody_watches(work, alone, impatient, capsys):
    work()
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("work", [train, hold])
def test_a_bar_is_shown_and_removed_where_it_is_asked_for(work, alone, impatient, capsys):
    work(progress=False)
    assert capsys.readouterr() == ("", "")
    work(progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "/3" in err
    assert err.endswith("\r"), "the line is wiped"


@pytest.mark.parametrize("work", [train, hold, loop])
@pytest.mark.parametrize("terminal", [True, False])
def test_a_terminal_is_watched(work, terminal, alone, impatient, monkeypatch):
    class Stream(io.StringIO):
        def isatty(self):
            return terminal

    monkeypatch.setattr(sys, "stderr", Stream())
    work()
    assert ("/3" in sys.stderr.getvalue()) is terminal


@pytest.mark.parametrize("work", [train, hold, loop])
def test_an_opened_notebook_is_watched(work, watched, impatient, capsys):
    work()
    assert "/3" in capsys.readouterr().err


def test_colab_is_watched(alone, impatient, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "google.colab", sys)
    train()
    assert "fit" in capsys.readouterr().err


def test_a_bar_is_alone(watched, impatient, capsys):
    with progress_bar(2, "outer", "step"):
        loop()
        train()
    err = capsys.readouterr().err
    assert "outer" in err
    assert "looped" not in err
    assert "fit" not in err
    train()
    assert "fit" in capsys.readouterr().err, "a bar that has gone hides no other"


def test_an_error_takes_the_bar_along(watched, impatient, capsys):
    with pytest.raises(ZeroDivisionError), progress_bar(2, "outer", "step"):
        raise ZeroDivisionError
    assert capsys.readouterr().err.endswith("\r")
    train()
    assert "fit" in capsys.readouterr().err
