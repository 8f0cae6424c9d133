"""Tones against hand arithmetic, intervals against quantiles known in closed form."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

import pytest

from pipeline.contract.event import EventType
from pipeline.contract.metric import DyadMetric
from pipeline.contract.topics import DYADS
from pipeline.metrics.aggregate import Aggregate, recompute
from pipeline.metrics.board import Board, Table
from pipeline.metrics.entry import entry_of
from pipeline.metrics.interval import tone_interval
from pipeline.metrics.ledger import Ledger
from pipeline.metrics.params import MetricParams
from pipeline.metrics.trail import trail_of
from tests.strategies import NOON, make_event

PARAMS = MetricParams()


def dyads(*events: object) -> dict[str, DyadMetric]:
    found = recompute([entry_of(event) for event in events], (), PARAMS, "test")  # type: ignore[arg-type]  # events
    return {metric.key: metric for metric in found.dyads}


def test_the_seed_article_by_hand() -> None:
    """Aid +8.3; two consultations; an accusation each; a call and a readiness to cooperate.

    PRK|RUS 8.3/(8.3 + 15) = .3562; IRN|RUS (1 + 4)/(5 + 15) = .25; CHN|RUS (1 + 1)/(2 + 15) = .1176;
    RUS|USA and CHN|USA −2/(2 + 15) = −.1176. All within the hour that the tick closes, so no decay:
    the two consultations are of two days, so that they are two happenings.
    """
    found = dyads(
        make_event("PRK", "RUS", EventType.AID, 8.3),
        make_event("RUS", "CHN", EventType.CONSULT, 1.0),
        make_event("RUS", "USA", EventType.ACCUSE, -2.0),
        make_event("CHN", "USA", EventType.ACCUSE, -2.0),
        make_event("IRN", "RUS", EventType.CONSULT, 1.0),
        make_event("IRN", "RUS", EventType.AGREE, 4.0),
        make_event("CHN", "RUS", EventType.CONSULT, 1.0, occurred_on=date(2024, 3, 20)),
    )
    expected = {"PRK|RUS": 0.3562, "IRN|RUS": 0.25, "CHN|RUS": 0.1176, "RUS|USA": -0.1176, "CHN|USA": -0.1176}
    for dyad, tone in expected.items():
        assert round(found[f"{dyad}|w7d"].tone, 4) == tone
        if dyad != "CHN|RUS":  # one of its happenings has decayed for a day and a half
            assert round(found[f"{dyad}|ewm30d"].tone, 4) == tone
    metric = found["IRN|RUS|ewm30d"]
    assert (metric.coop, metric.conflict, metric.net, metric.n_events) == (5.0, 0.0, 5.0, 2)
    assert metric.prior_share == 0.75  # 15/20
    assert metric.n_eff == pytest.approx(25 / 17)  # (1 + 4)²/(1² + 4²)
    assert metric.log_odds == pytest.approx(math.log(12.5 / 7.5))
    assert metric.ci90[0] < metric.tone < metric.ci90[1]
    assert [event.contribution for event in metric.top_events] == [4.0, 1.0]


def test_masses_halve_in_a_half_life() -> None:
    """A later event of another dyad moves the tick; 30 days after the first tick a mass of 8 is 4."""
    found = dyads(
        make_event("PRK", "RUS", EventType.AID, 8.0),
        make_event("USA", "GBR", EventType.AID, 8.0, NOON + timedelta(days=30)),
    )
    metric = found["PRK|RUS|ewm30d"]
    assert metric.coop == 4.0
    assert metric.tone == pytest.approx(4 / 19, abs=1e-9)
    assert found["PRK|RUS|ewm90d"].coop == pytest.approx(8 / 2 ** (1 / 3), abs=1e-9)
    assert found["PRK|RUS|w30d"].coop == 0.0, "the window (t − 30 d, t] has just let go of it"
    assert found["PRK|RUS|w90d"].coop == 8.0
    assert found["PRK|RUS|ewm30d"].n_eff == 1.0


def test_a_window_of_a_day_holds_24_hours() -> None:
    inside = dyads(make_event(), make_event("USA", "GBR", published_at=NOON + timedelta(hours=23)))
    outside = dyads(make_event(), make_event("USA", "GBR", published_at=NOON + timedelta(hours=24)))
    assert inside["RUS|USA|w1d"].n_events == 1
    assert outside["RUS|USA|w1d"].n_events == 0


def test_sums_of_many_hours_are_those_added_one_by_one_and_the_same_bits_alone_and_together() -> None:
    """Running sums against the plain sum over cells, for 500 hours of news and 200 after them."""
    ledger = Ledger(PARAMS)
    for n in range(500):
        told = make_event("RUS", "USA", goldstein=-0.1 - n % 97 / 10, published_at=NOON + timedelta(hours=n))
        ledger.fold(replace(entry_of(told), type=f"T{n}"))
    ledger.settle()
    cells = ledger.cells("RUS|USA")
    trail = trail_of(cells, ledger.entries_of("RUS|USA"), PARAMS)
    alone, together = Board([trail], PARAMS), Board([None, trail, trail], PARAMS)
    first = entry_of(make_event()).bucket
    for tick in range(first, first + 700, 7):
        sums, both = alone.sums(tick), together.sums(tick)
        for mine, theirs in ((sums.conflict, both.conflict), (sums.squares, both.squares)):
            assert mine[:, 0].tobytes() == theirs[:, 1].tobytes() == theirs[:, 2].tobytes()
        for view, weighed in zip(PARAMS.views, sums.conflict[:, 0], strict=True):
            if view.half_life_h is not None:
                in_order = sum(
                    cell.conflict / 10**6 * 2.0 ** (-(tick - 1 - bucket) / view.half_life_h)
                    for (bucket, _), cell in cells.items()
                    if bucket < tick
                )
                assert weighed == pytest.approx(in_order, rel=1e-12)


def test_a_changed_row_reads_the_same_from_the_patch_as_from_a_new_board() -> None:
    ledger = Ledger(PARAMS)
    for n, other in enumerate(("CHN", "IRN", "PRK", "USA")):
        ledger.fold(entry_of(make_event("RUS", other, published_at=NOON + timedelta(hours=n))))
    ledger.settle()
    table, fresh = Table(PARAMS), Table(PARAMS)
    trails = {d: trail_of(ledger.cells(d), ledger.entries_of(d), PARAMS) for d in ledger.dyads}
    table.change(dict.fromkeys(trails))
    table.sums(0)
    assert not table.change({dyad: trails[dyad] for dyad in ("IRN|RUS", "RUS|USA")})
    fresh.change(dict.fromkeys(trails) | {dyad: trails[dyad] for dyad in ("IRN|RUS", "RUS|USA")})
    tick = entry_of(make_event()).bucket + 5
    one, other = table.sums(tick), fresh.sums(tick)
    assert one.conflict.tobytes() == other.conflict.tobytes()
    assert one.conflict.any()
    assert table.busy(tick - 24, tick) == fresh.busy(tick - 24, tick) == ["IRN|RUS", "RUS|USA"]


def test_a_scheduled_event_counts_from_its_day() -> None:
    visit = make_event("RUS", "PRK", EventType.CONSULT, 1.0, occurred_on=date(2024, 3, 23))
    the_day_before = make_event("USA", "GBR", published_at=NOON + timedelta(hours=35))
    on_the_day = make_event("USA", "GBR", published_at=NOON + timedelta(hours=36))
    assert "PRK|RUS|w7d" not in dyads(visit, the_day_before)
    assert dyads(visit, on_the_day)["PRK|RUS|w7d"].n_events == 1


def test_a_dyad_without_news_for_the_retention_is_taken_back() -> None:
    live = Aggregate((), PARAMS, "test")
    live.fold(entry_of(make_event()))
    assert {dyad.dyad for dyad in live.outputs().dyads} == {"RUS|USA"}
    live.fold(entry_of(make_event("USA", "GBR", published_at=NOON + timedelta(days=500))))
    found = live.outputs()
    assert {dyad.dyad for dyad in found.dyads} == {"GBR|USA"}
    assert {key for topic, key in found.gone if topic is DYADS} == {f"RUS|USA|{v.name}" for v in PARAMS.views}


def test_top_events_are_the_heaviest_ties_by_id() -> None:
    events = [
        make_event("RUS", "USA", kind, g, event_id=f"{n:032x}")
        for n, (kind, g) in enumerate(
            [
                (EventType.ACCUSE, -2.0),
                (EventType.ASSAULT, -10.0),
                (EventType.AID, 8.3),
                (EventType.REJECT, -2.0),
                (EventType.CONSULT, 1.0),
                (EventType.SANCTION, -5.0),
                (EventType.REQUEST, 0.0),
            ]
        )
    ]
    top = dyads(*events)["RUS|USA|ewm30d"].top_events
    assert [event.contribution for event in top] == [-10.0, 8.3, -5.0, -2.0, -2.0]
    assert [int(event.event_id, 16) for event in top] == [1, 2, 5, 0, 3]
    assert top[0].url == f"https://example.org/{0:08x}"


@pytest.mark.parametrize(
    ("a", "b", "low", "high"),
    [
        (1, 1, 0.05, 0.95),  # uniform
        (3, 1, 0.05 ** (1 / 3), 0.95 ** (1 / 3)),  # Beta(a, 1): p^(1/a)
        (1, 5, 1 - 0.95 ** (1 / 5), 1 - 0.05 ** (1 / 5)),  # Beta(1, b): 1 − (1 − p)^(1/b)
        (2, 2, 0.135350, 0.864650),  # root of 3x² − 2x³ = .05
        (1.5, 1.5, 0.096961, 0.903039),  # the prior: root of the half-disc's area
    ],
)
def test_intervals_are_near_the_exact_beta_quantiles(a: float, b: float, low: float, high: float) -> None:
    found = tone_interval((a - b) / (a + b), a + b)
    assert found == pytest.approx((2 * low - 1, 2 * high - 1), abs=0.01)


def test_an_interval_survives_a_tone_at_the_very_end() -> None:
    low, high = tone_interval(-1.0, 1e6)
    assert -1 <= low <= high <= 1


def test_a_hundred_thousand_events_in_an_hour() -> None:
    """All conflict: K = 100,000·10 = 10⁶, tone −10⁶/(10⁶ + 15); one story a state, so n_eff is n."""
    entry = entry_of(make_event("RUS", "UKR", EventType.ASSAULT, -10.0))
    days = (date(2023, 6, 1) + timedelta(days=n % 200) for n in range(100_000))
    crowd = [replace(entry, event_id=f"{n:032x}", type=f"T{n}", day=day) for n, day in enumerate(days)]
    found = {metric.view: metric for metric in recompute(crowd, (), PARAMS).dyads}["ewm30d"]
    assert found.conflict == 1_000_000.0
    assert found.n_events == 100_000
    assert found.n_eff == pytest.approx(100_000)
    assert found.tone == pytest.approx(-(10**6) / (10**6 + 15), abs=1e-9)
    assert -1 <= found.ci90[0] < found.tone < found.ci90[1] < -0.9999
