"""YAML text in; plain data or a checked model out, with every fault as 'file:line: what to do'."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)
Path = tuple[str | int, ...]
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


_DEEPEST = 40
"""Levels; the deepest of ours has 7. Far deeper ones end the process, not the reading."""
_MOST_NODES = 200_000
"""Values, those behind aliases counted each time: what is checked later meets each of them."""


class _OversizeError(Exception):
    """More values than a file may hold, or one that holds itself; says the line."""


@dataclass(frozen=True, slots=True)
class YamlFile:
    """Parsed YAML that remembers where each value stood."""

    name: str
    data: object
    lines: Mapping[Path, int]

    def at(self, path: Path) -> str:
        """Name the file and line of a value, or of the nearest thing around it.

        >>> read_yaml("a.yaml", "x:\\n  y: 1\\n", []).at(("x", "y", 0))
        'a.yaml:2'
        """
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return f"{self.name}:{self.lines[path[:end]]}"
        return f"{self.name}:1"


def read_yaml(name: str, text: str, faults: list[str]) -> YamlFile:
    """Parse one document; a syntax fault or a key given twice is added to `faults` and gives empty data."""
    lines: dict[Path, int] = {}
    if deep := _too_deep(text):
        faults.append(f"{name}:{deep}: nest less deeply than {_DEEPEST} levels")
        return YamlFile(name, None, {})
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        data = None
        if node is not None:
            _walk(node, (), lines, name, faults)
            data = loader.construct_document(node)
    except _OversizeError as error:
        faults.append(f"{name}:{error}: write out fewer aliases, none within itself")
        return YamlFile(name, None, {})
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        faults.append(f"{name}:{line}: mend the YAML: {error.problem or error}")
        return YamlFile(name, None, {})
    except (yaml.YAMLError, ValueError) as error:
        faults.append(f"{name}:1: mend the YAML: {error}")
        return YamlFile(name, None, {})
    finally:
        loader.dispose()
    return YamlFile(name, data, lines)


def check_model(
    model: type[M],
    name: str,
    text: str | None,
    faults: list[str],
    overrides: Mapping[Path, object] | None = None,
) -> M | None:
    """Read `text` into `model`; adds each fault to `faults` and then returns None.

    `overrides` replace values by path, as environment variables do. A text of None (already
    reported as missing) gives None.
    """
    if text is None:
        return None
    before = len(faults)
    file = read_yaml(name, text, faults)
    if len(faults) > before:
        return None
    data = file.data if file.data is not None else {}
    if not isinstance(data, dict):
        faults.append(f"{name}:1: write 'key: value' lines at the top level")
        return None
    for path, value in (overrides or {}).items():
        _put(data, path, value)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for item in error.errors(include_url=False):
            path = tuple(item["loc"])
            faults.append(
                f"{file.at(path)}: {'.'.join(map(str, path)) or 'file'}: {_advice(item['type'], item['msg'])}"
            )
        return None


def _advice(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "remove this unknown key"
    words = message.removeprefix("Value error, ")
    return words[:1].lower() + words[1:]


def _walk(node: yaml.Node, path: Path, lines: dict[Path, int], name: str, faults: list[str]) -> None:
    lines.setdefault(path, node.start_mark.line + 1)
    if len(path) > _DEEPEST or len(lines) > _MOST_NODES:
        raise _OversizeError(node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        seen: set[object] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                faults.append(f"{name}:{key.start_mark.line + 1}: write a plain key")
                continue
            if key.value in seen:
                faults.append(f"{name}:{key.start_mark.line + 1}: the key {key.value!r} stands here twice")
            seen.add(key.value)
            lines[(*path, key.value)] = key.start_mark.line + 1
            _walk(value, (*path, key.value), lines, name, faults)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _walk(value, (*path, index), lines, name, faults)


def _too_deep(text: str) -> int:
    """The line on which values nest too deeply, or 0; without reading them, which would recurse."""
    depth = 0
    try:
        for event in yaml.parse(text, _Loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                return event.start_mark.line + 1 if event.start_mark else 1
    except yaml.YAMLError:
        pass  # named by whoever reads it
    return 0


def _put(data: dict[object, object], path: Path, value: object) -> None:
    for part in path[:-1]:
        inner = data.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        data = inner
    data[path[-1]] = value
