"""The extractor's pool: an article that hangs or kills its process takes only itself along."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.contract.article import Article
from pipeline.contract.codec import encode
from pipeline.contract.errors import DependencyError
from pipeline.contract.topics import ARTICLES, EVENTS, RECEIPTS
from pipeline.events.extract import Coder, Extraction
from pipeline.settings import Settings
from pipeline.transport.base import Message
from pipeline.workers import extractor, limited
from pipeline.workers.extraction import Outgoing, extract_batch
from tests.contract.test_pipeline import TEXTS, article
from tests.strategies import NOON


def messages() -> list[Message]:
    """Three articles as they lie on the topic."""
    made = [article(n, *TEXTS[n]) for n in range(3)]
    return [Message(ARTICLES.name, 0, n, b"k", encode(one)) for n, one in enumerate(made)]


def poisonous(batch: list[Message], emitted_at: object) -> list[Outgoing]:
    """Stands in for the coder: the second article kills its process, the third hangs."""
    if any(message.offset == 1 for message in batch):
        os._exit(9)
    if any(message.offset == 2 for message in batch):
        time.sleep(60)
    return [Outgoing(EVENTS.name, "CHN|RUS", b"{}", ()) for _ in batch]


def test_a_killer_and_a_hanging_article_become_dead_letters_and_the_rest_goes_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extractor, "_code", poisonous)
    monkeypatch.setattr(extractor, "_load", print)  # nothing to load
    pool = extractor.ExtractionPool(settings)
    monkeypatch.setattr(pool, "_timeout_s", 8.0)
    try:
        outgoing = asyncio.run(pool.extract(messages()))
    finally:
        pool.close()
    assert [record.topic for record in outgoing] == [EVENTS.name, ARTICLES.dlq, ARTICLES.dlq]
    assert [record.reason for record in outgoing] == [
        None,
        "the article killed its process",
        "the article took too long",
    ]


class Costly:
    """Stands in for the coder: the second article never ends, the third wants all memory."""

    version = ontology_version = "1"

    def code(self, article: Article) -> Extraction:
        """Cost what the article's number says."""
        if article.url.endswith("/1"):
            while True:
                pass
        if article.url.endswith("/2"):
            bytearray(2_000_000_000)
        return Extraction(())


def load_costly(overlay: Path | None, article_seconds: float, article_memory_mb: int) -> None:
    """The pool's initializer, without the model."""
    extractor._coder = limited.LimitedCoder(Costly(), article_seconds)
    limited.limit_memory(article_memory_mb * 1_000_000)


def test_articles_that_cost_too_much_time_or_memory_become_dead_letters_in_their_place(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extractor, "_load", load_costly)
    own = settings.pipeline.extractor.model_copy(update={"article_seconds": 3.0, "article_memory_mb": 300})
    pool = extractor.ExtractionPool(
        replace(settings, pipeline=settings.pipeline.model_copy(update={"extractor": own}))
    )
    three = [article(n, *TEXTS[n]).model_copy(update={"url": f"https://x.example/{n}"}) for n in range(3)]
    batch = [Message(ARTICLES.name, 0, n, b"k", encode(three[n % 3])) for n in range(4)]
    try:
        outgoing = asyncio.run(pool.extract(batch))
        after = asyncio.run(pool.extract(batch[:1]))
    finally:
        pool.close()
    assert [record.topic for record in outgoing] == [
        RECEIPTS.name, ARTICLES.dlq, ARTICLES.dlq, RECEIPTS.name,
    ]  # fmt: skip
    assert [record.value for record in outgoing[1:3]] == [message.value for message in batch[1:3]]
    assert [record.reason for record in outgoing[1:3]] == [
        "the article took too long",
        "the article needed too much memory",
    ]
    assert [record.topic for record in after] == [RECEIPTS.name]


def test_a_process_that_dies_at_rest_is_replaced_and_one_that_never_comes_up_blames_no_article(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extractor, "_load", load_costly)
    pool = extractor.ExtractionPool(settings)
    try:
        asyncio.run(pool.extract(messages()[:1]))
        (process,) = pool._pool._processes.values()
        process.kill()
        process.join()
        assert [record.topic for record in asyncio.run(pool.extract(messages()[:1]))] == [RECEIPTS.name]
        monkeypatch.setattr(extractor, "_load", os._exit)  # wrong arguments: the start fails
        pool._restart()
        with pytest.raises(DependencyError):
            asyncio.run(pool.extract(messages()[:1]))
    finally:
        pool.close()


def test_the_limits_leave_real_articles_alone(settings: Settings, coder: Coder) -> None:
    pool = extractor.ExtractionPool(settings)
    try:
        outgoing = asyncio.run(pool.extract(messages()))
    finally:
        pool.close()
    plain = extract_batch(coder, messages(), NOON)
    assert [(one.topic, one.key, one.value) for one in outgoing] == [
        (one.topic, one.key, one.value) for one in plain
    ]


def test_pool_processes_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import asyncio, os, signal\n"
        "from pipeline.settings import load_settings\n"
        "from pipeline.workers.extractor import ExtractionPool\n"
        "from tests.integration.test_extractor_pool import messages\n"
        "if __name__ == '__main__':\n"
        "    pool = ExtractionPool(load_settings())\n"
        "    asyncio.run(pool.extract(messages()))\n"
        "    print(*pool._pool._processes, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).parent.parent.parent
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, cwd=root, timeout=120,
        env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    children = [int(word) for word in done.stdout.split()]
    assert children, done.stderr
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{child}/status").exists() for child in children):
        assert time.monotonic() < deadline, "a pool process outlived its parent"
        time.sleep(0.1)
