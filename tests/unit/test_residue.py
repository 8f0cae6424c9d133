"""Lines of a page both ways: its furniture goes, and whatever a report says stays."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.articles.residue import date_line, is_residue, without_residue

FURNITURE = """
icon|#DefeatRussia|#DefeatRussia 12 #Ukraine 3|March 21,2024 490|21 March 2024|2024-03-21 10:00 GMT
Mar. 21, 2024 at 5:30 p.m. EST|Cover: Shutterstock|Photo: Reuters / A. Person|Photo by A. Person
Photo courtesy of the Ministry of Defence|Sergei Person, Sputnik, Kremlin Pool Photo via AP|© Reuters
A. Person / AFP via Getty Images|AFP via Getty Images|Credit: A. Person|Source: Ministry of Defence
Share|Share on Facebook|Share this article|Facebook, Twitter, Telegram|Like us on Facebook
Follow us on Telegram|Follow Example.org on Twitter and Facebook for the latest updates.|Find us on X
Subscribe|Subscribe now!|Sign in|Log in to continue|Sign in or create an account to continue reading
Sign up for our newsletter|Sign up for our weekly newsletter, by A. Person.|Subscribe to our newsletter
Get the latest news from example.org in your inbox.|Get daily National news
For the latest from across the globe, sign up for our newsletters .|Support our journalism today
Read also: Ministers meet|Read more: Ministers meet|MORE : Ministers meet|Watch: A minister speaks
Related articles|Most read in Politics|Read next|Trending now|Recommended for you|Comments (12)|12 comments
Story continues below|- Advertisement|Article content|Tags: Russia, China|Back to top
© 2024 Example|Copyright 2024 Example. No part may be copied.|(c) 2024 Example|All rights reserved.
This site uses cookies to improve your experience.|We use cookies.|Accept all cookies|Cookie settings
5 min read|2 hours ago|Updated: March 21, 2024|Last updated 10:15|Published on 21.03.2024
By Ann Person 5 hours ago|By Ann Person, 10 minutes ago|By Ann Person|BY ANN PERSON AND BOB PERSON
By Ann van Person · March 21, 2024|— Ministry (@ministry) March 21, 2024|* * *|490|Got a story? Write to us.
"""

NEWS = """
Moscow|Iran said no.|Photos show a crater near the bridge.|By Friday both armies had withdrawn.
Share prices fell after the sanctions were announced.|Share the view of our partners, he told them.
Read the room, the minister told his counterpart.|On 21 March 2024 the ministers met.
Cover was provided by Russian jets.|Reuters reported the call first.|The Icon of Kazan was returned to Moscow.
Sign up for war or leave, they were told by the general, who spoke in Minsk.
Support our freedom.|Support the people of Ukraine, he asked.|Please support this proposal.|Support us.
Join our victory.|Join the ranks of the Armed Forces of Ukraine and territorial defence units.
Like our predecessors, we can resolve any task.|Follow the principles and value life.
Join us in pursuit of this shared vision.|Subscribe to that view or leave, he said.
(c) The Parties shall refrain from the use of force.|(c) fighter jets and missiles.
Copyright law was changed in 2021 to please Beijing.|Updated guidance forbids exports of chips
Published reports say that Iran sent drones|Updated sanctions lists named two banks
Video by the ministry shows tanks near the border.|Images by satellite companies show the port.
Pictures by the dozen were burnt.|By Russia's own count, 40 ships were lost
By air and sea|By Moscow's reckoning the talks failed.|Statement carried by Interfax and TASS
The text was published via AP, said the ministry, and nobody denied it.
Get the troops home, he told them.|More than 20 people were killed: most of them were soldiers.
Posted to Kyiv in 2019, he left in 2022.|Trending towards war, the two powers met in Geneva.
March 21, 2024, was the day when the treaty ended.|Comments by the minister angered Tokyo.
Log in to the system failed during the exercise, the army said.|#MeToo reached the parliament in Seoul.
"""


def lines(text: str) -> list[str]:
    return [line for row in text.split("\n") for line in row.split("|") if line]


@pytest.mark.parametrize("line", lines(FURNITURE))
def test_furniture_goes(line: str) -> None:
    assert without_residue(f"Ministers met.\n{line}\nThey left.") == "Ministers met.\nThey left."


@pytest.mark.parametrize("line", lines(NEWS))
def test_news_stays(line: str) -> None:
    assert without_residue(line) == line


def test_the_outlets_bare_name_is_no_news() -> None:
    assert without_residue("The Wire\nThe Wire met them.", "the wire") == "The Wire met them."


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("March 21,2024 490", "March 21,2024"),
        ("March 21, 2024", "March 21, 2024"),
        ("21 March 2024 10:15 GMT", "21 March 2024 10:15 GMT"),
        ("On March 21, 2024", ""),
        ("490", ""),
    ],
)
def test_lines_of_dates(line: str, expected: str) -> None:
    assert date_line(line) == expected


@pytest.mark.parametrize(
    "line",
    ["#a" * 120, "A. " * 80, "By " + "Ab, " * 59, "photo by " + "Aa/ " * 57, "share " * 40, "Aa " * 78 + "!",
     "get " * 60, "By " + "A. of the " * 23 + "!", "for " * 60, "sign up for our " * 15, "Aa,,, " * 40],
)  # fmt: skip
def test_no_line_takes_long(line: str) -> None:
    began = time.perf_counter()
    is_residue(line)
    assert time.perf_counter() - began < 0.05


def sentences(shared: Path) -> Iterator[str]:
    """Sentences of releases and readouts, those of four words at least."""
    files = {
        "white_house_diplomatic_2022_2024": "text_md",
        "kremlin_ukraine_president_2021_2022": "text",
    }
    for name, field in files.items():
        with gzip.open(shared / "articles" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            for row in file:
                for sentence in re.split(r"(?<=[.!?])\s+", json.loads(row)[field]):
                    if len(re.findall(r"[^\W\d]{2,}", sentence)) >= 4:
                        yield " ".join(sentence.split())


@pytest.mark.shared
def test_no_sentence_of_two_thousand_reports_is_taken_for_furniture(shared: Path) -> None:
    read, gone = 0, []
    for sentence in sentences(shared):
        read += 1
        if is_residue(sentence):
            gone.append(sentence)
    assert read > 75_000
    assert gone == []
