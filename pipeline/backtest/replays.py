"""Coded events in; the digest after every order, split, delay and restart that should not matter, out."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from pipeline.metrics.entry import HOUR_US, Entry, Mark
from pipeline.metrics.ledger import Ledger
from pipeline.metrics.params import HOURS_A_DAY, MetricParams

_LATE, _LATE_DAYS = 0.10, 90
_WITHDRAWN = 0.05
_PARTITIONS, _RESTARTS = 4, 3


def disturbed(entries: Sequence[Entry], seed: int) -> list[Entry]:
    """What a bad day on the wire makes of a stream.

    A tenth of the events is reported up to 90 days late; a twentieth is withdrawn and asserted again,
    by two later revisions.
    """
    dice = random.Random(seed)
    found = []
    for entry in entries:
        if dice.random() < _LATE:
            late = dice.randrange(1, _LATE_DAYS * HOURS_A_DAY) * HOUR_US
            entry = _revised(entry, entry.published_us + late, 1, withdrawn=False)
        found.append(entry)
        if dice.random() < _WITHDRAWN:
            found.append(_revised(entry, entry.published_us + HOUR_US, 2, withdrawn=True))
            found.append(_revised(entry, entry.published_us + 2 * HOUR_US, 3, withdrawn=False))
    return found


def digests(entries: Sequence[Entry], params: MetricParams, seed: int = 2022) -> dict[str, str]:
    """The digest of one set of events after each way of delivering it, by what was done."""
    stream = disturbed(entries, seed)
    ways: dict[str, Callable[[], Ledger]] = {
        "in order": lambda: _folded(stream, params),
        "shuffled": lambda: _folded(_shuffled(stream, seed), params),
        "delivered twice": lambda: _folded([*stream, *_shuffled(stream, seed + 1)], params),
        f"split over {_PARTITIONS} and merged": lambda: _merged(_shuffled(stream, seed + 2), params),
        f"{_RESTARTS} restarts from snapshots": lambda: _restarted(_shuffled(stream, seed + 3), params),
    }
    return {name: way().digest() for name, way in ways.items()}


def _revised(entry: Entry, published_us: int, revision: int, withdrawn: bool) -> Entry:
    mark = Mark(revision, published_us, entry.bucket)
    return replace(entry, revision=revision, retracted=withdrawn, published_us=published_us, marks=(mark,))


def _folded(entries: Iterable[Entry], params: MetricParams) -> Ledger:
    ledger = Ledger(params)
    for entry in entries:
        ledger.fold(entry)
    return ledger


def _merged(entries: Sequence[Entry], params: MetricParams) -> Ledger:
    whole = Ledger(params)
    for part in range(_PARTITIONS):
        whole.merge(_folded(entries[part::_PARTITIONS], params))
    return whole


def _restarted(entries: Sequence[Entry], params: MetricParams) -> Ledger:
    ledger = Ledger(params)
    step = -(-len(entries) // (_RESTARTS + 1))
    for start in range(0, len(entries), step):
        snapshot = [entry.dump() for entry in ledger.entries()]
        ledger = _folded((Entry.load(value) for value in snapshot), params)
        for entry in entries[max(0, start - 100) : start + step]:
            ledger.fold(entry)
    return ledger


def _shuffled(entries: Sequence[Entry], seed: int) -> list[Entry]:
    found = list(entries)
    random.Random(seed).shuffle(found)
    return found


def duplicates(entries: Sequence[Entry], params: MetricParams) -> list[tuple[str, str, str]]:
    """What counting rows that say the same of one day once, or each time, does to Russia's tones.

    Events of one day, source, target and intensity are taken for reports of one happening by one owner.
    """
    once: dict[tuple[object, ...], Entry] = {}
    for entry in entries:
        once.setdefault((entry.day, entry.source, entry.target, entry.g), entry)
    told = []
    for words, kept in (
        ("every row a happening", list(entries)),
        ("same day, pair and intensity once", list(once.values())),
    ):
        ledger = _folded(kept, params)
        ledger.settle()
        tones = []
        for other in ("CHN", "IRN", "UKR", "USA"):
            cells = ledger.cells("|".join(sorted((other, "RUS")))).values()
            coop, conflict = (sum(c.coop for c in cells) / 1e6, sum(c.conflict for c in cells) / 1e6)
            tones.append(f"{other} {(coop - conflict) / (coop + conflict + params.kappa):+.2f}")
        told.append(("ICEWS 2022, Russia's tones", f"{words} ({len(kept):,})", ", ".join(tones)))
    return told
