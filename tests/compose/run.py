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


def main(work: Path) -> int:
    """Choose the engine, then run; `work` is an empty folder. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.compose.run", description=__doc__.split("\n\n")[0])
    parser.add_argument(
        "--cluster", action="store_true", help="three brokers: docker-compose.cluster.yml too"
    )
    parser.add_argument("--engine", choices=["docker", "podman"], help="default: docker where one answers")
    parser.add_argument("--phase", choices=["images", "test"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.chdir(ROOT)
    scenario = THREE_BROKERS if options.cluster else ONE_BROKER
    plan = (scenario.files, work, list(scenario.brokers))
    if options.phase == "images":
        podman.furnish(sealed=False)
        return _podman_images(Podman(*plan, podman.tools()))
    if options.phase == "test":
        podman.furnish(sealed=True)
        podman.remove_leftovers()
        status = _test(scenario, Podman(*plan, podman.tools()), work)
        podman.remove_leftovers()
        return status
    if (options.engine or ("docker" if Docker.available() else "podman")) == "docker":
        engine = Docker(*plan)
        _build(engine)
        return _test(scenario, engine, work)
    if reason := podman.missing():
        print(f"neither a Docker engine nor podman can be used here: {reason}", file=sys.stderr)
        return 2
    print("no Docker engine: podman, with stand-ins for the registry's images", flush=True)
    podman.tools()
    again = ["--cluster"] if options.cluster else []
    # Images need the network; the test itself gets none but its own.
    if status := subprocess.call(podman.enclosed("--phase", "images", *again, sealed=False)):
        return status
    return subprocess.call(podman.enclosed("--phase", "test", *again, sealed=True))


def _podman_images(engine: Engine) -> int:
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
    # Being ended is no reason to leave containers behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="blocwatch-compose-") as scratch:
        status = main(Path(scratch))
    sys.exit(status)
