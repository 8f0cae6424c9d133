"""A publisher and a fetcher in memory that can be told to fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from pipeline.contract.article import Article
from pipeline.contract.codec import Headers, decode
from pipeline.contract.errors import DependencyError
from pipeline.transport.base import Fetched


class FakePublisher:
    """Keeps what was sent; `flush` fails, and forgets it, while `broken` is set."""

    def __init__(self) -> None:
        self.records: list[tuple[str, str, bytes, Headers]] = []
        self.broken = False
        self.flushes = 0
        self._waiting: list[tuple[str, str, bytes, Headers]] = []

    def send(self, topic: str, key: str, value: bytes, headers: Headers = ()) -> None:
        """Queue one record."""
        self._waiting.append((topic, key, value, headers))

    def flush(self) -> None:
        """Acknowledge what is queued."""
        waiting, self._waiting = self._waiting, []
        self.flushes += 1
        if self.broken:
            raise DependencyError("the fake broker is away")
        self.records += waiting

    def close(self) -> None:
        """Nothing is held."""

    @property
    def articles(self) -> list[Article]:
        """What was published, decoded."""
        return [decode(Article, value) for _, _, value, _ in self.records]

    @property
    def versions(self) -> Counter[tuple[str, int]]:
        """How often each version of each article was sent."""
        return Counter((article.article_id, article.version) for article in self.articles)


class FakeFetcher:
    """Answers with whatever `answer` says for an address."""

    def __init__(self, answer: Callable[[str], Fetched]) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str | None, str | None]] = []

    async def fetch(self, url: str, etag: str | None, last_modified: str | None) -> Fetched:
        """Give the answer at once."""
        self.asked.append((url, etag, last_modified))
        return self.answer(url)

    async def close(self) -> None:
        """Nothing is held."""
