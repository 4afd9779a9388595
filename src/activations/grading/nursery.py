"""The driver's side of warm sandboxes: keep warm interpreters, and have one fork for each submission.

A warm interpreter attends to one submission at a time. Whoever wants a sandbox takes a free one, or starts
another, and gives it back.
"""

from __future__ import annotations

import atexit
import base64
import contextlib
import functools
import json
import socket
import subprocess
import threading
from typing import Any

from activations.grading.limits import MEGABYTE, Limits
from activations.grading.sandbox import (
    START_SECONDS,
    WORK,
    Line,
    SandboxDiedError,
    SandboxUnavailableError,
    command,
    complaint,
    end,
    filter_or_refuse,
    start,
)

__all__ = ["Fork", "Warm", "available", "close_all"]

_free: list[Warm] = []
_lock = threading.Lock()


class Warm:
    """A warm interpreter in a sandbox of its own.

    Raises
    ------
    SandboxUnavailableError
        If it does not start.
    """

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                words = command(Limits(), "warm.py", str(theirs.fileno()), proc=True)
                self.process = start(words, env={}, pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL)
        except BaseException:
            ours.close()
            raise
        self.control = ours
        self.line = Line(ours.sendall, lambda: ours.recv(1 << 16), MEGABYTE * 1_000)
        try:
            ready = self.line.hear(START_SECONDS)
        except (TimeoutError, SandboxDiedError):
            ready = None
        if ready is None:
            said = complaint(self.process)
            self.close()
            raise SandboxUnavailableError(said or "the warm interpreter does not start")

    def alive(self) -> bool:
        """Whether it can fork once more."""
        return self.process.poll() is None

    def close(self) -> None:
        """End it, with all that it has forked."""
        self.process.kill()
        with contextlib.suppress(OSError):
            self.control.shutdown(socket.SHUT_RDWR)
        self.line.join()
        self.control.close()
        end(self.process)


def take() -> Warm:
    """Return a free warm interpreter, or a new one."""
    with _lock:
        while _free:
            warm = _free.pop()
            if warm.alive():
                return warm
            warm.close()
    return Warm()


def give_back(warm: Warm) -> None:
    """Keep a warm interpreter for the next submission."""
    with _lock:
        _free.append(warm)


@atexit.register
def close_all() -> None:
    """End all free warm interpreters."""
    with _lock:
        while _free:
            _free.pop().close()


class Fork:
    """A submission's interpreter, forked from a warm one.

    Parameters
    ----------
    limits : Limits
        What it may use.

    Raises
    ------
    SandboxUnavailableError
        If the fork fails.
    """

    def __init__(self, limits: Limits) -> None:
        try:
            self._begin(limits)
        except (SandboxUnavailableError, OSError):
            # A warm interpreter ends with the thread that has started it; perhaps this one just has.
            self._begin(limits)

    def _begin(self, limits: Limits) -> None:
        self._warm = take()
        self._code: int | None = None
        self.lost = False
        """Whether the warm interpreter has ended, and this one with it."""
        self._ours, theirs = socket.socketpair()
        job = {
            "limits": limits.for_runner(),
            "folder": WORK,
            "rules": base64.b64encode(filter_or_refuse()).decode(),
        }
        try:
            with theirs:
                socket.send_fds(self._warm.control, [json.dumps(job).encode()], [theirs.fileno()])
        except OSError:
            self._ours.close()
            self._warm.close()
            raise
        most = int(limits.output_mb * MEGABYTE) * 20 + MEGABYTE
        ours = self._ours
        self.line = Line(ours.sendall, lambda: ours.recv(1 << 16), most)
        try:
            ready: Any = self.line.hear(START_SECONDS)
        except (TimeoutError, SandboxDiedError):
            ready = None
        if ready is None:
            self.close()
            raise SandboxUnavailableError("the warm interpreter did not fork")

    def _hear_end(self, seconds: float) -> None:
        if self._code is not None:
            return
        with contextlib.suppress(TimeoutError, SandboxDiedError):
            message = self._warm.line.hear(seconds)
            self.lost = message is None
            code = (message or {}).get("ended", 70)
            self._code = code if isinstance(code, int) else 70

    def exit_code(self) -> int | None:
        """Return how the process has ended; None if it has not."""
        self._hear_end(2)
        return self._code

    def close(self) -> None:
        """End the interpreter and all that it has started; the warm one lives on."""
        with contextlib.suppress(OSError):
            self._ours.shutdown(socket.SHUT_RDWR)
        self._hear_end(0.2)
        if self._code is None:
            with contextlib.suppress(OSError):
                self._warm.control.sendall(b"kill")
            self._hear_end(10)
        self.line.join()
        self._ours.close()
        if self._code is not None and self._warm.alive():
            give_back(self._warm)
        else:
            self._warm.close()


@functools.cache
def available() -> bool:
    """Whether warm sandboxes work on this machine: nested namespaces are not allowed everywhere."""
    try:
        fork = Fork(Limits())
    except (SandboxUnavailableError, OSError, AttributeError):
        return False
    fork.close()
    return True
