"""Set the repository's public address: `Repository` under [project.urls] in pyproject.toml, the one setting.

Every badge, button and citation that carries the address is rewritten from it.

    python tools/set_address.py https://github.com/me/activations
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def current_address() -> str:
    """Return the address that the repository carries now."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    address: str = project["urls"]["Repository"]
    return address


def site_address(repository: str) -> str:
    """Return where GitHub Pages serves the book of ``repository``."""
    _, owner, name = repository.rsplit("/", 2)
    return f"https://{owner.lower()}.github.io/{name}/"


def replacements(old: str, new: str) -> list[tuple[str, str]]:
    """Return every form in which the old address may stand in a file, with its new form."""
    old_slug, new_slug = old.removeprefix("https://github.com/"), new.removeprefix("https://github.com/")
    return [(old, new), (site_address(old), site_address(new)), (f"/{old_slug}", f"/{new_slug}")]


def main(arguments: list[str]) -> int:
    """Rewrite all tracked text files."""
    if len(arguments) != 1 or not re.fullmatch(
        r"https://github\.com/[\w.-]+/[\w.-]+", arguments[0].rstrip("/")
    ):
        print("say the new address: make address URL=https://github.com/me/activations", file=sys.stderr)
        return 2
    old, new = current_address(), arguments[0].rstrip("/").removesuffix(".git")
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for path in map(ROOT.joinpath, names.splitlines()):
        try:
            before = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        after = before
        for old_form, new_form in replacements(old, new):
            after = after.replace(old_form, new_form)
        if after != before:
            path.write_text(after, encoding="utf-8", newline="\n")
            print(f"{path.relative_to(ROOT)}: rewritten")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
