"""A real broker that lets nobody in without TLS and a login, and to nothing that no ACL grants."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Self

from pipeline.kafkasettings import KafkaSettings, SecuritySettings
from tests.kafka_broker import Broker, _free_ports
from tests.secure.certificates import Authority, Pair

ADMIN = "admin"
_LOGS = Path(__file__).parent.parent / "kafka" / "log4j2-acls.properties"
_DOORS = ("CLIENTS", "EXPIRED", "ELSEWHERE", "BROKERS")


@dataclass(frozen=True, slots=True)
class Doors:
    """Addresses of one broker, each with rules of its own."""

    clients: str
    """TLS and a login."""
    expired: str
    """With a certificate that has ended."""
    elsewhere: str
    """With a certificate for another host."""
    brokers: str
    """TLS, and a certificate of the client's own."""
    plain: str
    """Open to all, who are User:ANONYMOUS there."""


class SecureBroker:
    """One broker with StandardAuthorizer; ``with SecureBroker(folder) as broker:`` starts it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = Authority(folder / "authority")
        self.stranger = Authority(folder / "stranger")
        self.passwords: dict[str, str] = {}
        self.own = self.authority.sign("broker", ("localhost", "127.0.0.1"))
        ports: set[int] = set()
        while len(ports) < len(_DOORS):
            ports.update(_free_ports())
        places = {name: f"localhost:{port}" for name, port in zip(_DOORS, sorted(ports), strict=False)}
        self._broker = Broker(
            self._settings(), doors=places, users={ADMIN: self.password(ADMIN)}, log_settings=_LOGS
        )
        self.log = self._broker.log
        self.doors = Doors(
            clients=places["CLIENTS"],
            expired=places["EXPIRED"],
            elsewhere=places["ELSEWHERE"],
            brokers=places["BROKERS"],
            plain=self._broker.bootstrap,
        )

    def as_user(self, name: str, address: str | None = None) -> KafkaSettings:
        """Settings of a user that has a password."""
        return KafkaSettings(bootstrap=address or self.doors.clients, security=self.login(name))

    def login(self, name: str) -> SecuritySettings:
        """How a user logs in, over TLS."""
        self.password(name)
        return SecuritySettings(
            protocol="SASL_SSL",
            ca_file=self.authority.certificate,
            username=name,
            password_file=self.password_file(name),
        )

    def environment(self, name: str) -> dict[str, str]:
        """The same as environment variables."""
        self.password(name)
        return {
            "BLOCWATCH_KAFKA": self.doors.clients,
            "BLOCWATCH_KAFKA_PROTOCOL": "SASL_SSL",
            "BLOCWATCH_KAFKA_CA_FILE": str(self.authority.certificate),
            "BLOCWATCH_KAFKA_USERNAME": name,
            "BLOCWATCH_KAFKA_PASSWORD_FILE": str(self.password_file(name)),
        }

    def password_file(self, name: str) -> Path:
        """Where the password of a user lies."""
        return self.folder / f"{name}.password"

    def __enter__(self) -> Self:
        with ExitStack() as on_failure:
            on_failure.callback(self._broker.close)
            self._broker.start()
            on_failure.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._broker.close()

    def password(self, name: str) -> str:
        """The password of a user, made up when it is first asked for, and in its file."""
        if name not in self.passwords:
            self.passwords[name] = secrets.token_urlsafe(18)
            self.password_file(name).write_text(self.passwords[name] + "\n")
        return self.passwords[name]

    def _settings(self) -> dict[str, str]:
        expired = self.authority.sign("expired", ("localhost", "127.0.0.1"), timedelta(days=-1))
        elsewhere = self.authority.sign("elsewhere", ("kafka.example.org",))
        return {
            "listener.security.protocol.map": (
                "PLAINTEXT:PLAINTEXT,CLIENTS:SASL_SSL,EXPIRED:SASL_SSL,ELSEWHERE:SASL_SSL,"
                "BROKERS:SSL,CONTROLLER:SSL"
            ),
            "inter.broker.listener.name": "BROKERS",
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            **{
                f"listener.name.{name}.scram-sha-512.sasl.jaas.config": (
                    "org.apache.kafka.common.security.scram.ScramLoginModule required;"
                )
                for name in ("clients", "expired", "elsewhere")
            },
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found": "false",
            "super.users": f"User:{ADMIN};User:CN=broker",
            **_keys("", self.own, self.authority),
            **_keys("listener.name.expired.", expired, self.authority),
            **_keys("listener.name.elsewhere.", elsewhere, self.authority),
            **{f"listener.name.{name}.ssl.client.auth": "required" for name in ("brokers", "controller")},
        }  # fmt: skip


def _keys(prefix: str, pair: Pair, authority: Authority) -> dict[str, str]:
    return {
        f"{prefix}ssl.keystore.type": "PEM",
        f"{prefix}ssl.keystore.certificate.chain": _inline(pair.certificate),
        f"{prefix}ssl.keystore.key": _inline(pair.key),
        f"{prefix}ssl.truststore.type": "PEM",
        f"{prefix}ssl.truststore.certificates": _inline(authority.certificate),
    }


def _inline(path: Path) -> str:
    """A PEM file as the value of a line of properties."""
    return path.read_text().strip().replace("\n", "\\n")
