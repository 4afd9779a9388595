"""A place where a student's code can do no harm: bubblewrap's namespaces, limits, a filter of system calls.

Each submission gets a sandbox of its own, which lives as long as its notebook and is then thrown away.
Inside, there is no network, no home folder and no ``/proc``; the system, Python and this package are there to
read; one small folder in memory can be written. Other submissions, the assignment's source and the gradebook
are not hidden but absent.
"""

from __future__ import annotations

import functools
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from activations.grading.limits import MEGABYTE, Limits
from activations.grading.seccomp import seccomp_filter

__all__ = ["Sandbox", "SandboxDiedError", "SandboxUnavailableError", "require_sandbox"]

RUNNER = Path(__file__).with_name("runner.py")
PACKAGE = Path(__file__).parents[1]
WORK = "/tmp"  # nosec B108 # inside the sandbox, where nobody else writes
START_SECONDS = 60.0
"""A sandbox that says nothing for so long does not work; a busy machine may need a few seconds."""
SIGNALS = {
    signal.SIGKILL: "it was stopped by the system, most likely for the memory that it took",
    signal.SIGSEGV: "it crashed (a segmentation fault)",
    signal.SIGABRT: "it crashed (abort)",
}
if hasattr(signal, "SIGXCPU"):
    SIGNALS[signal.SIGXCPU] = "it used more processor time than it may"


class SandboxUnavailableError(RuntimeError):
    """No sandbox can be made on this machine."""


class SandboxDiedError(RuntimeError):
    """The code inside has ended its own process, or was ended; the message says how."""


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


def bwrap_arguments(limits: Limits, fonts: Path | None) -> list[str]:
    """Return bubblewrap's arguments, without the program to run and the filter.

    Parameters
    ----------
    limits : Limits
        Of these, bubblewrap enforces the size of the writable folder.
    fonts : Path or None
        A folder with matplotlib's list of fonts, which takes seconds to make.
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
    arguments += ["--size", str(limits.disk_mb * MEGABYTE), "--tmpfs", WORK]
    if fonts:
        arguments += ["--ro-bind", str(fonts), f"{WORK}/matplotlib"]
    # bubblewrap's own root and /dev are writable file systems without a size: a disk bomb's way out.
    arguments += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", WORK]
    for name, value in environment().items():
        arguments += ["--setenv", name, value]
    return arguments


@functools.cache
def font_list() -> Path | None:
    """Return a folder with matplotlib's list of fonts, made once a machine by trusted code."""
    try:
        from matplotlib import font_manager, get_cachedir
    except ImportError:  # pragma: no cover -- a dependency of the package
        return None
    font_manager.fontManager.findfont("DejaVu Sans")
    folder = Path(get_cachedir())
    return folder if any(folder.glob("fontlist-*.json")) else None


def explain_exit(code: int) -> str:
    """Say in words how a process ended."""
    number = -code if code < 0 else code - 128
    if number in set(signal.Signals):
        named = signal.Signals(number)
        return SIGNALS.get(named, f"it was ended by the signal {named.name}")
    return f"it ended the Python process (exit code {code})"


class Sandbox:
    """One running interpreter for one submission.

    Parameters
    ----------
    limits : Limits
        What the code inside may use.
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

    def __init__(self, limits: Limits, *, unsafe: bool = False) -> None:
        self.limits = limits
        self._read = bytearray()
        # What all cells together may say: their outputs, and some room for errors.
        self._most = int(limits.output_mb * MEGABYTE) * 6 + MEGABYTE
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        python = [sys.executable, "-I", "-B", str(RUNNER), json.dumps(limits.for_runner())]
        options: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "bufsize": 0}
        if unsafe:
            self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
            inherited = {
                name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ
            }
            own = {name: value.replace(WORK, self._folder.name) for name, value in environment().items()}
            self._process = subprocess.Popen(
                python,
                cwd=self._folder.name,
                env=own | inherited,
                stderr=subprocess.PIPE,
                start_new_session=True,
                **options,
            )
        else:
            program = shutil.which("bwrap")
            if program is None:
                raise SandboxUnavailableError("bubblewrap (the command bwrap) is not installed")
            try:
                rules = seccomp_filter()
            except ValueError as error:
                raise SandboxUnavailableError(str(error)) from None
            reading, writing = os.pipe()
            try:
                os.write(writing, rules)
                os.close(writing)
                command = [program, *bwrap_arguments(limits, font_list()), "--seccomp", str(reading), "--"]
                self._process = subprocess.Popen(
                    command + python, env={}, stderr=subprocess.PIPE, pass_fds=(reading,), **options
                )
            finally:
                os.close(reading)
        try:
            self._answer(START_SECONDS)
        except SandboxDiedError as error:
            said = self._complaint()
            self.close()
            raise SandboxUnavailableError(said or str(error)) from None

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
        """
        timeout = min(self.limits.cell_seconds, seconds or self.limits.cell_seconds)
        message = json.dumps({"source": source, "timeout": timeout, "kind": kind}).encode() + b"\n"
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(message)
        except OSError:
            raise SandboxDiedError(self._how_it_ended()) from None
        answer = self._answer(timeout + self.limits.grace_seconds)
        if not {"outputs", "error", "seconds", "tampered"} <= answer.keys():
            raise SandboxDiedError("it interfered with the grader's own messages")
        return answer

    def _answer(self, seconds: float) -> dict[str, Any]:
        """Return the next line that the runner says."""
        end = time.monotonic() + seconds
        assert self._process.stdout is not None
        output = self._process.stdout.fileno()
        while b"\n" not in self._read:
            rest = end - time.monotonic()
            if rest <= 0 or not select.select([output], [], [], rest)[0]:
                self.close()
                raise SandboxDiedError("it ran too long and ignored the interrupt")
            data = os.read(output, 1 << 16)
            if not data:
                raise SandboxDiedError(self._how_it_ended())
            self._read += data
            if len(self._read) > self._most:
                self.close()
                raise SandboxDiedError("it wrote more than it may")
        line, _, rest_of_it = bytes(self._read).partition(b"\n")
        self._read = bytearray(rest_of_it)
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise SandboxDiedError("it interfered with the grader's own messages")
        return answer

    def _how_it_ended(self) -> str:
        try:
            code = self._process.wait(5)
        except subprocess.TimeoutExpired:
            return "it closed its connection to the grader"
        return explain_exit(code)

    def _complaint(self) -> str:
        """Return what the process has said on standard error before it died."""
        self._process.kill()
        assert self._process.stderr is not None
        lines = self._process.stderr.read(10_000).decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def close(self) -> None:
        """End the interpreter and all that it has started."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()
        if self._folder is not None:
            self._folder.cleanup()


@functools.cache
def _complaint_of_the_sandbox() -> str:
    try:
        with Sandbox(Limits()) as sandbox:
            sandbox.run("1")
    except (SandboxUnavailableError, SandboxDiedError) as error:
        return str(error)
    return ""


def require_sandbox() -> None:
    """Check that sandboxes work on this machine, once.

    Raises
    ------
    SandboxUnavailableError
        If not; the message says why, and what to do.
    """
    complaint = _complaint_of_the_sandbox()
    if complaint:
        raise SandboxUnavailableError(
            f"require_sandbox: students' code is run in a sandbox only, and none works here: {complaint}; "
            "on Linux install bubblewrap (Debian, Ubuntu: apt install bubblewrap) and allow user namespaces, "
            "elsewhere grade in a Linux machine or container, or pass --unsafe to run it with your own rights"
        )
