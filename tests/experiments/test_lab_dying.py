"""The verdicts of the chapter on dying ReLU, each by its label, with margins from the spread."""

from __future__ import annotations

import numpy as np
import pytest

from activations.experiments import sparsity, speed
from activations.experiments.born_dead import (
    born_dead_bounds,
    learn_absolute_value,
    measure_living_points,
)
from activations.experiments.dying import (
    measure_born_dead,
    measure_dead_on_digits,
    measure_dying,
    measure_on_fresh_points,
    measure_redrawing,
    one_input_death_probability,
    two_moons,
)
from activations.experiments.unit_lives import silent_at_bias, watch_units
from activations.training import MLP, SGD, Adam, dead_units, fit


def test_a_tenth_of_the_dead_fires_on_fresh_data() -> None:
    runs = measure_on_fresh_points()
    assert 400 < runs.dead.sum() < 750  # some 560 of 1280
    assert 0.05 < runs.woken < 0.2  # measured 0.10


def test_units_of_the_digits_die_beyond_the_best_rate() -> None:
    calm, best, wild = (measure_dead_on_digits(rate, seeds=range(10)) for rate in (0.4, 0.8, 1.6))
    assert not calm.after.any()
    assert best.after.max() < 0.1  # measured 0.03
    assert np.median(wild.after[:, 1]) > 0.1


def test_raw_pixels_kill_at_birth_and_standardized_ones_do_not() -> None:
    raw = measure_dead_on_digits(0.01, standardized=False, batch_size=32)
    assert 0.01 < np.median(raw.before[:, 0]) < 0.08  # measured 0.03
    assert not measure_dead_on_digits(0.4, epochs=1, seeds=range(5)).before.any()


def test_redrawn_units_help_on_every_seed() -> None:
    left, redrawn = measure_redrawing(False), measure_redrawing(True)
    assert (redrawn < left).all()
    assert np.median(redrawn) < 0.6 * np.median(left)  # measured 0.12 and 0.30


@pytest.mark.parametrize("bias", [-1.0, -2.0, -4.0])
def test_lab_dead_bias(bias: float) -> None:
    runs = measure_dying(bias=bias, optimizer=SGD(1.0), steps=50)
    expected = silent_at_bias(bias)
    # 1280 independent units: three standard deviations.
    margin = 3 * np.sqrt(expected * (1 - expected) / 1280)
    assert runs.silent_before.mean() == pytest.approx(expected, abs=margin)
    assert runs.revived == 0


def test_lab_dead_forty() -> None:
    runs = {rate: watch_units(SGD(rate), steps=100) for rate in (1, 10, 30)}
    silent = {rate: np.median(run.silent()) for rate, run in runs.items()}
    loss = {rate: np.median(run.loss) for rate, run in runs.items()}
    assert silent[1] == 0
    assert 0.3 < silent[10] < 0.55  # measured 0.41
    assert silent[30] > 0.85  # measured 0.98
    # With four units in ten dead the loss is a twentieth of that with none; with nearly all dead it is high.
    assert loss[10] < loss[1] / 5
    assert loss[30] > 0.6


@pytest.mark.parametrize("optimizer", [SGD(3.0, momentum=0.9), Adam(0.3)], ids=str)
def test_more_dead_units_and_less_loss_go_together(optimizer) -> None:
    slow = SGD(0.3, momentum=0.9) if isinstance(optimizer, SGD) else Adam(0.03)
    careful, bold = watch_units(slow, steps=100), watch_units(optimizer, steps=100)
    assert np.median(bold.silent()) > np.median(careful.silent()) + 0.15  # measured + 0.28 and more
    assert np.median(bold.loss) < np.median(careful.loss) / 4  # measured 1 / 14 and less


@pytest.mark.parametrize("rate", [10.0, 30.0])
def test_lab_dead_forever(rate: float) -> None:
    run = watch_units(SGD(rate), steps=100)
    assert run.deaths() > 400  # measured 564 and 1245
    assert run.revivals() == 0


def test_the_weights_of_a_dead_unit_do_not_move_by_a_bit() -> None:
    X, y = two_moons()
    net = MLP([2, 64, 1], "relu", rng=np.random.default_rng(0))
    net.biases[0][:] = -4
    dead = dead_units(net, X)[0]
    before = [net.weights[0][:, dead].copy(), net.biases[0][dead].copy(), net.weights[1][dead].copy()]
    fit(net, X, y, loss="binary_cross_entropy", optimizer=SGD(1.0), epochs=20, shuffle=False, progress=False)
    after = [net.weights[0][:, dead], net.biases[0][dead], net.weights[1][dead]]
    assert dead.sum() > 40
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("optimizer", [SGD(3.0, momentum=0.9), Adam(0.3)], ids=str)
def test_lab_dead_forever_not_with_inertia(optimizer) -> None:
    run = watch_units(optimizer, steps=100)
    assert 0.1 < run.revivals() / run.deaths() < 0.6  # measured 0.23 and 0.35


def test_lab_dead_forever_not_in_higher_layers() -> None:
    run = watch_units(SGD(0.3), hidden=(32, 32, 32), steps=100)
    assert run.revivals(0) == 0
    for layer in (1, 2):
        assert run.revivals(layer) > 15  # measured 43 and 80


