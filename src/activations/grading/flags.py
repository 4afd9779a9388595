"""Find what a person should look at in a student's code, without running it.

A find is no verdict: there are honest reasons for most of it. Nor is silence: whoever knows Python well
enough can hide from a search like this one.
"""

from __future__ import annotations

import ast
import re

__all__ = ["find_flags"]

NAMES = {
    "get_ipython": "asks for the interpreter (get_ipython)",
    "__builtins__": "reaches for Python's built-in names",
    "builtins": "reaches for Python's built-in names",
    "inspect": "reads code that runs (inspect)",
    "gc": "looks at all objects in memory (gc)",
    "ctypes": "reaches for the machine's memory (ctypes)",
    "socket": "tries to reach the network (socket)",
    "subprocess": "tries to start other programs (subprocess)",
    "multiprocessing": "tries to start other processes (multiprocessing)",
    "sqlite3": "tries to open a database (sqlite3)",
    "sqlalchemy": "tries to open a database (sqlalchemy)",
    "nbgrader": "reaches for the grading tool (nbgrader)",
}
ATTRIBUTES = {
    "ast_transformers": "changes how code is read (ast_transformers)",
    "input_transformers_post": "changes how code is read (input_transformers_post)",
    "input_transformers_cleanup": "changes how code is read (input_transformers_cleanup)",
    "_getframe": "looks at the code that calls it (sys._getframe)",
    "f_globals": "looks at the code that calls it (f_globals)",
    "tb_frame": "looks at the code that calls it (tb_frame)",
    "settrace": "watches every line that runs (settrace)",
    "setprofile": "watches every call (setprofile)",
    "_exit": "ends the process (os._exit)",
    "fork": "starts other processes (fork)",
    "kill": "sends signals to processes (kill)",
    "system": "starts other programs (os.system)",
    "__code__": "exchanges or reads compiled code (__code__)",
    "__subclasses__": "searches all classes (__subclasses__)",
}
METHODS = {"__eq__", "__array_ufunc__", "__array_function__", "__instancecheck__"}
MODULES = {"np", "numpy", "activations", "sys", "math", "builtins"}


def find_flags(source: str) -> list[str]:
    r"""Return what is remarkable about a cell of a student's, each as the end of a sentence.

    Parameters
    ----------
    source : str
        The cell's text.

    Returns
    -------
    list of str
        Sorted, without repetition. A cell that does not compile has none: it does not run either.

    Examples
    --------
    >>> find_flags("import numpy as np\nnp.allclose = lambda *a, **k: True")
    ['assigns to np.allclose']
    >>> find_flags("y = 1 / (1 + np.exp(-x))")
    []
    """
    # Lines that begin with % or ! are IPython's, not Python's. With \s for [ \t] the time would be quadratic
    # in the number of blank lines.
    python = re.sub(r"^([ \t]*)[%!].*$", r"\1pass", source, flags=re.MULTILINE)
    try:
        tree = ast.parse(python)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found: set[str] = set()
    for node in ast.walk(tree):
        found |= _in_node(node)
    return sorted(found)


def _in_node(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Name) and node.id in NAMES:
        return {NAMES[node.id]}
    if isinstance(node, ast.Import):
        names = {alias.name.split(".")[0] for alias in node.names}
        return {NAMES[name] for name in names & NAMES.keys()}
    if isinstance(node, ast.ImportFrom):
        module = (node.module or "").split(".")[0]
        names = {alias.name for alias in node.names}
        said = {ATTRIBUTES[name] for name in names & ATTRIBUTES.keys()}
        return said | ({NAMES[module]} if module in NAMES else set())
    if isinstance(node, ast.Attribute):
        if (
            isinstance(node.ctx, ast.Store | ast.Del)
            and isinstance(node.value, ast.Name)
            and node.value.id in MODULES
        ):
            return {f"assigns to {node.value.id}.{node.attr}"}
        return {ATTRIBUTES[node.attr]} if node.attr in ATTRIBUTES else set()
    if isinstance(node, ast.FunctionDef) and node.name in METHODS:
        return {f"decides itself what it equals ({node.name})"}
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "setattr"
        and node.args
    ):
        target = node.args[0]
        if isinstance(target, ast.Name) and target.id in MODULES:
            return {f"assigns to a name of {target.id} (setattr)"}
    return set()
