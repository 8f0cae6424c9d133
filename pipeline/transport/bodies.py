"""A body as sent, with its Content-Encoding, in; the body unpacked piece by piece, within a limit, out.

gzip (RFC 1952), deflate with and without zlib's frame (RFC 1950, 1951), br (RFC 7932), zstd (RFC 8878), and
up to three of them over each other. Each layer pulls from the one below and yields small pieces, so what a
bomb would become is never held: the first layer that passes the limit ends it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Generator, Iterable, Iterator

import brotli
import zstandard

ACCEPT_ENCODING = "gzip, deflate, br, zstd"

_PIECE = 65_536
_SLICE = 16_384
_ZSTD_SLICE = 128
"""Four bytes of zstd can stand for 128 KiB and its decoder takes no limit, so it is fed in slivers."""
_ZSTD_WINDOW = 8 << 20
"""Bytes; the most that a sender may ask of a receiver (RFC 9659)."""
_MOST_LAYERS = 3
_MOST_MEMBERS = 1_000


class BodyError(ValueError):
    """A body that cannot or must not be unpacked; the message says why."""


def unpack(chunks: Iterable[bytes], content_encoding: str, max_bytes: int) -> Iterator[bytes]:
    """Yield the body that `chunks` hold packed; no layer may come to more than `max_bytes`.

    A coding that nobody knows leaves the body as it is: real servers name charsets there.
    Raises BodyError, perhaps after some pieces: too large, too many layers, broken, or cut off.

    >>> b"".join(unpack([zlib.compress(b"news")], "deflate", 100))
    b'news'
    """
    layers = [_LAYERS[name] for name in reversed(codings(content_encoding)) if name in _LAYERS]
    if len(layers) > _MOST_LAYERS:
        raise BodyError(f"packed more than {_MOST_LAYERS} times over")
    pieces: Iterable[bytes] = chunks
    for layer in layers:
        pieces = _bounded(layer(filter(None, pieces)), max_bytes)
    return iter(pieces)


def codings(content_encoding: str) -> list[str]:
    """Return the names in a Content-Encoding field, in the order in which they were applied.

    >>> codings("identity, X-GZip")
    ['identity', 'x-gzip']
    """
    return [name.strip().lower() for name in content_encoding.split(",") if name.strip()]


def _bounded(pieces: Iterator[bytes], max_bytes: int) -> Iterator[bytes]:
    total = 0
    try:
        for piece in pieces:
            total += len(piece)
            if total > max_bytes:
                raise BodyError(f"larger than {max_bytes} bytes, unpacked")
            yield piece
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        raise BodyError(f"packed wrongly: {error}") from None


def _gzip(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Members may follow each other; what follows them and is none is padding."""
    inflater, members = None, 0
    for data in _slices(chunks, _SLICE):
        while data:
            if inflater is None:
                if members and data[0] != 0x1F:
                    return
                inflater, members = zlib.decompressobj(16 + zlib.MAX_WBITS), _one_more(members)
            data = yield from _inflate(inflater, data)
            if inflater.eof:
                inflater = None
    _check_whole(inflater is None)


def _deflate(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """With zlib's frame, as the standard has it, or bare, as some servers send it."""
    inflater = None
    for data in _slices(chunks, _SLICE):
        if inflater is None:
            framed = data[0] & 0x0F == 8
            inflater = zlib.decompressobj(zlib.MAX_WBITS if framed else -zlib.MAX_WBITS)
        yield from _inflate(inflater, data)
        if inflater.eof:
            return
    _check_whole(inflater is None)


def _inflate(inflater: zlib._Decompress, data: bytes) -> Generator[bytes, None, bytes]:
    """Yield what `data` holds; returns what follows the end of the stream."""
    while True:
        piece = inflater.decompress(data, _PIECE)
        if piece:
            yield piece
        if inflater.eof:
            return inflater.unused_data
        data = inflater.unconsumed_tail
        if not data and len(piece) < _PIECE:
            return b""


def _brotli(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """One stream, which nothing may follow: the decoder takes what does for damage."""
    decoder, begun = brotli.Decompressor(), False
    for data in chunks:
        begun, piece = True, b"."
        while piece or not decoder.can_accept_more_data():
            piece = decoder.process(data, output_buffer_limit=_PIECE)
            data = b""
            if piece:
                yield piece
    _check_whole(not begun or decoder.is_finished())


def _zstd(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Frames may follow each other, as gzip's members."""
    context = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    decoder, frames = None, 0
    for data in _slices(chunks, _ZSTD_SLICE):
        while data:
            if decoder is None:
                if frames and data[0] != 0x28 and data[0] >> 4 != 5:
                    return
                decoder, frames = context.decompressobj(), _one_more(frames)
            piece = decoder.decompress(data)
            if piece:
                yield piece
            data = b""
            if decoder.eof:
                data, decoder = decoder.unused_data, None
    _check_whole(decoder is None)


def _slices(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    for chunk in chunks:
        for start in range(0, len(chunk), size):
            yield chunk[start : start + size]


def _one_more(members: int) -> int:
    """Count members, few of which are ever honest: each costs a fresh decoder, and may hold nothing."""
    if members >= _MOST_MEMBERS:
        raise BodyError(f"packed in more than {_MOST_MEMBERS} parts")
    return members + 1


def _check_whole(whole: bool) -> None:
    if not whole:
        raise BodyError("packed body is cut off")


_LAYERS: dict[str, Callable[[Iterator[bytes]], Iterator[bytes]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
