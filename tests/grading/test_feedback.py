"""Students learn what to look at, and never see a hidden check."""

from __future__ import annotations

import dataclasses
from html.parser import HTMLParser

import classroom
import nbformat
import pytest
from classroom import LIMITS, NAME

from activations.grading.autograde import Task, grade
from activations.grading.feedback import feedback_page
from activations.grading.gradebook import HandGrade
from activations.grading.results import Result

SOURCE = nbformat.writes(classroom.small_assignment())


def graded(notebook: nbformat.NotebookNode) -> Result:
    return grade(Task("ada", NAME, SOURCE, classroom.as_bytes(notebook), limits=LIMITS))


def page(notebook: nbformat.NotebookNode, by_hand: dict[str, HandGrade] | None = None) -> str:
    result = graded(notebook)
    return feedback_page(result, result.notebook, by_hand or {})


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_points_hints_and_own_code_are_there() -> None:
    text = page(classroom.answered(double=classroom.WRONG))
    assert "<strong>3 of 10 points</strong>" in text
    assert "The check says: that is the number itself: double it" in text
    assert "def double(x):" in text
    assert "wait for your instructor" in text
    assert classroom.WORDS in text


def test_hidden_checks_are_heard_and_not_seen() -> None:
    text = page(
        classroom.answered(double="def double(x):\n    return 2 * int(x) if np.isscalar(x) else 2 * x")
    )
    assert "A check that is not in your copy says: double fractions, too" in text
    for line in (classroom.DOUBLE_CHECKS + classroom.SQUARE_CHECKS).splitlines():
        assert line not in text
    assert "Traceback" not in text
    assert "check_value(" not in text


def test_nothing_of_a_student_is_markup() -> None:
    evil = "</code></pre><script>alert(1)</script><img src=x onerror=alert(1)>"
    code = (
        f"from IPython.display import HTML, SVG, display\ndisplay(HTML({evil!r}))\nprint({evil!r})\n"
        f"class X:\n    def __repr__(self): return {evil!r}\nraise ValueError({evil!r})"
    )
    notebook = classroom.with_cells(code, "X()", f"# {evil}")
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(evil))
    text = page(notebook, {"words": HandGrade(1.0, 0.0, evil)})
    tags = {tag for tag, _ in Tags(text).tags}
    assert "script" not in tags
    assert "img" not in tags
    assert not [
        attributes for _, attributes in Tags(text).tags if any(name.startswith("on") for name in attributes)
    ]
    assert text.count("&lt;script&gt;") >= 5


def test_cells_of_the_assignment_are_not_called_the_students() -> None:
    source = classroom.small_assignment()
    source.cells.insert(1, nbformat.v4.new_code_cell("import activations  # launch", id="launch"))
    data = classroom.as_bytes(classroom.with_cells("mine = 1"))
    result = grade(Task("ada", NAME, nbformat.writes(source), data, limits=LIMITS))
    text = feedback_page(result, result.notebook, {})
    assert "mine = 1" in text
    assert "launch" not in text


def test_pictures_have_words_and_come_from_the_page_itself() -> None:
    text = page(classroom.with_cells("import matplotlib.pyplot as plt\nplt.plot([1, 2]);"))
    (picture,) = [attributes for tag, attributes in Tags(text).tags if tag == "img"]
    assert picture["alt"]
    assert str(picture["src"]).startswith("data:image/png;base64,")


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ({"image/png": "!!!", "text/plain": "a figure"}, "a figure"),
        ({"image/png": "abc", "text/plain": ["a ", "figure"]}, "a figure"),
        ({"text/html": "<b>x</b>"}, ""),
    ],
)
def test_broken_pictures_are_words(data: dict[str, object], shown: str) -> None:
    result = graded(classroom.answered())
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    cell = {
        "cell_type": "code",
        "metadata": {"tags": ["added"]},
        "source": ["x = ", "1"],
        "outputs": [output],
    }
    text = feedback_page(result, {"cells": [cell]}, {})
    assert ("It showed" in text) is bool(shown)
    assert shown in text
    assert "x = 1" in text


def test_long_outputs_are_shortened() -> None:
    text = page(classroom.with_cells("print('y' * 50_000)"))
    assert "(shortened)" in text
    assert len(text) < 40_000


def test_what_was_not_graded_is_no_zero() -> None:
    text = feedback_page(Result("ada", NAME, "unreadable", ("the file is empty",)), None, {})
    assert "the file is empty" in text
    assert "This is not a score of zero" in text
    assert "<table>" not in text
    assert "points" not in text.split("<body>")[1]


def test_a_stopped_cell_is_named() -> None:
    text = page(classroom.with_cells("import os\nos._exit(0)"))
    assert "A cell had to be stopped: the added cell 6: stopped: it ended the Python" in text


def test_what_else_is_remarkable_is_for_the_instructor() -> None:
    text = page(classroom.with_cells("import os\nos._exit(0)", "import gc", "1 / 0"))
    assert "the added cell 6: stopped" in text
    assert "looks at all objects" not in text
    assert "the added cell 8 fails" not in text


def test_the_instructors_words_and_points_are_there() -> None:
    result = graded(classroom.answered())
    questions = [
        dataclasses.replace(question, score=1.5) if question.by_hand else question
        for question in result.questions
    ]
    result = dataclasses.replace(result, questions=tuple(questions))
    text = feedback_page(result, result.notebook, {"words": HandGrade(1.5, 0.0, "Say why.")})
    assert "<strong>8.5 of 10 points</strong>" in text
    assert "some points" in text
    assert "Your instructor:</strong> Say why." in text
    assert "wait for your instructor" not in text


def test_words_about_code_stand_below_it() -> None:
    text = page(classroom.answered(), {"double": HandGrade(None, comment="Short and clear.")})
    code, words = text.index("def double"), text.index("Your instructor:</strong> Short and clear.")
    assert code < words < text.index("def square")


def test_an_unanswered_question_says_so() -> None:
    assert "<p>no answer</p>" in page(classroom.answered(words=""))
