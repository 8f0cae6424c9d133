"""Coalition YAML in; checked, dated coalitions out, or every fault as 'file:line: what to do'.

One format for what we ship (a file a coalition) and for an operator's own file: coalition names at
the top level, below each a title, members and perhaps a rival.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel

from pipeline.contract.errors import ConfigError
from pipeline.ontology.capability import capability_tables
from pipeline.ontology.yamlfile import check_model, read_yaml
from pipeline.shipped import require_shipped

EQUAL = "equal"
"""What stands for a source where every member's capability is 1 unless it says otherwise."""


@dataclass(frozen=True, slots=True)
class Member:
    """A state within a coalition, from `since` (included) to `until` (excluded); None is unbounded."""

    code: str
    """ISO 3166 alpha-3."""
    since: date | None = None
    until: date | None = None
    weight: float = 1.0
    """Degree of membership μ in (0, 1]."""
    capability: float = 1.0
    """Capability p > 0, in any unit that all members share."""

    def active(self, day: date) -> bool:
        """Tell whether the state is a member on that day."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Coalition:
    """A set of states with dated membership; `members` is sorted by code and date."""

    name: str
    title: str
    members: tuple[Member, ...]
    rival: str | None = None
    """Name of the coalition that it is measured against."""
    baseline: tuple[date, date] | None = None
    """Period, end excluded, over which its index is 100; None: its first days with news."""
    capability: str = EQUAL
    """Where its members' capabilities come from: a source and its year, or `equal`."""

    def active(self, day: date) -> tuple[Member, ...]:
        """List the members of that day, sorted by code."""
        return tuple(member for member in self.members if member.active(day))

    @property
    def changes(self) -> tuple[date, ...]:
        """The days on which membership changes, ascending."""
        days = {day for member in self.members for day in (member.since, member.until) if day is not None}
        return tuple(sorted(days))


def shipped_coalitions() -> tuple[tuple[str, str], ...]:
    """Read the coalitions that come with the package, as (file name, text), sorted by name."""
    require_shipped("pipeline/ontology/coalitions")
    folder = resources.files("pipeline.ontology") / "coalitions"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    return tuple((f"coalitions/{f.name}", f.read_text(encoding="utf-8")) for f in files)


def load_coalitions(texts: Iterable[tuple[str, str]]) -> tuple[Coalition, ...]:
    """Read (file name, YAML text) pairs; a later file replaces coalitions of the same name or adds some.

    Returns them sorted by name. Raises ConfigError that lists every fault of every file.
    """
    faults: list[str] = []
    found: dict[str, Coalition] = {}
    places: dict[str, str] = {}
    for name, text in texts:
        for coalition, place in _read(name, text, faults):
            found[coalition.name] = coalition
            places[coalition.name] = place
    for coalition in found.values():
        if coalition.rival is not None and coalition.rival not in found:
            known = ", ".join(sorted(found))
            faults.append(
                f"{places[coalition.name]}: name a rival that exists, not {coalition.rival!r} ({known})"
            )
        elif coalition.rival is not None and found[coalition.rival].capability != coalition.capability:
            faults.append(
                f"{places[coalition.name]}: measure both sides by one capability: {coalition.name} by "
                f"{coalition.capability}, {coalition.rival} by {found[coalition.rival].capability}"
            )
    if faults:
        raise ConfigError(faults)
    return tuple(found[name] for name in sorted(found))


def coalitions_version(coalitions: Iterable[Coalition]) -> str:
    """Hash coalitions by content: 16 hex digits that change when any of them does."""
    return hashlib.sha256(repr(tuple(coalitions)).encode()).hexdigest()[:16]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class _MemberText(_Strict):
    code: str = Field(pattern=r"^[A-Z]{3}$")
    since: date | None = Field(default=None, strict=True)
    until: date | None = Field(default=None, strict=True)
    weight: float = Field(default=1.0, gt=0, le=1)
    capability: float | None = Field(default=None, gt=0)


class _SourceText(_Strict):
    source: str
    year: int = Field(strict=True)


def _spelled_out(value: object) -> object:
    return {"code": value} if isinstance(value, str) else value


class _PeriodText(_Strict):
    since: date = Field(strict=True)
    until: date = Field(strict=True)


class _CoalitionText(_Strict):
    title: str = Field(min_length=1)
    members: list[Annotated[_MemberText, BeforeValidator(_spelled_out)]] = Field(min_length=1)
    rival: str | None = None
    baseline: _PeriodText | None = None
    capability: _SourceText | None = None


class _FileText(RootModel[dict[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")], _CoalitionText]]):
    pass


def _read(name: str, text: str, faults: list[str]) -> list[tuple[Coalition, str]]:
    """Check one file; returns its coalitions, each with the place of its rival for later complaints."""
    model = check_model(_FileText, name, text, faults)
    if model is None:
        return []
    lines = read_yaml(name, text, [])
    for key, body in model.root.items():
        faults += [f"{lines.at((key, *path))}: {advice}" for path, advice in _faults(key, body)]
    return [(_coalition(key, body), lines.at((key, "rival"))) for key, body in model.root.items()]


def _faults(name: str, body: _CoalitionText) -> list[tuple[tuple[str | int, ...], str]]:
    found: list[tuple[tuple[str | int, ...], str]] = []
    if body.rival == name:
        found.append((("rival",), f"name another coalition: {name!r} cannot be its own rival"))
    if body.baseline and body.baseline.since >= body.baseline.until:
        found.append((("baseline",), "let the baseline end (until) after it begins (since)"))
    shares, reason = _shares(body)
    if reason is not None:
        found.append((("capability",), reason))
    for index, member in enumerate(body.members):
        if reason is None and member.capability is None and member.code not in shares and body.capability:
            where = f"{body.capability.source} {body.capability.year}"
            found.append((("members", index), f"give {member.code} a capability: {where} has none for it"))
        if member.since and member.until and member.since >= member.until:
            found.append((("members", index), f"let {member.code} join (since) before it leaves (until)"))
        if any(_overlap(member, other) for other in body.members[:index]):
            found.append(
                (("members", index), f"list {member.code} once, or with periods that do not overlap")
            )
    return found


def _overlap(one: _MemberText, other: _MemberText) -> bool:
    starts = [m.since for m in (one, other) if m.since]
    ends = [m.until for m in (one, other) if m.until]
    return one.code == other.code and (not starts or not ends or max(starts) < min(ends))


def _shares(body: _CoalitionText) -> tuple[Mapping[str, float], str | None]:
    """Capabilities by the source named, or why there are none."""
    if body.capability is None:
        return {}, None
    tables = capability_tables()
    table = tables.get(body.capability.source)
    if table is None:
        return {}, f"name a source that exists ({', '.join(sorted(tables))})"
    if body.capability.year not in table.years:
        return (
            {},
            f"name a year that {body.capability.source} has ({', '.join(map(str, sorted(table.years)))})",
        )
    return table.shares(body.capability.year), None


def _coalition(name: str, body: _CoalitionText) -> Coalition:
    shares = _shares(body)[0]
    members = [
        Member(m.code, m.since, m.until, m.weight, m.capability or shares.get(m.code, 1.0))
        for m in body.members
    ]
    ordered = sorted(members, key=lambda m: (m.code, m.since or date.min))
    baseline = (body.baseline.since, body.baseline.until) if body.baseline else None
    source = f"{body.capability.source} {body.capability.year}" if body.capability else EQUAL
    return Coalition(name, body.title, tuple(ordered), body.rival, baseline, source)
