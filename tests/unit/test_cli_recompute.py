"""Times as people write them on a command line and in coded texts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.cli.recompute import parse_moment
from pipeline.contract.errors import BadRecordError


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("Mon, 21 Mar 2022 10:00:00 EST", 15),
        ("Mon, 21 Mar 2022 10:00:00 EDT", 14),
        ("Mon, 21 Mar 2022 10:00:00 MSK", 7),
        ("Mon, 21 Mar 2022 10:00:00 GMT", 10),
        ("Mon, 21 Mar 2022 10:00:00 +0300", 7),
        ("2022-03-21T10:00:00Z", 10),
        ("2022-03-21 10:00", 10),
    ],
)
def test_a_moment(text: str, hour: int) -> None:
    assert parse_moment(text) == datetime(2022, 3, 21, hour, tzinfo=UTC)


def test_what_is_no_time() -> None:
    with pytest.raises(BadRecordError, match="write it like"):
        parse_moment("soon")
