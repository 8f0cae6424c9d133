"""The inner side of `children`: answers requests on standard input by one function, within hard limits.

A request is two lengths of four bytes each, big-endian, then a note and a body of these lengths; a reply is
one such length, then as many bytes; its highest bit says that the child has grown and should be replaced.
Imports little, so that a replacement is there at once.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

WORD = 4
"""Bytes of a length."""
SPENT = 1 << 31
"""Added to the length of a reply by a child that should not be asked again."""


def serve() -> None:
    """Answer until standard input ends; arguments: module:function, bytes of memory, seconds a request."""
    module, _, name = sys.argv[1].partition(":")
    memory, seconds = int(sys.argv[2]), int(sys.argv[3])
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the replies
    work: Callable[[bytes, bytes], bytes] = getattr(import_module(module), name)
    for limit, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some
            resource.setrlimit(limit, (value, value))
    _reply(replies, b"", 0)
    while len(head := requests.read(2 * WORD)) == 2 * WORD:
        _limit_cpu(seconds)
        note = requests.read(int.from_bytes(head[:WORD], "big"))
        answer = work(note, requests.read(int.from_bytes(head[WORD:], "big")))
        _reply(replies, answer, SPENT if _memory_bytes() > memory // 2 else 0)


def _reply(replies: BinaryIO, answer: bytes, mark: int) -> None:
    replies.write((len(answer) | mark).to_bytes(WORD, "big"))
    replies.write(answer)
    replies.flush()


def _memory_bytes() -> int:
    """Return what is resident now; where the system does not tell, the most that ever was."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def _limit_cpu(seconds: int) -> None:
    """Allow `seconds` more of processor time: ends the child even when its parent is gone."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + seconds
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
