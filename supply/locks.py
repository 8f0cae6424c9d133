"""A lock file as uv writes it in; each package with its version, hashes and who asks for it out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCKS = tuple(
    ROOT / name
    for name in (
        "requirements.lock",
        "requirements-dev.lock",
        "requirements-train.lock",
        "requirements-bench.lock",
    )
)
_REQUIREMENT = re.compile(r"([A-Za-z0-9][\w.-]*)(?:\[[\w,-]+\])?==([\w.!+-]+)(?:\s*;\s*(.+?))?\s*\\?")
_HASH = re.compile(r"\s+--hash=sha256:([0-9a-f]{64})(?: \\)?")


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of a lock."""

    name: str
    version: str
    marker: str
    """On which machines it is wanted (PEP 508); empty for all."""
    hashes: tuple[str, ...]
    """sha256 of every file that may be installed, hexadecimal."""
    via: tuple[str, ...]
    """Packages that ask for it; ours is `blocwatch`."""


def read_lock(path: Path) -> list[Locked]:
    """Read every package. Raises ValueError, with its line, for anything that is not pinned with a hash."""
    found: list[Locked] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        place = f"{path.name}:{number}"
        if asked := re.match(r"    #   (?:via )?(\S+)|    # via (\S+)", line):
            found[-1] = _with(found[-1], via=asked[1] or asked[2])
        elif not line.strip() or line.lstrip().startswith("#"):
            continue
        elif told := _HASH.fullmatch(line):
            found[-1] = _with(found[-1], digest=told[1])
        elif pinned := _REQUIREMENT.fullmatch(line):
            found.append(Locked(pinned[1].lower(), pinned[2], pinned[3] or "", (), ()))
        else:
            raise ValueError(f"{place}: no package pinned by ==: {line.strip()}")
    if bare := [locked.name for locked in found if not locked.hashes]:
        raise ValueError(f"{path.name}: without a hash: {', '.join(bare)}")
    return found


def _with(locked: Locked, digest: str | None = None, via: str | None = None) -> Locked:
    hashes = locked.hashes if digest is None else (*locked.hashes, digest)
    asking = locked.via if via is None else (*locked.via, _plain(via))
    return Locked(locked.name, locked.version, locked.marker, hashes, asking)


def _plain(asking: str) -> str:
    """`blocwatch (pyproject.toml)` and `blocwatch:dev` are ours."""
    return "blocwatch" if asking.startswith(("blocwatch", "-r")) else asking.split("[")[0].lower()
