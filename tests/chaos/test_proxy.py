"""The proxy passes bytes on untouched, and hurts them only as it is told."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.chaos.proxy import Proxy
from tests.chaos.schedule import Do
from tests.chaos.stage import free_port


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """A proxy before a server that sends back what it gets."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def echo(link: socket.socket) -> None:
            with link, contextlib.suppress(ConnectionError):
                while data := link.recv(65_536):
                    link.sendall(data)

        def serve() -> None:
            while True:
                try:
                    link, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=echo, args=(link,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        with Proxy(server.getsockname()[1], seed=1, port=free_port()) as running:
            yield running


def connect(proxy: Proxy) -> socket.socket:
    """A connection through the proxy."""
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=20)


@pytest.mark.parametrize("mode", [Do.CALM, Do.DELAY])
def test_bytes_come_back_as_they_were(proxy: Proxy, mode: Do) -> None:
    proxy.act(mode)
    sent = bytes(range(256)) * 40
    with connect(proxy) as link:
        link.sendall(sent)
        got = b""
        while len(got) < len(sent):
            got += link.recv(65_536)
    assert got == sent


def test_a_reset_is_a_reset(proxy: Proxy) -> None:
    with connect(proxy) as link:
        link.sendall(b"x")
        assert link.recv(1) == b"x"
        proxy.act(Do.RESET)
        with pytest.raises(ConnectionResetError):
            link.recv(1)


def test_a_half_closed_connection_ends_one_way_only(proxy: Proxy) -> None:
    with connect(proxy) as link:
        link.sendall(b"x")
        assert link.recv(1) == b"x"
        proxy.act(Do.HALF_CLOSE)
        assert link.recv(1) == b""
        link.sendall(b"still open")


def test_an_answer_is_cut_short(proxy: Proxy) -> None:
    with connect(proxy) as link:
        proxy.act(Do.TRUNCATE)
        link.sendall(b"0123456789")
        got = b""
        while data := link.recv(100):
            got += data
    assert 0 < len(got) < 10
    assert b"0123456789".startswith(got)


def test_what_is_swallowed_never_comes(proxy: Proxy) -> None:
    with connect(proxy) as link:
        proxy.act(Do.HOLE)
        link.sendall(b"x")
        link.settimeout(1)
        with pytest.raises(TimeoutError):
            link.recv(1)
