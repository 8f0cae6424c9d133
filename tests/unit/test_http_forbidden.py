"""Ways to talk the fetcher into asking where it must not: all refused, and no socket is opened there.

That is asserted where sockets are connected: in the event loop, and by the interpreter's audit events.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable, Iterator

import pytest

from pipeline.transport.base import Fetched
from pipeline.transport.http import HttpFetcher, HttpLimits
from tests.feed_server import FeedServer
from tests.network import PUBLIC, FakeNetwork

LIMITS = HttpLimits(spacing_s=0, timeout_s=5)

INSIDE4 = [
    "127.0.0.1", "127.8.9.10", "10.0.0.1", "10.255.255.254", "172.16.5.4", "172.31.255.254", "192.168.1.1",
    "169.254.169.254", "169.254.170.2", "100.64.0.1", "100.100.100.200", "100.127.255.254", "0.0.0.0",
    "0.1.2.3", "168.63.129.16", "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.254",
    "198.51.100.1", "203.0.113.5", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
]  # fmt: skip
INSIDE6 = [
    "::", "::1", "0:0:0:0:0:0:0:1", "::2", "fe80::1", "febf::1", "fec0::1", "fc00::1", "fd00:ec2::254",
    "fd20:ce::254", "fdff::1", "ff02::1", "ff0e::1", "100::1", "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1",
    "2002::1", "2002:7f00:1::", "3fff::1", "5f00::1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1",
    "64:ff9b::5db8:d822", "::ffff:7f00:1", "::7f00:1", "::ffff:0:7f00:1", "1::1", "4000::1", "8000::1",
    "e000::1",
]  # fmt: skip


def _octets(address: str) -> list[int]:
    return [int(part) for part in address.split(".")]


def _number(address: str) -> int:
    return int(ipaddress.IPv4Address(address))


def _fullwidth(address: str) -> str:
    return address.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})


def _two_words(address: str) -> str:
    a, b, c, d = _octets(address)
    return f"{a << 8 | b:x}:{c << 8 | d:x}"


def _teredo(address: str) -> str:
    number = 0xFFFF_FFFF ^ _number(address)
    return f"2001:0:5db8:d822:8000:1234:{number >> 16:x}:{number & 0xFFFF:x}"


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda a: a,
    "with a port": lambda a: f"{a}:8080",
    "trailing dot": lambda a: f"{a}.",
    "decimal number": lambda a: str(_number(a)),
    "hexadecimal number": lambda a: hex(_number(a)),
    "upper-case hexadecimal": lambda a: f"0X{_number(a):08X}",
    "octal number": lambda a: f"0{_number(a):o}",
    "number past 32 bits": lambda a: str(_number(a) + 2**32),
    "dotted octal": lambda a: ".".join(f"0{octet:o}" for octet in _octets(a)),
    "dotted octal, padded": lambda a: ".".join(f"{octet:04o}" for octet in _octets(a)),
    "dotted hexadecimal": lambda a: ".".join(hex(octet) for octet in _octets(a)),
    "mixed bases": lambda a: "{:#x}.0{:o}.{}.{:#x}".format(*_octets(a)),
    "two parts": lambda a: f"{_octets(a)[0]}.{_number(a) & 0xFFFFFF}",
    "three parts": lambda a: f"{_octets(a)[0]}.{_octets(a)[1]}.{_number(a) & 0xFFFF}",
    "octets past 255": lambda a: ".".join(str(octet + 256) for octet in _octets(a)),
    "fullwidth digits": _fullwidth,
    "fullwidth stops": lambda a: a.replace(".", "．"),
    "ideographic stops": lambda a: a.replace(".", "。"),
    "circled digits": lambda a: a.replace("1", "①").replace("2", "②").replace("0", "⓪"),
    "arabic digits": lambda a: a.translate({ord(digit): 0x660 + int(digit) for digit in "0123456789"}),
    "superscripts": lambda a: a.replace("1", "¹").replace("2", "²").replace("0", "⁰"),
    "percent escapes": lambda a: "".join(f"%{ord(letter):02x}" for letter in a),
    "percent stops": lambda a: a.replace(".", "%2e"),
    "mapped": lambda a: f"[::ffff:{a}]",
    "mapped in hexadecimal": lambda a: f"[::ffff:{_two_words(a)}]",
    "mapped, written out": lambda a: f"[0000:0000:0000:0000:0000:FFFF:{_two_words(a)}]",
    "compatible": lambda a: f"[::{a}]",
    "translated": lambda a: f"[::ffff:0:{a}]",
    "6to4": lambda a: f"[2002:{_two_words(a)}::1]",
    "NAT64": lambda a: f"[64:ff9b::{a}]",
    "NAT64, local prefix": lambda a: f"[64:ff9b:1::{a}]",
    "Teredo": lambda a: f"[{_teredo(a)}]",
    "bracketed": lambda a: f"[{a}]",
    "behind a user": lambda a: f"news.example@{a}",
    "behind a user and password": lambda a: f"news.example:80@{a}",
}
TRICKS = [
    *(f"http://[{address}]/" for address in INSIDE6),
    *(f"https://[{address.upper()}]:8443/feed" for address in INSIDE6), "http://[fe80::1%25eth0]/",
    "http://[fe80::1%eth0]/", "http://[::1%25lo]/", "http://[::1%lo]/", "http://[::1", "http://::1/",
    "http://[::1].example/", "http://[::ffff:127.0.0.1]:80:80/", "http://[v1.fe80::1]/",
    "http://localhost/", "http://LOCALHOST/", "http://localhost./", "http://LocalHost:8080/",
    "http://ip6-localhost/", "http://foo.localhost/", "http://localhost.localdomain/",
    "http://metadata.google.internal/", "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", "http://local\u00adhost/",
    "http://localhost\u200b/", "http://ｌocalhost/", "http://@127.0.0.1/", "http://:@127.0.0.1/",
    "http://:pw@127.0.0.1/", "http://user@news.example/", "http://user:pw@news.example/",
    "http://@news.example/", "http://%75ser@news.example/", "http://127.0.0.1\\@news.example/",
    "http://news.example\\@127.0.0.1/", "http://news.example%00@127.0.0.1/",
    "http://news.example%23@127.0.0.1:1@127.0.0.1/", "http://news.example%2f@127.0.0.1/",
    "http://127.0.0.1%09/", "http://127.0.0.1%00.news.example/", "http://127.0.0.1\t/",
    "http://127.0.0.1\n/", "http://127.0.0.1\r\nHost: news.example/", "http://news.example\u2028/",
    "http://127.0.0.1\x00/", "ht\ntp://127.0.0.1/", "\x01http://127.0.0.1/", "http://\u202e127.0.0.1/",
    "http://news.example/\u202efdp.exe", "http://news.example/\u2066x", "http://news.example/a\x7fb",
    "http://news.example/a\x9fb", "http://news.example/\ud800", "http://news.example/\u200ef",
    "http://news.example/\ufeff", "http://news.example/\U000e0041", "http://127.0.0.1 /",
    "http:// 127.0.0.1/", "http://127.0.0.1;news.example/", "http://127.1.1.1 &@news.example/",
    "http://127.0.0.1&news.example@127.0.0.1/", "http:127.0.0.1/", "http:/127.0.0.1/", "http:///127.0.0.1/",
    "http:\\\\127.0.0.1\\", "http:/\\127.0.0.1/", "//127.0.0.1/", "127.0.0.1", "http://0/", "http://0.0/",
    "http://00/", "http://0x/", "http://0x0/", "http://127.1/", "http://127.0.1/", "http://0x7f.1/",
    "http://0177.1/", "http://2130706433/", "http://127.000.000.001/", "http://0127.0.0.1/",
    "http://1.1.1.1.1/", "http://news.example.127/", "http://x.0x7f/", "http://127.0.0.1:0/",
    "http://news.example:0/", "http://news.example:99999/", "http://news.example:-1/",
    "http://news.example:8x/", "http://news.example:٨٠/", "http://news.example:80:80/", "http:///feed",
    "http://", "http://./", "http://../", "http://news.example:8_0/", "http://news.example:+80/", "", " ",
    "http://" + "a" * 9_000 + ".example/", "file:///etc/passwd", "FILE:///etc/passwd", "ftp://127.0.0.1/",
    "gopher://127.0.0.1:6379/_INFO", "dict://127.0.0.1:11211/", "ldap://127.0.0.1/", "tftp://127.0.0.1/",
    "jar:http://127.0.0.1!/", "javascript:alert(1)", "data:text/xml,<rss/>", "unix:///var/run/docker.sock",
    "http+unix://%2fvar%2frun%2fdocker.sock/", "netdoc:///etc/passwd", "ws://127.0.0.1/",
    "view-source:http://127.0.0.1/", "feed:http://127.0.0.1/", "feed://127.0.0.1/", "httpx://127.0.0.1/",
    "http ://127.0.0.1/",
]  # fmt: skip
LITERAL = [(f"{name}: {a}", f"http://{spell(a)}/feed") for name, spell in SPELLINGS.items() for a in INSIDE4]


@pytest.fixture
def network() -> Iterator[FakeNetwork]:
    fake = FakeNetwork(
        {
            "news.example": [[PUBLIC]],
            "localhost": [["127.0.0.1", "::1"]],
            "localhost.": [["127.0.0.1"]],
            "ip6-localhost": [["::1"]],
            "foo.localhost": [["127.0.0.1"]],
            "localhost.localdomain": [["127.0.0.1"]],
            "metadata.google.internal": [["169.254.169.254"]],
        }
    )
    with fake.plugged_in():
        yield fake


@pytest.fixture(scope="module")
def outside() -> Iterator[FeedServer]:
    with FeedServer([b"<rss/>"]) as server:
        yield server


def get(url: str, *, allow_local: bool = False, page: bool = False, first: str = "") -> Fetched:
    async def run() -> Fetched:
        fetcher = HttpFetcher("test", LIMITS, allow_local=allow_local)
        try:
            if first:
                await fetcher.fetch(first, None, None)
            return await (fetcher.fetch_page(url) if page else fetcher.fetch(url, None, None))
        finally:
            await fetcher.close()

    return asyncio.run(run())


def assert_refused(answer: Fetched, network: FakeNetwork, *reached: str) -> None:
    assert answer.fault
    assert (answer.status, answer.body) == (0, b"")
    assert network.connects == list(reached)
    assert all(place[0] == "127.0.0.1" and place[1] in network.servers.values() for place in network.opened)
    assert len(network.opened) == len(reached)


@pytest.mark.parametrize("url", [pytest.param(url, id=name) for name, url in LITERAL])
def test_spellings_of_addresses(url: str, network: FakeNetwork) -> None:
    assert_refused(get(url), network)


@pytest.mark.parametrize("url", TRICKS, ids=range(len(TRICKS)))
def test_tricks_with_urls(url: str, network: FakeNetwork) -> None:
    assert_refused(get(url), network)
    assert_refused(get(url, page=True), network)


def test_there_are_many_cases() -> None:
    assert len({url for _, url in LITERAL}) + len(set(TRICKS)) >= 1_000


@pytest.mark.parametrize("address", INSIDE4 + INSIDE6)
def test_names_of_addresses_inside(address: str, network: FakeNetwork) -> None:
    network.names["feeds.example"] = [[address]]
    answer = get("http://feeds.example/rss")
    assert_refused(answer, network)
    assert "private" in str(answer.fault)


@pytest.mark.parametrize("address", INSIDE4 + INSIDE6)
def test_mixed_answers(address: str, network: FakeNetwork) -> None:
    """A public address beside one inside, in either order: not even the public one is connected."""
    for answer in ([PUBLIC, address], [address, PUBLIC], [PUBLIC, "2606:2800:220:1::1", address]):
        network.names["feeds.example"] = [answer]
        assert_refused(get("https://feeds.example/rss"), network)


@pytest.mark.parametrize("address", INSIDE4 + INSIDE6)
@pytest.mark.parametrize("allow_local", [False, True])
def test_rebinding(address: str, allow_local: bool, network: FakeNetwork) -> None:
    """A name is public when it is first looked up, and inside ever after."""
    network.names["feeds.example"] = [[PUBLIC], [address]]
    network.servers[PUBLIC] = 1  # nobody listens there
    for page in (False, True):
        answer = get("http://feeds.example/rss", allow_local=allow_local, page=page)
        assert answer.fault
        assert set(network.connects) <= {PUBLIC}


@pytest.mark.parametrize("address", ["169.254.169.254", "0.0.0.0", "224.0.0.1", "fe80::1", "::", PUBLIC])
def test_rebinding_of_a_local_name(address: str, network: FakeNetwork) -> None:
    """What was local when it was permitted must be local when it is connected."""
    network.names["feeds.example"] = [["127.0.0.1"], [address]]
    assert_refused(get("http://feeds.example/rss", allow_local=True), network)


@pytest.mark.parametrize(
    "target",
    [
        *(f"http://{address}/feed" for address in [*INSIDE4, *(f"[{address}]" for address in INSIDE6)]),
        "//127.0.0.1/", "http://2130706433/", "http://127.1/", "http://localhost/",
        "https://metadata.google.internal/", "http://user:pw@news.example/2",
        "http://news.example@127.0.0.1/", "http://a.example\\@127.0.0.1/", "file:///etc/passwd",
        "ftp://127.0.0.1/", "javascript:alert(1)", "data:text/xml,<rss/>", "http://", "http://[::1",
        "http://news.example/\x9fa", "http:///127.0.0.1/", "http://inside.example/",
        "http://mixed.example/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("page", [False, True])
def test_redirects_from_outside(target: str, page: bool, network: FakeNetwork, outside: FeedServer) -> None:
    network.names["inside.example"] = [["10.1.2.3"]]
    network.names["mixed.example"] = [[PUBLIC, "::1"]]
    outside.fault, outside.redirect_to = "redirect", target
    network.servers[PUBLIC] = port_of(outside)
    for allow_local in (False, True):
        network.connects.clear()
        network.opened.clear()
        answer = get("http://news.example/", allow_local=allow_local, page=page)
        assert_refused(answer, network, PUBLIC)
        assert answer.moved_to is None


def test_pages_lie_locally_only_where_a_feed_does(network: FakeNetwork) -> None:
    """Whatever feeds link to: with permission, what is read locally has a configured feed's origin."""
    with FeedServer([b"<html/>"]) as local, FeedServer([b"<html/>"]) as outside:
        network.servers |= {
            PUBLIC: port_of(outside),
            "127.0.0.1": port_of(local),
            "192.168.0.9": port_of(local),
        }
        network.names["localhost"] = [["127.0.0.1"]]
        for inside in (
            "http://127.0.0.1:81/a",
            "http://127.0.0.2/a",
            "http://192.168.0.9/a",
            "http://localhost/a",
        ):
            for first in ("http://127.0.0.1/feed", "http://news.example/feed"):
                network.connects.clear()
                answer = get(inside, allow_local=True, page=True, first=first)
                assert answer.fault
                assert len(network.connects) == 1  # the feed
        same = "http://127.0.0.1/a"
        assert get(same, allow_local=True, page=True, first=same).body == b"<html/>"
        assert get(same, allow_local=False, page=True, first=same).fault


