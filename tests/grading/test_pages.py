"""Pages stand alone, and say what they show."""

from __future__ import annotations

from activations.grading.pages import PAGE_STYLE, number, page, table


def test_a_page_asks_nobody_for_anything() -> None:
    text = page("A <b>", "<h1>x</h1>")
    assert "<title>A &lt;b&gt;</title>" in text
    assert "default-src 'none'" in text
    assert "<script" not in text
    assert 'lang="en"' in text
    assert "http" not in text.replace("http-equiv", "")


def test_tables_name_rows_and_columns() -> None:
    text = table("Points", ["A", "B"], [["x", "1"], ["y", "2"]], numbers=(1,))
    assert text.count('scope="row"') == text.count('scope="col"') == 2
    assert '<td class="number">1</td>' in text
    assert 'tabindex="0"' in text


def test_numbers_as_people_write_them() -> None:
    assert [number(value) for value in (0.0, 10.0, 2.25, 1 / 3, None)] == ["0", "10", "2.25", "0.33", "–"]


def luminance(colour: str) -> float:
    digits = colour * 2 if len(colour) == 3 else colour
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_colour_of_text_stands_out_on_the_page() -> None:
    import re

    for block in (PAGE_STYLE.split("@media")[0], PAGE_STYLE.split("@media")[1]):
        colours = dict(re.findall(r"--(\w+): #(\w+)", block))
        for name in ("text", "good", "bad", "open"):
            for ground in ("page", "soft"):
                low, high = sorted([luminance(colours[name]), luminance(colours[ground])])
                # 4.5 to 1 is what WCAG asks for text.
                assert (high + 0.05) / (low + 0.05) >= 4.5, (name, ground)
