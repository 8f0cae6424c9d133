"""Title and text in; the proper names in them, with the words around them, out; and how two texts' differ.

Statements made from one template share most of their words and differ in the names: "congratulate the
people of Grenada on", "congratulate the people of Mongolia on". Copies of one text share both. Texts that
share an outlet's standing lines only have no names in common.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

WORDS = 1_000
"""Words that count, as for shingles."""
ALIKE = 0.5
"""Part of the words of both titles from which they are alike."""
FEW = 4
"""Names: with fewer a text says too little of whom it is about."""
COMMON = 0.4
"""Part of the names of the text with fewer that copies have in common, ..."""
COMMON_OF_FEW = 0.6
"""... and the same where they don't share plenty of text."""

_TOKEN = re.compile(r"[^\W_]+(?:[.'’][^\W_]+)*|[.!?:;|\n]+")
_POSSESSIVE = re.compile(r"['’]s$")
_BREAK, _NAME = "|", "§"
_NEAR, _FAR = 2, 3
_STEM = 6  # letters: as many as Russia and Russian share, not Austria and Australia
_OPENERS = frozenset(
    """a after all also although an and another are as at because before both but by during each even for
    from further he her his how however if in is it its last many may more most no not now of on once one
    or other our over she since so some such that the their then there these they this those though three
    through to today together two under until we were what when where which while who why with without
    yesterday you your""".split()
)
_QUARTERS = frozenset("north south east west northern southern eastern western equatorial new".split())
_GENERIC = frozenset(
    """army brigade call city coast commission committee conference congress council court day defence
    democracy department district emirates embassy federation fleet force forces foreign government group
    house island islands kingdom leader minister ministry nation nations office parliament party people
    president prime province region republic senate spokesperson state statement states summit union
    war""".split()
)
_MONTHS = frozenset(
    "january february march april may june july august september october november december".split()
)
_WORDS = {
    "kiev": "kyiv", "odessa": "odesa", "kharkov": "kharkiv", "lvov": "lviv", "zelensky": "zelenskyy",
    "zelenskiy": "zelenskyy", "türkiye": "turkey", "turkiye": "turkey", "peking": "beijing",
    "burma": "myanmar", "byelorussia": "belarus", "britain": "uk", "gaddafi": "qaddafi",
}  # fmt: skip
_PHRASES = {
    "united states": "us", "usa": "us", "united kingdom": "uk", "great uk": "uk", "european union": "eu",
    "united nations": "un", "united arab emirates": "uae",
}  # fmt: skip

Sentence = list[tuple[str, bool]]
"""Words (False) and whole names (True) in their order."""


@dataclass(frozen=True, slots=True)
class Names:
    """Whom a text names, and where."""

    title: str
    """Words of the title, folded, in their order."""
    subjects: str
    """Those of them that are names, sorted."""
    words: str
    """Every word of a name in title and text, folded, sorted."""
    slots: str
    """Names in their contexts, a line each, sorted: eight hex digits of the context, then the name."""


def names_of(title: str, text: str) -> Names:
    """Find the names of an article: words with a capital, but for those that only open sentences."""
    head, body = _sentences(title), _sentences(text)
    plain = {word for sentence in body for word, name in sentence if not name}
    named = {word for sentence in body for word in _named(sentence)}
    subjects = {word for sentence in head for word in _named(sentence)} - plain - _GENERIC
    slots = {slot for sentence in body for slot in _slots(sentence)}
    return Names(
        title=" ".join(words for sentence in head for words, _ in sentence),
        subjects=" ".join(sorted(subjects)),
        words=" ".join(sorted(subjects | named)),
        slots="\n".join(sorted(slots)),
    )


def renamed(one: Names, other: Names, plenty: bool = True) -> bool:
    """Tell whether two texts say the same of different names, or have hardly any name in common.

    Where they do not share `plenty` of text, titles tell two stories as soon as each has a name of its own;
    otherwise only titles that are alike do: an outlet may name the same story otherwise.

    >>> chad, mali = (names_of("", f"We wish the people of {name} a happy day") for name in ("Chad", "Mali"))
    >>> renamed(chad, mali), renamed(chad, chad)
    (True, False)
    """
    return (
        _retitled(one, other, plenty)
        or _strangers(one, other, COMMON if plenty else COMMON_OF_FEW)
        or _substituted(one.slots, other.slots)
    )


