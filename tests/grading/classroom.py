"""A tiny assignment, a class that hands it in, and the strangest things that students hand in."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader import api

from activations.grading.course import Course
from activations.grading.limits import Limits
from activations.grading.release import student_version

NAME = "small"
LIMITS = Limits(
    cell_seconds=3.0, grace_seconds=1.0, total_seconds=20.0, memory_mb=1_500, disk_mb=10, notebook_mb=2.0
)
RIGHT = "def double(x):\n    return 2 * x\n"
WRONG = "def double(x):\n    return x\n"
RIGHT_SQUARE = "def square(x):\n    return x * x\n"
WORDS = "It doubles, then squares."
DOUBLE_CHECKS = """\
check_value(double(3), 6, hints={"that is the number itself: double it": 3}, name="double(3)")
### BEGIN HIDDEN TESTS
check_value(double(np.array([4.0, -1.0])), np.array([8.0, -2.0]), name="double")
assert double(10.5) == 21.0, "double fractions, too"
### END HIDDEN TESTS
"""
SQUARE_CHECKS = """\
check_value(square(3), 9, name="square(3)")
### BEGIN HIDDEN TESTS
check_value(square(-5), 25, name="square(-5)")
### END HIDDEN TESTS
"""


def _cell(kind: str, name: str, source: str, **marks: Any) -> NotebookNode:
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    usual = {
        "grade": False,
        "grade_id": name,
        "locked": True,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    return make(source, id=name, metadata={"nbgrader": usual | marks})


def small_assignment() -> NotebookNode:
    """Two questions for the grader, one for a person; ten points."""
    solved = "### BEGIN SOLUTION\n    return {}\n    ### END SOLUTION"
    answer = {"locked": False, "solution": True}
    cells = [
        _cell("markdown", "title", "# Small"),
        _cell("code", "setup", "import numpy as np\n\nfrom activations.grading.checks import check_value"),
        _cell("markdown", "double-question", "## 1 · Double it (4 points)"),
        _cell("code", "double", f"def double(x):\n    {solved.format('2 * x')}", **answer),
        _cell("code", "double-checks", DOUBLE_CHECKS, grade=True, points=4),
        _cell("markdown", "square-question", "## 2 · Square it (3 points)"),
        _cell("code", "square", f"def square(x):\n    {solved.format('x * x')}", **answer),
        _cell("code", "square-checks", SQUARE_CHECKS, grade=True, points=3),
        _cell("markdown", "words-question", "## 3 · Say what happens (3 points)"),
        _cell("markdown", "words", "It doubles and squares.", grade=True, points=3, **answer),
    ]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=kernel)


def make_course(root: Path) -> Course:
    """A course's folder with the tiny assignment."""
    path = root / "assignments" / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(small_assignment(), path)
    return Course(root)


def answered(double: str = RIGHT, square: str = RIGHT_SQUARE, words: str = WORDS) -> NotebookNode:
    """The students' copy with answers in it."""
    notebook = student_version(small_assignment())
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = {"double": double, "square": square, "words": words}.get(name, cell.source)
    return notebook


def with_cells(*sources: str, after: str = "double-checks") -> NotebookNode:
    """Right answers, with cells added behind another one."""
    notebook = answered()
    place = [cell.id for cell in notebook.cells].index(after) + 1
    notebook.cells[place:place] = [nbformat.v4.new_code_cell(source) for source in sources]
    return notebook


def as_bytes(notebook: NotebookNode) -> bytes:
    return nbformat.writes(notebook).encode()


def hand_in(
    course: Course, student: str, notebook: NotebookNode | bytes, name: str = f"{NAME}.ipynb"
) -> Path:
    """Put a file where a student's submission belongs."""
    folder = course.submitted(student, NAME)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(notebook if isinstance(notebook, bytes) else as_bytes(notebook))
    return path


