"""Showing a figure says in words what it shows, and leaves nothing behind."""

import sys
import xml.etree.ElementTree as ET

import matplotlib as mpl
import pytest

from activations.figures import display, plot_lines, show, subplots

ALT = "The line rises from 0 to 1 & stays “below” <2>, it's straight."


@pytest.fixture
def shown(monkeypatch):
    outputs = []

    def keep(picture):
        # As the notebook's formatters ask for it.
        outputs.append({"text/html": picture._repr_html_(), "text/plain": repr(picture)})

    monkeypatch.setattr(display, "display", keep)
    return outputs


def line():
    fig, ax = subplots()
    plot_lines(ax, [0.0, 1.0], {"a": [0.0, 1.0]})
    return fig


def test_html_for_the_page_and_words_for_the_rest(shown):
    assert show(line(), alt=ALT) is None
    (data,) = shown
    assert set(data) == {"text/html", "text/plain"}
    assert data["text/plain"] == ALT
    figure = ET.fromstring(data["text/html"])
    assert (figure.tag, figure.get("class")) == ("figure", "course-figure")
    svg = figure[0]
    assert svg.tag.endswith("svg")
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == ALT
    assert len(figure) == 1


def test_caption_is_text(shown):
    show(line(), alt=ALT, caption="a < b")
    caption = ET.fromstring(shown[0]["text/html"])[-1]
    assert (caption.tag, caption.text) == ("figcaption", "a < b")


def test_second_copy_of_a_figure_has_ids_of_its_own(shown):
    for _ in range(3):
        show(line(), alt=ALT)
    ids = [
        {element.get("id") for element in ET.fromstring(data["text/html"]).iter() if element.get("id")}
        for data in shown
    ]
    assert all(ids)
    assert not ids[0] & ids[1]
    assert not ids[1] & ids[2]
    for data, names in zip(shown, ids, strict=True):
        assert all(
            f"url(#{name})" in data["text/html"] or f'href="#{name}"' in data["text/html"] for name in names
        )


def test_prints_words_in_a_terminal(capsys):
    # Outside a notebook there are words only.
    show(line(), alt=ALT)
    assert capsys.readouterr().out == ALT + "\n"


def test_figure_of_pyplot_is_closed(shown):
    mpl.use("svg")
    import matplotlib.pyplot as plt

    fig = plt.figure()
    fig.add_subplot().plot([0, 1])
    show(fig, alt=ALT)
    assert plt.get_fignums() == []


def test_pyplot_is_not_needed(shown, monkeypatch):
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot", raising=False)
    show(line(), alt=ALT)
    assert "matplotlib.pyplot" not in sys.modules
    assert len(shown) == 1


@pytest.mark.parametrize("alt", ["", "   ", "\n"])
def test_alt_must_be_there(alt, shown):
    with pytest.raises(ValueError, match=r"show: alt must not be empty, got .*; say in a sentence what"):
        show(line(), alt=alt)
    assert shown == []


def test_alt_must_not_be_left_out(shown):
    with pytest.raises(ValueError, match="show: alt must not be empty"):
        show(line())


@pytest.mark.parametrize("alt", ["_images/a_b_c_d_e_f.png", "C:\\a\\b\\c\\d\\e", "a-b-c-d-e-f.svg"])
def test_alt_must_not_be_a_path(alt):
    with pytest.raises(ValueError, match="show: alt must not be a path, got "):
        show(line(), alt=alt)


@pytest.mark.parametrize("alt", ["Figure 1", "The sigmoid function", "loss – against — epochs …"])
def test_alt_must_be_a_sentence(alt):
    with pytest.raises(ValueError, match=r"show: alt must have at least 5 words, got "):
        show(line(), alt=alt)


@pytest.mark.parametrize("alt", ["Input/output pairs lie on a line.", "The loss falls to 0.25 in 10 epochs"])
def test_sentences_with_slashes_and_points_pass(alt, shown):
    show(line(), alt=alt)
    assert shown[0]["text/plain"] == alt


def test_other_types_are_refused():
    with pytest.raises(TypeError, match="show: alt must be a text, got NoneType; "):
        show(line(), alt=None)
    with pytest.raises(TypeError, match=r"show: fig must be a matplotlib figure, got tuple; use"):
        show(subplots(), alt=ALT)
