"""Near copies of one text are one story; look-alikes about others are not."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import re
import tarfile
import time
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import pytest
import zstandard

from pipeline.articles.names import names_of, renamed
from pipeline.articles.normalize import Reading, read_feed
from pipeline.articles.shingles import BANDS, bands_of, shared, shingles_of
from pipeline.articles.stories import COPIES, WINDOW, Stories

DAY = datetime(2024, 3, 21, 9, tzinfo=UTC)
TITLE = "Envoys of Rovania and Meskia reopen the Tarn crossing"
REPORT = """Envoys of Rovania and Meskia opened the road over the Tarn river on Thursday, seven months after
both sides had closed it. The Rovanian foreign minister, Ilka Barend, walked to the middle of the
bridge and shook hands with her Meskian counterpart Osman Tell. Lorries that had waited in the
valley since dawn began to cross at noon under the eyes of observers. Barend told reporters that
customs would work around the clock from next week. Tell said the ministers had also spoken of the
pipeline, without coming to terms. Farmers on both banks had asked for months that the crossing be
opened before the harvest. The closure cost the border towns about a third of their trade, the
chamber of commerce in Port Lessing reckons. A second meeting is planned for May in the Meskian
capital. Observers from the contact group will stay at the bridge until then. Nobody would say what
becomes of the soldiers who were moved to the river last autumn."""
FRAMES = (
    "Sign up for our morning letter and read what matters before the others do. It comes every weekday.",
    "This text was prepared by the foreign desk. Use it as you like, but name the source and link to it.",
    "Follow us where you like to read. Tell your friends, leave a comment, or write to the editors at night.",
)
TEMPLATE = """On behalf of the Government of the United States of America, I congratulate the people of {0} as
they celebrate their national day. Our two countries share a long friendship, and we are
grateful to {0} for its work in the region. We look forward to deeper ties in trade, security
and education in the year ahead. I wish all {0} peace and prosperity on this happy occasion."""
STATES = """Grenada Mongolia Burundi Malta Chad Mali Iran Iraq Niger Nigeria Austria Australia Slovakia
Slovenia Mexico Kuwait Sudan Latvia Norway Jordan""".split()


def ident(*parts: object) -> str:
    return hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=16).hexdigest()


def same(one: tuple[str, str], other: tuple[str, str], later: timedelta = timedelta(hours=2)) -> bool:
    """Tell whether two texts become one story, in either order."""
    answers = []
    for first, second in ((one, other), (other, one)):
        stories = Stories()
        first_story = stories.assign(ident("first"), *first, DAY)
        answers.append(stories.assign(ident("second"), *second, DAY + later) == first_story)
    assert answers[0] == answers[1]
    return answers[0]


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+", text)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (TITLE, REPORT),
        ("Bridge over the Tarn open again", REPORT),
        (TITLE.upper(), REPORT.replace("\n", " ")),
        (TITLE, " ".join(REPORT.split()[:60]) + " …"),
        ("What we know", " ".join(REPORT.split()[:80])),
        (TITLE, f"{FRAMES[0]}\n{REPORT}\n{FRAMES[1]} {FRAMES[2]}"),
        (TITLE, " ".join(s for n, s in enumerate(sentences(REPORT)) if n % 3)),
    ],
)
def test_copies_tell_one_story(title: str, text: str) -> None:
    assert same((TITLE, REPORT), (title, text))


def test_another_report_of_the_same_dyad_is_another_story() -> None:
    other = "Rovania and Meskia fail to agree on the pipeline"
    text = """Talks between Rovania and Meskia on the pipeline ended in Port Lessing without a result on
    Friday. Ilka Barend and Osman Tell left by different doors. The company that runs the line said it could
    not wait beyond the summer, and gave no other figures."""
    assert not same((TITLE, REPORT), (other, text))


def test_statements_made_from_one_template_are_stories_of_their_own() -> None:
    stories = Stories()
    named = {
        stories.assign(ident(state), f"{state} National Day", TEMPLATE.format(state), DAY) for state in STATES
    }
    assert len(named) == len(STATES)


def test_not_even_framed_alike() -> None:
    stories = Stories()
    frame = "\n".join(FRAMES)
    named = {
        stories.assign(ident(state), f"{state} National Day", f"{TEMPLATE.format(state)}\n{frame}", DAY)
        for state in STATES
    }
    assert len(named) == len(STATES)


def test_a_title_alone_tells_whom_a_statement_is_for() -> None:
    text = "The President sends his warmest wishes to your nation and to all who celebrate with you today."
    assert not same(("Grenada National Day", text), ("Mongolia National Day", text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Putin, Xi discuss Ukraine by phone", "Putin, Modi discuss Ukraine by phone"),
        ("Kim Jong Un arrives in Moscow for talks", "Kim Jong Un arrives in Beijing for talks"),
        ("North Korea fires missile into the sea", "South Korea fires missile into the sea"),
        ("Readout of the call with President of France", "Readout of the call with President of Ghana"),
        ("Public schedule of the department for July 1, 2021",
         "Public schedule of the department for July 2, 2021"),
    ],
)  # fmt: skip
def test_headlines_that_differ_in_a_name(one: str, other: str) -> None:
    assert not same((one, ""), (other, ""))


def test_headlines_of_one_story() -> None:
    assert same(("Putin, Xi discuss Ukraine by phone", ""), ("Putin, Xi discuss Ukraine by phone", ""))
    assert same(
        ("Death toll of the Khorly attack rises to 28", ""),
        ("Death toll of the Khorly attack rises to 29", ""),
    )


def test_spellings_of_one_name_are_no_other_name() -> None:
    for one, other in (("Kyiv", "Kiev"), ("Zelenskyy", "Zelensky"), ("the United States", "the U.S.")):
        text = "We told {} that the talks go on"
        assert not renamed(names_of("", text.format(one)), names_of("", text.format(other)))


def test_what_is_renamed_and_what_is_only_longer() -> None:
    text = "The minister spoke today with {} about the border"
    plain, full, other = (
        names_of("", text.format(name))
        for name in ("Kuleba", "Foreign Minister Dmytro Kuleba", "Foreign Minister Jeppe Kofod")
    )
    assert not renamed(plain, full)
    assert renamed(full, other)


def test_copies_come_within_a_week() -> None:
    assert same((TITLE, REPORT), (TITLE, REPORT), WINDOW)
    assert not same((TITLE, REPORT), (TITLE, REPORT), WINDOW + timedelta(seconds=1))


def test_words_alone_matter() -> None:
    for title, text in (("", ""), ("…", "— !"), ("\x00", "🤝")):
        stories = Stories()
        assert [stories.assign(ident(n), title, text, DAY) for n in range(2)] == [ident(0), ident(1)]
        assert len(stories) == 0


def test_a_known_article_keeps_its_story() -> None:
    stories = Stories()
    stories.assign(ident(1), TITLE, REPORT, DAY)
    assert stories.assign(ident(2), TITLE, f"{FRAMES[0]} {REPORT}", DAY) == ident(1)
    assert stories.assign(ident(2), "Now quite another text", "It says something else.", DAY) == ident(1)


def test_fifty_copies_are_one_story_and_few_are_remembered() -> None:
    stories = Stories()
    words = REPORT.split()
    named = {stories.assign(ident(n), TITLE, " ".join(words[: 60 + 2 * n]), DAY) for n in range(50)}
    assert named == {ident(0)}
    assert len(stories) == COPIES


def test_a_story_began_when_its_first_text_was_published() -> None:
    stories = Stories()
    for n in range(20):
        stories.assign(ident(n), TITLE, f"{REPORT} {'More. ' * n}", DAY + timedelta(hours=n))
    assert stories.began_at(ident(0)) == DAY
    assert stories.began_at(ident(1)) is None
    later = DAY + timedelta(days=8)
    stories.assign(ident("later"), TITLE, REPORT, later)
    assert (stories.began_at(ident(0)), stories.began_at(ident("later"))) == (None, later)


def test_memory_is_bounded_by_number_and_by_time() -> None:
    stories = Stories(limit=10)
    for n in range(30):
        stories.assign(ident(n), f"Headline of item {n} about town{n}", "", DAY + timedelta(hours=n))
    assert [row.article_id for row in stories.rows()] == [ident(n) for n in range(20, 30)]
    stories.assign(ident("late"), "Another headline of a later week", "", DAY + timedelta(days=20))
    assert [row.article_id for row in stories.rows()] == [ident("late")]


def test_what_is_too_old_is_not_remembered() -> None:
    stories = Stories()
    stories.assign(ident(1), TITLE, REPORT, DAY)
    stories.assign(ident(2), "An old piece from the archive of the paper", "", DAY - timedelta(days=30))
    assert [row.article_id for row in stories.rows()] == [ident(1)]
    changes = stories.changes()
    assert ([row.article_id for row in changes.added], changes.forgotten) == ([ident(1)], ())


def _stream(seed: int) -> list[tuple[str, str, str, datetime]]:
    rng = random.Random(seed)
    words = "accord border call delegation envoy frontier grain harbour island talks treaty visit".split()
    stream = []
    for n in range(300):
        state = rng.choice(STATES)
        text = rng.choice(
            [TEMPLATE.format(state), REPORT.replace("Meskia", state), " ".join(rng.choices(words, k=40))]
        )
        stream.append(
            (ident(n), f"{state} {rng.choice(words)}", text, DAY + timedelta(hours=n + rng.uniform(-200, 9)))
        )
    return stream  # fmt: skip


@pytest.mark.parametrize("limit", [20, 10_000])
def test_the_same_calls_give_the_same_names_whenever_it_restarts(limit: int) -> None:
    """A poller that keeps only what `changes` says goes on as if it had never stopped."""
    stream = _stream(5)
    whole = Stories(limit=limit)
    expected = [whole.assign(*item) for item in stream]
    kept, running, got = {}, Stories(limit=limit), []
    for n, item in enumerate(stream):
        got.append(running.assign(*item))
        changes = running.changes()
        for row in changes.added:
            kept[row.article_id] = row
        for name in changes.forgotten:
            del kept[name]
        if n % 7 == 0:
            running = Stories(kept.values(), limit)
    assert got == expected
    assert list(running.rows()) == list(whole.rows()) == list(kept.values())


def test_fingerprints_are_what_their_definition_says() -> None:
    """Kept ones must mean the same for ever: the definition once more, in whole numbers of Python."""

    def spread(value: int) -> int:
        value = (value ^ value >> 16) * 0x85EBCA6B % 2**32
        value = (value ^ value >> 13) * 0xC2B2AE35 % 2**32
        return value ^ value >> 16

    def constant(name: str, index: int) -> int:
        digest = hashlib.blake2b(f"{name} {index}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big")

    hashes = [zlib.crc32(word.encode()) for word in "envoys reopen the tarn crossing today".split()]
    expected = set()
    for run in (hashes[n : n + 4] for n in range(3)):
        mixed = 0
        for value in run:
            mixed = (mixed * 0x9E3779B97F4A7C15 + value) % 2**64
        expected.add(spread((mixed ^ mixed >> 32) % 2**32))
    found = shingles_of("Envoys reopen", "the Tarn crossing today.")
    assert found.tolist() == sorted(expected)
    bands = []
    for index in range(BANDS):
        minima = [
            min((value * (constant("factor", n) | 1) + constant("summand", n)) % 2**32 for value in expected)
            for n in (index, BANDS + index)
        ]
        joined = minima[0] << 32 | minima[1]
        joined = (joined ^ joined >> 33) * 0xFF51AFD7ED558CCD % 2**64
        bands.append(joined ^ joined >> 33 ^ constant("band", index))
    assert bands_of(found, "the Tarn crossing today.") == bands


def test_shared_counts_what_both_have() -> None:
    one, other = shingles_of("", "a b c d e f g"), shingles_of("", "c d e f g h i j")
    assert shared(one, other) == shared(other, one) == len({*one.tolist()} & {*other.tolist()}) == 2
    assert shared(one, shingles_of("", "")) == 0


def test_a_pair_shares_a_band_as_often_as_theory_says() -> None:
    """1 - (1 - j²)³² for resemblance j; 300 pairs each, within four standard errors."""
    rng = random.Random(3)
    for size in (40, 80):
        hits, chance = 0, 0.0
        for _ in range(300):
            common, left, right = ([f"w{rng.getrandbits(40)}" for _ in range(n)] for n in (size, 60, 60))
            one, other = shingles_of("", " ".join(left + common)), shingles_of("", " ".join(right + common))
            count = shared(one, other)
            chance += 1 - (1 - (count / (len(one) + len(other) - count)) ** 2) ** BANDS
            hits += bool({*bands_of(one, "")} & {*bands_of(other, "")})
        assert abs(hits - chance) <= 4 * max(1.0, (chance * (1 - chance / 300)) ** 0.5)


@dataclass(frozen=True)
class Text:
    """A real text of the measuring data."""

    source: str
    title: str
    text: str
    published_at: datetime

    @property
    def held_out(self) -> bool:
        """Half of the texts chose the thresholds, this half measures."""
        return int(ident(self.title, self.text), 16) % 2 == 0


class Copy(NamedTuple):
    """A rewrite of the text of that number."""

    of: int
    kind: str
    title: str
    text: str
    published_at: datetime


@pytest.fixture(scope="module")
def texts(shared: Path) -> list[Text]:
    """White House, both presidencies and the State Department: about 4,200 texts of over 200 characters."""
    found = []
    for name in ("white_house_diplomatic_2022_2024", "kremlin_ukraine_president_2021_2022"):
        with gzip.open(shared / f"articles/{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                text = row.get("text") or re.sub(r"(?<!\n)\n(?!\n)", " ", row["text_md"])
                at = datetime.fromisoformat(row["published"].replace("Z", "+00:00"))
                found.append(Text(row.get("source", name), row["title"], text, at))
    found += _state(shared / "feeds/state_gov/polls.tar.zst")
    return [text for text in found if len(text.text) > 200]


def _state(archive: Path) -> Iterable[Text]:
    """Every twelfth poll holds nearly all entries."""
    from pipeline.articles.dates import read_date

    seen: dict[str, Text] = {}
    unpacked = zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(
        io.BytesIO(archive.read_bytes())
    )
    with tarfile.open(fileobj=unpacked, mode="r|") as polls:
        files = (polls.extractfile(member) for member in polls if member.isfile())
        bodies = [file.read() for file in files if file is not None]
    for body in bodies[::12]:
        reading = read_feed(body)
        assert isinstance(reading, Reading)
        for item in reading.items:
            moment = read_date(item.dates[0])
            assert moment is not None
            seen.setdefault(item.guid, Text("state", item.title, item.text, moment.at))
    return seen.values()


def _copies(number: int, text: Text, others: Sequence[Text], rng: random.Random) -> Iterable[Copy]:
    """As outlets rewrite: cut short, another title, standing lines around it, a third of it replaced."""
    words, parts = text.text.split(" "), sentences(text.text)
    title = " ".join(rng.choice(parts[:5]).split()[: rng.randint(6, 12)])
    strange = [sentence for other in rng.sample(others, 2) for sentence in sentences(other.text)]
    replaced = set(rng.sample(range(len(parts)), len(parts) // 3))
    rewritten = [rng.choice(strange) if n in replaced else part for n, part in enumerate(parts)]
    before, *after = rng.sample(FRAMES, 3)
    for kind, head, body in (
        ("original", text.title, text.text),
        ("cut short", text.title, " ".join(words[: int(len(words) * rng.uniform(0.3, 0.7))]) + "…"),
        ("another title", rng.choice(["Explained: ", "Live – ", ""]) + title, text.text),
        ("framed", text.title, f"{before}\n{text.text}\n{' '.join(after)}"),
        ("a third replaced", text.title, " ".join(rewritten)),
    ):
        yield Copy(number, kind, head, body, text.published_at + timedelta(hours=rng.uniform(0, 36)))


@pytest.mark.shared
def test_rewrites_of_real_texts_are_found_and_nothing_else(texts: list[Text]) -> None:
    """Pairwise F1 over 800 held-out texts and their four rewrites each: all pairs of 4,000 articles."""
    rng = random.Random(2)
    held = [text for text in texts if text.held_out]
    chosen = rng.sample(held, 800)
    rest = defaultdict(list)
    for text in held:
        if text not in chosen:
            rest[text.source].append(text)
    copies = [c for n, text in enumerate(chosen) for c in _copies(n, text, rest[text.source], rng)]
    copies.sort(key=lambda copy: copy.published_at)
    stories, told = Stories(), defaultdict(list)
    for copy in copies:
        told[stories.assign(ident(copy.of, copy.kind), copy.title, copy.text, copy.published_at)].append(copy)
    pairs = [pair for group in told.values() for pair in combinations(group, 2)]
    right = sum(one.of == other.of for one, other in pairs)
    precision, recall = right / len(pairs), right / (10 * len(chosen))
    assert 2 * precision * recall / (precision + recall) >= 0.95
    assert precision >= 0.995


_OFFICES = frozenset(
    """acting affairs alternate and chief deputy defense external first foreign general high his its minister
    national of president prime representative secretary sheikh special state the vice with""".split()
)


def _counterparts(title: str) -> set[str]:
    """Words of a title that may name whom one met, called, wrote to or celebrates."""
    _, _, rest = re.sub(r"[^\w\s]", " ", title.casefold()).partition(" with ")
    return set((rest or title.casefold().partition(" national day")[0]).split()) - _OFFICES


@pytest.mark.shared
def test_real_texts_about_different_dyads_are_never_one_story(texts: list[Text]) -> None:
    """All texts as if published at one instant, the hardest case: calls, meetings, congratulations.

    What becomes one story all the same was read one by one: texts issued twice, and statements for one
    counterpart made again and again, which their days of publication keep apart.
    """
    stories, told = Stories(), defaultdict(set)
    for number, text in enumerate(texts):
        told[stories.assign(ident(number), text.title, text.text, DAY)].add(text.title)
    templates = re.compile(r"(Call|Meeting|conversation|meeting) with | National Day$| Independence Day$")
    assert sum(bool(templates.search(title)) for titles in told.values() for title in titles) > 500
    for titles in told.values():
        for one, other in combinations([title for title in titles if templates.search(title)], 2):
            assert _counterparts(one) & _counterparts(other), (one, other)


@pytest.mark.shared
def test_articles_are_assigned_fast(texts: list[Text]) -> None:
    """Processor time; about 1,500 full texts or 3,000 teasers a second on one core of a small machine."""
    teasers = [(ident(n), text.title, text.text[:250]) for n, text in enumerate(texts)]
    stories = Stories()
    started = time.process_time()
    for name, title, text in teasers:
        stories.assign(name, title, text, DAY)
    assert len(teasers) / (time.process_time() - started) > 1_000
