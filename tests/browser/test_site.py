"""Every page of the built site, opened in a browser: whole, light, local, and usable by everyone."""

from __future__ import annotations

import gzip
import re
import runpy
from collections.abc import Callable, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
import yaml
from jinja2 import Template
from playwright.sync_api import Browser, BrowserContext, Page, Response

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


def files_of(entries: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the pages of a table of contents, from top to bottom."""
    for entry in entries:
        if "file" in entry:
            yield entry["file"]
        yield from files_of(entry.get("chapters", []) + entry.get("sections", []))


_toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
CHAPTERS = [_toc["root"], *files_of(_toc["parts"])]
# The pages that readers meet; "index" is the front page under the site's bare address.
PAGES = ["index.html", *[f"{name}.html" for name in CHAPTERS], "search.html?q=gradient", "genindex.html"]
FILES = {name.split("?")[0] for name in PAGES} | {"404.html"}

SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
NARROWEST = {"width": 320, "height": 568}

MAX_REQUESTS = 40
# Kilobytes (1000 bytes) on the wire, each answer gzipped as a web server would, fonts as they are.
MAX_PLAIN, MAX_WITH_EXPLORERS = 200, 450
MAX_SHIFT = 0.02
FEWEST_ALT_WORDS = 4

# All rules, with one that axe does not run unless asked: a target is at least 24 px wide and high.
AXE_ALL = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
# The dark page has the same elements in the same places; what can differ is colour.
AXE_COLOURS = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}

OBSERVE_SHIFTS = """
  window.layoutShift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.layoutShift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
"""

# Listened to from the start: what the page's security policy forbids, and has been tried nevertheless.
OBSERVE_VIOLATIONS = """
  window.violations = [];
  addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sample }) =>
    violations.push(`${effectiveDirective} ${blockedURI} ${sample}`));
"""

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


class Visit:
    """Open one page and note everything that it asks for and complains about."""

    def __init__(self, context: BrowserContext, address: str, *, until: str = "networkidle") -> None:
        self.outside: list[str] = []
        self.complaints: list[str] = []
        self.responses: list[Response] = []
        context.route(re.compile(r"^(?!http://127\.0\.0\.1:)(https?|wss?):"), self._refuse)
        self.page = context.new_page()
        self.page.add_init_script(OBSERVE_SHIFTS)
        self.page.add_init_script(OBSERVE_VIOLATIONS)
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self._note("error", str(error)))
        self.page.on("requestfailed", lambda request: self._note("error", f"not loaded: {request.url}"))
        self.page.on("response", lambda response: self.responses.append(response))
        self.page.goto(address, wait_until=until)

    def _refuse(self, route: Any) -> None:
        self.outside.append(route.request.url)
        route.abort()

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(f"{kind}: {text}")

    def kilobytes(self, site_url: str, site_dir: Path) -> float:
        """Return what a web server would send for the page and all that it asked for."""
        names = [
            response.url.removeprefix(site_url)
            for response in self.responses
            if response.url.startswith("http")
        ]
        return (
            sum(packed_size(site_dir, unquote(re.split("[?#]", name)[0]) or "index.html") for name in names)
            / 1000
        )


@cache
def packed_size(site_dir: Path, name: str) -> int:
    """Return the bytes of a file on the wire: gzipped, but for fonts and pictures, packed as they are."""
    body = (site_dir / name).read_bytes()
    return len(body) if name.endswith((".woff2", ".png")) else len(gzip.compress(body, 6))


def scroll_through(page: Page) -> None:
    """Bring every part of the page into view once, so that whatever waits for that has started."""
    page.evaluate(
        """async () => {
          for (let y = 0; y < document.body.scrollHeight; y += innerHeight) {
            scrollTo({ top: y, behavior: "instant" });
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 10)));
          }
          scrollTo({ top: 0, behavior: "instant" });
        }"""
    )
    page.wait_for_load_state("networkidle")


def overflow(page: Page) -> list[str]:
    """Return what makes the page wider than its window."""
    return page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          return [...document.querySelectorAll("body *")]
            .filter((node) => node.getBoundingClientRect().right > width + 1)
            .slice(0, 3).map((node) => node.outerHTML.slice(0, 120));
        }"""
    )


