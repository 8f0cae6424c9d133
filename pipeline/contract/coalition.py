"""Parts of a coalition's metric: its pairs, what moved it, its shape, its strength against its past."""

from __future__ import annotations

from pydantic import Field

from pipeline.contract.record import Record, Utc, unit


class TopDyad(Record):
    """A dyad that carries much of a coalition's number."""

    dyad: str = Field(description="Both codes in alphabetical order.")
    tie: float = Field(ge=-1, le=1, description="Its tie.", json_schema_extra=unit("1"))
    n_events: int = Field(ge=0, description="Happenings behind it.", json_schema_extra=unit("happenings"))


class WeakestTie(Record):
    """The pair of members that gets on worst."""

    dyad: str = Field(description="Both codes in alphabetical order.")
    tie: float = Field(ge=-1, le=1, description="Its tie.", json_schema_extra=unit("1"))


class Driver(Record):
    """A dyad that moved a coalition's cohesion."""

    dyad: str = Field(description="Both codes in alphabetical order.")
    contribution: float = Field(description="What it added to the cohesion.", json_schema_extra=unit("1"))


class Drivers(Record):
    """What moved a coalition's cohesion since the last midnight; all contributions add up to the change."""

    since: Utc = Field(description="The midnight that it is compared with.")
    change: float = Field(description="Cohesion now less cohesion then.", json_schema_extra=unit("1"))
    dyads: tuple[Driver, ...] = Field(description="The dyads that moved it most, largest first.")
    rest: float = Field(description="What all other dyads added together.", json_schema_extra=unit("1"))


class Shape(Record):
    """Whether the declared camps are those that ties show; of the last midnight, in the headline view."""

    as_of: Utc = Field(description="The midnight it was computed for.")
    triad_balance: float | None = Field(
        default=None,
        ge=-1,
        le=1,
        description="tr(T³)/tr(|T|³) over both camps; null without ties.",
        json_schema_extra=unit("1"),
    )
    partition_agreement: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Share of states whose sign in the ties' leading eigenvector is their declared side.",
        json_schema_extra=unit("1"),
    )
    placebo_percentile: float | None = Field(
        default=None,
        ge=0,
        le=100,
        description="Where the mean tie of members stands among random sets of as many states.",
        json_schema_extra=unit("%"),
    )


class Index(Record):
    """A strength against the coalition's own past."""

    value: float = Field(
        ge=0,
        description="100 is the mean strength over the baseline.",
        json_schema_extra=unit("% of the baseline's mean"),
    )
    baseline_from: Utc = Field(description="First day of the baseline.")
    baseline_until: Utc = Field(description="Its last day.")
    z: float | None = Field(
        default=None,
        description="Strength against the daily values of the trailing five years.",
        json_schema_extra=unit("standard deviations"),
    )
