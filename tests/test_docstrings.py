"""What is public says what it takes, what it gives and what it refuses, and shows itself at work."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest

import activations
from activations import datasets, experiments, explorers, figures, functions, training

Member = Callable[..., Any] | type


def modules() -> list[Any]:
    """Return all that have public names: the packages, and each experiment."""
    return [
        activations,
        functions,
        training,
        datasets,
        figures,
        explorers,
        *(
            importlib.import_module(f"{experiments.__name__}.{module.name}")
            for module in pkgutil.iter_modules(experiments.__path__)
            if not module.name.startswith("_")
        ),
    ]


def public() -> dict[str, Member]:
    """Return every public function and class once, by its address."""
    found = {}
    for module in modules():
        own = [
            name
            for name, member in vars(module).items()
            if not name.startswith("_") and getattr(member, "__module__", None) == module.__name__
        ]
        for name in getattr(module, "__all__", own):
            member = getattr(module, name)
            if inspect.isclass(member) or inspect.isfunction(member):
                found[f"{member.__module__}.{member.__qualname__}"] = member
    return found


PUBLIC = public()
FUNCTIONS = {name: member for name, member in PUBLIC.items() if inspect.isfunction(member)}
CLASSES = {name: member for name, member in PUBLIC.items() if inspect.isclass(member)}
METHODS = {
    f"{name}.{attribute}": member
    for name, owner in CLASSES.items()
    for attribute, member in ((key, getattr(owner, key)) for key in vars(owner) if not key.startswith("_"))
    # A field whose default is a function is no method.
    if inspect.isroutine(member) and member.__qualname__ == f"{owner.__qualname__}.{attribute}"
}


def sections(member: Any) -> set[str]:
    lines = (inspect.getdoc(member) or "").splitlines()
    return {lines[i] for i in range(len(lines) - 1) if lines[i + 1] and set(lines[i + 1]) == {"-"}}


def expected(member: Any) -> set[str]:
    """Return the sections that a function of this signature needs."""
    signature = inspect.signature(member)
    takes = [name for name in signature.parameters if name != "self"]
    gives = signature.return_annotation not in (None, "None")
    return ({"Parameters"} if takes else set()) | ({"Returns"} if gives else set())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_say_what_they_take_give_and_refuse(name: str) -> None:
    member = FUNCTIONS[name]
    needed = expected(member) | {"Examples"} | ({"Raises"} if "Parameters" in expected(member) else set())
    assert sections(member) >= needed


@pytest.mark.parametrize("name", METHODS)
def test_methods_say_what_they_take_and_give(name: str) -> None:
    member = METHODS[name]
    needed = expected(member)
    assert sections(member) >= (needed if "Parameters" in needed else set())


@pytest.mark.parametrize("name", CLASSES)
def test_classes_say_what_they_are_made_of(name: str) -> None:
    member: Any = CLASSES[name]
    has_fields = dataclasses.is_dataclass(member) or hasattr(member, "_fields")
    assert sections(member) >= ({"Attributes"} if has_fields else set())
