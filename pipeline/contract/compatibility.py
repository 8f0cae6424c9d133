"""A published JSON Schema and today's in; every way in which readers of the published one would break, out.

Two promises are checked at once. Readers of the published version can read what is written today: nothing
that they rely on is gone, retyped, or null. And today's readers can read what was written then: nothing is
newly required or narrowed. An enumeration may gain values; that alone readers have to expect.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
_NARROWING = ("pattern", "format", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
              "minLength", "maxLength", "minItems", "maxItems")  # fmt: skip


def breaks(published: Schema, current: Schema) -> list[str]:
    """List what breaks, as 'path: what', in the order of the published fields; empty if nothing does.

    >>> breaks({"type": "object", "properties": {"a": {"type": "string"}}}, {"type": "object"})
    ['a: removed']
    """
    return list(_compare("", published, current, published, current))


def _compare(path: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema) -> Iterator[str]:
    old, old_null = _plain(old, old_root)
    new, new_null = _plain(new, new_root)
    if new_null and not old_null:
        yield f"{path}: may now be null"
    if old_null and not new_null:
        yield f"{path}: may no longer be null"
    if old.get("type") != new.get("type"):
        yield f"{path}: {old.get('type')} became {new.get('type')}"
        return
    yield from _narrowed(path, old, new)
    yield from _fields(path, old, new, old_root, new_root)
    yield from _items(path, old, new, old_root, new_root)


def _narrowed(path: str, old: Schema, new: Schema) -> Iterator[str]:
    if "enum" in new:
        gone = [value for value in old.get("enum", ["any value"]) if value not in new["enum"]]
        if gone:
            yield f"{path}: no longer allows {', '.join(map(str, gone))}"
    elif "enum" in old:
        yield f"{path}: is no longer an enumeration"
    for rule in _NARROWING:
        if old.get(rule) != new.get(rule):
            yield f"{path}: {rule} was {old.get(rule)}, is {new.get(rule)}"
    if old.get("x-unit") != new.get("x-unit"):
        yield f"{path}: counted in {old.get('x-unit')}, now in {new.get('x-unit')}"


def _fields(path: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema) -> Iterator[str]:
    old_fields, new_fields = old.get("properties", {}), new.get("properties", {})
    old_required, new_required = set(old.get("required", ())), set(new.get("required", ()))
    for name, field in old_fields.items():
        where = f"{path}.{name}" if path else name
        if name not in new_fields:
            yield f"{where}: removed"
            continue
        if name in new_required - old_required:
            yield f"{where}: newly required"
        if name in old_required - new_required:
            yield f"{where}: no longer always there"
        yield from _compare(where, field, new_fields[name], old_root, new_root)
    for name in new_fields:
        if name not in old_fields and name in new_required:
            yield f"{path}.{name}: newly required".lstrip(".")


def _items(path: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema) -> Iterator[str]:
    old_items, new_items = _item_list(old), _item_list(new)
    if len(old_items) != len(new_items) or ("prefixItems" in old) != ("prefixItems" in new):
        yield f"{path}: list of another form"
        return
    for before, after in zip(old_items, new_items, strict=True):
        yield from _compare(f"{path}[]", before, after, old_root, new_root)


def _item_list(schema: Schema) -> list[Schema]:
    if "prefixItems" in schema:
        return list(schema["prefixItems"])
    return [schema["items"]] if isinstance(schema.get("items"), dict) else []


def _plain(schema: Schema, root: Schema) -> tuple[Schema, bool]:
    """Follow references and take `null` out of a choice; other keywords beside them stay."""
    beside = {key: value for key, value in schema.items() if key not in ("$ref", "anyOf")}
    if "$ref" in schema:
        found, null = _plain(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
        return {**found, **beside}, null
    if "anyOf" in schema:
        others = [one for one in schema["anyOf"] if one.get("type") != "null"]
        null = len(others) < len(schema["anyOf"])
        if len(others) != 1:
            return {**beside, "type": [_plain(one, root)[0].get("type") for one in others]}, null
        found, inner = _plain(others[0], root)
        return {**found, **beside}, null or inner
    return schema, False
