"""Tables that read well on the page, in a terminal and aloud."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import numpy as np
from IPython.display import display

from activations.figures._checks import check_mapping
from activations.training._checks import count, instance

__all__ = ["Table", "show_table"]


class Table:
    """A small table of results, with the column heads as its first row.

    Parameters
    ----------
    columns : mapping of str to sequence
        The cells of each column, by the column's head; all of one length.
        Floats are rounded to ``digits`` significant digits, everything else is shown as it is.
    caption : str, optional
        One sentence above the table.
    digits : int, optional
        Significant digits of floats, 3 unless told.

    Raises
    ------
    ValueError
        If there is no column, or the columns differ in length.

    Examples
    --------
    >>> print(Table({"activation": ["sigmoid", "relu"], "largest slope": [0.25, 1.0]}))
    activation  largest slope
    sigmoid              0.25
    relu                    1
    """

    def __init__(
        self, columns: Mapping[str, Sequence[object] | np.ndarray], *, caption: str = "", digits: int = 3
    ) -> None:
        check_mapping("Table", "columns", columns)
        instance("Table", "caption", caption, str, "pass a text")
        digits = count("Table", "digits", digits, 1)
        lengths = {head: len(cells) for head, cells in columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"Table: columns must have one length, got {lengths}; fill the short ones")
        self.heads = list(columns)
        self.caption = caption
        self.numeric = [all(_is_number(cell) for cell in cells) for cells in columns.values()]
        self.rows = list(
            zip(*[[_text(cell, digits) for cell in cells] for cells in columns.values()], strict=True)
        )

    def __str__(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.heads, *self.rows, strict=True)]
        lines = [self.caption] if self.caption else []
        for row in (self.heads, *self.rows):
            cells = [
                cell.rjust(width) if numeric else cell.ljust(width)
                for cell, width, numeric in zip(row, widths, self.numeric, strict=True)
            ]
            lines.append("  ".join(cells).rstrip())
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(
            f'<th scope="col"{_align(numeric)}>{html.escape(head)}</th>'
            for head, numeric in zip(self.heads, self.numeric, strict=True)
        )
        body = "".join(
            "<tr>"
            + "".join(
                f"<td{_align(numeric)}>{html.escape(cell)}</td>"
                for cell, numeric in zip(row, self.numeric, strict=True)
            )
            + "</tr>"
            for row in self.rows
        )
        caption = f"<caption>{html.escape(self.caption)}</caption>" if self.caption else ""
        head = f"<thead><tr>{head}</tr></thead>"
        return f'<table class="course-table">{caption}{head}<tbody>{body}</tbody></table>'


def show_table(
    columns: Mapping[str, Sequence[object] | np.ndarray], *, caption: str = "", digits: int = 3
) -> None:
    """Display columns as a table.

    Parameters
    ----------
    columns : mapping of str to sequence
        Head and cells of each column.
    caption : str, optional
        A sentence above the table.
    digits : int
        Significant digits of floats, 3 unless told.

    Raises
    ------
    ValueError, TypeError
        As in `Table`.

    Examples
    --------
    >>> show_table({"activation": ["sigmoid", "relu"], "largest slope": [0.25, 1.0]})
    activation  largest slope
    sigmoid              0.25
    relu                    1
    """
    display(Table(columns, caption=caption, digits=digits))  # type: ignore[no-untyped-call]


def _is_number(cell: object) -> bool:
    return isinstance(cell, int | float | np.number) and not isinstance(cell, bool | np.bool_)


def _text(cell: object, digits: int) -> str:
    if isinstance(cell, float | np.floating):
        return f"{cell:.{digits}g}"
    return str(cell)


def _align(numeric: bool) -> str:
    return ' class="number"' if numeric else ""
