"""Installs what the tests need beyond Python where it can; else says loudly what is left out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.kafka_broker import available

_COMMANDS = {
    "promtool": ("prometheus", "the alert rules"),
    "chromium": ("chromium", "the dashboard in a browser"),
    "kcat": ("kcat", "the example with kcat"),
    "faketime": ("faketime", "a wall clock that is set while processes run"),
    "node": ("nodejs", "the example with Node"),
    "openssl": ("openssl", "a secured broker by the how-to"),
    "npm": ("npm", "the example with Node"),
}
"""Command → Debian package, and which tests need it."""


def main() -> int:
    """Prepare; never fails, since the tests themselves tell what they lack."""
    wanted = [package for command, (package, _) in _COMMANDS.items() if not shutil.which(command)]
    if not os.environ.get("BLOCWATCH_TEST_KAFKA") and available():
        wanted += ["openjdk-17-jre-headless", "maven"]
    if wanted:
        _install(wanted)
    for command, (package, what) in _COMMANDS.items():
        if not shutil.which(command):
            print(
                f"\n*** Tests of {what} will be LEFT OUT: no {command} (package {package}).", file=sys.stderr
            )
    if not os.environ.get("BLOCWATCH_TEST_KAFKA") and (reason := available()):
        print(
            f"\n*** The tests on a real Kafka broker will be LEFT OUT: {reason}.\n"
            "*** Install Java 17 or later and Maven, or name a broker with BLOCWATCH_TEST_KAFKA=host:port.\n",
            file=sys.stderr,
        )
    return 0


def _install(packages: list[str]) -> None:
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return
    print(f"Installing for the tests: {', '.join(packages)} …", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, stdout=subprocess.DEVNULL)
    for package in packages:  # one by one: a missing one must not keep the others out
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
