"""What the poller remembers: states of feeds and known articles, in one SQLite file.

All that one answer of a feed changes is saved in one transaction, after the broker acknowledged what
was sent. A kill at any moment therefore repeats the same versions; it never skips or renumbers one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from pipeline.articles.dedupe import Known
from pipeline.articles.schedule import FeedState
from pipeline.contract.article import DateQuality
from pipeline.contract.errors import DependencyError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS feeds (
    feed_id TEXT PRIMARY KEY, url TEXT NOT NULL, etag TEXT, last_modified TEXT, next_due TEXT,
    failures INTEGER NOT NULL, newest_at TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS articles (
    article_id TEXT PRIMARY KEY, feed_id TEXT NOT NULL, guid TEXT NOT NULL, key TEXT NOT NULL,
    version INTEGER NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, published_at TEXT NOT NULL,
    quality TEXT NOT NULL, first_seen_at TEXT NOT NULL, contents TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS guids (
    feed_id TEXT NOT NULL, guid TEXT NOT NULL, article_id TEXT NOT NULL,
    PRIMARY KEY (feed_id, guid)) WITHOUT ROWID;
"""
_VERSION = 1


class Cursors:
    """The poller's memory. One process at a time; raises DependencyError when the file fails."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
            self._db.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; {_SCHEMA}")
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version not in (0, _VERSION):
                raise DependencyError(f"{path} was written by another blocwatch (format {version})")
            self._db.execute(f"PRAGMA user_version = {_VERSION}")
        except (sqlite3.Error, OSError) as error:
            raise DependencyError(f"cannot open {path}: {error}") from error

    def feed_states(self) -> dict[str, FeedState]:
        """Return the states of all feeds ever polled, by feed_id."""
        rows = self._db.execute(
            "SELECT feed_id, url, etag, last_modified, next_due, failures, newest_at FROM feeds"
        )
        return {
            feed_id: FeedState(feed_id, url, etag, modified, _moment(due), failures, _moment(newest))
            for feed_id, url, etag, modified, due, failures, newest in rows
        }

    def by_id(self, article_id: str) -> Known | None:
        """Return what is known of an article."""
        row = self._db.execute("SELECT * FROM articles WHERE article_id = ?", (article_id,)).fetchone()
        if row is None:
            return None
        _, feed_id, guid, key, version, title, text, published, quality, seen, contents = row
        return Known(
            article_id, feed_id, guid, key, version, title, text, datetime.fromisoformat(published),
            DateQuality(quality), datetime.fromisoformat(seen), frozenset(contents.split()),
        )  # fmt: skip

    def by_guid(self, feed_id: str, guid: str) -> Known | None:
        """Return what is known of the article that a feed last gave this guid to."""
        row = self._db.execute(
            "SELECT article_id FROM guids WHERE feed_id = ? AND guid = ?", (feed_id, guid)
        ).fetchone()
        return self.by_id(row[0]) if row else None

    def save(self, state: FeedState, articles: Iterable[tuple[str, Known]] = ()) -> None:
        """Remember a feed's state and (guid, article) pairs, all or nothing, durable on return."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            for guid, known in articles:
                self._put(guid, known)
            self._db.execute(
                "INSERT OR REPLACE INTO feeds VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    state.feed_id, state.url, state.etag, state.last_modified, _text(state.next_due),
                    state.failures, _text(state.newest_at),
                ),
            )  # fmt: skip
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise DependencyError(f"cannot save the poller's cursors: {error}") from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _put(self, guid: str, known: Known) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                known.article_id, known.feed_id, known.guid, known.key, known.version, known.title,
                known.text, known.published_at.isoformat(), known.quality.value,
                known.first_seen_at.isoformat(), " ".join(sorted(known.contents)),
            ),
        )  # fmt: skip
        if guid:
            self._db.execute(
                "INSERT OR REPLACE INTO guids VALUES (?, ?, ?)", (known.feed_id, guid, known.article_id)
            )


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
