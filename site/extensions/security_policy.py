"""Each page tells the browser what it may load and run: files of this site, and nothing from anywhere else.

The policy stands in a ``meta`` element, as the site may be served by anyone, and opened as a file. It allows

* scripts of the site, and the few lines that ``site/templates/inline`` puts into the pages, each by its
  hash: a script that gets into a page in any other way does not run;
* style sheets and fonts of the site; ``style`` attributes, with which KaTeX and Matplotlib place things;
* pictures of the site, and those that stand in the page as data;
* requests to the site alone, and to ``CONNECTIONS``.

An extension that must ask a service on a reader's click adds its origin to ``CONNECTIONS``, with the reason.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

INLINE = Path(__file__).resolve().parent.parent / "templates" / "inline"

# In Firefox a page that was opened as a file has no 'self'. A page from a server may load no file anyway.
SITE = ("'self'", "file:")

# Origins, beside the site's own, that a page may ask.
# The two services that open a chapter's notebook are asked whether they answer, once their button is pressed.
CONNECTIONS: tuple[str, ...] = ("https://mybinder.org", "https://colab.research.google.com")


@cache
def inline_scripts() -> dict[str, str]:
    """Return the scripts that stand in the pages themselves, by name, without their comments."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(INLINE.glob("*.js"))}
    return {name: re.sub(r"^ *//.*\n", "", text, flags=re.MULTILINE).strip() for name, text in texts.items()}


def hash_source(text: str) -> str:
    """Return how a policy names an inline script or style of exactly this text.

    >>> hash_source("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def policy(scripts: Iterable[str], styles: Iterable[str] = (), connections: Iterable[str] = ()) -> str:
    """Return the policy of a page that holds these inline scripts and style elements."""
    directives = {
        "default-src": ["'none'"],
        "script-src": [*SITE, *map(hash_source, scripts)],
        "style-src": [*SITE, *map(hash_source, styles)],
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": [*SITE, "data:"],
        "font-src": SITE,
        "connect-src": ["'self'", *connections],
        "form-action": SITE,
        "base-uri": ["'none'"],
    }
    return "; ".join(" ".join([name, *sources]) for name, sources in directives.items())


def add_policy(_app: Sphinx, pagename: str, _template: str, context: dict[str, Any], _tree: object) -> None:
    """Give the layout the inline scripts, and the policy that names them."""
    scripts = inline_scripts()
    context["inline_scripts"] = scripts
    if pagename == "404":
        used, styles = [scripts["before_paint"], scripts["missing_page"]], [context["inline_style"]]
    else:
        used, styles = [scripts["before_paint"], scripts["fold_contents"]], []
    context["security_policy"] = policy(used, styles, CONNECTIONS)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the step to the build."""
    app.connect("html-page-context", add_policy)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
