"""One broker with TLS, logins and ACLs for all tests here, and what the whole pipeline did on it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pytest

from pipeline.cli.topics import wanted
from pipeline.client import subscribe
from pipeline.contract.examples import examples_of
from pipeline.contract.topics import ARTICLES, EVENTS, TOPICS
from pipeline.grants import Grant
from pipeline.settings import load_settings
from pipeline.transport.kafka import KafkaPublisher, latest, tail
from pipeline.transport.layout import admin_client, apply
from pipeline.workers.aggregation import MARK
from pipeline.workers.aggregator import CHANGELOG
from tests.command import ROOT, blocwatch
from tests.feed_server import FeedServer
from tests.integration.test_run import GARBAGE, config, feed
from tests.kafka_broker import available
from tests.kafka_pipeline import COMPACTED, KafkaPipeline, lag
from tests.secure.broker import ADMIN, SecureBroker
from tests.secure.decisions import decisions

GRANTS = load_settings(ROOT / "config", {}).grants
PRINCIPALS = tuple(sorted({grant.principal for grant in GRANTS}))
STALE = {topic.name: examples_of(topic.model)[0].message(topic)[:2] for topic in COMPACTED}
"""What a former life said: a key and a value of every topic that the aggregator speaks on."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What the pipeline did, each service as its own principal; the workers still run."""

    pipeline: KafkaPipeline
    counts: Mapping[str, int]
    """Records that the operator finds on each topic."""
    tables: Mapping[str, Mapping[str, bytes]]
    """The newest values, as the reader finds them."""
    read: Mapping[str, int]
    """Records that a subscriber gets of each topic."""
    said: Mapping[str, tuple[int, str]]
    """Exit codes and outputs of the operator's commands."""
    allowed: frozenset[Grant]
    denied: frozenset[Grant]


@pytest.fixture(scope="package")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureBroker]:
    """A broker on which the users and the grants of config/acls.yaml are, by our own commands."""
    if reason := available():
        pytest.skip(f"LEFT OUT: no Kafka broker can run here: {reason}")
    with SecureBroker(tmp_path_factory.mktemp("secure")) as running:
        for name in PRINCIPALS:
            running.password(name)
        as_admin = running.environment(ADMIN)
        for arguments in (("users", "--passwords", str(running.folder)), ("apply",)):
            done = blocwatch("acls", *arguments, **as_admin)
            assert done.returncode == 0, done.stdout + done.stderr
        yield running


@pytest.fixture(scope="module")
def ran(broker: SecureBroker) -> Iterator[Ran]:
    """Feed, poller, extractor, aggregator, subscriber and operator, end to end, with poison on the way."""
    operator, folder = broker.as_user("operator"), broker.folder
    logins = {name: broker.environment(name) for name in PRINCIPALS}
    began = broker.log.stat().st_size
    with KafkaPipeline(operator, folder / "work", logins["operator"], logins) as pipeline:
        said = {}
        with FeedServer([feed(1, 2, 3)]) as server, FeedServer([GARBAGE]) as garbage:
            config(folder / "config", server.url, garbage.url)
            done = blocwatch(
                "run", "poller", "--once", **logins["poller"], BLOCWATCH_CONFIG=str(folder / "config"),
                BLOCWATCH_STATE=str(folder / "poller"), BLOCWATCH_ALLOW_LOCAL_FEEDS="true",
            )  # fmt: skip
            said["poller"] = (done.returncode, done.stdout + done.stderr)
        publisher = KafkaPublisher(broker.as_user(ADMIN), 1_000_000, 60)
        for name, (key, value) in STALE.items():
            publisher.send(name, key, value)
        publisher.send(CHANGELOG, MARK, b"of a former life")
        publisher.send(ARTICLES.name, "poison", b"poison")
        publisher.flush()
        pipeline.start("extractor")
        deadline = time.monotonic() + 240
        while lag(operator, "extractor"):
            assert time.monotonic() < deadline, pipeline.logs()
            time.sleep(0.3)
        # Behind the events: an aggregator that knows of none has nothing to compare a former life with.
        publisher.send(EVENTS.name, "poison", b"poison")
        publisher.close()
        pipeline.start("aggregator")
        pipeline.drain(240)
        done = blocwatch("dlq", "replay", "--yes", **logins["mender"])
        said["dlq replay"] = (done.returncode, done.stdout + done.stderr)
        pipeline.drain(240)
        _administer(broker, pipeline)
        for words in ("doctor", "lag --json", "topics diff", "acls diff"):
            done = blocwatch(*words.split(), **pipeline.environment)
            said[words] = (done.returncode, done.stdout + done.stderr)
        reader = broker.as_user("reader")
        counts = {
            name: sum(1 for _ in tail(operator, [name]))
            for name in pipeline.settings.topics.topics
            if not name.endswith("-changelog")
        }
        with pytest.MonkeyPatch.context() as patch:
            for name, setting in logins["reader"].items():
                patch.setenv(name, setting)
            read = {t.name: sum(1 for _ in subscribe(t.name, follow=False, foreign="skip")) for t in TOPICS}
        allowed, denied = decisions(broker.log, began)
        tables = {topic.name: latest(reader, topic.name) for topic in COMPACTED}
        yield Ran(pipeline, counts, tables, read, said, frozenset(allowed), frozenset(denied))


def _administer(broker: SecureBroker, pipeline: KafkaPipeline) -> None:
    """What an operator does to topics over time: another size and back; a trial of more partitions."""
    operator, layouts = broker.as_user("operator"), wanted(pipeline.settings)
    larger = {"max.message.bytes": "2000000"}
    apply(operator, {name: replace(one, configs={**one.configs, **larger}) for name, one in layouts.items()})
    apply(operator, layouts)
    with admin_client(operator) as admin:
        admin.create_partitions(
            {name: one.partitions + 1 for name, one in layouts.items()}, validate_only=True
        )
