"""Text of owners.yaml in; which owner each outlet shares with others, or every fault, out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pipeline.contract.errors import ConfigError
from pipeline.ontology.yamlfile import check_model, read_yaml

_Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
_Outlet = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class _Owner(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1)
    outlets: list[_Outlet] = Field(min_length=2)


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    owners: dict[_Name, _Owner]


def load_owners(name: str, text: str) -> Mapping[str, str]:
    """Read the owner's short name of each outlet, outlets in order; raises ConfigError with every fault.

    >>> load_owners("owners.yaml", "owners: {bbc: {title: The BBC, outlets: [BBC, BBC Russian]}}")
    {'BBC': 'bbc', 'BBC Russian': 'bbc'}
    """
    faults: list[str] = []
    file = check_model(_File, name, text, faults)
    if file is None:
        raise ConfigError(faults)
    lines = read_yaml(name, text, [])
    found: dict[str, str] = {}
    for owner, entry in file.owners.items():
        for index, outlet in enumerate(entry.outlets):
            if outlet in found:
                where = lines.at(("owners", owner, "outlets", index))
                faults.append(f"{where}: {outlet!r} belongs to {found[outlet]!r} already; remove one")
            found.setdefault(outlet, owner)
    if faults:
        raise ConfigError(faults)
    return dict(sorted(found.items()))
