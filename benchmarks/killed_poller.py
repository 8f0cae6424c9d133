"""A list of recorded polls in; the poller as it ships over them, to be killed at any moment and begun again.

python -m benchmarks.killed_poller LIST STATE BEGIN PORT

LIST is JSON, [path of a poll, its time]; STATE a folder that outlives the process; BEGIN the first poll's
number; PORT where the polls are served. Prints the number of each poll once it is done.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import datetime
from pathlib import Path

from pipeline.articles.feed import Feed
from pipeline.settings import load_settings
from pipeline.telemetry import configure_logging
from pipeline.transport.store import EmbeddedStore
from pipeline.workers.polling import new_poller
from tests.feed_server import FeedServer


async def poll(polls: list[tuple[str, str]], state: Path, begin: int, port: int) -> None:
    """Poll each at its own time over HTTP, and publish into a log that no kill can hurt."""
    store = EmbeddedStore(state / "log.sqlite")
    with FeedServer([Path(path) for path, _ in polls[begin:]], port=port) as server:
        feed = Feed("state-gov", server.url, "US Department of State", "USA", interval_s=60)
        poller = new_poller(load_settings(), store, state / "poller.sqlite", feeds=(feed,), local=True)
        try:
            for number, (_, at) in enumerate(polls[begin:], begin):
                await poller.poll_once(datetime.fromisoformat(at))
                print(number, flush=True)
                server.advance()
        finally:
            await poller.close()
    store.close()


if __name__ == "__main__":
    configure_logging("error", "console")
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    asyncio.run(poll(given, Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
