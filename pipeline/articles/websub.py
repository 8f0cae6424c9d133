"""What a feed says of its hub in; subscription requests, answers to the hub and verdicts on pushes out.

The subscriber's part of WebSub (W3C Recommendation, 23 January 2018); section numbers below are its own.

    wanted → asked → confirmed → asked again when four fifths of the lease are over → …

Secrets and callback names are drawn by HMAC from one key and what a subscription is for: they are the same
after a restart, differ for each subscription, and nobody without the key can guess them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from pipeline.articles.hints import FeedHints
from pipeline.articles.link import usable_link
from pipeline.articles.linkheader import related
from pipeline.articles.raw import Refusal

KEY_BYTES = 32
"""Least length of the key that secrets are drawn from."""
LEASE = timedelta(days=10)
"""What we ask for; the hub decides."""
_SHORTEST_LEASE = timedelta(minutes=5)
_LONGEST_LEASE = timedelta(days=30)
_RENEWED_AT = 0.8
"""Share of a lease after which it is asked for again."""
_CONFIRMED_WITHIN = timedelta(hours=1)
"""How long a hub may take to verify an intent."""
_FIRST_RETRY = timedelta(minutes=5)
_LAST_RETRY = timedelta(days=1)
_LONGEST_CHALLENGE = 2_000
_LONGEST_ADDRESS = 2_000
_METHODS = frozenset({"sha1", "sha256", "sha384", "sha512"})
"""Section 7.1.1. SHA-1 is among them since most hubs sign with nothing else, and a subscriber cannot ask for
better; collisions of SHA-1 do not forge an HMAC (RFC 6194, section 3.3)."""


class Mode(StrEnum):
    """What was asked of the hub last."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"


@dataclass(frozen=True, slots=True)
class Wish:
    """News of `topic` should be pushed by `hub`."""

    hub: str
    topic: str


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where one feed's subscription stands."""

    feed_id: str
    wish: Wish
    name: str
    """Last part of the callback's address, 43 characters."""
    secret: str
    """Shared with the hub alone, 64 hex digits."""
    ask_at: datetime
    """When to ask the hub next."""
    mode: Mode = Mode.SUBSCRIBE
    waits_until: datetime | None = None
    """An intent to verify is awaited until then."""
    leased_until: datetime | None = None
    failures: int = 0
    """Requests in a row that the hub has not confirmed."""

    def holds(self, now: datetime) -> bool:
        """Tell whether the hub pushes at present, as far as one can know."""
        return self.leased_until is not None and now < self.leased_until


@dataclass(frozen=True, slots=True)
class Reply:
    """What the hub is told: a status, and a body of plain text."""

    status: int
    body: str = ""


def wish_of(
    hints: FeedHints, link_header: str = "", asked: str = "", *, plain: bool = False
) -> Wish | Refusal:
    """Find hub and topic: in the answer's Link header before the document (section 4).

    `asked` is the feed's own address, the base of relative links and the topic of last resort. Without TLS
    the secret would lie open (section 5.1), so hubs by http are refused, unless `plain` permits them.
    """
    links = related(link_header)
    hub = usable_link(links.get("hub", ""), asked) or hints.hub
    topic = usable_link(links.get("self", ""), asked) or hints.self_url or asked
    if not hub:
        return Refusal("names no hub")
    if urlsplit(hub).scheme != "https" and not plain:
        return Refusal("its hub is not asked by https")
    if len(topic) > _LONGEST_ADDRESS or not topic:
        return Refusal("names no usable topic")
    return Wish(hub, topic)


def subscription(key: bytes, feed_id: str, wish: Wish, now: datetime) -> Subscription:
    """A subscription that is to be asked for at once; `key` holds at least `KEY_BYTES` random bytes."""
    if len(key) < KEY_BYTES:
        raise ValueError(f"a key of {len(key)} bytes, fewer than {KEY_BYTES}")
    name = base64.urlsafe_b64encode(_drawn(key, "name", feed_id, wish)).rstrip(b"=").decode()
    return Subscription(feed_id, wish, name, _drawn(key, "secret", feed_id, wish).hex(), now)


