"""A folder of files in; a Fetcher that serves them by name, without a network, out."""

from __future__ import annotations

import asyncio
import hashlib
from importlib.resources.abc import Traversable
from pathlib import Path

from pipeline.transport.base import Fetched

SCHEME = "sample:"


class FolderFetcher:
    """Answers `sample:name.xml` with the file of that name; anything else is a fault."""

    def __init__(self, folder: Path | Traversable) -> None:
        self._folder = folder

    async def fetch(self, url: str, etag: str | None, last_modified: str | None) -> Fetched:
        """Read the file; its ETag is a hash of its bytes, so an unchanged file is "not modified"."""
        name = url.removeprefix(SCHEME)
        if name == url or "/" in name or "\\" in name or name.startswith("."):
            return Fetched(0, fault=f"not the name of a sample: {url!r}")
        try:
            body = await asyncio.to_thread((self._folder / name).read_bytes)
        except (OSError, ValueError) as error:
            return Fetched(0, fault=f"no sample {name!r}: {error}")
        tag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
        return Fetched(304, etag=tag) if tag == etag else Fetched(200, body, tag)

    async def close(self) -> None:
        """Nothing is held."""
