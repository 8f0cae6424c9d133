"""What the aggregator notices, from events to records: surges, gaps, candidates, blocs; and takes back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.contract.event import Event, EventType
from pipeline.contract.signal import Alert, AlertKind, Bloc, Drift
from pipeline.contract.topics import ALERTS, BLOCS, DRIFT
from pipeline.metrics.aggregate import Aggregate, Outputs
from pipeline.metrics.entry import Entry, entry_of
from pipeline.metrics.params import MetricParams
from pipeline.ontology.coalition import Coalition
from tests.strategies import NOON, make_event
from tests.worlds import camp

PARAMS = MetricParams()
EAST, WEST = camp("east", "CHN", "RUS", rival="west"), camp("west", "GBR", "USA", rival="east")


def day(number: int, hour: int = 0) -> datetime:
    """That many days after the first, an hour after noon."""
    return NOON + timedelta(days=number, hours=hour)


def midnight(number: int) -> datetime:
    """The midnight that ends a day."""
    return datetime(2024, 3, 22, tzinfo=UTC) + timedelta(days=number)


def drum(days: Iterable[int]) -> Iterator[Entry]:
    """Somebody reports something every day, so that silence of others is observed."""
    for number in days:
        yield entry_of(make_event("ARG", "BRA", EventType.CONSULT, 1.0, day(number)))


def burst(number: int, *intensities: float) -> list[Entry]:
    """Happenings of Finland and Kazakhstan on one day."""
    kinds = list(EventType)
    told = [make_event("FIN", "KAZ", kinds[i], g, day(number, 1)) for i, g in enumerate(intensities)]
    return [entry_of(event) for event in told]


def folded(entries: Iterable[Entry], coalitions: tuple[Coalition, ...] = ()) -> Aggregate:
    live = Aggregate(coalitions, PARAMS, "test")
    for entry in entries:
        live.fold(entry)
    return live


def alerts(found: Outputs) -> dict[str, Alert]:
    return {record.key: record for record in found.of(ALERTS) if isinstance(record, Alert)}


def test_a_surge_up_and_more_cooperation() -> None:
    """Thirty silent days: median 0, MAD 0, so the floor of 5 measures: z = 25/5 = 5, the threshold.

    Observed days are those 30 and today: ln((25/7 + 1/6)/(25/31 + 1/6)) = ln(3.841358) = 1.345826 ≥ 1.3.
    Told while the day runs; its record is of the midnight that ends it.
    """
    live = folded([*drum(range(31)), *burst(30, 10.0, 10.0, 5.0)])
    found = alerts(live.outputs())
    assert set(found) == {
        f"surge_up|FIN|KAZ|{midnight(30):%Y-%m-%d}",
        f"more_coop|FIN|KAZ|{midnight(30):%Y-%m-%d}",
    }
    surge, more = (found[f"{kind}|FIN|KAZ|{midnight(30):%Y-%m-%d}"] for kind in ("surge_up", "more_coop"))
    assert (surge.value, surge.threshold, surge.as_of) == (5.0, 5.0, midnight(30))
    assert not surge.final
    assert surge.n_eff == pytest.approx(625 / 225)
    assert more.value == pytest.approx(math.log((25 / 7 + 1 / 6) / (25 / 31 + 1 / 6)), abs=1e-9)
    assert more.value == pytest.approx(1.345826, abs=1e-6)
    readings = next(row for row in live.everything().dyads if row.dyad == "FIN|KAZ")
    assert (readings.surge_z, readings.surge_coop) == (5.0, more.value)
    assert readings.surge_conflict == 0.0
    drummer = next(row for row in live.everything().dyads if row.dyad == "ARG|BRA")
    assert drummer.surge_z == 0.0


def test_a_surge_down_and_more_conflict() -> None:
    found = alerts(folded([*drum(range(31)), *burst(30, -10.0, -10.0, -6.0)]).outputs())
    values = {alert.kind: alert.value for alert in found.values()}
    assert values == {
        AlertKind.SURGE_DOWN: pytest.approx(-26 / 5),
        AlertKind.MORE_CONFLICT: pytest.approx(math.log((26 / 7 + 1 / 6) / (26 / 31 + 1 / 6))),
    }


def test_a_quarrel_and_a_gift_of_one_size_are_no_surge_but_more_of_both() -> None:
    """Net 0. Either mass 25: each log-ratio as in the first test."""
    found = alerts(folded([*drum(range(31)), *burst(30, 10.0, 10.0, 5.0, -10.0, -10.0, -5.0)]).outputs())
    assert {alert.kind for alert in found.values()} == {AlertKind.MORE_COOP, AlertKind.MORE_CONFLICT}


def test_nothing_short_of_the_thresholds() -> None:
    """z = 20/5 = 4; ln((20/7 + 1/6)/(20/31 + 1/6)) = ln(3.724) = 1.3149 is more cooperation, 15 is not."""
    assert {
        a.kind for a in alerts(folded([*drum(range(31)), *burst(30, 10.0, 10.0)]).outputs()).values()
    } == {AlertKind.MORE_COOP}
    assert alerts(folded([*drum(range(31)), *burst(30, 10.0, 5.0)]).outputs()) == {}


def test_less_than_twenty_days_before_is_no_judgement_by_z() -> None:
    for days, kinds in ((19, set()), (20, {AlertKind.SURGE_UP})):
        live = folded([*drum(range(days + 1)), *burst(days, 10.0, 10.0, 10.0)])
        found = {alert.kind for alert in alerts(live.outputs()).values()}
        assert found - {AlertKind.MORE_COOP} == kinds
        row = next(row for row in live.everything().dyads if row.dyad == "FIN|KAZ")
        assert (row.surge_z is None) == (days == 19)


def test_more_mass_is_told_on_its_first_day_only() -> None:
    """The day after, a gift of 5: the ratio is higher still, the alert is yesterday's, which stays."""
    live = folded([*drum(range(32)), *burst(30, 10.0, 10.0, 5.0), *burst(31, 5.0)])
    found = alerts(live.outputs())
    assert {(a.kind, a.as_of) for a in found.values()} == {
        (AlertKind.SURGE_UP, midnight(30)),
        (AlertKind.MORE_COOP, midnight(30)),
    }
    row = next(row for row in live.everything().dyads if row.dyad == "FIN|KAZ")
    assert row.surge_coop is not None
    assert row.surge_coop > 1.345826
    assert row.surge_z == 1.0  # 5/5: of the thirty-one days before, one is not silent: median and MAD stay 0


