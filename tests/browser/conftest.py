"""A server for the built site and a browser to look at it with.

The site is served below a sub-path, as GitHub Pages does, and nothing outside it can be reached.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

sys.path.append(str(Path(__file__).parent))

import visits

SITE = Path(__file__).parents[2] / "_build" / "html"
SUB_PATH = "/org/repo/"
SYSTEM_CHROMIUM = Path("/usr/bin/chromium")


class SubPathHandler(SimpleHTTPRequestHandler):
    """Serve the site below ``SUB_PATH``, and its own page for what is not there."""

    def translate_path(self, path: str) -> str:
        if not path.startswith(SUB_PATH):
            return str(SITE / "outside-the-site")
        return super().translate_path("/" + path.removeprefix(SUB_PATH))

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        if code != 404:
            super().send_error(code, message, explain)
            return
        page = (SITE / "404.html").read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the base class's)
        """Keep the test's output to the test."""


class QuietServer(ThreadingHTTPServer):
    """A server that takes it as no error when a browser closes a page that is still loading."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Drop the connection."""


@pytest.fixture(scope="session")
def site_dir() -> Path:
    """Return the folder of the built site."""
    if not (SITE / "chapters" / "index.html").exists():
        pytest.fail(
            f"there is no site in {SITE.relative_to(SITE.parents[1])}; run `make book` first", pytrace=False
        )
    return SITE


@pytest.fixture(scope="session")
def site_url(site_dir: Path) -> Iterator[str]:
    """Serve the site; return its address, which ends in a slash."""
    server = QuietServer(("127.0.0.1", 0), partial(SubPathHandler, directory=str(site_dir)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{SUB_PATH}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Start Playwright once for all tests of a process."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Start the system's Chromium, or else the one that Playwright installed."""
    chromium = playwright.chromium.launch(
        executable_path=str(SYSTEM_CHROMIUM) if SYSTEM_CHROMIUM.exists() else None,
        args=[
            "--no-sandbox",
            "--disable-quic",
            "--disable-background-networking",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        ],
    )
    yield chromium
    chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Return a fresh page at desktop size, with storage of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def wait_until() -> Callable[..., None]:
    """Return the function that waits until something is true in a page."""
    return visits.wait_until
