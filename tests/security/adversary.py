"""A regular expression in; texts out that make a backtracking engine work hardest, of any length wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator

parser = re._parser  # type: ignore[attr-defined]  # the standard library's own reading of patterns has no public name
constants = re._constants  # type: ignore[attr-defined]  # likewise

_COMMON = (
    *" \n\t0aA.-'’“([<&=:;/\\,?…\"", "1 ", "Aa ", "a ", "a, ", ". ", 'x="', "<a ", "''",
)  # fmt: skip
_TAILS = ("", "\x00", "!", "a")
_MOST_UNITS = 90


def units(pattern: str | bytes, flags: int) -> list[str]:
    """Texts worth repeating: common ones, the pattern's own characters and words, and matches cut short."""
    text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    tree = parser.parse(text, flags & ~re.UNICODE if isinstance(pattern, bytes) else flags)
    own = list(dict.fromkeys(_literals(tree)))
    samples = [
        sample for much in (0, 1, 2) for sample in (_sample(tree, much), _sample(tree, much, last=True))
    ]
    cut = [
        part for sample in samples for part in (sample, sample[:-1], sample + " ", sample[: len(sample) // 2])
    ]
    letters = sorted({letter for word in own for letter in word})[:25]
    # What is most the pattern's own comes first: nothing of it is cut off by the limit.
    wanted = [*cut, *_COMMON, *letters, *(word + " " for word in own), *own]
    return [unit for unit in dict.fromkeys(wanted) if unit][:_MOST_UNITS]


def tails() -> tuple[str, ...]:
    """What may follow the repetition so that a match just fails."""
    return _TAILS


def _literals(tree: object) -> Iterator[str]:
    """Runs of literal characters, in order."""
    run = ""
    for op, value in tree:  # type: ignore[attr-defined]  # a parsed pattern is a list of pairs
        if op is constants.LITERAL:
            run += chr(value)
            continue
        if run:
            yield run
            run = ""
        for part in _parts(op, value):
            yield from _literals(part)
    if run:
        yield run


def _parts(op: object, value: object) -> Iterator[object]:
    if op is constants.BRANCH:
        yield from value[1]  # type: ignore[index]  # (None, branches)
    elif op is constants.SUBPATTERN:
        yield value[-1]  # type: ignore[index]  # (group, flags on, flags off, what)
    elif op in (constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT):
        yield value[2]  # type: ignore[index]  # (least, most, what)
    elif op in (constants.ASSERT, constants.ASSERT_NOT):
        yield value[1]  # type: ignore[index]  # (direction, what)
    elif op is constants.ATOMIC_GROUP:
        yield value


def _sample(tree: object, much: int, last: bool = False) -> str:
    """A text that (nearly) matches: repeats `much` above their least, first or last alternatives."""
    found = ""
    for op, value in tree:  # type: ignore[attr-defined]  # a parsed pattern is a list of pairs
        if op is constants.LITERAL:
            found += chr(value)
        elif op is constants.NOT_LITERAL:
            found += "a" if value != ord("a") else "b"
        elif op is constants.ANY:
            found += "a"
        elif op is constants.IN:
            found += _of_set(value)
        elif op is constants.BRANCH:
            branches = value[1]
            found += _sample(branches[-1 if last else 0], much, last)
        elif op is constants.SUBPATTERN:
            found += _sample(value[-1], much, last)
        elif op in (constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT):
            least, most, what = value
            found += _sample(what, much, last) * min(least + much, int(most))
        elif op is constants.ATOMIC_GROUP:
            found += _sample(value, much, last)
        elif op is constants.ASSERT and value[0] > 0:
            found += _sample(value[1], much, last)
    return found


def _of_set(members: list[tuple[object, object]]) -> str:
    """A character of a set."""
    denied = bool(members) and members[0][0] is constants.NEGATE
    if denied:
        return next(letter for letter in "a <0.\n~" if not _inside(letter, members[1:]))
    for letter in "a0 A":
        if _inside(letter, members):
            return letter
    op, value = members[0]
    return chr(value if op is constants.LITERAL else value[0]) if op is not constants.CATEGORY else "-"  # type: ignore[index, arg-type]  # a code, or a range


def _inside(letter: str, members: list[tuple[object, object]]) -> bool:
    for op, value in members:
        if op is constants.LITERAL and value == ord(letter):
            return True
        if op is constants.RANGE and value[0] <= ord(letter) <= value[1]:  # type: ignore[index]  # a range of codes
            return True
        if op is constants.CATEGORY:
            name = str(value)
            kind = {
                "DIGIT": letter.isdigit(),
                "SPACE": letter.isspace(),
                "WORD": letter.isalnum() or letter == "_",
            }
            word = name.rsplit("_", 1)[-1]
            if word in kind and kind[word] != ("NOT" in name):
                return True
    return False
