"""Put a release together in dist/: notebooks, site, PDF, wheel and source archive, with their checksums.

    make dist    # builds book and PDF first

The same commit gives the same files: entries are sorted, and carry the date of the release.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable
from pathlib import Path

import nbformat
import yaml

from activations.grading.release import student_version

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
PDF = ROOT / "_build" / "pdf" / "activations.pdf"

READ_ME = """\
The notebooks of "Activation functions, from the ground up", version {version}.

    python -m pip install {wheel} jupyterlab
    jupyter lab chapters

The exercises in assignments/ are as students get them, to be filled in: "run all" is the check.
The wheel lies beside this archive in the release: {address}/releases
Text and figures are under CC BY 4.0 (LICENSE-TEXT), code is under the MIT licence (LICENSE).
"""


def version() -> str:
    """Return the version that pyproject.toml states."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    stated: str = project["version"]
    return stated


def site_files(site: Path) -> dict[str, bytes]:
    """Return what a reader needs of a built site; how it was built stays behind."""
    files = (path for path in site.rglob("*") if path.is_file())
    return {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in files
        if not path.relative_to(site).parts[0].startswith(".")
    }


def student_copies() -> dict[str, bytes]:
    """Return each assignment as the site offers it: without solutions and hidden checks."""
    sources = sorted((ROOT / "assignments").glob("*/*.ipynb"))
    copies = {path.name: student_version(nbformat.read(path, as_version=4)) for path in sources}
    return {f"assignments/{name}": nbformat.writes(copy).encode() for name, copy in copies.items()}


def notebook_files() -> dict[str, bytes]:
    """Return the chapters as they stand in the repository, the exercises, and a word on how to open both."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wheel = f"activations-{project['version']}-py3-none-any.whl"
    address = project["urls"]["Repository"]
    words = READ_ME.format(version=project["version"], wheel=wheel, address=address)
    paths = [*sorted((ROOT / "chapters").glob("*.ipynb")), ROOT / "LICENSE", ROOT / "LICENSE-TEXT"]
    files = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in paths}
    return files | student_copies() | {"README.txt": words.encode()}


def write_zip(path: Path, folder: str, files: dict[str, bytes]) -> None:
    """Write files below one folder; the same files give the same bytes."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    year, month, day = map(int, str(citation["date-released"]).split("-"))
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{folder}/{name}", (year, month, day, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=9)


def write_checksums(folder: Path, files: Iterable[Path]) -> None:
    """Write ``SHA256SUMS`` as ``sha256sum --check`` reads it."""
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(files)]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8", newline="\n")


def main() -> int:
    """Write everything anew."""
    for needed, target in ((SITE / "index.html", "book"), (PDF, "pdf")):
        if not needed.is_file():
            print(f"there is no {needed.relative_to(ROOT)}; run `make {target}` first", file=sys.stderr)
            return 1
    folder = ROOT / "dist"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    name = f"activations-{version()}"
    write_zip(folder / f"{name}-notebooks.zip", f"{name}-notebooks", notebook_files())
    write_zip(folder / f"{name}-site.zip", f"{name}-site", site_files(SITE))
    shutil.copyfile(PDF, folder / f"{name}.pdf")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    packages = [*folder.glob("*.whl"), *folder.glob("*.tar.gz")]
    subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *map(str, packages)], check=True)
    write_checksums(folder, [path for path in folder.iterdir() if path.name != "SHA256SUMS"])
    for path in sorted(folder.iterdir()):
        print(f"dist/{path.name}: {path.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
