"""A real PostgreSQL server for a test, in a folder of its own, gone afterwards."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path


def program(name: str) -> str:
    """Find a program of the server: on the path, or where Debian keeps it."""
    found = shutil.which(name)
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if not found and not places:
        raise FileNotFoundError(f"{name} is not there: install the package postgresql")
    return str(places[-1]) if places else str(found)


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Start a server that listens on a socket only; yield the address of a database."""
    user = pwd.getpwuid(os.getuid()).pw_name
    # The server refuses to run as the super-user, as which containers run their tests.
    as_root = os.getuid() == 0
    owner = pwd.getpwnam("postgres" if as_root else user)
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if as_root:
        os.chown(folder, owner.pw_uid, owner.pw_gid)

    def run(*words: str) -> None:
        who = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if as_root else {}
        subprocess.run(words, check=True, cwd=folder, capture_output=True, timeout=60, **who)  # type: ignore[call-overload]

    data = str(folder / "data")
    try:
        quick = ["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C"]
        run(program("initdb"), "--pgdata", data, "--username", "grader", *quick)
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        log = str(folder / "log")
        run(program("pg_ctl"), "--pgdata", data, "--wait", "--log", log, "--options", options, "start")
        try:
            yield f"postgresql://grader@/postgres?host={folder}"
        finally:
            run(program("pg_ctl"), "--pgdata", data, "--mode", "immediate", "--wait", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
