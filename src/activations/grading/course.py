"""Where things are in the folder of a course: the places that nbgrader knows, and two of our own."""

from __future__ import annotations

import csv
import difflib
import hashlib
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from activations.grading.results import clean, write_atomically

__all__ = ["Course", "CourseError", "read_table"]

HELD_BACK = 'c.CourseDirectory.notebook_id = "/dev/null/use-activations-grade"'
"""The line by which nbgrader's own tools find no notebook to run."""

NBGRADER_CONFIG = """\
# So that nbgrader's own tools, such as formgrader, find this course. Written once; yours to change.
import os
from pathlib import Path

from activations.grading.course import Course

c = get_config()  # noqa: F821
c.CourseDirectory.root = {root!r}
c.CourseDirectory.source_directory = {source!r}
# The address may hold a password, so it is asked for and not kept here.
c.CourseDirectory.db_url = Course(Path({root!r}), os.environ.get("ACTIVATIONS_GRADEBOOK", "")).url
# So formgrader's buttons Autograde, Generate Feedback and Generate, and nbgrader's commands of these names,
# find no notebook: the first would run students' code with your rights, the second show them the hidden
# checks. The name is in what they say then. Pages, points and comments do not depend on it.
{held_back}
"""


class CourseError(ValueError):
    """Something about the course's folder is not as it should be; the message says what to do."""


def read_table(path: Path) -> str:
    """Return the text of a table that somebody has made with another program.

    Raises
    ------
    CourseError
        If it is in an encoding that does not say which it is.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CourseError(f"table: {path.name} is not in UTF-8; save it as “CSV UTF-8”") from None


@dataclass(frozen=True)
class Course:
    """The folder of a course.

    ::

        assignments/<name>/<name>.ipynb      the sources (or source/, as nbgrader calls it)
        release/<name>/<name>.ipynb          for the students
        submitted/<student>/<name>/          what they hand in
        collected/<name>.json                who has handed in what, and what could not be taken
        results/<name>/<student>.json        what came of it: one file a student
        autograded/<student>/<name>/         the notebooks as they were run
        feedback/<student>/<name>/           for the students
        gradebook.db                         nbgrader's, unless another one is named

    Attributes
    ----------
    root : Path
        The folder.
    database : str
        Address of the gradebook: empty for ``gradebook.db`` in the folder, or a URL such as
        ``postgresql://user@host/grades``.

    Examples
    --------
    >>> Course(Path("course")).feedback("ada", "sigmoid").as_posix()
    'course/feedback/ada/sigmoid/sigmoid.html'
    """

    root: Path
    database: str = ""

    @property
    def url(self) -> str:
        """The gradebook's address, as SQLAlchemy wants it."""
        if not self.database:
            return f"sqlite:///{self.root.absolute() / 'gradebook.db'}"
        # The driver that this package installs.
        return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", self.database)

    @property
    def has_gradebook(self) -> bool:
        """Whether there is a gradebook already; looking into one that is not there would make it."""
        return bool(self.database) or (self.root / "gradebook.db").exists()

    @property
    def sources(self) -> Path:
        """The folder of the assignments' sources."""
        named = self.root / "assignments"
        return named if named.is_dir() else self.root / "source"

    @property
    def assignments(self) -> list[str]:
        """Names of the assignments that there is a source for."""
        return sorted(path.stem for path in self.sources.glob("*/*.ipynb") if path.stem == path.parent.name)

    def source(self, assignment: str) -> Path:
        """Return the source notebook of an assignment.

        Raises
        ------
        CourseError
            If there is none.
        """
        path = self.sources / assignment / f"{assignment}.ipynb"
        if path.is_file() and re.fullmatch(r"\w[\w.-]*", assignment):
            return path
        names = self.assignments
        near = difflib.get_close_matches(assignment, names, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        there = f"there are {', '.join(names)}" if names else f"there are none in {self.sources}"
        raise CourseError(f"source: unknown assignment {assignment!r}; {hint}{there}")

    def released(self, assignment: str) -> Path:
        """Return where the students' copy is."""
        return self.root / "release" / assignment / f"{assignment}.ipynb"

    def submitted(self, student: str, assignment: str) -> Path:
        """Return the folder of what a student has handed in."""
        return self.root / "submitted" / student / assignment

    def autograded(self, student: str, assignment: str) -> Path:
        """Return where the notebook is as it was run."""
        return self.root / "autograded" / student / assignment / f"{assignment}.ipynb"

    def result(self, student: str, assignment: str) -> Path:
        """Return where a result is kept."""
        return self.root / "results" / assignment / f"{student}.json"

    def feedback(self, student: str, assignment: str) -> Path:
        """Return where a student's feedback is."""
        return self.root / "feedback" / student / assignment / f"{assignment}.html"

    def submitters(self, assignment: str) -> list[str]:
        """Return who has a folder for an assignment."""
        return sorted(
            path.parent.name for path in self.root.glob(f"submitted/*/{assignment}") if path.is_dir()
        )

    def handed_in(self, student: str, assignment: str) -> str:
        """Return a text that changes with the notebooks in a student's folder; empty if none can be read."""
        try:
            paths = sorted(self.submitted(student, assignment).iterdir())
            files = [path for path in paths if path.suffix.lower() == ".ipynb" and path.is_file()]
            return " ".join(hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in files)
        except OSError:
            return ""

    def roster(self) -> list[str]:
        """Return the students that ``roster.csv`` names in its column ``student``; empty without that file.

        Raises
        ------
        CourseError
            If the column is missing, or the file is not in UTF-8.
        """
        path = self.root / "roster.csv"
        if not path.is_file():
            return []
        reader = csv.DictReader(io.StringIO(read_table(path)))
        if "student" not in (reader.fieldnames or []):
            raise CourseError("roster: roster.csv has no column 'student'; name the students' column so")
        return [row["student"].strip() for row in reader if (row["student"] or "").strip()]

    def collected(self, assignment: str) -> dict[str, dict[str, Any]]:
        """Return what ``collect`` knows of each student: their number in the system, lateness, problems."""
        path = self.root / "collected" / f"{assignment}.json"
        if not path.is_file():
            return {}
        known: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        return known

    def write_collected(self, assignment: str, known: dict[str, dict[str, Any]]) -> None:
        """Keep what ``collect`` knows."""
        text = clean(json.dumps(dict(sorted(known.items())), ensure_ascii=False, indent=1))
        write_atomically(self.root / "collected" / f"{assignment}.json", text.encode() + b"\n")

    def write_nbgrader_config(self) -> bool:
        """Write ``nbgrader_config.py``, if there is none; return whether it was written."""
        path = self.root / "nbgrader_config.py"
        if path.exists():
            return False
        names = {"root": str(self.root.absolute()), "source": self.sources.name, "held_back": HELD_BACK}
        text = NBGRADER_CONFIG.format(**names)
        write_atomically(path, text.encode())
        return True

    @property
    def holds_nbgrader_back(self) -> bool:
        """Whether ``nbgrader_config.py`` keeps nbgrader's own tools from running students' code."""
        path = self.root / "nbgrader_config.py"
        return path.is_file() and "CourseDirectory.notebook_id" in path.read_text("utf-8", "replace")
