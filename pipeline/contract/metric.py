"""What the aggregator publishes: dyads, coalition metrics, the clock."""

from __future__ import annotations

from pydantic import Field

from pipeline.contract.coalition import Drivers, Index, Shape, TopDyad, WeakestTie
from pipeline.contract.record import Record, Utc, unit

Interval = tuple[float, float]
"""Low and high end of a 90 % interval."""

SPEC_VERSION = "2.0"
"""Version of the metric definitions (docs/explanation/metrics.md)."""


class Measured(Record):
    """What every value says about itself."""

    as_of: Utc = Field(description="Event time of the value.")
    n_eff: float = Field(
        ge=0,
        description="Effective number of happenings, Kish (Σw)²/Σw².",
        json_schema_extra=unit("happenings"),
    )
    prior_share: float = Field(
        ge=0, le=1, description="How much of the number is prior.", json_schema_extra=unit("1")
    )
    spec_version: str = Field(description="Version of the metric definitions.", examples=[SPEC_VERSION])
    ontology_version: str = Field(description="Version of actors, types and coalitions.")
    ledger_digest: str = Field(
        description="sha256 of all events up to the day of `as_of`: equal digests, equal news."
    )


class _Viewed(Measured):
    view: str = Field(
        description="Sliding window (w1d, w7d, w30d, w90d) or exponential decay by half-life "
        "(ewm7d, ewm30d, ewm90d).",
        examples=["ewm30d"],
    )
    final: bool = Field(description="True once the watermark has passed `as_of`.")
    revision: int = Field(
        ge=0,
        description="How many reports published after `as_of` was final, corrections and withdrawals "
        "are folded in; only rises.",
        json_schema_extra=unit("reports"),
    )
    n_events: int = Field(
        ge=0,
        description="Happenings inside the view (400 days for decays).",
        json_schema_extra=unit("happenings"),
    )


class TopEvent(Record):
    """An event that carries much of a number."""

    event_id: str = Field(description="The event.")
    contribution: float = Field(
        description="Its signed, decayed impulse in Goldstein units.", json_schema_extra=unit("Goldstein")
    )
    url: str = Field(description="Where it was reported.")


class DyadMetric(_Viewed):
    """The relation of two actors in one view."""

    dyad: str = Field(description="Both codes in alphabetical order.", examples=["CHN|RUS"])
    coop: float = Field(
        ge=0, description="Cooperation C, Goldstein units.", json_schema_extra=unit("Goldstein")
    )
    conflict: float = Field(
        ge=0, description="Conflict K, Goldstein units.", json_schema_extra=unit("Goldstein")
    )
    net: float = Field(description="C − K, Goldstein units.", json_schema_extra=unit("Goldstein"))
    tone: float = Field(ge=-1, le=1, description="(C − K + κ·s0)/(C + K + κ).", json_schema_extra=unit("1"))
    ci90: Interval = Field(description="90 % interval of the tone.", json_schema_extra=unit("1"))
    log_odds: float = Field(
        description="ln((C + κ(1+s0)/2)/(K + κ(1−s0)/2)); tanh(ℓ/2) is the tone.",
        json_schema_extra=unit("log-odds"),
    )
    tie: float = Field(
        ge=-1,
        le=1,
        description="How much better or worse the two get on than their dealings with everybody let expect; "
        "0 without news.",
        json_schema_extra=unit("1"),
    )
    tie_ci90: Interval = Field(description="90 % interval of the tie.", json_schema_extra=unit("1"))
    expected: float = Field(
        description="Log-odds that both actors' habits let expect, μ + a_i + a_j.",
        json_schema_extra=unit("log-odds"),
    )
    affinity: float = Field(
        description="ln of cooperation over what both actors' totals let expect, each with κ added.",
        json_schema_extra=unit("nats"),
    )
    momentum: tuple[float, float] = Field(
        description="Tie of the 7-day less the 30-day half-life, and of the 30-day less the 90-day one.",
        json_schema_extra=unit("1"),
    )
    volume_share: float = Field(
        ge=0,
        le=1,
        description="Its happenings over all the world's in the view.",
        json_schema_extra=unit("1"),
    )
    surge_z: float | None = Field(
        default=None,
        description="Robust z of this day's net against the 60 days before; null without news today or with "
        "too few days before.",
        json_schema_extra=unit("standard deviations"),
    )
    surge_coop: float | None = Field(
        default=None,
        description="ln of the 7-day over the 90-day mean cooperation a day; null without news.",
        json_schema_extra=unit("nats"),
    )
    surge_conflict: float | None = Field(
        default=None,
        description="ln of the 7-day over the 90-day mean conflict a day; null without news.",
        json_schema_extra=unit("nats"),
    )
    top_events: tuple[TopEvent, ...] = Field(description="What carries the number, largest first.")

    @property
    def key(self) -> str:
        """Message key: dyad and view."""
        return f"{self.dyad}|{self.view}"


