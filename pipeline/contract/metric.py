"""What the aggregator publishes: dyads, coalition metrics, the clock."""

from __future__ import annotations

from pydantic import Field

from pipeline.contract.record import Record, Utc

Interval = tuple[float, float]
"""Low and high end of a 90 % interval."""

SPEC_VERSION = "2.0"
"""Version of the metric definitions (docs/explanation/metrics.md)."""


class Measured(Record):
    """What every value says about itself."""

    as_of: Utc = Field(description="Event time of the value.")
    n_eff: float = Field(ge=0, description="Effective number of happenings, Kish (Σw)²/Σw².")
    prior_share: float = Field(ge=0, le=1, description="How much of the number is prior.")
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
    )
    n_events: int = Field(ge=0, description="Happenings inside the view (400 days for decays).")


class TopEvent(Record):
    """An event that carries much of a number."""

    event_id: str = Field(description="The event.")
    contribution: float = Field(description="Its signed, decayed impulse in Goldstein units.")
    url: str = Field(description="Where it was reported.")


class DyadMetric(_Viewed):
    """The relation of two actors in one view."""

    dyad: str = Field(description="Both codes in alphabetical order.", examples=["CHN|RUS"])
    coop: float = Field(ge=0, description="Cooperation C, Goldstein units.")
    conflict: float = Field(ge=0, description="Conflict K, Goldstein units.")
    net: float = Field(description="C − K, Goldstein units.")
    tone: float = Field(ge=-1, le=1, description="(C − K + κ·s0)/(C + K + κ).")
    ci90: Interval = Field(description="90 % interval of the tone.")
    log_odds: float = Field(description="ln((C + κ(1+s0)/2)/(K + κ(1−s0)/2)); tanh(ℓ/2) is the tone.")
    tie: float = Field(
        ge=-1,
        le=1,
        description="How much better or worse the two get on than their dealings with everybody let expect; "
        "0 without news.",
    )
    tie_ci90: Interval = Field(description="90 % interval of the tie.")
    expected: float = Field(description="Log-odds that both actors' habits let expect, μ + a_i + a_j.")
    affinity: float = Field(
        description="ln of cooperation over what both actors' totals let expect, each with κ added."
    )
    momentum: tuple[float, float] = Field(
        description="Tie of the 7-day less the 30-day half-life, and of the 30-day less the 90-day one."
    )
    volume_share: float = Field(ge=0, le=1, description="Its happenings over all the world's in the view.")
    surge_z: float | None = Field(
        default=None,
        description="Robust z of this day's net against the 60 days before; null without news today or with "
        "too few days before.",
    )
    surge_coop: float | None = Field(
        default=None, description="ln of the 7-day over the 90-day mean cooperation a day; null without news."
    )
    surge_conflict: float | None = Field(
        default=None, description="ln of the 7-day over the 90-day mean conflict a day; null without news."
    )
    top_events: tuple[TopEvent, ...] = Field(description="What carries the number, largest first.")

    @property
    def key(self) -> str:
        """Message key: dyad and view."""
        return f"{self.dyad}|{self.view}"


class TopDyad(Record):
    """A dyad that carries much of a coalition's number."""

    dyad: str = Field(description="Both codes in alphabetical order.")
    tie: float = Field(ge=-1, le=1, description="Its tie.")
    n_events: int = Field(ge=0, description="Happenings behind it.")


class WeakestTie(Record):
    """The pair of members that gets on worst."""

    dyad: str = Field(description="Both codes in alphabetical order.")
    tie: float = Field(ge=-1, le=1, description="Its tie.")


class Driver(Record):
    """A dyad that moved a coalition's cohesion."""

    dyad: str = Field(description="Both codes in alphabetical order.")
    contribution: float = Field(description="What it added to the cohesion.")


class Drivers(Record):
    """What moved a coalition's cohesion since the last midnight; all contributions add up to the change."""

    since: Utc = Field(description="The midnight that it is compared with.")
    change: float = Field(description="Cohesion now less cohesion then.")
    dyads: tuple[Driver, ...] = Field(description="The dyads that moved it most, largest first.")
    rest: float = Field(description="What all other dyads added together.")


class Shape(Record):
    """Whether the declared camps are those that ties show; of the last midnight, in the headline view."""

    as_of: Utc = Field(description="The midnight it was computed for.")
    triad_balance: float | None = Field(
        default=None, ge=-1, le=1, description="tr(T³)/tr(|T|³) over both camps; null without ties."
    )
    partition_agreement: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Share of states whose sign in the ties' leading eigenvector is their declared side.",
    )
    placebo_percentile: float | None = Field(
        default=None,
        ge=0,
        le=100,
        description="Where the mean tie of members stands among random sets of as many states.",
    )


class Index(Record):
    """A strength against the coalition's own past."""

    value: float = Field(ge=0, description="100 is the mean strength over the baseline.")
    baseline_from: Utc = Field(description="First day of the baseline.")
    baseline_until: Utc = Field(description="Its last day.")
    z: float | None = Field(
        default=None, description="Strength against the daily values of the trailing five years."
    )


class CoalitionMetric(_Viewed):
    """How strongly a coalition holds together in one view, and against its rival."""

    coalition: str = Field(description="Name in config/coalitions.yaml.", examples=["axis"])
    rival: str | None = Field(default=None, description="The coalition it is measured against.")
    members: tuple[str, ...] = Field(description="Members on that day, sorted.")
    cohesion: float = Field(ge=-1, le=1, description="Weighted mean tie over pairs of members.")
    ci90: Interval = Field(description="90 % interval of the cohesion.")
    affinity: float = Field(description="Weighted mean affinity over pairs of members.")
    opposition: float | None = Field(
        default=None, ge=-1, le=1, description="Minus the weighted mean tie over pairs with the rival."
    )
    opposition_ci90: Interval | None = Field(default=None, description="Its 90 % interval.")
    polarisation: float | None = Field(
        default=None, ge=-2, le=2, description="Mean of both camps' cohesion, plus opposition."
    )
    esteban_ray: float | None = Field(
        default=None, ge=0, description="Esteban and Ray's index of the two camps, α = 1.3."
    )
    strength: float = Field(ge=0, description="Σ p·μ·(1 + coh)/2 over members.")
    capability: str = Field(
        description="Where capabilities p come from: a source and its year, or `equal`.",
        examples=["gdp 2023"],
    )
    relative_strength: float | None = Field(
        default=None, ge=0, le=1, description="Own strength over own plus rival's."
    )
    index: Index | None = Field(default=None, description="Strength against its past; null too early.")
    frustration: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Share of all ties' size of the wrong sign; null without ties.",
    )
    density: float | None = Field(
        default=None, ge=0, le=1, description="Share of pairs with n_eff of 5 or more; null without pairs."
    )
    min_tie: WeakestTie | None = Field(default=None, description="The weakest pair; null without pairs.")
    hub_share: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="The most that one member has a part in of all weighted ties; null without ties.",
    )
    shape: Shape | None = Field(default=None, description="The declared camps against those that ties show.")
    dyads_observed: int = Field(ge=0, description="Pairs of members with any happening.")
    dyads_possible: int = Field(ge=0, description="Pairs of members.")
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
    events: int = Field(ge=0, description="Distinct events folded, retracted ones included.")
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
