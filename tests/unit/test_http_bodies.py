"""Packed bodies: whatever was packed comes back, and what would grow too large is stopped early."""

from __future__ import annotations

import gzip
import itertools
import random
import tracemalloc
import zlib
from collections.abc import Callable, Iterator

import brotli
import pytest
import zstandard

from pipeline.transport.bodies import BodyError, unpack

NEWS = b"".join(b"<item><title>Minister %d visits %d</title></item>" % (n, n * n) for n in range(15_000))
NOISE = random.Random(1).randbytes(300_000)
BODIES = {"empty": b"", "byte": b"x", "news": NEWS, "noise": NOISE, "zeros": bytes(900_000)}


def _bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def _zstd_stream(data: bytes) -> bytes:
    packer = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZIP", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "bare deflate": ("deflate", _bare_deflate),
    "br": ("br", lambda data: brotli.compress(data, quality=4)),
    "zstd": ("zstd", zstandard.ZstdCompressor().compress),
    "zstd stream": ("zstd", _zstd_stream),
}


def chunks_of(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("packer", PACKERS)
def test_what_was_packed_comes_back(packer: str, body: str) -> None:
    coding, pack = PACKERS[packer]
    packed = pack(BODIES[body])
    sizes = [1, 7, 1_000, 1_000_000] if len(packed) < 100_000 else [1_000, 1_000_000]
    for size in sizes:
        assert b"".join(unpack(chunks_of(packed, size), coding, 1_000_000)) == BODIES[body]


@pytest.mark.parametrize(("outer", "inner"), itertools.product(PACKERS, repeat=2))
def test_packed_twice(outer: str, inner: str) -> None:
    packed = PACKERS[outer][1](PACKERS[inner][1](NEWS[:100_000]))
    coding = f"{PACKERS[inner][0]}, {PACKERS[outer][0]}"
    assert b"".join(unpack([packed], coding, 200_000)) == NEWS[:100_000]


@pytest.mark.parametrize("packer", PACKERS)
def test_cut_off_or_damaged(packer: str) -> None:
    coding, pack = PACKERS[packer]
    packed = pack(NEWS)
    for wrong in (packed[:-1], packed[: len(packed) // 2], packed[:3], b"<rss>" + packed, b"<rss></rss>"):
        with pytest.raises(BodyError):
            list(unpack([wrong], coding, 10_000_000))


def test_what_follows_the_end() -> None:
    """Members and frames may follow each other; anything else there is padding."""
    for coding, pack in (("gzip", gzip.compress), ("zstd", zstandard.ZstdCompressor().compress)):
        packed = pack(b"one ") + pack(b"two")
        for size in (1, 5, 1_000):
            assert b"".join(unpack(chunks_of(packed + b"\0\0\0", size), coding, 100)) == b"one two"
    skippable = b"\x50\x2a\x4d\x18\x04\x00\x00\x00note"
    assert b"".join(unpack([skippable + _zstd_stream(b"one")], "zstd", 100)) == b"one"
    assert b"".join(unpack([zlib.compress(b"one") + b"more"], "deflate", 100)) == b"one"
    for size in (5, 1_000):
        with pytest.raises(BodyError, match="wrongly"):
            list(unpack(chunks_of(brotli.compress(b"one") + b"more", size), "br", 100))


def test_codings_that_pack_nothing() -> None:
    for coding in ("", "identity", "utf-8", "none", " , ", "identity, UTF-8"):
        assert b"".join(unpack([b"<rss/>"], coding, 3)) == b"<rss/>"


@pytest.mark.parametrize("packer", PACKERS)
def test_the_limit_is_exact(packer: str) -> None:
    coding, pack = PACKERS[packer]
    packed = pack(NEWS)
    assert sum(map(len, unpack([packed], coding, len(NEWS)))) == len(NEWS)
    with pytest.raises(BodyError, match="larger than"):
        list(unpack([packed], coding, len(NEWS) - 1))


@pytest.mark.parametrize("layers", itertools.product(["gzip", "deflate", "br", "zstd"], repeat=2))
def test_a_bomb_in_a_bomb_is_never_held(layers: tuple[str, str]) -> None:
    inner, outer = layers
    packed = PACKERS[outer][1](PACKERS[inner][1](bytes(60_000_000)))
    tracemalloc.start()
    with pytest.raises(BodyError, match="larger than 1000000 bytes, unpacked"):
        list(unpack([packed], f"{inner}, {outer}", 1_000_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6_000_000


def test_a_layer_that_unpacks_to_nothing_is_counted_too() -> None:
    """A bomb below whose content the layer above throws away: its size counts all the same."""
    padding = gzip.compress(gzip.compress(b"news") + bytes(50_000_000))
    assert b"".join(unpack([padding], "gzip, gzip", 1_000_000)) == b"news"  # the layer above stops asking
    members = gzip.compress(gzip.compress(b"") * 500_000)
    with pytest.raises(BodyError, match=r"1000 parts|larger"):
        list(unpack([members], "gzip, gzip", 1_000_000))


def test_too_many_layers_and_parts() -> None:
    with pytest.raises(BodyError, match="3 times"):
        list(unpack([b""], "gzip, gzip, gzip, gzip", 100))
    for coding, empty in (("gzip", gzip.compress(b"")), ("zstd", zstandard.ZstdCompressor().compress(b""))):
        with pytest.raises(BodyError, match="1000 parts"):
            list(unpack([empty * 100_000], coding, 100))
