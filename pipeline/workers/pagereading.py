"""What the page reader's children do: a page in, its text as JSON out."""

from __future__ import annotations

import json

import trafilatura  # noqa: F401  # a child is ready only once this long import is done

from pipeline.articles.page import read_page
from pipeline.articles.raw import Refusal


def work(note: bytes, body: bytes) -> bytes:
    """Read one page; the note is JSON: the outlet's name, the content type."""
    page = read_page(body, *json.loads(note))
    if isinstance(page, Refusal):
        return json.dumps({"reason": page.reason}).encode()
    return json.dumps({"text": page.text, "published": page.published}).encode()