def grade_by_hand(
    url: str,
    points: dict[str, float],
    student: str = "ada",
    assignment: str = NAME,
    *,
    extra: float = 0.0,
    comment: str = "",
) -> None:
    """Enter points into the gradebook as formgrader does, and a comment to each of the answers."""
    with api.Gradebook(url) as book:
        for name, score in points.items():
            grade = book.find_grade(name, assignment, assignment, student)
            grade.manual_score, grade.extra_credit, grade.needs_manual_grade = score, extra, False
            if comment:
                book.find_comment(name, assignment, assignment, student).manual_comment = comment
        book.db.commit()


@dataclass(frozen=True)
class Strange:
    """Something that a student hands in, and what shall come of it.

    `score` is what the grader gives, of the 7 points that are its to give; None for no score.
    """

    what: str
    make: Callable[[Course, str], object]
    status: str
    reason: str
    score: float | None = 7.0


def _notebook(change: Callable[[], NotebookNode]) -> Callable[[Course, str], object]:
    return lambda course, student: hand_in(course, student, change())


def _runs(source: str) -> Callable[[Course, str], object]:
    """Hand in right answers and a cell between them; ``{root}`` is the course's folder."""

    def make(course: Course, student: str) -> object:
        return hand_in(course, student, with_cells(source.replace("{root}", str(course.root.absolute()))))

    return make


def _double(source: str) -> Callable[[Course, str], object]:
    return lambda course, student: hand_in(course, student, answered(double=source))


def _bytes(data: bytes) -> Callable[[Course, str], object]:
    return lambda course, student: hand_in(course, student, data)


def _without(name: str) -> NotebookNode:
    notebook = answered()
    notebook.cells = [cell for cell in notebook.cells if cell.id != name]
    return notebook


def _copied_checks() -> NotebookNode:
    notebook = answered()
    checks = next(cell for cell in notebook.cells if cell.id == "double-checks")
    twin = nbformat.from_dict(dict(checks))
    twin["id"] = "double-checks-copy"
    notebook.cells.append(twin)
    return notebook


def _edited_checks() -> NotebookNode:
    notebook = answered(double=WRONG)
    for cell in notebook.cells:
        if cell.id == "double-checks":
            cell.source = "assert True"
            cell.metadata.nbgrader["points"] = 100
    return notebook


def _stripped() -> NotebookNode:
    notebook = answered()
    for number, cell in enumerate(notebook.cells):
        cell.metadata = nbformat.from_dict({})
        cell["id"] = f"anew-{number}"
    return notebook


def _foreign_kernel() -> NotebookNode:
    notebook = answered()
    notebook.metadata.kernelspec = {"display_name": "R", "language": "R", "name": "ir"}
    return notebook


def _faking() -> NotebookNode:
    notebook = answered(square="def square(x):\n    return x\n")
    notebook.cells.insert(0, nbformat.v4.new_code_cell(FAKE))
    return notebook


def _scripted() -> NotebookNode:
    script = "<script>alert()</script>"
    notebook = with_cells(f"from IPython.display import HTML\nHTML({script!r})")
    notebook.cells.append(nbformat.v4.new_markdown_cell(f"{script} [x](javascript:alert())"))
    return notebook


def _another() -> NotebookNode:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print('Hello')")])


def _link(course: Course, student: str) -> None:
    path = hand_in(course, student, b"")
    path.unlink()
    path.symlink_to(course.source(NAME))


def _huge(course: Course, student: str) -> None:
    with hand_in(course, student, b"").open("r+b") as file:
        file.truncate(100_000_000)


def _zipped(course: Course, student: str, member: str, data: bytes, mode: int = stat.S_IFREG) -> None:
    """Collect a zip in the manner of Moodle with one member."""
    from activations.grading.collect import collect

    number = student.rsplit("-", 1)[1]
    path = course.root / f"{student}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        folder = f"{student.rsplit('-', 1)[0]}_{number}_assignsubmission_file_"
        info = zipfile.ZipInfo(f"{folder}/{member}")
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = (mode | 0o644) << 16
        archive.writestr(info, data)
    collect(course, NAME, path, limits=LIMITS)


