"""Inside the sandbox is nothing to harm; outside, every end is understood. That holds for both kinds."""

from __future__ import annotations

import ast
import dataclasses
import queue
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from activations.grading import nursery, sandbox
from activations.grading.limits import Limits
from activations.grading.sandbox import (
    Line,
    Sandbox,
    SandboxDiedError,
    SandboxLostError,
    SandboxUnavailableError,
    bwrap_arguments,
    explain_exit,
    require_sandbox,
)

# A busy machine may need seconds for what is done at once; who tests the limit itself asks for less.
LIMITS = Limits(cell_seconds=60.0, grace_seconds=0.7, memory_mb=1_500, disk_mb=5)


@pytest.fixture(params=["fresh", "warm"])
def box(request: pytest.FixtureRequest) -> Callable[[], Sandbox]:
    return lambda: Sandbox(LIMITS, warm=request.param == "warm")


def value(place: Sandbox, source: str) -> str:
    answer = place.run(source)
    assert answer["error"] is None, answer["error"]
    return str(answer["outputs"][-1]["data"]["text/plain"])


def test_sandboxes_work_here_of_both_kinds(tmp_path: Path) -> None:
    require_sandbox(tmp_path)
    assert nursery.available()


def test_there_is_little_to_see(box: Callable[[], Sandbox]) -> None:
    with box() as place:
        assert value(place, "import os\nos.getcwd()") == "'/submission'"
        assert (
            value(place, "sorted(name for name in os.listdir() if name not in ('ipython', 'matplotlib'))")
            == "[]"
        )
        assert value(place, "os.path.exists('/proc/self')") == "False"
        assert value(place, "os.getuid(), os.geteuid()") == "(1000, 1000)"
        known = {*sandbox.environment(), "PWD", "LC_CTYPE", "KERNEL_LAUNCH_TIMEOUT"}
        assert set(ast.literal_eval(value(place, "sorted(os.environ)"))) <= known
        assert "chapters" not in value(place, f"os.listdir({str(Path(__file__).parents[2])!r})")
        assert value(place, "import socket\nsocket.gethostname()") == "'sandbox'"


def test_nothing_can_be_written_but_the_work_folder(box: Callable[[], Sandbox]) -> None:
    places = ["/x", "/usr/x", "/dev/x", "/dev/shm/x", "/etc/x", f"{sys.prefix}/x", f"{sandbox.PACKAGE}/x"]
    with box() as place:
        for path in places:
            error = place.run(f"open({path!r}, 'w')")["error"]
            assert error["ename"] in {"OSError", "FileNotFoundError", "PermissionError"}, path
        assert value(place, "open('x', 'w').write('abc')") == "3"


def test_each_submission_has_a_folder_of_its_own(box: Callable[[], Sandbox]) -> None:
    with box() as first, box() as second:
        assert value(first, "open('secret', 'w').write('abc')") == "3"
        assert value(second, "import os\nos.path.exists('secret')") == "False"
    with box() as third:
        assert value(third, "import os\nos.path.exists('secret')") == "False"


def test_there_is_nobody_to_send_a_signal_to(box: Callable[[], Sandbox]) -> None:
    with box() as place:
        code = (
            "import os\ndef there(number):\n    try:\n        os.kill(number, 0)\n        return True\n"
            "    except OSError:\n        return False\n"
            "[n for n in range(2, 400) if there(n) and n != os.getpid()]"
        )
        assert value(place, code) == "[]"
        assert value(place, "import signal\nos.kill(1, signal.SIGINT)\n1") == "1"


def test_no_right_is_left(box: Callable[[], Sandbox]) -> None:
    with box() as place:
        code = (
            "import ctypes\nlib = ctypes.CDLL(None, use_errno=True)\n"
            "head = (ctypes.c_uint32 * 2)(0x20080522, 0)\n"
            "data = (ctypes.c_uint32 * 6)()\nlib.capget(head, data)\nlist(data)"
        )
        assert value(place, code) == "[0, 0, 0, 0, 0, 0]"
        assert (
            value(place, "lib.mount(b'x', b'/submission', b'tmpfs', 0, None), ctypes.get_errno()")
            == "(-1, 1)"
        )
        assert value(place, "lib.unshare(0x10000000), ctypes.get_errno()") == "(-1, 1)"
        assert value(place, "lib.ptrace(0, 0, 0, 0), ctypes.get_errno()") == "(-1, 1)"