def test_a_withdrawal_takes_alerts_back() -> None:
    """Of 25 a 10 is withdrawn: z = 3, ln((15/7 + 1/6)/(15/31 + 1/6)) = 1.267. Both tombstones, no record."""
    told = burst(30, 10.0, 10.0, 5.0)
    live = folded([*drum(range(31)), *told])
    keys = set(alerts(live.outputs()))
    live.fold(replace(told[0], revision=2, retracted=True, marks=(told[0].marks[0]._replace(revision=2),)))
    found = live.outputs()
    assert {key for topic, key in found.gone if topic is ALERTS} == keys
    assert alerts(found) == {}
    assert {key: record for topic, key, record in found.records() if key in keys} == dict.fromkeys(keys)
    assert alerts(live.everything()) == {}


def test_an_alert_turns_final_with_its_day() -> None:
    live = folded([*drum(range(31)), *burst(30, 10.0, 10.0, 5.0)])
    assert {alert.final for alert in alerts(live.outputs()).values()} == {False}
    for entry in drum(range(31, 34)):
        live.fold(entry)
    found = alerts(live.outputs())
    assert {(alert.as_of, alert.final) for alert in found.values()} == {(midnight(30), True)}


def test_days_without_any_report_are_a_gap_and_no_observation() -> None:
    """Reports on days 0 and 4: three silent days. Late news of day 2 leaves two gaps of a day each."""
    live = folded(drum((0, 4)))
    (gap,) = alerts(live.outputs()).values()
    assert (gap.kind, gap.subject, gap.value, gap.threshold) == (AlertKind.DATA_GAP, "world", 3.0, 1.0)
    assert gap.as_of == midnight(4)
    live.fold(next(drum((2,))))
    found = [a for a in alerts(live.everything()).values() if a.kind is AlertKind.DATA_GAP]
    assert [(a.as_of, a.value) for a in found] == [(midnight(2), 1.0), (midnight(4), 1.0)]
    live.outputs()
    for entry in drum((1, 3)):
        live.fold(entry)
    assert len([key for topic, key in live.outputs().gone if topic is ALERTS]) == 2
    assert alerts(live.everything()) == {}


def loud(one: str, other: str, sign: int, number: int = 0, times: int = 8) -> list[Event]:
    """Many happenings of one pair on one day."""
    return [make_event(one, other, kind, 10.0 * sign, day(number)) for kind in list(EventType)[:times]]


def of_kazakhstan(found: Outputs) -> Drift | None:
    rows = [row for row in found.of(DRIFT) if isinstance(row, Drift)]
    return next((row for row in rows if row.key == "east|KAZ"), None)


TURNED = [
    *loud("KAZ", "RUS", 1), *loud("CHN", "KAZ", 1), *loud("KAZ", "USA", -1), *loud("GBR", "KAZ", -1),
    *loud("RUS", "USA", -1, times=2), *loud("CHN", "GBR", -1, times=2), *loud("GBR", "USA", 1, times=2),
]  # fmt: skip


