"""The contract's documents: complete, valid by their own standards, not stale, and breaking nobody."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pipeline.cli.schema import PUBLISHED, published_breaks, run_schema
from pipeline.contract.codec import decode
from pipeline.contract.compatibility import breaks
from pipeline.contract.errors import ConfigError
from pipeline.contract.examples import Example, examples_of
from pipeline.contract.export import asyncapi, json_schemas
from pipeline.contract.topics import BY_NAME, TOPICS, Topic

ROOT = Path(__file__).parent.parent.parent
CONTRACT = ROOT / "docs" / "contract"
SCHEMAS = json_schemas()
MESSAGES = [(topic, example) for topic in TOPICS for example in examples_of(topic.model)]


def fields() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field of every record and of the records within them, by name."""
    for name, schema in SCHEMAS.items():
        for part in (schema, *schema.get("$defs", {}).values()):
            for field, facts in part.get("properties", {}).items():
                yield f"{name}.{part['title']}.{field}", facts


def kinds(facts: dict[str, Any]) -> set[str | None]:
    """The JSON types that a field may have."""
    return {one.get("type") for one in facts.get("anyOf", [facts])}


def is_number(facts: dict[str, Any]) -> bool:
    """Whether a field is a number or a pair of numbers."""
    pairs = [item for one in facts.get("anyOf", [facts]) for item in one.get("prefixItems", ())]
    return bool({"number", "integer"} & (kinds(facts) | {item["type"] for item in pairs}))


def test_every_field_says_what_it_is_in_which_unit_and_for_example() -> None:
    lacking = [f"{name}: description" for name, facts in fields() if not facts.get("description")]
    lacking += [f"{name}: example" for name, facts in fields() if not facts.get("examples")]
    lacking += [f"{name}: unit" for name, facts in fields() if is_number(facts) and "x-unit" not in facts]
    assert lacking == []


def test_the_fields_own_examples_are_valid() -> None:
    for name, schema in SCHEMAS.items():
        for part in (schema, *schema.get("$defs", {}).values()):
            for field, facts in part.get("properties", {}).items():
                check = jsonschema.Draft202012Validator({**facts, "$defs": schema.get("$defs", {})})
                for example in facts["examples"]:
                    assert list(check.iter_errors(example)) == [], f"{name}.{field}"


@pytest.mark.parametrize(("topic", "example"), MESSAGES, ids=lambda one: getattr(one, "name", ""))
def test_examples_are_messages(topic: Topic, example: Example) -> None:
    key, value, marks = example.message(topic)
    assert json.loads(value) == example.payload  # in full: no field is left to its default
    assert list(json.loads(value)) == list(topic.model.model_fields)
    assert topic.key(decode(topic.model, value)) == key
    schema = SCHEMAS[topic.model.__name__]
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    check.validate(example.payload)
    jsonschema.validate(marks, asyncapi()["components"]["messages"][topic.model.__name__]["headers"])
    assert marks["ce_type"] == topic.name


def test_asyncapi_is_valid_by_its_own_schema() -> None:
    packed = ROOT / "tests" / "golden" / "asyncapi" / "3.0.0.schema.json.gz"
    check = jsonschema.Draft7Validator(json.loads(gzip.decompress(packed.read_bytes())))
    assert [f"{list(e.absolute_path)}: {e.message[:200]}" for e in check.iter_errors(asyncapi())] == []
    broken = asyncapi()
    broken["channels"]["coalition.clock.v1"]["bindings"]["kafka"]["partitions"] = "one"
    assert list(check.iter_errors(broken))  # the bindings are looked at too


def test_asyncapi_names_every_topic_and_refers_to_what_exists() -> None:
    document = asyncapi()
    letters = {"coalition.articles.v1.dlq", "coalition.events.v1.dlq"}
    assert set(document["channels"]) == {topic.name for topic in TOPICS} | letters
    assert {topic.name for topic in TOPICS} == set(BY_NAME)
    for channel in document["channels"].values():
        for message in channel["messages"].values():
            assert message["$ref"].rpartition("/")[2] in document["components"]["messages"]
    for message in document["components"]["messages"].values():
        if "payload" in message:
            assert (CONTRACT / message["payload"]["schema"]["$ref"]).is_file()


