"""A log record is one line, shows what it quotes as it is, and holds no secret: in both formats."""

from __future__ import annotations

import io
import json
import logging
import sys
import unicodedata
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from pipeline.loglines import LibraryFormatter, escaped, harmless, redacted
from pipeline.telemetry import configure_logging

HOSTILE = (
    'Talks open\nlevel=error event="disk full"',
    "Talks\r\n2026-01-01T00:00:00Z [error] forged",
    "\x1b[2J\x1b[1;1H\x1b]0;owned\x07cleared",
    "\x9b31mC1 controls too\x85next",
    "user \u202egnp.exe\u202c \u2066isolated\u2069 \u200fmark",
    "line\u2028and paragraph\u2029ends",
    "zero\u200bwidth \ufeffmark \U000e0041tag",
    "lone \ud800 surrogate",
    '"}\n{"event": "forged", "level": "critical"}',
    "null\x00byte \x7f delete",
)
NAMES = "newline return escape c1 direction separators invisible surrogate json null".split()
SECRETS = {
    "https://ann:s3cret-pw@example.org/feed": "s3cret-pw",
    "https://token-for-feed@example.org/feed.xml": "token-for-feed",
    "cannot reach http://ann:p%40ss-w0rd@[2001:db8::1]:80/x: refused": "p%40ss-w0rd",
    "https://example.org/rss?page=2&access_token=abc123def": "abc123def",
    "https://example.org/rss?key=topsecret#top": "topsecret",
    "https://example.org/rss?API-KEY=Topsecret&x=1": "Topsecret",
    "https://example.org/rss?u=9f8e7d6c5b4a39281706f5e4d3c2b1a0": "9f8e7d6c5b4a39281706f5e4d3c2b1a0",
    "moved to https://example.org/?next=1&sig=AbC%2Bd": "AbC%2Bd",
    "headers: Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.x": "eyJhbGciOiJIUzI1NiJ9",
    "Cookie: sid=12345; theme=dark": "12345",
    "sasl password=hunter2 was refused": "hunter2",
}
PLAIN = (
    "https://example.org/feed?page=2&lang=en",
    "HTTP 503 from https://example.org/a@b/c",
    "no Event: source.code: field required",
    "Коалиция, 联盟, تحالف",
    "mail ann@example.org",
)


@pytest.fixture(params=["json", "console"])
def lines(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is logged, by us and by libraries, in one of the formats."""
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    root.handlers.clear()
    level = root.level
    configure_logging("info", request.param)
    yield out
    structlog.reset_defaults()
    root.handlers[:] = before
    root.setLevel(level)


def seen(out: io.StringIO) -> str:
    """The one line that was written; nothing in it is invisible."""
    text = out.getvalue()
    assert text.endswith("\n")
    assert len(text.splitlines()) == 1, text
    assert not [c for c in text[:-1] if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
    if text.startswith("{"):
        held = json.loads(text)
        assert not [
            c for c in json.dumps(held, ensure_ascii=False) if unicodedata.category(c) in {"Cc", "Cf"}
        ]
    return text


@pytest.mark.parametrize("text", HOSTILE, ids=NAMES)
def test_a_record_is_one_line_whatever_it_quotes(lines: io.StringIO, text: str) -> None:
    structlog.get_logger().warning("feed_failed", feed=text, reasons={text: 1}, titles=[text], odd=Odd(text))
    seen(lines)


@pytest.mark.parametrize("text", HOSTILE, ids=NAMES)
def test_the_event_itself_and_names_of_values_too(lines: io.StringIO, text: str) -> None:
    structlog.get_logger().warning(text, **{text: 1})
    seen(lines)


@pytest.mark.parametrize("text", HOSTILE, ids=NAMES)
def test_an_exception_and_a_librarys_line_too(lines: io.StringIO, text: str) -> None:
    # Without pytest's own handler, whose report of a lone surrogate no other process could read.
    root = logging.getLogger()
    root.handlers[:] = [one for one in root.handlers if isinstance(one.formatter, LibraryFormatter)]
    try:
        raise ValueError(text)
    except ValueError:
        logging.getLogger("trafilatura").exception("cannot read %s", text)
    seen(lines)
    lines.truncate(lines.seek(0))
    try:
        raise ValueError(text)
    except ValueError:
        structlog.get_logger().exception("poll_failed")
    assert "ValueError" in seen(lines)


@pytest.mark.parametrize("text", SECRETS)
def test_no_secret_is_logged(lines: io.StringIO, text: str) -> None:
    structlog.get_logger().warning("feed_moved", before=text, after=[{"now": text}], error=OSError(text))
    assert SECRETS[text] not in seen(lines)
    lines.truncate(lines.seek(0))
    logging.getLogger("aiohttp.client").warning("asked %s", text)
    assert SECRETS[text] not in seen(lines)


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_no_secret_stays(text: str) -> None:
    assert harmless(text) == text


@given(st.text())
def test_any_text_is_one_visible_line_and_stays_so(text: str) -> None:
    found = harmless(text)
    assert len(found.splitlines()) <= 1
    assert found == escaped(found)
    assert redacted(redacted(text)) == redacted(text)


def test_numbers_stay_numbers_and_long_texts_are_cut() -> None:
    assert harmless([1, 2.5, True, None]) == [1, 2.5, True, None]
    assert len(harmless("x" * 1_000_000)) < 5_000


def test_a_librarys_line_is_json_among_json() -> None:
    record = logging.LogRecord("aiohttp", logging.WARNING, __file__, 1, "slow %s", ("host",), None)
    told = json.loads(LibraryFormatter("json").format(record))
    assert (told["event"], told["logger"], told["level"]) == ("slow host", "aiohttp", "warning")


class Odd:
    """An object that says something hostile of itself."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__
