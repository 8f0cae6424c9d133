"""Seeded faults against real processes on a real broker, judged by the oracle.

python -m tests.chaos.run [--seed 1] [--runs 30] [--keep FOLDER] [--tally FILE]

Prints each run's schedule and verdict, and at the end a table by family over all that the tally holds, of
this call and earlier ones; the exit code is 1 when any promise was broken. The same seed strikes the same
things at the same times.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pipeline.contract.topics import ARTICLES, EVENTS
from pipeline.settings import load_settings
from pipeline.telemetry import configure_logging
from pipeline.workers.coder import load_coder
from tests.chaos import tally
from tests.chaos.logs import Logs
from tests.chaos.oracle import judge
from tests.chaos.schedule import plan_of
from tests.chaos.standard import Standard
from tests.chaos.world import StuckError, World
from tests.kafka_broker import available

Say = Callable[[str], None]


def main() -> int:
    """Run the seeds one after another; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--runs", type=int, default=30, help="how many seeds")
    parser.add_argument("--tally", type=Path, default=Path("out/chaos/runs.jsonl"), help="verdicts, added to")
    parser.add_argument("--keep", type=Path, default=None, help="leave logs and configuration here")
    options = parser.parse_args()
    if reason := available():
        print(f"LEFT OUT: no Kafka broker can run here: {reason}", file=sys.stderr)
        return 2
    configure_logging("error", "console")
    settings = load_settings(environ={})
    standard = Standard(load_coder(settings.ontology_overlay), settings)
    broken = []
    for seed in range(options.seed, options.seed + options.runs):
        began = time.monotonic()
        faults = run_seed(seed, standard, options.keep)
        tally.add(options.tally, seed, plan_of(seed), faults, time.monotonic() - began)
        if faults:
            broken.append(seed)
    print(tally.table(options.tally))
    print(f"{options.runs} runs, {len(broken)} broke a promise{': seeds ' if broken else ''}{broken or ''}")
    return 1 if broken else 0


def run_seed(
    seed: int, standard: Standard, keep: Path | None = None, say: Say = lambda line: print(line, flush=True)
) -> dict[str, list[str]]:
    """Run one seed; returns the faults by the check that found them."""
    plan, began = plan_of(seed), time.monotonic()
    say(f"seed {seed}: {plan.family}; {', '.join(plan.begin)}")
    for step in plan.steps:
        say(f"  {step}")
    for name, lives in plan.armed.items():
        say(f"  {name} armed: {', '.join(lives)}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) if keep is None else keep / f"seed-{seed}"
        folder.mkdir(parents=True, exist_ok=True)
        with World(plan, folder) as world:
            try:
                logs = world.run()
            except StuckError as stuck:
                say(f"  STUCK after {time.monotonic() - began:.0f} s: {stuck}")
                return {"came to rest": [str(stuck)]}
        ran = time.monotonic() - began
        found = judge(logs, standard)
    for check, faults in found.items():
        for fault in faults[:5]:
            say(f"  FAULT {check}: {fault}")
    times = ", ".join(f"{phase} {seconds:.0f} s" for phase, seconds in world.phases.items())
    struck = f", armed points struck {world.struck} times" if plan.armed else ""
    ended = f", ended by themselves {', '.join(world.died)}" if world.died else ""
    say(f"  {'BROKEN' if found else 'kept'}: {_counts(logs)}{struck}{ended}; {ran:.0f} s ({times})")
    return found


def _counts(logs: Logs) -> str:
    parts = []
    for topic in (ARTICLES, EVENTS):
        values = [message.value for message in logs.of(topic.name)]
        name = topic.name.split(".")[1]
        parts.append(f"{len(values)} {name}, {len(values) - len(set(values))} of them repeats")
    dead = sum(len(logs.of(topic.dlq)) for topic in (ARTICLES, EVENTS))
    return f"{'; '.join(parts)}; {dead} dead letters; {len(logs.after)} processes lived through it"


if __name__ == "__main__":
    sys.exit(main())
