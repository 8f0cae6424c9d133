"""Commands in the docs do what the docs say: blocks marked `sh run`, and `sh kafka` on a real broker."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

_BLOCK = re.compile(r"^```sh (run|kafka)\n(.*?)^```", re.MULTILINE | re.DOTALL)
DOCS = sorted((ROOT / "docs").rglob("*.md"))


def _script(page: Path, kind: str) -> str:
    return "\n".join(text for marked, text in _BLOCK.findall(page.read_text()) if marked == kind)


def _named(kind: str) -> list[str]:
    return [str(page.relative_to(ROOT)) for page in DOCS if _script(page, kind)]


def _run(script: str, folder: Path, **environment: str) -> None:
    """One session a page, as a reader has it: an empty folder, the command on the path, errors end it."""
    command = folder / "bin" / "blocwatch"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m pipeline.cli "$@"\n')
    command.chmod(0o755)
    shutil.copytree(ROOT / "config", folder / "config")
    kept = {key: value for key, value in os.environ.items() if not key.startswith("BLOCWATCH_")}
    path = f"{command.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={**kept, "PATH": path, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"


@pytest.mark.parametrize("page", _named("run"))
def test_commands_of_a_page_run(page: str, tmp_path: Path) -> None:
    _run(_script(ROOT / page, "run"), tmp_path)


@pytest.mark.kafka
@pytest.mark.parametrize("page", _named("kafka"))
def test_commands_of_a_page_run_on_kafka(page: str, broker: str, tmp_path: Path) -> None:
    _run(_script(ROOT / page, "kafka"), tmp_path, BLOCWATCH_KAFKA=broker)
