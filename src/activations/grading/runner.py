"""Run a submission's cells, one a message, inside the sandbox.

The driver starts this file with a bare Python. It reads one JSON object a line from its standard input,
``{"source": "...", "timeout": 30}``, runs the source as a notebook would, and answers with one line: the
outputs, the error with its line, the seconds, and what has been tampered with. Of the rest of the package it
loads what checks rely on, before the first cell, and so knows it untouched. It holds nothing worth stealing:
neither the other submissions nor the tests that are still to come.

A student's code runs in this very process. Whatever is checked here can be undone by somebody who knows
Python's insides well enough; the driver believes no answer beyond what the limits let through.
"""

from __future__ import annotations

import base64
import contextlib
import importlib
import io
import json
import math
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from types import FrameType, FunctionType, ModuleType, TracebackType
from typing import Any, BinaryIO

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

__all__ = [
    "PRELOADED",
    "CellTimeoutError",
    "OutputLimitError",
    "Runner",
    "close_standard_streams",
    "main",
    "preload",
    "serve",
    "work",
]

MESSAGE_LENGTH = 2_000
"""Characters of an error's message that are kept."""


class CellTimeoutError(BaseException):
    """A cell ran longer than it may. Not an `Exception`, so that ``except Exception`` does not hide it."""


class OutputLimitError(Exception):
    """A cell printed more than it may."""


class Outputs:
    """What one cell shows, in the notebook format's words, up to a limit.

    Parameters
    ----------
    limit : int
        Characters that are kept; a cell that prints more fails with `OutputLimitError`.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0
        self.items: list[dict[str, Any]] = []

    def clear(self) -> None:
        """Start afresh for the next cell."""
        self.used, self.items = 0, []

    def write(self, name: str, text: str) -> None:
        """Add printed text to the stream ``name``."""
        room = max(0, self.limit - self.used)
        self.used += len(text)
        if room:
            last = self.items[-1] if self.items else {}
            if last.get("output_type") == "stream" and last["name"] == name:
                last["text"] += text[:room]
            else:
                self.items.append({"output_type": "stream", "name": name, "text": text[:room]})
        if len(text) > room:
            raise OutputLimitError(f"this cell printed more than {self.limit:,} characters")

    def show(self, kind: str, data: dict[str, Any], metadata: dict[str, Any]) -> None:
        """Add a displayed object or the cell's last value."""
        size = sum(len(str(value)) for value in data.values())
        if self.used + size > self.limit:
            data, metadata = {"text/plain": "(this output was too large to keep)"}, {}
            size = len(data["text/plain"])
        self.used += size
        item: dict[str, Any] = {"output_type": kind, "data": data, "metadata": metadata}
        if kind == "execute_result":
            item["execution_count"] = None
        self.items.append(item)


class Stream(io.TextIOBase):
    """Stands for standard output or standard error while a cell runs."""

    def __init__(self, outputs: Outputs, name: str) -> None:
        self._outputs, self._name = outputs, name

    def writable(self) -> bool:
        """Text can be written."""
        return True

    def write(self, text: str) -> int:
        """Keep the text."""
        self._outputs.write(self._name, str(text))
        return len(text)


class Publisher(DisplayPublisher):
    """Keeps what ``display()`` shows."""

    outputs: Outputs

    def publish(self, data: Any, metadata: Any = None, source: Any = None, **_: Any) -> None:  # noqa: ARG002
        """Keep one displayed object."""
        self.outputs.show("display_data", dict(data), dict(metadata or {}))

    def clear_output(self, wait: bool = False) -> None:  # noqa: ARG002 -- IPython's
        """Forget what the cell has shown so far."""
        self.outputs.items.clear()


class Hook(DisplayHook):
    """Keeps a cell's last value."""

    outputs: Outputs
    silent = False

    def quiet(self) -> bool:
        """Whether the cell ends in a semicolon."""
        return self.silent

    def start_displayhook(self) -> None:
        """Print nothing."""

    def write_output_prompt(self) -> None:
        """Print no ``Out[1]:``."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        """Keep the value's representations."""
        self.outputs.show("execute_result", dict(format_dict), dict(md_dict or {}))

    def finish_displayhook(self) -> None:
        """Print nothing."""


class Shell(InteractiveShell):
    """An IPython without a terminal: it prints no traceback and keeps no history."""

    def enable_gui(self, gui: str | None = None) -> None:
        """No window opens here."""

    def ask_exit(self) -> None:
        """``exit()`` ends nothing."""

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        """Leave the error to the runner's answer."""


