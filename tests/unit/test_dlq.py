"""Dead letters: what they tell, that the list finds them, and that their records go back unchanged."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from pipeline.cli.main import app
from pipeline.cli.visible import visible, visible_lines
from pipeline.contract.codec import Headers
from pipeline.contract.deadletter import OWN_HEADERS, dead_letter_headers, refusal_of, replayed_headers
from pipeline.contract.topics import ARTICLES, EVENTS
from pipeline.transport.base import Message
from pipeline.transport.store import EmbeddedStore
from pipeline.workers.extraction import Outgoing, dead_letter

ROOT = Path(__file__).parent.parent.parent
NOON = datetime(2024, 3, 21, 12, tzinfo=UTC)
NASTY = b'{"a": "\x1b[2J\xe2\x80\xae\xff"}'


def letter(offset: int, value: bytes, reason: str, headers: Headers = ()) -> Outgoing:
    """A dead letter as the extractor writes it."""
    message = Message(ARTICLES.name, 3, offset, b"k\xff", value, headers)
    return dead_letter("extractor", ARTICLES, message, reason, NOON.replace(day=offset))


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An embedded log with three dead letters."""
    monkeypatch.setenv("BLOCWATCH_STATE", str(tmp_path))
    monkeypatch.setenv("BLOCWATCH_CONFIG", str(ROOT / "config"))
    letters = (
        letter(7, NASTY, "no Article: value: Invalid\x1b[31m JSON", (("ce_time", b"then"),)),
        letter(9, b"slow", "the article took too long"),
        letter(11, b"", "empty value"),
    )
    with closing(EmbeddedStore(tmp_path / "embedded.sqlite")) as store:
        for one in letters:
            store.send(one.topic, one.key, one.value, one.headers)
    return tmp_path


def dlq(*arguments: str, text: str | None = None) -> Result:
    """The command over the embedded log."""
    return CliRunner().invoke(app, ["dlq", *arguments, "--embedded"], input=text)


def messages(state: Path, topic: str) -> list[Message]:
    """What lies on a topic."""
    with closing(EmbeddedStore(state / "embedded.sqlite")) as store:
        return store.read(topic)


def test_a_dead_letter_tells_all_that_is_known_of_it() -> None:
    told = refusal_of(letter(7, b"x", "bad", (("ce_time", b"t"), ("stage", b"forged"))).headers)
    assert (told.stage, told.reason, told.version) == ("extractor", "bad", "0.1.0")
    assert (told.topic, told.partition, told.offset) == (ARTICLES.name, 3, 7)
    assert told.refused_at == NOON.replace(day=7)
    assert (told.replayed, told.headers) == (0, (("ce_time", b"t"),))
    assert set(OWN_HEADERS) == {name for name, _ in letter(7, b"x", "bad").headers}


@given(st.lists(st.tuples(st.sampled_from([*OWN_HEADERS, "replayed", "x"]), st.binary(max_size=30))))
def test_headers_of_anybody_are_read(marks: list[tuple[str, bytes]]) -> None:
    told = refusal_of(tuple(marks))
    again = refusal_of(dead_letter_headers("s", "r", ("t", None, None), NOON, replayed_headers(told)))
    assert again.replayed == told.replayed + 1
    assert (again.stage, again.partition) == ("s", None)


@given(st.text(), st.binary())
def test_nothing_that_a_terminal_acts_on_is_shown(text: str, value: bytes) -> None:
    assert all(char.isprintable() for line in (visible(text), *visible_lines(value)) for char in line)


def test_list_counts_by_kind_and_has_a_line_each(state: Path) -> None:
    done = dlq("list")
    lines = done.stdout.splitlines()
    assert lines[:4] == [
        "3 dead letters",
        "       1  extractor: invalid",
        "       1  extractor: timeout",
        "       1  extractor: empty",
    ]
    assert lines[4] == (
        f"{ARTICLES.dlq}:0:0  2024-03-07T12:00:00Z  extractor  17 B  from {ARTICLES.name}:3:7  "
        "no Article: value: Invalid\\x1b[31m JSON"
    )
    assert len(lines) == 7


