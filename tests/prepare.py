"""Installs what tests need (Java 17, Maven; kcat, Node) where it can; else says loudly what is left out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.kafka_broker import available


def main() -> int:
    """Prepare; never fails, since the tests themselves tell what they lack."""
    _install_clients()
    if os.environ.get("BLOCWATCH_TEST_KAFKA"):
        return 0
    if available() is None:
        return 0
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("Installing Java 17 and Maven for the tests' Kafka broker …", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "openjdk-17-jre-headless", "maven"],
        ):
            if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL).returncode:
                break
    if reason := available():
        print(
            f"\n*** The tests on a real Kafka broker will be LEFT OUT: {reason}.\n"
            "*** Install Java 17 or later and Maven, or name a broker with BLOCWATCH_TEST_KAFKA=host:port.\n",
            file=sys.stderr,
        )
    return 0


def _install_clients() -> None:
    """Install what the examples need and is not there; the tests skip what cannot be had."""
    wanted = {"kcat": "kcat", "node": "nodejs", "npm": "npm"}
    missing = [package for command, package in wanted.items() if not shutil.which(command)]
    if not missing or not shutil.which("apt-get") or os.geteuid() != 0:
        return
    print(f"Installing {', '.join(missing)} for the tests of the examples …", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", *missing]):
        if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL).returncode:
            return


if __name__ == "__main__":
    sys.exit(main())
