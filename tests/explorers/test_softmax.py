"""softmax_explorer: logits, labels and traits. Its mathematics is held against the package in a browser."""

from __future__ import annotations

import pytest

from activations.explorers import softmax_explorer


def test_logits_and_labels_reach_the_view() -> None:
    explorer = softmax_explorer([2.33, -1.46, 0.56], ["cat", "dog", "bird"])
    assert explorer.logits == (2.33, -1.46, 0.56)
    assert explorer.view.labels == ["cat", "dog", "bird"]
    assert [getattr(explorer.view, f"logit_{i}") for i in range(3)] == [2.33, -1.46, 0.56]


def test_labels_default_to_numbers() -> None:
    assert softmax_explorer([0, 1]).view.labels == ["class 1", "class 2"]


def sliders(explorer) -> list:
    return list(explorer.children[0].children)


def test_each_logit_has_a_slider_wide_enough_for_it() -> None:
    explorer = softmax_explorer([12.5, -3])
    assert [s.description for s in sliders(explorer)] == ["class 1", "class 2"]
    assert {(s.min, s.max) for s in sliders(explorer)} == {(-13.0, 13.0)}
    assert {(s.min, s.max) for s in sliders(softmax_explorer([1, 2]))} == {(-5.0, 5.0)}


def test_steps_meet_the_given_logits() -> None:
    assert {s.step for s in sliders(softmax_explorer([1.3, -0.7]))} == {0.1}
    assert {s.step for s in sliders(softmax_explorer([2.33, 1.0]))} == {0.01}


def test_logits_change_together() -> None:
    explorer = softmax_explorer([0, 0, 0])
    seen = []
    explorer.observe(lambda change: seen.append(change["new"]), "logits")
    explorer.logits = [1, 2, 3]
    assert explorer.view.logit_2 == 3.0
    explorer.view.logit_0 = -1.0
    assert seen == [(1.0, 2.0, 3.0), (-1.0, 2.0, 3.0)]


def test_the_other_traits_move_the_view() -> None:
    explorer = softmax_explorer([0, 1])
    explorer.temperature, explorer.shift = 0.5, 10
    explorer.show_argmax = explorer.show_sigmoids = True
    view = explorer.view
    assert (view.temperature, view.shift, view.show_argmax, view.show_sigmoids) == (0.5, 10.0, True, True)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: softmax_explorer([1.0]), ValueError, r"logits must be 2 to 6 numbers, got 1"),
        (lambda: softmax_explorer(range(7)), ValueError, r"logits must be 2 to 6 numbers, got 7"),
        (lambda: softmax_explorer("12"), TypeError, r"logits must be a sequence of numbers, got '12'"),
        (lambda: softmax_explorer(3), TypeError, r"logits must be a sequence of numbers, got 3"),
        (lambda: softmax_explorer([1, "2"]), TypeError, r"each logit must be a number, got '2'"),
        (lambda: softmax_explorer([1, float("inf")]), ValueError, r"logits must be finite"),
        (lambda: softmax_explorer([1, float("nan")]), ValueError, r"each logit must lie between"),
        (lambda: softmax_explorer([1, 2], ["a"]), ValueError, r"labels must be 2 names, got 1"),
        (
            lambda: setattr(softmax_explorer([1, 2]), "logits", [1, 2, 3]),
            ValueError,
            r"logits must keep their number of classes, 2, got 3",
        ),
        (
            lambda: setattr(softmax_explorer([1, 2]), "logits", [1, 20]),
            ValueError,
            r"each logit must lie between -5 and 5, got 20",
        ),
        (
            lambda: setattr(softmax_explorer([1, 2]), "temperature", 0),
            ValueError,
            r"temperature must lie between 0.1 and 10, got 0",
        ),
    ],
)
def test_bad_input_is_explained(call, error, message) -> None:
    with pytest.raises(error, match=f"softmax_explorer: {message}"):
        call()
