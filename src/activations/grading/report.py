"""Show an instructor how an assignment went: which questions were hard, and which told students apart."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from activations.figures import subplots
from activations.figures.display import figure_html
from activations.grading.pages import number, page, table
from activations.grading.results import STATUSES, Result

__all__ = ["Item", "item_statistics", "report_page"]

FEWEST = 3
"""With fewer students there is no correlation to speak of."""


@dataclass(frozen=True)
class Item:
    """How one question went.

    Attributes
    ----------
    name, title : str
        The question.
    points : float
        The most that it gives.
    shares : ndarray, shape (n_graded,)
        Each student's part of the points, 0 to 1.
    difficulty : float
        The mean of the shares: 1 for a question that everybody has answered, nan where nobody is graded.
    discrimination : float
        Correlation of the question's points with the points of all other questions; nan where one of them
        does not vary. Below 0.2, the question tells little about who knows the rest.
    messages : tuple of (str, int)
        What the checks said, the most frequent first.
    """

    name: str
    title: str
    points: float
    shares: NDArray[np.float64]
    difficulty: float
    discrimination: float
    messages: tuple[tuple[str, int], ...]


def item_statistics(results: Sequence[Result]) -> list[Item]:
    """Return how each question went, in the assignment's order.

    Parameters
    ----------
    results : sequence of Result
        Of one assignment. Those that were not graded do not count.

    Returns
    -------
    list of Item

    Notes
    -----
    Difficulty and discrimination are those of classical test theory; the latter is the corrected item-total
    correlation, in which a question is not part of the total that it is compared with.

    Examples
    --------
    >>> from activations.grading.results import QuestionResult
    >>> one = [QuestionResult("q", "The function", 2.0, score) for score in (0.0, 1.0, 2.0)]
    >>> (item,) = item_statistics([Result(str(q.score), "a", "graded", (), (q,)) for q in one])
    >>> float(item.difficulty)
    0.5
    """
    graded = [result for result in results if result.graded]
    names = list(dict.fromkeys(question.name for result in graded for question in result.questions))
    table = np.full((len(graded), len(names)), np.nan)
    about = {}
    messages: dict[str, Counter[str]] = {name: Counter() for name in names}
    for row, result in enumerate(graded):
        for question in result.questions:
            about[question.name] = question
            if question.score is not None:
                table[row, names.index(question.name)] = question.score
            if question.message and question.score != question.points:
                messages[question.name][question.message] += 1
    items = []
    for column, name in enumerate(names):
        there = ~np.isnan(table[:, column])
        scores = table[there, column]
        rest = np.nansum(np.delete(table[there], column, axis=1), axis=1)
        points = about[name].points
        shares = scores / points if points else np.zeros_like(scores)
        items.append(
            Item(
                name,
                about[name].title or name,
                points,
                shares,
                float(shares.mean()) if shares.size else float("nan"),
                _correlation(scores, rest),
                tuple(messages[name].most_common(5)),
            )
        )
    return items


def _correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    if first.size < FEWEST or np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


def report_page(assignment: str, results: Sequence[Result]) -> str:
    """Return the report of an assignment as a page of HTML that needs no other file.

    Parameters
    ----------
    assignment : str
        Its name.
    results : sequence of Result
        With the points that people have given.

    Returns
    -------
    str
    """
    items = item_statistics(results)
    body = [f"<h1>Report: {html.escape(assignment)}</h1>", *_statuses(results)]
    if items:
        body += [*_totals(results), *_questions(items), *_histograms(items), *_said(items)]
    body += _to_look_at(results)
    return page(f"Report: {assignment}", "\n".join(body))


def _statuses(results: Sequence[Result]) -> Iterator[str]:
    counts = Counter(result.status for result in results)
    yield f"<p>{len(results)} students.</p>"
    rows = [[status, str(counts[status]), meaning] for status, meaning in STATUSES.items() if counts[status]]
    yield table("How submissions were graded", ["Status", "Students", "Meaning"], rows, numbers=(1,))


def _totals(results: Sequence[Result]) -> Iterator[str]:
    scores = np.array([result.score for result in results if result.score is not None])
    if not scores.size:
        return
    most = max(result.max_score for result in results if result.max_score is not None)
    edges = np.linspace(0, max(most, scores.max(), 1), 11)
    counts, _ = np.histogram(scores, edges)
    fig, ax = subplots(height=2.6)
    ax.bar(edges[:-1], counts, width=np.diff(edges) * 0.9, align="edge", color="#3b6fb6")
    ax.set_xlabel("points")
    ax.set_ylabel("students")
    ax.yaxis.get_major_locator().set_params(integer=True)
    middle, low, high = np.median(scores), scores.min(), scores.max()
    words = f"median {number(middle)} of {number(most)} points, from {number(low)} to {number(high)}"
    yield f"<h2>Points</h2><p>{words[0].upper()}{words[1:]}. What waits for a person is not counted yet.</p>"
    yield figure_html(fig, f"Histogram of the points of {scores.size} students: {words}.")


def _rate(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.2f}"


def _questions(items: Sequence[Item]) -> Iterator[str]:
    yield "<h2>Questions</h2><p>Difficulty is the mean share of the points: low is hard. Discrimination is "
    yield "the correlation with all other questions: near 0, it tells nothing about who knows the rest; "
    yield "below 0, look whether the check is right. A dash: too few students, or all the same.</p>"
    rows = [
        [
            html.escape(item.title),
            number(item.points),
            str(item.shares.size),
            _rate(item.difficulty),
            _rate(item.discrimination),
        ]
        for item in items
    ]
    head = ["Question", "Points", "Graded", "Difficulty", "Discrimination"]
    yield table("Difficulty and discrimination", head, rows, numbers=(1, 2, 3, 4))


def _histograms(items: Sequence[Item]) -> Iterator[str]:
    yield "<h2>Points by question</h2>"
    for item in items:
        if not item.shares.size:
            continue
        yield f"<h3>{html.escape(item.title)}</h3>"
        edges = np.linspace(0, 1, 6)
        counts, _ = np.histogram(np.clip(item.shares, 0, 1), edges)
        fig, ax = subplots(height=1.8)
        ax.bar(edges[:-1], counts, width=0.18, align="edge", color="#3b6fb6")
        ax.set_xlabel("share of the points")
        ax.set_ylabel("students")
        ax.yaxis.get_major_locator().set_params(integer=True)
        full, none = int((item.shares >= 1).sum()), int((item.shares <= 0).sum())
        words = f"{full} of {item.shares.size} students with full points, {none} with none"
        yield figure_html(
            fig, f"Histogram of {item.title}: {words}.", caption=f"{words[0].upper()}{words[1:]}."
        )


def _said(items: Sequence[Item]) -> Iterator[str]:
    rows = [
        [html.escape(item.title), html.escape(message), str(count)]
        for item in items
        for message, count in item.messages
    ]
    if rows:
        yield "<h2>What the checks said</h2>"
        yield table("The most frequent messages", ["Question", "Message", "Students"], rows, numbers=(2,))


def _to_look_at(results: Sequence[Result]) -> Iterator[str]:
    rows = [
        [html.escape(result.student), result.status, html.escape(result.reason)]
        for result in results
        if result.status != "graded"
    ]
    if rows:
        yield "<h2>To be looked at</h2>"
        yield table("Submissions that need a person", ["Student", "Status", "Reason"], rows)
