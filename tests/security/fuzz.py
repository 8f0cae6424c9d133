"""Parsers under fuzzing: what each is fed from, what it may say, and how long it may take.

    make fuzz SECONDS=60            every parser, guided by coverage (atheris)
    make fuzz PARSER=feed SECONDS=600

A target may refuse what it is given in a declared way; any other exception, or more than `LONGEST_S` of
processor time, is a find. The input that led there is kept under out/fuzz/.
"""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import FrameType

from tests.security import seeds
from tests.security.parsers import MOST_BYTES, ROOT, TARGETS, Target

FOUND = ROOT / "out" / "fuzz"
LONGEST_S = 10.0
"""Seconds that one input may take: an unguided second is a thousandfold of what they take."""


class TooSlowError(Exception):
    """An input took longer than any may."""


def attempt(target: Target, data: bytes) -> None:
    """Run one input; raises what is a find: TooSlowError, or any error that was not declared."""
    started = time.process_time()
    with suppress(*target.refuses):
        target.run(data)
    if time.process_time() - started > LONGEST_S:
        raise TooSlowError(f"{time.process_time() - started:.0f} s for {len(data)} bytes")


def inputs(target: Target, seed: int) -> Iterator[bytes]:
    """Endless inputs: the seeds first, then seeds cut, spliced, repeated and bent; the same for a number."""
    samples = target.samples()
    yield from samples
    yield b""
    chance = random.Random(seed)
    while True:
        data = bytearray(chance.choice(samples))
        for _ in range(chance.choice((1, 1, 2, 4, 16))):
            _bend(data, samples, chance)
        yield bytes(data[:MOST_BYTES])


def _bend(data: bytearray, samples: list[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(data) + 1)
    end = min(len(data), at + chance.choice((1, 2, 8, 64, 512)))
    match chance.randrange(7):
        case 0:
            data[at:end] = b""
        case 1:
            data[at:at] = chance.choice(seeds.BREAKING)
        case 2:
            data[at:end] = chance.choice(seeds.BREAKING)
        case 3:
            data[at:end] = bytes(data[at:end]) * chance.choice((2, 10, 200))
        case 4:
            other = chance.choice(samples)
            start = chance.randrange(len(other) + 1)
            data[at:end] = other[start : start + 256]
        case 5:
            for place in range(at, end):
                data[place] ^= 1 << chance.randrange(8)
        case _:
            data[at:] = data[:at]


def main() -> int:
    """`fuzz.py PARSER|all SECONDS`: one process a parser; exit status 1 where something was found."""
    name, seconds = sys.argv[1], float(sys.argv[2])
    if name != "all":
        return _guided(name, seconds)
    found = []
    for each in TARGETS:
        done = subprocess.run(
            [sys.executable, "-m", "tests.security.fuzz", each, str(seconds)], cwd=ROOT, check=False
        )
        if done.returncode:
            found.append(each)
    print(f"found in: {', '.join(found)}" if found else "nothing found")
    return 1 if found else 0


def _guided(name: str, seconds: float) -> int:
    target, folder = TARGETS[name], FOUND / name
    (folder / "seeds").mkdir(parents=True, exist_ok=True)
    for seed in target.samples():
        (folder / "seeds" / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    try:
        import atheris  # type: ignore[import-untyped]  # ships no types
    except ImportError:
        return _unguided(name, seconds, folder)
    with atheris.instrument_imports(include=["pipeline"]):
        target.run(target.samples()[0])  # imports what it needs, under the eyes of the fuzzer

    def one(data: bytes) -> None:
        attempt(target, data)

    arguments = [
        sys.argv[0], f"-max_total_time={seconds:.0f}", f"-timeout={LONGEST_S * 3:.0f}",
        f"-max_len={MOST_BYTES}", "-rss_limit_mb=4096", f"-artifact_prefix={folder}/",
        "-print_final_stats=1", "-verbosity=0", str(folder / "seeds"),
    ]  # fmt: skip
    atheris.Setup(arguments, one)
    print(f"{name}: {seconds:.0f} s, guided by coverage", flush=True)
    atheris.Fuzz()
    return 0


def _unguided(name: str, seconds: float, folder: Path) -> int:
    until = time.monotonic() + seconds
    signal.signal(signal.SIGALRM, _too_slow)
    for count, data in enumerate(inputs(TARGETS[name], int.from_bytes(os.urandom(4), "big")), 1):
        signal.alarm(int(LONGEST_S * 3))
        try:
            attempt(TARGETS[name], data)
        except Exception:
            (folder / f"crash-{hashlib.sha256(data).hexdigest()[:16]}").write_bytes(data)
            raise
        finally:
            signal.alarm(0)
        if time.monotonic() > until:
            print(f"{name}: {count} inputs")
            return 0
    return 0


def _too_slow(_number: int, _frame: FrameType | None) -> None:
    raise TooSlowError(f"over {LONGEST_S * 3:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
