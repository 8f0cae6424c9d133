"""Recorded polls over HTTP through a poller that is killed at random points, against an undisturbed one.

python -m benchmarks.replay_kill [--kills 50] [--seed 1] [--limit POLLS]

A seed chooses after which polls, and how much later, SIGKILL comes; each time another process goes on. The
articles must be those of the undisturbed run byte for byte; repeats are counted, and are allowed.
"""

from __future__ import annotations

import argparse
import json
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.replay_polls import DEFAULT, poll_time, unpacked
from pipeline.contract.topics import ARTICLES
from pipeline.transport.store import EmbeddedStore

_ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Killed:
    """What came of a replay."""

    articles: tuple[bytes, ...]
    """What was published, repeats included, in its order."""
    kills: int
    seconds_a_poll: float

    @property
    def distinct(self) -> tuple[bytes, ...]:
        """The same without repeats."""
        return tuple(dict.fromkeys(self.articles))


def main() -> int:
    """Run both, compare and print; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--polls", type=Path, default=DEFAULT, help="a folder of polls, or a .tar.zst of one")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=int, default=None, help="only the first so many polls")
    options = parser.parse_args()
    if not options.polls.exists():
        print(f"LEFT OUT: no polls at {options.polls}; name others with --polls", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        files = sorted(p for p in unpacked(options.polls, scratch / "polls").rglob("*") if p.is_file())
        files = files[: options.limit]
        calm = replay(files, scratch / "calm")
        rough = replay(files, scratch / "rough", options.kills, options.seed, calm.seconds_a_poll)
    same = rough.distinct == calm.articles
    print(
        f"polls {len(files)}, articles {len(calm.articles)}, kills {rough.kills}, seed {options.seed}, "
        f"repeated {len(rough.articles) - len(rough.distinct)}, "
        f"{1000 * calm.seconds_a_poll:.0f} ms a poll; {'the same bytes' if same else 'NOT the same'}"
    )
    return 0 if same and rough.kills == options.kills else 1


def replay(
    files: Sequence[Path], state: Path, kills: int = 0, seed: int = 0, seconds_a_poll: float = 0.0
) -> Killed:
    """Poll each file once; kill the poller so often, within one and a half polls after a random one."""
    state.mkdir()
    listed = state / "polls.json"
    times = [poll_time(path, number).isoformat() for number, path in enumerate(files)]
    listed.write_text(json.dumps([(str(path), at) for path, at in zip(files, times, strict=True)]))
    chance = random.Random(seed)
    targets = sorted(chance.sample(range(len(files) - 10), kills))
    port, done, killed, took = _free_port(), -1, 0, 0.0
    while done < len(files) - 1:
        target = targets[killed] if killed < kills else len(files)
        began, spent = done, 0.0
        delay_s = chance.uniform(0, 1.5 * seconds_a_poll)
        command = [sys.executable, "-m", "benchmarks.killed_poller", str(listed), str(state)]
        command += [str(done + 1), str(port)]
        with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE) as poller:
            assert poller.stdout is not None
            for line in poller.stdout:
                spent = spent or time.monotonic()
                done = int(line)
                if done >= target:
                    time.sleep(delay_s)
                    poller.kill()
                    target = len(files)
            if poller.wait() > 0 or done == began:
                raise SystemExit(f"the poller ended at poll {done} by itself: {poller.returncode}")
        killed += poller.returncode < 0
        took = time.monotonic() - spent
    store = EmbeddedStore(state / "log.sqlite")
    articles = tuple(message.value or b"" for message in store.read(ARTICLES.name))
    store.close()
    return Killed(articles, killed, took / len(files))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
