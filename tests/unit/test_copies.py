"""Fifty copies of one wire report, from feed entry to metric: one happening with fifty reports."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from pipeline.contract.article import Article, DateQuality
from pipeline.contract.event import Event, EventType
from pipeline.contract.metric import CoalitionMetric
from pipeline.events.extract import Coder
from pipeline.metrics.aggregate import recompute
from pipeline.metrics.entry import entry_of
from pipeline.metrics.happenings import merged
from pipeline.metrics.params import MetricParams
from pipeline.workers.enriching import Enricher
from tests.strategies import COALITIONS, NOON, make_event

TITLE = "Russia and China sign accord on missile defence"
TEXT = (
    "Russia and China signed an agreement on missile defence in Beijing on Thursday, the Russian foreign "
    "ministry said. Russian Foreign Minister Sergei Lavrov met his Chinese counterpart Wang Yi for three "
    "hours before the signing. Both thanked the experts who had worked on the text since the autumn. Iran "
    "condemned the United States on the same day for new sanctions against its shipping companies. The "
    "accord runs for ten years and can be prolonged by exchange of notes. A first joint exercise of the air "
    "defence forces is planned for the summer, the ministry said in a statement."
)
NUMBERS = (
    "cohesion", "affinity", "opposition", "polarisation", "esteban_ray", "strength", "relative_strength",
    "frustration", "density", "hub_share",
)  # fmt: skip
LEAST, MOST = 0.01, 1e-5


def article(number: int, title: str, text: str, at: datetime) -> Article:
    return Article(
        article_id=f"{number:032x}", version=1, feed_id=f"feed-{number}", outlet=f"Outlet {number}",
        language="en", guid=f"g{number}", url=f"https://example.org/{number}", title=title, text=text,
        published_at=at, published_quality=DateQuality.FEED, first_seen_at=at, fetched_at=at,
    )  # fmt: skip


def copies(number: int) -> list[Article]:
    """The report as so many outlets print it: cut short, with another title, with a line of their own."""
    dice, sentences = Random(1), TEXT.split(". ")
    found = []
    for n in range(1, number + 1):
        title = dice.choice((TITLE, f"{TITLE}: ministry", "Moscow and Beijing agree on missile defence"))
        text = ". ".join(sentences[: dice.choice((5, 6, 7))])
        if dice.random() < 0.5:
            text = f"{text}\nOutlet {n} brings you the news of the day."
        found.append(article(n, title, text, NOON + timedelta(minutes=dice.randrange(45 * 60))))
    return found


def background() -> list[Event]:
    """A month of other news."""
    dice, kinds = Random(2), ((EventType.CONSULT, 1.0), (EventType.AID, 5.0), (EventType.ACCUSE, -2.0))
    codes = ("RUS", "CHN", "IRN", "USA", "GBR", "FIN", "KAZ")
    found = []
    for n in range(400):
        source, target = dice.sample(codes, 2)
        kind, goldstein = dice.choice(kinds)
        at = NOON - timedelta(hours=dice.randrange(1, 24 * 30))
        found.append(make_event(source, target, kind, goldstein, at, event_id=f"{10_000 + n:032x}"))
    return found


def metrics(events: list[Event]) -> dict[str, CoalitionMetric]:
    later = make_event("KAZ", "FIN", EventType.CONSULT, 1.0, NOON + timedelta(days=3), event_id="f" * 32)
    entries = [entry_of(event) for event in [*events, *background(), later]]
    outputs = recompute(entries, COALITIONS, MetricParams(), "test")
    return {key: row for _, key, row in outputs.records() if isinstance(row, CoalitionMetric)}


def test_fifty_copies_are_one_happening_and_move_no_metric(coder: Coder) -> None:
    enricher = Enricher()
    first = enricher.enrich(article(0, TITLE, TEXT, NOON))
    again = [enricher.enrich(copy) for copy in copies(50)]
    assert {copy.story_id for copy in again} == {first.story_id}
    alone = list(coder.extract(first).events)
    assert {(e.source.code, e.type, e.target.code) for e in alone} >= {("RUS", EventType.AGREE, "CHN")}
    reports = [event for one in again for event in coder.code(one).events]
    signed = [one for one in merged([*alone, *reports]) if (one.dyad, one.type) == ("CHN|RUS", "AGREE")]
    assert [one.n_articles for one in signed] == [51]
    before, after = metrics(alone), metrics([*alone, *reports])
    assert before.keys() == after.keys()
    for key, row in before.items():
        for name in NUMBERS:
            old, new = getattr(row, name), getattr(after[key], name)
            assert (old is None) == (new is None)
            if old is not None:
                assert abs(new - old) <= max(MOST, LEAST * abs(old)), (key, name, old, new)
