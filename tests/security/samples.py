"""Articles and texts that the security tests start from."""

from __future__ import annotations

from pipeline.contract.article import Article
from tests.strategies import make_article

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
    return make_article(title, text, **changes)
