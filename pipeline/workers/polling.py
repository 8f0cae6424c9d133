"""Settings in; a poller with its fetcher, parser and cursors out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

from pipeline.articles.feed import Feed
from pipeline.articles.samples import SAMPLE_FEEDS
from pipeline.settings import Settings
from pipeline.shipped import require_shipped
from pipeline.transport.base import Now, Publisher
from pipeline.transport.cursors import Cursors
from pipeline.transport.folder import FolderFetcher
from pipeline.transport.http import HttpFetcher, HttpLimits
from pipeline.workers.pages import Pages
from pipeline.workers.parsing import InlineParser, ProcessParser
from pipeline.workers.poller import Poller
from pipeline.workers.websub import Door, Subscriber, load_key

_HEADERS_S = 8.0
"""For the name, the connection and the headers of one answer."""


def _wall_clock() -> datetime:
    return datetime.now(UTC)


def new_poller(
    settings: Settings,
    publisher: Publisher,
    cursors: Path,
    *,
    feeds: Sequence[Feed] | None = None,
    fetcher: HttpFetcher | None = None,
    local: bool = False,
    now: Now = _wall_clock,
) -> Poller:
    """A poller of `feeds` (default: the configured ones) by HTTP, parsing in processes of its own.

    `local` permits feeds on loopback whatever the settings say, and asks them without pause.
    """
    own = settings.pipeline.poller
    fetcher = fetcher or new_fetcher(settings, local=local)
    return Poller(
        settings.feeds if feeds is None else feeds,
        fetcher,
        ProcessParser(),
        publisher,
        Cursors(cursors),
        owners=settings.owners,
        pages=Pages(fetcher, own.user_agent),
        concurrency=own.concurrency,
        remember=timedelta(days=own.remember_days),
        now=now,
    )


def new_subscriber(settings: Settings, poller: Poller, fetcher: HttpFetcher) -> Subscriber | None:
    """The poller's subscriber at hubs, where one is configured; its key lies in the state folder."""
    own = settings.pipeline.poller
    if own.websub is None:
        return None
    door = Door(own.websub.callback, own.websub.host, own.websub.port)
    subscriber = Subscriber(fetcher, load_key(settings.state / "websub.key"), door, poller.push)
    poller.subscribe_by(subscriber, plain=own.allow_local)
    return subscriber


def new_fetcher(settings: Settings, *, local: bool = False) -> HttpFetcher:
    """A fetcher with the configured limits and manners."""
    own = settings.pipeline.poller
    limits = HttpLimits(
        max_bytes=own.max_bytes,
        timeout_s=own.timeout_s,
        headers_s=min(_HEADERS_S, own.timeout_s),
        spacing_s=0.0 if local else own.spacing_s,
        concurrency=own.concurrency,
    )
    return HttpFetcher(own.user_agent, limits, allow_local=local or own.allow_local, proxy=own.proxy)


def new_sample_poller(settings: Settings, publisher: Publisher, cursors: Path) -> Poller:
    """A poller of the bundled sample feeds, without any network."""
    require_shipped("pipeline/samples")
    return Poller(
        SAMPLE_FEEDS,
        FolderFetcher(resources.files("pipeline") / "samples"),
        InlineParser(),
        publisher,
        Cursors(cursors),
        concurrency=settings.pipeline.poller.concurrency,
        now=_wall_clock,
    )