class CoalitionMetric(_Viewed):
    """How strongly a coalition holds together in one view, and against its rival."""

    coalition: str = Field(description="Name in config/coalitions.yaml.", examples=["axis"])
    rival: str | None = Field(default=None, description="The coalition it is measured against.")
    members: tuple[str, ...] = Field(description="Members on that day, sorted.")
    cohesion: float = Field(
        ge=-1, le=1, description="Weighted mean tie over pairs of members.", json_schema_extra=unit("1")
    )
    ci90: Interval = Field(description="90 % interval of the cohesion.", json_schema_extra=unit("1"))
    affinity: float = Field(
        description="Weighted mean affinity over pairs of members.", json_schema_extra=unit("nats")
    )
    opposition: float | None = Field(
        default=None,
        ge=-1,
        le=1,
        description="Minus the weighted mean tie over pairs with the rival.",
        json_schema_extra=unit("1"),
    )
    opposition_ci90: Interval | None = Field(
        default=None, description="Its 90 % interval.", json_schema_extra=unit("1")
    )
    polarisation: float | None = Field(
        default=None,
        ge=-2,
        le=2,
        description="Mean of both camps' cohesion, plus opposition.",
        json_schema_extra=unit("1"),
    )
    esteban_ray: float | None = Field(
        default=None,
        ge=0,
        description="Esteban and Ray's index of the two camps, α = 1.3.",
        json_schema_extra=unit("1"),
    )
    strength: float = Field(ge=0, description="Σ p·μ·(1 + coh)/2 over members.", json_schema_extra=unit("1"))
    capability: str = Field(
        description="Where capabilities p come from: a source and its year, or `equal`.",
        examples=["gdp 2023"],
    )
    relative_strength: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Own strength over own plus rival's.",
        json_schema_extra=unit("1"),
    )
    index: Index | None = Field(default=None, description="Strength against its past; null too early.")
    frustration: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Share of all ties' size of the wrong sign; null without ties.",
        json_schema_extra=unit("1"),
    )
    density: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Share of pairs with n_eff of 5 or more; null without pairs.",
        json_schema_extra=unit("1"),
    )
    min_tie: WeakestTie | None = Field(default=None, description="The weakest pair; null without pairs.")
    hub_share: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="The most that one member has a part in of all weighted ties; null without ties.",
        json_schema_extra=unit("1"),
    )
    shape: Shape | None = Field(default=None, description="The declared camps against those that ties show.")
    dyads_observed: int = Field(
        ge=0, description="Pairs of members with any happening.", json_schema_extra=unit("dyads")
    )
    dyads_possible: int = Field(ge=0, description="Pairs of members.", json_schema_extra=unit("dyads"))
    top_dyads: tuple[TopDyad, ...] = Field(description="The pairs that carry it, most events first.")
    drivers: Drivers | None = Field(default=None, description="What moved it since the last midnight.")

    @property
    def key(self) -> str:
        """Message key: coalition and view."""
        return f"{self.coalition}|{self.view}"

    @property
    def history_key(self) -> str:
        """Message key in the history: coalition, view and day."""
        return f"{self.coalition}|{self.view}|{self.as_of:%Y-%m-%dT%H}"


class Clock(Record):
    """How far event time has come: tells 'nothing happened' from 'the pipeline stopped'."""

    stage: str = Field(description="Which stage speaks.", examples=["aggregator"])
    frontier: Utc = Field(description="Latest publication time seen.")
    watermark: Utc = Field(description="Values up to here are final: frontier minus allowed lateness.")
    tick: Utc = Field(description="Latest tick: the end of the frontier's hour.")
    events: int = Field(
        ge=0, description="Distinct events folded, retracted ones included.", json_schema_extra=unit("events")
    )
    ledger_digest: str = Field(description="sha256 of the ledger's canonical dump.")
    settled: bool = Field(
        default=True,
        description="False while dyads that news elsewhere has nudged are still to be published: seconds, "
        "half a minute at most under steady load.",
    )

    @property
    def key(self) -> str:
        """Message key: the stage."""
        return self.stage