def test_processes_are_refused_and_threads_are_not(box: Callable[[], Sandbox]) -> None:
    with box() as place:
        assert place.run("import os\nos.fork()")["error"]["ename"] == "PermissionError"
        assert place.run("import subprocess\nsubprocess.run(['true'])")["error"]["ename"] == "PermissionError"
        code = "import threading\nt = threading.Thread(target=int)\nt.start()\nt.join()\nt.is_alive()"
        assert value(place, code) == "False"


def test_memory_and_disk_are_limited(box: Callable[[], Sandbox]) -> None:
    with box() as place:
        assert place.run("x = bytes(2_000_000_000)")["error"]["ename"] == "MemoryError"
        assert place.run("open('x', 'wb').write(bytes(6_000_000))")["error"]["ename"] == "OSError"
        assert place.run("import os\nos.memfd_create('x')")["error"]["ename"] == "PermissionError"


def test_a_cell_that_is_deaf_is_ended_and_the_next_submission_runs(box: Callable[[], Sandbox]) -> None:
    with box() as place:
        source = "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass"
        with pytest.raises(SandboxDiedError, match="ignored the interrupt"):
            place.run(source, seconds=1.0)
    with box() as place:
        assert value(place, "6 * 7") == "42"


@pytest.mark.parametrize(
    ("source", "how"),
    [
        ("import os\nos._exit(5)", r"ended the Python process \(exit code 5\)"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "stopped by the system"),
        ("import os\nos.abort()", "SIGABRT"),
    ],
)
def test_every_end_is_understood(box: Callable[[], Sandbox], source: str, how: str) -> None:
    with box() as place:
        with pytest.raises(SandboxDiedError, match=how):
            place.run(source)
        with pytest.raises(SandboxDiedError, match=how):
            place.run("1")


def test_a_closed_line_is_understood(box: Callable[[], Sandbox]) -> None:
    code = "import os\nfor number in range(3, 50):\n    try: os.close(number)\n    except OSError: pass\n"
    with box() as place, pytest.raises(SandboxDiedError):
        place.run(code + "import time\ntime.sleep(9)")


@pytest.mark.parametrize("said", ["[1]", "nonsense", '{"outputs": []}'])
def test_nonsense_on_the_line_is_no_answer(box: Callable[[], Sandbox], said: str) -> None:
    code = (
        f"import os\nfor number in range(3, 50):\n    try: os.write(number, {said + chr(10)!r}.encode())\n"
        "    except OSError: pass"
    )
    with box() as place, pytest.raises(SandboxDiedError, match="interfered with the grader's own messages"):
        place.run(code)


@pytest.mark.parametrize("place", ["course", "."])
def test_a_course_inside_of_pythons_own_folder_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str
) -> None:
    course = tmp_path / "course"
    (course / ".venv").mkdir(parents=True)
    require_sandbox(tmp_path)  # whether sandboxes work is asked once, and Python still where it is
    monkeypatch.setattr(sys, "prefix", str(course / ".venv"))
    require_sandbox(course)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / place))
    with pytest.raises(
        SandboxUnavailableError, match=r"could read .*course.* folder of its own, such as .venv"
    ):
        require_sandbox(course)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("while True:\n    pass", "more processor time"),
        (
            "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True:\n    pass",
            "stopped by the system",
        ),
    ],
)
@pytest.mark.parametrize("warm", [False, True], ids=["fresh", "warm"])
def test_processor_time_is_limited(source: str, said: str, *, warm: bool) -> None:
    # One second of the processor's, which may take many of the clock's: the cell's own limit is far away.
    limits = dataclasses.replace(LIMITS, cell_seconds=120.0, total_seconds=0.0)
    assert limits.for_runner()["cpu"] == 1
    with Sandbox(limits, warm=warm) as place:
        assert value(place, "1 + 1") == "2"
        with pytest.raises(SandboxDiedError, match=said):
            place.run(source)


