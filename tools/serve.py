"""Serve the built website on this machine and open it in a browser."""

from __future__ import annotations

import argparse
import webbrowser
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


def main() -> int:
    """Serve until Ctrl-C; a taken port moves to the next free one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    handler = partial(SimpleHTTPRequestHandler, directory=str(options.folder))
    for port in range(options.port, options.port + 20):
        try:
            server = ThreadingHTTPServer(("127.0.0.1", port), handler)
            break
        except OSError:
            continue
    else:
        taken = f"ports {options.port} to {options.port + 19} are taken"
        parser.error(f"{taken}; choose another: make serve PORT=9000")
    address = f"http://127.0.0.1:{port}/"
    print(f"The book is at {address} (Ctrl-C stops it).")
    webbrowser.open(address)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print("\nStopped.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
