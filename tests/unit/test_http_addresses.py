"""Which IP addresses are whose, by IANA's registries, and how a web address is read."""

from __future__ import annotations

import ipaddress

import pytest
from yarl import URL

from pipeline.transport.addresses import AddressError, is_local, is_public, join_url, read_url

SPECIAL = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
    "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32", "::/128", "::1/128", "::/96", "::ffff:0:0/96",
    "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23", "2001::/32",
    "2001:2::/48", "2001:10::/28", "2001:20::/28", "2001:30::/28", "2001:db8::/32", "2002::/16",
    "2620:4f:8000::/48", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
]  # fmt: skip


@pytest.mark.parametrize("block", SPECIAL)
def test_special_blocks_are_not_public(block: str) -> None:
    """The IPv4 and IPv6 Special-Purpose Address Registries, and multicast."""
    network = ipaddress.ip_network(block)
    last = int(network.broadcast_address)
    kind = type(network.network_address)
    for number in (
        int(network.network_address),
        int(network.network_address) + network.num_addresses // 2,
        last,
    ):
        assert not is_public(str(kind(number)))


def test_public_addresses() -> None:
    for address in (
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "93.184.216.34", "100.63.255.255", "100.128.0.0",
        "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
        "192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
        "2001:200::1", "2001:4860:4860::8888", "2606:2800:220:1:248:1893:25c8:1946", "2a00::1", "2003::1",
    ):  # fmt: skip
        assert is_public(address)
        assert not is_local(address)


def test_what_is_no_plain_address_is_neither() -> None:
    for text in (
        "", "nonsense", "127.1", "0x7f000001", "1.1.1.1 ", "01.1.1.1", "1.1.1.1%eth0", "2606::1%eth0",
        "[2606::1]", "１.1.1.1", "1.1.1.256", "1.1.1", "2606:::1", "fe80::1%eth0", "::1%lo",
    ):  # fmt: skip
        assert not is_public(text)
        assert not is_local(text)


def test_local_addresses() -> None:
    for address in ("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "::1", "fc00::1", "fd12::1"):
        assert is_local(address)
    for address in (
        "0.0.0.0", "169.254.169.254", "100.100.100.200", "224.0.0.1", "::", "fe80::1", "fd00:ec2::254",
        "fd20:ce::254", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "1.1.1.1",
    ):  # fmt: skip
        assert not is_local(address)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("http://news.example", "http://news.example/"),
        ("HTTPS://News.Example:443/Feed?a=b&c=%2F#top", "https://news.example/Feed?a=b&c=%2F"),
        ("http://bücher.example/straße", "http://xn--bcher-kva.example/stra%C3%9Fe"),
        ("http://президент.рф/с", "http://xn--d1abbgf6aiiy.xn--p1ai/%D1%81"),
        (" http://news.example/%zz%2?%e9=+&%41;[]'()!$*,~ ", "http://news.example/%zz%2?%e9=+&%41;[]'()!$*,~"),
        ("http://news.example/a b|c\\d", "http://news.example/a%20b%7Cc%5Cd"),
        ("http://news.example/می‌شود", "http://news.example/%D9%85%DB%8C%E2%80%8C%D8%B4%D9%88%D8%AF"),
        ("http://news.example/@user/a:b@c", "http://news.example/@user/a:b@c"),
        ("http://news.example/?q=user:pw@host", "http://news.example/?q=user:pw@host"),
        ("http://news.example./", "http://news.example./"),
        ("http://a_b.example/", "http://a_b.example/"),
        ("http://127.0.0.1.nip.example/", "http://127.0.0.1.nip.example/"),
        ("http://1.example:8080/", "http://1.example:8080/"),
        ("http://[2606:2800:220:1::1]:8080/", "http://[2606:2800:220:1::1]:8080/"),
        ("http://93.184.216.34/", "http://93.184.216.34/"),
        ("http://news.example/%0d%0aX", "http://news.example/%0d%0aX"),
    ],
)  # fmt: skip
def test_addresses_as_they_occur(text: str, read: str) -> None:
    assert str(read_url(text)) == read


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("/b", "https://news.example/b"),
        ("b?c", "https://news.example/a/b?c"),
        ("//other.example/b", "https://other.example/b"),
        ("http://other.example#x", "http://other.example/"),
        ("?page=2", "https://news.example/a/x?page=2"),
        ("../../b", "https://news.example/b"),
    ],
)
def test_redirects(target: str, found: str) -> None:
    assert str(join_url(URL("https://news.example/a/x"), target)) == found


def test_reasons_are_in_words() -> None:
    for text, words in {
        "ftp://a.example/": "only http and https",
        "http://u:p@a.example/": "credentials",
        "http://a.example/\x00": "control",
        "http://127.1/": "no plain IPv4 address",
        "http://[fe80::1%25eth0]/": "not a web address",
        "http://a.example:0/": "port",
        "http://a.example/" + "a" * 8_000: "longer than 8000",
    }.items():
        with pytest.raises(AddressError, match=words):
            read_url(text)
