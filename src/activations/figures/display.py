"""Showing a figure: inline SVG that follows the theme, with words for those who do not see it."""

from __future__ import annotations

import html
import re
import sys
from collections import Counter

from IPython.display import display
from matplotlib.figure import Figure

from activations.figures._svg import SCALE, SCALE_TO_STACK, panels
from activations.training._checks import instance

__all__ = ["figure_html", "show"]

FEWEST_WORDS = 5

# How often this process has shown a figure of the same content. The second copy on a page needs ids
# of its own.
_shown: Counter[str] = Counter()


class Picture:
    """A figure on its way to the page: HTML where that can be shown, words elsewhere."""

    def __init__(self, content: str, alt: str) -> None:
        self.content = content
        self.alt = alt

    def _repr_html_(self) -> str:
        return self.content

    def __repr__(self) -> str:
        return self.alt


def show(fig: Figure, alt: str = "", *, caption: str = "", stack: bool = True) -> None:
    """Display a figure as part of the page, and close it.

    The figure becomes SVG inside the page: it takes the theme's colours and font, is as wide as the page
    allows, and is read aloud as ``alt``. Where HTML cannot be shown, ``alt`` stands in its place.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        The figure, best made by `subplots`.
    alt : str
        What the figure shows, in a sentence, with its numbers: not its title, not a path.
    caption : str, optional
        A line below the figure.
    stack : bool, optional
        Break a row of two or three panels into a stack on narrow screens (the default).

    Raises
    ------
    TypeError
        If ``fig`` is no figure, or ``alt`` is no text.
    ValueError
        If ``alt`` is missing, looks like a path, or has fewer than five words.

    Examples
    --------
    >>> from activations.figures import subplots
    >>> fig, ax = subplots()
    >>> _ = ax.plot([0, 1, 2], [0, 1, 4])
    >>> show(fig, alt="A curve that rises from 0 to 4, ever steeper.")
    A curve that rises from 0 to 4, ever steeper.
    """
    content = figure_html(fig, alt, caption=caption, stack=stack)
    for prefix in dict.fromkeys(re.findall(r' id="(f[0-9a-f]{8})-', content)):
        _shown[prefix] += 1
        if _shown[prefix] > 1:
            content = content.replace(f"{prefix}-", f"{prefix}x{_shown[prefix]}-")
    display(Picture(content, alt))  # type: ignore[no-untyped-call]
    # A figure of pyplot's would otherwise be shown once more, as a picture, when the cell ends.
    if (pyplot := sys.modules.get("matplotlib.pyplot")) is not None:
        pyplot.close(fig)


def figure_html(fig: Figure, alt: str, *, caption: str = "", stack: bool = True) -> str:
    """Return the HTML that `show` displays; the parameters and errors are those of `show`.

    Returns
    -------
    str
        A ``<figure class="course-figure">``; the same text for the same figure, on every run.

    Examples
    --------
    >>> from activations.figures import subplots
    >>> fig, ax = subplots()
    >>> figure_html(fig, "Empty axes from zero to one, both ways.")[:30]
    '<figure class="course-figure" '
    """
    if not isinstance(fig, Figure):
        raise TypeError(f"show: fig must be a matplotlib figure, got {type(fig).__name__}; use subplots()")
    _check_alt(alt)
    texts, sizes = panels(fig, stack=stack)
    names = [f'role="img" aria-label="{html.escape(alt)}"', *['aria-hidden="true"'] * (len(texts) - 1)]
    single = len(texts) == 1
    drawn = []
    for text, name, (width, _) in zip(texts, names, sizes, strict=True):
        if single:
            layout = "display:block;max-width:100%;height:auto;margin:0 auto"
        else:
            layout = (
                f"flex:{width:.0f} 1 {width * SCALE_TO_STACK:.0f}px;min-width:0;"
                f"max-width:min(100%,{width * SCALE:.0f}px);height:auto"
            )
        drawn.append(text.replace("<svg ", f'<svg {name} style="{layout};overflow:visible" ', 1))
    body = "".join(drawn)
    if not single:
        body = f'<div style="display:flex;flex-wrap:wrap;justify-content:center">{body}</div>'
    instance("show", "caption", caption, str, "pass a text")
    if caption:
        body += f"<figcaption>{html.escape(caption)}</figcaption>"
    return f'<figure class="course-figure" style="margin:1em 0">{body}</figure>'


def _check_alt(alt: object) -> None:
    if not isinstance(alt, str):
        raise TypeError(f"show: alt must be a text, got {type(alt).__name__}; say what the figure shows")
    remedy = "say in a sentence what the figure shows, with its numbers"
    if not alt.strip():
        raise ValueError(f"show: alt must not be empty, got {alt!r}; {remedy}")
    if re.fullmatch(r"\S*[/\\]\S*|\S+\.\w{2,4}", alt.strip()):
        raise ValueError(f"show: alt must not be a path, got {alt!r}; {remedy}")
    if len(re.findall(r"\w+", alt)) < FEWEST_WORDS:
        raise ValueError(f"show: alt must have at least {FEWEST_WORDS} words, got {alt!r}; {remedy}")