def test_lab_born_exact() -> None:
    share = measure_born_dead(2, 2, networks=100_000).everywhere[1]
    assert born_dead_bounds(2, 2).low == 5 / 32
    assert share == pytest.approx(5 / 32, abs=4 * np.sqrt(5 / 32 * 27 / 32 / 100_000))


@pytest.mark.parametrize("width", [2, 3, 4, 5])
def test_lab_born_bounds(width: int) -> None:
    counted = measure_born_dead(width, 19, networks=20_000).everywhere
    place = []
    for depth in (4, 9, 19):
        low, high = born_dead_bounds(width, depth)
        error = 4 * np.sqrt(high / 20_000)  # of a count
        assert low - error < counted[depth - 1] < high + error
        assert high < one_input_death_probability(width, depth)
        place.append((counted[depth - 1] - low) / (high - low))
    assert place[0] < place[-1]  # the deeper, the nearer to the upper bound
    if width == 2:
        assert counted[8] == pytest.approx(0.88, abs=0.015)


def test_lab_born_width() -> None:
    for depth, width in ((4, 4), (16, 6), (64, 8)):
        one_value = 1 - one_input_death_probability(width, depth)
        assert one_value == pytest.approx(np.exp(-0.25), abs=0.01)
        alive = np.mean(measure_living_points([width] * depth, n_inputs=8, networks=500)[:, -1] > 0)
        # Many points live more easily than one; 500 networks scatter by 0.02.
        assert one_value - 0.05 < alive < 1
    assert np.mean(measure_living_points([4] * 64, n_inputs=8, networks=500)[:, -1] > 0) < 0.1


@pytest.mark.parametrize("width", [2, 3])
def test_lab_born_flip(width: int) -> None:
    many = {"n_inputs": 8, "n_points": 256, "networks": 500}
    flipped = measure_living_points([width] * 10, flip=True, **many)
    assert (flipped >= 2.0 ** -np.arange(1, 11)).all()
    assert flipped[:, -1].min() > 0.1  # measured 0.24 and 0.28
    plain = measure_living_points([width] * 10, **many)
    assert np.mean(plain[:, -1] == 0) > 0.4  # measured 0.88 and 0.54


def test_lab_born_abs() -> None:
    runs = learn_absolute_value()
    # Binomial: 100 networks at 0.88 scatter by 0.03.
    assert runs.constant_before.mean() == pytest.approx(0.88, abs=0.1)
    assert runs.constant_after[runs.constant_before].all()
    assert runs.constant_after.mean() > 0.85  # measured 0.92
    assert runs.solved.sum() <= 12  # measured 4


def test_lab_asymmetric() -> None:
    runs = learn_absolute_value(asymmetric=True)
    assert runs.constant_before.mean() < 0.42  # measured 0.27
    assert runs.constant_after.mean() > runs.constant_before.mean() + 0.1  # measured 0.55
    assert 0.1 < runs.solved.mean() < 0.45  # measured 0.25


@pytest.mark.parametrize(
    ("how", "constant", "solved"),
    [
        ({"activation": "leaky_relu"}, 0.1, (0.08, 0.4)),
        ({"activation": "prelu"}, 0.05, (0.8, 1)),
        ({"activation": "elu"}, 0.05, (0.7, 1)),
        ({"width": 8}, 0.12, (0.85, 1)),
    ],
    ids=str,
)
def test_other_repairs_on_the_absolute_value(how, constant: float, solved: tuple[float, float]) -> None:
    runs = learn_absolute_value(**how)
    # Measured 0.01, 0, 0 and 0.03 constant; 0.20, 0.93, 0.84 and 0.95 solved; three binomial errors.
    assert runs.constant_after.mean() <= constant
    assert solved[0] <= runs.solved.mean() <= solved[1]


def test_lab_repair() -> None:
    back, loss = {}, {}
    for name in ("leaky_relu", "elu"):
        for how, optimizer in {"Adam": Adam(0.03), "descent": SGD(1.0)}.items():
            run = watch_units(optimizer, activation=name, bias=-8.0, steps=100)
            back[name, how], loss[name, how] = 1 - np.median(run.silent()), np.median(run.loss)
    assert back["elu", "Adam"] > 0.5  # measured 0.72
    assert 0.03 < back["leaky_relu", "Adam"] < 0.3  # measured 0.13
    assert max(loss["elu", "Adam"], loss["leaky_relu", "Adam"]) < 0.35
    assert max(back["elu", "descent"], back["leaky_relu", "descent"]) < 0.05
    assert loss["leaky_relu", "descent"] < 0.65  # below a coin's, slowly
    assert loss["elu", "descent"] > 2  # measured 8


def test_lab_leaky_tie() -> None:
    rates, epochs, test = (0.4, 0.8, 1.6), {}, {}
    for name in ("relu", "leaky_relu"):
        scan = speed.scan_learning_rates(name, rates, seeds=range(100, 103))
        epochs[name] = speed.epochs_to_target(name, speed.best_learning_rate(rates, scan))
        test[name] = sparsity.measure_overfitting(name).test_accuracy
    assert abs(np.median(epochs["relu"]) - np.median(epochs["leaky_relu"])) <= 1  # 5 and 5
    gain = test["leaky_relu"] - test["relu"]
    assert abs(np.median(gain)) < 0.005  # measured −0.0006; one seed differs by up to 0.005
    assert 4 <= np.sum(gain > 0) <= 16
