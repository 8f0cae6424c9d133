"""Pictures of every view over a folder of outputs, in light, dark and phone width."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

from tests.browser.chromium import chromium

_PORT = 18_080
VIEWS = {
    "overview": "/",
    "coalition": "/coalition/axis",
    "dyad": "/dyad/IRN/RUS?at=2024-03-21",
    "network": "/network?coalition=axis",
    "blocs": "/blocs",
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


def shoot_demo(out: Path) -> None:
    """Run the demo where it has not run yet, serve it, save the part of each view that fits a screen."""
    with subprocess.Popen(
        [sys.executable, "-m", "pipeline.cli", "dashboard", "--demo", "--port", str(_PORT)]
    ) as server:
        try:
            _wait_until_ready(server)
            out.mkdir(parents=True, exist_ok=True)
            shoot(f"http://127.0.0.1:{_PORT}", out, full=False)
        finally:
            server.terminate()


def _wait_until_ready(server: subprocess.Popen[bytes]) -> None:
    while True:
        if server.poll() is not None:
            raise SystemExit("the dashboard did not start")
        with suppress(OSError), urlopen(f"http://127.0.0.1:{_PORT}/health", timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.5)


if __name__ == "__main__":
    if sys.argv[1] == "--demo":
        shoot_demo(Path(sys.argv[2]))
    else:
        shoot(sys.argv[1], Path(sys.argv[2]), "--full" in sys.argv)
