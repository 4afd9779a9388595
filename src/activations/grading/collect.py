"""Take in what students have handed in: a folder, or the zip of a learning-management system.

Names and contents come from strangers. Nothing is unpacked as it is: each member of an archive is looked at,
measured, and copied to a place that this module has chosen. What cannot be taken becomes a row, too.
"""

from __future__ import annotations

import re
import stat
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from activations.grading.course import Course, CourseError
from activations.grading.limits import MEGABYTE, Limits
from activations.grading.results import write_atomically

__all__ = ["Arrival", "Collected", "arrivals", "collect"]

CANVAS = re.compile(r"(?P<name>[^_/]+)_(?P<late>LATE_)?(?P<user>\d+)_(?P<submission>\d+)_(?P<file>[^/]+)")
MOODLE = re.compile(
    r"(?P<name>[^/]*)_(?P<user>\d+)_assignsubmission_file_?(?:/(?P<file>.+)|_?(?P<flat>[^/]+))"
)
AGAIN = re.compile(r"-(\d+)(?=\.ipynb$)")
MOST_MEMBERS = 20_000
"""An archive with more members than this is none of a class."""


@dataclass(frozen=True)
class Arrival:
    """One file that has come in.

    Attributes
    ----------
    student : str
        Whose it is: a name that is safe as that of a folder.
    file : str
        Its name, without what the system has added.
    attempt : int
        Counts up where the system numbers files of the same name.
    about : dict
        ``system``, ``user`` (the student's number there), ``name``, ``late``: what the name says.
    data : bytes or None
        None where the file was not taken.
    problem : tuple of str
        Status and reason in that case.
    """

    student: str
    file: str
    attempt: int = 0
    about: dict[str, Any] = field(default_factory=dict)
    data: bytes | None = field(default=None, repr=False)
    problem: tuple[str, ...] = ()


@dataclass(frozen=True)
class Collected:
    """What has been taken in.

    Attributes
    ----------
    new, changed, unchanged : tuple of str
        Students, by what their submission is in comparison with before.
    problems : dict of str to tuple of str
        Students whose submission was not taken: status and reason.
    """

    new: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    problems: dict[str, tuple[str, ...]]


def safe_name(text: str) -> str:
    """Return a text as a name of a folder, in plain letters where that is possible.

    Examples
    --------
    >>> safe_name("Ada Łovelace"), safe_name("../../etc"), safe_name("Zoë")
    ('ada-lovelace', 'etc', 'zoe')
    """
    plain = unicodedata.normalize("NFKD", text.replace("ł", "l").replace("Ł", "L").replace("ß", "ss"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).lower()
    return re.sub(r"[^\w]+", "-", plain).strip("-_") or "unnamed"


def identify(path: str, assignment: str = "") -> Arrival | None:
    """Read a file's student from its path; None for what is not handed in by anybody.

    Parameters
    ----------
    path : str
        With ``/`` between folders: as Canvas or Moodle names it, or ``student/file`` or ``student.ipynb``.
    assignment : str
        The name for a notebook that is named after its student.

    Examples
    --------
    >>> identify("lovelaceada_LATE_12345_67890_sigmoid-1.ipynb").file
    'sigmoid.ipynb'
    >>> identify("Ada Lovelace_417_assignsubmission_file_/sigmoid.ipynb").student
    'ada-lovelace-417'
    """
    pure = PurePosixPath(path)
    if any(part.startswith((".", "__MACOSX")) and part != ".." for part in pure.parts):
        return None
    found = MOODLE.search(path)
    if found:
        file, system = PurePosixPath(found["file"] or found["flat"]).name, "moodle"
    else:
        found = CANVAS.fullmatch(pure.name)
        if found:
            file, system = found["file"], "canvas"
    if found:
        about = {"system": system, "user": found["user"], "name": found["name"].strip()}
        about["late"] = system == "canvas" and bool(found["late"])
        student = f"{safe_name(found['name'])}-{found['user']}"
    else:
        folders = [part for part in pure.parts[:-1] if part not in {"..", "/"}]
        file, about = pure.name, {}
        student = safe_name(folders[0] if folders else pure.stem)
        if not folders and assignment and pure.suffix.lower() == ".ipynb":
            file = f"{assignment}.ipynb"
    again = AGAIN.search(file) if system_numbers(about) else None
    return Arrival(student, AGAIN.sub("", file) if again else file, int(again[1]) if again else 0, about)


def system_numbers(about: dict[str, Any]) -> bool:
    """Whether the system numbers files that a student has handed in again."""
    return about.get("system") == "canvas"


def _bounded(file: IO[bytes], limits: Limits) -> bytes | None:
    """Return all of a file, or None if it is larger than a notebook may be, whatever it says about itself."""
    most = int(limits.notebook_mb * MEGABYTE)
    data = file.read(most + 1)
    return data if len(data) <= most else None


def _too_large(megabytes: float, limits: Limits) -> tuple[str, str]:
    reason = f"the notebook has {megabytes:.0f} MB, allowed are {limits.notebook_mb:g} MB"
    return "too large", f"{reason}: clear all outputs and hand it in again"


def _with(arrival: Arrival, data: bytes | None = None, problem: tuple[str, ...] = ()) -> Arrival:
    return Arrival(arrival.student, arrival.file, arrival.attempt, arrival.about, data, problem)


def _from_zip(path: Path, assignment: str, limits: Limits) -> Iterator[Arrival]:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise CourseError(
            f"collect: {path.name} cannot be read as a zip ({error}); download it again"
        ) from None
    with archive:
        members = archive.infolist()
        if len(members) > MOST_MEMBERS:
            raise CourseError(
                f"collect: {path.name} has {len(members)} members, which no class hands in; look into it"
            )
        for member in members:
            arrival = None if member.is_dir() else identify(member.filename, assignment)
            if arrival is None:
                continue
            parts = PurePosixPath(member.filename)
            kind = stat.S_IFMT(member.external_attr >> 16)
            if parts.is_absolute() or ".." in parts.parts:
                reason = "its name in the zip leads out of the folder; hand in the file itself"
                yield _with(arrival, problem=("unreadable", reason))
            elif kind not in {0, stat.S_IFREG}:
                reason = "it is not a file but a link; hand in the file itself"
                yield _with(arrival, problem=("unreadable", reason))
            elif not arrival.file.lower().endswith(".ipynb"):
                yield arrival
            else:
                yield _unpacked(archive, member, arrival, limits)


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, arrival: Arrival, limits: Limits) -> Arrival:
    if member.file_size > limits.notebook_mb * MEGABYTE:
        return _with(arrival, problem=_too_large(member.file_size / MEGABYTE, limits))
    try:
        with archive.open(member) as file:
            data = _bounded(file, limits)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        return _with(arrival, problem=("unreadable", f"it cannot be unpacked ({error})"))
    if data is None:  # pragma: no cover -- zipfile itself stops at the size that the member claims
        return _with(arrival, problem=_too_large(limits.notebook_mb, limits))
    return _with(arrival, data)


