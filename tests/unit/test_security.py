"""How to reach a broker, and who may do what there: what is refused before anybody is asked."""

from __future__ import annotations

import json
import re
import ssl
from pathlib import Path

import pytest
from pydantic import ValidationError

from pipeline.cli.lag import READERS
from pipeline.client import SubscriptionError, subscribe
from pipeline.contract.deadletter import READ_TOPICS
from pipeline.contract.errors import ConfigError
from pipeline.contract.topics import ARTICLES, EVENTS, RECEIPTS, TOPICS
from pipeline.grants import CLUSTER, Grant, load_grants
from pipeline.kafkasettings import KafkaSettings, SecuritySettings
from pipeline.settings import load_settings
from pipeline.transport.connection import client_arguments, stream_arguments, tls_context
from pipeline.web.readmodel import FOLDED
from pipeline.workers import aggregator, extractor
from pipeline.workers.aggregation import COMPACTED
from tests.command import ROOT, blocwatch
from tests.secure.certificates import Authority

SECRET = "correct horse battery staple"
CLIENT = re.compile(r"\b(KafkaConsumer|KafkaProducer|KafkaAdminClient|AIOKafka\w+|faust\.App)\(")


@pytest.fixture
def login(tmp_path: Path) -> SecuritySettings:
    """TLS and a login."""
    (tmp_path / "secret").write_text(SECRET + "\n")
    return SecuritySettings(
        protocol="SASL_SSL",
        ca_file=Authority(tmp_path).certificate,
        username="poller",
        password_file=tmp_path / "secret",
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"protocol": "SASL_SSL"}, "SASL_SSL needs username and password_file"),
        ({"protocol": "SSL", "username": "u", "password_file": "p"}, "with SSL nobody logs in"),
        ({"ca_file": "ca.pem"}, "PLAINTEXT does not encrypt"),
        ({"protocol": "SSL", "certificate_file": "c.pem"}, "belong together"),
        ({"protocol": "SASL_SSL", "username": "a,b=c", "password_file": "p"}, "username"),
        ({"protocol": "SASL_SSL", "username": "u", "password": "p"}, "Extra inputs"),
        ({"protocol": "TLS"}, "PLAINTEXT"),
        ({"mechanism": "PLAIN"}, "SCRAM-SHA-512"),
    ],
)
def test_settings_that_would_not_protect_are_refused(given: dict[str, str], words: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(words)):
        SecuritySettings.model_validate(given)


def test_the_environment_sets_every_field(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(ROOT / "config", {
        "BLOCWATCH_KAFKA_PROTOCOL": "SASL_SSL", "BLOCWATCH_KAFKA_CA_FILE": "/ca.pem",
        "BLOCWATCH_KAFKA_CERTIFICATE_FILE": "/own.pem", "BLOCWATCH_KAFKA_KEY_FILE": "/own.key",
        "BLOCWATCH_KAFKA_MECHANISM": "SCRAM-SHA-256", "BLOCWATCH_KAFKA_USERNAME": "poller",
        "BLOCWATCH_KAFKA_PASSWORD_FILE": "/run/secrets/poller",
    })  # fmt: skip
    assert settings.pipeline.kafka.security.model_dump(mode="json") == {
        "protocol": "SASL_SSL", "ca_file": "/ca.pem", "certificate_file": "/own.pem", "key_file": "/own.key",
        "mechanism": "SCRAM-SHA-256", "username": "poller", "password_file": "/run/secrets/poller",
    }  # fmt: skip
    with pytest.raises(ConfigError, match=r"kafka\.security: protocol SASL_SSL needs username"):
        load_settings(ROOT / "config", {"BLOCWATCH_KAFKA_PROTOCOL": "SASL_SSL"})
    monkeypatch.setenv("BLOCWATCH_KAFKA_PROTOCOL", "SASL_SSL")
    with pytest.raises(SubscriptionError, match="needs username"):
        subscribe("metrics")


def test_both_libraries_are_told_the_same(login: SecuritySettings) -> None:
    broker = KafkaSettings(bootstrap="a:1,b:2", security=login)
    ours, faust = client_arguments(broker), stream_arguments(broker)
    credentials = faust["broker_credentials"]
    assert ours["bootstrap_servers"] == ["a:1", "b:2"]
    assert faust["broker"] == ["kafka://a:1", "kafka://b:2"]
    assert (ours["security_protocol"], credentials.protocol.value) == ("SASL_SSL", "SASL_SSL")
    assert (ours["sasl_mechanism"], credentials.mechanism.value) == ("SCRAM-SHA-512", "SCRAM-SHA-512")
    assert (ours["sasl_plain_password"], credentials.password) == (SECRET, SECRET)
    for context in (ours["ssl_context"], credentials.ssl_context):
        assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)
        assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert SECRET not in repr(credentials) + repr(broker)


def test_without_security_nothing_but_the_address_is_said() -> None:
    assert client_arguments("a:1") == {"bootstrap_servers": ["a:1"], "security_protocol": "PLAINTEXT"}
    assert stream_arguments("a:1") == {"broker": ["kafka://a:1"]}


