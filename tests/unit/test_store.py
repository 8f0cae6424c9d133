"""The embedded log: durable together or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.contract.errors import DependencyError
from pipeline.transport.memory import MemoryLog
from pipeline.transport.store import EmbeddedStore


def test_what_was_flushed_is_there_after_reopening_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a" / "log.sqlite"
    store = EmbeddedStore(path)
    store.send("coalition.articles.v1", "k", b"one")
    store.set_offset("extractor", 1)
    store.put_entry("e", b"entry")
    store.flush()
    store.send("coalition.articles.v1", "k", b"two")
    store.set_offset("extractor", 2)
    store._db.close()  # as a kill would
    again = EmbeddedStore(path)
    assert [m.value for m in again.read("coalition.articles.v1")] == [b"one"]
    assert again.offset("extractor") == 1
    assert list(again.entries()) == [("e", b"entry")]
    again.send("coalition.articles.v1", "k", b"three")
    again.close()
    assert [(m.offset, m.value) for m in EmbeddedStore(path).read("coalition.articles.v1")] == [
        (0, b"one"),
        (1, b"three"),
    ]


def test_compacted_topics_keep_the_newest_value(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "log.sqlite")
    for value in (b"1", b"2"):
        store.send("coalition.metrics.v1", "axis|ewm30d", value)
    assert store.latest("coalition.metrics.v1") == {"axis|ewm30d": b"2"}
    assert store.read("coalition.metrics.v1") == []


def test_reading_begins_and_ends_where_it_is_told(tmp_path: Path) -> None:
    for log in (EmbeddedStore(tmp_path / "log.sqlite"), MemoryLog()):
        for number in range(5):
            log.send("t", str(number), str(number).encode())
        assert [m.value for m in log.read("t", 2, 2)] == [b"2", b"3"]
        assert log.read("t", 5) == []


def test_keys_that_are_not_utf8_come_through(tmp_path: Path) -> None:
    key = b"\xff".decode("utf-8", "surrogateescape")
    store = EmbeddedStore(tmp_path / "log.sqlite")
    store.send("t", key, b"v")
    assert store.read("t")[0].key == b"\xff"
    log = MemoryLog()
    log.send("t", key, b"v")
    assert log.read("t")[0].key == b"\xff"


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(DependencyError, match=r"log\.sqlite"):
        EmbeddedStore(path)
