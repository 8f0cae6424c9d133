"""What the aggregator publishes: dyads, coalition metrics, the clock."""

from __future__ import annotations

from pydantic import Field

from pipeline.contract.record import Record, Utc

Interval = tuple[float, float]
"""Low and high end of a 90 % interval."""

SPEC_VERSION = "1.0"
"""Version of the metric definitions (docs/explanation/metrics.md)."""


class _Measured(Record):
    view: str = Field(
        description="Sliding window (w1d, w7d, w30d, w90d) or exponential decay by half-life "
        "(ewm7d, ewm30d, ewm90d).",
        examples=["ewm30d"],
    )
    as_of: Utc = Field(description="Event time of the value.")
    final: bool = Field(description="True once the watermark has passed `as_of`.")
    revision: int = Field(
        ge=0,
        description="How many reports published after `as_of` was final, corrections and withdrawals "
        "are folded in; only rises.",
    )
    n_events: int = Field(ge=0, description="Happenings inside the view (400 days for decays).")
    n_eff: float = Field(ge=0, description="Effective number of happenings, Kish (Σw)²/Σw².")
    prior_share: float = Field(ge=0, le=1, description="How much of the number is prior.")
    spec_version: str = Field(description="Version of the metric definitions.", examples=[SPEC_VERSION])
    ontology_version: str = Field(description="Version of actors, types and coalitions.")


class TopEvent(Record):
    """An event that carries much of a number."""

    event_id: str = Field(description="The event.")
    contribution: float = Field(description="Its signed, decayed impulse in Goldstein units.")
    url: str = Field(description="Where it was reported.")


class DyadMetric(_Measured):
    """The relation of two actors in one view."""

    dyad: str = Field(description="Both codes in alphabetical order.", examples=["CHN|RUS"])
    coop: float = Field(ge=0, description="Cooperation C, Goldstein units.")
    conflict: float = Field(ge=0, description="Conflict K, Goldstein units.")
    net: float = Field(description="C − K, Goldstein units.")
    tone: float = Field(ge=-1, le=1, description="(C − K + κ·s0)/(C + K + κ).")
    log_odds: float = Field(description="ln((C + κ(1+s0)/2)/(K + κ(1−s0)/2)); tanh(ℓ/2) is the tone.")
    ci90: Interval = Field(description="90 % interval of the tone.")
    top_events: tuple[TopEvent, ...] = Field(description="What carries the number, largest first.")

    @property
    def key(self) -> str:
        """Message key: dyad and view."""
        return f"{self.dyad}|{self.view}"


class TopDyad(Record):
    """A dyad that carries much of a coalition's number."""

    dyad: str = Field(description="Both codes in alphabetical order.")
    tone: float = Field(description="Its tone.")
    n_events: int = Field(description="Happenings behind it.")


class CoalitionMetric(_Measured):
    """How strongly a coalition holds together in one view, and against its rival."""

    coalition: str = Field(description="Name in config/coalitions.yaml.", examples=["axis"])
    rival: str | None = Field(default=None, description="The coalition it is measured against.")
    members: tuple[str, ...] = Field(description="Members on that day, sorted.")
    cohesion: float = Field(ge=-1, le=1, description="Weighted mean tone over pairs of members.")
    ci90: Interval = Field(description="90 % interval of the cohesion.")
    opposition: float | None = Field(
        default=None, ge=-1, le=1, description="Minus the weighted mean tone over pairs with the rival."
    )
    opposition_ci90: Interval | None = Field(default=None, description="Its 90 % interval.")
    strength: float = Field(ge=0, description="Σ p·μ·(1 + coh)/2 over members.")
    relative_strength: float | None = Field(
        default=None, ge=0, le=1, description="Own strength over own plus rival's."
    )
    dyads_observed: int = Field(ge=0, description="Pairs of members with any happening.")
    dyads_possible: int = Field(ge=0, description="Pairs of members.")
    top_dyads: tuple[TopDyad, ...] = Field(description="The pairs that carry it, most events first.")

    @property
    def key(self) -> str:
        """Message key: coalition and view."""
        return f"{self.coalition}|{self.view}"

    @property
    def history_key(self) -> str:
        """Message key in the history: coalition, view and hour."""
        return f"{self.coalition}|{self.view}|{self.as_of:%Y-%m-%dT%H}"


class Clock(Record):
    """How far event time has come: tells 'nothing happened' from 'the pipeline stopped'."""

    stage: str = Field(description="Which stage speaks.", examples=["aggregator"])
    frontier: Utc = Field(description="Latest publication time seen.")
    watermark: Utc = Field(description="Values up to here are final: frontier minus allowed lateness.")
    tick: Utc = Field(description="Latest tick: the end of the frontier's hour.")
    events: int = Field(ge=0, description="Distinct events folded, retracted ones included.")
    ledger_digest: str = Field(description="sha256 of the ledger's canonical dump.")

    @property
    def key(self) -> str:
        """Message key: the stage."""
        return self.stage
