"""The package's sample feeds in; a folder to serve, item by item, and a configuration to poll it out."""

from __future__ import annotations

import io
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import yaml

from tests.compose.engine import ROOT

SAMPLES = ROOT / "pipeline" / "samples"
HELD_BACK = 2
"""Items of each feed that are not there at first: one comes while the pipeline runs, one after a restart."""
INTERVAL_S = 15
"""A round takes 8 s: the poller asks one host once a second."""

_ATOM = "{http://www.w3.org/2005/Atom}"


class FeedServer:
    """What the `feeds` service serves, and what the poller is told of it.

    `work` gets the folders `feeds` and `config`; both are mounted into the containers.
    """

    def __init__(self, work: Path) -> None:
        self._folder = work / "feeds"
        self._folder.mkdir()
        self._documents = {path.name: path.read_bytes() for path in sorted(SAMPLES.glob("*.xml"))}
        if not self._documents:
            raise FileNotFoundError(f"no sample feeds in {SAMPLES}")
        self.publish(HELD_BACK)
        _write_config(work / "config", list(self._documents))

    def publish(self, held_back: int) -> None:
        """Serve all items but the first `held_back` ones of each feed."""
        for name, document in self._documents.items():
            draft = self._folder / f".{name}"
            draft.write_bytes(_without(document, held_back))
            draft.rename(self._folder / name)

    @property
    def names(self) -> list[str]:
        """Names of the feeds' files."""
        return list(self._documents)


def _without(document: bytes, held_back: int) -> bytes:
    """The feed without its first items, which are the newest."""
    for _, (prefix, uri) in ElementTree.iterparse(io.BytesIO(document), events=["start-ns"]):
        ElementTree.register_namespace(prefix, uri)
    root = ElementTree.fromstring(document)
    found = [
        (parent, item) for parent in root.iter() for item in parent if item.tag in ("item", f"{_ATOM}entry")
    ]
    for parent, item in found[:held_back]:
        parent.remove(item)
    left: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return left


def _write_config(folder: Path, names: list[str]) -> None:
    shutil.copytree(ROOT / "config", folder)
    feeds = [
        {
            "feed_id": Path(name).stem,
            "url": f"http://feeds:8080/{name}",
            "outlet": Path(name).stem,
            "interval_s": INTERVAL_S,
        }
        for name in names
    ]
    (folder / "feeds.yaml").write_text(yaml.safe_dump({"feeds": feeds}))
