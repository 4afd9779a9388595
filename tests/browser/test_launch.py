"""The ways to run a chapter, offered beside it: where they lead, and what is said of a silent service."""

from __future__ import annotations

import html
import re
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SLUG = PROJECT["urls"]["Repository"].removeprefix("https://github.com/")
TAG = f"v{PROJECT['version']}"
PAGE = "chapters/02-sigmoid.html"
WITHIN = 5_000
"""Milliseconds after which a reader must know that a service does not answer."""
HOSTED = ["Binder", "Colab"]
OUTSIDE = re.compile(r"^(?!http://127\.0\.0\.1:)(https?|wss?):")


def launch_links(text: str) -> dict[str, tuple[str, str]]:
    found = re.findall(r'<a class="launch" href="([^"]*)" data-service="(\w+)" data-probe="([^"]*)"', text)
    return {service: (html.unescape(url), html.unescape(probe)) for url, service, probe in found}


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def chapter(context: BrowserContext, site_url: str) -> Page:
    page = context.new_page()
    page.goto(site_url + PAGE)
    return page


def said(page: Page) -> Locator:
    return page.locator(".launch-status[role=status]")


def test_every_chapter_leads_to_its_own_notebook(site_dir: Path) -> None:
    pages = [page for page in (site_dir / "chapters").rglob("*.html") if page.stem != "index"]
    offering = {page for page in pages if launch_links(page.read_text(encoding="utf-8"))}
    notebooks = {page for page in pages if (ROOT / page.relative_to(site_dir).with_suffix(".ipynb")).exists()}
    assert offering == notebooks
    assert notebooks
    for page in notebooks:
        notebook = f"chapters/{page.stem}.ipynb"
        links = launch_links(page.read_text(encoding="utf-8"))
        assert list(links) == ["Binder", "Colab", "JupyterLite"]
        binder, colab, lite = (urlsplit(url) for url, _ in links.values())
        assert (binder.hostname, binder.path) == ("mybinder.org", f"/v2/gh/{SLUG}/{TAG}")
        assert parse_qs(binder.query) == {"urlpath": [f"lab/tree/{notebook}"]}
        assert (colab.hostname, colab.path) == (
            "colab.research.google.com",
            f"/github/{SLUG}/blob/{TAG}/{notebook}",
        )
        assert (lite.hostname, lite.path) == (None, "../lite/notebooks/index.html")
        assert parse_qs(lite.query) == {"path": [notebook]}
        for url, probe in links.values():
            assert urlsplit(probe).netloc == urlsplit(url).netloc


@pytest.mark.parametrize("service", HOSTED)
def test_a_service_that_answers_is_opened(service: str, chapter: Page) -> None:
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body="<title>there</title>", content_type="text/html")

    chapter.context.route(OUTSIDE, answer)
    link = chapter.get_by_role("link", name=f"Open in {service}")
    address, probe = link.get_attribute("href"), link.get_attribute("data-probe")
    assert not asked, "no third party is asked until a button is pressed"
    # With a key held down, a link is the browser's: a new tab, and no question first.
    with chapter.context.expect_page():
        link.click(modifiers=["ControlOrMeta"])
    assert said(chapter).text_content() == ""
    asked.clear()
    link.click()
    expect(chapter).to_have_title("there")
    assert chapter.url == address
    assert asked == [probe, address]


def test_a_service_that_cannot_be_reached_is_named_within_five_seconds(chapter: Page) -> None:
    here = chapter.url
    for service in HOSTED:
        chapter.get_by_role("link", name=f"Open in {service}").click()
        expect(said(chapter)).to_contain_text(f"{service} cannot be reached", timeout=WITHIN)
        expect(said(chapter)).to_be_in_viewport()
        assert chapter.url == here
    # A service that takes the question and keeps silent.
    chapter.context.route(OUTSIDE, lambda _route: None)
    started = time.monotonic()
    chapter.get_by_role("link", name="Open in Binder").click()
    expect(said(chapter)).to_have_text("Asking Binder …")
    expect(said(chapter)).to_contain_text("Binder cannot be reached", timeout=WITHIN)
    assert time.monotonic() - started < WITHIN / 1000
    chapter.get_by_role("button", name="Run on this page").click()
    expect(said(chapter)).to_contain_text("make live")


def test_jupyterlite_is_opened_where_the_site_has_it(chapter: Page, site_url: str) -> None:
    link = chapter.get_by_role("link", name="Open in JupyterLite")
    here = chapter.url
    link.click()
    expect(said(chapter)).to_contain_text("without JupyterLite", timeout=WITHIN)
    assert chapter.url == here
    chapter.route(
        f"{site_url}lite/**",
        lambda route: route.fulfill(body="<title>lite</title>", content_type="text/html"),
    )
    link.click()
    expect(chapter).to_have_title("lite")
    assert chapter.url == f"{site_url}lite/notebooks/index.html?path=chapters/02-sigmoid.ipynb"


def test_without_javascript_the_links_are_plain_and_no_button_is_dead(
    browser: Browser, site_url: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site_url + PAGE)
    assert page.locator("a.launch:visible").count() == len(HOSTED) + 1
    assert page.locator(".run-page").is_hidden()
    context.close()


def test_opened_as_a_file_the_page_says_what_it_cannot_open(context: BrowserContext, site_dir: Path) -> None:
    page = context.new_page()
    page.goto((site_dir / PAGE).as_uri())
    page.get_by_role("link", name="Open in JupyterLite").click()
    expect(said(page)).to_contain_text("without JupyterLite", timeout=WITHIN)
