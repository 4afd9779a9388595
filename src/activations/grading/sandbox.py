"""A place where a student's code can do no harm: bubblewrap's namespaces, limits, a filter of system calls.

Each submission gets a sandbox of its own, which lives as long as its notebook and is then thrown away.
Inside, there is no network, no home folder and no ``/proc``; the system, Python and this package are there to
read; one small folder in memory can be written. Other submissions, the assignment's source and the gradebook
are not hidden but absent.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from activations.grading.limits import MEGABYTE, Limits
from activations.grading.seccomp import seccomp_filter

__all__ = ["Sandbox", "SandboxDiedError", "SandboxLostError", "SandboxUnavailableError", "require_sandbox"]

HERE = Path(__file__).parent
PACKAGE = Path(__file__).parents[1]
WORK = "/submission"
"""The folder that can be written. Not /tmp, where this package's own environment may be."""
TEMPORARY = "/tmp"  # nosec B108 # inside the sandbox, another name for it
START_SECONDS = 60.0
"""A sandbox that says nothing for so long does not work; a busy machine may need a few seconds."""
SIGNALS = {
    "SIGKILL": "it was stopped by the system, most likely for the memory or the time that it took",
    "SIGXCPU": "it used more processor time than it may",
    "SIGSEGV": "it crashed (a segmentation fault)",
    "SIGSYS": "it called the system in a way that is not allowed",
}


class SandboxUnavailableError(RuntimeError):
    """No sandbox can be made on this machine."""


class SandboxDiedError(RuntimeError):
    """The code inside has ended its own process, or was ended; the message says how."""


class SandboxLostError(RuntimeError):
    """The sandbox has ended for a reason of its own: the code inside is not to blame, and to be run again."""


def environment() -> dict[str, str]:
    """Return the variables that the code inside sees."""
    return {
        "HOME": WORK,
        "IPYTHONDIR": f"{WORK}/ipython",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": f"{WORK}/matplotlib",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "TMPDIR": WORK,
        "PATH": "/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def visible_paths() -> list[Path]:
    """Return the folders that a Python of this kind needs to read, outermost only."""
    wanted = [Path(sys.prefix), Path(sys.base_prefix), PACKAGE]
    wanted += [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    paths: list[Path] = [Path("/usr")]
    for path in sorted({*wanted, *(path.resolve() for path in wanted)}, key=lambda path: len(path.parts)):
        if path.exists() and not any(path.is_relative_to(outer) for outer in paths):
            paths.append(path)
    return paths


def bwrap_arguments(limits: Limits, fonts: Path | None, *, proc: bool = False) -> list[str]:
    """Return bubblewrap's arguments, without the program to run and the filter.

    Parameters
    ----------
    limits : Limits
        Of these, bubblewrap enforces the size of the writable folder.
    fonts : Path or None
        matplotlib's list of fonts, which takes seconds to make.
    proc : bool
        Whether there is a ``/proc``: for this package's own program, never for a student's.
    """
    arguments = ["--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000", "--hostname", "sandbox"]
    arguments += ["--die-with-parent", "--new-session", "--clearenv"]
    for path in visible_paths():
        arguments += ["--ro-bind", str(path), str(path)]
    for name in ("/bin", "/lib", "/lib32", "/lib64", "/sbin"):
        path = Path(name)
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), name]
        elif path.exists():
            arguments += ["--ro-bind", name, name]
    arguments += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    arguments += ["--ro-bind-try", "/etc/fonts", "/etc/fonts", "--dev", "/dev"]
    if not any(path.is_relative_to(TEMPORARY) for path in visible_paths()):
        arguments += ["--symlink", WORK.removeprefix("/"), TEMPORARY]
    arguments += ["--size", str(limits.disk_mb * MEGABYTE), "--tmpfs", WORK]
    if proc:
        arguments += ["--proc", "/proc"]
    if fonts:
        arguments += [
            "--dir",
            f"{WORK}/matplotlib",
            "--ro-bind",
            str(fonts),
            f"{WORK}/matplotlib/{fonts.name}",
        ]
    # bubblewrap's own root and /dev are writable file systems without a size: a disk bomb's way out.
    arguments += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", WORK]
    for name, value in environment().items():
        arguments += ["--setenv", name, value]
    return arguments


@functools.cache
def font_list() -> Path | None:
    """Return the file of matplotlib's list of fonts, made once a machine; None without one."""
    from matplotlib import font_manager, get_cachedir

    font_manager.fontManager.findfont("DejaVu Sans")
    name = f"fontlist-v{font_manager.FontManager.__version__}.json"
    path = Path(get_cachedir()) / name
    return path if path.is_file() else None


