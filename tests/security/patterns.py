"""The source tree in; every regular expression it uses out, and whether it is tried anywhere in a text.

Three sources: patterns that modules hold (also in containers), literal patterns in calls like
`re.search("…")`, and patterns built while texts are read (from names, offices), caught by listening to `re`.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pipeline

ROOT = Path(pipeline.__file__).parent
_CALLS = ("compile", "search", "match", "fullmatch", "findall", "finditer", "split", "sub", "subn")
_AT_ONE_PLACE = {"match", "fullmatch"}
AnyPattern = re.Pattern[str] | re.Pattern[bytes]


@dataclass(frozen=True)
class Used:
    """A pattern, where it comes from, and whether it is tried at every place of a text."""

    origin: str
    pattern: AnyPattern
    anywhere: bool


def modules() -> list[ModuleType]:
    """Every module of the package, imported."""
    found = [pipeline]
    for item in pkgutil.walk_packages(pipeline.__path__, "pipeline."):
        if not item.name.endswith("__main__"):
            found.append(importlib.import_module(item.name))
    return found


def held() -> Iterator[Used]:
    """Patterns that modules and their classes hold, alone or in containers."""
    for module in modules():
        if module.__file__ is None:
            continue
        uses = _uses(Path(module.__file__).read_text(encoding="utf-8"))
        for name, value in vars(module).items():
            for pattern in _patterns_in(value, 0):
                yield Used(f"{module.__name__}.{name}", pattern, uses.get(name, True))


def written() -> Iterator[Used]:
    """Patterns written as literals in calls of `re`."""
    for path in sorted(ROOT.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or not _of_re(call.func) or not call.args:
                continue
            first = call.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str | bytes):
                assert isinstance(call.func, ast.Attribute)
                origin = f"{path.relative_to(ROOT)}:{call.lineno}"
                once = call.func.attr in _AT_ONE_PLACE
                if call.func.attr != "compile":
                    yield Used(origin, re.compile(first.value), not once)


class Listener:
    """Stands where a module's `re` stood and remembers each pattern given to it."""

    def __init__(self) -> None:
        self.heard: dict[tuple[str, int], Used] = {}

    def __getattr__(self, name: str) -> Any:
        """What `re` has under that name; its functions listen."""
        real = getattr(re, name)
        return self._listening(name, real) if name in _CALLS else real

    def _listening(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(pattern: Any, *given: Any, **named: Any) -> Any:
            flags = named.get("flags", 0)
            if name == "compile" and given:
                flags = given[0]
            elif name in {"search", "match", "fullmatch", "findall", "finditer"} and len(given) > 1:
                flags = given[1]
            found = re.compile(pattern, flags)
            key = (str(found.pattern), found.flags)
            self.heard.setdefault(key, Used("built while reading", found, name not in _AT_ONE_PLACE))
            return real(pattern, *given, **named)

        return call


def _of_re(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "re"
        and function.attr in _CALLS
    )


def _patterns_in(value: object, depth: int) -> Iterator[AnyPattern]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth > 4:
        return
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _patterns_in(key, depth + 1)
            yield from _patterns_in(item, depth + 1)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _patterns_in(item, depth + 1)
    elif isinstance(value, type) and value.__module__.startswith("pipeline."):
        for item in vars(value).values():
            yield from _patterns_in(item, depth + 1)
    elif is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            yield from _patterns_in(getattr(value, part.name, None), depth + 1)


def _uses(source: str) -> dict[str, bool]:
    """By name: False where a module only ever asks it at one place (`match`, `fullmatch` without a position).

    What runs over a container (`for shape in SHAPES`) stands for the container.
    """
    tree = ast.parse(source)
    called = {id(call.func): call for call in ast.walk(tree) if isinstance(call, ast.Call)}
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For | ast.comprehension)]
    found: dict[str, bool] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            call = called.get(id(node))
            once = node.attr in _AT_ONE_PLACE and call is not None and len(call.args) == 1
            for name in {node.value.id, *_containers(node.value.id, loops)}:
                found[name] = found.get(name, False) or not once
    return found


def _containers(item: str, loops: list[ast.For | ast.comprehension]) -> set[str]:
    """Names of what a loop variable runs over."""
    return {
        name.id
        for loop in loops
        if any(isinstance(each, ast.Name) and each.id == item for each in ast.walk(loop.target))
        for name in ast.walk(loop.iter)
        if isinstance(name, ast.Name)
    }
