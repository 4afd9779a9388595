"""The quizzes of the built site: by keyboard, aloud, without scripts, in both themes, on a narrow screen."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
QUIZZES = {path.stem: path for path in sorted((ROOT / "chapters" / "quizzes").glob("*.toml"))}
PLAYED = "02-sigmoid"
AXE_ALL = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
# The dark page has the same elements in the same places; what can differ is colour.
AXE_COLOURS = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}


def questions(name: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = tomllib.loads(QUIZZES[name].read_text(encoding="utf-8"))["question"]
    return entries


def right_index(question: dict[str, Any]) -> int:
    return next(at for at, option in enumerate(question["option"]) if option.get("right", False))


def open_quiz(page: Page, site_url: str, name: str) -> None:
    page.goto(f"{site_url}chapters/{name}.html", wait_until="load")
    page.locator(".quiz[data-live]").wait_for()


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.value || document.activeElement.textContent"))


def test_a_quiz_is_played_with_the_keyboard_alone(
    page: Page, site_url: str, wait_until: Callable[..., None]
) -> None:
    open_quiz(page, site_url, PLAYED)
    said = "(at) => document.querySelectorAll('.quiz-status')[at].textContent"
    page.locator(".quiz-question input").first.focus()
    for number, question in enumerate(questions(PLAYED)):
        right = right_index(question)
        wrong = 1 if right == 0 else 0
        page.keyboard.press("Space")  # the first option, where the focus is
        for _ in range(wrong):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        wait_until(page, f"(at) => ({said})(at).includes('Not quite.')", number)
        assert page.evaluate(said, number).startswith("AB"[wrong])
        assert page.locator(".quiz-status").nth(number).get_by_role("link").count() == 1
        for _ in range(abs(right - wrong)):
            page.keyboard.press("ArrowDown" if right > wrong else "ArrowUp")
        page.keyboard.press("Tab")
        assert focused(page) == f"Check question {number + 1}"
        page.keyboard.press("Enter")
        wait_until(page, f"(at) => ({said})(at).includes('Right.')", number)
        page.keyboard.press("Tab")  # a right answer holds no link: on to the next question
    last = page.evaluate(said, len(questions(PLAYED)) - 1)
    assert "All 5 questions are answered, 0 of them right at the first try." in last


def test_nothing_is_said_about_a_choice_that_was_not_made(
    page: Page, site_url: str, wait_until: Callable[..., None]
) -> None:
    open_quiz(page, site_url, PLAYED)
    page.get_by_role("button", name="Check question 1").click()
    wait_until(page, "document.querySelector('.quiz-status').textContent === 'Choose an answer first.'")
    assert page.locator(".quiz-option[data-verdict]").count() == 0


def test_every_question_is_a_named_group_with_a_live_region(page: Page, site_url: str) -> None:
    open_quiz(page, site_url, PLAYED)
    groups = page.get_by_role("group", name="of 5.")
    assert groups.count() == 5
    for number, question in enumerate(questions(PLAYED)):
        group = groups.nth(number)
        assert group.get_by_role("radio").count() == len(question["option"])
        assert group.get_by_role("status").count() == 1


def test_without_scripts_the_answers_are_folded_below_each_question(browser: Browser, site_url: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site_url}chapters/{PLAYED}.html")
    assert page.locator(".quiz-check:visible").count() == 0
    answers = page.locator(".quiz-answer")
    assert answers.count() == 5
    for number, question in enumerate(questions(PLAYED)):
        answer = answers.nth(number)
        feedback = answer.locator(".quiz-feedback")
        assert feedback.count() == len(question["option"])
        assert not feedback.first.is_visible()
        answer.locator("summary").click()
        assert feedback.nth(right_index(question)).is_visible()
        assert "✓ Right." in feedback.nth(right_index(question)).inner_text()
    context.close()


def test_axe_finds_nothing_in_an_answered_quiz(
    browser: Browser, site_url: str, wait_until: Callable[..., None]
) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, color_scheme="light")
    page = context.new_page()
    open_quiz(page, site_url, "03-tanh")
    for number, choose in enumerate((0, 1)):  # one wrong answer of each kind, then a right one below
        page.locator(".quiz-question").nth(number).locator("input").nth(choose).check()
        page.locator(".quiz-check").nth(number).click()
    page.locator(".quiz-question").nth(2).locator("input").nth(right_index(questions("03-tanh")[2])).check()
    page.locator(".quiz-check").nth(2).click()
    wait_until(page, "document.querySelectorAll('.quiz-status > .quiz-feedback').length === 3")
    # The whole page is judged elsewhere, with its questions unanswered.
    page.evaluate("document.querySelector('article').replaceChildren(document.querySelector('.quiz'))")
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for theme, options in (("light", AXE_ALL), ("dark", AXE_COLOURS)):
        page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
        found = page.evaluate("(options) => axe.run('.quiz', options)", options)
        assert [violation["id"] for violation in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    sideways = "[...document.querySelectorAll('.quiz-question')].filter((q) => q.scrollWidth > q.clientWidth)"
    assert page.evaluate(f"{sideways}.length") == 0
    context.close()


@pytest.mark.parametrize("name", QUIZZES)
def test_every_quiz_is_whole_and_its_links_lead_somewhere(site_dir: Path, name: str) -> None:
    text = (site_dir / "chapters" / f"{name}.html").read_text(encoding="utf-8")
    assert text.count('<fieldset class="quiz-question">') == 5
    assert text.count("quiz/quiz.js") == 1
    block = text[text.index('<div class="quiz">') :]
    for link in {part.split('"')[0] for part in block.split('internal" href="#')[1:]}:
        assert f'id="{link}"' in text


def test_pages_without_a_quiz_load_none_of_it(site_dir: Path) -> None:
    for name in ("index", "glossary"):
        assert "quiz/quiz" not in (site_dir / "chapters" / f"{name}.html").read_text(encoding="utf-8")