def explain_exit(code: int) -> str:
    """Say in words how a process ended.

    Examples
    --------
    >>> explain_exit(3)
    'it ended the Python process (exit code 3)'
    """
    number = -code if code < 0 else code - 128
    try:
        name = signal.Signals(number).name
    except ValueError:
        return f"it ended the Python process (exit code {code})"
    return SIGNALS.get(name, f"it was ended by the signal {name}")


def filter_or_refuse() -> bytes:
    """Return the filter of system calls for this machine.

    Raises
    ------
    SandboxUnavailableError
        If there is none.
    """
    try:
        return seccomp_filter()
    except ValueError as error:
        raise SandboxUnavailableError(str(error)) from None


class Line:
    """What the driver and a runner say to each other, a JSON object a line, with a clock and a limit.

    Parameters
    ----------
    send, receive : callable
        Write all of some bytes; return some bytes, or none at the end. `OSError` counts as the end, too.
    most : int
        Bytes that are read at all: a runner that says more is no runner.
    """

    def __init__(self, send: Callable[[bytes], object], receive: Callable[[], bytes], most: int) -> None:
        self._send, self._receive, self._most = send, receive, most
        self._arrived: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._rest = b""
        self._too_much = False
        # Waiting with a clock works for files of all kinds and systems only in a thread of its own.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        total = 0
        part: list[bytes] = []
        while not self._too_much:
            try:
                data = self._receive()
            except (OSError, ValueError):
                break
            if not data:
                break
            total += len(data)
            self._too_much = total > self._most
            *lines, rest = data.split(b"\n")
            for line in lines:
                self._arrived.put(b"".join([*part, line]))
                part = []
            part.append(rest)
        self._arrived.put(None)

    def say(self, message: dict[str, Any]) -> None:
        """Send a message.

        Raises
        ------
        OSError
            If nobody listens any more.
        """
        self._send(json.dumps(message).encode() + b"\n")

    def hear(self, seconds: float) -> dict[str, Any] | None:
        """Return the next message; None at the end.

        Raises
        ------
        TimeoutError
            If there is none in time.
        SandboxDiedError
            If it is too long, or no message.
        """
        try:
            line = self._arrived.get(timeout=max(seconds, 0.001))
        except queue.Empty:
            raise TimeoutError from None
        if line is None:
            self._arrived.put(None)  # the end stays the end, however often one listens
        if line is None and self._too_much:
            raise SandboxDiedError("it wrote more than it may")
        if line is None:
            return None
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            raise SandboxDiedError("it interfered with the grader's own messages")
        return message

    def join(self) -> None:
        """Wait until all has been read; the other end must be closed before."""
        self._reader.join(5)


def command(limits: Limits, program: str, *arguments: str, proc: bool = False) -> list[str]:
    """Return the command that runs one of this package's programs in a sandbox.

    Raises
    ------
    SandboxUnavailableError
        If bubblewrap is not installed.
    """
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise SandboxUnavailableError("bubblewrap (the command bwrap) is not installed")
    python = [sys.executable, "-I", "-B", str(HERE / program), *arguments]
    return [bwrap, *bwrap_arguments(limits, font_list(), proc=proc), "--", *python]