def form(own: Subscription, callback_base: str) -> dict[str, str]:
    """What to post to the hub (section 5.1)."""
    fields = {
        "hub.callback": f"{callback_base.rstrip('/')}/{own.name}",
        "hub.mode": own.mode.value,
        "hub.topic": own.wish.topic,
    }
    if own.mode is Mode.SUBSCRIBE:
        fields |= {"hub.lease_seconds": str(int(LEASE.total_seconds())), "hub.secret": own.secret}
    return fields


def asking(own: Subscription, now: datetime) -> Subscription:
    """As it stands while the hub is asked: a hub may verify before it answers the request."""
    failures, until = own.failures + 1, now + _CONFIRMED_WITHIN
    return replace(own, waits_until=until, failures=failures, ask_at=max(now + _pause(failures), until))


def not_asked(own: Subscription, now: datetime) -> Subscription:
    """The request failed: ask again later, unless the hub has verified all the same."""
    if own.waits_until is None:
        return own
    return replace(own, waits_until=None, ask_at=now + _pause(own.failures))


def leaving(own: Subscription, now: datetime) -> Subscription:
    """The same subscription, to be ended."""
    return replace(own, mode=Mode.UNSUBSCRIBE, ask_at=now, waits_until=None, failures=0)


def verify(own: Subscription, query: Mapping[str, str], now: datetime) -> tuple[Subscription, Reply]:
    """Answer a hub's GET: echo the challenge of what we asked for, and of nothing else (section 5.3).

    A denial (section 5.2) ends the subscription for a day at least.
    """
    mode, topic = query.get("hub.mode", ""), query.get("hub.topic", "")
    if topic != own.wish.topic:
        return own, Reply(404)
    if mode == "denied":
        denied = replace(own, waits_until=None, leased_until=None, failures=own.failures + 1)
        return replace(denied, ask_at=now + _LAST_RETRY), Reply(200)
    challenge = query.get("hub.challenge", "")
    expected = own.waits_until is not None and now <= own.waits_until
    if mode != own.mode or not expected or not _is_echoable(challenge):
        return own, Reply(404)
    confirmed = replace(own, waits_until=None, failures=0)
    if own.mode is Mode.UNSUBSCRIBE:
        return replace(confirmed, leased_until=None), Reply(200, challenge)
    lease = _lease(query.get("hub.lease_seconds", ""))
    confirmed = replace(confirmed, leased_until=now + lease, ask_at=now + _RENEWED_AT * lease)
    return confirmed, Reply(200, challenge)


def push_fault(own: Subscription, body: bytes, signature: str | None) -> str | None:
    """Return why a push cannot be believed, or None; `signature` is X-Hub-Signature (section 7.1)."""
    method, _, digest = (signature or "").strip().partition("=")
    if method.lower() not in _METHODS:
        return "no signature by a known method"
    right = hmac.new(own.secret.encode(), body, method.lower()).hexdigest()
    same = hmac.compare_digest(right.encode(), digest.strip().lower().encode("utf-8", "replace"))
    return None if same else "a signature that does not fit"


def _is_echoable(challenge: str) -> bool:
    return 0 < len(challenge) <= _LONGEST_CHALLENGE and challenge.isprintable()


def _lease(told: str) -> timedelta:
    """The hub's word (section 5.3), within what is sensible."""
    seconds = int(told) if told.isascii() and told.isdigit() and len(told) < 10 else 0
    lease = timedelta(seconds=seconds) if seconds else LEASE
    return min(max(lease, _SHORTEST_LEASE), _LONGEST_LEASE)


def _pause(failures: int) -> timedelta:
    return min(_FIRST_RETRY * (1 << min(failures - 1, 20)), _LAST_RETRY)


def _drawn(key: bytes, purpose: str, feed_id: str, wish: Wish) -> bytes:
    text = "\0".join((purpose, feed_id, wish.hub, wish.topic))
    return hmac.digest(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256)
