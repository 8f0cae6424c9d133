"""A written day in; what is published of outsiders, blocs and alerts out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations

import numpy as np

from pipeline.contract.event import dyad_of
from pipeline.contract.metric import SPEC_VERSION
from pipeline.contract.record import Record
from pipeline.contract.signal import Alert, AlertKind, Bloc, Drift
from pipeline.contract.topics import ALERTS, BLOCS, DRIFT, Topic
from pipeline.metrics.clock import moment
from pipeline.metrics.coalitions import mean_tie
from pipeline.metrics.drift import Hysteresis, Standing
from pipeline.metrics.journal import Day, Written
from pipeline.metrics.params import MetricParams
from pipeline.metrics.records import Stamp, rounded
from pipeline.metrics.roster import Roster
from pipeline.ontology.coalition import Coalition


class Told:
    """What has been said of days already, so that a day that did not change is not put into records again."""

    def __init__(self) -> None:
        self._last: tuple[Written, Stamp, tuple[tuple[Topic, Record], ...]] | None = None
        self._alerts: dict[int, tuple[Day, Stamp, tuple[tuple[Topic, Record], ...]]] = {}

    def last(
        self, written: Written, roster: Roster, params: MetricParams, stamp: Stamp
    ) -> tuple[tuple[Topic, Record], ...]:
        """Drift and blocs of the last day."""
        if self._last is None or self._last[0] is not written or self._last[1] != stamp:
            drifts = ((DRIFT, record) for record in drift_records(written, roster, stamp))
            blocs = ((BLOCS, record) for record in bloc_records(written, params, stamp))
            self._last = (written, stamp, (*drifts, *blocs))
        return self._last[2]

    def alerts(self, days: Iterable[Day], stamped: Callable[[int], Stamp]) -> Iterator[tuple[Topic, Record]]:
        """Alerts of all days."""
        for day in days:
            if not (day.surges or day.newcomers or day.silent_days):
                continue
            known, stamp = self._alerts.get(day.tick), stamped(day.tick)
            if known is None or known[0] is not day or known[1] != stamp:
                found = tuple((ALERTS, alert) for alert in alerts_of(day, stamp))
                known = self._alerts[day.tick] = (day, stamp, found)
            yield from known[2]


def drift_records(written: Written, roster: Roster, stamp: Stamp) -> Iterator[Drift]:
    """Publish every outsider of every coalition."""
    for name, found in written.outsiders.items():
        coalition: Coalition = roster.coalition(name)
        for index, (state, value, low, high) in enumerate(found.listed()):
            standing = written.day.standings.get((name, state), Standing())
            since = standing.since
            yield Drift(
                as_of=stamp.as_of,
                n_eff=rounded(found.n_eff[index]),
                prior_share=rounded(found.prior_share[index]),
                spec_version=SPEC_VERSION,
                ontology_version=stamp.ontology_version,
                ledger_digest=stamp.ledger_digest,
                coalition=name,
                rival=coalition.rival,
                state=state,
                drift=rounded(value),
                ci90=(rounded(low), rounded(high)),
                candidate=standing.candidate,
                days_above=standing.days_above,
                since=None if since is None else moment((since.toordinal() - _EPOCH) * 24),
            )


_EPOCH = 719163
"""Ordinal of 1970-01-01."""


def bloc_records(written: Written, params: MetricParams, stamp: Stamp) -> Iterator[Bloc]:
    """Publish every emergent bloc with the mean tie of its pairs that had news, in the slowest view."""
    world = written.world
    known = {dyad: row for row, dyad in enumerate(world.rows.dyads)}
    view = params.slowest
    for label, members in sorted(written.day.blocs.items()):
        dyads = (dyad_of(a, b) for a, b in combinations(sorted(members), 2))
        rows = [known[dyad] for dyad in dyads if dyad in known and world.sums.n[view, known[dyad]]]
        mean = mean_tie(world.of(np.array(rows, np.int64)), params)
        yield Bloc(
            as_of=stamp.as_of,
            n_eff=rounded(np.add.reduce(world.plain.n_eff[view, rows])),
            prior_share=rounded(np.add.reduce(world.plain.prior_share[view, rows]) / max(1, len(rows))),
            spec_version=SPEC_VERSION,
            ontology_version=stamp.ontology_version,
            ledger_digest=stamp.ledger_digest,
            label=label,
            members=tuple(sorted(members)),
            cohesion=rounded(mean.value[view]),
            ci90=(rounded(mean.low[view]), rounded(mean.high[view])),
            since=moment(written.day.bloc_since[label]),
        )


def alerts_of(day: Day, stamp: Stamp) -> Iterator[Alert]:
    """Publish what a day gave cause to look at."""
    for surge in day.surges:
        yield _alert(stamp, AlertKind(surge.kind), surge.dyad, surge.value, surge.threshold,
                     surge.n_eff, surge.prior_share)  # fmt: skip
    for newcomer in day.newcomers:
        found = _alert(stamp, AlertKind.DRIFT, "|".join(newcomer.outsider), newcomer.drift,
                       Hysteresis().above, newcomer.n_eff, newcomer.prior_share)  # fmt: skip
        yield found.model_copy(update={"ci90": (rounded(newcomer.low), rounded(newcomer.high))})
    if day.silent_days:
        yield _alert(stamp, AlertKind.DATA_GAP, "world", float(day.silent_days), 1.0, 0.0, 1.0)


def _alert(
    stamp: Stamp, kind: AlertKind, subject: str, value: float, threshold: float, n_eff: float, share: float
) -> Alert:
    return Alert(
        as_of=stamp.as_of,
        n_eff=rounded(n_eff),
        prior_share=rounded(share),
        spec_version=SPEC_VERSION,
        ontology_version=stamp.ontology_version,
        ledger_digest=stamp.ledger_digest,
        kind=kind,
        subject=subject,
        value=rounded(value),
        threshold=rounded(threshold),
        final=stamp.final,
    )