def start(words: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    """Start a program whose complaints can be read."""
    return subprocess.Popen(words, stderr=subprocess.PIPE, bufsize=0, **options)


def complaint(process: subprocess.Popen[bytes]) -> str:
    """End a process, and return what it has said on standard error at last."""
    process.kill()
    assert process.stderr is not None
    said = process.stderr.read().decode(errors="replace").strip().splitlines()
    return said[-1][:500] if said else ""


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process, and close what led to it."""
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()


class Fresh:
    """An interpreter for one submission, started from nothing; or without a sandbox, if asked for."""

    def __init__(self, limits: Limits, *, unsafe: bool) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        wishes = json.dumps(limits.for_runner())
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        if unsafe:
            self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
            here = {name: value.replace(WORK, self._folder.name) for name, value in environment().items()}
            here |= {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
            words = [sys.executable, "-I", "-B", str(HERE / "runner.py"), wishes]
            self.process = start(words, cwd=self._folder.name, env=here, start_new_session=True, **pipes)
        else:
            rules = base64.b64encode(filter_or_refuse()).decode()
            words = command(limits, "runner.py", wishes, rules)
            self.process = start(words, env={}, **pipes)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        most = int(limits.output_mb * MEGABYTE) * 20 + MEGABYTE
        out = self.process.stdout
        self.line = Line(self.process.stdin.write, lambda: out.read(1 << 16) or b"", most)
        try:
            ready = self.line.hear(START_SECONDS)
        except (TimeoutError, SandboxDiedError):
            ready = None
        if ready is None:
            said = complaint(self.process)
            self.close()
            raise SandboxUnavailableError(said or "the sandbox does not start")

    lost = False
    """Whether it has ended with another process: it depends on none."""

    def exit_code(self) -> int | None:
        """Return how the process has ended; None if it has not."""
        try:
            return self.process.wait(2)
        except subprocess.TimeoutExpired:
            return None

    def close(self) -> None:
        """End the interpreter and all that it has started."""
        if self._folder is not None and hasattr(os, "killpg"):
            # No namespace ends the others with it. Whoever has left the group lives on.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        self.line.join()
        end(self.process)
        if self._folder is not None:
            self._folder.cleanup()


class Sandbox:
    """A running notebook of one submission.

    Parameters
    ----------
    limits : Limits
        What the code inside may use.
    warm : bool
        Fork it from an interpreter that has loaded NumPy and matplotlib already, where that is possible. It
        has namespaces and limits of its own all the same, see `activations.grading.warm`.
    unsafe : bool
        Run it without any sandbox, as this user: only for code that you would run by hand, too.

    Raises
    ------
    SandboxUnavailableError
        If the sandbox does not come up.

    Examples
    --------
    >>> with Sandbox(Limits(), unsafe=True) as sandbox:
    ...     answer = sandbox.run("6 * 7")
    >>> answer["outputs"][0]["data"]
    {'text/plain': '42'}
    """

    def __init__(self, limits: Limits, *, warm: bool = True, unsafe: bool = False) -> None:
        from activations.grading import nursery

        self.limits = limits
        self._place: Fresh | nursery.Fork
        if warm and not unsafe and nursery.available():
            self._place = nursery.Fork(limits)
        else:
            self._place = Fresh(limits, unsafe=unsafe)

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(self, source: str, *, kind: str = "answer", seconds: float | None = None) -> dict[str, Any]:
        """Run one cell.

        Parameters
        ----------
        source : str
            Its text.
        kind : str
            ``"given"``, ``"check"`` or ``"answer"``, as in `activations.grading.runner.Runner.run`.
        seconds : float, optional
            Less than what the limits allow a cell.

        Returns
        -------
        dict
            ``outputs``, ``error``, ``seconds``, ``tampered``.

        Raises
        ------
        SandboxDiedError
            If the cell ends the process, ignores the interrupt or floods the driver; the message completes a
            sentence that begins with "the cell was stopped:".
        SandboxLostError
            If the interpreter that it was forked from has ended, and it with that one.
        """
        timeout = min(self.limits.cell_seconds, seconds or self.limits.cell_seconds)
        try:
            self._place.line.say({"source": source, "timeout": timeout, "kind": kind})
            answer = self._place.line.hear(timeout + self.limits.grace_seconds)
        except TimeoutError:
            raise SandboxDiedError("it ran too long and ignored the interrupt") from None
        except OSError:
            answer = None
        if answer is None:
            code = self._place.exit_code()
            if self._place.lost:
                raise SandboxLostError("the interpreter that the sandbox was forked from has ended")
            raise SandboxDiedError("it closed its line to the grader" if code is None else explain_exit(code))
        if not {"outputs", "error", "seconds", "tampered"} <= answer.keys():
            raise SandboxDiedError("it interfered with the grader's own messages")
        return answer

    def close(self) -> None:
        """End the interpreter and all that it has started."""
        self._place.close()


@functools.cache
def _complaint_of_the_sandbox() -> str:
    try:
        with Sandbox(Limits(), warm=False) as sandbox:
            sandbox.run("1")
    except (SandboxUnavailableError, SandboxDiedError) as error:
        return str(error)
    return ""


def require_sandbox(course: Path) -> None:
    """Check that sandboxes work on this machine, and that a course's folder is not inside of them.

    Parameters
    ----------
    course : Path
        The folder with the sources and all submissions.

    Raises
    ------
    SandboxUnavailableError
        If not; the message says why, and what to do.
    """
    for path in visible_paths():
        if course.resolve().is_relative_to(path):
            raise SandboxUnavailableError(
                f"require_sandbox: students' code could read {course}, which is in Python's folder {path}; "
                "make the virtual environment in a folder of its own, such as .venv, or move the course"
            )
    complaint = _complaint_of_the_sandbox()
    if complaint:
        raise SandboxUnavailableError(
            f"require_sandbox: students' code is run in a sandbox only, and none works here: {complaint}; "
            "on Linux install bubblewrap (Debian, Ubuntu: apt install bubblewrap) and allow user namespaces, "
            "elsewhere grade in a Linux machine or container, or pass --unsafe to run it with your own rights"
        )
