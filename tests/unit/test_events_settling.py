"""When and where, by the parse and by the rest of the document: texts of our own, coded whole."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from pipeline.events.datelines import spoken_dateline, wire_dateline
from pipeline.events.summits import summit_host
from tests.unit.test_events_extract import NOON, article

if TYPE_CHECKING:
    from pipeline.contract.event import Event
    from pipeline.events.extract import Coder

LANDS = {
    "Geneva": "CHE",
    "Jakarta": "IDN",
    "Indonesia": "IDN",
    "Tokyo": "JPN",
    "Japan": "JPN",
    "Ankara": "TUR",
}


def first(coder: Coder, text: str, title: str = "", kind: str = "CONSULT") -> Event:
    return next(e for e in coder.extract(article(text, title)).events if e.type == kind)


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Norway's king met Sweden's king on the outskirts of Geneva.", "CHE"),
        ("Norway's foreign minister arrived in Chile on Monday. He met the Chilean president.", "CHL"),
        ("Norway's foreign minister arrived in Santiago on Monday. He met Chile's president.", "CHL"),
        ("Norway's foreign minister met Sweden's ambassador to Norway.", "NOR"),
        (
            "Norway's prime minister spoke by phone with Sweden's prime minister about the war in Ukraine.",
            None,
        ),
        ("Norway's prime minister met Sweden's to discuss the situation in Gaza.", None),
        ("Norway's prime minister was received by Sweden's king.", "SWE"),
        ("Norway's prime minister will visit Chile in May.", "CHL"),
        (
            "President Biden is pleased to host Prime Minister Kristersson of Sweden for talks on May 16.",
            "USA",
        ),
        ("The White House was pleased to host the talks with Sweden.", "USA"),
    ],
)
def test_a_meeting(coder: Coder, text: str, country: str | None) -> None:
    place = first(coder, text).place
    assert (place.country if place else None) == country


def test_a_journey_to_two_countries_is_a_visit_to_each(coder: Coder) -> None:
    events = coder.extract(article("Norway's foreign minister will travel to Peru and Chile.")).events
    assert {e.target.code: e.place.country for e in events if e.place} == {"PER": "PER", "CHL": "CHL"}


@pytest.mark.parametrize(
    ("goal", "country"), [("Geneva, Switzerland", "CHE"), ("the Republic of Korea", "KOR")]
)
def test_the_heading_names_the_journey(coder: Coder, goal: str, country: str) -> None:
    text = "On Friday, Secretary Blinken will meet Sweden's prime minister."
    place = first(coder, text, f"Secretary Blinken’s Travel to {goal}").place
    assert (place.country if place else None) == country


@pytest.mark.parametrize(
    ("text", "kind", "country"),
    [
        ("Norway condemned Chile's attack in Peru.", "ACCUSE", None),
        ("Norway bombed Chile.", "ASSAULT", "CHL"),
        ("Norway arrested a Chilean diplomat.", "COERCE", "NOR"),
        ("Norway withdrew its troops from Chile.", "RETREAT", "CHL"),
    ],
)
def test_other_acts(coder: Coder, text: str, kind: str, country: str | None) -> None:
    place = first(coder, text, kind=kind).place
    assert (place.country if place else None) == country


def test_the_headline_places_the_talks(coder: Coder) -> None:
    event = first(coder, "Norway held talks with Chile.", "Geneva talks open")
    assert event.place is not None
    assert event.place.country == "CHE"


def test_what_was_said_is_placed_by_the_meeting(coder: Coder) -> None:
    text = "Norway's king met Chile's president in Oslo on Tuesday. He praised Chile."
    event = first(coder, text, kind="SUPPORT")
    assert event.place is not None
    assert (event.place.country, event.occurred_on, event.date_rule) == ("NOR", date(2024, 3, 19), "scene")


def test_a_treaty_signed_long_ago_does_not_date_the_praise(coder: Coder) -> None:
    event = first(coder, "Norway praised Chile for a treaty that it had signed on 5 January.", kind="SUPPORT")
    assert (event.occurred_on, event.date_rule) == (NOON.date(), "published")


@pytest.mark.parametrize(
    ("body", "country"),
    [
        ("GENEVA (Reuters) - Norway said", "CHE"),
        ("ANKARA, Feb 17 (AP) — Norway said", "TUR"),
        ("JAKARTA: Indonesia is ready", "IDN"),
        ("NATO: what it is", None),
        ("Norway said", None),
    ],
)
def test_an_agency_dateline(body: str, country: str | None) -> None:
    place = wire_dateline(body, LANDS.get)
    assert (place.country if place else None) == country


@pytest.mark.parametrize(
    ("body", "country"),
    [
        ("Ola Nordmann, Secretary of State Tokyo, Japan Iikura House MINISTER: Welcome.", "JPN"),
        ("Ola Nordmann, Secretary of State\nNew York, New York\nSECRETARY: Good morning.", "USA"),
        ("Ola Nordmann, Secretary of State Today we met in Tokyo, Japan.", None),
        ("The Secretary met his colleague.", None),
    ],
)
def test_where_words_were_spoken(body: str, country: str | None) -> None:
    place = spoken_dateline(body, LANDS.get)
    assert (place.country if place else None) == country


def test_a_summit_has_its_host() -> None:
    assert summit_host("They met on the margins of the G20.", date(2023, 9, 9)) == "IND"
    assert summit_host("They met on the sidelines of the NATO Summit.", date(2023, 7, 11)) == "LTU"
    assert summit_host("They met on the margins of the G20.", date(2023, 2, 9)) is None
    assert summit_host("They spoke at the UN General Assembly.", date(2023, 2, 9)) == "USA"
    assert summit_host("The G20 grows.", date(2023, 9, 9)) is None
