"""A warm interpreter inside a sandbox: it has loaded what notebooks need, and forks for each submission.

It runs no student's code itself and knows nothing: no submission, no check, no gradebook. For each submission
it is handed one end of a line to the driver, and forks a process that, before a student's first cell,

* enters user, process, mount, network, and interprocess namespaces of its own: it sees no other process, so
  there is nobody to send a signal to, and no other submission's files;
* gets an empty folder in memory to write to, and of ``/proc`` nothing;
* has no open file but its line;
* gives up all capabilities, and sets limits and filter, as a fresh sandbox does.

When the process has ended, or the driver says so, the process namespace is killed with all that is in it.
"""

from __future__ import annotations

import base64
import ctypes
import json
import os
import select
import signal
import socket
import sys
from typing import Any, NoReturn

from activations.grading.runner import Runner, close_standard_streams, preload, work

__all__ = ["main"]

NEW_MOUNTS, NEW_CGROUP, NEW_UTS, NEW_IPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
NEW_USER, NEW_PIDS, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000
READ_ONLY, NO_SUID, NO_DEVICES, RECURSIVE, PRIVATE = 1, 2, 4, 1 << 14, 1 << 18
CAPABILITY_VERSION = 0x20080522
DROP_FROM_BOUND, LAST_CAPABILITY = 24, 63

# Elsewhere there are no such calls, and nobody runs this file.
system: Any = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def check(result: int, what: str) -> None:  # pragma: no cover -- inside the sandbox, as all that follows
    """Raise if a call of the system has failed."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def enter_namespaces() -> None:  # pragma: no cover
    """Leave all that is shared with other submissions; the next child is the first of its namespace."""
    user, group = os.getuid(), os.getgid()
    kinds = NEW_USER | NEW_PIDS | NEW_MOUNTS | NEW_NETWORK | NEW_IPC | NEW_UTS | NEW_CGROUP
    check(system.unshare(kinds), "new namespaces")
    for name, text in {
        "setgroups": "deny",
        "uid_map": f"{user} {user} 1",
        "gid_map": f"{group} {group} 1",
    }.items():
        with open(f"/proc/self/{name}", "w") as file:  # noqa: PTH123
            file.write(text)


def cover_folders(disk: int, work_folder: str) -> None:  # pragma: no cover
    """Put an empty folder over the one that may be written, and over /proc."""
    check(system.mount(b"none", b"/", None, RECURSIVE | PRIVATE, None), "private mounts")
    options = f"size={disk},mode=700".encode()
    check(
        system.mount(b"tmpfs", work_folder.encode(), b"tmpfs", NO_SUID | NO_DEVICES, options), "work folder"
    )
    flags = READ_ONLY | NO_SUID | NO_DEVICES
    check(system.mount(b"tmpfs", b"/proc", b"tmpfs", flags, b"size=4096"), "no /proc")
    os.chdir(work_folder)


def drop_capabilities() -> None:  # pragma: no cover
    """Give up what a new user namespace gives."""
    for number in range(LAST_CAPABILITY + 1):
        system.prctl(DROP_FROM_BOUND, number, 0, 0, 0)
    head = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    check(system.capset(head, (ctypes.c_uint32 * 6)()), "no capabilities")


def close_all_but(*kept: int) -> None:  # pragma: no cover
    """Close every file that the process was born with, except for these."""
    edges = sorted({2, *kept})
    for low, high in zip(edges, [*edges[1:], 65_536], strict=True):
        os.closerange(low + 1, high)


def first_process(
    line: int, report: int, job: dict[str, Any], runner: Runner
) -> NoReturn:  # pragma: no cover
    """Live as the first process of a namespace: start the one that works, wait for it, say how it ended."""
    disk = job["limits"]["file_size"]
    cover_folders(disk, job["folder"])
    # The first process of a namespace gets only the signals that it listens to: so it listens to none.
    interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker = os.fork()
    if worker == 0:
        try:
            os.close(report)
            signal.signal(signal.SIGINT, interrupt)
            drop_capabilities()
            work(line, line, runner, job["limits"], base64.b64decode(job["rules"]))
        finally:
            os._exit(70)
    os.close(line)
    _, status = os.waitpid(worker, 0)
    os.write(report, f"ended {os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def birth(line: int, report: int, job: dict[str, Any], runner: Runner) -> NoReturn:  # pragma: no cover
    """Go between: enter the namespaces, start their first process, say its number."""
    try:
        close_all_but(line, report)
        enter_namespaces()
        first = os.fork()
        if first == 0:
            first_process(line, report, job, runner)
        os.write(report, f"born {first}\n".encode())
    except OSError as error:
        os.write(report, f"failed {error}\n".encode())
    finally:
        os._exit(0)


def attend(
    control: socket.socket, job: dict[str, Any], line: int, runner: Runner
) -> None:  # pragma: no cover
    """Fork for one submission, and tell the driver how it has ended; kill it if the driver says so."""
    reading, report = os.pipe()
    between = os.fork()
    if between == 0:
        birth(line, report, job, runner)
    os.close(report)
    os.close(line)
    os.waitpid(between, 0)
    said, first = "", 0
    with os.fdopen(reading, "r") as reports:
        word = reports.readline().split(" ", 1)
        if word[0] != "born":
            control.sendall(json.dumps({"failed": " ".join(word[1:]).strip()}).encode() + b"\n")
            return
        first = int(word[1])
        ready, _, _ = select.select([reports.fileno(), control.fileno()], [], [])
        if control.fileno() in ready:
            control.recv(64)
            os.kill(first, signal.SIGKILL)
        said = reports.readline().strip()
    code = int(said.split()[1]) if said.startswith("ended") else -int(signal.SIGKILL)
    control.sendall(json.dumps({"ended": code}).encode() + b"\n")


def main() -> None:  # pragma: no cover
    """Load everything, then fork whenever the driver asks for it."""
    control = socket.socket(fileno=int(sys.argv[1]))
    preload()
    runner = Runner()
    close_standard_streams()
    control.sendall(b'{"ready": true}\n')
    while True:
        data, lines, _, _ = socket.recv_fds(control, 65_536, 1)
        if not data:
            return
        attend(control, json.loads(data), lines[0], runner)


if __name__ == "__main__":  # pragma: no cover
    main()
