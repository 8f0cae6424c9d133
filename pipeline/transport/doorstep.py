"""A broker's address and security in; why it refuses us for good, and what to do, out, asked by hand.

Client libraries take a failed TLS handshake, or a broker that hangs up, for one that may come back, and try
for ever. So where a client has failed, each address is asked once more: does it speak TLS, is its certificate
good, which logins does it take? Only what no retry can mend is told.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
from collections.abc import Iterator

from kafka.net.sasl.scram import ScramClient

from pipeline.kafkasettings import SecuritySettings
from pipeline.transport.connection import Broker, address, read_password, security, tls_context

_ANSWER_S = 5.0
_SASL_HANDSHAKE, _API_VERSIONS, _SASL_AUTHENTICATE = 17, 18, 36
_UNSUPPORTED_MECHANISM, _ILLEGAL_SASL_STATE, _AUTHENTICATION_FAILED = 33, 34, 58
"""Error codes of the Kafka protocol: another login is taken here; none is; this one failed."""
_TLS_ALERT = 0x15
"""First byte of a TLS server's answer to what is no TLS (RFC 8446, 5.1)."""
_EXPIRED, _NOT_YET_VALID, _OTHER_NAME, _OTHER_ADDRESS = 10, 9, 62, 64
"""Verification results of OpenSSL (X509_V_ERR_*)."""


def refusal(broker: Broker) -> str | None:
    """Tell why an address refuses us for good, and what to do; None when one lets us in, or all are away."""
    reasons = []
    for one in address(broker).split(","):
        host, _, port = one.rpartition(":")
        try:
            reason = _ask(host, int(port), security(broker))
        except OSError:
            continue  # away, or too slow to tell
        if reason is None:
            return None
        reasons.append(f"{one} {reason}")
    return reasons[0] if reasons else None


def _ask(host: str, port: int, how: SecuritySettings) -> str | None:
    if not how.encrypts:
        with _linked(host, port) as plain:
            return _plain_fault(plain, host, port, how)
    context = tls_context(how)
    with _linked(host, port) as link:
        try:
            with context.wrap_socket(link, server_hostname=host) as secure:
                return _tls_fault(secure, how)
        except ssl.SSLCertVerificationError as error:
            return _certificate_fault(error, host, how)
        except (ssl.SSLError, ConnectionError) as error:
            if _speaks_plain(host, port):
                return "does not speak TLS at this port: use its TLS port, or set kafka.security.protocol"
            if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
                return f"and we cannot agree on TLS: {error.reason}"
            raise


def _plain_fault(link: socket.socket, host: str, port: int, how: SecuritySettings) -> str | None:
    with contextlib.suppress(ConnectionError):
        answer = _exchange(link, _API_VERSIONS, 0, b"")
        if answer and answer[0] != _TLS_ALERT:
            return _login_fault(link, how)
    if _speaks_tls(host, port):
        wanted = "SASL_SSL" if how.logs_in else "SSL or SASL_SSL"
        return (
            f"speaks TLS only, but kafka.security.protocol is {how.protocol}: set it to {wanted}, "
            "and ca_file (BLOCWATCH_KAFKA_PROTOCOL, BLOCWATCH_KAFKA_CA_FILE)"
        )
    return None


def _tls_fault(secure: ssl.SSLSocket, how: SecuritySettings) -> str | None:
    """What comes after a handshake: in TLS 1.3 the broker judges our certificate only then."""
    try:
        if not _exchange(secure, _API_VERSIONS, 0, b""):
            return None
    except ssl.SSLError as error:
        if how.certificate_file is None:
            return (
                f"asks for our certificate ({error.reason}): set kafka.security.certificate_file and key_file"
            )
        return f"does not accept our certificate {how.certificate_file}: {error.reason}"
    return _login_fault(secure, how)


def _login_fault(link: socket.socket, how: SecuritySettings) -> str | None:
    name = how.mechanism.encode()
    answer = _exchange(link, _SASL_HANDSHAKE, 1, struct.pack(">h", len(name)) + name)
    if len(answer) < 14:
        return None
    code, offered = struct.unpack(">h", answer[8:10])[0], ", ".join(_strings(answer[10:]))
    if how.logs_in and code == _ILLEGAL_SASL_STATE:
        return f"takes no login: set kafka.security.protocol to {'SSL' if how.encrypts else 'PLAINTEXT'}"
    if how.logs_in and code == _UNSUPPORTED_MECHANISM:
        return f"takes no login by {how.mechanism}, but by {offered}: set kafka.security.mechanism"
    if how.logs_in and code == 0:
        return _password_fault(link, how)
    if not how.logs_in and code in (0, _UNSUPPORTED_MECHANISM):
        wanted = "SASL_SSL" if how.encrypts else "SASL_PLAINTEXT"
        return (
            f"wants a login ({offered}): set kafka.security.protocol to {wanted}, username and password_file"
        )
    return None


