"""Show the book with a kernel behind it: every code cell of a page can be changed and run in place.

A Jupyter server on this machine serves a copy of the built book, and the kernel, from one address.
The kernel is behind a token. The copy differs from the published site in this: it loads the script and the
style of ``site/live``, and its pages' policy lets a live widget's own module run.

    python tools/live.py _build/html --port 8888
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
FOLDER = "_static/live"
HOST = "_static/widgets/host"
FRONT_PAGE = "index.html"
PATIENCE = 60
"""Seconds that the server may take to start."""
IDLE_KERNEL = 300
"""Seconds after which the kernel of a page that nobody shows any more is ended."""


def make_page_live(text: str) -> str:
    """Return a built page that loads the live script, under a policy that lets widgets' modules run."""
    root = re.search(r'<html [^>]*data-content_root="([^"]*)"', text)
    if root is None:  # The page for addresses that do not exist.
        return text
    wanted = []
    for name in (HOST, f"{FOLDER}/live"):
        address = f"{root[1]}{name}"
        if f"{address}.js" not in text:
            wanted.append(f'<link rel="stylesheet" href="{address}.css">')
            wanted.append(f'<script defer src="{address}.js"></script>')
    text = text.replace("<html ", '<html data-live="starting" ', 1)
    text = text.replace("script-src 'self'", "script-src 'self' blob:", 1)
    text = text.replace("connect-src 'self'", "connect-src 'self' ws: wss:", 1)
    return text.replace("</head>", "\n".join(wanted) + "\n</head>", 1)


def prepare(built: Path, live: Path) -> None:
    """Make the live copy of a built book."""
    shutil.rmtree(live, ignore_errors=True)
    shutil.copytree(built, live)
    for page in live.rglob("*.html"):
        page.write_text(make_page_live(page.read_text(encoding="utf-8")), encoding="utf-8")
    node = Path(sys.executable).with_name("node")
    command = [str(node) if node.exists() else "node", str(ROOT / "node_modules/esbuild/bin/esbuild")]
    command += [str(ROOT / "site/live/live.js"), str(ROOT / "site/live/live.css"), "--bundle", "--minify"]
    command += [f"--outdir={live / FOLDER}", "--log-level=warning"]
    subprocess.run(command, cwd=ROOT, check=True)


def server_command(live: Path, port: int) -> list[str]:
    """Return the command of a server for this machine alone."""
    command = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    command += [f"--ServerApp.root_dir={ROOT}", f"--ServerApp.extra_static_paths={json.dumps([str(live)])}"]
    command += [f"--MappingKernelManager.cull_idle_timeout={IDLE_KERNEL}", "--ServerApp.log_level=WARN"]
    if getattr(os, "geteuid", lambda: 1)() == 0:
        command.append("--allow-root")  # In a container there may be no other user.
    return command


def entrance(port: int, token: str, page: str = FRONT_PAGE) -> str:
    """Return the address of a page of the book, with the token that its script then keeps."""
    return f"http://127.0.0.1:{port}/static/{page}?{urlencode({'token': token})}"


def is_taken(port: int) -> bool:
    """Tell whether another program, perhaps JupyterLab, listens at the port."""
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


def wait_for_server(server: subprocess.Popen[bytes], port: int) -> None:
    """Return as soon as the server answers."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            address = f"http://127.0.0.1:{port}/static/{FRONT_PAGE}"
            # The address is this machine's own.
            urllib.request.urlopen(address, timeout=5).close()  # nosec B310
        except (urllib.error.URLError, ConnectionError):
            if server.poll() is not None:
                raise SystemExit("live: the server did not start; it says above why") from None
            if time.monotonic() > deadline:
                raise SystemExit(f"live: the server did not answer within {PATIENCE} s") from None
            time.sleep(0.2)
        else:
            return


def main() -> int:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("built", type=Path, help="the folder of the built book")
    parser.add_argument("--port", type=int, default=8888)
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    options = parser.parse_args()
    if is_taken(options.port):
        parser.error(f"port {options.port} is taken; choose another: make live LIVE_PORT=9000")
    live = options.built.resolve().with_name("live")
    prepare(options.built, live)
    token = secrets.token_urlsafe(24)
    # What is configured for other servers, as a password or an extension, does not concern this one. Its
    # token is not among its arguments, which others on this machine can read.
    environment = {**os.environ, "JUPYTER_NO_CONFIG": "1", "JUPYTER_TOKEN": token}
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with subprocess.Popen(server_command(live, options.port), env=environment) as server:
        try:
            wait_for_server(server, options.port)
            address = entrance(options.port, token)
            print(f"The live book is at {address} (Ctrl-C stops it).", flush=True)
            if not options.no_browser:
                webbrowser.open(address)
            return server.wait()
        except KeyboardInterrupt:
            print("\nStopped.")
            return 0
        finally:
            server.terminate()


if __name__ == "__main__":
    raise SystemExit(main())
