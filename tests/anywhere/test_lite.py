"""JupyterLite: the site is built, lists the chapters, and its kernel finds the package's wheel.

NumPy and Matplotlib for the browser are on Pyodide's public address alone. Pyodide's own files stand in for
it here, as npm brings them, and the pure Python that it would serve, as pip brings it; what more the kernel
asks for is compared with Pyodide's own list, and refused.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import nbformat
import pytest
from machines import PROJECT, ROOT
from playwright.sync_api import Browser, Locator, Page, Route, expect, sync_playwright

PYODIDE = ROOT / "node_modules" / "pyodide"
SYSTEM_CHROMIUM = Path("/usr/bin/chromium")
CHAPTERS = sorted(path.name for path in (ROOT / "chapters").glob("*.ipynb"))
PATIENCE = 120_000
# What the kernel itself stands on: asked for by name, with all that Pyodide's list says they need.
KERNEL = ("ipython", "jedi", "micropip", "packaging", "typing-extensions")
TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm"}
TYPES[".json"] = "application/json"


@pytest.fixture(scope="module")
def lite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "lite"
    subprocess.run([sys.executable, str(ROOT / "tools" / "build_lite.py"), str(folder)], check=True)
    return folder


@pytest.fixture(scope="module")
def pyodide() -> dict[str, Any]:
    """Pyodide's list of packages."""
    return json.loads((PYODIDE / "pyodide-lock.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def served(pyodide: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What stands in for Pyodide's public address: its files by name."""
    wanted, queue = set(), list(KERNEL)
    while queue:
        name = queue.pop()
        if name not in wanted:
            wanted.add(name)
            queue += [other.lower().replace("_", "-") for other in pyodide["packages"][name]["depends"]]
    packages = [pyodide["packages"][name] for name in wanted]
    folder = tmp_path_factory.mktemp("wheels")
    pins = [f"{package['name']}=={package['version']}" for package in packages]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--ignore-requires-python"]
    subprocess.run([*command, "--only-binary=:all:", "--dest", str(folder), *pins], check=True)
    files = {path.name: path.read_bytes() for path in [*PYODIDE.iterdir(), *folder.iterdir()]}
    # The same releases, but built elsewhere.
    for package in packages:
        package["sha256"] = hashlib.sha256(files[package["file_name"]]).hexdigest()
    files["pyodide-lock.json"] = json.dumps(pyodide).encode()
    return files


class Lite:
    """A notebook of the site, open in a browser, and what it asked of others."""

    def __init__(self, page: Page, address: str, served: dict[str, bytes]) -> None:
        self.asked: list[str] = []
        self.refused: list[str] = []
        self.served = served
        self.page = page
        page.set_default_timeout(PATIENCE)
        page.context.route(re.compile(r"^(?!http://127\.0\.0\.1:)https?:"), self._answer)
        page.goto(address)
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()

    def _answer(self, route: Route) -> None:
        url = route.request.url
        name = url.rpartition("/")[2].partition("?")[0]
        self.asked.append(url)
        if name in self.served:
            kind = TYPES.get(Path(name).suffix, "application/octet-stream")
            headers = {"Access-Control-Allow-Origin": "*", "Content-Type": kind}
            route.fulfill(body=self.served[name], headers=headers)
        else:
            self.refused.append(url)
            route.abort()

    def run_first(self, code: str | None = None) -> Locator:
        """Run the first code cell; return its outputs when it has ended."""
        cell = self.page.locator(".jp-Notebook .jp-CodeCell").first
        cell.locator(".jp-InputArea-editor").click()
        if code is not None:
            self.page.keyboard.press("Control+A")
            self.page.keyboard.insert_text(code)
        self.page.keyboard.press("Control+Enter")
        expect(cell.locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]"), timeout=PATIENCE)
        return cell.locator(".jp-OutputArea-output")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
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


@pytest.fixture(scope="module")
def address(lite: Path) -> Iterator[str]:
    handler = partial(SimpleHTTPRequestHandler, directory=str(lite.parent))
    handler.log_message = lambda *_: None  # type: ignore[attr-defined]
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/lite/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def notebook(browser: Browser, address: str, served: dict[str, bytes]) -> Iterator[Lite]:
    page = browser.new_context().new_page()
    yield Lite(page, f"{address}notebooks/index.html?path=chapters/02-sigmoid.ipynb", served)
    page.context.close()


def test_every_chapter_is_there_and_asks_for_the_wheel_of_the_site(lite: Path) -> None:
    folder = lite / "files" / "chapters"
    assert sorted(path.name for path in folder.iterdir()) == CHAPTERS
    listing = json.loads((lite / "api" / "contents" / "chapters" / "all.json").read_text(encoding="utf-8"))
    assert sorted(entry["name"] for entry in listing["content"]) == CHAPTERS
    for name in CHAPTERS:
        there = nbformat.read(folder / name, as_version=4)
        here = nbformat.read(ROOT / "chapters" / name, as_version=4)
        changed = [a.source for a, b in zip(there.cells, here.cells, strict=True) if a != b]
        assert len(changed) == 1
        assert changed[0].endswith('%pip install -q "activations"')


def test_the_lab_lists_every_chapter(browser: Browser, address: str) -> None:
    page = browser.new_context().new_page()
    page.set_default_timeout(PATIENCE)
    page.context.route(re.compile(r"^(?!http://127\.0\.0\.1:)https?:"), lambda route: route.abort())
    page.goto(f"{address}lab/index.html")
    items = page.locator(".jp-DirListing-content .jp-DirListing-itemText")
    expect(items).to_have_text(["chapters"], timeout=PATIENCE)
    items.dblclick()
    expect(items).to_have_text(CHAPTERS, timeout=PATIENCE)
    page.context.close()


def test_wheels_have_the_locked_versions_and_true_hashes(lite: Path) -> None:
    index = json.loads((lite / "pypi" / "all.json").read_text(encoding="utf-8"))
    locked = dict(re.findall(r"^([\w-]+)==([\w.]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    locked["activations"] = PROJECT["version"]
    assert "activations" in index
    for name, package in index.items():
        ((version, (release,)),) = package["releases"].items()
        assert locked[name.replace("_", "-")] == version
        wheel = lite / "pypi" / release["filename"]
        assert release["digests"]["sha256"] == hashlib.sha256(wheel.read_bytes()).hexdigest()
    config = (lite / "jupyter-lite.json").read_text(encoding="utf-8")
    digest = hashlib.sha256((lite / "pypi" / "all.json").read_bytes()).hexdigest()
    assert f"pypi/all.json?sha256={digest}" in config


def test_the_first_cell_asks_pyodide_for_the_rest_and_no_one_else(
    notebook: Lite, pyodide: dict[str, Any]
) -> None:
    notebook.run_first()
    files = {package["file_name"]: name for name, package in pyodide["packages"].items()}
    names = {url.rpartition("/")[2] for url in notebook.refused}
    assert names <= set(files), "each is a file of Pyodide's own list"
    assert {"numpy", "matplotlib"} <= {files[name] for name in names}
    assert {url.rpartition("/")[0] for url in notebook.asked} == {notebook.asked[0].rpartition("/")[0]}


def test_the_kernel_boots_and_installs_the_package(notebook: Lite) -> None:
    code = 'import piplite\nawait piplite.install("activations", deps=False)\n'
    code += 'import importlib.metadata as m\nprint(m.version("activations"))'
    before = len(notebook.refused)
    assert notebook.run_first(code).inner_text().strip() == PROJECT["version"]
    assert len(notebook.refused) == before, "the wheel is the site's own"


def test_the_package_is_python_of_the_kernels_release(notebook: Lite, pyodide: dict[str, Any]) -> None:
    """A newer one than those of the other tests. As NumPy is elsewhere, the package is compiled only."""
    code = "import importlib.metadata as m, piplite, sys, warnings\n"
    code += 'await piplite.install("activations", deps=False)\nwarnings.simplefilter("error")\n'
    code += 'files = [file for file in m.files("activations") if file.suffix == ".py"]\n'
    code += 'compiled = [compile(file.read_text("utf-8"), str(file), "exec") for file in files]\n'
    code += "print(*sys.version_info[:2], len(compiled))"
    n_files = len(list((ROOT / "src" / "activations").rglob("*.py")))
    major, minor, *_ = pyodide["info"]["python"].split(".")
    assert notebook.run_first(code).inner_text().split() == [major, minor, str(n_files)]


def test_a_widget_and_its_python_side_talk(notebook: Lite) -> None:
    code = (
        '%pip install -q ipywidgets\nimport ipywidgets\nw = ipywidgets.IntSlider(7, description="Seven")\nw'
    )
    before = len(notebook.refused)
    output = notebook.run_first(code)
    handle = output.get_by_role("slider")
    handle.wait_for()
    handle.focus()
    handle.press("ArrowRight")
    expect(output.locator(".widget-readout")).to_have_text("8")
    assert len(notebook.refused) == before, "and so are the wheels of the widgets"
