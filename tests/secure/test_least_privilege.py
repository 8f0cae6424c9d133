"""Every service works with the grants of config/acls.yaml, uses each of them, and is refused all else."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourceType,
)

from pipeline.contract.errors import RefusedError
from pipeline.contract.topics import ARTICLES, CLOCK, EVENTS, METRICS, RECEIPTS, TOPICS
from pipeline.grants import CLUSTER, Grant
from pipeline.transport import acls
from pipeline.transport.kafka import KafkaPublisher, tail
from pipeline.transport.lag import group_lag
from pipeline.transport.layout import Layout, admin_client, apply
from tests.secure.broker import ADMIN, SecureBroker
from tests.secure.conftest import GRANTS, PRINCIPALS, STALE, Ran

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
REPLAYED = 1
"""Dead letters that the mender has sent again, on each of the two topics; they die again."""
IMPLIED = {
    "read": {"describe"},
    "write": {"describe"},
    "alter": {"describe"},
    "delete": {"describe"},
    "alter_configs": {"describe_configs"},
}
"""What Kafka lets whoever may do the first do as well (its security documentation, authorization)."""


def closure(grants: frozenset[Grant]) -> set[Grant]:
    """The grants, and what they imply."""
    return set(grants) | {
        Grant(g.principal, g.kind, g.name, also) for g in grants for also in IMPLIED.get(g.operation, ())
    }


def test_each_service_works_as_its_own_principal(ran: Ran) -> None:
    assert ran.said["poller"][0] == 0, ran.said["poller"][1]
    assert ran.said["dlq replay"][0] == 0, ran.said["dlq replay"][1]
    assert ran.counts[ARTICLES.name] == 3 + 1 + REPLAYED
    assert ran.counts[RECEIPTS.name] == 3
    assert ran.counts[ARTICLES.dlq] == ran.counts[EVENTS.dlq] == 1 + REPLAYED
    assert ran.counts[EVENTS.name] == 3 + 1 + REPLAYED
    assert "axis|ewm30d" in ran.tables[METRICS.name]
    for topic in TOPICS:
        poison = topic in (ARTICLES, EVENTS)
        stale = not topic.compacted and poison
        assert ran.read[topic.name] > 0 or topic.name in STALE, topic.name
        assert ran.read[topic.name] <= ran.counts[topic.name] - stale, topic.name


def test_the_aggregator_takes_back_what_a_former_life_said(ran: Ran) -> None:
    for name, (key, value) in STALE.items():
        assert ran.tables[name].get(key) != value, name
    assert len(ran.tables[CLOCK.name]) == 1


def test_the_operator_sees_all_is_well(ran: Ran) -> None:
    for words in ("doctor", "lag --json", "topics diff", "acls diff"):
        assert ran.said[words][0] == 0, ran.said[words][1]
    assert "to operator by SCRAM-SHA-512 over TLS" in ran.said["doctor"][1]
    assert "the broker agrees with acls.yaml" in ran.said["acls diff"][1]
    rows = json.loads(ran.said["lag --json"][1])["partitions"]
    assert {row["behind"] for row in rows} == {0}


def test_every_grant_was_used_and_nothing_else_was_asked_for(ran: Ran) -> None:
    asked = {grant for grant in ran.allowed if grant.principal in PRINCIPALS}
    assert asked & GRANTS == GRANTS, sorted(g.told() for g in GRANTS - asked)
    assert asked <= closure(GRANTS), sorted(g.told() for g in asked - closure(GRANTS))
    assert ran.denied == frozenset(), sorted(g.told() for g in ran.denied)


def test_the_broker_lets_each_principal_do_that_and_no_more(broker: SecureBroker, ran: Ran) -> None:
    names = sorted(ran.pipeline.settings.topics.topics)
    groups = ("blocwatch-extractor", "blocwatch-aggregator")
    may = closure(GRANTS)
    for who in PRINCIPALS:
        with admin_client(broker.as_user(who)) as admin:
            told = {
                Grant(who, "topic", topic["name"], operation.lower())
                for topic in admin.describe_topics(names)
                if topic["error_code"] == 0
                for operation in topic["authorized_operations"]
            }
            told |= {
                Grant(who, "cluster", CLUSTER, operation.lower())
                for operation in admin.describe_cluster()["authorized_operations"]
            }
        assert told == {g for g in may if g.principal == who and g.kind in ("topic", "cluster")}, who
        for group in groups:
            visible = any(g.principal == who and g.name == group for g in GRANTS)
            topic = ARTICLES.name if group.endswith("extractor") else EVENTS.name
            if visible:
                assert group_lag(broker.as_user(who), group, topic)
            else:
                with pytest.raises(RefusedError, match=f"User:{who}"):
                    group_lag(broker.as_user(who), group, topic)


def test_what_is_not_granted_is_refused_when_tried(broker: SecureBroker, ran: Ran) -> None:
    names = sorted(ran.pipeline.settings.topics.topics)
    tried = [
        (who, operation, name)
        for who in PRINCIPALS
        for name in names
        for operation in ("read", "write")
        if Grant(who, "topic", name, operation) not in GRANTS
    ]
    before = dict(ran.counts)
    with ThreadPoolExecutor(4) as pool:
        done = dict(zip(tried, pool.map(lambda one: _refused(broker, *one), tried), strict=True))
    assert [one for one, refused in done.items() if not refused] == []
    # among them those that matter most
    assert {
        ("extractor", "write", METRICS.name), ("poller", "read", EVENTS.name),
        ("poller", "write", EVENTS.name),
        ("aggregator", "write", EVENTS.name), *(("reader", "write", name) for name in names),
        *(("operator", "write", name) for name in names),
    } <= done.keys()  # fmt: skip
    operator = broker.as_user("operator")
    assert {name: sum(1 for _ in tail(operator, [name])) for name in before} == before


def _refused(broker: SecureBroker, who: str, operation: str, name: str) -> bool:
    login = broker.as_user(who)
    if operation == "read":
        try:
            next(tail(login, [name]), None)
        except RefusedError as error:
            return f"User:{who}" in str(error)
        return False
    publisher = KafkaPublisher(login, 1_000_000, 60)
    try:
        publisher.send(name, "intruder", b"intruder")
        publisher.flush()
    except RefusedError as error:
        return f"User:{who}" in str(error)
    finally:
        publisher.close()
    return False


def test_a_publisher_says_what_it_may_not_do(broker: SecureBroker, ran: Ran) -> None:
    publisher = KafkaPublisher(broker.as_user("reader"), 1_000_000, 30)

    def publish() -> None:
        publisher.send(EVENTS.name, "k", b"v")
        publisher.flush()

    with pytest.raises(RefusedError, match=r"does not let User:reader .*AuthorizationFailed.*acls apply"):
        publish()
    publisher.close()


def test_only_the_super_user_grants(broker: SecureBroker) -> None:
    with pytest.raises(RefusedError, match="User:operator"):
        acls.set_passwords(broker.as_user("operator"), {"poller": "stolen"}, "SCRAM-SHA-512")
    with pytest.raises(RefusedError, match="User:operator"):
        acls.apply(broker.as_user("operator"), [*GRANTS, Grant("operator", "topic", EVENTS.name, "write")])
    with pytest.raises(RefusedError, match="User:reader"):
        acls.compare(broker.as_user("reader"), GRANTS)
    with pytest.raises(RefusedError, match="User:operator"):
        apply(broker.as_user("operator"), {"coalition.new.v1": Layout(1, 1, {})})


def test_whoever_is_nobody_may_nothing(broker: SecureBroker, ran: Ran) -> None:
    with pytest.raises(RefusedError, match="does not let this client"):
        next(tail(broker.doors.plain, [METRICS.name]))


def test_grants_beyond_the_file_are_told_and_taken_back(broker: SecureBroker) -> None:
    admin = broker.as_user(ADMIN)
    events = ResourcePattern(ResourceType.TOPIC, EVENTS.name)
    every = ResourcePattern(ResourceType.TOPIC, "coalition.", ACLResourcePatternType.PREFIXED)
    allow = ACLPermissionType.ALLOW
    extra = ACL("User:reader", "*", ACLOperation.WRITE, allow, events)
    guest = ACL("User:guest", "10.0.0.1", ACLOperation.READ, allow, every)
    with admin_client(admin) as client:
        assert not client.create_acls([extra, guest])["failed"]
    told = ["beyond acls.yaml: User:reader may write topic coalition.events.v1",
            "of others: User:guest may read topics that begin with coalition. from 10.0.0.1"]  # fmt: skip
    assert [difference.words for difference in acls.compare(admin, GRANTS)] == told
    acls.apply(admin, GRANTS, prune=True)
    assert [difference.words for difference in acls.compare(admin, GRANTS)] == told[1:]
    acls.apply(admin, [*GRANTS, Grant("guest", "topic", EVENTS.name, "read")], prune=True)
    acls.apply(admin, [*GRANTS, Grant("guest", "topic", CLOCK.name, "read")], prune=True)
    left = acls.compare(admin, GRANTS)
    assert [difference.words for difference in left] == [
        "of others: User:guest may read topic coalition.clock.v1"
    ]


def test_a_worker_that_loses_its_group_ends_and_says_why(broker: SecureBroker, ran: Ran) -> None:
    lost = Grant("aggregator", "group", "blocwatch-aggregator", "read")
    acls.apply(broker.as_user(ADMIN), GRANTS - {lost}, prune=True)
    worker = ran.pipeline.workers["aggregator"]
    deadline = time.monotonic() + 120
    while worker.poll() is None:
        assert time.monotonic() < deadline, ran.pipeline.logs()
        time.sleep(0.2)
    acls.apply(broker.as_user(ADMIN), GRANTS)
    said = (ran.pipeline.folder / "aggregator.log").read_text()
    assert worker.returncode == 1
    assert "does not let User:aggregator do this: reading as group blocwatch-aggregator" in said
