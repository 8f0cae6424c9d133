"""WebSub's subscriber by the Recommendation: what is asked, what is confirmed, whose pushes are believed."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from pipeline.articles import websub
from pipeline.articles.hints import FeedHints
from pipeline.articles.linkheader import related
from pipeline.articles.raw import Refusal
from pipeline.articles.websub import Mode, Reply, Subscription, Wish

NOON = datetime(2024, 3, 21, 12, tzinfo=UTC)
KEY = bytes(range(32))
WISH = Wish("https://hub.example/", "https://example.org/feed.xml")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def new() -> Subscription:
    return websub.subscription(KEY, "wire", WISH, NOON)


def intent(own: Subscription, **changes: str) -> dict[str, str]:
    query = {"mode": own.mode.value, "topic": WISH.topic, "challenge": "c0ffee", "lease_seconds": "864000"}
    return {f"hub.{name}": value for name, value in (query | changes).items()}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", {}),
        ("garbage, <", {}),
        ("<https://h/>; rel=hub", {"hub": "https://h/"}),
        ('<https://h/>; rel="hub", <https://e/f>; rel="self"', {"hub": "https://h/", "self": "https://e/f"}),
        ('<https://h/>; title="a, b; rel=no"; REL="Hub preconnect"', {"hub": "https://h/", "preconnect": "https://h/"}),
        ("<https://1/>; rel=hub, <https://2/>; rel=hub", {"hub": "https://1/"}),
        ("<https://1/>; rel=x; rel=hub", {"x": "https://1/"}),
        ("<https://h/a,b;c>; rel=hub", {"hub": "https://h/a,b;c"}),
        ("<https://h/>; rev=hub, <https://h/>", {}),
        ("<" * 100_000, {}),
    ],
)  # fmt: skip
def test_link_headers(header: str, expected: dict[str, str]) -> None:
    assert related(header) == expected


def test_a_hub_of_the_header_goes_before_one_of_the_document() -> None:
    hints = FeedHints(hub="https://old.example/", self_url="https://example.org/self")
    assert websub.wish_of(hints) == Wish("https://old.example/", "https://example.org/self")
    header = '<https://hub.example/>; rel="hub", </feed>; rel="self"'
    assert websub.wish_of(hints, header, "https://example.org/x") == Wish(
        "https://hub.example/", "https://example.org/feed"
    )
    assert websub.wish_of(FeedHints(hub="https://h.example/"), "", "https://e.org/f") == Wish(
        "https://h.example/", "https://e.org/f"
    )


@pytest.mark.parametrize(
    "hints", [FeedHints(), FeedHints(hub="http://hub.example/"), FeedHints(hub="https://hub.example/")]
)
def test_no_wish_without_hub_topic_and_tls(hints: FeedHints) -> None:
    assert isinstance(websub.wish_of(hints), Refusal)


def test_a_hub_without_tls_only_where_that_is_permitted() -> None:
    hints = FeedHints(hub="http://hub.example/", self_url="http://example.org/")
    assert isinstance(websub.wish_of(hints, plain=True), Wish)
    assert isinstance(websub.wish_of(FeedHints(), "<javascript:x>; rel=hub", "https://e.org/"), Refusal)


def test_names_and_secrets_differ_by_subscription_and_key_and_outlive_a_restart() -> None:
    others = [
        websub.subscription(KEY, "wire", replace(WISH, topic="https://example.org/b.xml"), NOON),
        websub.subscription(KEY, "wire", replace(WISH, hub="https://other.example/"), NOON),
        websub.subscription(KEY, "post", WISH, NOON),
        websub.subscription(bytes(32), "wire", WISH, NOON),
    ]
    drawn = {own.name for own in [new(), *others]} | {own.secret for own in [new(), *others]}
    assert len(drawn) == 10
    assert len(new().name) == 43  # 256 bits
    assert websub.subscription(KEY, "wire", WISH, NOON + DAY).secret == new().secret
    with pytest.raises(ValueError, match="31 bytes"):
        websub.subscription(KEY[:31], "wire", WISH, NOON)


def test_what_is_posted_to_the_hub() -> None:
    own = new()
    assert websub.form(own, "https://me.example/push/") == {
        "hub.callback": f"https://me.example/push/{own.name}",
        "hub.mode": "subscribe",
        "hub.topic": "https://example.org/feed.xml",
        "hub.lease_seconds": "864000",
        "hub.secret": own.secret,
    }
    assert len(own.secret) < 200  # section 5.1
    ending = websub.form(websub.leaving(own, NOON), "https://me.example/push")
    assert set(ending) == {"hub.callback", "hub.mode", "hub.topic"}
    assert ending["hub.mode"] == "unsubscribe"
    assert urlsplit(ending["hub.callback"]).path == f"/push/{own.name}"


def test_an_expected_intent_is_confirmed_and_renewed_before_the_lease_ends() -> None:
    own, reply = websub.verify(websub.asking(new(), NOON), intent(new(), lease_seconds="1000"), NOON)
    assert reply == Reply(200, "c0ffee")
    assert own.leased_until == NOON + timedelta(seconds=1000)
    assert own.ask_at == NOON + timedelta(seconds=800)
    assert own.holds(NOON + timedelta(seconds=999))
    assert not own.holds(NOON + timedelta(seconds=1000))
    again, reply = websub.verify(websub.asking(own, own.ask_at), intent(own), own.ask_at)
    assert reply.status == 200
    assert again.leased_until == own.ask_at + timedelta(days=10)


@pytest.mark.parametrize(
    ("told", "lease"),
    [("", 10 * DAY), ("0", 10 * DAY), ("-5", 10 * DAY), ("1e9", 10 * DAY), ("²", 10 * DAY),
     ("1", timedelta(minutes=5)), ("86400", DAY), ("999999999", 30 * DAY), ("9" * 5000, 10 * DAY)],
)  # fmt: skip
def test_leases(told: str, lease: timedelta) -> None:
    own, _ = websub.verify(websub.asking(new(), NOON), intent(new(), lease_seconds=told), NOON)
    assert own.leased_until == NOON + lease


@pytest.mark.parametrize(
    "changes",
    [
        {"topic": "https://example.org/other.xml"},
        {"topic": ""},
        {"mode": "unsubscribe"},
        {"mode": "publish"},
        {"mode": ""},
        {"challenge": ""},
        {"challenge": "x" * 2001},
        {"challenge": "a\r\nb"},
        {"challenge": "\udcff"},
    ],
)
def test_nothing_else_is_echoed(changes: dict[str, str]) -> None:
    own = websub.asking(new(), NOON)
    assert websub.verify(own, intent(own, **changes), NOON) == (own, Reply(404))


def test_an_intent_is_confirmed_only_while_one_is_awaited() -> None:
    assert websub.verify(new(), intent(new()), NOON)[1].status == 404
    own = websub.asking(new(), NOON)
    assert websub.verify(own, intent(own), NOON + 2 * HOUR)[1].status == 404
    confirmed, _ = websub.verify(own, intent(own), NOON)
    assert websub.verify(confirmed, intent(own), NOON)[1].status == 404
    assert websub.verify(confirmed, intent(own, mode="unsubscribe"), NOON)[1].status == 404


def test_an_end_is_confirmed_when_we_asked_for_it() -> None:
    own = websub.asking(websub.leaving(replace(new(), leased_until=NOON + DAY), NOON), NOON)
    assert own.mode is Mode.UNSUBSCRIBE
    ended, reply = websub.verify(own, intent(own), NOON)
    assert (reply, ended.leased_until) == (Reply(200, "c0ffee"), None)


def test_a_denial_is_believed_for_a_day() -> None:
    own = replace(new(), leased_until=NOON + DAY)
    denied, reply = websub.verify(own, {"hub.mode": "denied", "hub.topic": WISH.topic}, NOON)
    assert (reply, denied.leased_until, denied.ask_at) == (Reply(200), None, NOON + DAY)
    assert websub.verify(own, {"hub.mode": "denied", "hub.topic": "x"}, NOON) == (own, Reply(404))


def test_a_hub_that_fails_is_asked_ever_more_rarely() -> None:
    own, now, waits = new(), NOON, []
    for _ in range(12):
        own = websub.not_asked(websub.asking(own, now), now)
        waits.append(own.ask_at - now)
        now = own.ask_at
    assert waits[:4] == [timedelta(minutes=n) for n in (5, 10, 20, 40)]
    assert waits[-1] == DAY
    assert own.waits_until is None


def test_a_hub_that_never_verifies_is_asked_again_after_an_hour() -> None:
    assert websub.asking(new(), NOON).ask_at == NOON + HOUR


def test_a_hub_may_verify_and_then_answer_with_an_error() -> None:
    own, _ = websub.verify(websub.asking(new(), NOON), intent(new()), NOON)
    assert websub.not_asked(own, NOON) == own


def signed(method: str, body: bytes = b"<rss/>", secret: str | None = None) -> str:
    key = (secret or new().secret).encode()
    return f"{method}={hmac.new(key, body, method).hexdigest()}"


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_pushes_signed_by_each_method_of_the_recommendation(method: str) -> None:
    assert websub.push_fault(new(), b"<rss/>", signed(method)) is None
    assert websub.push_fault(new(), b"<rss/>", signed(method).upper()) is None
    assert websub.push_fault(new(), b"<rss/> ", signed(method)) is not None
    assert websub.push_fault(new(), b"<rss/>", signed(method, secret="guess")) is not None


@pytest.mark.parametrize(
    "signature",
    [None, "", "sha256", "sha256=", "=", "md5=" + hashlib.md5(b"<rss/>").hexdigest(), signed("md5"),
     "sha256=" + signed("sha1").partition("=")[2], "sha256=é\udcff", "crc32=0", "none=" + "0" * 64],
)  # fmt: skip
def test_other_pushes_are_not_believed(signature: str | None) -> None:
    assert websub.push_fault(new(), b"<rss/>", signature) is not None


def test_the_signature_that_rfc_4231_gives() -> None:
    """Test case 2 of RFC 4231: HMAC-SHA-256 under the key "Jefe"."""
    own = replace(new(), secret="Jefe")
    digest = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert websub.push_fault(own, b"what do ya want for nothing?", f"sha256={digest}") is None
