"""docker-compose.yml brought up for real, fed, scaled, taken down and up, and read from outside.

    python -m tests.compose.run [--cluster]

Exit status 0 when everything held, 1 when something did not, 2 when this machine cannot run it (and why).
On a Docker engine Compose does it; without one, podman with stand-ins for the images (needs root).
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.compose import podman
from tests.compose.checks import CheckError, Checks
from tests.compose.engine import ROOT, WORKERS, Docker, Engine, EngineError, Podman
from tests.compose.feeds import FeedServer
from tests.compose.scenario import ONE_BROKER, THREE_BROKERS, Scenario


def main() -> int:
    """Read the command line, choose the engine, run; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.compose.run", description=__doc__.split("\n\n")[0])
    parser.add_argument("--cluster", action="store_true", help="with docker-compose.cluster.yml")
    parser.add_argument("--engine", choices=["docker", "podman"], help="default: docker where one answers")
    # For the calls of itself: what to do inside, and in which folder of the caller's.
    parser.add_argument("--phase", choices=["images", "test"], help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.chdir(ROOT)
    scenario = THREE_BROKERS if options.cluster else ONE_BROKER
    if options.phase:
        return _inside(scenario, options.phase, options.work)
    docker = (options.engine or ("docker" if Docker.available() else "podman")) == "docker"
    if not docker and (reason := podman.missing()):
        print(f"neither a Docker engine nor podman can be used here: {reason}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="blocwatch-compose-") as scratch:
        work = Path(scratch)
        if not docker:
            return _podman(["--work", scratch, *(["--cluster"] if options.cluster else [])])
        engine = Docker(scenario.files, work, list(scenario.brokers))
        _build(engine)
        return _test(scenario, engine, work)


def _podman(arguments: list[str]) -> int:
    print("no Docker engine: podman, with stand-ins for the registry's images", flush=True)
    with podman.store_lock():
        # Images need the network; the test itself gets none but its own.
        images = subprocess.call(podman.enclosed("--phase", "images", *arguments, sealed=False))
        return images or subprocess.call(podman.enclosed("--phase", "test", *arguments, sealed=True))


def _inside(scenario: Scenario, phase: str, work: Path) -> int:
    podman.furnish(sealed=phase == "test")
    engine = Podman(scenario.files, work, list(scenario.brokers), podman.tools())
    if phase == "test":
        podman.remove_leftovers()
        return _test(scenario, engine, work)
    start = time.monotonic()
    podman.build_standins()
    print(f"stand-in images are there ({time.monotonic() - start:.0f} s)", flush=True)
    _build(engine)
    return 0


def _build(engine: Engine) -> None:
    start = time.monotonic()
    engine.build()
    print(f"the project's image is built from the Dockerfile ({time.monotonic() - start:.0f} s)", flush=True)


def _test(scenario: Scenario, engine: Engine, work: Path) -> int:
    checks = Checks(engine, FeedServer(work), list(scenario.brokers.values()))
    try:
        scenario.walk(checks)
    except Exception as error:
        for service in (*engine.brokers, "feeds", "topics", *WORKERS):
            for name in engine.containers(service):
                print(f"\n--- last lines of {name}\n{engine.logs(name, 25)}", flush=True)
        if not isinstance(error, CheckError | EngineError):
            traceback.print_exc()
        print(f"\nFAILED after {checks.held} checks: {error}", flush=True)
        return 1
    finally:
        engine.down(volumes=True)
    print(f"\nall {checks.held} checks held", flush=True)
    return 0


if __name__ == "__main__":
    # Being told to end is no reason to leave anything behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
