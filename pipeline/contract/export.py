"""Models in; JSON Schema and AsyncAPI 3 documents out, so that nobody writes them by hand."""

from __future__ import annotations

from typing import Any

from pipeline.contract.topics import TOPICS, Topic


def json_schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema (draft 2020-12) of each record, by model name."""
    schemas: dict[str, dict[str, Any]] = {}
    for topic in TOPICS:
        schema = topic.model.model_json_schema(mode="serialization")
        schemas[topic.model.__name__] = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return schemas


def asyncapi() -> dict[str, Any]:
    """One AsyncAPI 3 document: a channel a topic, with its key, clean-up policy and message."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "blocwatch",
            "version": "1",
            "description": "Coalition-strength metrics from the news. Values are JSON; CloudEvents 1.0 "
            "attributes travel as headers in binary mode.",
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": {
            f"read.{topic.name}": {"action": "receive", "channel": {"$ref": f"#/channels/{topic.name}"}}
            for topic in TOPICS
        },
        "components": {"messages": {topic.model.__name__: _message(topic) for topic in TOPICS}},
    }


def _channel(topic: Topic) -> dict[str, Any]:
    policy = "compact" if topic.compacted else "delete"
    name = topic.model.__name__
    return {
        "address": topic.name,
        "description": topic.summary,
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {"kafka": {"topic": topic.name, "topicConfiguration": {"cleanup.policy": [policy]}}},
    }


def _message(topic: Topic) -> dict[str, Any]:
    name = topic.model.__name__
    return {
        "name": name,
        "headers": {
            "type": "object",
            "properties": {
                attribute: {"type": "string"}
                for attribute in ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time")
            },
        },
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": f"{name}.schema.json"},
        },
        "bindings": {"kafka": {"key": {"type": "string"}}},
    }