def _retitled(one: Names, other: Names, plenty: bool) -> bool:
    """Tell whether each title has a name that stands nowhere in the other text."""
    ours, theirs = set(one.title.split()), set(other.title.split())
    alike = len(ours & theirs) >= ALIKE * min(len(ours), len(theirs))
    return (alike or not plenty) and _has_own(one, other) and _has_own(other, one)


def _has_own(one: Names, other: Names) -> bool:
    theirs = {word[:_STEM] for word in f"{other.words} {other.title}".split()}
    return any(word[:_STEM] not in theirs for word in one.subjects.split())


def _strangers(one: Names, other: Names, common: float) -> bool:
    ours, theirs = set(one.words.split()), set(other.words.split())
    fewer = min(len(ours), len(theirs))
    return fewer >= FEW and len(ours & theirs) < common * fewer


def _substituted(one: str, other: str) -> bool:
    """Some context of both has names in each that none of the other's is the same as."""
    ours, theirs = _by_context(one), _by_context(other)
    return any(
        not any(_same(name, alias) for name in ours[context] for alias in theirs[context])
        for context in ours.keys() & theirs.keys()
    )


def _same(name: str, alias: str) -> bool:
    """Equal heads (a surname, a state), or one name within the other."""
    head = _head(name)
    if head == _head(alias) and head[-1] not in _GENERIC:
        return True
    words, others = set(name.split()), set(alias.split())
    return words <= others or others <= words


def _head(name: str) -> tuple[str, ...]:
    words = name.split()
    return tuple(words[-2:] if len(words) > 1 and words[-2] in _QUARTERS else words[-1:])


def _by_context(slots: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in slots.splitlines():
        found.setdefault(line[:8], []).append(line[8:])
    return found


def _named(sentence: Sentence) -> list[str]:
    """Words of names, but for a single one that opens the sentence: it may be any word."""
    return [
        word
        for index, (words, name) in enumerate(sentence)
        if name and (index or " " in words)
        for word in words.split()
    ]


def _sentences(text: str) -> list[Sentence]:
    """Numbers are all alike, but for the days of dates: "July 1" is a name."""
    sentences: list[Sentence] = [[]]
    run: list[str] = []
    number = ""
    for token in _TOKEN.findall(text)[:WORDS]:
        sentence = sentences[-1]
        if token[0].isupper() and not (not run and not sentence and token.casefold() in _OPENERS):
            run.append(_spelling(_POSSESSIVE.sub("", token)))
            if number and run[0] in _MONTHS:
                run.append(number)
                sentence.pop()
            number = ""
            continue
        number = token if token[0].isdigit() else ""
        if run:
            if number and run[-1] in _MONTHS:
                run.append(number)
                number = ""
            _close(run, sentence)
            if not number and token[0].isdigit():
                continue
        if token[0].isalnum():
            sentence.append(("0" if number else token.casefold(), False))
        else:
            sentences.append([])
    if run:
        _close(run, sentences[-1])
    return sentences


def _close(run: list[str], sentence: Sentence) -> None:
    name = " ".join(run)
    sentence.append((_PHRASES.get(name, name), True))
    run.clear()


def _spelling(word: str) -> str:
    word = word.replace(".", "").casefold()
    return _WORDS.get(word, word)


def _slots(sentence: Sentence) -> list[str]:
    """Contexts are the two words on both sides, and three words on one side."""
    lines: list[str] = []
    if len(sentence) <= _NEAR:
        return lines
    padded = [_BREAK] * _FAR + [_NAME if name else word for word, name in sentence] + [_BREAK] * _FAR
    plain = [part.isalnum() for part in padded]
    for index, (word, name) in enumerate(sentence, _FAR):
        if name:
            start, end = index - _FAR, index + _FAR + 1
            near = sum(plain[index - _NEAR : index]) + sum(plain[index + 1 : index + 1 + _NEAR])
            if near > _NEAR:
                lines.append(f"{_hash(padded[index - _NEAR : index + 1 + _NEAR])}{word}")
            if all(plain[start:index]):
                lines.append(f"{_hash(padded[start : index + 1])}{word}")
            if all(plain[index + 1 : end]):
                lines.append(f"{_hash(padded[index:end])}{word}")
    return lines


def _hash(context: list[str]) -> str:
    return f"{zlib.crc32(' '.join(context).encode('utf-8', 'surrogatepass')):08x}"