WATCHED = ("builtins", "math", "numpy", "numpy.testing", "numpy.linalg", "activations")
"""Modules that checks rely on, with all that is below the last one."""
PRELOADED = (
    "numpy.linalg",
    "numpy.random",
    "numpy.testing",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "activations.datasets",
    "activations.experiments",
    "activations.figures",
    "activations.grading.checks",
    "activations.training",
)
"""Loaded before the first cell: what a student's cell is the first to import, it could exchange unseen."""


def preload() -> None:
    """Load the modules of `PRELOADED`."""
    for name in PRELOADED:
        importlib.import_module(name)


def watched_modules() -> dict[str, ModuleType]:
    """Return the modules that the tests rely on and that are loaded already, by the name to import."""
    return {
        name: module
        for name, module in list(sys.modules.items())
        if isinstance(module, ModuleType) and (name in WATCHED or name.startswith("activations."))
    }


def is_code(value: object) -> bool:
    """Whether a name that holds ``value`` is one that nobody replaces by accident."""
    return callable(value) or isinstance(value, ModuleType)


class Insides:
    """What can be exchanged inside a function, while its name stays: its code and its defaults."""

    def __init__(self, function: FunctionType) -> None:
        self._function = function
        self._code, self._defaults = function.__code__, function.__defaults__
        self._keywords = function.__kwdefaults__
        self._values = dict(self._keywords or {})

    def restore(self) -> list[str]:
        """Put back what was exchanged, and return what that is."""
        function, keywords, values = self._function, self._keywords, self._values
        found = []
        if function.__code__ is not self._code:
            function.__code__ = self._code
            found.append("the code")
        same = function.__defaults__ is self._defaults and function.__kwdefaults__ is keywords
        if keywords:
            same = same and keywords.keys() == values.keys()
            same = same and all(keywords[name] is value for name, value in values.items())
        if not same:
            if keywords:
                keywords.clear()
                keywords.update(values)
            function.__defaults__, function.__kwdefaults__ = self._defaults, keywords
            found.append("a default")
        return found


def insides(value: object) -> list[Insides]:
    """Return what is inside a function, and inside the one that it wraps, as NumPy's do."""
    functions = (value, getattr(value, "__wrapped__", None))
    return [Insides(function) for function in functions if isinstance(function, FunctionType)]


class Guard:
    """Notices, and undoes, changes to what the tests rely on.

    Parameters
    ----------
    shell : InteractiveShell
        Its hooks are watched, too.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._modules: dict[str, ModuleType] = {}
        self._known: dict[str, dict[str, tuple[Any, list[Insides]]]] = {}
        self._given: dict[str, Any] = {}
        self.learn()

    def learn(self) -> None:
        """Remember the functions of the watched modules, each module at the first sight of it."""
        for place, module in watched_modules().items():
            if place not in self._modules:
                self._modules[place] = module
                self._known[place] = {
                    name: (value, insides(value))
                    for name, value in vars(module).items()
                    if is_code(value) and name != "_"
                }

    def give(self, names: Iterable[str]) -> None:
        """Remember what the assignment's own cells have defined: imports and functions."""
        space = self._shell.user_ns
        self._given.update({name: space[name] for name in names if is_code(space.get(name))})

    def check(self) -> list[str]:
        """Return what was changed in the modules and the shell, in words, and put it back."""
        found = []
        for place, module in self._modules.items():
            if sys.modules.get(place) is not module:
                sys.modules[place] = module
                found.append(f"the module {place} was replaced")
            for name, (value, parts) in self._known[place].items():
                if vars(module).get(name) is not value:
                    setattr(module, name, value)
                    found.append(f"{place}.{name} was replaced")
                for part in parts:
                    found += [f"{what} of {place}.{name} was replaced" for what in part.restore()]
        shell = self._shell
        if shell.ast_transformers:
            shell.ast_transformers = []
            found.append("code was rewritten before it ran (ast_transformers)")
        if shell.input_transformers_post:
            shell.input_transformers_post.clear()
            found.append("code was rewritten before it ran (input_transformers_post)")
        for event, callbacks in shell.events.callbacks.items():
            for callback in list(callbacks):
                if not str(getattr(callback, "__module__", "")).startswith(("IPython.", "matplotlib")):
                    callbacks.remove(callback)
                    found.append(f"code was hung into the notebook's event {event}")
        for name in sorted({"run_cell", "run_code", "run_ast_nodes", "showtraceback"} & set(vars(shell))):
            delattr(shell, name)
            found.append(f"the notebook's own {name} was replaced")
        return found

    def restore(self) -> list[str]:
        """Return which of the assignment's own names were taken, in words, and give them back."""
        space = self._shell.user_ns
        taken = [name for name, value in self._given.items() if space.get(name) is not value]
        space.update({name: self._given[name] for name in taken})
        return [f"the assignment's {name} was redefined" for name in taken]