def _zip(member: str, data: bytes, mode: int = stat.S_IFREG) -> Callable[[Course, str], object]:
    return lambda course, student: _zipped(course, student, member, data, mode)


FAKE = """\
import sys, types
fake = types.ModuleType("x")
fake.check_value = lambda *a, **k: None
sys.modules["activations.grading.checks"] = fake
"""
FORGED = json.dumps({"outputs": [], "error": None, "seconds": 0.0, "tampered": []})
SPY = """\
import linecache, sys
seen = []
def double(x):
    frame = sys._getframe(1)
    seen.extend(linecache.getlines(frame.f_code.co_filename))
    return 2 * x
"""

STRANGE: dict[str, Strange] = {
    "deletes-gradebook": Strange(
        "deletes the gradebook",
        _runs("import os\nos.remove('{root}/gradebook.db')"),
        "graded",
        "fails with FileNotFoundError",
    ),
    "changes-gradebook": Strange(
        "writes to the gradebook with SQL",
        _runs(
            "import sqlite3\nbook = sqlite3.connect('{root}/gradebook.db')\n"
            "book.execute('UPDATE grade SET auto_score = 100')"
        ),
        "flagged",
        "tries to open a database",
    ),
    "writes-results": Strange(
        "writes a result of its own",
        _runs("open('{root}/results/small/mallory.json', 'w').write('{}')"),
        "graded",
        "fails with FileNotFoundError",
    ),
    "reads-others": Strange(
        "reads another submission",
        _runs("open('{root}/submitted/adam/small/small.ipynb').read()"),
        "graded",
        "fails with FileNotFoundError",
    ),
    "reads-home": Strange(
        "reads the home folder of whoever grades",
        _runs(f"import os\nos.listdir({str(Path.home())!r} + '/.ssh')"),
        "graded",
        "fails with FileNotFoundError",
    ),
    "asks-network": Strange(
        "sends something over the network",
        _runs("import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=1)"),
        "flagged",
        "fails with OSError: [Errno 101] Network is unreachable",
    ),
    "fork-bomb": Strange(
        "a fork bomb", _runs("import os\nwhile True:\n    os.fork()"), "flagged", "fails with PermissionError"
    ),
    "thread-bomb": Strange(
        "a bomb of threads",
        _runs(
            "import threading, time\nwhile True:\n    threading.Thread(target=time.sleep, args=(60,)).start()"
        ),
        "graded",
        "can't start new thread",
    ),
    "memory-bomb": Strange(
        "a memory bomb",
        _runs("hoard = []\nwhile True:\n    hoard.append(bytes(200_000_000))"),
        "stopped",
        "it needs more memory than it may use",
    ),
    "disk-bomb": Strange(
        "a disk bomb",
        _runs(
            "number = 0\nwhile True:\n    number += 1\n    open(f'x{number}', 'wb').write(bytes(1_000_000))"
        ),
        "graded",
        "No space left on device",
    ),
    "endless-output": Strange(
        "prints without end",
        _runs("while True:\n    print('x' * 1000)"),
        "stopped",
        "printed more than 1,000,000",
    ),
    "floods-the-line": Strange(
        "writes without end to every open file",
        _runs(
            "import os\nwhile True:\n    for number in range(20):\n        try:\n"
            "            os.write(number, b'x' * 100_000)\n        except OSError:\n            pass"
        ),
        "stopped",
        "wrote more than it may",
    ),
    "endless-loop": Strange(
        "loops without end", _runs("while True:\n    pass"), "stopped", "ran longer than 3 seconds"
    ),
    "uninterruptible": Strange(
        "loops without end, deaf to the alarm",
        _runs("import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True:\n    pass"),
        "stopped",
        "ran too long and ignored the interrupt",
    ),
    "ends-process": Strange(
        "ends the process (os._exit)", _runs("import os\nos._exit(0)"), "stopped", "ended the Python process"
    ),
    "ends-every-process": Strange(
        "ends the process in a check, again and again",
        lambda course, student: hand_in(
            course,
            student,
            with_cells(
                "import os\nos._exit(0)", "os._exit(0)", "import os\nos._exit(0)", "import os\nos._exit(0)"
            ),
        ),
        "stopped",
        "the notebook ended its process 3 times",
        4.0,
    ),
    "kills-itself": Strange(
        "kills all processes that it sees",
        _runs("import os, signal\nos.kill(-1, signal.SIGKILL)"),
        "flagged",
        "sends signals to processes",
    ),
    "crashes": Strange(
        "crashes the interpreter",
        _runs("import ctypes\nctypes.string_at(0)"),
        "stopped",
        "segmentation fault",
    ),
    "exits": Strange("calls sys.exit", _runs("import sys\nsys.exit()"), "graded", "fails with SystemExit"),
    "copied-check": Strange("copies a check", _notebook(_copied_checks), "graded", "copies of cells"),
    "deleted-check": Strange(
        "deletes a check",
        _notebook(lambda: _without("double-checks")),
        "graded",
        "deleted checks were put back",
    ),
    "edited-check": Strange(
        "edits a check, and its points",
        _notebook(_edited_checks),
        "graded",
        "edited checks were put back",
        3.0,
    ),
    "deleted-answer": Strange(
        "deletes an answer",
        _notebook(lambda: _without("square")),
        "flagged",
        "answer cells were deleted: square",
        4.0,
    ),
    "stripped": Strange(
        "loses all metadata", _notebook(_stripped), "flagged", "marks of the assignment were stripped"
    ),
    "bad-json": Strange(
        "half a file", _bytes(as_bytes(answered())[:900]), "unreadable", "breaks off or is damaged", None
    ),
    "binary": Strange(
        "a picture", _bytes(b"\x89PNG\r\n\x1a\n\xff\xfe"), "unreadable", "cannot be read as text", None
    ),
    "empty": Strange("an empty file", _bytes(b""), "unreadable", "the file is empty", None),
    "nested": Strange(
        "brackets without end", _bytes(b"[" * 200_000), "unreadable", "cannot be read as text", None
    ),
    "no-cells": Strange("JSON, but no notebook", _bytes(b'{"a": 1}'), "unreadable", "it has no cells", None),
    "wrong-kernel": Strange(
        "another kernel", _notebook(_foreign_kernel), "graded", "asks for the kernel 'R'"
    ),
    "wrong-name": Strange(
        "another file name",
        lambda course, student: hand_in(course, student, answered(), "Homework (final).ipynb"),
        "graded",
        "the file was called 'Homework (final).ipynb'",
    ),
    "two-notebooks": Strange(
        "two notebooks, none of the right name",
        lambda course, student: [
            hand_in(course, student, answered(), name) for name in ("a.ipynb", "b.ipynb")
        ],
        "unreadable",
        "which one counts?",
        None,
    ),
    "no-notebook": Strange(
        "a script instead of a notebook",
        lambda course, student: hand_in(course, student, b"print(1)", "small.py"),
        "missing",
        "only small.py",
        None,
    ),
    "nothing": Strange(
        "nothing",
        lambda course, student: course.submitted(student, NAME).mkdir(parents=True),
        "missing",
        "nothing was handed in",
        None,
    ),
    "other-notebook": Strange(
        "another notebook", _notebook(_another), "wrong notebook", "none of the answer cells", None
    ),
    "link": Strange("a link to the solutions", _link, "unreadable", "a link or a folder", None),
    "huge": Strange("100 MB", _huge, "too large", "has 100 MB, allowed are 2 MB", None),
    "zipped-link-101": Strange(
        "a link in a zip",
        _zip("small.ipynb", b"/etc/passwd", stat.S_IFLNK),
        "unreadable",
        "not a file but a link",
        None,
    ),
    "zipped-escape-102": Strange(
        "a path in a zip that leads out",
        _zip("../../../../gradebook.ipynb", as_bytes(answered())),
        "unreadable",
        "leads out of the folder",
        None,
    ),
    "zip-bomb-103": Strange(
        "a zip bomb", _zip("small.ipynb", b" " * 50_000_000), "too large", "has 50 MB, allowed are 2 MB", None
    ),
    "zip-in-zip-104": Strange(
        "a zip in the zip", _zip("small.zip", b"PK"), "missing", "only small.zip", None
    ),
    "patches-numpy": Strange(
        "replaces what the checks call",
        _double("import numpy as np\nnp.allclose = lambda *a, **k: True\ndef double(x):\n    return x\n"),
        "flagged",
        "numpy.allclose was replaced",
        3.0,
    ),
    "patches-checks": Strange(
        "replaces the code of the checks",
        _double(
            "def nothing(*a, **k): pass\ncheck_value.__code__ = nothing.__code__\n"
            "def double(x):\n    return x\n"
        ),
        "flagged",
        "the code of activations.grading.checks.check_value was replaced",
        3.0,
    ),
    "redefines-checks": Strange(
        "redefines the checks",
        _double("check_value = lambda *a, **k: None\ndef double(x):\n    return x\n"),
        "flagged",
        "the assignment's check_value was redefined",
        3.0,
    ),
    "rewrites-asserts": Strange(
        "takes the asserts out of all code",
        _double(
            "import ast\nclass Tame(ast.NodeTransformer):\n"
            "    def visit_Assert(self, node):\n        return None\n"
            "get_ipython().ast_transformers.append(Tame())\ndef double(x):\n    return x\n"
        ),
        "flagged",
        "code was rewritten before it ran",
        3.0,
    ),
    "equals-anything": Strange(
        "returns what equals anything",
        _double(
            "class Anything(float):\n    def __eq__(self, other):\n        return True\n"
            "def double(x):\n    return Anything(7)\n"
        ),
        "flagged",
        "decides itself what it equals",
        3.0,
    ),
    "forges-answers": Strange(
        "speaks to the grader in place of the interpreter",
        _double(
            f"import os\nforged = ({FORGED!r} + chr(10)).encode() * 40\nfor number in range(3, 20):\n"
            "    try:\n        os.write(number, forged)\n    except OSError:\n        pass\n"
        ),
        "flagged",
        "a check that must fail has passed",
        None,
    ),
    "spies": Strange(
        "reads the hidden checks and prints them",
        lambda course, student: hand_in(course, student, _spying()),
        "flagged",
        "showed a hidden check and was removed",
    ),
    "tells": Strange(
        "has a check say what is hidden in it",
        _double(SPY.replace("return 2 * x", "raise AssertionError(''.join(seen))")),
        "flagged",
        "what the check double-checks said showed a hidden check and was removed",
        3.0,
    ),
    "loosens-checks": Strange(
        "widens the tolerance of the checks",
        _double("check_value.__kwdefaults__.update(rtol=1e9, atol=1e9)\ndef double(x):\n    return x\n"),
        "flagged",
        "a default of activations.grading.checks.check_value was replaced",
        3.0,
    ),
    "fakes-checks": Strange(
        "puts checks of its own in the place of the checks, before they are imported",
        _notebook(_faking),
        "flagged",
        "the module activations.grading.checks was replaced",
        4.0,
    ),
    "scripts": Strange(
        "writes scripts for the browser of whoever grades",
        _notebook(_scripted),
        "graded",
        "",
    ),
    "half-emoji": Strange(
        "says half an emoji", _runs("raise ValueError('\\ud83d')"), "graded", "fails with ValueError: ?"
    ),
    "installs": Strange("installs a package", _runs("%pip install cowsay"), "graded", "fails with"),
}


def _spying() -> NotebookNode:
    notebook = answered(double=SPY)
    notebook.cells.append(nbformat.v4.new_code_cell("print(''.join(seen))"))
    return notebook


def strange_class(course: Course) -> None:
    """Let everybody hand in: the honest first and last, so that a harm to others would show."""
    hand_in(course, "adam", answered())
    for student, strange in STRANGE.items():
        strange.make(course, student)
    hand_in(course, "zoe", answered())
