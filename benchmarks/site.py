"""Measure the built site as a phone on a slow line meets it: weight, requests, first paint, shifts.

    python benchmarks/site.py                # every page of _build/html
    python benchmarks/site.py --runs 5

Each page is opened in a fresh browser, at the size of a phone, with the line of Lighthouse's mobile profile
(1.6 Mb/s, 150 ms there and back) and a processor slowed four times. The server gzips, as web servers do.
The table shows the median of the runs; times are those of this machine.
"""

from __future__ import annotations

import argparse
import gzip
import mimetypes
import statistics
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, sync_playwright

SITE = Path(__file__).resolve().parents[1] / "_build" / "html"
SYSTEM_CHROMIUM = Path("/usr/bin/chromium")

LATENCY_MS = 150
BYTES_PER_SECOND = 1.6e6 / 8
SLOWER_PROCESSOR = 4
PACKED = {".woff2", ".png", ".ico"}

OBSERVE = """
  window.measured = { first: 0, largest: 0, shift: 0 };
  const observe = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note))
    .observe({ type, buffered: true });
  observe("paint", (entry) => { measured.first = entry.startTime; });
  observe("largest-contentful-paint", (entry) => { measured.largest = entry.startTime; });
  observe("layout-shift", (entry) => { if (!entry.hadRecentInput) measured.shift += entry.value; });
"""


class Handler(BaseHTTPRequestHandler):
    """Serve files, gzipped where that helps, over connections that stay open."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args: object, folder: Path) -> None:
        self.folder = folder
        super().__init__(*args)

    def do_GET(self) -> None:
        """Answer with the file that the address names."""
        path = self.folder / unquote(urlsplit(self.path).path).lstrip("/")
        if path.is_dir():
            path /= "index.html"
        found = path.is_file()
        body = path.read_bytes() if found else b"not found"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", mimetypes.guess_type(path.name)[0] or "application/octet-stream")
        if path.suffix not in PACKED:
            body = gzip.compress(body, 6)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep the table to itself."""


def measure(browser: Browser, address: str) -> dict[str, float]:
    """Open one page with an empty cache; return what it took."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True
    )
    page = context.new_page()
    page.add_init_script(OBSERVE)
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    received: list[float] = []
    line.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    line.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": BYTES_PER_SECOND,
            "uploadThroughput": BYTES_PER_SECOND,
        },
    )
    line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_PROCESSOR})
    page.goto(address, wait_until="networkidle")
    result: dict[str, float] = page.evaluate("measured")
    result |= {"kilobytes": sum(received) / 1000, "requests": len(received)}
    context.close()
    return result


def main() -> int:
    """Print one row a page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--site", type=Path, default=SITE)
    options = parser.parse_args()
    pages = sorted(path.relative_to(options.site) for path in options.site.glob("**/*.html"))
    if not pages:
        parser.error(f"there is no site in {options.site}; run `make book` first")

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, folder=options.site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"{'page':36} {'kB':>6} {'requests':>9} {'first paint, s':>15} {'largest, s':>11} {'shift':>7}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(SYSTEM_CHROMIUM) if SYSTEM_CHROMIUM.exists() else None,
            args=["--no-sandbox", "--disable-quic", "--disable-background-networking"],
        )
        for name in pages:
            if name.parts[0].startswith("_"):
                continue
            address = f"http://127.0.0.1:{server.server_port}/{name.as_posix()}"
            runs = [measure(browser, address) for _ in range(options.runs)]
            middle = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
            print(
                f"{name.as_posix():36} {middle['kilobytes']:6.0f} {middle['requests']:9.0f} "
                f"{middle['first'] / 1000:15.2f} {middle['largest'] / 1000:11.2f} {middle['shift']:7.3f}"
            )
        browser.close()
    server.shutdown()
    server.server_close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
