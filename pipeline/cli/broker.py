"""What `doctor` asks a broker: does it answer, at addresses we reach, with the topics, how far behind?"""

from __future__ import annotations

import socket
from collections.abc import Iterator

from pipeline.cli.finding import Finding
from pipeline.contract.errors import ConfigError, DependencyError, RefusedError
from pipeline.kafkasettings import KafkaSettings, SecuritySettings
from pipeline.settings import Settings

_REACH_S = 5.0
_BEHIND_S = 600.0
"""A stage further behind than this is told as a fault."""


def look_at_broker(settings: Settings) -> Iterator[Finding]:
    """Yield findings, each on the ground of the one before: nothing is asked of a broker that is away."""
    from pipeline.transport.kafka import advertised

    kafka = settings.pipeline.kafka
    bootstrap = kafka.bootstrap
    try:
        addresses = advertised(kafka)
    except (ConfigError, RefusedError) as error:
        yield Finding("Kafka", False, str(error), "see docs/how-to/secure-kafka.md", needed=False)
        return
    except DependencyError as error:
        mend = "docker compose up -d; where it runs elsewhere, export BLOCWATCH_KAFKA=host:port"
        yield Finding("Kafka", False, str(error), mend, needed=False)
        return
    yield Finding("Kafka", True, f"{bootstrap} answers{_how(kafka.security)}")
    listener = _listener(bootstrap, addresses)
    yield listener
    if listener.good:
        try:
            yield from _topics(settings)
            yield _lag(kafka)
        except RefusedError as error:
            yield Finding("topics", False, str(error), "blocwatch acls diff, as an operator", needed=False)
        except DependencyError as error:
            yield Finding("topics", False, str(error), "blocwatch topics apply", needed=False)


def _how(security: SecuritySettings) -> str:
    login = f", to {security.username} by {security.mechanism}" if security.logs_in else ""
    return f"{login} over TLS" if security.encrypts else f"{login} in plain text" if login else ""


def _listener(bootstrap: str, addresses: list[tuple[str, int]]) -> Finding:
    shown = ", ".join(f"{host}:{port}" for host, port in addresses) or "nothing"
    for host, port in addresses:
        try:
            socket.create_connection((host, port), timeout=_REACH_S).close()
        except OSError as error:
            words = f"{bootstrap} sends clients on to {host}:{port}, which cannot be reached here: {error}"
            mend = (
                f"set KAFKA_ADVERTISED_LISTENERS of the broker to an address that this machine reaches "
                f"(see docker-compose.yml), or use the door for programs like this one; it said {shown}"
            )
            return Finding("advertised listener", False, words, mend, needed=False)
    return Finding("advertised listener", bool(addresses), f"clients are sent to {shown}, which answers")


def _topics(settings: Settings) -> Iterator[Finding]:
    from pipeline.cli.topics import wanted
    from pipeline.transport.layout import compare

    different = compare(settings.pipeline.kafka, wanted(settings))
    if not different:
        yield Finding("topics", True, f"{len(settings.topics.topics)}, all as in topics.yaml")
    for difference in different:
        mend = "blocwatch topics apply"
        if not difference.mendable:
            mend = (
                "Kafka cannot take partitions away: put its number into topics.yaml, or make the topic anew"
            )
        words = f"{difference.topic}: {difference.words}"
        yield Finding("topic", False, words, mend, needed=False)


def _lag(kafka: KafkaSettings) -> Finding:
    from pipeline.cli.lag import READERS, duration, over
    from pipeline.transport.lag import group_lag

    told, late = [], False
    for stage, topic in READERS.items():
        lags = group_lag(kafka, f"blocwatch-{stage}", topic)
        oldest = max(lags, key=lambda lag: lag.behind_s or 0.0)
        told.append(f"{stage} {sum(lag.behind for lag in lags)} records, {duration(oldest.behind_s)}")
        late = late or over(lags, _BEHIND_S)
    mend = "blocwatch lag; docker compose ps; for the extractor: docker compose up -d --scale extractor=4"
    return Finding("behind", not late, "; ".join(told), mend, needed=False)