def _password_fault(link: socket.socket, how: SecuritySettings) -> str | None:
    """Log in as SCRAM does: a first message each, then the proofs that both know the password."""
    client = ScramClient(how.username, read_password(how), how.mechanism)
    for message, learn in (
        (client.first_message, client.process_server_first_message),
        (client.final_message, client.process_server_final_message),
    ):
        token = message()
        answer = _exchange(link, _SASL_AUTHENTICATE, 0, struct.pack(">i", len(token)) + token)
        if len(answer) < 12:
            return None
        code, length = struct.unpack(">hh", answer[8:12])
        if code == _AUTHENTICATION_FAILED:
            return (
                f"does not accept the login of User:{how.username}: its password is not the one in "
                f"{how.password_file}, or there is no such user (see docs/how-to/secure-kafka.md)"
            )
        if code:
            return None
        try:
            learn(answer[12 + max(0, length) + 4 :])
        except (ValueError, KeyError):
            return f"does not know the password of User:{how.username} itself: somebody else answers here"
    return None


def _certificate_fault(error: ssl.SSLCertVerificationError, host: str, how: SecuritySettings) -> str:
    if error.verify_code == _EXPIRED:
        return (
            "has a certificate that has expired: give the broker a new one (is this machine's clock right?)"
        )
    if error.verify_code == _NOT_YET_VALID:
        return "has a certificate that is not valid yet: is this machine's clock right?"
    if error.verify_code in (_OTHER_NAME, _OTHER_ADDRESS):
        return (
            f"has a certificate for another name than {host}: call the broker by a name that is in it, or "
            f"give it one with {host} among its subject alternative names"
        )
    trusted = f"kafka.security.ca_file {how.ca_file}" if how.ca_file else "the authorities of this machine"
    return (
        f"has a certificate that is not signed by {trusted} ({error.verify_message}): set ca_file to "
        "the certificate of the authority that signed the broker's; if it is that, somebody else answers here"
    )


@contextlib.contextmanager
def _linked(host: str, port: int) -> Iterator[socket.socket]:
    with socket.create_connection((host, port), timeout=_ANSWER_S) as link:
        yield link


def _speaks_plain(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), _linked(host, port) as link:
        answer = _exchange(link, _API_VERSIONS, 0, b"")
        return bool(answer) and answer[0] != _TLS_ALERT
    return False


def _speaks_tls(host: str, port: int) -> bool:
    """Whether there is TLS at all; nothing is sent, so whose certificate it is does not matter."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with _linked(host, port) as link, context.wrap_socket(link):
            return True
    except ssl.SSLEOFError:
        return False
    except ssl.SSLError as error:
        return "ALERT" in (error.reason or "")  # it refuses in the words of TLS
    except OSError:
        return False


def _exchange(link: socket.socket, key: int, version: int, body: bytes) -> bytes:
    """Send one request of the Kafka protocol (header v1) and return its answer with the length before it."""
    request = struct.pack(">hhih4s", key, version, 1, 4, b"look") + body
    link.sendall(struct.pack(">i", len(request)) + request)
    head = _receive(link, 4)
    if len(head) < 4 or head[0] == _TLS_ALERT:
        return head
    return head + _receive(link, min(struct.unpack(">i", head)[0], 65_536))


def _receive(link: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size and (chunk := link.recv(size - len(got))):
        got += chunk
    return got


def _strings(data: bytes) -> list[str]:
    """Decode an array of strings of the Kafka protocol; what is cut off is left out."""
    found: list[str] = []
    count, at = struct.unpack(">i", data[:4])[0], 4
    while len(found) < count and at + 2 <= len(data):
        size = struct.unpack(">h", data[at : at + 2])[0]
        found.append(data[at + 2 : at + 2 + size].decode("utf-8", "replace"))
        at += 2 + size
    return found
