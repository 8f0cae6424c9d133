"""Where the reference once caught the engine: each of these was wrong."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations
from random import Random

import pytest

from pipeline.contract.event import EventType
from pipeline.contract.metric import CoalitionMetric
from pipeline.contract.topics import METRICS
from pipeline.metrics.aggregate import Aggregate
from pipeline.metrics.entry import Entry, entry_of
from pipeline.metrics.params import MetricParams
from pipeline.ontology.coalition import Coalition, Member
from tests.property import comparison
from tests.property import reference_camps as camps
from tests.property.reference_news import News
from tests.property.reference_story import Run, Story
from tests.strategies import NOON, make_event

PARAMS = MetricParams()
CAMPS = (
    Coalition("one", "three states", tuple(map(Member, ("CHN", "IRN", "RUS"))), "other"),
    Coalition("other", "two states", tuple(map(Member, ("GBR", "USA"))), "one"),
)


def said(one: str, other: str, g: float, hours: int = 0, confidence: float = 1.0) -> Entry:
    kind = EventType.AID if g >= 0 else EventType.ACCUSE
    return entry_of(make_event(one, other, kind, g, NOON + timedelta(hours=hours), confidence=confidence))


def run_of(found: list[Entry], groups: tuple[Coalition, ...] = CAMPS) -> Run:
    engine = Aggregate(groups, PARAMS, "test")
    for entry in found:
        engine.fold(entry)
    outputs = engine.everything()
    return Run(Story(News(found, PARAMS), groups), engine._frame(), outputs)


def compare(run: Run) -> None:
    records = [record for record in run.outputs.of(METRICS) if isinstance(record, CoalitionMetric)]
    assert records
    for record in records:
        comparison.coalition(run, record, run.news.tick)


def test_an_outsiders_silent_pairs_vary_as_a_coalitions_do() -> None:
    comparison.drifts(run_of([said("KAZ", "RUS", 8.3), said("CHN", "RUS", 8.3), said("GBR", "USA", 1.0, 12)]))


def test_the_placebo_draws_from_actors_with_mass_only() -> None:
    news = [
        said("CHN", "RUS", 8.3),
        said("CHN", "IRN", 1.0),
        said("GBR", "USA", 1.0),
        said("KAZ", "TUR", 0.0),
        said("CHN", "IRN", 1.0, 12),
    ]
    compare(run_of(news))


def test_a_random_set_of_the_same_states_counts_half_in_the_placebo() -> None:
    dice, states = Random(8), ("CHN", "FIN", "GBR", "IRN", "KAZ", "RUS", "TUR", "USA")
    news = [
        said(
            a, b, dice.choice((8.3, 1.0, 6.0, -2.0, -10.0)), dice.randrange(13), dice.choice((1.0, 0.5, 0.73))
        )
        for a, b in combinations(states, 2)
    ]
    groups = tuple(
        Coalition("-".join(four).lower(), "four", tuple(map(Member, four)))
        for four in combinations(states, 4)
    )
    compare(run_of([*news, said("CHN", "RUS", 1.0, 12)], groups))


def test_ties_that_have_all_but_faded_keep_their_digits() -> None:
    news = [
        said("CHN", "RUS", 8.3),
        said("IRN", "RUS", -2.0),
        said("RUS", "USA", 1.0),
        said("KAZ", "TUR", 1.0, 395 * 24),
    ]
    run = run_of(news)
    world, (own, rival) = run.story.world(run.news.tick), run.story.sides("one", run.news.tick)
    expected = camps.measure(world, own, rival, PARAMS.views[4])["frustration"]
    found = next(r for r in run.outputs.of(METRICS) if r.key == "one|ewm7d")
    assert isinstance(found, CoalitionMetric)
    assert found.frustration == pytest.approx(expected, abs=1e-6)
