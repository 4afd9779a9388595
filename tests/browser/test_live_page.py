"""`make live`: every code cell of a page runs in place, with figures and explorers from a kernel."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, expect

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHAPTER = "chapters/02-sigmoid.html"
GALLERY = "chapters/explorers.html"
PATIENCE = 60_000
OBSERVE_VIOLATIONS = """
  window.violations = [];
  addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) =>
    violations.push(`${effectiveDirective} ${blockedURI}`));
"""

sys.path.insert(0, str(ROOT / "tools"))

from live import FOLDER, is_taken, make_page_live  # noqa: E402 (the tools are no package)


@pytest.fixture(scope="module")
def entrance(site_dir: Path) -> Iterator[str]:
    """Start the server as `make live` does; return the address that it prints."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        str(ROOT / "tools" / "live.py"),
        str(site_dir),
        "--no-browser",
        f"--port={port}",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, f"no address: {line!r}"
        yield found[0]
        server.terminate()
        server.wait()
    assert not is_taken(port), "the server ends with the command"


@pytest.fixture(scope="module")
def context(browser: Browser, entrance: str) -> Iterator[BrowserContext]:
    """A browser that has entered by the address with the token."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(entrance)
    page.locator("html[data-live=ready]").wait_for()
    assert "token" not in page.url
    page.close()
    yield context
    context.close()


class Chapter:
    """A page of the live book, and what it complained about."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.complaints: list[str] = []
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.add_init_script(OBSERVE_VIOLATIONS)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("request", lambda request: self._check(request.url))
        self.page.goto(address)
        self.page.locator("html[data-live=ready]").wait_for()
        self.status = self.page.get_by_role("region", name="Kernel").get_by_role("status")

    def _note(self, kind: str, text: str) -> None:
        if kind == "error":  # That a restart cuts the connection for a moment is a warning.
            self.complaints.append(text)

    def _check(self, url: str) -> None:
        if urlsplit(url).scheme in ("http", "https", "ws") and urlsplit(url).hostname != "127.0.0.1":
            self.complaints.append(f"third party: {url}")

    def cell(self, number: int) -> Locator:
        return self.page.locator(".cell", has=self.page.get_by_label(f"Code of cell {number}", exact=True))

    def run(self, number: int, code: str | None = None) -> Locator:
        """Run one cell, after changing its code; return its output."""
        cell = self.cell(number)
        if code is not None:
            self.page.get_by_label(f"Code of cell {number}", exact=True).fill(code)
        cell.get_by_role("button", name=f"Run cell {number}", exact=True).click()
        expect(cell).to_have_attribute("data-run", re.compile("done|failed"), timeout=PATIENCE)
        return cell.locator(".cell_output")


@pytest.fixture(scope="module")
def chapter(context: BrowserContext, entrance: str) -> Iterator[Chapter]:
    chapter = Chapter(context, entrance.partition("?")[0].replace("index.html", CHAPTER))
    yield chapter
    assert not chapter.complaints
    assert chapter.page.evaluate("violations") == []


def test_the_published_site_is_free_of_it(site_dir: Path) -> None:
    assert not (site_dir / FOLDER).exists()
    for page in site_dir.rglob("*.html"):
        assert FOLDER not in page.read_text(encoding="utf-8"), page.name


def test_every_page_is_made_live_once(site_dir: Path) -> None:
    for name in (CHAPTER, "chapters/glossary.html", "index.html"):
        before = (site_dir / name).read_text(encoding="utf-8")
        after = make_page_live(before)
        root = re.search(r'data-content_root="([^"]*)"', after)
        assert root is not None
        for script in ("_static/widgets/host.js", f"{FOLDER}/live.js"):
            assert len(re.findall(rf'<script[^>]*src="{root[1]}{script}', after)) == 1, name
        assert after.index("widgets/host.js") < after.index("live/live.js"), "the host comes first"
        policies = [re.search(r'Security-Policy" content="([^"]*)"', text) for text in (before, after)]
        old, new = (set(policy[1].split("; ")) for policy in policies if policy)
        assert {rule.split()[0] for rule in old ^ new} == {"script-src", "connect-src"}


def test_the_kernel_is_behind_the_token(entrance: str, browser: Browser) -> None:
    server = entrance.partition("/static/")[0]
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{server}/api/kernels", timeout=10)
    stranger = browser.new_context()
    page = stranger.new_page()
    page.goto(entrance.partition("?")[0].replace("index.html", CHAPTER))
    page.get_by_role("button", name="Run cell 1", exact=True).click()
    expect(page.get_by_role("region", name="Kernel")).to_contain_text("No kernel", timeout=PATIENCE)
    stranger.close()


def test_a_taken_port_is_named_with_the_remedy(entrance: str, site_dir: Path) -> None:
    port = urlsplit(entrance).port
    command = [sys.executable, str(ROOT / "tools" / "live.py"), str(site_dir), f"--port={port}"]
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    assert run.returncode != 0
    assert f"port {port} is taken; choose another: make live LIVE_PORT=" in run.stderr


