"""Who cannot get in is told why and what to do, at once: workers, doctor, and those who read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.cli.broker import look_at_broker
from pipeline.cli.finding import Finding
from pipeline.client import subscribe
from pipeline.contract.errors import DependencyError, RefusedError
from pipeline.kafkasettings import KafkaSettings, SecuritySettings
from pipeline.settings import load_settings
from pipeline.transport.acls import set_passwords
from pipeline.transport.admission import Admission
from pipeline.transport.kafka import advertised
from tests.command import ROOT
from tests.secure.broker import ADMIN, SecureBroker

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
CASES = {
    "wrong password": "does not accept the login of User:poller: its password is not the one in {password}",
    "wrong authority": "has a certificate that is not signed by kafka.security.ca_file {stranger}",
    "wrong host name": "has a certificate for another name than localhost",
    "expired certificate": "has a certificate that has expired: ",
    "plain text to a TLS port": "speaks TLS only, but kafka.security.protocol is PLAINTEXT: set it to SSL",
}
_SOON_S = 150
"""Time for five processes at once on a busy machine; an endless retry would pass no test."""
Told = Mapping[tuple[str, str], tuple[int, str]]


@pytest.fixture(scope="module")
def logins(broker: SecureBroker) -> Mapping[str, Mapping[str, str]]:
    """The environment of every case."""
    wrong = broker.folder / "wrong.password"
    wrong.write_text("not the password\n")
    good, doors = broker.environment("poller"), broker.doors
    return {
        "wrong password": {**good, "BLOCWATCH_KAFKA_PASSWORD_FILE": str(wrong)},
        "wrong authority": {**good, "BLOCWATCH_KAFKA_CA_FILE": str(broker.stranger.certificate)},
        "wrong host name": {**good, "BLOCWATCH_KAFKA": doors.elsewhere},
        "expired certificate": {**good, "BLOCWATCH_KAFKA": doors.expired},
        "plain text to a TLS port": {"BLOCWATCH_KAFKA": doors.clients},
    }


@pytest.fixture(scope="module")
def told(broker: SecureBroker, logins: Mapping[str, Mapping[str, str]]) -> Iterator[Told]:
    """Exit code and output of the poller in every case, and of doctor in one; all at the same time."""
    wanted = [*((case, "run poller") for case in logins), ("wrong password", "doctor")]
    running = {
        (case, command): _start(_log(broker, case, command), command, logins[case])
        for case, command in wanted
    }
    deadline = time.monotonic() + _SOON_S
    try:
        yield {
            one: (process.wait(max(0.0, deadline - time.monotonic())), _log(broker, *one).read_text())
            for one, process in running.items()
        }
    finally:
        for process in running.values():
            if process.poll() is None:
                process.kill()
            process.wait()


def _log(broker: SecureBroker, case: str, command: str) -> Path:
    return broker.folder / f"{case} {command}.log"


def _start(log: Path, command: str, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    own = {"BLOCWATCH_CONFIG": str(ROOT / "config"), "BLOCWATCH_STATE": str(log.with_suffix(""))}
    with log.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "pipeline.cli", *command.split()],
            env={**os.environ, **own, **environment}, stdout=out, stderr=subprocess.STDOUT, cwd=ROOT,
        )  # fmt: skip


def _words(case: str, broker: SecureBroker) -> str:
    return CASES[case].format(password=broker.folder / "wrong.password", stranger=broker.stranger.certificate)


@pytest.mark.parametrize("case", CASES)
def test_a_worker_ends_and_says_why(case: str, told: Told, broker: SecureBroker) -> None:
    code, output = told[case, "run poller"]
    assert code == 1, output
    last = output.strip().splitlines()[-1]
    assert last.startswith("blocwatch: localhost:"), output
    assert _words(case, broker) in last
    assert "Traceback" not in output


def test_doctor_says_the_same(
    told: Told, broker: SecureBroker, logins: Mapping[str, Mapping[str, str]]
) -> None:
    code, output = told["wrong password", "doctor"]
    assert code == 0, output  # an embedded run needs no broker
    whole = r"^absent +Kafka: (.*)\n +mend it: see docs/how-to/secure-kafka.md$"
    found = re.search(whole, output, re.MULTILINE)
    assert found is not None, output
    assert _words("wrong password", broker) in found[1]

    def look(case: str) -> list[Finding]:
        return list(look_at_broker(load_settings(ROOT / "config", logins[case])))

    with ThreadPoolExecutor(len(CASES)) as pool:
        for case, findings in zip(CASES, pool.map(look, CASES), strict=True):
            (finding,) = findings
            assert not finding.good
            assert _words(case, broker) in finding.words


def test_other_ways_not_to_get_in(broker: SecureBroker) -> None:
    doors, login, ca = broker.doors, broker.login("poller"), broker.authority.certificate
    foreign = broker.stranger.sign("foreign", ("localhost",))
    own = {"certificate_file": broker.own.certificate, "key_file": broker.own.key}
    theirs = {"certificate_file": foreign.certificate, "key_file": foreign.key}
    tls = SecuritySettings(protocol="SSL", ca_file=ca)
    plain_login = SecuritySettings(
        protocol="SASL_PLAINTEXT", username="poller", password_file=login.password_file
    )
    cases = [
        (doors.plain, login, "does not speak TLS at this port"),
        (doors.clients, tls, "wants a login (SCRAM-SHA-512): set kafka.security.protocol to SASL_SSL"),
        (doors.clients, login.model_copy(update={"mechanism": "SCRAM-SHA-256"}), "but by SCRAM-SHA-512"),
        (doors.brokers, tls, "asks for our certificate"),
        (doors.brokers, login.model_copy(update=own), "takes no login: set kafka.security.protocol to SSL"),
        (doors.plain, plain_login, "takes no login: set kafka.security.protocol to PLAINTEXT"),
        (doors.clients, broker.login("stranger"), "there is no such user"),
        (doors.brokers, tls.model_copy(update=theirs), "does not accept our certificate"),
    ]  # fmt: skip

    def refused(case: tuple[str, SecuritySettings, str]) -> str:
        with pytest.raises(RefusedError) as caught:
            advertised(KafkaSettings(bootstrap=case[0], security=case[1]))
        return str(caught.value)

    with ThreadPoolExecutor(len(cases)) as pool:
        for (_, _, words), said in zip(cases, pool.map(refused, cases), strict=True):
            assert words in said
    assert advertised(KafkaSettings(bootstrap=doors.brokers, security=tls.model_copy(update=own)))


def test_one_address_that_lets_us_in_is_enough(broker: SecureBroker) -> None:
    both = KafkaSettings(
        bootstrap=f"{broker.doors.expired},{broker.doors.clients}", security=broker.login(ADMIN)
    )
    assert advertised(both)


def test_a_subscriber_is_told_as_well(broker: SecureBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, setting in broker.environment("reader").items():
        monkeypatch.setenv(name, setting)
    monkeypatch.setenv("BLOCWATCH_KAFKA", broker.doors.expired)
    with pytest.raises(RefusedError, match="has a certificate that has expired"):
        next(subscribe("metrics", follow=False, timeout_s=2))
    monkeypatch.setenv("BLOCWATCH_KAFKA", broker.doors.clients)
    own = {
        "security_protocol": "SASL_SSL", "ssl_cafile": str(broker.authority.certificate),
        "sasl_mechanism": "SCRAM-SHA-512", "sasl_plain_username": "reader",
        "sasl_plain_password": broker.password("reader"),
    }  # fmt: skip
    with pytest.raises(DependencyError, match="has no topic"):
        next(subscribe("metrics", follow=False, timeout_s=10, prefix="none.", **own))


def test_a_password_that_is_changed_later_ends_a_worker(broker: SecureBroker) -> None:
    """The broker has the new one first: the worker goes on. Then its file: a new start is due. Or never."""
    admin, who = broker.as_user(ADMIN), broker.as_user("turncoat")
    path = broker.password_file("turncoat")
    set_passwords(admin, {"turncoat": broker.password("turncoat")}, "SCRAM-SHA-512")

    def ask(admission: Admission) -> None:
        for _ in range(3):
            admission.require()

    admission = Admission(who, SimpleNamespace(consumer=None))
    ask(admission)
    set_passwords(admin, {"turncoat": "another password"}, "SCRAM-SHA-512")
    with pytest.raises(RefusedError, match="does not accept the login of User:turncoat"):
        ask(admission)
    path.write_text("another password\n")
    with pytest.raises(DependencyError, match=f"{path} holds another password by now: start again"):
        ask(admission)
    path.write_text("a third one\n")
    ask(admission)


def test_no_password_is_in_any_log(broker: SecureBroker, told: Told) -> None:
    logs = [*broker.folder.rglob("*.log"), broker.log]
    assert len(logs) > len(CASES)
    for path in logs:
        text = path.read_text(errors="replace")
        for name, password in broker.passwords.items():
            assert password not in text, f"{name}'s in {path}"
