"""The files that open the course elsewhere fit together. That they work is seen by ``make test-anywhere``."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))

import check_system  # noqa: E402 (the tools are no package)
import launch_cell  # noqa: E402
import set_address  # noqa: E402

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ADDRESS = "https://github.com/somebody-else/their-course"


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def entries(name: str) -> list[str]:
    return [line for line in read(name).splitlines() if line and not line.startswith("#")]


# --- Binder ------------------------------------------------------------------------------------------


def test_binder_installs_the_dependencies_and_not_the_package() -> None:
    """The package in this file would throw away the image's longest layer with every change of a chapter."""
    pins = entries("binder/requirements.txt")
    wanted = {re.split(r"[>=]", requirement)[0] for requirement in PROJECT["dependencies"]}
    assert {pin.partition("==")[0] for pin in pins} == wanted - {"ipywidgets"}, "ipywidgets comes with Binder"
    assert set(pins) <= set(entries("requirements.txt"))


def test_binder_has_nothing_that_makes_it_slow() -> None:
    assert sorted(path.name for path in (ROOT / "binder").iterdir()) == [
        "postBuild",
        "requirements.txt",
        "runtime.txt",
    ]
    version = re.fullmatch(r"python-(\d+)\.(\d+)\n", read("binder/runtime.txt"))
    assert version
    assert f"Programming Language :: Python :: {version[1]}.{version[2]}" in PROJECT["classifiers"]


def test_binder_ends_with_the_package_itself() -> None:
    path = ROOT / "binder" / "postBuild"
    assert os.access(path, os.X_OK)
    assert subprocess.run(["bash", "-n", path.name], cwd=path.parent, check=False).returncode == 0
    assert "pip install --no-cache-dir --no-deps --editable ." in read("binder/postBuild")


# --- Colab ------------------------------------------------------------------------------------------


def test_the_floors_are_loose_enough_for_hosted_notebooks() -> None:
    """Colab has ipywidgets 7 loaded before the first cell; a higher floor would force a restart."""
    floors = dict(requirement.split(">=") for requirement in PROJECT["dependencies"])
    assert tuple(map(int, floors["ipywidgets"].split("."))) <= (7, 7)
    assert tuple(map(int, floors["numpy"].split("."))) < (2,)