def test_without_a_sandbox_what_the_code_has_started_ends_with_it() -> None:
    limits = dataclasses.replace(LIMITS, processes=10_000)
    with Sandbox(limits, unsafe=True) as place:
        number = value(place, "import subprocess\nsubprocess.Popen(['sleep', '60']).pid")
    state = Path(f"/proc/{number}/stat")
    # Nobody may have asked how it ended yet: then it is a zombie.
    assert not state.exists() or state.read_text().split()[2] == "Z"


def test_without_a_sandbox_code_runs_with_all_rights(tmp_path: Path) -> None:
    with Sandbox(LIMITS, unsafe=True) as place:
        assert value(place, f"open({str(tmp_path / 'x')!r}, 'w').write('abc')") == "3"
        folder = Path(value(place, "import os\nos.getcwd()").strip("'"))
        assert folder.is_dir()
    assert (tmp_path / "x").read_text() == "abc"
    assert not folder.exists()


def test_arguments_hold_the_limits_and_no_home(tmp_path: Path) -> None:
    fonts = tmp_path / "fonts.json"
    arguments = bwrap_arguments(LIMITS, fonts, proc=True)
    assert arguments[arguments.index("--size") + 1] == "5000000"
    assert str(fonts) in arguments
    assert "--proc" in arguments
    assert "--share-net" not in arguments
    assert "--proc" not in bwrap_arguments(LIMITS, None)


def test_temporary_files_go_to_the_work_folder(box: Callable[[], Sandbox]) -> None:
    with box() as place:
        assert value(place, "import tempfile\ntempfile.gettempdir()") == "'/submission'"


def test_an_environment_among_temporary_files_is_not_covered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "visible_paths", lambda: [Path("/usr"), Path("/tmp/environment")])
    assert "/tmp" not in bwrap_arguments(LIMITS, None)
    monkeypatch.setattr(sandbox, "visible_paths", lambda: [Path("/usr")])
    assert "/tmp" in bwrap_arguments(LIMITS, None)


def test_folders_of_the_system_are_links_or_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "is_symlink", lambda path: str(path) == "/bin")
    monkeypatch.setattr(Path, "readlink", lambda path: Path("usr/bin"))
    monkeypatch.setattr(Path, "exists", lambda path: str(path) != "/lib32")
    text = " ".join(bwrap_arguments(LIMITS, None))
    assert "--symlink usr/bin /bin" in text
    assert "--ro-bind /lib /lib" in text
    assert "/lib32" not in text


def test_without_bubblewrap_it_refuses_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    sandbox._complaint_of_the_sandbox.cache_clear()
    with pytest.raises(
        SandboxUnavailableError, match=r"bwrap\) is not installed.*apt install bubblewrap.*--unsafe"
    ):
        require_sandbox(tmp_path)
    sandbox._complaint_of_the_sandbox.cache_clear()
    with pytest.raises(SandboxUnavailableError):
        nursery.Warm()


def test_where_namespaces_are_forbidden_it_says_what_bubblewrap_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(program))
    with pytest.raises(SandboxUnavailableError, match="No permissions to create new namespace"):
        Sandbox(LIMITS, warm=False)
    with pytest.raises(SandboxUnavailableError, match="No permissions to create new namespace"):
        nursery.Warm()
    nursery.available.cache_clear()
    monkeypatch.setattr(nursery, "_free", [])
    assert not nursery.available()
    nursery.available.cache_clear()


@pytest.mark.parametrize("silent", [True, False])
def test_a_sandbox_that_says_nothing_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, silent: bool
) -> None:
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\n" + ("exec sleep 60\n" if silent else "echo nonsense; exec sleep 60\n"))
    program.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(program))
    monkeypatch.setattr(sandbox, "START_SECONDS", 0.2)
    monkeypatch.setattr(nursery, "START_SECONDS", 0.2)
    with pytest.raises(SandboxUnavailableError, match="does not start"):
        Sandbox(LIMITS, warm=False)
    with pytest.raises(SandboxUnavailableError, match="does not start"):
        nursery.Warm()