def test_files_that_cannot_be_used_are_named_and_not_told(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    pair, other = authority.sign("one", ("localhost",)), authority.sign("other", ("localhost",))
    garbage = tmp_path / "garbage"
    garbage.write_bytes(b"\xff" + SECRET.encode())
    (tmp_path / "empty").write_text("\n")

    def fault(**given: object) -> str:
        whole = {"protocol": "SASL_SSL", "username": "u", "password_file": garbage, **given}
        with pytest.raises(ConfigError) as caught:
            client_arguments(KafkaSettings(security=SecuritySettings.model_validate(whole)))
        return str(caught.value)

    missing = tmp_path / "missing"
    assert (
        fault(ca_file=missing)
        == f"kafka.security.ca_file: {missing} cannot be read: No such file or directory"
    )
    assert "holds no PEM certificate" in fault(ca_file=tmp_path / "empty")
    assert fault(password_file=missing).startswith("kafka.security.password_file")
    assert "is empty" in fault(password_file=tmp_path / "empty")
    assert "holds no text" in fault()
    assert SECRET not in fault()
    mixed = fault(certificate_file=pair.certificate, key_file=other.key)
    assert "are no PEM certificate and its key" in mixed
    good = SecuritySettings(protocol="SSL", certificate_file=pair.certificate, key_file=pair.key)
    assert tls_context(good).verify_mode is ssl.CERT_REQUIRED


def test_no_password_is_shown_by_config_show(login: SecuritySettings) -> None:
    environment = {
        "BLOCWATCH_KAFKA_PROTOCOL": "SASL_SSL", "BLOCWATCH_KAFKA_CA_FILE": str(login.ca_file),
        "BLOCWATCH_KAFKA_USERNAME": "poller", "BLOCWATCH_KAFKA_PASSWORD_FILE": str(login.password_file),
    }  # fmt: skip
    for arguments in (("config", "show"), ("config", "show", "--origin")):
        done = blocwatch(*arguments, **environment)
        assert str(login.password_file) in done.stdout
        assert SECRET not in done.stdout + done.stderr


def test_every_kafka_client_of_the_tree_is_made_with_the_same_arguments() -> None:
    made = 0
    for path in [*(ROOT / "pipeline").rglob("*.py"), *(ROOT / "examples").rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        for found in CLIENT.finditer(text):
            call = text[found.end() : text.index(")\n", found.end())]
            where = f"{path.relative_to(ROOT)}: {found[0]}"
            if path.name == "reading.py":
                assert "client_arguments(broker)" in text, where
            else:
                assert re.search(r"\*\*(client|stream)_arguments\(", call), where
            made += 1
        if path.name != "connection.py":
            assert "bootstrap_servers=" not in text, path
    assert made >= 7


def test_acls_are_read_strictly() -> None:
    text = """principals:
  poller:
    topics:
      coalition.articles.v1: [write, write]
      coalition.article.v1: [read]
  "*":
    topics: {coalition.events.v1: [read]}
  reader:
    topics:
      "coalition.*": [read]
      coalition.events.v1: [all]
      coalition.clock.v1: []
    groups: {g: [write]}
    cluster: [alter]
    hosts: [here]
"""
    with pytest.raises(ConfigError) as caught:
        load_grants("acls.yaml", text, {"coalition.articles.v1"})
    for line, words in {
        6: "principals.*", 10: "coalition.*", 11: "input should be 'read'", 12: "at least 1",
        13: "groups.g", 14: "cluster", 15: "unknown key",
    }.items():  # fmt: skip
        found = [fault for fault in caught.value.faults if fault.startswith(f"acls.yaml:{line}:")]
        assert any(words in fault for fault in found), (line, caught.value.faults)
    two = "\n".join(text.splitlines()[:5])
    with pytest.raises(ConfigError) as caught:
        load_grants("acls.yaml", two, {"coalition.articles.v1"})
    assert caught.value.faults == [
        "acls.yaml:4: User:poller may write topic coalition.articles.v1 stands here twice",
        "acls.yaml:5: there is no topic 'coalition.article.v1' in topics.yaml",
    ]


def test_a_grant_travels_as_it_is() -> None:
    rights = {"groups": {"g": ["read"]}, "transactional_ids": {"t": ["write"]}, "cluster": ["describe"]}
    text = json.dumps({"principals": {"a": rights}})
    assert load_grants("acls.yaml", text, set()) == {
        Grant("a", "group", "g", "read"),
        Grant("a", "transactional_id", "t", "write"),
        Grant("a", "cluster", "kafka-cluster", "describe"),
    }


def test_acls_yaml_grants_what_the_code_needs_and_nothing_else() -> None:
    """Who reads and writes what follows from the tables by which the code itself goes."""
    settings = load_settings(ROOT / "config", {})
    own = settings.topics.topics

    def topics(who: str, operation: str, *names: str) -> set[Grant]:
        return {Grant(who, "topic", name, operation) for name in names}

    needed = {
        *topics("poller", "write", ARTICLES.name),
        *topics("extractor", "read", ARTICLES.name),
        *topics("extractor", "write", EVENTS.name, RECEIPTS.name, ARTICLES.dlq),
        Grant("extractor", "group", extractor.GROUP, "read"),
        *topics("aggregator", "read", EVENTS.name, aggregator.CHANGELOG, *COMPACTED),
        *topics("aggregator", "write", EVENTS.dlq, aggregator.CHANGELOG, *COMPACTED),
        Grant("aggregator", "group", aggregator.GROUP, "read"),
        Grant("aggregator", "transactional_id", aggregator.CHANGELOG, "write"),
        *topics("reader", "read", *(topic.name for topic in TOPICS)),
        *topics("operator", "read", *(name for name in own if name != aggregator.CHANGELOG)),
        *(grant for operation in ("create", "alter", "alter_configs")
          for grant in topics("operator", operation, *own)),
        *(Grant("operator", "group", f"blocwatch-{stage}", "describe") for stage in READERS),
        Grant("operator", "cluster", CLUSTER, "describe"),
        *topics("mender", "read", *(topic.dlq for topic in READ_TOPICS)),
        *topics("mender", "write", *(topic.name for topic in READ_TOPICS)),
    }  # fmt: skip
    assert {topic.name for topic in FOLDED} <= {topic.name for topic in TOPICS}
    assert settings.grants - needed == frozenset(), "granted, but not needed"
    assert needed - settings.grants == set(), "needed, but not granted"
