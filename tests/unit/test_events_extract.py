"""Articles of our own in, events out: grammar, headlines, status, place, anaphora, edits, refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.contract.article import Article, Superseded
from pipeline.contract.event import Event, Status
from tests.strategies import NOON, make_article

if TYPE_CHECKING:
    from pipeline.events.extract import Coder


def article(text: str, title: str = "", **changes: object) -> Article:
    """Text first: most tests need no title."""
    return make_article(title, text, **changes)


def told(rules: Coder, text: str, title: str = "", **changes: object) -> list[str]:
    """What counts, as "NOR ACCUSE SWE"; another status than occurred is added."""
    return [line(event) for event in rules.extract(article(text, title, **changes)).events]


def line(event: Event) -> str:
    words = f"{event.source.code} {event.type} {event.target.code}"
    return words if event.status is Status.OCCURRED else f"{words} {event.status}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Brazil accused Chile of spying.", ["BRA ACCUSE CHL"]),
        ("Chile accused Brazil of spying.", ["CHL ACCUSE BRA"]),
        ("Estonia was condemned by Latvia.", ["LVA ACCUSE EST"]),
        ("Chile was accused of spying by Brazil.", ["BRA ACCUSE CHL"]),
        ("Oslo condemned Stockholm.", ["NOR ACCUSE SWE"]),
        ("Norway gave Ukraine fifty tanks.", ["NOR AID UKR"]),
        ("Norway supplied tanks to Ukraine.", ["NOR AID UKR"]),
        ("Ukraine was supplied with drones by Norway.", ["NOR AID UKR"]),
        ("Norway praised Chile's decision.", ["NOR SUPPORT CHL"]),
        ("Norway rejected Chile's offer.", ["NOR REJECT CHL"]),
        ("Norway threatened Chile with tariffs.", ["NOR THREATEN CHL"]),
        ("Norway imposed sanctions on Chilean banks.", ["NOR SANCTION CHL"]),
        ("Norway expelled two Chilean diplomats.", ["NOR SANCTION CHL"]),
        ("Norway lifted sanctions on Chile.", ["NOR CONCEDE CHL"]),
        ("Hamas released four Israeli soldiers.", ["NSA:HAMAS CONCEDE ISR"]),
        ("Chile withdrew from Peru.", ["CHL RETREAT PER"]),
        ("Chile deployed troops near the border with Peru.", ["CHL MOBILIZE PER"]),
        ("Japan launched a strike on Chile.", ["JPN ASSAULT CHL"]),
    ],
)
def test_who_does_what_to_whom(rules: Coder, text: str, expected: list[str]) -> None:
    assert told(rules, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The foreign ministers of Brazil and Chile met in Lima.", ["BRA CONSULT CHL"]),
        ("Brazil and Chile signed a treaty in Lima.", ["BRA AGREE CHL"]),
        ("Norway and Sweden held joint exercises.", ["NOR COOPERATE SWE"]),
        ("Chile's president held talks with Peru's prime minister.", ["CHL CONSULT PER"]),
        ("Russia and China accused Japan.", ["RUS ACCUSE JPN", "CHN ACCUSE JPN"]),
        ("A telephone call from Vladimir Putin to Xi Jinping lasted an hour.", ["RUS CONSULT CHN"]),
    ],
)
def test_joint_acts_and_nouns(rules: Coder, text: str, expected: list[str]) -> None:
    assert sorted(told(rules, text)) == sorted(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Chilean President Nobody Atall visited Japan.", ["CHL CONSULT JPN"]),
        ("Norway welcomed Chilean Foreign Minister Nobody Atall.", ["NOR CONSULT CHL"]),
        ("Chilean wine delighted Japan.", []),
        ("Norway welcomed Chilean wine.", []),
        ("Former Russian president Dmitry Medvedev condemned Japan.", []),
        ("Vladimir Putin called Joe Biden a friend.", []),
    ],
)
def test_whose_act_it_is(rules: Coder, text: str, expected: list[str]) -> None:
    assert told(rules, text) == expected


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Japan condemned Chile.", Status.OCCURRED),
        ("Japan will host Brazil's president next week.", Status.INTENDED),
        ("Japan's prime minister is to visit Chile on Friday.", Status.INTENDED),
        ("Japan did not condemn Chile.", Status.DENIED),
        ("Japan denied that Brazil had attacked Chile.", Status.DENIED),
        ("Japan refused to support Chile.", Status.DENIED),
        ("Japan may attack Chile.", Status.HYPOTHETICAL),
        ("If Japan attacks Chile, markets fall.", Status.HYPOTHETICAL),
        ("In 1998 Japan attacked Chile.", Status.HISTORICAL),
        ("Japan attacked Chile on 2 January 2023.", Status.HISTORICAL),
    ],
)
def test_status(rules: Coder, text: str, status: Status) -> None:
    assert [event.status for event in rules.extract(article(text)).events] == [status]


def test_what_is_only_demanded_has_not_happened(rules: Coder) -> None:
    found = rules.extract(article("Japan urged Chile to withdraw from Peru."))
    assert [line(event) for event in found.events] == ["JPN REQUEST CHL"]


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Norway's king met Sweden's king in Reykjavik.", "ISL"),
        ("Norway's prime minister visited Sweden.", "SWE"),
        ("Norway's prime minister arrived in Stockholm.", "SWE"),
        ("Norway's minister met Sweden's minister in the Danish capital.", "DNK"),
        ("Japan bombed Chile.", "CHL"),
        ("Norway accused Sweden.", None),
    ],
)
def test_place(rules: Coder, text: str, country: str | None) -> None:
    (event,) = rules.extract(article(text)).events
    assert (event.place.country if event.place else None) == country


def test_a_weekday_is_the_day_of_publication(rules: Coder) -> None:
    (event,) = rules.extract(article("On Thursday Norway condemned Sweden.")).events
    assert (event.occurred_on, event.date_rule) == (NOON.date(), "weekday")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Norway's king met Sweden's king. The two countries signed a treaty.",
            ["NOR CONSULT SWE", "NOR AGREE SWE"],
        ),
        ("Joe Biden flew home from Japan. He condemned Chile.", ["USA ACCUSE CHL"]),
        ("Norway banned imports from Chile. Santiago condemned the step.",
         ["NOR SANCTION CHL", "CHL ACCUSE NOR"]),
        ("Norway accused Chile of spying and urged it to stop.", ["NOR ACCUSE CHL", "NOR REQUEST CHL"]),
    ],
)  # fmt: skip
def test_words_that_stand_for_an_actor(rules: Coder, text: str, expected: list[str]) -> None:
    assert told(rules, text) == expected


def test_an_organ_of_a_state_speaks_for_it(rules: Coder) -> None:
    text = "We condemn Chile."
    assert told(rules, text, outlet="Kremlin") == ["RUS ACCUSE CHL"]
    assert told(rules, text, outlet="Meridian Wire", outlet_country="RUS") == []


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Xi to visit Norway", ["CHN CONSULT NOR intended"]),
        ("Iran Holds Talks With China; Japan Condemns Chile", ["IRN CONSULT CHN", "JPN ACCUSE CHL"]),
        ("Norway condemns Chile as Japan praises Peru", ["NOR ACCUSE CHL", "JPN SUPPORT PER"]),
        ("Moscow and Beijing fault US over trade", ["RUS ACCUSE USA", "CHN ACCUSE USA"]),
    ],
)
def test_headlines(rules: Coder, title: str, expected: list[str]) -> None:
    assert told(rules, "Nothing more is known.", title) == expected


def test_a_headline_and_its_dated_sentence_are_one_happening(rules: Coder) -> None:
    (event,) = rules.extract(article("Norway condemned Chile on Monday.", "Norway condemns Chile")).events
    assert str(event.occurred_on) == "2024-03-18"
    assert event.evidence.sentence == "Norway condemned Chile on Monday."


def test_what_happens_at_the_meeting_happens_then_and_there(rules: Coder) -> None:
    text = "Norway's king met Sweden's king in Reykjavik on March 18. At the meeting Norway condemned Chile."
    met, condemned = rules.extract(article(text)).events
    assert (condemned.occurred_on, condemned.place) == (met.occurred_on, met.place)
    assert line(condemned) == "NOR ACCUSE CHL"


def test_an_edit_withdraws_what_it_no_longer_says(rules: Coder) -> None:
    first = article("Norway condemned Chile. Japan praised Peru.")
    gone = rules.extract(first).events[0]
    old = Superseded(version=1, title=first.title, text=first.text, published_at=NOON)
    after = rules.extract(article("Japan praised Peru.", version=2, supersedes=old)).events
    assert [(line(e), e.revision, e.retracted) for e in after] == [
        ("JPN SUPPORT PER", 2, False),
        ("NOR ACCUSE CHL", 2, True),
    ]
    assert after[1].event_id == gone.event_id
    assert after[1].revision > gone.revision


def test_another_language_is_refused(rules: Coder) -> None:
    found = rules.extract(article("Norway condemned Chile.", language="fr"))
    assert (found.events, [r.reason for r in found.refused]) == ((), ["language fr is not read"])


def test_one_actor_is_refused(rules: Coder) -> None:
    assert [r.reason for r in rules.extract(article("Norway rests.")).refused] == ["fewer than two actors"]
