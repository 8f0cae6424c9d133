"""The command line in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def blocwatch(
    *arguments: str, text: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "pipeline.cli", *arguments],
        input=text, capture_output=True, text=True, cwd=ROOT, timeout=240,
        env={**os.environ, "BLOCWATCH_CONFIG": str(ROOT / "config"), **environment},
    )  # fmt: skip
