"""From a matplotlib figure to SVG text that follows the page's theme.

matplotlib writes complete documents with fixed colours. Inside a page they need other manners: colours
that follow the text, ids that no other figure has, no style sheet that leaks, the page's own font.
"""

from __future__ import annotations

import hashlib
import io
import re
import xml.etree.ElementTree as ET  # nosec B405: it reads what Matplotlib has just written
from collections.abc import Callable, Iterable
from itertools import pairwise

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from activations.figures._axes import DARK_INK, LIGHT_INK
from activations.figures._labels import arrange_labels, lay_out
from activations.figures._style import STYLE

SVG = "http://www.w3.org/2000/svg"
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"

# Pixels on the page for a unit (1/72 inch) of the figure: letters of 11 units become 15 pixels high.
SCALE = 1.4
# Panels stand side by side down to this many pixels a unit, and stack below it.
SCALE_TO_STACK = 0.86
# How much of its colour a coloured word keeps; the rest is the colour of the page's text. Words need a
# contrast of 4.5:1, which no single colour has on a light and on a dark page.
WORD_SHARE = 60

PAGE = "var(--pst-color-background,var(--jp-layout-color0,#fff))"
NEAR_BLACK = 0x20  # a channel below this counts as black

# Not after a letter or #: "55e00" in the colour #d55e00 is no number.
_NUMBER = re.compile(r"(?<![\w#.])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
# Before version 3.10 matplotlib writes "font: 700 11px 'DejaVu Sans'" in place of single properties.
_FONT = re.compile(r"(.*?)([\d.]+px) (.*)")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_IDLE_STYLES = {("stroke-dashoffset", "0"), ("opacity", "1"), ("stroke-linejoin", "round")}


def panels(fig: Figure, *, stack: bool = True) -> tuple[list[str], list[tuple[float, float]]]:
    """Return the figure as one or several SVG texts (without names for them), and the size of each.

    Parameters
    ----------
    fig : Figure
        The figure.
    stack : bool
        Cut a single row of two or three columns into one SVG a column.

    Returns
    -------
    texts : list of str
        SVG elements from left to right. Every id starts with a prefix made from the content.
    sizes : list of (width, height)
        In units of the figure, 1/72 inch.
    """
    with mpl.rc_context(STYLE):
        arrange_labels(fig)
        edges = _column_edges(fig) if stack else []
        # matplotlib writes an artist's gid as its id: here, the number of an axes's column.
        gids = {ax: ax.get_gid() for ax in fig.axes}
        for ax in fig.axes:
            ax.set_gid(f"column-{_column_of(ax, fig, edges)}")
        canvas = fig.canvas
        try:
            text = io.StringIO()
            silent = dict.fromkeys(("Date", "Creator", "Format", "Type"))
            # savefig would draw everything twice.
            FigureCanvasSVG(fig).print_svg(text, metadata=silent)  # type: ignore[no-untyped-call]
        finally:
            fig.set_canvas(canvas)
            for ax, gid in gids.items():
                ax.set_gid(gid)
    width, height = (float(side) * 72 for side in fig.get_size_inches())
    cuts = [0.0, *edges, width]
    texts, sizes = [], []
    for column in range(len(cuts) - 1):
        root = ET.fromstring(text.getvalue())  # nosec B314
        _gather_definitions(root)
        _drop(root, lambda e, keep=column: _other_column(e, keep))  # type: ignore[misc]
        left, right = cuts[column], cuts[column + 1]
        texts.append(_tidy(root, (left, 0.0, right - left, height)))
        sizes.append((right - left, height))
    return texts, sizes


def _column_edges(fig: Figure) -> list[float]:
    """Return where to cut between the columns, in units from the left; empty if it cannot be cut."""
    specs = [spec.get_topmost_subplotspec() for ax in fig.axes if (spec := ax.get_subplotspec()) is not None]
    grids = {spec.get_gridspec().get_geometry() for spec in specs}
    # What belongs to the whole figure, such as its title, has no column to go with.
    own = {type(artist) for artist in fig.get_children()} - {type(fig.patch), *map(type, fig.axes)}
    if grids not in ({(1, 2)}, {(1, 3)}) or own or len(fig.patches) > 0:
        return []
    lay_out(fig)
    boxes = sorted(
        (spec.colspan.start, box.x0 * 72 / fig.dpi, box.x1 * 72 / fig.dpi)
        for ax in fig.axes
        if (spec := ax.get_subplotspec()) is not None and (box := ax.get_tightbbox()) is not None
    )
    edges = []
    for (column, _, right), (following, left, _) in pairwise(boxes):
        if following == column or left < right:
            return []
        edges.append((left + right) / 2)
    return edges


def _column_of(ax: Axes, fig: Figure, edges: list[float]) -> int:
    box = ax.get_position()
    middle = (box.x0 + box.x1) / 2 * fig.get_size_inches()[0] * 72
    return sum(middle > edge for edge in edges)


def _other_column(element: ET.Element, keep: int) -> bool:
    name = element.get("id", "")
    return name.startswith("column-") and name != f"column-{keep}"


def _tidy(root: ET.Element, view: tuple[float, float, float, float]) -> str:
    _drop(root, lambda e: _tag(e) in {"metadata", "style", "title"})
    for element in root.iter():
        element.tag = _tag(element)
        element.text = element.text if element.text and element.text.strip() else None
        element.tail = None
        _clean(element)
    _drop(root, lambda e: e.tag == "path" and e.get("style") == "fill:none" and "id" not in e.attrib)
    _unwrap(root)
    _hoist_marker_styles(root)
    _prune_ids(root)
    root.attrib.clear()
    root.attrib.update(
        {
            "xmlns": SVG,
            "viewBox": " ".join(_short(v) for v in view),
            "width": str(round(view[2] * SCALE)),
            "height": str(round(view[3] * SCALE)),
            # Instead of matplotlib's style sheet, which would reach every other picture of the page.
            "stroke-linejoin": "round",
            "fill": "currentColor",
        }
    )
    text = ET.tostring(root, encoding="unicode")
    prefix = "f" + hashlib.sha256(text.encode()).hexdigest()[:8] + "-"
    return _number_ids(root, prefix)


def _tag(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _gather_definitions(root: ET.Element) -> None:
    """Move every definition to the front: one panel may use what another defines."""
    gathered = ET.Element("defs")
    for element in list(root.iter()):
        if _tag(element) == "defs":
            gathered.extend(list(element))
            element[:] = []
    root.insert(0, gathered)


def _drop(root: ET.Element, unwanted: Callable[[ET.Element], bool]) -> None:
    for parent in list(root.iter()):
        for child in list(parent):
            if unwanted(child):
                parent.remove(child)


def _clean(element: ET.Element) -> None:
    """Round numbers, give colours to the theme, drop what says nothing."""
    attributes = element.attrib
    if XLINK_HREF in attributes:
        attributes["href"] = attributes.pop(XLINK_HREF).replace("\n", "")
    if "style" in attributes:
        style = _clean_style(element.tag, element.get("id", ""), attributes.pop("style"))
        if style:
            attributes["style"] = style
    for name in ("d", "x", "y", "width", "height", "transform", "points"):
        if name in attributes:
            attributes[name] = _NUMBER.sub(lambda m: _short(float(m[0])), attributes[name])
    if "d" in attributes:
        path = " ".join(attributes["d"].split())
        attributes["d"] = re.sub(r" ?([A-Za-z]) ?", r"\1", path).replace(" -", "-")
    if attributes.get("transform", "").startswith(("rotate(-0 ", "rotate(0 ")):
        del attributes["transform"]
    # SVG in HTML has no XML declaration to say so; 1.1 is of no interest to a page.
    attributes.pop("version", None)


def _clean_style(tag: str, name: str, style: str) -> str:
    pairs = (declaration.partition(":") for declaration in style.split(";") if ":" in declaration)
    declarations = {key.strip(): value.strip() for key, _, value in pairs}
    if font := _FONT.fullmatch(declarations.pop("font", "")):
        words, size, family = font.groups()
        fonts = {"font-size": size, "font-family": family}
        for word in words.split():
            fonts["font-style" if word in {"italic", "oblique"} else "font-weight"] = word
        declarations = fonts | declarations
    # Mathematical letters were placed one by one for their font; all other words take the page's.
    if tag != "tspan":
        declarations.pop("font-family", None)
    if tag == "image" and name == "smooth":
        declarations.pop("image-rendering", None)
    for key in ("fill", "stroke"):
        if key in declarations:
            declarations[key] = _theme(declarations[key], key, tag)
    return ";".join(
        f"{key}:{_NUMBER.sub(lambda m: _short(float(m[0])), value)}"
        for key, value in declarations.items()
        if (key, value) not in _IDLE_STYLES
    )


def _theme(color: str, key: str, tag: str) -> str:
    if not re.fullmatch("#[0-9a-f]{6}", color):
        return color
    channels = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    if max(channels) < NEAR_BLACK:
        return "currentColor"
    if color == "#ffffff":
        # A white area is a background; a white line or marker hides what lies behind it.
        return "none" if key == "fill" and tag == "path" else PAGE
    if tag == "text" and color not in {LIGHT_INK, DARK_INK}:
        return f"color-mix(in srgb,{color} {WORD_SHARE}%,currentColor)"
    return color


def _short(number: float) -> str:
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def _unwrap(parent: ET.Element) -> None:
    """Replace groups that only carry an id of matplotlib's by what they hold."""
    children: list[ET.Element] = []
    for child in parent:
        _unwrap(child)
        if child.tag in {"g", "defs"} and not len(child):
            continue
        if child.tag == "g" and not set(child.attrib) - {"id"}:
            children.extend(child)
        else:
            children.append(child)
    parent[:] = children


def _hoist_marker_styles(root: ET.Element) -> None:
    """Say the style of a run of equal markers once, on the group that holds them."""
    for parent in list(root.iter()):
        runs: list[list[ET.Element]] = []
        for child in parent:
            alike = runs and child.tag == "use" and _look(runs[-1][-1]) == _look(child)
            if alike:
                runs[-1].append(child)
            else:
                runs.append([child])
        children = []
        for run in runs:
            if len(run) < 3:
                children.extend(run)
                continue
            style, clip = _look(run[0])[1:]
            group = ET.Element("g", {k: v for k, v in (("style", style), ("clip-path", clip)) if v})
            for marker in run:
                marker.attrib.pop("style", None)
                marker.attrib.pop("clip-path", None)
                group.append(marker)
            children.append(group)
        parent[:] = children


def _look(element: ET.Element) -> tuple[str, str, str]:
    return str(element.tag), element.get("style", ""), element.get("clip-path", "")


def _references(root: ET.Element) -> Iterable[str]:
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == "href" and value.startswith("#"):
                yield value[1:]
            else:
                yield from _REFERENCE.findall(value)


def _prune_ids(root: ET.Element) -> None:
    """Keep the ids and definitions that something refers to, renumbered from 0 in the order of the text."""
    used = set(_references(root))
    for definitions in root.findall("defs"):
        definitions[:] = [element for element in definitions if element.get("id") in used]
    _unwrap(root)
    for element in root.iter():
        if element.get("id") not in used:
            element.attrib.pop("id", None)
    _number_ids(root, "")


def _number_ids(root: ET.Element, prefix: str) -> str:
    names: dict[str, str] = {}
    for element in root.iter():
        if "id" in element.attrib:
            names.setdefault(element.attrib["id"], f"{prefix}{len(names)}")
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == "id":
                element.attrib[name] = names[value]
            elif name == "href" and value.startswith("#"):
                element.attrib[name] = "#" + names[value[1:]]
            elif "url(#" in value:
                element.attrib[name] = _REFERENCE.sub(lambda m: f"url(#{names[m[1]]})", value)
    return ET.tostring(root, encoding="unicode").replace(" />", "/>")
