"""Build the notebooks as a JupyterLite site: JupyterLab and a kernel in the browser, and no server.

It goes below the book, as `lite/`. It holds the package's own wheel and those of the widgets, at the versions
that are locked; Python itself, NumPy and Matplotlib for the browser come from Pyodide's public address when a
notebook is run.

    python tools/build_lite.py _build/lite
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
from launch_cell import CELL_ID, source

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "locks" / "book.txt"
PACKAGE = "activations"
# What the package stands on, as far as Pyodide does not bring it.
WHEELS = ("anywidget", "comm", "ipywidgets", "jupyterlab-widgets", "psygnal", "tqdm")
EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "@jupyterlite/pyodide-kernel-extension", "anywidget")
# Any Python, on any machine: what runs in a browser.
PURE = ("--only-binary=:all:", "--implementation=py", "--abi=none", "--platform=any")


def locked(names: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines of the lock, hashes included, for these packages."""
    for entry in re.split(r"\n(?=\S)", LOCK.read_text(encoding="utf-8")):
        if re.split(r"[=\s]", entry)[0] in names:
            yield entry


def collect_wheels(folder: Path) -> list[Path]:
    """Put the wheels that the site brings along into a folder."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    build = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run([*pip, *build], check=True)
    wanted = folder / "wanted.txt"
    wanted.write_text("\n".join(locked(WHEELS)), encoding="utf-8")
    download = ["download", "--no-deps", "--require-hashes", *PURE, "--dest", str(folder)]
    subprocess.run([*pip, *download, "--requirement", str(wanted)], check=True)
    return sorted(folder.glob("*.whl"))


def copy_notebooks(folder: Path) -> None:
    """Copy the chapters; here their first cell takes the package's wheel from the site itself."""
    folder.mkdir(parents=True)
    for path in sorted((ROOT / "chapters").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        first = next(cell for cell in notebook.cells if cell.id == CELL_ID)
        first.source = source(PACKAGE)
        nbformat.write(notebook, folder / path.name)


def build(output: Path) -> None:
    """Build the site into a folder of its own."""
    shutil.rmtree(output, ignore_errors=True)
    extensions = Path(sys.prefix) / "share" / "jupyter" / "labextensions"
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        (work / "wheels").mkdir()
        copy_notebooks(work / "contents" / "chapters")
        command = [sys.executable, "-m", "jupyter", "lite", "build", f"--output-dir={output.resolve()}"]
        command += ["--contents=contents", "--apps=lab", "--apps=notebooks", "--ignore-sys-prefix"]
        command += ["--no-sourcemaps", "--no-unused-shared-packages", "--no-libarchive"]
        command += [f"--piplite-wheels={wheel}" for wheel in collect_wheels(work / "wheels")]
        command += [f"--LiteBuildConfig.federated_extensions={extensions / name}" for name in EXTENSIONS]
        run = subprocess.run(command, cwd=work, check=False, capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(f"build_lite: jupyter lite failed\n{run.stdout[-2000:]}\n{run.stderr[-2000:]}")


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("output", type=Path)
    output = parser.parse_args().output
    build(output)
    size = sum(path.stat().st_size for path in output.rglob("*") if path.is_file())
    print(f"{output}: {size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
