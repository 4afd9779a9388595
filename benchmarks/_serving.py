"""What the benchmarks of the built site share: a server that gzips as web servers do, a browser, a report."""

from __future__ import annotations

import argparse
import contextlib
import gzip
import mimetypes
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from functions import RESULTS, environment
from playwright.sync_api import Browser, BrowserType, sync_playwright

SITE = Path(__file__).resolve().parents[1] / "_build" / "html"
SYSTEM_CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]
PACKED = {".woff2", ".png", ".ico"}


class Handler(BaseHTTPRequestHandler):
    """Serve files, gzipped where that helps, over connections that stay open."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args: object, folder: Path, below: str) -> None:
        self.folder, self.below = folder, below
        super().__init__(*args)

    def do_GET(self) -> None:
        """Answer with the file that the address names."""
        address = unquote(urlsplit(self.path).path)
        path = self.folder / address.removeprefix(self.below).lstrip("/")
        if path.is_dir():
            path /= "index.html"
        found = address.startswith(self.below) and path.is_file()
        body = path.read_bytes() if found else b"not found"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", mimetypes.guess_type(path.name)[0] or "application/octet-stream")
        if path.suffix not in PACKED:
            body = gzip.compress(body, 6)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 (the page for wrong addresses asks so where the site begins)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep the table to itself."""


@contextlib.contextmanager
def serving(site: Path, below: str = "/") -> Iterator[str]:
    """Serve a built site below a path, and give its address, which ends in a slash."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, folder=site, below=below))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{below}"
    finally:
        server.shutdown()
        server.server_close()


def chromium_path(chromium: BrowserType) -> str:
    """Return where the system's Chromium is, or Playwright's own if there is none."""
    return str(SYSTEM_CHROMIUM) if SYSTEM_CHROMIUM.exists() else chromium.executable_path


@contextlib.contextmanager
def browsing() -> Iterator[Browser]:
    """Start Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium
        browser = chromium.launch(executable_path=chromium_path(chromium), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def require(parser: argparse.ArgumentParser, site: Path, *pages: str) -> None:
    """End with a message, unless a site is built, and has these pages."""
    missing = [page for page in pages or ["index.html"] if not (site / page).is_file()]
    if missing:
        parser.error(f"{site} has no page {', '.join(missing)}; run `make book` first")


def is_complete(parser: argparse.ArgumentParser) -> bool:
    """Whether nothing was asked for on the command line that differs from the published measurement."""
    return vars(parser.parse_args()) == vars(parser.parse_args([]))


def publish(name: str, title: str, browser: str, lines: list[str], *, write: bool) -> None:
    """Print a page of results, and write it to results/ unless it is of a part or of another site."""
    head = [f"# {title}", "", f"Written by `benchmarks/{name}.py`; do not edit by hand.", ""]
    head += [f"Chromium {browser}; {environment(['jupyter-book', 'playwright'])}", ""]
    text = "\n".join([*head, *lines]) + "\n"
    print(text)
    if write:
        (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