def _from_folder(folder: Path, assignment: str, limits: Limits) -> Iterator[Arrival]:
    for path in sorted(folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            continue
        arrival = identify(path.relative_to(folder).as_posix(), assignment)
        if arrival is None:
            continue
        info = path.lstat()
        if not stat.S_ISREG(info.st_mode):
            yield _with(
                arrival, problem=("unreadable", "it is not a file but a link; hand in the file itself")
            )
        elif not arrival.file.lower().endswith(".ipynb"):
            yield arrival
        elif info.st_size > limits.notebook_mb * MEGABYTE:
            yield _with(arrival, problem=_too_large(info.st_size / MEGABYTE, limits))
        else:
            yield _with(arrival, path.read_bytes())


def arrivals(path: Path, assignment: str, limits: Limits) -> Iterator[Arrival]:
    """Yield each file of a folder or a zip.

    Parameters
    ----------
    path : Path
        Where the submissions are.
    assignment : str
        Of which assignment.
    limits : Limits
        How large a notebook may be.

    Raises
    ------
    CourseError
        If the path is neither a folder nor a zip.
    """
    if path.is_dir():
        yield from _from_folder(path, assignment, limits)
    elif path.is_file():
        yield from _from_zip(path, assignment, limits)
    else:
        raise CourseError(f"collect: there is no {path}; name the folder or the zip with the submissions")


def choose(files: list[Arrival], assignment: str) -> tuple[Arrival | None, tuple[str, ...], list[str]]:
    """Return which of a student's files counts, or the problem with them, and notes."""
    notebooks = [file for file in files if file.file.lower().endswith(".ipynb")]
    named = [file for file in notebooks if file.file == f"{assignment}.ipynb"] or notebooks
    good = [file for file in named if file.data is not None]
    if not named:
        names = ", ".join(sorted(file.file for file in files)[:5])
        return (
            None,
            next(
                (f.problem for f in files if f.problem),
                ("missing", f"no notebook was handed in, only {names}"),
            ),
            [],
        )
    if not good:
        return None, named[-1].problem, []
    if len({file.file for file in good}) > 1:
        names = ", ".join(sorted(file.file for file in good))
        return (
            None,
            ("unreadable", f"none of the notebooks {names} is called {assignment}.ipynb: which one counts?"),
            [],
        )
    last = max(good, key=lambda file: file.attempt)
    notes = [f"of {len(good)} files the last one, number {last.attempt}, counts"] if len(good) > 1 else []
    return last, (), notes


def collect(
    course: Course, assignment: str, path: Path, *, limits: Limits | None = None, dry_run: bool = False
) -> Collected:
    """Copy what students have handed in to the course's folder; a second time changes nothing.

    Parameters
    ----------
    course : Course
        Where to.
    assignment : str
        Of which assignment.
    path : Path
        A folder, or a zip of Canvas or Moodle.
    limits : Limits, optional
        How large a notebook may be.
    dry_run : bool
        Only look.

    Returns
    -------
    Collected

    Raises
    ------
    CourseError
        If there is no such assignment, or nothing to read at ``path``.
    """
    limits = limits or Limits()
    course.source(assignment)
    by_student: dict[str, list[Arrival]] = defaultdict(list)
    for arrival in arrivals(path, assignment, limits):
        by_student[arrival.student].append(arrival)
    known = course.collected(assignment)
    found: dict[str, list[str]] = {"new": [], "changed": [], "unchanged": []}
    problems = {}
    for student, files in sorted(by_student.items()):
        chosen, problem, notes = choose(files, assignment)
        about: dict[str, Any] = dict(files[-1].about)
        if problem:
            problems[student] = problem
            about["problem"] = list(problem)
        if notes:
            about["notes"] = notes
        known[student] = about
        if chosen is None or chosen.data is None:
            continue
        folder = course.submitted(student, assignment)
        target = folder / Path(chosen.file).name
        before = target.read_bytes() if target.is_file() and not target.is_symlink() else None
        others = [other for other in folder.glob("*.ipynb") if other != target] if folder.is_dir() else []
        state = "unchanged" if before == chosen.data else "changed" if before is not None or others else "new"
        found[state].append(student)
        if not dry_run and state != "unchanged":
            write_atomically(target, chosen.data)
            for other in others:
                other.unlink()
    if not dry_run:
        course.write_collected(assignment, known)
    return Collected(tuple(found["new"]), tuple(found["changed"]), tuple(found["unchanged"]), problems)