@pytest.mark.parametrize(
    ("filters", "offsets"),
    [
        (("--reason", "TOO LONG"), [9]),
        (("--reason", "timeout"), [9]),
        (("--stage", "aggregator"), []),
        (("--topic", "events"), []),
        (("--since", "2024-03-08", "--until", "2024-03-11T12:00Z"), [9]),
        (("--since", "2024-03-09T12:00Z"), [9, 11]),
        (("--topic", ARTICLES.dlq), [7, 9, 11]),
    ],
)
def test_list_keeps_to_its_filters(state: Path, filters: tuple[str, ...], offsets: list[int]) -> None:
    found = [json.loads(line) for line in dlq("list", "--json", *filters).stdout.splitlines()]
    assert [one["source"] for one in found] == [f"{ARTICLES.name}:3:{offset}" for offset in offsets]


def test_show_is_complete_and_harmless(state: Path) -> None:
    shown = dlq("show", f"{ARTICLES.dlq}:0:0").stdout
    assert '  | {"a": "\\x1b[2J\\u202e\\xff"}' in shown
    assert "  ce_time: then" in shown
    assert "key          k\\xff" in shown
    assert "version      0.1.0" in shown
    assert dlq("show", "articles:0:0", "--raw").stdout_bytes == NASTY


@pytest.mark.parametrize("position", ["articles:0:99", "articles", "articles:0:x", "metrics:0:0"])
def test_show_of_what_is_not_there_is_a_fault(state: Path, position: str) -> None:
    assert dlq("show", position).exit_code == 1


def test_replay_sends_bytes_key_and_headers_and_counts(state: Path) -> None:
    assert dlq("replay", "articles:0:0", "--yes").exit_code == 0
    (sent,) = messages(state, ARTICLES.name)
    assert (sent.key, sent.value) == (b"k\xff", NASTY)
    assert sent.headers == (("ce_time", b"then"), ("replayed", b"1"))


def test_replay_of_many_asks_first_and_a_dry_run_sends_nothing(state: Path) -> None:
    assert "3 records are to be sent" in dlq("replay", "--dry-run").stdout
    assert dlq("replay", text="n\n").exit_code == 1
    assert messages(state, ARTICLES.name) == []
    assert dlq("replay", "--reason", "took too long", text="y\n").exit_code == 0
    assert [message.value for message in messages(state, ARTICLES.name)] == [b"slow"]
    assert messages(state, EVENTS.name) == []


def test_a_record_that_keeps_dying_is_held_back_after_three_replays(state: Path) -> None:
    for replays in (1, 2, 3):
        assert dlq("replay", "--reason", "too long", "--yes").exit_code == 0
        again = messages(state, ARTICLES.name)[-1]
        assert dict(again.headers)["replayed"] == str(replays).encode()
        with closing(EmbeddedStore(state / "embedded.sqlite")) as store:  # it dies again
            one = dead_letter("extractor", ARTICLES, again, "the article took too long", NOON)
            store.send(one.topic, one.key, one.value, one.headers)
    held = dlq("replay", "articles:0:1", "--yes")  # its first letter, which tells of no replay
    assert held.exit_code == 1
    assert "died again after 3 replays" in held.stderr
    assert len(messages(state, ARTICLES.name)) == 3
    assert dlq("replay", "--reason", "too long", "--yes", "--force").exit_code == 0
    assert dict(messages(state, ARTICLES.name)[-1].headers)["replayed"] == b"4"


def test_the_embedded_log_may_be_written_by_two_processes(tmp_path: Path) -> None:
    with (
        closing(EmbeddedStore(tmp_path / "e.sqlite")) as one,
        closing(EmbeddedStore(tmp_path / "e.sqlite")) as other,
    ):
        for number, store in enumerate((one, other, one, other)):
            store.send(ARTICLES.name, "k", str(number).encode())
            store.flush()
        assert [message.value for message in one.read(ARTICLES.name)] == [b"0", b"1", b"2", b"3"]
