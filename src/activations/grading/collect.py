"""Take in what students have handed in: a folder, or the zip of a learning-management system.

Names and contents come from strangers. Nothing is unpacked as it is: each member of an archive is looked at,
measured, and copied to a place that this module has chosen. What cannot be taken becomes a row, too.
"""

from __future__ import annotations

import contextlib
import io
import re
import stat
import unicodedata
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import IO, Any

from activations.grading.course import Course, CourseError
from activations.grading.limits import MEGABYTE, Limits
from activations.grading.reading import NotGradableError, renamed, too_large, undecided
from activations.grading.results import clean, write_atomically

__all__ = ["Arrival", "Collected", "arrivals", "collect"]

CANVAS = re.compile(
    r"(?P<name>[^_/]+)_(?P<late>LATE_)?(?P<user>\d{1,20})_\d{1,20}_(?P<file>[^/]+)", re.ASCII | re.DOTALL
)
MOODLE = re.compile(r"(?P<name>.*)_(?P<user>\d{1,20})_assignsubmission_file_?", re.ASCII | re.DOTALL)
"""A folder. Its end is Moodle's, so the last number is the student's."""
MOODLE_FLAT = re.compile(
    r"(?P<name>.*?)_(?P<user>\d{1,20})_assignsubmission_file_(?P<file>.+)", re.ASCII | re.DOTALL
)
"""A file. Its end is the student's, and may look like another student's name: the first number counts."""
AGAIN = re.compile(r"-(\d{1,9})(?=\.ipynb$)")
LONGEST_NAME = 50
"""Letters of a student's folder; up to four bytes each, and a system of files takes 255."""
MOST_MEMBERS = 20_000
"""An archive with more members than this is none of a class."""
MOST_MEGABYTES = 20_000
"""What is taken in at a time."""


@dataclass(frozen=True)
class Member:
    """A file in the folder or zip, not read yet.

    Attributes
    ----------
    path : str
        Where it is, with ``/`` between folders.
    size : int
        Its bytes, as the zip or the system claims.
    open : callable
        Opens it.
    refused : str
        Why it may not be opened; empty if it may.
    """

    path: str
    size: int
    open: Callable[[], IO[bytes]]
    refused: str = ""


EMPTY = Member("", 0, io.BytesIO)


@dataclass(frozen=True)
class Arrival:
    """One file that has come in.

    Attributes
    ----------
    student : str
        Whose it is: a name that is safe as that of a folder.
    owner : str
        The same as the path says it; two owners may have the same safe name.
    file : str
        Its name, without what the system has added.
    attempt : int
        Counts up where the system numbers files of the same name.
    about : dict
        ``system``, ``user`` (the student's number there), ``name``, ``late``: what the name says. Moodle's
        names do not say whether a file was late.
    member : Member
        The file itself.
    problem : NotGradableError or None
        Why it is not taken.
    """

    student: str
    owner: str
    file: str
    attempt: int = 0
    about: dict[str, Any] = field(default_factory=dict)
    member: Member = EMPTY
    problem: NotGradableError | None = None

    @property
    def is_notebook(self) -> bool:
        """Whether it has a notebook's name."""
        return self.file.lower().endswith(".ipynb")


@dataclass(frozen=True)
class Collected:
    """What has been taken in.

    Attributes
    ----------
    new, changed, unchanged : tuple of str
        Students, by what their submission is in comparison with before.
    problems : dict of str to tuple of str
        Students whose submission was not taken: status and reason.
    around : str
        The folder around all of them that was passed over; empty if there was none.
    """

    new: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    problems: dict[str, tuple[str, ...]]
    around: str = ""


