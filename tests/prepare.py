"""Installs what the broker's tests need (Java 17, Maven) where it can; else says loudly what is left out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.kafka_broker import available


def main() -> int:
    """Prepare; never fails, since the tests themselves tell what they lack."""
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


if __name__ == "__main__":
    sys.exit(main())
