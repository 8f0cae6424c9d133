"""An explanation with its ledger and events in; who reported each happening, and one JSON object, out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.contract.event import Event
from pipeline.metrics.clock import moment
from pipeline.metrics.entry import Entry
from pipeline.metrics.explanation import Explanation, Pair, Share
from pipeline.metrics.frame import Frame
from pipeline.metrics.impulse import counts
from pipeline.metrics.ledger import Ledger
from pipeline.metrics.params import MICRO


@dataclass(frozen=True, slots=True)
class Told:
    """A happening as it was reported."""

    entry: Entry
    """The report that stands for it."""
    reports: int
    """Reports that count."""
    outlets: tuple[str, ...]
    """Who reported it, sorted."""
    sentence: str
    """The sentence that proves it; empty where only a row of a CSV is known."""

    @property
    def type(self) -> str:
        """PLOVER type; of a CSV row without one whether it is cooperation or conflict."""
        return self.entry.type.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Account:
    """An explanation with what its happenings can be looked up in."""

    found: Explanation
    frame: Frame
    ledger: Ledger
    events: Mapping[str, Event]
    """The newest revision of each by event_id."""

    def told(self, pair: Pair, share: Share) -> Told:
        """Look a happening up."""
        reports = self.ledger.reports(pair.dyad, share.part.event_id)
        live = [entry for entry in reports if counts(entry, self.frame.params)]
        (entry,) = (entry for entry in live if entry.event_id == share.part.event_id)
        event = self.events.get(entry.event_id)
        sentence = "" if event is None else event.evidence.sentence
        return Told(entry, len(live), tuple(sorted({entry.owner for entry in live})), sentence)

    def record(self) -> dict[str, object]:
        """Everything as plain values, unrounded: parts and `rounding` add up to values and changes."""
        found, stamp = self.found, self.frame.stamp(self.found.tick)
        return {
            "name": found.name,
            "measure": "cohesion" if found.of_coalition else "tie",
            "view": found.view,
            "as_of": moment(found.tick).isoformat(),
            "final": stamp.final,
            "ledger_digest": stamp.ledger_digest,
            "value": found.now,
            "ci90": found.interval,
            "since": moment(found.since).isoformat(),
            "value_since": found.then,
            "change": found.change,
            "members": found.members,
            "joined": found.joined,
            "left": found.gone,
            "dyads": [self._pair(pair) for pair in found.pairs],
        }

    def _pair(self, pair: Pair) -> dict[str, object]:
        then, now = pair.then, pair.now
        value, change = pair.rounding
        return {
            "dyad": pair.dyad,
            "value": now.value,
            "change": pair.change,
            "weight": now.weight,
            "weight_since": then.weight,
            "tie": now.tie,
            "tie_since": then.tie,
            "tie_ci90": now.interval,
            "coop": now.coop,
            "conflict": now.conflict,
            "n_events": now.n,
            "expected": now.expected,
            "expected_since": then.expected,
            "change_by_habits": pair.habits,
            "change_by_membership": pair.membership,
            "rounding": {"value": value, "change": change},
            "happenings": [self._share(pair, share) for share in pair.shares],
        }

    def _share(self, pair: Pair, share: Share) -> dict[str, object]:
        told = self.told(pair, share)
        entry = told.entry
        return {
            "event_id": entry.event_id,
            "value": share.value,
            "change": share.change,
            "fate": share.fate,
            "impulse": share.now,
            "impulse_since": share.then,
            "impulse_whole": share.part.impulse / MICRO,
            "source": entry.source,
            "type": told.type,
            "target": entry.target,
            "day": entry.day.isoformat(),
            "status": entry.status.value,
            "confidence": entry.q / MICRO,
            "goldstein": entry.g / MICRO,
            "reports": told.reports,
            "outlets": told.outlets,
            "outlet": entry.owner,
            "url": entry.url,
            "sentence": told.sentence or None,
        }