def last_line(error: BaseException) -> int | None:
    """Return the line of the cell in which ``error`` left it, counted from 1."""
    if isinstance(error, SyntaxError):
        return error.lineno
    at: TracebackType | None = error.__traceback__
    while at is not None:
        frame: FrameType = at.tb_frame
        if frame.f_code.co_name.startswith(("<module", "<cell")):
            return at.tb_lineno
        at = at.tb_next
    return None


def describe(error: BaseException) -> dict[str, Any]:
    """Return an error as plain data; its own methods may fail, too."""
    try:
        message = str(error)
    except BaseException:
        message = "(the error's own message could not be made)"
    try:
        frames = error.__traceback__.tb_next if error.__traceback__ else None
        lines = traceback.format_exception(type(error), error, frames)
    except BaseException:
        lines = [f"{type(error).__name__}: {message}\n"]
    return {
        "ename": type(error).__name__,
        "evalue": message[:MESSAGE_LENGTH],
        "line": last_line(error),
        "traceback": "".join(lines)[-4 * MESSAGE_LENGTH :],
    }


class Runner:
    """One submission's notebook, alive.

    Parameters
    ----------
    output_limit : int
        Characters that one cell may print and show.

    Examples
    --------
    >>> runner = Runner()
    >>> answer = runner.run("print('x'); 1 + 1", timeout=10)
    >>> [output["output_type"] for output in answer["outputs"]], answer["error"]
    (['stream', 'execute_result'], None)
    >>> runner.close()
    """

    def __init__(self, output_limit: int = 1_000_000) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.cache_size = 0
        InteractiveShell.clear_instance()
        self.shell = Shell.instance(config=config, display_pub_class=Publisher, displayhook_class=Hook)
        self.outputs = Outputs(output_limit)
        Publisher.outputs = Hook.outputs = self.outputs
        self._inline = False
        self._guard = Guard(self.shell)

    def close(self) -> None:
        """Give the interpreter back as it was."""
        Shell.clear_instance()

    @contextlib.contextmanager
    def _alarm(self, seconds: float) -> Iterator[None]:
        """Raise `CellTimeoutError` in the running cell after ``seconds``, where the system has alarms."""
        if not hasattr(signal, "setitimer"):  # pragma: no cover -- Windows: the driver's clock alone
            yield
            return

        def ring(*_: object) -> None:
            raise CellTimeoutError(f"this cell ran longer than {seconds:g} seconds")

        before = signal.signal(signal.SIGALRM, ring)
        # Rings again and again: a cell may catch the first.
        signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def _prepare_figures(self) -> Callable[[], object]:
        """Have pyplot's figures shown at the end of a cell, as in a notebook; return what shows them."""
        backend = sys.modules.get("matplotlib_inline.backend_inline")
        if backend is None:
            return lambda: None
        if not self._inline:
            import matplotlib
            from IPython.core.pylabtools import select_figure_formats

            matplotlib.interactive(True)
            backend.configure_inline_support(self.shell, "module://matplotlib_inline.backend_inline")
            select_figure_formats(self.shell, {"png"})  # type: ignore[no-untyped-call]
            self._inline = True
        return backend.flush_figures  # type: ignore[no-any-return]

    def run(self, source: str, timeout: float, kind: str = "answer") -> dict[str, Any]:
        """Run one cell and return what came of it.

        Parameters
        ----------
        source : str
            The cell's text; magics are understood.
        timeout : float
            Seconds after which the cell is interrupted.
        kind : str
            ``"given"`` for a cell of the assignment, whose imports and functions later checks rely on;
            ``"check"`` for one that is graded; ``"answer"`` for any other.

        Returns
        -------
        dict
            ``outputs`` (list, in the notebook's format), ``error`` (None, or a dict with ``ename``,
            ``evalue``, ``line`` and ``traceback``), ``seconds``, ``tampered`` (list of sentences).
        """
        self.outputs.clear()
        self._guard.learn()
        tampered = self._guard.restore() if kind == "check" else []
        before = dict(self.shell.user_ns) if kind == "given" else {}
        Hook.silent = source.rstrip().endswith(";")
        start = time.monotonic()
        error: BaseException | None = None
        kept = sys.stdout, sys.stderr
        try:
            sys.stdout, sys.stderr = Stream(self.outputs, "stdout"), Stream(self.outputs, "stderr")
            with self._alarm(timeout):
                self._prepare_figures()
                result = self.shell.run_cell(source, store_history=False)  # type: ignore[no-untyped-call]
                self._prepare_figures()()
            error = result.error_before_exec or result.error_in_exec
        except BaseException as escaped:  # a hook of the student's, or an alarm that rang at the very end
            error = escaped
        finally:
            sys.stdout, sys.stderr = kept
        if kind == "given":
            space = self.shell.user_ns
            self._guard.give([name for name in space if space[name] is not before.get(name, before)])
        return {
            "outputs": list(self.outputs.items),
            "error": None if error is None else describe(error),
            "seconds": round(time.monotonic() - start, 3),
            "tampered": tampered + self._guard.check(),
        }


