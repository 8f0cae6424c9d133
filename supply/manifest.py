"""Writes pipeline/data.sha256 anew, after a data file was changed on purpose: `make manifest`."""

from __future__ import annotations

from pathlib import Path

from pipeline.articles.language import model_file
from pipeline.events.reader import parser_folder
from pipeline.shipped import MANIFEST, PACKAGE, data_files, digest_of

FOLDERS = ("ontology", "events/model", "web/static/vendor", "samples")
"""Folders of the package that hold data."""


def places() -> dict[str, Path]:
    """Every model and data file that is shipped or required, by its name in the manifest."""
    found = {
        f"pipeline/{folder}/{path.relative_to(PACKAGE / folder).as_posix()}": path
        for folder in FOLDERS
        for path in data_files(PACKAGE / folder)
    }
    parser = parser_folder()
    found |= {f"en_core_web_sm/{path.relative_to(parser).as_posix()}": path for path in data_files(parser)}
    return found | {"py3langid/model": model_file()}


def text() -> str:
    """The manifest as it should be."""
    return "".join(f"{digest_of(path)}  {name}\n" for name, path in sorted(places().items()))


if __name__ == "__main__":
    MANIFEST.write_text(text(), encoding="utf-8")
