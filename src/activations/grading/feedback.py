"""Tell a student what came of their work, on a page that keeps the hidden checks hidden.

Everything of the student's is text on this page, never markup: no browser runs what somebody has handed in.
"""

from __future__ import annotations

import base64
import binascii
import html
from collections.abc import Iterator, Mapping
from typing import Any

from activations.grading.gradebook import HandGrade
from activations.grading.merge import ADDED
from activations.grading.pages import number, page, table
from activations.grading.results import STATUSES, QuestionResult, Result

__all__ = ["feedback_page"]

PICTURES = ("image/png", "image/jpeg")
LONGEST = 4_000


def feedback_page(
    result: Result, notebook: Mapping[str, Any] | None, by_hand: Mapping[str, HandGrade]
) -> str:
    """Return the page for one student.

    Parameters
    ----------
    result : Result
        With the points that people have given.
    notebook : mapping or None
        The notebook as it was run.
    by_hand : mapping of str to HandGrade
        Comments of people, by cell.

    Returns
    -------
    str
        A page of HTML that needs no other file.

    Examples
    --------
    >>> page = feedback_page(Result("ada", "sigmoid", "missing", ("nothing was handed in",)), None, {})
    >>> "nothing was handed in" in page
    True
    """
    title = f"Feedback: {result.assignment}"
    body = [f"<h1>{html.escape(title)}</h1>", f"<p>For {html.escape(result.student)}.</p>", *_summary(result)]
    if result.graded:
        body += [_table(result), *_answers(result, notebook or {}, by_hand)]
    return page(title, "\n".join(body))


def _summary(result: Result) -> Iterator[str]:
    if not result.graded:
        reason = html.escape(result.reason or STATUSES[result.status])
        yield f'<p class="say bad"><strong>Not graded:</strong> {reason}.</p>'
        yield "<p>This is not a score of zero. Talk to your instructor, or hand in again.</p>"
        return
    yield f"<p><strong>{number(result.score)} of {number(result.max_score)} points</strong> so far.</p>"
    if result.open_questions:
        yield '<p class="say open">Some questions wait for your instructor, who reads them.</p>'
    if result.stops:
        yield f'<p class="say bad">A cell had to be stopped: {html.escape("; ".join(result.stops))}.</p>'


def _word(question: QuestionResult) -> tuple[str, str]:
    """Return a class of the style and a word for how a question went: colour is never the only sign."""
    if question.score is None:
        return "open", "not graded yet"
    if question.score >= question.points:
        return "good", "full points"
    return "bad", "some points" if question.score > 0 else "no points"


def _table(result: Result) -> str:
    rows = []
    for place, question in enumerate(result.questions, start=1):
        style, word = _word(question)
        title = html.escape(question.title or question.name)
        link = f'<a href="#question-{place}">{place} · {title}</a>'
        how = f'<span class="{style}">{word}</span>'
        rows.append([link, how, number(question.score), number(question.points)])
    return table("Points by question", ["Question", "How it went", "Points", "Of"], rows, numbers=(2, 3))


def _answers(result: Result, notebook: Mapping[str, Any], by_hand: Mapping[str, HandGrade]) -> Iterator[str]:
    places = {question.name: place for place, question in enumerate(result.questions, start=1)}
    questions = {question.name: question for question in result.questions}
    waiting: list[str] = []
    for cell in notebook.get("cells", []):
        marks = cell["metadata"].get("nbgrader", {})
        name = marks.get("grade_id", "")
        if marks.get("solution") or marks.get("task") or ADDED in cell["metadata"].get("tags", []):
            waiting += _own_cell(cell)
            waiting += _comment(None if name in questions else by_hand.get(name))
        if name in questions:
            question, place = questions[name], places[name]
            yield f'<section aria-labelledby="question-{place}">'
            yield f'<h2 id="question-{place}">{place} · {html.escape(question.title or name)}</h2>'
            yield from _verdict(question, by_hand.get(name))
            yield from waiting
            waiting = []
            yield "</section>"
    yield from waiting


def _verdict(question: QuestionResult, entered: HandGrade | None) -> Iterator[str]:
    style, word = _word(question)
    earned = f"{number(question.score)} of {number(question.points)}"
    yield f'<p class="{style}"><strong>{earned}</strong>: {word}.</p>'
    if question.message and (question.score is None or question.score < question.points):
        lead = "A check that is not in your copy says" if question.hidden else "The check says"
        text = html.escape(question.message)
        yield f'<p class="say {style}">{lead}: {text}</p>' if not question.by_hand else f"<p>{text}</p>"
    yield from _comment(entered)


def _comment(entered: HandGrade | None) -> Iterator[str]:
    if entered and entered.comment:
        yield f"<p><strong>Your instructor:</strong> {html.escape(entered.comment)}</p>"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n… (shortened)"


def _own_cell(cell: Mapping[str, Any]) -> Iterator[str]:
    """Yield a student's own cell and what it has shown."""
    source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
    if not source.strip():
        return
    label = "Your code" if cell["cell_type"] == "code" else "Your text"
    yield f"<p>{label}:</p><pre><code>{html.escape(_short(source))}</code></pre>"
    for output in cell.get("outputs", []):
        yield from _output(output)


def _joined(value: Any) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else str(value)


def _picture(text: str) -> str:
    """Return a picture's base64 in clean form; empty if it is none."""
    try:
        return base64.b64encode(base64.b64decode("".join(text.split()), validate=True)).decode()
    except (binascii.Error, ValueError):
        return ""


def _output(output: Mapping[str, Any]) -> Iterator[str]:
    if output["output_type"] == "stream":
        yield f"<p>It printed:</p><pre>{html.escape(_short(_joined(output['text'])))}</pre>"
    elif output["output_type"] == "error":
        text = f"{output['ename']}: {output['evalue']}"
        yield f'<p class="bad">It failed:</p><pre>{html.escape(_short(text))}</pre>'
    else:
        data = output["data"]
        for kind in PICTURES:
            picture = _picture(_joined(data.get(kind, "")))
            if picture:
                address = f"data:{kind};base64,{picture}"
                yield f'<p><img src="{address}" alt="The picture that your cell drew"></p>'
                return
        if "text/plain" in data:
            yield f"<p>It showed:</p><pre>{html.escape(_short(_joined(data['text/plain'])))}</pre>"
