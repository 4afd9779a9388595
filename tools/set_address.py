"""Set the repository's public address: `Repository` under [project.urls] in pyproject.toml, the one setting.

Every badge, button and citation that carries the address is rewritten from it.

    python tools/set_address.py https://github.com/me/activations
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

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


def rewriter(old: str, new: str) -> Callable[[str], str]:
    """Return a function that puts ``new`` for ``old`` in a text.

    An address has two forms there: its ``/owner/name``, whatever site comes before, and that of the published
    book. Both are sought in one pass, so that nothing is rewritten twice, and as whole names only, as one
    address may begin with the other.
    """
    forms = {
        urlsplit(old).path: urlsplit(new).path,
        site_address(old).rstrip("/"): site_address(new).rstrip("/"),
    }
    longest_first = sorted(forms, key=len, reverse=True)
    # A name may hold a dot, but where one ends a sentence, or begins ".git", the name is over.
    pattern = re.compile(rf"({'|'.join(map(re.escape, longest_first))})(?![\w-]|\.(?!git\b)\w)")
    return lambda text: pattern.sub(lambda found: forms[found[0]], text)


def main(arguments: list[str]) -> int:
    """Rewrite all tracked text files."""
    if len(arguments) != 1 or not re.fullmatch(
        r"https://github\.com/[\w.-]+/[\w.-]+", arguments[0].rstrip("/")
    ):
        print("say the new address: make address URL=https://github.com/me/activations", file=sys.stderr)
        return 2
    old, new = current_address(), arguments[0].rstrip("/").removesuffix(".git")
    rewrite = rewriter(old, new)
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for path in map(ROOT.joinpath, names.splitlines()):
        try:
            before = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        after = rewrite(before)
        if after != before:
            path.write_text(after, encoding="utf-8", newline="\n")
            print(f"{path.relative_to(ROOT)}: rewritten")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
