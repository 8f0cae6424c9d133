"""Models in; JSON Schema and AsyncAPI 3 documents out, so that nobody writes them by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.contract.codec import FETCHED_AT
from pipeline.contract.deadletter import FIRST_HEADERS, OWN_HEADERS, READ_TOPICS
from pipeline.contract.examples import examples_of
from pipeline.contract.topics import EVENTS, TOPICS, Topic

Schema = dict[str, Any]
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PAYLOAD_FORMAT = "application/schema+json;version=draft-2020-12"
_BINDING = {"bindingVersion": "0.5.0"}
_CLOUDEVENTS = {
    "ce_specversion": ("Version of CloudEvents.", "1.0"),
    "ce_id": ("Hash of key and value, 32 hex digits: a repeat of a record has the same.", None),
    "ce_source": ("Who writes.", "blocwatch"),
    "ce_type": ("Name of the topic, which says record and version.", None),
    "ce_time": ("When it was sent, RFC 3339, UTC: the only wall-clock time of a message.", None),
    "content-type": ("Of the value.", "application/json"),
}
_FURTHER = {
    EVENTS.name: {FETCHED_AT: ("When the poller fetched the article, RFC 3339, UTC; not always known.", None)}
}
"""Headers that only some topics have."""


def json_schemas() -> dict[str, Schema]:
    """JSON Schema (draft 2020-12) of each record, by model name, each field with an example.

    `required` names what every record of this version has; a field that came later has a default.
    """
    schemas: dict[str, Schema] = {}
    for topic in TOPICS:
        if topic.model.__name__ not in schemas:
            schemas[topic.model.__name__] = {"$schema": _DIALECT, **_schema(topic)}
    return schemas


def asyncapi() -> Schema:
    """One AsyncAPI 3 document: a channel a topic, with its key, clean-up policy, headers and examples."""
    channels = {topic.name: _channel(topic) for topic in TOPICS}
    channels |= {topic.dlq: _dead_letter_channel(topic) for topic in READ_TOPICS}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "blocwatch",
            "version": "1",
            "description": "Coalition-strength metrics from the news. Values are JSON; CloudEvents 1.0 "
            "attributes travel as headers in binary mode. A message without a value on a compacted topic "
            "deletes its key.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"local": {"host": "localhost:9092", "protocol": "kafka"}},
        "channels": channels,
        "operations": {
            f"read.{name}": {
                "action": "receive",
                "channel": {"$ref": f"#/channels/{name}"},
                "bindings": {"kafka": _BINDING},
            }
            for name in channels
        },
        "components": {
            "messages": {
                # Reversed, so that of topics that share a record the first gives the examples' headers.
                **{topic.model.__name__: _message(topic) for topic in reversed(TOPICS)},
                "DeadLetter": _dead_letter(),
            }
        },
    }


def _schema(topic: Topic) -> Schema:
    """The model's schema; what has no example of its own takes it from the example messages."""
    schema = topic.model.model_json_schema(mode="validation")
    for example in examples_of(topic.model):
        for part, value in _parts(schema, example.payload, schema.get("$defs", {})):
            for name, field in part.get("properties", {}).items():
                if value.get(name) not in (None, []) and not field.get("examples"):
                    field["examples"] = [value[name]]
    return schema


def _parts(schema: Schema, value: Any, known: dict[str, Schema]) -> Iterator[tuple[Schema, Schema]]:
    """Yield each record within a value, itself first, with its schema."""
    for one in schema.get("anyOf", ()):
        yield from _parts(one, value, known)
    if "$ref" in schema:
        yield from _parts(known[schema["$ref"].rpartition("/")[2]], value, known)
    elif isinstance(value, dict) and "properties" in schema:
        yield schema, value
        for name, field in schema["properties"].items():
            yield from _parts(field, value.get(name), known)
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for inner in value:
            yield from _parts(schema["items"], inner, known)


def _channel(topic: Topic) -> Schema:
    name = topic.model.__name__
    return {
        "address": topic.name,
        "description": topic.summary,
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {"kafka": _layout(topic.name, "compact" if topic.compacted else "delete")},
    }


def _message(topic: Topic) -> Schema:
    name = topic.model.__name__
    return {
        "name": name,
        "contentType": "application/json",
        "summary": (topic.model.__doc__ or name).partition("\n")[0],
        "headers": {
            "type": "object",
            "required": list(_CLOUDEVENTS),
            "properties": {
                header: {"type": "string", "description": words, **({"const": fixed} if fixed else {})}
                for header, (words, fixed) in (_CLOUDEVENTS | _FURTHER.get(topic.name, {})).items()
            },
        },
        "payload": {"schemaFormat": _PAYLOAD_FORMAT, "schema": {"$ref": f"{name}.schema.json"}},
        "bindings": {"kafka": {"key": {"type": "string"}, **_BINDING}},
        "examples": [
            {
                "name": example.name,
                "summary": example.summary,
                "headers": example.message(topic)[2],
                "payload": example.payload,
            }
            for example in examples_of(topic.model)
        ],
    }


def _dead_letter_channel(topic: Topic) -> Schema:
    return {
        "address": topic.dlq,
        "description": f"records of {topic.name} that could not be used, with their bytes and the reason",
        "messages": {"DeadLetter": {"$ref": "#/components/messages/DeadLetter"}},
        "bindings": {"kafka": _layout(topic.dlq, "delete")},
    }


def _dead_letter() -> Schema:
    return {
        "name": "DeadLetter",
        "contentType": "application/octet-stream",
        "summary": "The original bytes, key and headers of a record that a worker could not use.",
        "headers": {
            "type": "object",
            "required": list(FIRST_HEADERS),
            "properties": {
                header: {"type": "string", "description": words} for header, words in OWN_HEADERS.items()
            },
        },
        "bindings": {"kafka": _BINDING},
    }


def _layout(name: str, policy: str) -> Schema:
    return {"topic": name, "topicConfiguration": {"cleanup.policy": [policy]}, **_BINDING}
