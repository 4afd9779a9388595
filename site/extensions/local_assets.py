"""Everything a page loads comes from this site, and nothing is loaded that the page does not use.

The theme and its extensions bring scripts, style sheets and icon fonts for every case that they know. This
course has a layout, one style sheet and one script of its own (``site/templates``, ``site/assets``), so:

* KaTeX's style sheet and fonts, and the text font, come from ``node_modules``; when all pages are written,
  the fonts are cut down to the characters that occur on them;
* style sheets and scripts that the layout replaces are taken off every page, and those of a feature
  (mathematics, tabs, search) stay only on the pages that use it;
* the theme's files that no page asks for are removed.
"""

from __future__ import annotations

import hashlib
import html
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fontTools import subset
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

FONTS = (
    "source-serif-4-latin-400-normal.woff2",
    "source-serif-4-latin-400-italic.woff2",
    "source-serif-4-latin-600-normal.woff2",
    "source-serif-4-greek-400-normal.woff2",
)

# What every first screen is set in; the others load when the page asks for them.
PRELOADED = ("fonts/source-serif-4-latin-400-normal.woff2", "fonts/source-serif-4-latin-600-normal.woff2")
PRELOADED_FOR_MATHS = ("katex/fonts/KaTeX_Main-Regular.woff2", "katex/fonts/KaTeX_Math-Italic.woff2")

# What `course.css` and `course.js` replace: the theme, and the extensions whose markup they style themselves.
REPLACED = frozenset(
    {
        "_static/pygments.css",
        "_static/basic.css",
        "_static/styles/sphinx-book-theme.css",
        "_static/scripts/sphinx-book-theme.js",
        "_static/exercise.css",
        "_static/proof.css",
        "_static/documentation_options.js",
        "_static/doctools.js",
        "_static/sphinx_highlight.js",
    }
)
REPLACED_PATTERN = re.compile(r"_static/mystnb\.[0-9a-f]+\.css")

# Files that stay only where the page's text holds the mark of their feature.
FEATURES = {
    "_static/katex/katex.min.css": 'class="katex',
    "_static/sphinx-design.min.css": 'class="sd-',
    "_static/design-tabs.js": 'class="sd-tab-set',
}

SEARCH_SCRIPTS = (
    "documentation_options.js",
    "doctools.js",
    "sphinx_highlight.js",
    "searchtools.js",
    "language_data.js",
)

# Copied by the theme into every build, and never asked for by a page of this site.
UNUSED = (
    "vendor",
    "styles",
    "scripts",
    "locales",
    "images",
    "webpack-macros.html",
    "sbt-webpack-macros.html",
)


def node_package(app: Sphinx, name: str) -> Path:
    """Return the folder of an installed npm package."""
    folder = Path(app.srcdir) / "node_modules" / name
    if not folder.is_dir():
        raise ExtensionError(
            f"local_assets: {name} is not installed; run `npm ci` (or `make book`, which does)"
        )
    return folder


def copy_style_sheet(app: Sphinx) -> None:
    """Put KaTeX's style sheet, reduced to woff2, into ``_static``."""
    if app.builder.format != "html":
        return
    app.add_css_file("katex/katex.min.css")
    css = (node_package(app, "katex") / "dist" / "katex.min.css").read_text(encoding="utf-8")
    css = re.sub(r',url\([^)]*\.(?:woff|ttf)\) format\("[a-z]+"\)', "", css)
    folder = Path(app.outdir) / "_static" / "katex"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "katex.min.css").write_text(css, encoding="utf-8")


def fonts(app: Sphinx) -> Iterator[tuple[Path, Path]]:
    """Yield for each font where it is installed, and where the site has it."""
    static = Path(app.outdir) / "_static"
    for font in sorted((node_package(app, "katex") / "dist" / "fonts").glob("*.woff2")):
        yield font, static / "katex" / "fonts" / font.name
    serif = node_package(app, "@fontsource/source-serif-4") / "files"
    for name in FONTS:
        yield serif / name, static / "fonts" / name


def write_fonts(app: Sphinx, exception: Exception | None) -> None:
    """Write every font with just the characters that occur on some page: a third of a chapter's weight."""
    if exception is not None or app.builder.format != "html":
        return
    used = set(map(chr, range(32, 127)))
    for page in Path(app.outdir).rglob("*.html"):
        used.update(html.unescape(page.read_text(encoding="utf-8")))
    options = subset.Options(flavor="woff2", layout_features=["*"], notdef_outline=True)
    for source, target in fonts(app):
        target.parent.mkdir(parents=True, exist_ok=True)
        font = subset.load_font(str(source), options)
        subsetter = subset.Subsetter(options)
        subsetter.populate(text="".join(used))
        subsetter.subset(font)
        subset.save_font(font, str(target), options)


def trim_page(app: Sphinx, _page: str, _template: str, context: dict[str, Any], _tree: object) -> None:
    """Take off the page what it does not use."""
    body = context.get("body", "")
    for kind in ("css_files", "script_files"):
        context[kind] = [asset for asset in context.get(kind, []) if is_used(asset, body)]
    for script in context["script_files"]:
        if script.filename and not {"async", "defer", "type"} & set(script.attributes):
            script.attributes["defer"] = "defer"
    context["asset_version"] = {name: asset_version(app, name) for name in ("course.css", "course.js")}
    has_maths = FEATURES["_static/katex/katex.min.css"] in body
    context["preloaded_fonts"] = PRELOADED + (PRELOADED_FOR_MATHS if has_maths else ())
    context["search_scripts"] = SEARCH_SCRIPTS


def is_used(asset: Any, body: str) -> bool:
    """Tell whether a page with the HTML text ``body`` needs ``asset`` beside the course's own files."""
    name = str(asset.filename or "").split("?")[0]
    if name in REPLACED or REPLACED_PATTERN.fullmatch(name):
        return False
    if not name and "DOCUMENTATION_OPTIONS" in (asset.attributes.get("body") or ""):
        return False
    mark = FEATURES.get(name)
    return mark is None or mark in body


def asset_version(app: Sphinx, name: str) -> str:
    """Return a short digest of one of the course's own files, so that browsers fetch a changed one anew."""
    source = Path(app.srcdir) / "site" / "assets" / name
    return hashlib.sha256(source.read_bytes()).hexdigest()[:10]


def remove_unused(app: Sphinx, exception: Exception | None) -> None:
    """Drop the theme's files that no page asks for: five of the six megabytes of a plain build."""
    if exception is not None or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    for name in UNUSED:
        path = static / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the steps to the build."""
    app.connect("builder-inited", copy_style_sheet)
    app.connect("html-page-context", trim_page, priority=900)
    app.connect("build-finished", write_fonts)
    app.connect("build-finished", remove_unused, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
