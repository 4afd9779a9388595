"""The list of system calls that a sandboxed submission may not make, as a program for the kernel's filter.

Limits on processes do not bind the super-user of a container, so a fork bomb is stopped here: new threads
are allowed, new processes are not. The rest of the list closes doors that a course's exercise never
needs and that have led out of sandboxes before, or to memory that no limit counts.
"""

from __future__ import annotations

import platform
import struct

__all__ = ["MACHINES", "seccomp_filter"]

# Instructions of the classic Berkeley packet filter, and the kernel's verdicts (linux/seccomp.h).
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, FAIL = 0x7FFF0000, 0x80000000, 0x00050000
NOT_PERMITTED, NO_SUCH_CALL = 1, 38
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
CLONE_THREAD = 0x00010000
X32 = 0x40000000
"""Calls of the 32-bit flavour of x86-64 have this bit; they would slip past the numbers below."""

CLONE3 = 435
CALLS: dict[str, dict[str, int]] = {
    "x86_64": {
        "fork": 57, "vfork": 58, "ptrace": 101, "mount": 165, "umount2": 166, "pivot_root": 155,
        "chroot": 161, "shmget": 29, "msgget": 68, "semget": 64, "keyctl": 250, "add_key": 248,
        "request_key": 249, "unshare": 272, "setns": 308, "memfd_create": 319, "memfd_secret": 447,
        "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "process_vm_readv": 310,
        "process_vm_writev": 311, "kexec_load": 246, "init_module": 175, "finit_module": 313,
        "io_uring_setup": 425, "open_by_handle_at": 304, "fsopen": 430, "open_tree": 428,
        "move_mount": 429, "mount_setattr": 442,
    },
    "aarch64": {
        "ptrace": 117, "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "shmget": 194,
        "msgget": 186, "semget": 190, "keyctl": 219, "add_key": 217, "request_key": 218, "unshare": 97,
        "setns": 268, "memfd_create": 279, "memfd_secret": 447, "bpf": 280, "perf_event_open": 241,
        "userfaultfd": 282, "process_vm_readv": 270, "process_vm_writev": 271, "kexec_load": 104,
        "init_module": 105, "finit_module": 273, "io_uring_setup": 425, "open_by_handle_at": 265,
        "fsopen": 430, "open_tree": 428, "move_mount": 429, "mount_setattr": 442,
    },
}  # fmt: skip
CLONE = {"x86_64": 56, "aarch64": 220}
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
MACHINES = tuple(CALLS)
"""The processors whose system calls are listed here."""


def seccomp_filter(machine: str | None = None) -> bytes:
    """Return the filter for ``machine``, as the kernel's ``prctl`` takes it.

    Parameters
    ----------
    machine : str, optional
        A name of `MACHINES`; this machine's by default.

    Returns
    -------
    bytes
        The instructions, eight bytes each.

    Raises
    ------
    ValueError
        If the calls of this processor are not listed.

    Examples
    --------
    >>> len(seccomp_filter("x86_64")) % 8
    0
    """
    machine = machine or platform.machine()
    if machine not in CALLS:
        raise ValueError(
            f"seccomp_filter: no list of system calls for {machine!r}; grade on one of {', '.join(MACHINES)}"
        )

    def step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("=HBBI", code, yes, no, value)

    program = [
        step(LOAD, ARCHITECTURE),
        step(EQUAL, AUDIT[machine], yes=1),
        step(RETURN, KILL),
        step(LOAD, NUMBER),
        step(AT_LEAST, X32, no=1),
        step(RETURN, FAIL | NOT_PERMITTED),
        # The C library asks for clone3 first and falls back to clone, whose flags a filter can read.
        step(EQUAL, CLONE3, no=1),
        step(RETURN, FAIL | NO_SUCH_CALL),
    ]
    for number in CALLS[machine].values():
        program += [step(EQUAL, number, no=1), step(RETURN, FAIL | NOT_PERMITTED)]
    program += [
        step(EQUAL, CLONE[machine], no=3),
        step(LOAD, FIRST_ARGUMENT),
        step(ANY_BIT, CLONE_THREAD, yes=1),
        step(RETURN, FAIL | NOT_PERMITTED),
        step(RETURN, ALLOW),
    ]
    return b"".join(program)
