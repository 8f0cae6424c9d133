"""A wall clock for our processes alone, which can be stepped while they run (libfaketime)."""

from __future__ import annotations

import os
from pathlib import Path

_SLEEP = Path(__file__).parent / "clocked"
_LIBRARIES = "/usr/lib/*/faketime/libfaketimeMT.so.1"


def library() -> Path | None:
    """Where libfaketime lies; None where it is not installed."""
    return next(iter(sorted(Path("/").glob(_LIBRARIES.lstrip("/")))), None)


class WallClock:
    """Time as processes started with `environment` see it; their monotonic clock stays true."""

    def __init__(self, file: Path) -> None:
        found = library()
        if found is None:
            raise FileNotFoundError(f"no {_LIBRARIES}: install libfaketime (Debian: libfaketime)")
        self._file = file
        self.environment = {
            "LD_PRELOAD": str(found),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_RESET": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, [str(_SLEEP), os.environ.get("PYTHONPATH")])),
        }
        self.step(0)

    def step(self, days: int) -> None:
        """Set the clock so many days ahead of the true time, at once."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{days:+d}d\n")
        new.replace(self._file)
