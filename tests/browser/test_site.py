"""Every page of the built site, opened in a browser: whole, light, local, and usable by everyone."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from jinja2 import Template
from playwright.sync_api import Browser, Page
from visits import CHAPTERS, FILES, MISSING, PAGES, ROOT, SIZES, TOC, Visit, inspect

FEWEST_ALT_WORDS = 4

# What a picture says to those who do not see it; decoration is hidden, and mathematics speaks through MathML.
LIST_PICTURES = """
  () => [...document.querySelectorAll("img, svg, canvas, [role='img']")]
    .filter((picture) => !picture.closest("[aria-hidden='true']") && picture.checkVisibility())
    .map((picture) => ({
      tag: picture.tagName.toLowerCase(),
      name: picture.getAttribute("aria-label") ?? picture.getAttribute("alt")
        ?? document.getElementById(picture.getAttribute("aria-labelledby"))?.textContent
        ?? picture.querySelector(":scope > title")?.textContent ?? "",
      inside: picture.parentElement.closest("[role='img'], [role='slider'], [role='application']") !== null,
    }))
"""


def picture_problems(page: Page) -> Iterator[str]:
    """Yield the pictures whose words do not say what they show."""
    for picture in page.evaluate(LIST_PICTURES):
        name = (picture["name"] or "").strip()
        if picture["inside"]:
            continue
        if re.fullmatch(r"\S*[/\\]\S*|\S+\.\w{2,4}", name) or len(name.split()) < FEWEST_ALT_WORDS:
            yield f"a {picture['tag']} says only {name!r}"


@pytest.mark.parametrize("name", [*PAGES, MISSING])
def test_page(name: str, browser: Browser, site_url: str, site_dir: Path) -> None:
    """One load, many checks: requests, console, weight, pictures, overflow, and axe in four settings."""
    context = browser.new_context(viewport=SIZES["desktop"], color_scheme="light")
    visit = Visit(context, site_url + name)
    problems = list(inspect(visit, site_url, site_dir).problems())
    visit.page.set_viewport_size(SIZES["desktop"])
    problems += [f"picture: {problem}" for problem in picture_problems(visit.page)]
    if not visit.page.locator("meta[name=description]").get_attribute("content"):
        problems.append("no description")
    context.close()
    assert not problems, f"{name}:\n" + "\n".join(problems)


def test_no_page_escapes_these_tests(site_dir: Path) -> None:
    built = {path.relative_to(site_dir).as_posix() for path in site_dir.rglob("*.html")}
    assert {path for path in built if not path.startswith(("_static/", "_sources/"))} == FILES


def test_what_the_head_of_every_page_names_is_there(site_dir: Path) -> None:
    layout = (ROOT / "site" / "templates" / "layout.html").read_text(encoding="utf-8")
    names = set(re.findall(r"_static/([\w./-]+)|asset\('([\w./-]+)'\)", layout))
    assert {("social.png", ""), ("favicon.svg", ""), ("", "course.css")} <= names
    for name in map("".join, names):
        assert (site_dir / "_static" / name).is_file(), name


def test_the_picture_for_shared_links_has_an_address_and_a_size_that_others_can_use(site_dir: Path) -> None:
    """It is named only where the site has a public address, which this one lacks until someone sets it."""
    address = "https://example.org/course/"
    extension = runpy.run_path(str(ROOT / "site" / "extensions" / "page_metadata.py"))
    context: dict[str, Any] = {}
    app = SimpleNamespace(config=SimpleNamespace(html_baseurl=address))
    extension["describe_page"](app, "search", "search.html", context, None)
    layout = (ROOT / "site" / "templates" / "layout.html").read_text(encoding="utf-8")
    line = next(line for line in layout.splitlines() if 'property="og:image"' in line)
    named = re.findall(r'content="(.*?)"', Template(line).render(context))
    picture = site_dir / named[0].removeprefix(address)
    header = picture.read_bytes()[:24]
    assert header.startswith(b"\x89PNG")
    assert (int.from_bytes(header[16:20]), int.from_bytes(header[20:24])) == (1200, 630)


def test_every_page_is_whole_without_javascript(browser: Browser, site_url: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=SIZES["phone"])
    page = context.new_page()
    for name in PAGES:
        page.goto(site_url + name)
        assert page.locator("main h1").is_visible(), name
        assert page.locator(".theme-switch").is_hidden(), f"{name}: a button that cannot work"
        for explorer in page.locator("[data-widget-view]").all():
            assert explorer.locator("svg, table").first.is_visible(), (
                f"{name}: an explorer without a still figure"
            )
    # The drawer of chapters is a native popover.
    page.goto(site_url + PAGES[0])
    page.get_by_role("button", name="Chapters").click()
    assert page.locator("#site-nav").is_visible()
    context.close()


def test_folds_open_without_javascript(browser: Browser, site_url: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site_url + "chapters/02-sigmoid.html")
    solution = page.locator("details.solution").first
    assert not solution.locator("p").first.is_visible()
    solution.locator("summary").click()
    assert solution.locator("p").first.is_visible()
    context.close()


def test_every_page_opens_as_a_file(browser: Browser, site_dir: Path) -> None:
    context = browser.new_context()
    for name in PAGES:
        address = (site_dir / name.split("?")[0]).as_uri() + name.partition("?")[1] + name.partition("?")[2]
        visit = Visit(context, address, until="load")
        assert visit.page.evaluate("[...document.fonts].some((font) => font.status === 'loaded')"), name
        assert not visit.page.evaluate("violations"), name
        assert not visit.complaints, f"{name}: {visit.complaints}"
        assert not visit.outside, f"{name}: {visit.outside}"
        if name.startswith("search"):
            visit.page.locator("#search-results li").first.wait_for()
        visit.page.close()
    context.close()


def test_the_contents_show_where_the_reader_is(
    page: Page, site_url: str, wait_until: Callable[..., None]
) -> None:
    page.goto(site_url + "chapters/02-sigmoid.html")
    current = "() => document.querySelector('.page-toc [aria-current]')?.textContent.trim() ?? ''"
    assert page.evaluate(current) == ""
    for key, heading in (("End", "Further reading"), ("Home", "")):
        page.keyboard.press(key)
        wait_until(page, f"(heading) => ({current})() === heading", heading)


def test_search_finds_quotes_and_asks_no_one(browser: Browser, site_url: str) -> None:
    context = browser.new_context()
    visit = Visit(context, site_url + "chapters/glossary.html")
    field = visit.page.get_by_role("searchbox", name="Search the course")
    visit.page.keyboard.press("/")
    assert field.evaluate("(field) => field === document.activeElement")
    field.fill("saturation")
    field.press("Enter")
    visit.page.wait_for_selector("#search-results li .context", state="attached")
    visit.page.locator("#search-results .search-summary", has_text="found").wait_for()
    visit.page.wait_for_load_state("networkidle")  # a quotation that is left half loaded would be a complaint
    visit.page.locator("#search-results li a").first.click()
    visit.page.wait_for_selector("main h1")
    assert not visit.outside
    assert not visit.complaints
    context.close()


def test_a_wrong_address_leads_back_from_any_depth(page: Page, site_url: str) -> None:
    for wrong in ("nowhere.html", "chapters/nowhere.html", "deep/down/nowhere/"):
        errors: list[str] = []
        page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
        answer = page.goto(site_url + wrong, wait_until="networkidle")
        assert answer is not None
        assert answer.status == 404
        links = page.locator("main a").evaluate_all("(links) => links.map((link) => link.href)")
        top = [chapter for part in TOC["parts"] for chapter in part["chapters"]]
        assert len(links) == len(top) + 2, "the front page, the chapters, the search"
        assert all(link.startswith(site_url) for link in links), links
        for link in links:
            assert page.request.get(link).ok, link
        assert not errors


def test_keyboard_reaches_the_text_first(page: Page, site_url: str) -> None:
    page.goto(site_url + "chapters/02-sigmoid.html")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to main content")
    assert skip.evaluate("(link) => link === document.activeElement && link.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main-content"
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "the focus must be seen"


def test_the_drawer_of_chapters_works_by_keyboard_on_a_phone(page: Page, site_url: str) -> None:
    page.set_viewport_size(SIZES["phone"])
    page.goto(site_url + "chapters/02-sigmoid.html")
    opener = page.get_by_role("button", name="Chapters")
    opener.focus()
    page.keyboard.press("Enter")
    assert page.locator("#site-nav").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#site-nav").is_hidden()
    assert opener.evaluate("(button) => button === document.activeElement"), "the focus returns"


@pytest.mark.parametrize(
    "name", ["chapters/03-tanh.html", "chapters/claims.html", "chapters/api/functions.html"]
)
def test_a_phone_leaves_about_the_room_that_sections_need(name: str, browser: Browser, site_url: str) -> None:
    """With less, what is not laid out yet lies over the next section; with far more, one gets lost."""
    context = browser.new_context(viewport=SIZES["phone"])
    page = context.new_page()
    page.goto(site_url + name)
    ratios = page.evaluate(
        """() => [...document.querySelectorAll("article > section > section")].map((section) => {
          const style = getComputedStyle(section);
          const stated = parseFloat(style.containIntrinsicHeight.replace("auto", ""));
          const lazy = style.contentVisibility === "auto";
          section.style.contentVisibility = "visible";
          return lazy ? stated / section.getBoundingClientRect().height : 0;
        })"""
    )
    context.close()
    assert len(ratios) >= 3
    assert min(ratios) >= 0.95
    assert max(ratios) <= 2.5


def test_colours_are_chosen_and_kept(page: Page, site_url: str) -> None:
    page.goto(site_url + "chapters/glossary.html")
    switch = page.locator(".theme-switch")
    seen = []
    for _ in range(3):
        switch.click()
        seen.append((page.evaluate("document.documentElement.dataset.theme"), switch.inner_text()))
    assert seen == [
        ("dark", "Colours: dark"),
        ("light", "Colours: light"),
        ("light", "Colours: as the system"),
    ]
    switch.click()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", background))) < 40


def test_code_is_copied(browser: Browser, site_url: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(site_url + "chapters/02-sigmoid.html")
    code = page.locator(".cell_input pre").first
    page.locator(".cell_input .copy-code").first.click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == code.inner_text().rstrip()
    context.close()


def test_every_chapter_offers_its_notebook(page: Page, site_url: str, site_dir: Path) -> None:
    for name in CHAPTERS[1:]:
        if (ROOT / f"{name}.ipynb").exists():
            page.goto(f"{site_url}{name}.html")
            link = page.get_by_role("link", name="Download notebook")
            answer = page.request.get(urljoin(page.url, link.get_attribute("href")))
            assert answer.ok
            assert answer.body() == (ROOT / f"{name}.ipynb").read_bytes()


def test_print_hides_the_frame_and_opens_the_folds(page: Page, site_url: str) -> None:
    page.goto(site_url + "chapters/02-sigmoid.html")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for frame in (".site-header", "#site-nav", ".page-aside", ".page-turn"):
        assert page.locator(frame).is_hidden(), frame
    assert page.locator("details.solution p").first.is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.locator("details.solution p").first.is_hidden()


def test_motion_is_reduced_on_request(browser: Browser, site_url: str) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(site_url + "chapters/02-sigmoid.html")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    assert page.evaluate("document.getAnimations().length") == 0
    context.close()


# --- Without a browser: the files themselves ---------------------------------------------------------


class Links(HTMLParser):
    """The anchors and the addresses of one page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for key, value in attributes:
            if key == "id" and value:
                self.ids.append(value)
            elif key in ("href", "src", "action") and value and not value.startswith("data:"):
                self.addresses.append(value)


