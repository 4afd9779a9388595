"""The filter of system calls, run by a small machine of our own and by the kernel."""

from __future__ import annotations

import platform
import struct

import pytest

from activations.grading.seccomp import (
    ALLOW,
    AUDIT,
    CALLS,
    CLONE,
    CLONE3,
    CLONE_THREAD,
    FAIL,
    KILL,
    MACHINES,
    NO_SUCH_CALL,
    NOT_PERMITTED,
    X32,
    seccomp_filter,
)  # fmt: skip

REFUSED = FAIL | NOT_PERMITTED
READ = {"x86_64": 0, "aarch64": 63}


def verdict(program: bytes, number: int, architecture: int, first: int = 0) -> int:
    """Run a program of the packet filter on a system call, as the kernel does."""
    data = struct.pack("=IIQQ", number, architecture, 0, first)
    held, place = 0, 0
    while True:
        code, yes, no, value = struct.unpack_from("=HBBI", program, 8 * place)
        place += 1
        if code == 0x20:
            (held,) = struct.unpack_from("=I", data, value)
        elif code == 0x06:
            return value
        else:
            holds = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[code]
            place += yes if holds else no


@pytest.mark.parametrize("machine", MACHINES)
def test_listed_calls_are_refused_and_others_allowed(machine: str) -> None:
    program = seccomp_filter(machine)
    assert {verdict(program, number, AUDIT[machine]) for number in CALLS[machine].values()} == {REFUSED}
    assert verdict(program, READ[machine], AUDIT[machine]) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
def test_threads_are_allowed_and_processes_are_not(machine: str) -> None:
    program = seccomp_filter(machine)
    assert verdict(program, CLONE[machine], AUDIT[machine], first=CLONE_THREAD | 0xF00) == ALLOW
    assert verdict(program, CLONE[machine], AUDIT[machine], first=17) == REFUSED
    assert verdict(program, CLONE3, AUDIT[machine]) == FAIL | NO_SUCH_CALL


def test_calls_of_other_flavours_do_not_slip_past() -> None:
    program = seccomp_filter("x86_64")
    assert verdict(program, 57 | X32, AUDIT["x86_64"]) == REFUSED
    assert verdict(program, 0, AUDIT["aarch64"]) == KILL


def test_this_machine_is_the_default() -> None:
    assert seccomp_filter() == seccomp_filter(platform.machine())


def test_an_unknown_machine_is_refused() -> None:
    with pytest.raises(ValueError, match="no list of system calls for 'pdp11'; grade on one of x86_64"):
        seccomp_filter("pdp11")
