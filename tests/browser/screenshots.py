"""Pictures of every view over a folder of outputs, in light, dark and phone width."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.browser.chromium import chromium

VIEWS = {
    "overview": "/",
    "coalition": "/coalition/axis",
    "dyad": "/dyad/IRN/RUS?at=2024-03-21",
    "network": "/network?coalition=axis",
    "map": "/map/axis",
    "method": "/method",
}
SIZES = {
    "light": (1200, 900, "light"),
    "dark": (1200, 900, "dark"),
    "phone": (390, 844, "light"),
}


def shoot(address: str, out: Path, full: bool) -> None:
    """Save one PNG a view and size."""
    with chromium() as browser:
        for size, (width, height, scheme) in SIZES.items():
            dark = scheme == "dark"
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
            )
            page = context.new_page()
            for name, path in VIEWS.items():
                page.goto(address + path)
                page.wait_for_selector("main[data-ready]")
                page.screenshot(path=out / f"{name}-{size}.png", full_page=full)
            context.close()


if __name__ == "__main__":
    shoot(sys.argv[1], Path(sys.argv[2]), "--full" in sys.argv)
