"""How to reach a Kafka broker: address, encryption, login, from YAML or environment, checked as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SecuritySettings(_Section):
    """Encryption (TLS 1.2 or later, host names always checked) and login (SCRAM, RFC 5802).

    A password is never a setting: it lies in a file, and is read when a client connects.
    """

    protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT",
        description="PLAINTEXT, SSL (TLS), SASL_SSL (TLS and login) or SASL_PLAINTEXT (login only).",
    )
    ca_file: Path | None = Field(
        default=None,
        description="PEM file of who signs the broker's certificate; None: the machine's own.",
    )
    certificate_file: Path | None = Field(
        default=None, description="PEM file of our own certificate, where the broker asks for one."
    )
    key_file: Path | None = Field(default=None, description="PEM file of its key, without a passphrase.")
    mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256"] = Field(
        default="SCRAM-SHA-512", description="SCRAM-SHA-512 or SCRAM-SHA-256: how the login goes."
    )
    # kafka-python sends a name as it is, though "," and "=" have a meaning in SCRAM
    username: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9._-]+$", description="Who logs in; the broker knows User:NAME."
    )
    password_file: Path | None = Field(
        default=None, description="File that holds the password and nothing else (a Docker secret, say)."
    )

    @property
    def encrypts(self) -> bool:
        """Whether what travels is encrypted."""
        return self.protocol in ("SSL", "SASL_SSL")

    @property
    def logs_in(self) -> bool:
        """Whether a name and a password are shown."""
        return self.protocol in ("SASL_PLAINTEXT", "SASL_SSL")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        """Refuse what would be left unused in silence: who wrote it believes to be protected by it."""
        login, tls = (self.username, self.password_file), (self.ca_file, self.certificate_file, self.key_file)
        if self.logs_in and None in login:
            raise ValueError(f"protocol {self.protocol} needs username and password_file")
        if not self.logs_in and any(login):
            raise ValueError(f"with {self.protocol} nobody logs in: set SASL_SSL, or drop the login")
        if not self.encrypts and any(tls):
            raise ValueError(f"protocol {self.protocol} does not encrypt: set SASL_SSL, or drop the files")
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("certificate_file and key_file belong together: give both or neither")
        return self


class KafkaSettings(_Section):
    """How to reach the broker."""

    bootstrap: str = Field(
        default="localhost:9092",
        pattern=r"^[^:\s]+:\d+(,[^:\s]+:\d+)*$",
        description="Brokers to ask first, host:port, separated by commas.",
    )
    security: SecuritySettings = SecuritySettings()
    in_flight_bytes: int = Field(
        default=32_000_000, ge=1_000_000, description="Unacknowledged bytes at most."
    )
    delivery_timeout_s: float = Field(
        default=120, ge=5, description="Seconds until a record that nobody acknowledges is given up."
    )


SECURITY_ENVIRONMENT = {
    "BLOCWATCH_KAFKA_PROTOCOL": "protocol",
    "BLOCWATCH_KAFKA_CA_FILE": "ca_file",
    "BLOCWATCH_KAFKA_CERTIFICATE_FILE": "certificate_file",
    "BLOCWATCH_KAFKA_KEY_FILE": "key_file",
    "BLOCWATCH_KAFKA_MECHANISM": "mechanism",
    "BLOCWATCH_KAFKA_USERNAME": "username",
    "BLOCWATCH_KAFKA_PASSWORD_FILE": "password_file",
}
"""Environment variables and the setting under kafka.security that each overrides."""


def security_from(environ: Mapping[str, str]) -> SecuritySettings:
    """Read the environment alone, for a subscriber that has no configuration; ValueError names faults."""
    return SecuritySettings.model_validate(
        {field: environ[name] for name, field in SECURITY_ENVIRONMENT.items() if environ.get(name)}
    )
