"""What ``pip install`` brings: everything that the package needs, and nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

# What a package of this course may consist of; a new kind is entered here on purpose.
KINDS = {".py", ".typed", ".csv", ".gz", ".npz", ".js", ".css", ".mplstyle", ".md", ".toml", ".json", ".html"}

# Uses what is not code, where only the wheel's files are to be found.
USE = """
import activations
from activations.datasets import load_auto_mpg, load_breast_cancer, load_digits
from activations.explorers import (
    comparison_explorer, depth_explorer, derivative_explorer, linear_collapse_explorer, softmax_explorer,
)
from activations.figures import subplots
print(activations.__file__)
for load, rows in ((load_auto_mpg, 392), (load_breast_cancer, 569), (load_digits, 1797)):
    assert len(load().features) == rows
for box in (
    comparison_explorer("tanh"), depth_explorer(), derivative_explorer("tanh"), linear_collapse_explorer(),
    softmax_explorer([1.0, 2.0]),
):
    views = [child for child in box.children if hasattr(child, "_esm")]
    assert len(views) == 1 and "export default" in views[0]._esm and ".ax-explorer" in views[0]._css
figure, ax = subplots()
assert not ax.spines["top"].get_visible()
"""


def tracked() -> set[str]:
    """Return the files of the package that belong to the repository, new ones included."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "src/activations"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return {name.removeprefix("src/") for name in names if (ROOT / name).is_file()}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build source archive and wheel once, with what is installed."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--sdist", "--wheel", "--outdir", str(folder)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Iterator[zipfile.ZipFile]:
    [path] = built.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    [name] = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    return Parser().parsestr(wheel.read(name).decode())


def test_the_wheel_holds_the_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == tracked()
    assert {Path(name).suffix for name in names} <= KINDS
    others = {name.partition(".dist-info/")[2] for name in wheel.namelist()} - {""}
    assert others == {"METADATA", "WHEEL", "RECORD", "licenses/LICENSE", "licenses/LICENSE-TEXT"} | (
        {"entry_points.txt"} if PROJECT.get("scripts") else set()
    )


def test_what_is_not_code_works_from_the_wheel(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    run = subprocess.run(
        [sys.executable, "-c", USE],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert Path(run.stdout.strip()).is_relative_to(tmp_path), "the repository was imported, not the wheel"


def test_the_source_archive_holds_package_and_tests(built: Path) -> None:
    [path] = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {f"src/{name}" for name in tracked()} <= names
    assert {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "LICENSE-TEXT"} <= names
    assert "tests/test_package.py" in names
    top = {name.partition("/")[0] for name in names}
    assert top <= {
        "src", "tests", "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "LICENSE-TEXT", "PKG-INFO",
        ".gitignore",
    }  # fmt: skip


def test_an_index_would_take_both(built: Path) -> None:
    files = [str(path) for path in built.iterdir() if not path.name.startswith(".")]
    run = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count("PASSED") == 2


def test_the_version_is_one_and_semantic(metadata: Message) -> None:
    version = PROJECT["version"]
    assert re.fullmatch(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", version)
    assert metadata["Version"] == version
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {version}\n" in citation
    released = re.search(r'\ndate-released: "?([\d-]+)', citation)
    assert released
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    latest = next(heading for heading in headings if heading != "Unreleased")
    assert latest == f"{version} - {released[1]}"


def test_what_the_package_stands_on_stays_loose(metadata: Message) -> None:
    """A hosted notebook brings its own NumPy and ipywidgets: a cap, or a high floor, would replace them."""
    needed = {name for name in metadata.get_all("Requires-Dist") or [] if "extra ==" not in name}
    assert all(re.fullmatch(r"[\w-]+>=[\d.]+", requirement) for requirement in needed), needed
    floors = dict(requirement.split(">=") for requirement in needed)
    assert set(floors) == {"anywidget", "ipywidgets", "matplotlib", "numpy", "tqdm"}
    assert tuple(map(int, floors["ipywidgets"].split("."))) <= (7, 7), "Colab imports 7.x before the notebook"
