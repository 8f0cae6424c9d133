"""Publishes a topic in Confluent's wire format, for tools that read only what a Schema Registry knows.

    python registry.py metrics-history --registry http://localhost:8081 [--once]

registers the record's JSON Schema under the subject `registry.coalition.metrics-history.v1-value` and writes
each record to the topic `registry.coalition.metrics-history.v1`: a zero byte, the schema's id in four bytes,
the same JSON. The topic must exist (kafka-topics --create …). BLOCWATCH_KAFKA names the broker.
"""

import argparse
import json
import os
import struct
import sys
import urllib.request
from collections import deque
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from pipeline.client import changes
from pipeline.client.access import broker_of
from pipeline.client.choice import topic_of
from pipeline.contract.codec import encode
from pipeline.contract.errors import PipelineError
from pipeline.contract.export import json_schemas
from pipeline.transport.connection import client_arguments


def register(registry: str, subject: str, schema: dict[str, object]) -> int:
    """Register a JSON Schema; returns its id, the same one for the same schema."""
    request = urllib.request.Request(
        f"{registry.rstrip('/')}/subjects/{subject}/versions",
        data=json.dumps({"schemaType": "JSON", "schema": json.dumps(schema)}).encode(),
        headers={"Content-Type": "application/vnd.schemaregistry.v1+json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return int(json.load(answer)["id"])


def frame(schema_id: int, value: bytes) -> bytes:
    """Put Confluent's five bytes in front of a value."""
    return struct.pack(">bI", 0, schema_id) + value


def main() -> None:
    """Copy one topic until Ctrl-C, or to its present end with --once."""
    parser = argparse.ArgumentParser(description="A topic in Confluent's wire format.")
    parser.add_argument("topic")
    parser.add_argument("--registry", default="http://localhost:8081")
    parser.add_argument("--once", action="store_true")
    arguments = parser.parse_args()
    try:
        source = topic_of(arguments.topic)
        target = f"registry.{source.name}"
        schema_id = register(arguments.registry, f"{target}-value", json_schemas()[source.model.__name__])
        broker = broker_of(None, {}, os.environ)
        producer = KafkaProducer(**client_arguments(broker), allow_auto_create_topics=False)
        waiting: deque[Any] = deque()
        try:
            for change in changes(source.name, follow=not arguments.once):
                value = None if change.record is None else frame(schema_id, encode(change.record))
                waiting.append(producer.send(target, key=change.key.encode(), value=value))
                if len(waiting) > 1000:
                    waiting.popleft().get(60)  # raises what went wrong
            while waiting:
                waiting.popleft().get(60)
        finally:
            producer.close()
    except (PipelineError, KafkaError, OSError) as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
