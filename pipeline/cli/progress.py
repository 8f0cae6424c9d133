"""Long work in, a bar on stderr out: only where somebody watches a terminal; results go elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import TypeVar

from rich.console import Console
from rich.progress import track

T = TypeVar("T")


def shown(items: Iterable[T], words: str, total: int | None = None) -> Iterator[T]:
    """Yield `items`, with a bar of how many of `total` are done and how long the rest takes."""
    if not sys.stderr.isatty():
        yield from items
        return
    # Lines that go to standard output meanwhile are not taken hold of: they may be piped.
    yield from track(items, words, total=total, console=Console(stderr=True), transient=True)


def working(words: str) -> AbstractContextManager[object]:
    """Show that one piece of work of unknown length goes on."""
    console = Console(stderr=True)
    # Without a terminal rich shows nothing, which is what a log wants.
    return console.status(words)
