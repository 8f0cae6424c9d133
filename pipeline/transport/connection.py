"""A broker's address and security in; what kafka-python and faust need to speak to it, out.

Every Kafka client is made with these arguments, so that none goes without.
"""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

from pipeline.contract.errors import ConfigError
from pipeline.kafkasettings import KafkaSettings, SecuritySettings

Broker = str | KafkaSettings
"""Where a broker is; a bare host:port is one that is spoken to in plain text, without a login."""


def address(broker: Broker) -> str:
    """host:port, several with commas."""
    return broker if isinstance(broker, str) else broker.bootstrap


def security(broker: Broker) -> SecuritySettings:
    """How it is spoken to."""
    return SecuritySettings() if isinstance(broker, str) else broker.security


def client_arguments(broker: Broker) -> dict[str, Any]:
    """Arguments of every kafka-python client; ConfigError when a file that they need cannot be used."""
    how = security(broker)
    arguments: dict[str, Any] = {
        "bootstrap_servers": address(broker).split(","),
        "security_protocol": how.protocol,
    }
    if how.encrypts:
        arguments["ssl_context"] = tls_context(how)
    if how.logs_in:
        arguments["sasl_mechanism"] = how.mechanism
        arguments["sasl_plain_username"] = how.username
        arguments["sasl_plain_password"] = read_password(how)
    return arguments


def stream_arguments(broker: Broker) -> dict[str, Any]:
    """Arguments of a faust.App for its consumer and producer; ConfigError as above."""
    import faust  # takes seconds

    how = security(broker)
    arguments: dict[str, Any] = {"broker": [f"kafka://{one}" for one in address(broker).split(",")]}
    context = tls_context(how) if how.encrypts else None
    if how.logs_in:
        arguments["broker_credentials"] = faust.SASLCredentials(
            username=how.username,
            password=read_password(how),
            ssl_context=context,
            mechanism=how.mechanism,
        )
    elif context is not None:
        arguments["broker_credentials"] = faust.SSLCredentials(context)
    return arguments


def tls_context(how: SecuritySettings) -> ssl.SSLContext:
    """TLS that takes only a signed certificate of the host that was called; ConfigError for a bad file."""
    context = _trusting(how.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if how.certificate_file is not None and how.key_file is not None:
        for name, path in (("certificate_file", how.certificate_file), ("key_file", how.key_file)):
            _readable(name, path)
        try:
            # an empty passphrase, or OpenSSL would ask for one on the terminal
            context.load_cert_chain(how.certificate_file, how.key_file, password="")
        except (ssl.SSLError, OSError) as error:
            words = f"{how.certificate_file} and {how.key_file} are no PEM certificate and its key"
            raise _fault("certificate_file", f"{words} without a passphrase: {_reason(error)}") from error
    return context


def read_password(how: SecuritySettings) -> str:
    """The password, without the end of its line; ConfigError when its file holds none."""
    path = how.password_file
    if path is None:
        raise _fault("password_file", "names no file")
    _readable("password_file", path)
    try:
        password = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        # nothing of what stands there is told
        raise _fault("password_file", f"{path} holds no text") from None
    if not password:
        raise _fault("password_file", f"{path} is empty; write the password into it")
    return password


def _trusting(ca_file: Path | None) -> ssl.SSLContext:
    if ca_file is None:
        return ssl.create_default_context()
    _readable("ca_file", ca_file)
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (ssl.SSLError, OSError) as error:
        raise _fault("ca_file", f"{ca_file} holds no PEM certificate: {_reason(error)}") from error


def _readable(name: str, path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        raise _fault(name, f"{path} cannot be read: {error.strerror}") from error


def _reason(error: OSError) -> str:
    return getattr(error, "reason", None) or error.strerror or str(error)


def _fault(name: str, words: str) -> ConfigError:
    return ConfigError([f"kafka.security.{name}: {words}"])
