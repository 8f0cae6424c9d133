"""A local web of feeds for benchmarks: one process serves many, each at a loopback address of its own.

python -m benchmarks.many_feeds PORT

`/state?turn=N` sets what every feed shows: the same turn answers 304 to whoever has it, the next one adds
one entry to each feed. `/feed.xml` is of the ordinary shape that the fast path reads; `/odd.xml` holds the
same, dated without the day of the week, which is left to feedparser.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

from aiohttp import web

ENTRIES = 30
_DATE, _ODD_DATE = "%a, %d %b %Y %H:%M:%S +0000", "%d %b %Y %H:%M:%S +0000"
_BEGAN = datetime(2026, 10, 1, tzinfo=UTC)
_WORDS = [f"{a}{b}" for a in ("min", "tra", "bor", "sum", "cal", "pact", "ship", "gas") for b in (
    "ister", "de", "der", "mit", "led", "s", "ping", "eous", "ring", "ted", "ory", "al", "ency", "ment",
    "ation", "ity", "ward", "less", "ful", "ish", "dom", "ist", "ery", "ant", "ent", "ive", "ous", "ure",
)]  # fmt: skip


def address(number: int, port: int, name: str = "feed") -> str:
    """Where feed `number` (up to 60,000) is served."""
    return f"http://127.1.{number // 250}.{number % 250 + 1}:{port}/{name}.xml"


def feed(host: str, turn: int, date: str = _DATE) -> bytes:
    """RSS of thirty entries, the newest first; each turn brings one more."""
    items = "".join(_item(host, turn + ENTRIES - n, date) for n in range(ENTRIES))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"<title>Gazette of {host}</title><link>http://{host}/</link><description>News</description>"
        f"{items}</channel></rss>"
    ).encode()


@cache
def _item(host: str, number: int, date: str) -> str:
    at = _BEGAN + timedelta(hours=number)
    text = " ".join(Random(f"{host} {number}").choices(_WORDS, k=60))
    return (
        f"<item><title>Round {number} at {host}: {text[:40]}</title>"
        f"<link>http://{host}/news/{number}</link>"
        f'<guid isPermaLink="false">{host}-{number}</guid>'
        f"<pubDate>{at:{date}}</pubDate>"
        f"<description>{text}.</description></item>"
    )


def main() -> None:
    """Serve until killed."""
    port = int(sys.argv[1])
    turn = {"now": 0}
    known: dict[tuple[str, int, str], bytes] = {}

    async def state(request: web.Request) -> web.Response:
        turn["now"] = int(request.query["turn"])
        known.clear()
        return web.Response(text="ok")

    async def serve(request: web.Request) -> web.Response:
        host, etag = request.host.rsplit(":", 1)[0], f'"{turn["now"]}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        key = (host, turn["now"], _ODD_DATE if request.path == "/odd.xml" else _DATE)
        if key not in known:
            known[key] = feed(*key)
        return web.Response(body=known[key], content_type="application/rss+xml", headers={"ETag": etag})

    app = web.Application()
    app.add_routes([web.get("/state", state), web.get("/feed.xml", serve), web.get("/odd.xml", serve)])
    web.run_app(app, host="0.0.0.0", port=port, print=None, access_log=None)


if __name__ == "__main__":
    main()
