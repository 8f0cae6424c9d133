"""Every package is pinned with the hash of its files; the bill of materials names all, and our files."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from pipeline.shipped import manifest
from supply.locks import LOCKS, ROOT, read_lock
from supply.sbom import sbom


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_each_package_is_pinned_with_hashes(path: Path) -> None:
    packages = read_lock(path)
    assert len(packages) > 100
    assert all(package.hashes and package.version and package.via for package in packages)
    text = path.read_text()
    assert not any(word in text for word in ("--index-url", "--find-links", "--trusted-host", "git+", " @ "))


@pytest.mark.parametrize(
    "text",
    [
        "aiohttp>=3 \\\n    --hash=sha256:" + "0" * 64, "aiohttp==3.1\n", "aiohttp @ https://example.org/a.whl\n",
        "aiohttp==3.1 \\\n    --hash=md5:" + "0" * 32, "-e .\n", "--index-url https://example.org\n",
    ],
)  # fmt: skip
def test_what_is_not_pinned_is_seen(text: str, tmp_path: Path) -> None:
    path = tmp_path / "requirements.lock"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"no package pinned|without a hash"):
        read_lock(path)


def test_the_lock_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {
        line.split("[")[0].split("=")[0].split(">")[0].split("<")[0] for line in project["dependencies"]
    }
    assert wanted == {package.name for package in read_lock(LOCKS[0]) if "blocwatch" in package.via}


def test_installing_demands_hashes() -> None:
    for name in ("Makefile", "Dockerfile"):
        for line in (ROOT / name).read_text().splitlines():
            if "requirements" in line and " install " in line:
                assert "--require-hashes" in line, f"{name}: {line}"


def test_the_bill_is_valid_complete_and_the_same_every_time() -> None:
    text = sbom()
    assert text == sbom()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    told = json.loads(text)
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    assert told["metadata"]["component"]["name"] == "blocwatch"
    packages = {part["purl"]: part for part in told["components"] if "purl" in part}
    for package in read_lock(LOCKS[0]):
        part = packages[f"pkg:pypi/{package.name}@{package.version}"]
        (source,) = part["externalReferences"]
        assert {entry["content"] for entry in source["hashes"]} == set(package.hashes)
    files = {part["name"]: part for part in told["components"] if "purl" not in part}
    assert {name: part["hashes"][0]["content"] for name, part in files.items()} == dict(manifest())
    models = {name for name, part in files.items() if part["type"] == "machine-learning-model"}
    assert {
        "pipeline/events/model/relations.onnx",
        "en_core_web_sm/parser/model",
        "py3langid/model",
    } <= models
    assert "pipeline/events/model/tokenizer.json" in files
    edges = {edge["ref"]: edge.get("dependsOn", []) for edge in told["dependencies"]}
    assert any(ref.startswith("pkg:pypi/spacy@") for ref in edges["blocwatch"])
    assert all(ref in edges for ref in (*packages, *(part["bom-ref"] for part in files.values())))
