"""Title and text in; sorted hashes of its shingles, and the bands that near copies share, out.

Shingles, runs of four words, measure resemblance and containment (Broder 1997, "On the resemblance and
containment of documents"). Their minima under fixed random permutations, cut into bands, find likely
copies (Leskovec, Rajaraman & Ullman, "Mining of Massive Datasets", section 3.4). The permutations are our
own constants, not a library's, so that kept fingerprints outlive its releases.
"""

from __future__ import annotations

import hashlib
import re
import zlib

import numpy as np
from numpy.typing import NDArray

SIZE = 4
"""Words of a shingle."""
WORDS = 1_000
"""Words that count; more of a long text would not change the answer."""
BANDS = 32
"""Bands of two minima: texts of resemblance j share one with probability 1 - (1 - j²)³²,
.98 at .35 and .87 at .25."""
LEAD = 8
"""The first words of a text make one more band, which every shortened copy shares."""

Shingles = NDArray[np.uint32]
"""Sorted distinct hashes."""

_WORD = re.compile(r"[^\W_]+")


def shingles_of(title: str, text: str) -> Shingles:
    """Hash every run of four words of title and text; fewer words make one shingle, none none."""
    words = [zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in _words(f"{title}\n{text}")]
    if not words:
        return np.zeros(0, np.uint32)
    hashes = np.array(words, np.uint64)
    size = min(SIZE, len(hashes))
    mixed = np.zeros(len(hashes) - size + 1, np.uint64)
    for start in range(size):
        mixed = mixed * _PRIME + hashes[start : start + len(mixed)]
    return np.unique(_mix((mixed ^ (mixed >> np.uint64(32))).astype(np.uint32)))


def shared(one: Shingles, other: Shingles) -> int:
    """Count the shingles that both have."""
    small, large = (one, other) if len(one) <= len(other) else (other, one)
    if not len(small):
        return 0
    places = np.searchsorted(large, small)
    places[places == len(large)] = 0
    return int(np.count_nonzero(large[places] == small))


def bands_of(shingles: Shingles, text: str) -> list[int]:
    """Return numbers of which near copies share at least one; in a fixed order, distinct by band."""
    if not len(shingles):
        return []
    minima = (shingles[:, None] * _FACTORS + _SUMMANDS).min(axis=0).astype(np.uint64)
    joined = _mix64(minima[:BANDS] << np.uint64(32) | minima[BANDS:])
    bands: list[int] = (joined ^ _SALTS).tolist()
    if len(lead := _words(text, LEAD)) == LEAD:
        digest = hashlib.blake2b(" ".join(lead).encode("utf-8", "surrogatepass"), digest_size=8).digest()
        bands.append(int.from_bytes(digest, "big"))
    return bands


def _words(text: str, most: int = WORDS) -> list[str]:
    return _WORD.findall(text[: most * 20].casefold())[:most]


def _constants(name: str, count: int) -> NDArray[np.uint64]:
    """Draw fixed numbers that look random."""
    digests = (hashlib.blake2b(f"{name} {index}".encode(), digest_size=8) for index in range(count))
    return np.array([int.from_bytes(digest.digest(), "big") for digest in digests], np.uint64)


def _mix(values: Shingles) -> Shingles:
    """Spread bits: a bijection of 32 bits (the finalizer of MurmurHash3)."""
    values = (values ^ (values >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    values = (values ^ (values >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return values ^ (values >> np.uint32(16))


def _mix64(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    return values ^ (values >> np.uint64(33))


_PRIME = np.uint64(0x9E3779B97F4A7C15)
_FACTORS = (_constants("factor", 2 * BANDS) | np.uint64(1)).astype(np.uint32)
_SUMMANDS = _constants("summand", 2 * BANDS).astype(np.uint32)
_SALTS = _constants("band", BANDS)
