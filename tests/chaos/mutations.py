"""Logs in; the same logs with one record lost, doubled, exchanged or altered out: each must be seen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import isfinite

from pipeline.contract.codec import headers
from pipeline.contract.topics import BY_NAME, TOPICS
from pipeline.transport.base import Message
from tests.chaos.calm import NOW, ends_of
from tests.chaos.logs import Footprint, Logs

Records = tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Mutation:
    """One way to falsify logs."""

    name: str
    logs: Logs


def mutations(logs: Logs) -> Iterator[Mutation]:
    """Falsify each topic in each way, roughly and (offsets, ids and commits made good again) skilfully."""
    for topic, records in logs.topics.items():
        if not records:
            continue
        for how, change in _ROUGH.items():
            found = change(records)
            if found != records:
                yield Mutation(f"{topic}: {how}", _with(logs, topic, found))
        for how, forge in _SKILFUL.items():
            forged = forge(records)
            if forged is not None:
                yield Mutation(f"{topic}: {how}, resealed", _resealed(logs, topic, forged))
    yield from _elsewhere(logs)


def _drop(records: Records) -> Records:
    middle = len(records) // 2
    return records[:middle] + records[middle + 1 :]


def _double(records: Records) -> Records:
    middle = len(records) // 2
    return records[: middle + 1] + records[middle:]


def _swap_places(records: Records) -> Records:
    return (records[-1], *records[1:-1], records[0]) if len(records) > 1 else records


def _swap_values(records: Records) -> Records:
    first, last = records[0], records[-1]
    if first.value == last.value:
        return records
    return (replace(first, value=last.value), *records[1:-1], replace(last, value=first.value))


def _alter(records: Records) -> Records:
    middle = len(records) // 2
    one = records[middle]
    return (*records[:middle], replace(one, value=(one.value or b"") + b" "), *records[middle + 1 :])


_ROUGH: Mapping[str, Callable[[Records], Records]] = {
    "one dropped": _drop,
    "one doubled": _double,
    "two exchanged": _swap_places,
    "two values exchanged": _swap_values,
    "one altered": _alter,
}


def _drop_last_of_a_kind(records: Records) -> Records | None:
    """Drop a record that nothing repeats: of a compacted topic, one that no later value of its key covers."""
    for index in reversed(range(len(records))):
        one = records[index]
        if one.value and _newest(records, index):
            return records[:index] + records[index + 1 :]
    return None


def _stale_again(records: Records) -> Records | None:
    """Write an older value of a key once more at the end, as a process that woke up too late would.

    On an appending topic this is a plain repeat.
    """
    compacted = _is_compacted(records)
    for one in records:
        newest = next(r for r in reversed(records) if r.key == one.key)
        if not compacted or newest.value != one.value:
            return (*records, one)
    return None


def _order_reversed(records: Records) -> Records | None:
    """Exchange the last two values of one key; where the topic is a set, order means nothing."""
    if not _is_compacted(records):
        return None
    for index in reversed(range(len(records))):
        for before in reversed(range(index)):
            one, other = records[before], records[index]
            if one.key == other.key and one.value != other.value and _newest(records, index):
                found = list(records)
                found[before], found[index] = other, one
                return tuple(found)
    return None


def _number_changed(records: Records) -> Records | None:
    """Change one number of a record by a little."""
    for index in reversed(range(len(records))):
        one = records[index]
        try:
            fields = json.loads(one.value or b"")
        except ValueError:
            continue
        if not isinstance(fields, dict):
            continue
        numbers = (name for name in _NUMBERS if isinstance(fields.get(name), int | float))
        name = next((name for name in numbers if isfinite(fields[name])), None)
        if name is not None:
            fields[name] = fields[name] + (0.001 if isinstance(fields[name], float) else 1)
            value = json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()
            return (*records[:index], replace(one, value=value), *records[index + 1 :])
    return None


_SKILFUL: Mapping[str, Callable[[Records], Records | None]] = {
    "last of its kind dropped": _drop_last_of_a_kind,
    "an old one written again": _stale_again,
    "last two of a key exchanged": _order_reversed,
    "a number altered": _number_changed,
}
_NUMBERS = ("confidence", "events", "cohesion", "net", "drift", "value", "n_eff", "version")


def _is_compacted(records: Records) -> bool:
    known = BY_NAME.get(records[0].topic)
    return known is not None and known.compacted


def _newest(records: Records, index: int) -> bool:
    if not _is_compacted(records):
        return all(other.value != records[index].value for n, other in enumerate(records) if n != index)
    return all(later.key != records[index].key for later in records[index + 1 :])


def _with(logs: Logs, topic: str, records: Records) -> Logs:
    return replace(logs, topics={**logs.topics, topic: records})


def _resealed(logs: Logs, topic: str, records: Records) -> Logs:
    """Number the records anew, hash them anew, and let both groups stand at the end."""
    following: dict[int, int] = {}
    made = []
    for record in records:
        offset = following.get(record.partition, 0)
        following[record.partition] = offset + 1
        marks = record.headers
        if topic in BY_NAME and marks:
            marks = headers(BY_NAME[topic], (record.key or b"").decode(), record.value or b"", NOW)
        made.append(replace(record, offset=offset, headers=marks))
    topics = {**logs.topics, topic: tuple(made)}
    return replace(logs, topics=topics, committed=ends_of(topics))


def _elsewhere(logs: Logs) -> Iterator[Mutation]:
    """What is no topic: offsets, entries of feeds, acknowledgements, processes."""
    place, offset = next(iter(logs.committed.items()))
    for name, step in (("one record not acknowledged", -1), ("acknowledged beyond the end", 1)):
        yield Mutation(name, replace(logs, committed={**logs.committed, place: offset + step}))
    yield Mutation("an entry that became nothing", replace(logs, served=logs.served | {"never sent"}))
    lost = (*logs.acknowledged, (TOPICS[0].name, b"acknowledged and gone"))
    yield Mutation("an acknowledged record gone", replace(logs, acknowledged=lost))
    for name, more in (("memory", (6, 0, 0)), ("a descriptor", (0, 2, 0)), ("a thread", (0, 0, 1))):
        grown = {
            process: Footprint(
                f.memory_kb + more[0] * f.memory_kb // 100, f.descriptors + more[1], f.threads + more[2]
            )
            for process, f in logs.before.items()
        }
        yield Mutation(f"{name} not given back", replace(logs, after=grown))
    yield Mutation("a process not measured again", replace(logs, after={}))
