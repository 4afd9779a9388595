"""The pages for students and instructors, judged in a browser, by day and by night."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import classroom
import nbformat
import pytest
from classroom import LIMITS, NAME
from playwright.sync_api import Browser, sync_playwright

from activations.grading.autograde import Task, grade
from activations.grading.feedback import feedback_page
from activations.grading.gradebook import HandGrade
from activations.grading.report import report_page
from activations.grading.results import Result

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        chromium = play.chromium.launch(
            executable_path=str(CHROMIUM) if CHROMIUM.exists() else None,
            args=["--no-sandbox", "--disable-quic", "--disable-background-networking"],
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    source = nbformat.writes(classroom.small_assignment())
    picture = classroom.with_cells("import matplotlib.pyplot as plt\nplt.plot([1, 2]);\nprint(1)", "1 / 0")
    notebooks = {
        "ada": picture,
        "bob": classroom.answered(double=classroom.WRONG),
        "cleo": classroom.answered(square="x = 1"),
    }
    results = [
        grade(Task(student, NAME, source, classroom.as_bytes(notebook), limits=LIMITS))
        for student, notebook in notebooks.items()
    ]
    lost = Result("dan", NAME, "unreadable", ("the file is empty",))
    texts = {
        "feedback": feedback_page(results[0], results[0].notebook, {"words": HandGrade(1.0, 0.0, "Good.")}),
        "hints": feedback_page(results[1], results[1].notebook, {}),
        "nothing": feedback_page(lost, None, {}),
        "report": report_page(NAME, [*results, lost]),
    }
    folder = tmp_path_factory.mktemp("pages")
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in texts}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["feedback", "hints", "nothing", "report"])
def test_pages_are_accessible(browser: Browser, pages: dict[str, Path], name: str, scheme: str) -> None:
    # The page's own policy lets nothing run, and so not the checker either.
    view = browser.new_page(bypass_csp=True, color_scheme=scheme)  # type: ignore[arg-type]
    view.goto(pages[name].as_uri())
    view.add_script_tag(path=AXE)
    found = view.evaluate("axe.run().then(found => found.violations)")
    view.close()
    assert found == [], json.dumps(found, indent=1)


@pytest.mark.parametrize("name", ["feedback", "report"])
def test_pages_fit_a_phone_and_break_no_rule_of_their_own(
    browser: Browser, pages: dict[str, Path], name: str
) -> None:
    view = browser.new_page(viewport={"width": 360, "height": 700})
    said: list[str] = []
    view.on("console", lambda message: said.append(message.text))
    view.goto(pages[name].as_uri())
    assert view.evaluate("document.documentElement.scrollWidth") <= 360
    assert said == []
    view.close()
