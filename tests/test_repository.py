"""What the files at the top of the repository promise, they keep."""

from __future__ import annotations

import json
import re
import subprocess
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


# --- What is installed, and what CI runs, is the very file that was looked at ---------------------------

PIN = r"[\w.-]+==[\w.]+(?: ; [^\\]+)?"
REQUIREMENTS = {path.name: path for path in sorted(ROOT.glob("requirements*.txt"))}
# In a lock of its own, with what its standard wheels need on Linux.
APART = {"torch"}


def plain_pins(name: str) -> set[str]:
    lines = read(name).splitlines()
    pins = {line for line in lines if line and not line.startswith(("#", "--"))}
    return {pin for pin in pins if pin.partition("==")[0] not in APART}


def hashed_pins(name: str) -> dict[str, list[str]]:
    """Return each pin of a hashed lock with its hashes."""
    entries = re.split(r"\n(?=[\w])", read(f"locks/{name}.txt").partition("--only-binary :all:\n")[2].strip())
    pins = {}
    for entry in entries:
        pin, *hashes = [line.strip().rstrip("\\").strip() for line in entry.splitlines()]
        pins[pin] = hashes
    return pins


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_the_plain_and_the_hashed_pins_are_the_same(name: str) -> None:
    lock = name.removeprefix("requirements").removesuffix(".txt").removeprefix("-") or "book"
    assert set(hashed_pins(lock)) == plain_pins(name)


@pytest.mark.parametrize("path", sorted((ROOT / "locks").glob("*.txt")), ids=lambda path: path.stem)
def test_every_pin_of_a_lock_has_its_hashes(path: Path) -> None:
    assert "\n--require-hashes\n--only-binary :all:\n" in path.read_text(encoding="utf-8")
    pins = hashed_pins(path.stem)
    assert pins
    for pin, hashes in pins.items():
        assert re.fullmatch(PIN, pin), pin
        assert hashes, pin
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", digest) for digest in hashes), pin


def test_the_builder_of_the_package_is_locked() -> None:
    build = tomllib.loads(read("pyproject.toml"))["build-system"]["requires"]
    locked = {pin.partition("==")[0] for pin in hashed_pins("build")}
    assert {re.match(r"[\w.-]+", name)[0] for name in build} <= locked  # type: ignore[index]


def test_the_oldest_releases_are_the_floors() -> None:
    locked = dict(pin.split(" ; ")[0].split("==") for pin in hashed_pins("oldest"))
    for floor in PROJECT["dependencies"]:
        name, version = floor.split(">=")
        assert re.fullmatch(rf"{re.escape(version)}(\.0)*", locked[name]), (
            f"{floor}, but {locked[name]} is tested"
        )


def test_make_installs_nothing_but_what_is_locked() -> None:
    lines = [
        line
        for line in read("Makefile").splitlines()
        if re.search(r"pip install|\$\((LOCKED|OURSELVES)\)", line)
    ]
    free = [
        line for line in lines if "--no-deps" not in line and not re.search(r"\$\((LOCKED|OURSELVES)\)", line)
    ]
    # What makes mutants, as it needs a package that comes as source only, and the look ahead.
    assert len(free) == 2
    for pin in ("cosmic-ray==", "$(NEWEST)/bin/python"):
        assert any(pin in line for line in free)


def test_torch_is_locked_at_the_release_that_is_pinned() -> None:
    pins = hashed_pins("torch")
    (torch,) = [pin for pin in pins if pin.startswith("torch==")]
    assert torch in read("requirements-frameworks.txt").splitlines()
    assert torch in subprocess.run(
        ["make", "--dry-run", "--always-make", ".venv-frameworks/.installed"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.replace("+cpu", "")
    # Beside it nothing but what its standard wheels need to be imported on Linux.
    assert all("sys_platform == 'linux'" in pin for pin in pins if pin != torch)


def test_benchmarks_that_compare_libraries_run_where_those_are() -> None:
    frameworks = {pin.partition("==")[0] for pin in read("requirements-frameworks.txt").splitlines()}
    beside = re.search(r"^BESIDE_OTHERS := \$\(addprefix benchmarks/,(.*)\)$", read("Makefile"), re.MULTILINE)
    assert beside
    others = {
        "jax": "jax",
        "numba": "numba",
        "numexpr": "numexpr",
        "sklearn": "scikit-learn",
        "torch": "torch",
    }
    for path in (ROOT / "benchmarks").glob("*.py"):
        imported = set(
            re.findall(r"^ *(?:import|from) (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        )
        needed = {package for module, package in others.items() if module in imported}
        assert needed <= frameworks, path.name
        assert not needed or path.name in beside[1].split(), path.name


def test_explained_mutants_are_of_the_code_as_it_is() -> None:
    functions = ROOT / "src" / "activations" / "functions"
    for survivor in tomllib.loads(read("tests/functions/survivors.toml"))["survivor"]:
        lines = (functions / survivor["module"]).read_text(encoding="utf-8").splitlines()
        assert survivor["before"] in {line.strip() for line in lines}, survivor["before"]


def test_actions_are_pinned_by_commit() -> None:
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    uses = [
        line for path in workflows for line in re.findall(r"uses: (.*)", path.read_text(encoding="utf-8"))
    ]
    assert len(uses) > 10
    for line in uses:
        assert re.fullmatch(r"[\w-]+(/[\w-]+)+@[0-9a-f]{40} # v\d+(\.\d+){0,2}", line), line
    # One version of each action in all workflows.
    versions: dict[str, set[str]] = {}
    for line in uses:
        versions.setdefault(line.partition("@")[0], set()).add(line)
    assert all(len(found) == 1 for found in versions.values()), versions


def test_workflows_may_only_read_unless_a_job_says_why() -> None:
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        text = path.read_text(encoding="utf-8")
        assert "\npermissions:\n  contents: read\n" in text, path.name
        assert "pull_request_target" not in text, path.name
        checkouts = text.count("actions/checkout@")
        assert text.count("persist-credentials: false") == checkouts, f"{path.name}: a token that lies around"