def test_an_outsider_becomes_a_candidate_on_the_fourteenth_day_and_ceases_to_be_one() -> None:
    """Kazakhstan turns to the east on day 0: clear from the first midnight on, a candidate at the fourteenth.

    On day 20 it falls out with the east and makes up with the west, many times over.
    """
    live, days = folded([], (EAST, WEST)), list[Drift]()
    back = [*loud("KAZ", "RUS", -1, 20, 12), *loud("CHN", "KAZ", -1, 20, 12)]
    back += [*loud("KAZ", "USA", 1, 20, 12), *loud("GBR", "KAZ", 1, 20, 12)]
    candidate_keys = set[str]()
    for number, entry in enumerate(drum(range(24))):
        for event in TURNED if number == 0 else back if number == 20 else ():
            live.fold(entry_of(event))
        live.fold(entry)
        found = live.outputs()
        row = of_kazakhstan(found) or (days[-1] if days else None)
        if row is not None:
            days.append(row)
        candidate_keys |= {key for key, alert in alerts(found).items() if alert.kind is AlertKind.DRIFT}
    by_midnight = {row.as_of: row for row in days}
    for number in range(13):
        row = by_midnight[midnight(number)]
        assert row.drift > 0.2
        assert row.ci90[0] > 0
        assert (row.candidate, row.days_above, row.since) == (False, number + 1, None)
    for number in range(13, 20):
        assert by_midnight[midnight(number)].candidate
        assert by_midnight[midnight(number)].since == midnight(13)
    turned = by_midnight[midnight(20)]
    assert turned.drift < 0.1
    assert (turned.candidate, turned.since, turned.days_above) == (False, None, 0)
    assert candidate_keys == {f"drift|east|KAZ|{midnight(13):%Y-%m-%d}"}
    (alert,) = (a for a in alerts(live.everything()).values() if a.kind is AlertKind.DRIFT)
    assert (alert.value, alert.ci90) == (by_midnight[midnight(13)].drift, by_midnight[midnight(13)].ci90)
    assert alert.threshold == 0.2


def test_drift_is_the_difference_of_mean_ties() -> None:
    """Straight from the dyads that are published at the same midnight, 90-day half-life."""
    live = folded([*map(entry_of, TURNED), *drum((0,))], (EAST, WEST))
    live.fold(
        entry_of(make_event("ARG", "BRA", EventType.CONSULT, 1.0, datetime(2024, 3, 21, 23, 59, tzinfo=UTC)))
    )
    found = live.everything()
    ties = {row.dyad: row.tie for row in found.dyads if row.view == "ewm90d"}
    row = of_kazakhstan(found)
    assert row is not None
    assert row.as_of == found.dyads[0].as_of == midnight(0)
    near, far = (ties["CHN|KAZ"] + ties["KAZ|RUS"]) / 2, (ties["GBR|KAZ"] + ties["KAZ|USA"]) / 2
    assert row.drift == pytest.approx(near - far, abs=3e-9)
    mirrored = next(r for r in found.of(DRIFT) if isinstance(r, Drift) and r.key == "west|KAZ")
    assert mirrored.drift == -row.drift
    assert mirrored.ci90 == (-row.ci90[1], -row.ci90[0])


def test_a_bloc_keeps_its_label_while_it_lasts() -> None:
    """Three friends, all hostile to a fourth and fifth, who are two and so no bloc.

    Then all that China did with the others turns out not to be true: two are no bloc, on any day.
    """
    friends, others = ("CHN", "IRN", "RUS"), ("GBR", "USA")
    events = [
        e for a, b in (("CHN", "IRN"), ("CHN", "RUS"), ("IRN", "RUS"), ("GBR", "USA")) for e in loud(a, b, 1)
    ]
    events += [e for a in friends for b in others for e in loud(a, b, -1)]
    live = folded(map(entry_of, events))
    blocs = list[Bloc]()
    for entry in drum(range(3)):
        live.fold(entry)
        blocs += [record for record in live.outputs().of(BLOCS) if isinstance(record, Bloc)]
    assert [bloc.as_of for bloc in blocs] == [midnight(0), midnight(1)]
    assert {bloc.members for bloc in blocs} == {friends}
    assert len({bloc.label for bloc in blocs}) == 1
    assert {bloc.since for bloc in blocs} == {midnight(0)}
    for a, b in (("CHN", "IRN"), ("CHN", "RUS")):
        for event in loud(a, b, 1):
            live.fold(entry_of(event.model_copy(update={"revision": 2, "retracted": True})))
    found = live.outputs()
    assert (BLOCS, blocs[0].label) in found.gone
    assert found.of(BLOCS) == []


def test_the_cohesion_of_a_bloc_is_its_mean_tie() -> None:
    events = [e for a, b in (("CHN", "IRN"), ("CHN", "RUS"), ("IRN", "RUS")) for e in loud(a, b, 1)]
    events += [e for a in ("CHN", "IRN", "RUS") for e in loud(a, "USA", -1)]
    late = make_event("ARG", "BRA", EventType.CONSULT, 1.0, datetime(2024, 3, 21, 23, 59, tzinfo=UTC))
    found = folded(map(entry_of, [*events, late])).everything()
    (bloc,) = (record for record in found.of(BLOCS) if isinstance(record, Bloc))
    ties = {row.dyad: row.tie for row in found.dyads if row.view == "ewm90d"}
    assert bloc.members == ("CHN", "IRN", "RUS")
    assert bloc.label == "bloc-chn-irn", "equal ties, so the first two by name"
    assert bloc.cohesion == pytest.approx((ties["CHN|IRN"] + ties["CHN|RUS"] + ties["IRN|RUS"]) / 3, abs=3e-9)
