"""Web and IP addresses in; whether they may be asked, and in whose network they lie, out. No lookups here."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import quote, urljoin

from yarl import URL

_LONGEST = 8_000

_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional marks and overrides
    "\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # other characters without a glyph
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
"""What can make an address look like another; joiners stay, Persian and Indic slugs need them."""

_AS_WRITTEN = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"<>\\^`{|}')
"""What stays of paths and queries; above all percent signs."""

_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")

_NOT_PUBLIC = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network, unspecified
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by carriers (RFC 6598); a cloud's metadata service lives here too
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's host agent, on an address of its own that looks public
        "169.254.0.0/16",  # link-local, most metadata services
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarking
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",
    )
)
"""Special-purpose blocks of IANA's registries (RFC 6890 and its updates)."""

_UNICAST6 = ipaddress.IPv6Network("2000::/3")
"""Only here does IANA assign public IPv6; mapped, translated, local and multicast addresses lie outside."""

_LOCAL = tuple(
    ipaddress.ip_network(text)
    for text in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)
_METADATA = frozenset(ipaddress.IPv6Address(text) for text in ("fd00:ec2::254", "fd20:ce::254"))


class AddressError(OSError):
    """An address that must not be asked; the message says why, in words for an operator."""


def is_public(address: str) -> bool:
    """Tell whether an IP address belongs to the open internet; False for whatever is no plain IP address.

    >>> is_public("93.184.216.34"), is_public("169.254.169.254"), is_public("::ffff:127.0.0.1")
    (True, False, False)
    """
    number = _parse(address)
    if number is None or (number.version == 6 and number not in _UNICAST6):
        return False
    return not any(number in block for block in _NOT_PUBLIC if block.version == number.version)


def is_local(address: str) -> bool:
    """Tell whether an IP address is loopback or private (RFC 1918, RFC 4193), where a feed may be permitted.

    Link-local, metadata, multicast and unspecified addresses are neither public nor local: nobody's feed.

    >>> is_local("127.0.0.1"), is_local("192.168.0.7"), is_local("169.254.169.254"), is_local("0.0.0.0")
    (True, True, False, False)
    """
    number = _parse(address)
    if number is None or number in _METADATA:
        return False
    return any(number in block for block in _LOCAL if block.version == number.version)


def is_ip(host: str) -> bool:
    """Tell whether a host is a plain IP address, without brackets, zone or abbreviation."""
    return _parse(host) is not None


def read_url(text: str) -> URL:
    """Read a web address into the one form that is checked, resolved and asked alike.

    The host is normalised, the fragment dropped; path and query stay as they are written, for they may be
    signed, but for characters that no request line can carry. Raises AddressError for anything but http and
    https, for credentials, for control and bidirectional characters, for zones (`fe80::1%eth0`) and for
    numbers that only some programs read as an IPv4 address (`127.1`, `0x7f000001`; WHATWG URL, section 3.5).

    >>> str(read_url("HTTP://Bücher.example:80/a b?c=%2F#d"))
    'http://xn--bcher-kva.example/a%20b?c=%2F'
    """
    if len(text) > _LONGEST:
        raise AddressError(f"address longer than {_LONGEST} characters")
    if _HIDDEN.search(text):
        raise AddressError("control or bidirectional character in the address")
    try:
        written, url = URL(text.strip(" "), encoded=True), URL(text.strip(" "))
        scheme, host, port = url.scheme, url.raw_host, url.explicit_port
    except ValueError:
        raise AddressError("not a web address") from None
    if scheme not in ("http", "https") or not host:
        raise AddressError("only http and https addresses are fetched")
    _check_authority(written.raw_authority, host, port)
    return URL.build(
        scheme=scheme,
        host=f"[{host}]" if ":" in host else host,
        port=port,
        path=quote(written.raw_path, _AS_WRITTEN),
        query_string=quote(written.raw_query_string, _AS_WRITTEN),
        encoded=True,
    )


def join_url(base: URL, target: str) -> URL:
    """Read where a redirect from `base` leads (RFC 3986, section 5.2); AddressError as `read_url`."""
    if _HIDDEN.search(target):  # joining would drop some of them
        raise AddressError("redirect: control or bidirectional character in the address")
    try:
        return read_url(urljoin(str(base), target))
    except ValueError:
        raise AddressError("redirect: not a web address") from None
    except AddressError as error:
        raise AddressError(f"redirect: {error}") from None


def _check_authority(written: str, host: str, port: int | None) -> None:
    """Raise AddressError for whatever between `//` and the path two programs might read in two ways."""
    if "@" in written:
        raise AddressError("credentials in the address")
    digits = written.rpartition("]")[2].partition(":")[2]
    if port == 0 or (digits and not (digits.isascii() and digits.isdigit())):
        raise AddressError("not a port number in the address")
    if re.search(r"[\s\\%<>^`{|}]", written) or "%" in host:
        raise AddressError("not a web address")
    if not is_ip(host) and _is_numeric(host):
        raise AddressError("a number that is no plain IPv4 address")


def _parse(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        number = ipaddress.ip_address(address)
    except ValueError:
        return None
    return None if "%" in address else number


def _is_numeric(host: str) -> bool:
    """Tell whether the last label is a number, so that someone's parser may take the host for IPv4."""
    return _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]) is not None