def safe_name(text: str) -> str:
    """Return a text as a name of a folder, in plain letters where that is possible.

    Examples
    --------
    >>> safe_name("Ada Łovelace"), safe_name("../../etc"), safe_name("Zoë")
    ('ada-lovelace', 'etc', 'zoe')
    """
    plain = unicodedata.normalize("NFKD", text.replace("ł", "l").replace("Ł", "L").replace("ß", "ss"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).lower()
    return re.sub(r"[^\w]+", "-", plain).strip("-_")[:LONGEST_NAME].rstrip("-_") or "unnamed"


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
    folders = [part for part in pure.parts[:-1] if part not in {"..", "/"}]
    # A file in a folder has a name that its student has chosen: only the folder's counts.
    canvas = None if folders else CANVAS.fullmatch(pure.name)
    moodle = MOODLE.fullmatch(folders[0]) if folders else MOODLE_FLAT.fullmatch(pure.name)
    found = canvas or moodle
    if found is None:
        owner = folders[0] if folders else pure.stem
        named = not folders and assignment and pure.suffix.lower() == ".ipynb"
        return Arrival(safe_name(owner), owner, f"{assignment}.ipynb" if named else pure.name)
    about: dict[str, Any] = {"user": found["user"], "name": clean(found["name"].strip())}
    student, owner = f"{safe_name(found['name'])}-{found['user']}", f"{found['name']}_{found['user']}"
    if not canvas:
        return Arrival(
            student, owner, pure.name if folders else found["file"], about={"system": "moodle"} | about
        )
    about = {"system": "canvas"} | about | {"late": bool(canvas["late"])}
    again = AGAIN.search(canvas["file"])
    attempt = int(again[1]) if again else 0
    return Arrival(student, owner, AGAIN.sub("", canvas["file"]), attempt, about)


def _in_zip(archive: zipfile.ZipFile) -> Iterator[Member]:
    for member in archive.infolist():
        if member.is_dir():
            continue
        path = PurePosixPath(member.filename)
        refused = ""
        if path.is_absolute() or ".." in path.parts:
            refused = "its name in the zip leads out of the folder; hand in the file itself"
        elif stat.S_IFMT(member.external_attr >> 16) not in {0, stat.S_IFREG}:
            refused = "it is not a file but a link; hand in the file itself"
        elif member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            # Of these two Python unpacks no more than it is asked for, however much there is.
            refused = "it is packed in a way that no system uses; make a plain zip of it"
        yield Member(member.filename, member.file_size, partial(archive.open, member), refused)


def _open(path: Path) -> IO[bytes]:
    return path.open("rb")


def _in_folder(folder: Path) -> Iterator[Member]:
    for path in sorted(folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            continue
        info = path.lstat()
        refused = "" if stat.S_ISREG(info.st_mode) else "it is not a file but a link; hand in the file itself"
        yield Member(path.relative_to(folder).as_posix(), info.st_size, partial(_open, path), refused)


@contextlib.contextmanager
def _members(path: Path) -> Iterator[list[Member]]:
    """Give the files of a folder or a zip, which can be read as long as the context lasts."""
    if path.is_dir():
        yield list(_in_folder(path))
        return
    if not path.is_file():
        raise CourseError(f"collect: there is no {path}; name the folder or the zip with the submissions")
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise CourseError(
            f"collect: {path.name} cannot be read as a zip ({error}); download it again"
        ) from None
    with archive:
        count = len(archive.infolist())
        if count > MOST_MEMBERS:
            raise CourseError(
                f"collect: {path.name} has {count} members, which no class hands in; look into it"
            )
        yield list(_in_zip(archive))


def folders_around(members: list[Member], students: Collection[str]) -> tuple[str, ...]:
    """Return the folders around all notebooks, as many zips have them; none where one may be a student's.

    Parameters
    ----------
    members : list of Member
        All files that have come together.
    students : collection of str
        Who is known already: a student may call folders as others are called.
    """
    arrived = [(PurePosixPath(member.path).parts, identify(member.path)) for member in members]
    paths = [parts for parts, arrival in arrived if arrival and arrival.is_notebook]
    columns = zip(*(parts[:-1] for parts in paths), strict=False)
    shared = tuple(column[0] for column in takewhile(lambda column: len(set(column)) == 1, columns))
    for depth, folder in enumerate(shared):
        if MOODLE.fullmatch(folder) or safe_name(folder) in students:
            return shared[:depth]
    owners = set()
    for parts in paths:
        inner = parts[len(shared) :]
        arrival = identify(str(PurePosixPath(*inner)))
        if arrival and (len(inner) > 1 or arrival.about):
            owners.add(arrival.owner)
    return shared if len(owners) > 1 else ()


def arrivals(
    members: list[Member], assignment: str, limits: Limits, around: tuple[str, ...] = ()
) -> Iterator[Arrival]:
    """Yield each file with its student, and what speaks against taking it.

    Parameters
    ----------
    members : list of Member
        All files that have come together.
    assignment : str
        Of which assignment.
    limits : Limits
        How large a notebook may be.
    around : tuple of str
        Folders to pass over.
    """
    for member in members:
        parts = PurePosixPath(member.path).parts
        inner = parts[len(around) :] if parts[: len(around)] == around else parts
        arrival = identify(str(PurePosixPath(*inner)), assignment)
        if arrival is None:
            continue
        problem = None
        if member.refused:
            problem = NotGradableError("unreadable", member.refused)
        elif arrival.is_notebook and member.size > limits.notebook_mb * MEGABYTE:
            problem = too_large(member.size, limits)
        yield replace(arrival, member=member, problem=problem)


def choose(files: list[Arrival], assignment: str) -> tuple[Member, list[str]]:
    """Return which of a student's files counts, and what is odd about it.

    Raises
    ------
    NotGradableError
        If there is none, or more than one.
    """
    wanted = f"{assignment}.ipynb"
    owners = sorted({file.owner for file in files})
    if len(owners) > 1:
        raise NotGradableError(
            "unreadable",
            f"{', '.join(owners[:5])} come to the same name: rename all but one, and collect again",
        )
    notebooks = [file for file in files if file.is_notebook]
    named = [file for file in notebooks if file.file == wanted] or notebooks
    good = [file for file in named if not file.problem]
    for file in [*reversed(named), *files]:
        if file.problem and not good:
            raise file.problem
    if not named:
        names = ", ".join(sorted(file.file for file in files)[:5])
        raise NotGradableError("missing", f"no notebook was handed in, only {names}")
    if len({file.file for file in good}) > 1:
        raise undecided(sorted(file.file for file in good), wanted)
    latest = max(file.attempt for file in good)
    chosen, *rivals = [file for file in good if file.attempt == latest]
    if rivals:
        paths = ", ".join(sorted(file.member.path for file in (chosen, *rivals))[:5])
        raise NotGradableError("unreadable", f"{paths} have come together: which one counts?")
    notes = []
    if len(good) > 1:
        notes.append(f"of {len(good)} files the last one, number {latest}, counts")
    if chosen.file != wanted:
        notes.append(renamed(chosen.file, wanted))
    return chosen.member, notes


def _read(member: Member, limits: Limits) -> bytes:
    """Return all of a file, but never more than a notebook may have, whatever it says about itself."""
    most = int(limits.notebook_mb * MEGABYTE)
    try:
        with member.open() as file:
            data = file.read(most + 1)
    except (
        zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError, EOFError, ValueError,
    ) as error:  # fmt: skip
        reason = getattr(error, "strerror", None) or error
        raise NotGradableError("unreadable", f"it cannot be unpacked ({reason})") from None
    if len(data) > most:  # pragma: no cover -- zipfile itself stops at the size that the member claims
        raise too_large(len(data), limits)
    return data


def _take(target: Path, data: bytes, *, dry_run: bool) -> str:
    """Write a file; return what it is in comparison with before."""
    before = target.read_bytes() if target.is_file() and not target.is_symlink() else None
    if before == data:
        return "unchanged"
    if not dry_run:
        write_atomically(target, data)
    return "new" if before is None else "changed"


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
    known = course.collected(assignment)
    found: dict[str, list[str]] = {"new": [], "changed": [], "unchanged": []}
    problems: dict[str, tuple[str, ...]] = {}
    room = MOST_MEGABYTES * MEGABYTE
    with _members(path) as members:
        by_student: dict[str, list[Arrival]] = defaultdict(list)
        around = folders_around(members, {*course.roster(), *known, *course.submitters(assignment)})
        for arrival in arrivals(members, assignment, limits, around):
            by_student[arrival.student].append(arrival)
        for student, files in sorted(by_student.items()):
            about = dict(files[-1].about)
            try:
                member, notes = choose(files, assignment)
                room -= member.size
                if room < 0:
                    raise NotGradableError(
                        "too large",
                        f"all files together have more than {MOST_MEGABYTES:,} MB: collect it alone",
                    )
                target = course.submitted(student, assignment) / f"{assignment}.ipynb"
                found[_take(target, _read(member, limits), dry_run=dry_run)].append(student)
                if notes:
                    about["notes"] = notes
            except NotGradableError as error:
                problems[student] = error.status, str(error)
            except OSError as error:
                problems[student] = "unreadable", f"it cannot be written ({error.strerror}): collect it again"
            if student in problems:
                about["problem"] = list(problems[student])
                before = known.get(student, {})
                same = before.get("problem") == about["problem"] and "beside" in before
                about["beside"] = before["beside"] if same else course.handed_in(student, assignment)
            known[student] = about
    if not dry_run:
        course.write_collected(assignment, known)
    new, changed, unchanged = (tuple(students) for students in found.values())
    return Collected(new, changed, unchanged, problems, "/".join(around))