def test_local_feeds_may_not_lead_to_what_is_nobodys_feed(network: FakeNetwork) -> None:
    with FeedServer([b"<rss/>"]) as local:
        network.servers["127.0.0.1"] = port_of(local)
        for address in (
            "169.254.169.254",
            "0.0.0.0",
            "224.0.0.1",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "[::ffff:10.0.0.1]",
        ):
            local.fault, local.redirect_to = "redirect", f"http://{address}/"
            network.connects.clear()
            assert get("http://127.0.0.1/", allow_local=True).fault
            assert get(f"http://{address}/", allow_local=True).fault
            assert network.connects == ["127.0.0.1"]


def test_what_is_public_is_reached(network: FakeNetwork) -> None:
    """So the network of these tests does let connections through."""
    with FeedServer([b"<rss/>"]) as outside:
        network.servers[PUBLIC] = port_of(outside)
        for url in ("http://news.example/feed", f"http://{PUBLIC}/feed", "http://NEWS.example./feed"):
            network.names["news.example."] = [[PUBLIC]]
            assert get(url).body == b"<rss/>"
        assert network.connects == [PUBLIC] * 3
        assert network.opened == [("127.0.0.1", port_of(outside))] * 3


@pytest.mark.parametrize("guard", ["resolver", "socket"])
def test_either_guard_is_enough(guard: str, network: FakeNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one of the two checks taken out the other one refuses; with both gone these tests would see it."""
    if guard == "resolver":
        monkeypatch.setattr("pipeline.transport.connector._Resolver._check", lambda *_: None)
    else:
        monkeypatch.setattr("pipeline.transport.connector._socket_factory", lambda _: None)
    network.names["feeds.example"] = [["10.0.0.1"]]
    assert_refused(get("http://feeds.example/"), network)
    monkeypatch.setattr("pipeline.transport.connector._Resolver._check", lambda *_: None)
    monkeypatch.setattr("pipeline.transport.connector._socket_factory", lambda _: None)
    assert get("http://feeds.example/").fault
    assert network.connects == ["10.0.0.1"]


def port_of(server: FeedServer) -> int:
    return int(server.url.split(":")[2].split("/")[0])
