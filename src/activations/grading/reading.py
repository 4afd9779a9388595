"""Read what a student has handed in: data from a stranger, taken apart with care.

Nothing is run here, and nothing is believed: not the file's name, its size, its form or its metadata.
"""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from activations.grading.limits import MEGABYTE, Limits
from activations.grading.results import clean

__all__ = [
    "Cell",
    "NotGradableError",
    "Submitted",
    "find_notebook",
    "parse_notebook",
    "renamed",
    "too_large",
    "undecided",
]

MOST_LINES = 10_000
"""Lines of a notebook, an empty one for each cell included. An assignment has a few hundred."""
MOST_CODE = 200_000
"""Characters in the code cells of a notebook. What looks at them has no clock."""


class NotGradableError(ValueError):
    """Nothing can be graded; the message tells a student why.

    Parameters
    ----------
    status : str
        The status of the row in the table of results.
    reason : str
        A sentence for student and instructor.
    """

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(clean(reason))  # names of files may hold anything
        self.status = status


@dataclass(frozen=True)
class Cell:
    """One cell of a student's notebook.

    Attributes
    ----------
    kind : str
        ``"code"`` or ``"markdown"``.
    source : str
        Its text.
    grade_id : str
        The name that nbgrader's metadata gives it, or an empty text.
    cell_id : str
        The notebook format's own name for it, or an empty text.
    """

    kind: str
    source: str
    grade_id: str = ""
    cell_id: str = ""


@dataclass(frozen=True)
class Submitted:
    """A student's notebook, taken apart.

    Attributes
    ----------
    cells : tuple of Cell
        In the student's order.
    notes : tuple of str
        What was odd about the file.
    """

    cells: tuple[Cell, ...]
    notes: tuple[str, ...] = field(default=())


def too_large(size: int, limits: Limits) -> NotGradableError:
    """Return the error for a file of too many bytes."""
    reason = f"the notebook has {size / MEGABYTE:.0f} MB, allowed are {limits.notebook_mb:g} MB"
    return NotGradableError("too large", f"{reason}: clear all outputs and hand it in again")


def undecided(names: list[str], wanted: str) -> NotGradableError:
    """Return the error for several notebooks, none of which has the right name."""
    reason = f"none of the notebooks {', '.join(names[:5])} is called {wanted}: which one counts?"
    return NotGradableError("unreadable", reason)


def renamed(name: str, wanted: str) -> str:
    """Return the note on a notebook that is the only one, and has another name."""
    return f"the file was called {name!r} instead of {wanted!r}"


def find_notebook(folder: Path, assignment: str, limits: Limits) -> tuple[Path, list[str]]:
    """Return the notebook that a folder holds, and what is odd about its name.

    Parameters
    ----------
    folder : Path
        What one student has handed in.
    assignment : str
        Its notebook should have this name.
    limits : Limits
        How large it may be.

    Raises
    ------
    NotGradableError
        If there is no notebook, more than one to choose from, or none that may be opened.
    """
    wanted = f"{assignment}.ipynb"
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    notebooks = [name for name in names if name.lower().endswith(".ipynb")]
    notes = []
    if wanted in notebooks:
        name = wanted
    elif len(notebooks) == 1:
        name = notebooks[0]
        notes.append(renamed(name, wanted))
    elif notebooks:
        raise undecided(notebooks, wanted)
    elif names:
        raise NotGradableError("missing", f"no notebook was handed in, only {', '.join(names[:5])}")
    else:
        raise NotGradableError("missing", "nothing was handed in")
    path = folder / name
    info = path.lstat()
    if not stat.S_ISREG(info.st_mode):
        raise NotGradableError(
            "unreadable", f"{name} is not a file but a link or a folder: hand in the file itself"
        )
    if info.st_size > limits.notebook_mb * MEGABYTE:
        raise too_large(info.st_size, limits)
    return path, notes


def _text(value: Any) -> str:
    """Return a source, which the format allows to be a text or a list of texts."""
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    return clean(value) if isinstance(value, str) else ""


def _cell(data: Any) -> Cell:
    if not isinstance(data, dict):
        return Cell("markdown", "")
    metadata = data.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = marks.get("grade_id") if isinstance(marks, dict) else ""
    cell_id = data.get("id")
    return Cell(
        kind="code" if data.get("cell_type") == "code" else "markdown",
        # The third version of the format called the text of a code cell its input.
        source=_text(data.get("source", data.get("input", ""))),
        grade_id=grade_id if isinstance(grade_id, str) else "",
        cell_id=cell_id if isinstance(cell_id, str) else "",
    )


def _measure(cells: tuple[Cell, ...]) -> None:
    """Refuse what would keep the grader busy before anything is run."""
    lines = sum(1 + len(cell.source.splitlines()) for cell in cells)
    code = sum(len(cell.source) for cell in cells if cell.kind == "code")
    for count, what, most in ((lines, "lines", MOST_LINES), (code, "characters of code", MOST_CODE)):
        if count > most:
            raise NotGradableError(
                "too large",
                f"the notebook has {count:,} {what}, allowed are {most:,}: "
                "delete what is no answer and hand it in again",
            )


def parse_notebook(data: bytes) -> Submitted:
    """Take a notebook file apart.

    Parameters
    ----------
    data : bytes
        The file.

    Returns
    -------
    Submitted

    Raises
    ------
    NotGradableError
        If it is no notebook, or has more lines or more code than anybody writes.

    Examples
    --------
    >>> parse_notebook(b'{"cells": [{"cell_type": "code", "source": ["x = 1"]}]}').cells[0].source
    'x = 1'
    >>> parse_notebook(b"{")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    activations.grading.reading.NotGradableError: the file is no notebook: it breaks off or is damaged ...
    """
    if not data.strip():
        raise NotGradableError("unreadable", "the file is empty")
    try:
        notebook = json.loads(data)
    except json.JSONDecodeError as error:
        raise NotGradableError(
            "unreadable", f"the file is no notebook: it breaks off or is damaged (line {error.lineno})"
        ) from None
    except (UnicodeDecodeError, RecursionError, ValueError):
        raise NotGradableError("unreadable", "the file is no notebook: it cannot be read as text") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if cells is None and isinstance(notebook, dict):
        sheets = notebook.get("worksheets")
        first = sheets[0] if isinstance(sheets, list) and sheets else None
        cells = first.get("cells") if isinstance(first, dict) else None
    if not isinstance(cells, list):
        raise NotGradableError("unreadable", "the file is no notebook: it has no cells")
    notes = []
    metadata = notebook.get("metadata")
    kernel = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    if isinstance(kernel, dict):
        language = str(kernel.get("language", kernel.get("name", "python")))
        if not language.lower().startswith("python"):
            notes.append(f"the notebook asks for the kernel {language[:40]!r}; it was run with Python")
    taken = tuple(_cell(cell) for cell in cells)
    _measure(taken)
    return Submitted(taken, tuple(notes))
