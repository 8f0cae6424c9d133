"""What the poller remembers: states of feeds and known articles, in one SQLite file.

All that one answer of a feed changes is saved in one transaction, after the broker acknowledged what
was sent. A kill at any moment therefore repeats the same versions; it never skips or renumbers one.
(A cut of power may also lose the last answers, and so repeat them: the file is synced now and then.)
What is about to be sent without a date of its own is written down before, so that it keeps the date of
its first sending should the acknowledgement be lost.
"""

from __future__ import annotations

import fcntl
import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, NoReturn

from pipeline.articles.dedupe import Known
from pipeline.articles.hints import FeedHints
from pipeline.articles.names import Names
from pipeline.articles.schedule import FeedState
from pipeline.articles.stories import NO_CHANGES, Changes, StoryRow
from pipeline.contract.article import DateQuality
from pipeline.contract.errors import DependencyError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS feeds (
    feed_id TEXT PRIMARY KEY, url TEXT NOT NULL, etag TEXT, last_modified TEXT, next_due TEXT,
    failures INTEGER NOT NULL, newest_at TEXT, more TEXT NOT NULL DEFAULT '{}') WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS articles (
    article_id TEXT PRIMARY KEY, feed_id TEXT NOT NULL, guid TEXT NOT NULL, key TEXT NOT NULL,
    version INTEGER NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, published_at TEXT NOT NULL,
    quality TEXT NOT NULL, first_seen_at TEXT NOT NULL, contents TEXT NOT NULL,
    left_at TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS guids (
    feed_id TEXT NOT NULL, guid TEXT NOT NULL, article_id TEXT NOT NULL,
    PRIMARY KEY (feed_id, guid)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stories (
    number INTEGER PRIMARY KEY, article_id TEXT UNIQUE NOT NULL, story_id TEXT NOT NULL,
    began_at TEXT NOT NULL, published_at TEXT NOT NULL,
    bands BLOB NOT NULL, shingles BLOB NOT NULL, names TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS undated (
    article_id TEXT PRIMARY KEY, first_seen_at TEXT NOT NULL) WITHOUT ROWID;
"""
_STEPS = {
    1: "ALTER TABLE feeds ADD COLUMN more TEXT NOT NULL DEFAULT '{}';",
    2: "DROP TABLE IF EXISTS stories; ALTER TABLE articles ADD COLUMN left_at TEXT;",
}
"""From each earlier format to the next."""
_VERSION = 3


@dataclass(frozen=True, slots=True)
class Recall:
    """What is known of some entries of a feed."""

    by_guid: Mapping[str, Known]
    by_id: Mapping[str, Known]


class Cursors:
    """The poller's memory. One process at a time; raises DependencyError when the file fails."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock = _locked(path)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if not 0 <= version <= _VERSION:
                raise DependencyError(f"{path} was written by another blocwatch (format {version})")
            steps = "".join(step for number, step in _STEPS.items() if 0 < version <= number)
            self._db.executescript(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                f"BEGIN IMMEDIATE; {steps} {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT"
            )
        except (sqlite3.Error, OSError) as error:
            raise DependencyError(f"cannot open {path}: {error}") from error

    def feed_states(self) -> dict[str, FeedState]:
        """Return the states of all feeds ever polled, by feed_id."""
        rows = self._db.execute(
            "SELECT feed_id, url, etag, last_modified, next_due, failures, newest_at, more FROM feeds"
        )
        return {
            feed_id: FeedState(
                feed_id, url, etag, modified, _moment(due), failures, _moment(newest), **_more(more)
            )
            for feed_id, url, etag, modified, due, failures, newest, more in rows
        }

    def first_seen(self, article_id: str) -> datetime | None:
        """Return when an article without a date was about to be sent first, unless that was acknowledged."""
        row = self._db.execute(
            "SELECT first_seen_at FROM undated WHERE article_id = ?", (article_id,)
        ).fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    def announce(self, known: Iterable[Known]) -> None:
        """Write down, durably, when articles without a date of their own are about to be sent first."""
        rows = [(one.article_id, one.first_seen_at.isoformat()) for one in known]
        if not rows:
            return
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT OR IGNORE INTO undated VALUES (?, ?)", rows)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._undo(error)

    def prune(self, before: datetime) -> int:
        """Forget articles that left their feed's window before a moment; returns how many.

        Those of a stale copy stood in no window: there the moment of their first sight counts.
        """
        kept = {name for state in self.feed_states().values() for name in state.window}
        try:
            self._db.execute("BEGIN IMMEDIATE")
            long_ago = (before.isoformat(),)
            rows = self._db.execute(
                "SELECT article_id FROM articles WHERE COALESCE(left_at, first_seen_at) < ?", long_ago
            )
            gone = [(name,) for (name,) in rows.fetchall() if name not in kept]
            self._db.executemany("DELETE FROM articles WHERE article_id = ?", gone)
            self._db.execute("DELETE FROM guids WHERE article_id NOT IN (SELECT article_id FROM articles)")
            self._db.execute("DELETE FROM undated WHERE first_seen_at < ?", long_ago)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._undo(error)
        return len(gone)

    def by_id(self, article_id: str) -> Known | None:
        """Return what is known of an article."""
        return self._by_id([article_id]).get(article_id)

    def by_guid(self, feed_id: str, guid: str) -> Known | None:
        """Return what is known of the article that a feed last gave this guid to."""
        return self.recall(feed_id, [guid], []).by_guid.get(guid)

    def recall(self, feed_id: str, guids: Collection[str], article_ids: Collection[str]) -> Recall:
        """Return what is known of a feed's guids, and of articles, in two looks."""
        rows = self._db.execute(
            f"SELECT guid, article_id FROM guids WHERE feed_id = ? AND guid IN ({_marks(guids)})",
            (feed_id, *guids),
        )
        named = dict(rows.fetchall())
        by_id = self._by_id({*article_ids, *named.values()})
        return Recall({guid: by_id[name] for guid, name in named.items() if name in by_id}, by_id)

    def _by_id(self, names: Collection[str]) -> dict[str, Known]:
        rows = self._db.execute(f"SELECT * FROM articles WHERE article_id IN ({_marks(names)})", (*names,))
        return {row[0]: _known(row) for row in rows}

    def stories(self) -> list[StoryRow]:
        """What was remembered of stories, in its order."""
        rows = self._db.execute(
            "SELECT article_id, story_id, began_at, published_at, bands, shingles, names"
            " FROM stories ORDER BY number"
        )
        moment = datetime.fromisoformat
        return [
            StoryRow(name, story, moment(began), moment(at), bands, shingles, Names(*json.loads(names)))
            for name, story, began, at, bands, shingles, names in rows
        ]

    def save(
        self,
        state: FeedState,
        articles: Iterable[tuple[str, Known]] = (),
        stories: Changes = NO_CHANGES,
        left: Iterable[str] = (),
    ) -> None:
        """Remember a feed's state, (guid, article) pairs and stories, all or nothing.

        `left` are the article_ids that its window shows no longer.
        """
        try:
            self._db.execute("BEGIN IMMEDIATE")
            for guid, known in articles:
                self._put(guid, known)
            self._tell(stories)
            polled_at = _text(state.polled_at)
            self._db.executemany(
                "UPDATE articles SET left_at = ? WHERE article_id = ?", [(polled_at, name) for name in left]
            )
            self._db.execute(
                "INSERT OR REPLACE INTO feeds VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    state.feed_id, state.url, state.etag, state.last_modified, _text(state.next_due),
                    state.failures, _text(state.newest_at), _rest(state),
                ),
            )  # fmt: skip
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._undo(error)

    def close(self) -> None:
        """Close the file."""
        self._db.close()
        self._lock.close()

    def _tell(self, stories: Changes) -> None:
        forgotten = [(name,) for name in stories.forgotten]
        self._db.executemany("DELETE FROM stories WHERE article_id = ?", forgotten)
        rows = (
            (row.article_id, row.story_id, row.began_at.isoformat(), row.published_at.isoformat(),
             row.bands, row.shingles, json.dumps(astuple(row.names)))
            for row in stories.added
        )  # fmt: skip
        self._db.executemany(
            "INSERT OR REPLACE INTO stories"
            " (article_id, story_id, began_at, published_at, bands, shingles, names)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            rows,
        )

    def _undo(self, error: sqlite3.Error) -> NoReturn:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
        raise DependencyError(f"cannot save the poller's cursors: {error}") from error

    def _put(self, guid: str, known: Known) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
            (
                known.article_id, known.feed_id, known.guid, known.key, known.version, known.title,
                known.text, known.published_at.isoformat(), known.quality.value,
                known.first_seen_at.isoformat(), " ".join(sorted(known.contents)),
            ),
        )  # fmt: skip
        self._db.execute("DELETE FROM undated WHERE article_id = ?", (known.article_id,))
        if guid:
            self._db.execute(
                "INSERT OR REPLACE INTO guids VALUES (?, ?, ?)", (known.feed_id, guid, known.article_id)
            )


def _known(row: tuple[Any, ...]) -> Known:
    name, feed_id, guid, key, version, title, text, published, quality, seen, contents, _ = row
    return Known(
        name, feed_id, guid, key, version, title, text, datetime.fromisoformat(published),
        DateQuality(quality), datetime.fromisoformat(seen), frozenset(contents.split()),
    )  # fmt: skip


def _marks(values: Collection[str]) -> str:
    return ",".join("?" * len(values))


def _locked(path: Path) -> IO[bytes]:
    """Take the file for this process alone; raises DependencyError where another one has it."""
    lock = path.with_name(f"{path.name}.lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise DependencyError(
            f"{path} is in use by another poller; stop it, or give this one a state folder of its own"
        ) from error
    return lock


def _rest(state: FeedState) -> str:
    hints = state.hints
    return json.dumps({
        "polled_at": _text(state.polled_at), "gap_s": state.gap_s, "moved_to": state.moved_to,
        "moves": state.moves, "address": state.address, "retired": state.retired,
        "window": sorted(state.window), "ttl_s": hints.ttl_s, "skip_hours": sorted(hints.skip_hours),
        "skip_days": sorted(hints.skip_days), "hub": hints.hub, "self_url": hints.self_url,
    })  # fmt: skip


def _more(text: str) -> dict[str, Any]:
    said = json.loads(text)
    if not said:
        return {}
    hints = FeedHints(
        said.pop("ttl_s"), frozenset(said.pop("skip_hours")), frozenset(said.pop("skip_days")),
        said.pop("hub"), said.pop("self_url"),
    )  # fmt: skip
    polled_at, window = _moment(said.pop("polled_at")), frozenset(said.pop("window"))
    return {**said, "polled_at": polled_at, "window": window, "hints": hints}


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
