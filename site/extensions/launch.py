"""Ways to run a chapter, offered beside it: Binder, Colab and JupyterLite open the notebook behind the page.

All of them open the release that pyproject.toml names, at the repository's one public address. Until a button
is pressed, the page asks no one; then ``course.js`` sees whether the service answers, and says so if not.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from sphinx.application import Sphinx

# Where JupyterLite is published: below the site, see `make lite`.
LITE = "lite/"


class Launcher(NamedTuple):
    """A service that runs notebooks: its name, the chapter's address there, a small file to ask it for."""

    name: str
    url: str
    probe: str


def launchers(repository: str, tag: str, notebook: str, site_root: str) -> list[Launcher]:
    """Return the services for one notebook, a path inside the repository.

    The files asked for are those that each service publishes for other sites: none redirects elsewhere.
    """
    slug = urlsplit(repository).path.strip("/")
    lab_path = quote(f"lab/tree/{notebook}", safe="")
    colab, lite = "https://colab.research.google.com", f"{site_root}{LITE}notebooks/index.html"
    return [
        Launcher(
            "Binder",
            f"https://mybinder.org/v2/gh/{slug}/{tag}?urlpath={lab_path}",
            "https://mybinder.org/badge_logo.svg",
        ),
        Launcher("Colab", f"{colab}/github/{slug}/blob/{tag}/{notebook}", f"{colab}/assets/colab-badge.svg"),
        Launcher("JupyterLite", f"{lite}?path={quote(notebook)}", lite),
    ]


def add_launchers(app: Sphinx, pagename: str, _template: str, context: dict[str, Any], _tree: object) -> None:
    """Give the layout what it offers beside a page that is made from a notebook."""
    root = Path(app.srcdir)
    notebook = f"{pagename}.ipynb"
    context["launchers"] = []
    if (root / notebook).exists():
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        site_root = context["content_root"]
        context["launchers"] = launchers(
            project["urls"]["Repository"], f"v{project['version']}", notebook, site_root
        )


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the step to the build."""
    app.connect("html-page-context", add_launchers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
