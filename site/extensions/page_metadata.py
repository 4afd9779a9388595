"""What a page says of itself, and what no chapter writes: front door, 404 page, the picture of the site."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from activations.figures import plot_functions, subplots

LONGEST_DESCRIPTION = 200
# The owner's name in `_config.yml` until the repository has a public address.
UNSET_OWNER = "OWNER"

# What social networks show beside a link to any page: 1200 × 630 pixels is the size that they ask for.
PICTURE = "social.png"
PICTURE_INCHES, PIXELS_PER_INCH = (6.0, 3.15), 200

DESCRIPTIONS = {
    "search": "Search the chapters, the glossary and the reference of the course on activation functions.",
    "genindex": "Every function, class and term of the course on activation functions, from A to Z.",
}


def derive_baseurl(_app: Sphinx, config: Config) -> None:
    """Derive the site's public address from the repository's, where none is set."""
    if config.html_baseurl:
        return
    address = urlsplit((config.html_theme_options or {}).get("repository_url") or "")
    parts = address.path.strip("/").split("/")
    if address.hostname == "github.com" and len(parts) == 2 and parts[0] != UNSET_OWNER:
        owner, repository = parts
        config.html_baseurl = f"https://{owner.lower()}.github.io/{repository}/"


def describe_page(app: Sphinx, pagename: str, _template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give every page the site's address, and a description: its own, or its first paragraph."""
    context["site_address"] = app.config.html_baseurl
    metatags = context.get("metatags") or ""
    own = re.search(r'<meta content="([^"]*)" name="description"', metatags)
    # The layout states these two itself.
    context["metatags"] = re.sub(r'<meta (?:name="viewport"|[^>]*name="description")[^>]*>\s*', "", metatags)
    if own:
        context["page_description"] = own[1]
    elif doctree is not None:
        context["page_description"] = first_paragraph(doctree) or context.get("title", "")
    else:
        context["page_description"] = DESCRIPTIONS.get(pagename, context.get("title", ""))
    if doctree is None:
        # Pages made by the builder have no source to download, to edit or to run.
        context["header_buttons"] = []


def first_paragraph(doctree: nodes.document) -> str:
    """Return the first paragraph of running text, cut at the end of a sentence or a word."""
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section) and not list(paragraph.findall(nodes.math)):
            return shorten(" ".join(paragraph.astext().split()))
    return ""


def shorten(text: str) -> str:
    """Return ``text``, or as many of its sentences (else of its words) as a search engine shows."""
    if len(text) <= LONGEST_DESCRIPTION:
        return text
    kept = text[: LONGEST_DESCRIPTION + 1]
    sentences = kept.rpartition(". ")[0]
    return f"{sentences}." if sentences else kept.rpartition(" ")[0].rstrip(",;:") + "…"


def missing_page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Make ``404.html``; its style is inlined, as it may be served from any depth."""
    if app.builder.format != "html":
        return
    style = (Path(app.srcdir) / "site" / "assets" / "course.css").read_text(encoding="utf-8")
    style = re.sub(r"@font-face\s*{[^}]*}\s*", "", style)
    yield (
        "404",
        {
            "title": "Page not found",
            "inline_style": re.sub(r"/\*.*?\*/\s*", "", style, flags=re.DOTALL),
            "root_path": urlsplit(app.config.html_baseurl).path or "/",
            "chapters": [
                (name, app.env.titles[name].astext())
                for name in app.env.toctree_includes.get(app.config.root_doc, [])
            ],
        },
        "404.html",
    )


def copy_front_page(app: Sphinx, exception: Exception | None) -> None:
    """Let the site's bare address show the first page itself, not a redirection to it."""
    if exception is not None or app.builder.format != "html" or "/" not in app.config.root_doc:
        return
    root = Path(app.outdir)
    folder = posixpath.dirname(app.config.root_doc)
    text = (root / f"{app.config.root_doc}.html").read_text(encoding="utf-8")
    text = re.sub(
        r'(<[^>]+\s(?:href|src|action|data-content_root)=")(?!#|[a-z]+:)([^"]*)(?=")',
        lambda link: (
            link[1] + posixpath.normpath(posixpath.join(folder, link[2])) + "/" * link[2].endswith("/")
        ),
        text,
    )
    (root / "index.html").write_text(text, encoding="utf-8")


def draw_picture(app: Sphinx, exception: Exception | None) -> None:
    """Draw the picture that stands for the site where someone shares a link to it."""
    if exception is not None or app.builder.format != "html":
        return
    width, height = PICTURE_INCHES
    figure, axes = subplots(width=width, height=height)
    plot_functions(axes, ["sigmoid", "relu"], x=(-2, 2)).set_title(app.config.html_title, fontsize=14)
    # Without the name and release of the program that drew it.
    figure.savefig(
        Path(app.outdir) / "_static" / PICTURE,
        dpi=PIXELS_PER_INCH,
        facecolor="white",
        metadata={"Software": None},
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the steps to the build."""
    app.connect("config-inited", derive_baseurl)
    app.connect("html-page-context", describe_page, priority=800)
    app.connect("html-collect-pages", missing_page)
    app.connect("build-finished", copy_front_page)
    app.connect("build-finished", draw_picture)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
