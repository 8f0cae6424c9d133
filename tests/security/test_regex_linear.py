"""No text makes a regular expression slower than in proportion to its length.

Measured in processor time of this thread, the least of several runs, so that a busy machine does not matter.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from pipeline.articles.fulltext import is_teaser
from pipeline.articles.parse import parse_feed
from pipeline.events import namesakes
from pipeline.events.sentences import split
from pipeline.workers.coder import load_coder
from tests.security import adversary
from tests.security.patterns import AnyPattern, Listener, Used, held, modules, written
from tests.security.samples import article

_SIZES = (16, 22, 28, 34, 48, 64, 96, 256, 1_024, 8_192)
"""Characters."""
_QUICK_S = 0.006
"""Below this the longest text cannot have cost its square: half of that is 33 million steps."""
_STEEPEST = 2.5

_SLICES = {
    "pipeline.events.actors._FORMER": 40,
    "pipeline.events.datelines._SPOKEN": 240,
    "pipeline.events.namesakes._BEFORE": 40,
}
"""Patterns that only ever see a slice of a text, and how many characters it has."""
_SLICE_S = 0.001
_STEPPING = {
    "pipeline.articles.plaintext._REST_OF_TAG": "goes on where it ended; its first failure is its last use",
    "pipeline.events.datelines._OPENING": "goes on where it ended, and stops at its first failure",
    "pipeline.events.titles._ORGAN": "asked behind a name, and no name stands inside of what it reads",
}
"""Patterns asked at many places of a text, but never twice about the same characters."""


def cost(pattern: AnyPattern, text: str, anywhere: bool, runs: int) -> float:
    """Seconds that all matches in a text take: the least of some runs."""
    given = text.encode("utf-8") if isinstance(pattern.pattern, bytes) else text
    found = []
    for _ in range(runs):
        started = time.thread_time()
        if anywhere:
            for _match in pattern.finditer(given):  # type: ignore[arg-type]  # bytes for bytes, as made above
                pass
        else:
            pattern.match(given)  # type: ignore[arg-type]  # likewise
        found.append(time.thread_time() - started)
    return min(found)


def steepness(pattern: AnyPattern, unit: str, tail: str, anywhere: bool) -> float:
    """What a text costs against its half; 0 where a long text costs next to nothing."""
    for (
        size
    ) in _SIZES:  # in steps so small that even a pattern whose cost doubles by the letter is seen in time
        whole = cost(pattern, _text(unit, size, tail), anywhere, 1)
        if whole > _QUICK_S:
            break
    else:
        return 0.0
    least = float("inf")
    for runs in (1, 3, 5, 9):  # what is not linear stays so, however often it is measured
        half = cost(pattern, _text(unit, size // 2, tail), anywhere, runs)
        whole = cost(pattern, _text(unit, size, tail), anywhere, runs)
        least = min(least, whole / half)
        if least < _STEEPEST or whole > 50 * _QUICK_S:  # nothing short disturbs so long a run
            break
    return least


def worst(used: Used) -> Iterator[tuple[float, str, str]]:
    """Every text that makes a pattern steep."""
    length, anywhere = _SLICES.get(used.origin), used.anywhere and used.origin not in _STEPPING
    for unit in adversary.units(used.pattern.pattern, used.pattern.flags):
        for tail in adversary.tails():
            if length is not None:
                found = cost(used.pattern, _text(unit, length, tail), True, 3) / _SLICE_S * _STEEPEST
            else:
                found = steepness(used.pattern, unit, tail, anywhere)
            if found >= _STEEPEST:
                yield found, unit, tail
                return


def test_the_measure_itself_finds_what_is_known_to_be_steep() -> None:
    """Overlapping repeats, trailing space before an end, nested repeats (OWASP's examples of ReDoS)."""
    for steep in (r"\s+$", r"(\w+\s?)+;", r"a.*b.*c", r"<!--.*?-->x"):
        assert list(worst(Used("known", re.compile(steep), True))), steep
    for flat in (r"\bmet\b", r"(?<![.!?])[.!?]++(?=\s)", r"\d{1,8};", r"x\s{0,60}y"):
        assert not list(worst(Used("known", re.compile(flat), True))), flat


@pytest.mark.parametrize("source", ["held", "written", "built"])
def test_every_pattern_is_linear(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"held": held, "written": written}[source]() if source != "built" else _built(monkeypatch)
    patterns = {(used.pattern.pattern, used.pattern.flags, used.anywhere): used for used in found}
    assert len(patterns) >= {"held": 100, "written": 10, "built": 5}[source]
    steep = [
        f"{used.origin}: {ratio:.1f} for twice {unit!r}… then {tail!r}: {used.pattern.pattern!r:.200}"
        for used in patterns.values()
        for ratio, unit, tail in worst(used)
    ]
    assert not steep, "\n".join(steep)


def test_texts_that_once_were_steep_are_read_at_once() -> None:
    """A page that opens with comments took minutes to refuse; dots at an end, and before none, seconds."""
    started = time.thread_time()
    assert str(parse_feed(b"<!-- -->" * 1_000 + b"<p>")) == str(parse_feed(b"<p>"))
    assert "HTML page" in str(parse_feed(b"<!-- -->" * 1_000 + b"<html>"))
    assert not is_teaser("…" * 50_000 + "it ends.")
    assert is_teaser("It is long. " * 50_000 + "Continue reading …")
    assert len(split("Title\n\n" + "…" * 90_000 + " a")) == 1
    assert time.thread_time() - started < 1


def _built(monkeypatch: pytest.MonkeyPatch) -> Iterator[Used]:
    listener = Listener()
    for module in modules():
        if getattr(module, "re", None) is re:
            monkeypatch.setattr(module, "re", listener)
    namesakes._stands_alone.cache_clear()  # or what was read before would not be asked again
    load_coder().extract(article())
    yield from listener.heard.values()


def _text(unit: str, size: int, tail: str) -> str:
    return unit * (size // len(unit) + 1) + tail