def test_a_figure_is_drawn_in_place(chapter: Chapter) -> None:
    chapter.run(1)
    words = "Tanh and its derivative, drawn anew."
    output = chapter.run(2, f'fig, ax = subplots()\nplot_activation(ax, "tanh")\nshow(fig, alt="{words}")')
    picture = output.get_by_role("img", name=words)
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("tagName", "svg")
    # Plain Matplotlib answers with a bitmap.
    plain = "import matplotlib.pyplot as plt\nplt.plot([0, 1]);"
    image = chapter.run(2, plain).locator("img")
    assert image.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 100
    assert "Figure" in (image.get_attribute("alt") or "")


def test_outputs_are_those_of_the_changed_code(chapter: Chapter) -> None:
    output = chapter.run(2, 'import sys\nprint("one")\nprint("two")\nprint("oh", file=sys.stderr)\n6 * 7')
    assert output.locator(".stream").inner_text().split() == ["one", "two"]
    assert output.locator(".stderr").inner_text().strip() == "oh"
    assert output.locator(".text_plain").inner_text().strip() == "42"
    assert chapter.run(2, "x = 1").inner_text() == "", "the old outputs are gone"
    late = 'from IPython.display import display\nh = display("old", display_id=True)\nh.update("new")'
    assert chapter.run(2, late).inner_text().strip() == "'new'"


def test_an_explorer_moves_with_python_and_python_with_it(
    chapter: Chapter, wait_until: Callable[..., None]
) -> None:
    code = (
        "from activations.explorers import derivative_explorer\n"
        'live = derivative_explorer("tanh", x=0.5)\nlive'
    )
    output = chapter.run(1, code)
    slider = output.get_by_role("slider").first
    value = output.locator("[data-quantity=x]")
    expect(value).to_have_attribute("data-value", "0.5")
    printed = chapter.run(2, 'live.x = 2\nprint("from Python:", live.x)')
    assert printed.inner_text().strip() == "from Python: 2.0"
    expect(value).to_have_attribute("data-value", "2")
    expect(slider).to_have_value("2")
    slider.focus()
    slider.press("ArrowLeft")
    expect(value).not_to_have_attribute("data-value", "2")
    shown = float(value.get_attribute("data-value") or "nan")
    assert shown < 2
    assert float(chapter.run(2, "print(live.x)").inner_text()) == shown


def test_an_error_stops_the_page_and_is_named(chapter: Chapter) -> None:
    chapter.run(1, "x = 1")
    chapter.page.get_by_label("Code of cell 2", exact=True).fill("1 / 0")
    chapter.page.get_by_role("button", name="Run this page").click()
    expect(chapter.status).to_have_text("Stopped: cell 2 raised ZeroDivisionError: division by zero")
    expect(chapter.cell(2)).to_have_attribute("data-run", "failed")
    assert "ZeroDivisionError" in chapter.cell(2).locator(".traceback").inner_text()
    assert chapter.cell(3).get_attribute("data-run") == "", "what comes after does not run"


def test_a_run_is_interrupted_and_the_kernel_started_anew(chapter: Chapter) -> None:
    chapter.page.get_by_label("Code of cell 2", exact=True).fill("known = 1\nwhile True:\n    pass")
    chapter.page.get_by_label("Code of cell 2", exact=True).press("Control+Enter")
    expect(chapter.cell(2)).to_have_attribute("data-run", "running")
    chapter.page.get_by_role("button", name="Interrupt").click()
    expect(chapter.status).to_contain_text("KeyboardInterrupt")
    assert chapter.run(2, "print(known)").inner_text().strip() == "1"
    chapter.page.get_by_role("button", name="Restart").click()
    expect(chapter.status).to_contain_text("started anew", timeout=PATIENCE)
    assert "NameError" in chapter.run(2, "print(known)").inner_text()


def test_a_whole_page_of_explorers_comes_alive(context: BrowserContext, entrance: str) -> None:
    gallery = Chapter(context, entrance.partition("?")[0].replace("index.html", GALLERY))
    places = gallery.page.locator("[data-widget-view]").count()
    gallery.page.get_by_role("button", name="Run on this page").click()
    expect(gallery.status).to_contain_text(re.compile(r"All \d+ cells ran"), timeout=PATIENCE)
    assert places >= 7
    assert gallery.page.locator("[data-live-widget]").count() == places
    assert gallery.page.locator("[data-live-widget] svg, [data-live-widget] table").count() >= places
    assert not gallery.page.locator(".traceback, .output.stderr").count()
    gallery.page.evaluate(AXE.read_text(encoding="utf-8"))
    found = gallery.page.evaluate("axe.run({ exclude: ['.katex'] }, { resultTypes: ['violations'] })")
    assert [violation["id"] for violation in found["violations"]] == []
    assert not gallery.complaints
    assert gallery.page.evaluate("violations") == []
    gallery.page.close()