def test_a_new_address_reaches_the_first_cell_of_every_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["pyproject.toml", "chapters/02-sigmoid.ipynb", "chapters/index.ipynb"]
    (tmp_path / "chapters").mkdir()
    for name in names:
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    for command in (["init", "--quiet"], ["add", "."]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    monkeypatch.setattr(set_address, "ROOT", tmp_path)
    monkeypatch.setattr(launch_cell, "ROOT", tmp_path)
    assert set_address.main([ADDRESS]) == 0
    assert launch_cell.requirement() == f"activations @ git+{ADDRESS}@v{PROJECT['version']}"
    for name in names[1:]:
        notebook = nbformat.read(tmp_path / name, as_version=4)
        first = next(cell for cell in notebook.cells if cell.cell_type == "code")
        assert first.source == launch_cell.source(launch_cell.requirement())


ADDRESS_FORMS = """\
Repository = "{address}"
Documentation = "{site}"
[book]({site}chapters/index.html), [badge]({address}/actions/badge.svg), {address}, or {address}.
"course @ git+{address}@v1.0.0", git clone {address}.git, https://mybinder.org/v2/gh{path}/v1.0.0?urlpath=lab
"""


def forms_of(address: str) -> str:
    """Return a text with the address in every form in which a file may hold it."""
    path = address.removeprefix("https://github.com")
    return ADDRESS_FORMS.format(address=address, site=set_address.site_address(address), path=path)


@pytest.mark.parametrize(
    "other",
    [
        f"{ADDRESS}-for-all",
        f"{ADDRESS}2",
        f"{ADDRESS}.book",
        ADDRESS.removesuffix("-course"),
        ADDRESS.replace("somebody-else", "somebody-else-again"),
        "https://github.com/me/x",
    ],
)
def test_an_address_may_begin_with_another(other: str) -> None:
    assert set_address.rewriter(ADDRESS, other)(forms_of(ADDRESS)) == forms_of(other)
    assert set_address.rewriter(other, ADDRESS)(forms_of(other)) == forms_of(ADDRESS)


@pytest.mark.parametrize("after", ["s", "-elsewhere", ".example", "_2"])
@pytest.mark.parametrize("address", [ADDRESS, set_address.site_address(ADDRESS).rstrip("/")])
def test_a_longer_name_is_another_address(address: str, after: str) -> None:
    rewrite = set_address.rewriter(ADDRESS, "https://github.com/me/x")
    assert rewrite(f"see {address}{after} and {address}{after}/issues") == (
        f"see {address}{after} and {address}{after}/issues"
    )
    assert rewrite(f"see {address}") != f"see {address}"


def test_the_first_cell_does_nothing_where_the_package_is() -> None:
    asked: list[str] = []
    text = (
        launch_cell.source("activations")
        .replace("%pip install -q", "asked.append")
        .replace('"activations"', "(1)")
    )
    exec(compile(text, "cell", "exec"), {"asked": asked})
    assert asked == []


# --- Everywhere ------------------------------------------------------------------------------------------


def test_the_dev_container_calls_commands_that_exist() -> None:
    container = json.loads(read(".devcontainer/devcontainer.json"))
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    called = re.findall(
        r"make ([a-z-]+)", json.dumps([container["updateContentCommand"], container["portsAttributes"]])
    )
    assert called
    assert set(called) <= targets
    # What the tests need of the system is what continuous integration installs.
    packages = re.search(r"--no-install-recommends ([a-z -]+)", container["onCreateCommand"])
    assert packages
    needed = re.findall(r"^ +need ([a-z-]+) ", read(".ci/run"), re.MULTILINE)
    assert sorted(packages[1].split()) == sorted(needed)
    # The editor runs pytest with what the second command installs.
    assert container["customizations"]["vscode"]["settings"]["python.testing.pytestEnabled"]
    assert ".venv/.test" in container["updateContentCommand"].split()
    version = re.search(r"python:(\d\.\d+)", container["image"])
    assert version
    assert f"Programming Language :: Python :: {version[1]}" in PROJECT["classifiers"]


def test_what_the_system_lacks_is_said_before_the_tests_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere, there, asked = tmp_path / "chromium", tmp_path, []

    def fetch() -> bool:
        asked.append("a browser")
        return bool(worked)

    def missing(platform: str, *programs: str, chromium: Path) -> list[str]:
        return check_system.missing_packages(platform, programs.__contains__, fetch, chromium)

    worked = True
    assert missing("linux", "bwrap", "initdb", chromium=there) == []
    assert missing("linux", "initdb", chromium=there) == ["bubblewrap"]
    assert missing("darwin", chromium=there) == []
    assert not asked, "there is a browser"
    assert missing("linux", chromium=nowhere) == ["bubblewrap", "postgresql", "chromium"]
    assert not asked, "a download would be in vain"
    assert missing("darwin", chromium=nowhere) == []
    assert asked
    worked = False
    assert missing("linux", "bwrap", "initdb", chromium=nowhere) == ["chromium"]

    monkeypatch.setattr(check_system, "missing_packages", lambda: ["bubblewrap", "chromium"])
    assert check_system.main() == 1
    assert capsys.readouterr().err.endswith("sudo apt install bubblewrap chromium\n")
    # What it may ask for is what continuous integration installs, and it comes before everything else.
    needed = re.findall(r"^ +need ([a-z-]+) ", read(".ci/run"), re.MULTILINE)
    assert {*check_system.PACKAGES.values(), "chromium"} <= set(needed)
    assert re.search(r"^test: equipped ", read("Makefile"), re.MULTILINE)


def test_a_workflow_follows_the_steps_of_every_service() -> None:
    anywhere = yaml.safe_load(read(".github/workflows/anywhere.yml"))
    assert "schedule" in anywhere[True]  # YAML takes the key "on" for true.
    assert "make test-anywhere" in [step.get("run") for step in anywhere["jobs"]["check"]["steps"]]
    for pattern in anywhere[True]["push"]["paths"]:
        assert list(ROOT.glob(pattern)), f"nothing fits {pattern}"


def test_the_published_site_has_jupyterlite_where_its_buttons_lead() -> None:
    steps = [
        step.get("run", "")
        for step in yaml.safe_load(read(".github/workflows/book.yml"))["jobs"]["build"]["steps"]
    ]
    built = next(index for index, step in enumerate(steps) if step == "make book lite")
    copied = next(index for index, step in enumerate(steps) if step == "cp -r _build/lite _build/html/lite")
    assert built < copied


@pytest.mark.parametrize("named", ["tests", "tests/anywhere", "tests/anywhere/test_lite.py::test_a_widget"])
def test_the_tests_in_clean_environments_run_only_when_asked_for(
    named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "path", list(sys.path))
    hook = runpy.run_path(str(ROOT / "tests" / "anywhere" / "conftest.py"))["pytest_ignore_collect"]
    ignored = hook(ROOT / "tests" / "anywhere" / "test_lite.py", SimpleNamespace(args=[named]))
    assert ignored is (True if named == "tests" else None)


def test_the_readme_has_a_row_for_every_way() -> None:
    table = re.search(r"^\| way \|.*?(?=\n\n)", read("README.md"), re.MULTILINE | re.DOTALL)
    assert table
    rows = [line.split("|")[1:-1] for line in table[0].splitlines()[2:]]
    ways = " ".join(row[0] for row in rows)
    for way in ("pip", "make lab", "make live", "Binder", "Colab", "JupyterLite", "dev container", "VS Code"):
        assert way in ways, way
    assert all(len(row) == 4 and all(cell.strip() for cell in row) for row in rows)
