"""What the files at the top of the repository promise, they keep."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ADDRESS = PROJECT["urls"]["Repository"]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["README.md", "CITATION.cff", "_config.yml"])
def test_the_public_address_is_one_setting(name: str) -> None:
    slug = ADDRESS.removeprefix("https://github.com/")
    owner, repository = slug.split("/")
    text = read(name)
    assert ADDRESS in text
    # The example of `make address` names another repository on purpose.
    assert set(re.findall(r"https://github\.com/([\w.-]+/[\w.-]+)", text)) - {"me/activations"} == {slug}
    pages = set(re.findall(r"https://([\w-]+)\.github\.io/([\w.-]+)", text))
    assert pages <= {(owner.lower(), repository)}


def test_the_documentation_address_follows_from_the_repository() -> None:
    owner, repository = ADDRESS.removeprefix("https://github.com/").split("/")
    assert PROJECT["urls"]["Documentation"] == f"https://{owner.lower()}.github.io/{repository}/"


def test_version_is_the_same_everywhere() -> None:
    assert f"\nversion: {PROJECT['version']}\n" in read("CITATION.cff")


def test_requirements_are_pinned_and_end_with_the_package() -> None:
    lines = [line for line in read("requirements.txt").splitlines() if line and not line.startswith("#")]
    assert lines[-1] == "--editable ."
    assert all(re.match(r"[\w.-]+==[\w.]+( ; .+)?$", line) for line in lines[:-1])


def test_test_requirements_build_on_those_of_the_book() -> None:
    lines = [line for line in read("requirements-test.txt").splitlines() if line and not line.startswith("#")]
    assert lines[0] == "--requirement requirements.txt"
    assert all(re.match(r"[\w.-]+==[\w.]+( ; .+)?$", line) for line in lines[1:])


@pytest.mark.parametrize("extra", ["book", "test"])
def test_every_dependency_is_locked(extra: str) -> None:
    locked = {
        re.split(r"==", line)[0]
        for line in (read("requirements.txt") + read("requirements-test.txt")).split()
    }
    wanted = PROJECT["dependencies"] + PROJECT["optional-dependencies"][extra]
    names = {re.match(r"[\w.-]+", requirement)[0] for requirement in wanted}  # type: ignore[index]
    assert names <= locked


def test_npm_lock_records_no_addresses() -> None:
    packages = json.loads(read("package-lock.json"))["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]


def test_the_readme_names_commands_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    guides = read("README.md") + read("CONTRIBUTING.md")
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)\b", guides, re.MULTILINE))
    assert {"book", "test", "serve"} <= named <= targets
