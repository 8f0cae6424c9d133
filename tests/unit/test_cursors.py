"""The poller's memory: what is kept, what is forgotten, and for whom."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.articles.dedupe import Known
from pipeline.articles.hints import FeedHints
from pipeline.articles.schedule import FeedState
from pipeline.contract.article import DateQuality
from pipeline.contract.errors import DependencyError
from pipeline.transport.cursors import Cursors

NOW = datetime(2024, 3, 21, 12, tzinfo=UTC)
STATE = FeedState(
    "wire", "https://example.org/feed", '"e"', "yesterday", NOW + timedelta(hours=1), 2,
    NOW - timedelta(hours=3), NOW, 1234.5,
    FeedHints(900, frozenset({0, 23}), frozenset({5, 6}), "https://hub.example/", "https://example.org/self"),
    "https://b.example/", 2, "https://a.example/", True, frozenset({"a", "b"}),
)  # fmt: skip


def known(name: str, seen: datetime = NOW) -> Known:
    return Known(
        name, "wire", f"guid-{name}", "", 1, "Title", "Text", seen, DateQuality.FEED, seen, frozenset({"c"})
    )


def test_every_part_of_a_state_comes_back(tmp_path: Path) -> None:
    cursors = Cursors(tmp_path / "c.sqlite")
    cursors.save(STATE, [("g", known("a"))])
    cursors.close()
    again = Cursors(tmp_path / "c.sqlite")
    assert again.feed_states() == {"wire": STATE}
    assert again.by_id("a") == again.by_guid("wire", "g") == known("a")


def test_one_state_file_is_one_pollers(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    first = Cursors(path)
    with pytest.raises(DependencyError, match=r"c\.sqlite is in use by another poller"):
        Cursors(path)
    command = (
        "import sys; from pathlib import Path; from pipeline.transport.cursors import Cursors;"
        "Cursors(Path(sys.argv[1]))"
    )
    other = subprocess.run([sys.executable, "-c", command, str(path)], capture_output=True, check=False)
    assert other.returncode == 1
    assert b"in use by another poller" in other.stderr
    first.close()
    Cursors(path).close()


def test_what_left_its_window_long_ago_is_forgotten(tmp_path: Path) -> None:
    cursors = Cursors(tmp_path / "c.sqlite")
    old = NOW - timedelta(days=400)
    names = ("shown", "left", "gone", "stray", "new")
    cursors.save(STATE, [(f"guid-{name}", known(name, NOW if name == "new" else old)) for name in names])
    a_year_ago = NOW - timedelta(days=365)
    cursors.save(replace(STATE, polled_at=a_year_ago, window=frozenset({"shown", "left"})), left=["gone"])
    cursors.save(replace(STATE, window=frozenset({"shown"})), left=["left"])
    assert cursors.prune(NOW - timedelta(days=180)) == 2  # "stray" never stood in a window
    assert [name for name in names if cursors.by_id(name)] == ["shown", "left", "new"]
    assert [name for name in names if cursors.by_guid("wire", f"guid-{name}")] == ["shown", "left", "new"]
    assert cursors.prune(NOW - timedelta(days=180)) == 0
    assert cursors.prune(NOW + timedelta(days=1)) == 2
    assert cursors.by_id("shown") is not None


def test_an_announced_first_sight_holds_until_it_is_saved(tmp_path: Path) -> None:
    cursors = Cursors(tmp_path / "c.sqlite")
    cursors.announce([known("a")])
    cursors.announce([known("a", NOW + timedelta(days=1)), known("b")])
    cursors.close()
    cursors = Cursors(tmp_path / "c.sqlite")
    assert cursors.first_seen("a") == cursors.first_seen("b") == NOW
    cursors.save(STATE, [("guid-a", known("a"))])
    assert cursors.first_seen("a") is None
    cursors.prune(NOW + timedelta(seconds=1))
    assert cursors.first_seen("b") is None


def test_a_file_of_the_first_format_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    with sqlite3.connect(path) as db:
        db.executescript(
            """
            CREATE TABLE feeds (
                feed_id TEXT PRIMARY KEY, url TEXT NOT NULL, etag TEXT, last_modified TEXT, next_due TEXT,
                failures INTEGER NOT NULL, newest_at TEXT) WITHOUT ROWID;
            CREATE TABLE articles (
                article_id TEXT PRIMARY KEY, feed_id TEXT NOT NULL, guid TEXT NOT NULL, key TEXT NOT NULL,
                version INTEGER NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
                published_at TEXT NOT NULL, quality TEXT NOT NULL, first_seen_at TEXT NOT NULL,
                contents TEXT NOT NULL) WITHOUT ROWID;
            INSERT INTO feeds VALUES ('wire', 'https://example.org/feed', '"e"', NULL, NULL, 0, NULL);
            INSERT INTO articles VALUES ('a', 'wire', 'guid-a', '', 1, 'Title', 'Text',
                '2024-03-21T12:00:00+00:00', 'feed', '2024-03-21T12:00:00+00:00', 'c');
            PRAGMA user_version = 1;
            """
        )
    db.close()
    for _ in range(2):
        cursors = Cursors(path)
        assert cursors.feed_states() == {"wire": FeedState("wire", "https://example.org/feed", '"e"')}
        assert cursors.by_id("a") == known("a")
        cursors.close()


def test_a_file_of_a_later_blocwatch_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(DependencyError, match="another blocwatch"):
        Cursors(path)
