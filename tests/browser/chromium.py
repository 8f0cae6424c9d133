"""Debian's Chromium under Playwright, or the reason why it cannot run here."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright


def available() -> str | None:
    """Return None where a Chromium is installed, else what is missing."""
    return None if shutil.which("chromium") else "Debian's chromium is not installed"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a headless browser; it ends with the block."""
    with sync_playwright() as playwright:
        # Containers seldom permit Chromium's own sandbox to root.
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        try:
            yield browser
        finally:
            browser.close()
