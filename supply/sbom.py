"""The lock and the manifest in; a software bill of materials in CycloneDX 1.6, as JSON, out: `make sbom`.

It needs no network, and equal inputs give equal bytes. Packages name the hashes of all their files, models
and data files their own.
"""

from __future__ import annotations

import sys
import tomllib
import uuid
from collections.abc import Sequence
from pathlib import Path

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.contact import OrganizationalEntity
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from pipeline.shipped import manifest
from supply.locks import ROOT, Locked, read_lock

_MODELS = (".onnx", "/model")
_NAMESPACE = uuid.UUID("6f0a4a52-2f0e-5d6c-9f6e-6c3c0a1f5b1d")
_INDEX = "https://pypi.org/project/"


def bill(packages: Sequence[Locked], files: dict[str, str]) -> Bom:
    """List packages, with who needs whom, and files (sha256 by name)."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ours = Component(
        name=project["name"],
        version=project["version"],
        type=ComponentType.APPLICATION,
        bom_ref=project["name"],
        description=project["description"],
        supplier=OrganizationalEntity(name=project["name"]),
    )
    bom = Bom()
    bom.metadata.component = ours
    parts = [(package, _package(package)) for package in packages]
    data = [_file(name, digest) for name, digest in sorted(files.items())]
    for component in (*(part for _, part in parts), *data):
        bom.components.add(component)
    for package, component in parts:
        for via in set(package.via):
            for asking in [part for other, part in parts if other.name == via] or [ours]:
                bom.register_dependency(asking, [component])
    bom.register_dependency(ours, data)
    return bom


def written(bom: Bom) -> str:
    """The bill as JSON, without the time and chance that would make two of them differ.

    Raises ValueError where it breaks the schema.
    """
    told = "".join(
        sorted(f"{c.name} {c.version} {[str(h.content) for h in c.hashes]}" for c in bom.components)
    )
    bom.serial_number = uuid.uuid5(_NAMESPACE, told)
    bom.metadata.timestamp = None  # type: ignore[assignment]  # the schema does not ask for it
    text = JsonV1Dot6(bom).output_as_string(indent=1)
    if fault := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise ValueError(f"the bill of materials breaks its schema: {fault}")
    return text


def sbom() -> str:
    """The bill of what the image holds: the locked packages of the program, and its model and data files."""
    return written(bill(read_lock(ROOT / "requirements.lock"), dict(manifest())))


def _package(package: Locked) -> Component:
    purl = PackageURL("pypi", name=package.name, version=package.version)
    source = ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(f"{_INDEX}{package.name}/{package.version}/"),
        comment="sha256 of every file of this version that may be installed",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in package.hashes],
    )
    marker = [Property(name="blocwatch:marker", value=package.marker)] if package.marker else []
    return Component(
        name=package.name,
        version=package.version,
        purl=purl,
        bom_ref=str(purl),
        external_references=[source],
        properties=marker,
    )


def _file(name: str, digest: str) -> Component:
    model = name.endswith(_MODELS)
    return Component(
        name=name,
        type=ComponentType.MACHINE_LEARNING_MODEL if model else ComponentType.FILE,
        bom_ref=f"file:{name}",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
    )


if __name__ == "__main__":
    out = Path(sys.argv[1])
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(sbom(), encoding="utf-8")
    print(out)
