"""Whatever the text: spans re-read exactly, order and company do not matter, nothing raises."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import feedparser
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from pipeline.contract.article import Article, document
from pipeline.contract.event import Event, Status
from pipeline.events.extract import Coder
from tests.unit.test_events_extract import article

SAMPLES = Path(__file__).parents[2] / "pipeline" / "samples"
NAMES = """
    Russia Moscow China Xi Putin Iranian NATO Hamas Kyiv Ukrainian the two countries they it he we US
    president minister
    """.split()
ACTS = """
    met accused will visit did not attack signed a treaty with gave missiles to condemned Chinese strikes on
    talks between and in on Thursday at the meeting urged to withdraw from by : ; , . ? — “ ” ’s – 🙂 İ ǆ
    """.split()
JUNK = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(NAMES + ACTS + ["\n", ". "]), max_size=40).map(" ".join),
)
LIMITS = limits(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def check_spans(event: Event, whole: str) -> None:
    proof = event.evidence
    first, last = proof.sentence_span
    assert whole[first:last] == proof.sentence
    assert whole[slice(*proof.trigger_span)] == proof.trigger
    assert whole[slice(*proof.source_span)] == event.source.name
    assert whole[slice(*proof.target_span)] == event.target.name
    assert first <= proof.trigger_span[0] < proof.trigger_span[1] <= last
    assert event.source.code != event.target.code


@cache
def samples() -> tuple[Article, ...]:
    return tuple(_samples())


def _samples() -> Iterator[Article]:
    for path in sorted(SAMPLES.glob("*.xml")):
        for entry in feedparser.parse(path.read_bytes()).entries:
            text = entry.content[0].value if "content" in entry else entry.summary
            identity = hashlib.blake2b(entry.id.encode(), digest_size=16).hexdigest()
            yield article(text, entry.title, article_id=identity, guid=entry.id)


@pytest.mark.slow
def test_every_span_of_the_sample_feeds_re_reads(coder: Coder) -> None:
    found = 0
    for item in samples():
        events = coder.extract(item).events
        assert len({e.event_id for e in events}) == len(events)
        for event in events:
            check_spans(event, item.document)
            found += 1
    assert found > 400


@given(title=JUNK, text=JUNK, outlet=st.sampled_from(["Meridian Wire", "Kremlin", "White House"]))
@LIMITS
def test_any_text_is_read_without_a_fault(coder: Coder, title: str, text: str, outlet: str) -> None:
    item = article(text, title, outlet=outlet)
    for event in coder.extract(item).events:
        check_spans(event, document(title, text))


@given(seed=st.integers(0, 2**32))
@limits(LIMITS, max_examples=5)
def test_company_and_order_do_not_matter(coder: Coder, seed: int) -> None:
    chance = random.Random(seed)
    some = chance.sample(samples(), 12)
    alone = {item.article_id: coder.extract(item).events for item in some}
    chance.shuffle(some)
    assert [coder.code(item).events for item in some] == [alone[item.article_id] for item in some]


def test_a_copy_tells_what_it_would_tell_alone(coder: Coder) -> None:
    """Coded before or not, under another name, at another hour and by another outlet."""
    found = 0
    for item in samples():
        coder.code(item)
        for outlet in ("Kremlin", "Atlas Dispatch"):
            copy = item.model_copy(
                update={"article_id": item.article_id[::-1], "outlet": outlet, "url": "https://example.org/9"}
            )
            events = coder.code(copy).events
            assert events == coder.extract(copy).events
            found += len(events)
    assert found > 800


@given(before=JUNK, after=JUNK)
@limits(LIMITS, max_examples=30)
def test_an_edit_leaves_just_what_the_new_text_says(coder: Coder, before: str, after: str) -> None:
    first = article(before)
    edited = article(
        after,
        version=2,
        supersedes={"version": 1, "title": "", "text": before, "published_at": first.published_at},
    )
    fresh = {e.event_id for e in coder.extract(article(after)).events}
    old = {e.event_id for e in coder.extract(first).events}
    events = coder.extract(edited).events
    assert {e.event_id for e in events if not e.retracted} == fresh
    assert {e.event_id for e in events if e.retracted} == old - fresh
    assert all(e.revision == 2 for e in events)


def test_a_denied_or_possible_act_is_told_but_never_counts(coder: Coder) -> None:
    events = coder.extract(
        article("Moscow denies that Russia attacked Poland. Poland may attack Russia.")
    ).events
    assert events
    assert not [e for e in events if e.status in (Status.OCCURRED, Status.INTENDED)]
