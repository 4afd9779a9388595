"""The explorers in JupyterLab with a live kernel: the same objects, moved from the page and from Python."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect

CHAPTER = Path(__file__).parents[2] / "chapters" / "05-softmax.ipynb"
PATIENCE = 60_000  # milliseconds; a kernel on a busy machine takes its time

CELLS = [
    'from activations.explorers import derivative_explorer\nlive = derivative_explorer("tanh", x=0.5)\nlive',
    'live.x = 2\nprint("from Python:", live.x)',
    'print("from the page:", live.x)',
]


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of a chapter, with three cells of this test behind its own."""
    chapter = nbformat.read(CHAPTER, as_version=4)
    chapter.cells += [nbformat.v4.new_code_cell(source) for source in CELLS]
    for cell in chapter.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    path = tmp_path_factory.mktemp("lab") / "chapter.ipynb"
    nbformat.write(chapter, path)
    return path


@pytest.fixture(scope="module")
def lab_url(notebook: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = notebook.parent
    private = {f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    server = subprocess.Popen(
        [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}",
            "--ip=127.0.0.1", "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}",
            "--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ],
        env={**os.environ, **private, "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}/"
    deadline = time.monotonic() + PATIENCE / 1000
    while True:
        try:
            urllib.request.urlopen(url + "api/status", timeout=5).close()
            break
        except (urllib.error.URLError, ConnectionError):
            assert server.poll() is None, "JupyterLab did not start"
            assert time.monotonic() < deadline, "JupyterLab does not answer"
            time.sleep(0.2)
    yield url
    server.terminate()
    server.wait(timeout=30)


@pytest.fixture(scope="module")
def lab(browser: Browser, lab_url: str, notebook: Path) -> Iterator[Page]:
    """JupyterLab with the chapter open, every cell of it run but the last two."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{lab_url}lab/tree/{notebook.name}?reset")
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    expect(page.locator(".jp-Notebook-ExecutionIndicator").first).to_have_attribute(
        "data-status", "idle", timeout=PATIENCE
    )
    cells = nbformat.read(notebook, as_version=4).cells
    select(page, len(cells) - 2)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Above Selected Cell").click()
    page.locator(".ax-explorer.ax-derivative").wait_for(timeout=PATIENCE)
    yield page
    context.close()


def select(page: Page, index: int) -> None:
    page.locator(f".jp-Cell[data-windowed-list-index='{index}']").scroll_into_view_if_needed()
    page.locator(f".jp-Cell[data-windowed-list-index='{index}'] .jp-InputArea-editor").click()


def run_cell(page: Page, index: int) -> str:
    """Run one cell and return what it printed."""
    select(page, index)
    page.keyboard.press("Control+Enter")
    output = page.locator(f".jp-Cell[data-windowed-list-index='{index}'] .jp-OutputArea-output pre")
    output.wait_for()
    return (output.text_content() or "").strip()


def number(page: Page, quantity: str) -> float:
    cell = page.locator(f".ax-derivative [data-quantity={quantity}]")
    return float(cell.get_attribute("data-value") or "nan")


def test_a_chapter_runs_and_its_explorers_are_drawn(lab: Page) -> None:
    assert lab.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error']").count() == 0
    assert lab.locator(".ax-explorer").count() >= 2
    # A view that fails to load says so in its place.
    assert not re.search(
        r"Error (displaying|creating) widget|Failed to load", lab.locator("body").inner_text()
    )


def test_python_moves_the_explorer(lab: Page, notebook: Path) -> None:
    last = len(nbformat.read(notebook, as_version=4).cells) - 1
    assert number(lab, "x") == 0.5
    assert run_cell(lab, last - 1) == "from Python: 2.0"
    lab.wait_for_function(
        "() => document.querySelector('.ax-derivative [data-quantity=x]').dataset.value === '2'"
    )
    assert number(lab, "f") == pytest.approx(0.9640275800758169, abs=1e-6)
    # The slider went along.
    output = lab.locator(".jp-OutputArea-output", has=lab.locator(".ax-derivative"))
    assert output.locator(".noUi-handle").get_attribute("aria-valuenow") == "2.0"


def test_the_page_moves_the_explorer(lab: Page, notebook: Path) -> None:
    last = len(nbformat.read(notebook, as_version=4).cells) - 1
    output = lab.locator(".jp-OutputArea-output", has=lab.locator(".ax-derivative"))
    handle = output.locator(".noUi-handle")
    handle.focus()
    before = number(lab, "x")
    handle.press("ArrowLeft")
    expect(lab.locator(".ax-derivative [data-quantity=x]")).not_to_have_attribute("data-value", f"{before:g}")
    assert number(lab, "x") < before
    shown = number(lab, "x")
    deadline = time.monotonic() + PATIENCE / 1000
    while run_cell(lab, last) != f"from the page: {shown}":
        assert time.monotonic() < deadline, "the kernel did not hear of the move"
