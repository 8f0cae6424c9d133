"""A link as published in; what may be followed, and a key that is equal for equal pages, out."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

LONGEST = 2000
"""Characters; longer links are refused."""
_TRACKING = re.compile(
    r"^(utm_.+|at_.+|fbclid|gclid|dclid|yclid|msclkid|mc_[ce]id|ocid|xtor|cmpid?|cmp|smid|smtyp|ftag|ito|maca|"
    r"traffic_source|taid|ns_.+|igshid|_ga)$",
    re.I,
)
_SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*:")


def usable_link(raw: str, base: str = "") -> str | None:
    """Return the absolute http(s) link, or None for anything else (`javascript:`, `file:`, too long).

    A relative link is taken from `base`, the feed's own address (RFC 3986, section 5). White space, controls
    and marks of direction are dropped. Credentials are refused, and so is a backslash before the path, where
    browsers and libraries disagree about which host is meant.

    >>> usable_link("/a/1", "https://example.org/feed.xml")
    'https://example.org/a/1'
    >>> usable_link("javascript:alert(1)") is None
    True
    """
    link = raw if raw.isprintable() and " " not in raw else _without_controls(raw)
    if not link or len(link) > LONGEST:
        return None
    try:
        if not _SCHEME.match(link) and base:
            link = urljoin(base, link)
        parts = urlsplit(link)
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return None
    return None if "\\" in parts.netloc else link


def _without_controls(raw: str) -> str:
    return "".join(char for char in raw if char.isprintable() and char != " ")


@lru_cache(maxsize=8192)
def canonical_url(link: str) -> str:
    """Name the page behind a usable link; a key only, never to be fetched.

    Scheme, `www.`, default ports, fragments, trailing slashes and tracking parameters don't tell pages
    apart; parameters are sorted and escapes written one way (RFC 3986, section 6.2).

    >>> canonical_url("HTTP://www.Example.org:80/a%7Eb/?utm_source=rss&b=2&a=1#top")
    'https://example.org/a~b?a=1&b=2'
    """
    parts = urlsplit(link)
    host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    if not host.isascii():
        host = _punycode(host)
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    path = quote(
        unquote(parts.path, errors="surrogateescape"), safe="/:@!$'()*,;=~+-._", errors="surrogateescape"
    )
    pairs = sorted(
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True, errors="surrogateescape")
        if not _TRACKING.match(name)
    )
    query = urlencode(pairs, errors="surrogateescape")
    return f"https://{host}{port}{path.rstrip('/')}" + (f"?{query}" if query else "")


def _punycode(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host.lower()
