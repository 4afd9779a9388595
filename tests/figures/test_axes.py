"""Ticks, numbers and inks that several plots share."""

import pytest
from contrast import channels, contrast
from hypothesis import given, settings
from hypothesis import strategies as st

from activations.figures import subplots
from activations.figures._axes import DARK_INK, LIGHT_INK, in_powers, ink_for, log_scale, written


def labels(low, high, which="y"):
    _, ax = subplots()
    log_scale(ax, which)
    getattr(ax, f"set_{which}lim")(low, high)
    axis = getattr(ax, f"{which}axis")
    ticks = axis.get_majorticklocs()
    texts = axis.get_major_formatter().format_ticks(ticks)
    return [text for text, tick in zip(texts, ticks, strict=True) if low <= tick <= high]


@pytest.mark.parametrize("which", ["x", "y"])
def test_many_decades_have_powers_of_ten(which):
    shown = labels(1e-6, 10.0, which)
    assert set(shown) <= {"10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "1", "10"}
    assert 3 <= len(shown) <= 8


def test_few_decades_have_plain_numbers():
    assert labels(0.05, 2.0) == ["0.05", "0.1", "0.2", "0.5", "1", "2"]


def test_part_of_a_decade_has_ticks_too():
    assert len(labels(0.31, 0.42)) >= 3


@settings(max_examples=30)  # each makes a figure
@given(st.integers(-12, 11), st.floats(0.05, 6.0))
def test_every_range_has_at_least_two_ticks(exponent, decades):
    low = 1.3 * 10.0**exponent
    assert 2 <= len(labels(low, low * 10.0**decades)) <= 10


def test_numbers_in_powers():
    assert [in_powers(v) for v in (1.0, 10.0, 100.0, 5e-4)] == ["1", "10", "10²", "5×10⁻⁴"]


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (0.25, ".3g", "0.25"),
        (-1.5, ".2f", "−1.50"),
        (1.9e-6, ".3g", "1.9×10⁻⁶"),
        (-2e12, ".2g", "−2×10¹²"),
        (3.0, ".0f", "3"),
    ],
)
def test_numbers_as_people_write_them(value, number_format, text):
    assert written(value, number_format) == text


@given(st.tuples(*[st.floats(0, 1)] * 3))
def test_ink_has_the_better_contrast(color):
    chosen = ink_for(color)
    other = ({LIGHT_INK, DARK_INK} - {chosen}).pop()
    # The threshold is rounded to three digits.
    assert contrast(color, channels(chosen)) >= 0.98 * contrast(color, channels(other))
    # Even the colour for which both inks are equally good is legible (WCAG AA asks for 3 at this size
    # when bold and 4.5 otherwise; black and white would give 4.58).
    assert contrast(color, channels(chosen)) >= 3.7