def limit_resources(memory: int, file_size: int, processes: int, cpu: int) -> None:  # pragma: no cover
    """Take the rights away that the cells shall not have. In a sandbox only: there is no way back."""
    try:
        import resource
    except ImportError:
        return
    # What loading the libraries has taken is not the submission's.
    cpu += math.ceil(time.process_time())
    wanted = {
        "RLIMIT_AS": (memory, memory),
        "RLIMIT_FSIZE": (file_size, file_size),
        "RLIMIT_NPROC": (processes, processes),
        # The first signal says what it is for; who ignores it is killed a second later.
        "RLIMIT_CPU": (cpu, cpu + 1),
        "RLIMIT_CORE": (0, 0),
        "RLIMIT_NOFILE": (256, 256),
        "RLIMIT_MSGQUEUE": (0, 0),
    }
    for name, limits in wanted.items():
        if hasattr(resource, name):
            kind = getattr(resource, name)
            _, hard = resource.getrlimit(kind)
            soft, most = limits if hard == resource.RLIM_INFINITY else (min(limit, hard) for limit in limits)
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(kind, (soft, most))


def refuse_calls(rules: bytes) -> None:  # pragma: no cover -- in a sandbox only: there is no way back
    """Have the kernel refuse the system calls of a filter, from now on and for all that follows."""
    import ctypes

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))

    set_no_new_privileges, set_seccomp, mode_filter = 38, 22, 2
    library = ctypes.CDLL(None, use_errno=True)
    program = Program(len(rules) // 8, rules)
    failed = library.prctl(set_no_new_privileges, 1, 0, 0, 0)
    failed = failed or library.prctl(set_seccomp, mode_filter, ctypes.byref(program), 0, 0)
    if failed:
        raise OSError(ctypes.get_errno(), "the filter of system calls was not accepted")


def serve(reader: BinaryIO, answer: Callable[[dict[str, Any]], None], runner: Runner) -> None:
    """Answer each line of ``reader`` until it ends."""
    for line in reader:
        answer(runner.run(**json.loads(line)))


def close_standard_streams() -> None:  # pragma: no cover -- the tests need theirs
    """Lead what bypasses Python's own streams to nowhere."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.close(nothing)


def work(
    requests: int, answers: int, runner: Runner, limits: dict[str, int], rules: bytes
) -> None:  # pragma: no cover -- inside the sandbox
    """Serve one submission over two open files, behind limits and filter, and end the process."""
    reader = os.fdopen(requests, "rb")
    runner.outputs.limit = limits.pop("output")
    limit_resources(**limits)
    if rules:
        refuse_calls(rules)

    def answer(message: dict[str, Any]) -> None:
        data = json.dumps(message, default=str).encode() + b"\n"
        while data:
            data = data[os.write(answers, data) :]

    answer({"ready": True})
    serve(reader, answer, runner)
    # Nothing of the student's runs at the end: no atexit, no finalizer.
    os._exit(0)


def main() -> None:  # pragma: no cover -- inside the sandbox
    """Speak with the driver over what were standard input and output; both are closed to the cells."""
    preload()
    limits = json.loads(sys.argv[1])
    rules = base64.b64decode(sys.argv[2]) if len(sys.argv) > 2 else b""
    requests, answers = os.dup(0), os.dup(1)
    close_standard_streams()
    work(requests, answers, Runner(), limits, rules)


if __name__ == "__main__":  # pragma: no cover
    main()
