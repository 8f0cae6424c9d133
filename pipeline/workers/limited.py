"""A coder that ends its process when one article takes too long or too much memory; inside a pool's process.

The kernel does it: a timer whose signal nobody handles, and a bound on the address space. So it also ends
what Python cannot interrupt, such as a regular expression that never comes back.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

from pipeline.contract.article import Article
from pipeline.events.extract import Extraction
from pipeline.workers.extraction import Codes

OUT_OF_MEMORY = 77
"""Exit code of a process whose article needed more memory than it may."""


class LimitedCoder:
    """Codes as `coder` does, with `seconds` of processor time an article: a busy machine harms none."""

    def __init__(self, coder: Codes, seconds: float) -> None:
        self._coder = coder
        self._seconds = seconds
        self.version = coder.version
        self.ontology_version = coder.ontology_version
        signal.signal(signal.SIGPROF, signal.SIG_DFL)  # ends the process

    def code(self, article: Article) -> Extraction:
        """Code one article; the process ends where that breaks a limit."""
        signal.setitimer(signal.ITIMER_PROF, self._seconds)
        try:
            with ended_by_memory():
                return self._coder.code(article)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)


def limit_memory(size_bytes: int) -> None:
    """Bound this process's address space to what it has now and `size_bytes` more, where the system can."""
    try:
        now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:  # only Linux tells, and only there the bound is kept
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    with contextlib.suppress(ValueError, OSError):  # a stricter bound is set from outside
        resource.setrlimit(resource.RLIMIT_AS, (now + size_bytes, hard))


@contextlib.contextmanager
def ended_by_memory() -> Iterator[None]:
    """End the process where memory runs out inside: what is left of its heap is not to be trusted."""
    try:
        yield
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