@pytest.fixture(scope="module")
def parsed(site_dir: Path) -> dict[str, Links]:
    return {name: Links((site_dir / name).read_text(encoding="utf-8")) for name in sorted(FILES)}


def test_internal_links_and_anchors_resolve(parsed: dict[str, Links], site_dir: Path) -> None:
    broken = []
    for name, links in parsed.items():
        if name == MISSING:  # served at any depth: tested in the browser
            continue
        for address in links.addresses:
            if urlsplit(address).scheme or address.startswith("../lite/"):  # the latter: see test_launch.py
                continue
            target, anchor = urldefrag(urljoin(name, address))
            target = unquote(target.split("?")[0]) or name
            if not (site_dir / target).is_file() or (
                anchor and target in parsed and unquote(anchor) not in parsed[target].ids
            ):
                broken.append(f"{name}: {address}")
    assert not broken, "\n".join(broken)


def test_anchors_are_unique(parsed: dict[str, Links]) -> None:
    for name, links in parsed.items():
        repeated = sorted({anchor for anchor in links.ids if links.ids.count(anchor) > 1})
        assert not repeated, f"{name}: {repeated[:10]}"


def test_links_to_other_sites_are_encrypted(parsed: dict[str, Links]) -> None:
    for name, links in parsed.items():
        plain = [address for address in links.addresses if address.startswith("http:")]
        assert not plain, f"{name}: {plain}"


def test_mathematics_is_drawn_without_errors_and_without_scripts(site_dir: Path) -> None:
    for name in FILES:
        text = (site_dir / name).read_text(encoding="utf-8")
        assert not re.search("katex-error|maths-error", text), name
        scripts = re.findall(r"<script[^>]*\ssrc=\"([^\"]*)", text)
        assert not [script for script in scripts if re.search("mathjax|katex|require", script, re.IGNORECASE)]
    sigmoid = (site_dir / "chapters" / "02-sigmoid.html").read_text(encoding="utf-8")
    assert 'class="katex-mathml"' in sigmoid, "mathematics is read aloud from MathML"


def test_fonts_and_styles_are_on_the_site(site_dir: Path) -> None:
    for style in ("_static/course.css", "_static/katex/katex.min.css"):
        text = (site_dir / style).read_text(encoding="utf-8")
        fonts = re.findall(r"url\(\"?([^)\"]+)\"?\)", text)
        assert fonts
        for font in fonts:
            assert font.endswith(".woff2")
            assert (site_dir / style).parent.joinpath(font).is_file(), font
