"""A subscriber's address, own settings and environment in; the broker, and how to speak to it, out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from pipeline.client.errors import SubscriptionError
from pipeline.kafkasettings import KafkaSettings, security_from
from pipeline.transport.connection import Broker

OWN_ACCESS = frozenset({
    "security_protocol", "ssl_context", "ssl_cafile", "ssl_certfile", "ssl_keyfile", "ssl_password",
    "ssl_check_hostname", "sasl_mechanism", "sasl_plain_username", "sasl_plain_password",
})  # fmt: skip
"""Settings of kafka-python; who gives one of them says all about TLS and login that way."""


def broker_of(bootstrap: str | None, kafka: Mapping[str, Any], environ: Mapping[str, str]) -> Broker:
    """Name the broker; SubscriptionError where the environment asks for what cannot be.

    >>> broker_of("kafka:9093", {}, {"BLOCWATCH_KAFKA_PROTOCOL": "SSL"}).security.protocol
    'SSL'
    """
    address = bootstrap or environ.get("BLOCWATCH_KAFKA") or "localhost:9092"
    if set(kafka) & OWN_ACCESS:
        return address
    try:
        return KafkaSettings(bootstrap=address, security=security_from(environ))
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'kafka.security'}: {item['msg']}" for item in error.errors()
        )
        raise SubscriptionError(f"the broker's address or BLOCWATCH_KAFKA_…: {faults}") from error