def lay_out_in_full(page: Page) -> None:
    """Lay out the sections that are off the screen, too: else their boxes move while axe measures them."""
    page.evaluate(
        """() => {
          const parts = document.querySelectorAll("article section");
          for (const part of parts) part.style.contentVisibility = "visible";
        }"""
    )


def settle(page: Page) -> None:
    """Wait until the page's idle work is done: boxes that scroll are marked a few at a time."""
    page.evaluate(
        """async () => {
          const scrolls = (box) =>
            box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX !== "visible";
          const late = () => [...document.querySelectorAll("pre, .output.text_html, div.math")].some(
            (box) => scrolls(box) && box.tabIndex < 0);
          for (let turn = 0; turn < 400 && late(); turn++) await new Promise((done) => setTimeout(done, 50));
        }"""
    )


def axe_violations(page: Page, options: dict[str, Any]) -> list[str]:
    """Return axe-core's findings, one line each.

    Drawn formulas are left out: thousands of elements, hidden from screen readers, in their text's colour.
    """
    found = page.evaluate(
        "(options) => axe.run({ exclude: ['.katex'] }, options).then((result) => result.violations)", options
    )
    return [
        f"{violation['id']} ({violation['help']}): {node['html'][:200]} at {node['target']}"
        for violation in found
        for node in violation["nodes"]
    ]


def picture_problems(page: Page) -> Iterator[str]:
    """Yield the pictures whose words do not say what they show."""
    for picture in page.evaluate(LIST_PICTURES):
        name = (picture["name"] or "").strip()
        if picture["inside"]:
            continue
        if re.fullmatch(r"\S*[/\\]\S*|\S+\.\w{2,4}", name) or len(name.split()) < FEWEST_ALT_WORDS:
            yield f"a {picture['tag']} says only {name!r}"


@pytest.mark.parametrize("name", PAGES)
def test_page(
    name: str, browser: Browser, site_url: str, site_dir: Path, wait_until: Callable[..., None]
) -> None:
    """One load, many checks: requests, console, weight, pictures, overflow, and axe in four settings."""
    context = browser.new_context(viewport=SIZES["desktop"], color_scheme="light")
    visit = Visit(context, site_url + name)
    page = visit.page
    problems = (
        [f"layout shift {page.evaluate('layoutShift'):.3f}"]
        if page.evaluate("layoutShift") >= MAX_SHIFT
        else []
    )
    scroll_through(page)

    explorers = page.locator("[data-widget-view]").count()
    limit = MAX_WITH_EXPLORERS if explorers else MAX_PLAIN
    if "search" not in name:  # the search page reads every page that it quotes
        weight, requests = visit.kilobytes(site_url, site_dir), len(visit.responses)
        problems += [f"{weight:.0f} kB on the wire, {limit} allowed"] if weight > limit else []
        problems += [f"{requests} requests, {MAX_REQUESTS} allowed"] if requests > MAX_REQUESTS else []
    problems += [f"picture: {problem}" for problem in picture_problems(page)]
    problems += (
        ["no description"] if not page.locator("meta[name=description]").get_attribute("content") else []
    )

    page.evaluate(AXE.read_text(encoding="utf-8"))
    lay_out_in_full(page)
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        for theme, options in (("light", AXE_ALL), ("dark", AXE_COLOURS)):
            page.emulate_media(color_scheme=theme)
            page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            wait_until(page, "(theme) => document.documentElement.dataset.theme === theme", theme)
            settle(page)
            problems += [f"axe, {theme}, {size}: {violation}" for violation in axe_violations(page, options)]
        problems += [f"overflow, {size}: {part}" for part in overflow(page)]
    page.set_viewport_size(NARROWEST)
    problems += [f"overflow, 320 px: {part}" for part in overflow(page)]

    problems += [f"third party: {address}" for address in visit.outside]
    problems += [f"forbidden by the policy: {violation}" for violation in page.evaluate("violations")]
    problems += visit.complaints
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
        top = [chapter for part in _toc["parts"] for chapter in part["chapters"]]
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
        if name == "404.html":  # served at any depth: tested in the browser
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