def test_a_processor_without_a_filter_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "pdp11")
    with pytest.raises(SandboxUnavailableError, match="pdp11"):
        Sandbox(LIMITS, warm=False)


def test_exit_codes_in_words() -> None:
    assert explain_exit(0) == "it ended the Python process (exit code 0)"
    assert explain_exit(139) == explain_exit(-11) == "it crashed (a segmentation fault)"
    assert explain_exit(-15) == "it was ended by the signal SIGTERM"


def test_a_line_that_breaks_is_at_its_end() -> None:
    def broken() -> bytes:
        raise OSError

    line = Line(lambda data: None, broken, 100)
    assert line.hear(1) is None
    line.join()


def test_a_line_puts_parts_together_and_has_a_clock() -> None:
    parts: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    line = Line(lambda data: None, parts.get, 100)
    for part in (b'{"a"', b": 1}\n{", b"}\n"):
        parts.put(part)
    assert [line.hear(1), line.hear(1)] == [{"a": 1}, {}]
    with pytest.raises(TimeoutError):
        line.hear(0.01)
    parts.put(b"x" * 101)
    with pytest.raises(SandboxDiedError, match="wrote more"):
        line.hear(1)
    line.join()


def test_exit_code_of_what_still_runs_is_unknown() -> None:
    with Sandbox(LIMITS, warm=False) as place:
        assert isinstance(place._place, sandbox.Fresh)
        place._place.process.wait = lambda timeout=None: (_ for _ in ()).throw(  # type: ignore[method-assign]
            subprocess.TimeoutExpired("x", 1)
        )
        assert place._place.exit_code() is None
        del place._place.process.wait


def lose(warm: nursery.Warm) -> None:
    """Kill a warm interpreter, and wait until all that was inside has ended, too."""
    warm.process.kill()
    warm.process.wait()
    assert warm.line.hear(20) is None


def test_a_lost_warm_interpreter_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    nursery.close_all()
    with Sandbox(LIMITS) as place:
        assert value(place, "1") == "1"
    (idle,) = nursery._free
    lose(idle)
    with Sandbox(LIMITS) as place:
        assert value(place, "2") == "2"
    (idle,) = nursery._free
    lose(idle)
    # Nobody knows yet that it has ended.
    monkeypatch.setattr(idle, "alive", lambda: True)
    with Sandbox(LIMITS) as place:
        assert value(place, "3") == "3"


def test_who_is_lost_with_the_warm_interpreter_is_not_to_blame() -> None:
    nursery.close_all()
    with Sandbox(LIMITS) as place:
        assert isinstance(place._place, nursery.Fork)
        place._place._warm.process.kill()
        with pytest.raises(SandboxLostError):
            place.run("import time\ntime.sleep(0.9)")
    assert nursery._free == []
    with Sandbox(LIMITS) as place:
        assert value(place, "5") == "5"


def test_a_warm_interpreter_that_does_not_listen_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    send, calls = socket.send_fds, []

    def fail_once(*arguments: Any) -> int:
        calls.append(arguments)
        if len(calls) == 1:
            raise BrokenPipeError
        return send(*arguments)

    monkeypatch.setattr(socket, "send_fds", fail_once)
    with Sandbox(LIMITS) as place:
        assert value(place, "6") == "6"
    assert len(calls) == 2


def test_a_warm_interpreter_that_cannot_fork_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    # A job without limits makes the fork end before it is ready.
    monkeypatch.setattr(Limits, "for_runner", lambda self: {"file_size": -1})
    with pytest.raises(SandboxUnavailableError, match="did not fork"):
        nursery.Fork(LIMITS)


def test_a_fork_that_is_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox(LIMITS):
        pass
    monkeypatch.setattr(nursery, "START_SECONDS", 0.0)
    with pytest.raises(SandboxUnavailableError, match="did not fork"):
        nursery.Fork(LIMITS)


def test_several_at_once_from_several_threads() -> None:
    found: list[str] = []

    def work(number: int) -> None:
        with Sandbox(LIMITS) as place:
            found.append(value(place, f"{number} * 2"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["0", "2", "4"]