def test_the_committed_contract_is_not_stale() -> None:
    documents = {f"{name}.schema.json": schema for name, schema in SCHEMAS.items()}
    for name, document in {**documents, "asyncapi.json": asyncapi()}.items():
        assert json.loads((CONTRACT / name).read_text()) == document, f"run `make schema`: {name} is stale"
    assert {path.name for path in CONTRACT.glob("*.schema.json")} == set(documents)


def test_nothing_published_is_broken() -> None:
    assert {path.name for path in (CONTRACT / PUBLISHED).iterdir()} >= {
        f"{name}.schema.json" for name in SCHEMAS
    }
    assert published_breaks(CONTRACT, SCHEMAS) == []


def _drop(schema: dict[str, Any]) -> None:
    del schema["properties"]["outlet"]


def _retype(schema: dict[str, Any]) -> None:
    schema["properties"]["goldstein"]["type"] = "string"


def _require(schema: dict[str, Any]) -> None:
    schema["required"].append("retracted")


def _add_required(schema: dict[str, Any]) -> None:
    schema["properties"]["new"] = {"type": "string"}
    schema["required"].append("new")


def _narrow(schema: dict[str, Any]) -> None:
    schema["$defs"]["EventType"]["enum"].remove("AID")


def _nullable(schema: dict[str, Any]) -> None:
    schema["properties"]["url"] = {"anyOf": [{"type": "string"}, {"type": "null"}]}


def _bound(schema: dict[str, Any]) -> None:
    schema["properties"]["confidence"]["minimum"] = 0.5


def _loosen(schema: dict[str, Any]) -> None:
    schema["required"].remove("outlet")


def _deep(schema: dict[str, Any]) -> None:
    del schema["$defs"]["Evidence"]["properties"]["trigger"]


def _unit(schema: dict[str, Any]) -> None:
    schema["properties"]["goldstein"]["x-unit"] = "1"


def _shorten(schema: dict[str, Any]) -> None:
    schema["$defs"]["Evidence"]["properties"]["source_span"]["prefixItems"].pop()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_drop, "outlet: removed"),
        (_retype, "goldstein: number became string"),
        (_require, "retracted: newly required"),
        (_add_required, "new: newly required"),
        (_narrow, "type: no longer allows AID"),
        (_nullable, "url: may now be null"),
        (_bound, "confidence: minimum was 0, is 0.5"),
        (_loosen, "outlet: no longer always there"),
        (_deep, "evidence.trigger: removed"),
        (_unit, "goldstein: counted in Goldstein, now in 1"),
        (_shorten, "evidence.source_span: list of another form"),
    ],
)
def test_what_breaks_a_subscriber_is_named(change: Callable[[dict[str, Any]], None], words: str) -> None:
    changed = copy.deepcopy(SCHEMAS["Event"])
    change(changed)
    assert words in breaks(SCHEMAS["Event"], changed)


def test_what_breaks_nobody_passes() -> None:
    changed = copy.deepcopy(SCHEMAS["Event"])
    changed["properties"]["later"] = {"type": "string", "default": ""}
    changed["$defs"]["EventType"]["enum"].append("EXPEL")
    changed["properties"]["url"]["description"] = "Other words."
    assert breaks(SCHEMAS["Event"], changed) == []


def test_what_breaks_a_subscriber_is_not_published(tmp_path: Path) -> None:
    run_schema(tmp_path, publish=True)
    path = tmp_path / PUBLISHED / "Clock.schema.json"
    relied_on = json.loads(path.read_text())
    relied_on["properties"]["heartbeat"] = {"type": "string"}
    path.write_text(json.dumps(relied_on))
    with pytest.raises(ConfigError, match="heartbeat: removed; publish a new version"):
        run_schema(tmp_path, publish=True)
    assert json.loads(path.read_text()) == relied_on
