"""Files that came with the program in; nothing out, or which of them are not what was shipped.

`data.sha256` names every model and data file, ours and those of libraries, in the form of `sha256sum`; `make
manifest` writes it. What decides about events or values is checked before it is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pipeline.contract.errors import AlteredFileError

PACKAGE = Path(__file__).parent
MANIFEST = PACKAGE / "data.sha256"


@cache
def manifest() -> Mapping[str, str]:
    """The sha256 of each shipped file, by its path: `pipeline/events/model/relations.onnx`."""
    lines = MANIFEST.read_text(encoding="utf-8").splitlines()
    return {path: digest for digest, _, path in (line.partition("  ") for line in lines)}


def require_shipped(name: str, folder: Path | None = None) -> None:
    """Check a folder, or one file, against the manifest, where it is called `name`.

    `folder` is where it lies; by default, within this package. Raises AlteredFileError with each file that
    is missing, has other bytes, or was put beside (`.py` and its bytecode aside: code is no data).
    """
    place = PACKAGE.parent / name if folder is None else folder
    known = manifest()
    if place.is_file():
        wanted, found = {name: known.get(name, "")}, {name: place}
    else:
        wanted = {path: digest for path, digest in known.items() if path.startswith(f"{name}/")}
        found = {f"{name}/{path.relative_to(place).as_posix()}": path for path in data_files(place)}
    faults = [f"{path} is missing" for path in sorted(wanted.keys() - found.keys())]
    faults += [f"{path} was not shipped" for path in sorted(found.keys() - wanted.keys())]
    faults += [
        f"{path} has been altered" for path in sorted(wanted.keys() & found.keys())
        if digest_of(found[path]) != wanted[path]
    ]  # fmt: skip
    if faults or not wanted:
        told = "; ".join(faults[:5]) or f"{name} is not in {MANIFEST.name}"
        raise AlteredFileError(f"{told}: install blocwatch again (a developer: make manifest)")


def data_files(folder: Path) -> list[Path]:
    """Every file below a folder that is no code, in order."""
    return sorted(
        path for path in folder.rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"} and "__pycache__" not in path.parts
    )  # fmt: skip


def digest_of(path: Path) -> str:
    """The sha256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
