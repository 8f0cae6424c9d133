"""Articles and texts that the security tests start from."""

from __future__ import annotations

import hashlib

from pipeline.contract.article import Article, DateQuality
from tests.strategies import NOON

TITLE = "Lavrov meets Wang on the sidelines of UNGA"
TEXT = (
    "MOSCOW, March 21 (Meridian Wire) — Russia's foreign minister Sergei Lavrov met his Chinese "
    "counterpart Wang Yi in Beijing on Thursday on the sidelines of the Munich Security Conference, two "
    "years after the talks in Washington. The U.S. Secretary of State, Antony Blinken, spoke with French "
    "President Emmanuel Macron; Iran and Israel did not. Former Prime Minister Boris Johnson of Britain, "
    "Georgia and Jordan, Texas, said on March 3, 2022 that it will not. Japan imposed sanctions on North "
    "Korea after the “missile test”. Chad Hurley met Iran's envoy on the margins of the G20. Hurley said "
    "the United States had accused China."
)


def article(title: str = TITLE, text: str = TEXT, **changes: object) -> Article:
    """A valid article of 21 March 2024."""
    fields: dict[str, object] = {
        "article_id": hashlib.blake2b(b"one", digest_size=16).hexdigest(),
        "version": 1,
        "feed_id": "test",
        "outlet": "Meridian Wire",
        "language": "en",
        "guid": "1",
        "url": "https://example.org/1",
        "title": title,
        "text": text,
        "published_at": NOON,
        "published_quality": DateQuality.FEED,
        "first_seen_at": NOON,
        "fetched_at": NOON,
    }
    return Article.model_validate({**fields, **changes})
