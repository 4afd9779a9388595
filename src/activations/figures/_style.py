"""The course's style, applied where a figure is made and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib.resources import as_file, files
from typing import Any, ParamSpec, TypeVar

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from activations.training._checks import is_number

P = ParamSpec("P")
R = TypeVar("R")

# Inches, by the number of columns. One panel is narrow so that its text stays legible on a phone; wider
# figures break into panels there, one below the other.
WIDTHS = {1: 5.2, 2: 8.4, 3: 9.6}
NARROW = 5.2  # also for the pictures of a grid with more columns
ROW_HEIGHT = 3.0


def _read_style() -> Any:
    with as_file(files("activations.figures").joinpath("course.mplstyle")) as path:
        return dict(mpl.rc_params_from_file(path, use_default_template=False))


STYLE = _read_style()


def styled(function: Callable[P, R]) -> Callable[P, R]:
    """Make ``function`` run under the course's style and leave matplotlib's settings as they were."""

    @wraps(function)
    def under_style(*args: P.args, **kwargs: P.kwargs) -> R:
        with mpl.rc_context(STYLE):
            return function(*args, **kwargs)

    return under_style


class CourseAxes(Axes):
    """Axes whose own methods follow the style too, so that a chapter can title and annotate them."""

    name = "course"


# matplotlib looks at its settings when a title or a line is made, not when an axes is.
_STYLED = "annotate axhline axvline bar barh errorbar hist legend plot scatter set_title step text"
for _name in _STYLED.split(" "):
    setattr(CourseAxes, _name, styled(getattr(Axes, _name)))


@styled
def subplots(
    nrows: int = 1,
    ncols: int = 1,
    *,
    height: float | None = None,
    width: float | None = None,
    **kwargs: Any,
) -> tuple[Figure, Any]:
    """Make a figure in the course's style, and its axes.

    No window, no pyplot, no setting of yours is changed. A figure of two or three columns in one row is
    shown side by side on a wide page and as a stack on a phone, so its panels need no second version.

    Parameters
    ----------
    nrows, ncols : int
        Rows and columns of axes.
    height : float, optional
        Height of one row in inches, 3.0 unless told.
    width : float, optional
        Width of the whole figure in inches: 5.2 for one column, 8.4 for two, 9.6 for three, and 5.2 for the
        small pictures of a grid with more. Letters are 11 points high: the wider, the smaller on the page.
    **kwargs
        Passed to `matplotlib.figure.Figure.subplots`: ``sharex``, ``sharey``, ``width_ratios``, …

    Returns
    -------
    fig : matplotlib.figure.Figure
        The figure, to be handed to `show`.
    axes : matplotlib.axes.Axes or ndarray of Axes, shape (nrows, ncols)
        One axes, or an array with the dimensions of length 1 left out.

    Raises
    ------
    ValueError
        If a number is not positive.

    Examples
    --------
    >>> fig, axes = subplots(1, 2)
    >>> axes.shape
    (2,)
    """
    height = ROW_HEIGHT if height is None else height
    if width is None:
        width = WIDTHS.get(ncols, NARROW) if is_number(ncols) else NARROW
    for name, value in {"nrows": nrows, "ncols": ncols, "height": height, "width": width}.items():
        if not is_number(value):
            raise TypeError(f"subplots: {name} must be a number, got {value!r}; leave it out for the default")
        if not value > 0:
            raise ValueError(f"subplots: {name} must be positive, got {value}; leave it out for the default")
    fig = Figure(figsize=(width, height * nrows))
    subplot_kw = {"axes_class": CourseAxes, **kwargs.pop("subplot_kw", {})}
    return fig, fig.subplots(nrows, ncols, subplot_kw=subplot_kw, **kwargs)
