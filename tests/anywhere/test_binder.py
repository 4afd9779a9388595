"""Binder: repo2docker accepts the repository, and the steps that it would take end in a chapter that runs."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from machines import Machine, failed, printed, read_assignment, read_chapter

# What Binder's image has before the repository comes.
IMAGE = ("ipykernel", "ipywidgets", "jupyterlab", "notebook")
MOST_MEGABYTES = 250


def dockerfile(machine: Machine, repository: Path) -> str:
    return machine.run(
        machine.python, "-m", "repo2docker", "--debug", "--no-build", "--no-run", repository, cwd=repository
    )


def image_versions(machine: Machine) -> list[str]:
    """Return the pins of what repo2docker's image for Python 3.11 holds."""
    code = "import repo2docker.buildpacks.conda as c; print(c.__file__)"
    folder = Path(machine.run(machine.python, "-c", code).strip()).parent
    lock = (folder / "environment.py-3.11-linux-64.lock").read_text(encoding="utf-8")
    found = dict(re.findall(r"/([a-z-]+)-(\d[\w.]*)-[^/]*\.conda", lock))
    return [f"{name}=={found[name]}" for name in IMAGE]


def test_a_chapter_runs_after_the_steps_of_repo2docker(
    make_machine: Callable[..., Machine],
    clone: Path,
    elsewhere: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    builder = make_machine("jupyter-repo2docker")
    recipe = dockerfile(builder, clone)
    versions = image_versions(builder)
    assert "py-3.11" in recipe.replace("-2e", ".").replace("-2d", "-"), "the image is the one for Python 3.11"
    steps = re.findall(
        r"^(?:RUN|COPY) .*(?:binder/requirements|src/ |binder/postBuild).*$", recipe, re.MULTILINE
    )
    assert [re.findall(r"install|COPY|chmod|\./", step)[0] for step in steps] == [
        "COPY",  # the requirements alone: a layer that is kept until they change
        "install",
        "COPY",  # the repository
        "chmod",
        "./",
    ]

    image = make_machine(*versions)
    before, started = image.megabytes(), time.monotonic()
    image.pip("install", "--no-cache-dir", "-r", "binder/requirements.txt", cwd=clone)
    image.run(clone / "binder" / "postBuild", cwd=clone)
    seconds, megabytes = time.monotonic() - started, image.megabytes() - before
    with capsys.disabled():
        print(f"\nBinder: {seconds:.0f} s and {megabytes:.0f} MB on top of its image")
    assert megabytes < MOST_MEGABYTES
    image.pip("check")
    assert [f"{name}=={image.version(name)}" for name in IMAGE] == versions, (
        "the image's own stay as they are"
    )

    stored = nbformat.read(clone / "chapters" / "02-sigmoid.ipynb", as_version=4)
    assert printed(image.execute(read_chapter(clone), elsewhere)) == printed(stored)
    # A student uploads the notebook of an assignment: what is filled in passes, what is not is told.
    assert failed(image.execute(read_assignment(clone, filled=True), elsewhere)) == []
    assert failed(image.execute(read_assignment(clone, filled=False), elsewhere))
