"""Turns at a domain: one at a time, spaced, first come first served, and nobody else waits."""

from __future__ import annotations

import asyncio

import pytest

from pipeline.transport.turns import Turns, registrable_domain
from tests import virtual_time


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("feeds.bbci.co.uk", "bbci.co.uk"),
        ("WWW.News.Example.COM.", "example.com"),
        ("example.com", "example.com"),
        ("a.b.c.gov.kz", "c.gov.kz"),
        ("mid.ru", "mid.ru"),
        ("www.xn--80aafey1amqq.xn--p1ai", "xn--80aafey1amqq.xn--p1ai"),
        ("one.github.io", "one.github.io"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
        ("feeds.intranet", "feeds.intranet"),
        ("10.0.0.1", "10.0.0.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("", ""),
        ("a..b", "a..b"),
    ],
)
def test_registrable_domains(host: str, domain: str) -> None:
    """As by the list at publicsuffix.org; IP addresses and local names are their own."""
    assert registrable_domain(host) == domain


def run(spacing_s: float, concurrency: int, *hosts: str, hold_s: float = 0.0) -> list[tuple[str, float]]:
    """Let all ask at once; returns who had a turn, and when."""
    had: list[tuple[str, float]] = []

    async def ask(turns: Turns, host: str) -> None:
        async with turns.take(host):
            had.append((host, asyncio.get_running_loop().time()))
            await asyncio.sleep(hold_s)

    async def all_of_them() -> None:
        turns = Turns(spacing_s, concurrency)
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(ask(turns, host) for host in hosts))
        had[:] = [(host, at - began) for host, at in had]

    virtual_time.run(all_of_them())
    return had


def test_one_domain_in_order_and_spaced() -> None:
    hosts = ["a.example.com", "b.example.com", "example.com"]
    had = run(0.1, 8, *hosts, hold_s=0.02)
    assert [host for host, _ in had] == hosts
    assert [at for _, at in had] == pytest.approx([0.0, 0.12, 0.24])


def test_who_waits_for_a_domain_holds_no_place() -> None:
    had = run(
        0.2, 1, "a.example.com", "b.example.com", "c.example.com", "other.example.org", "third.example.net"
    )
    assert [host for host, _ in had] == [
        "a.example.com", "other.example.org", "third.example.net", "b.example.com", "c.example.com",
    ]  # fmt: skip
    assert [at for _, at in had] == pytest.approx([0.0, 0.0, 0.0, 0.2, 0.4])


def test_no_more_than_so_many_at_once() -> None:
    had = run(0.0, 2, *(f"{number}.example" for number in range(6)), hold_s=0.05)
    assert [at for _, at in had] == pytest.approx([0.0, 0.0, 0.05, 0.05, 0.1, 0.1])


def test_longer_pauses_and_closed_domains() -> None:
    async def ask() -> None:
        turns = Turns(0.0, 8)
        loop = asyncio.get_running_loop()
        async with turns.take("a.example.com"):
            pass
        turns.keep_apart("b.example.com", 0.1)
        began = loop.time()
        async with turns.take("c.example.com"):
            assert loop.time() - began == pytest.approx(0.1)
        turns.keep_apart("b.example.com", 0.0)
        async with turns.take("c.example.com"):
            assert loop.time() - began == pytest.approx(0.1)
        assert turns.closed_s("example.com") == turns.closed_s("example.org") == 0
        turns.close("a.example.com", 60)
        turns.close("a.example.com", 1)
        assert 59 < turns.closed_s("b.example.com") <= 60

    virtual_time.run(ask())


def test_a_turn_is_given_on_whatever_happens() -> None:
    async def ask() -> None:
        turns = Turns(0.0, 1)

        async def fail(host: str) -> None:
            async with turns.take(host):
                await asyncio.sleep(0.01)
                raise ValueError

        tasks = [
            asyncio.create_task(fail(host)) for host in ("a.example", "a.example", "b.example", "a.example")
        ]
        await asyncio.sleep(0.005)
        tasks[1].cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(error) for error in done] == [ValueError, asyncio.CancelledError, ValueError, ValueError]
        async with asyncio.timeout(1), turns.take("a.example"):
            pass

    virtual_time.run(ask())


def test_domains_are_forgotten() -> None:
    async def ask() -> None:
        turns = Turns(0.0, 8)
        turns.close("closed.example", 60)
        async with turns.take("held.example"):
            for number in range(20_000):
                async with turns.take(f"{number}.example"):
                    pass
            assert len(turns._queues) < 3_000
            assert turns.closed_s("closed.example") > 0
            assert "held.example" in turns._queues

    virtual_time.run(ask())
