"""What the aggregator notices: outsiders drifting, blocs emerging, alerts. All of them daily."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from pipeline.contract.metric import Interval, Measured
from pipeline.contract.record import Utc, unit


class Drift(Measured):
    """Whether a state outside a coalition stands nearer to it than to its rival."""

    coalition: str = Field(description="The coalition.", examples=["west"])
    rival: str | None = Field(default=None, description="The coalition it is measured against.")
    state: str = Field(description="The outsider.", examples=["TUR"])
    drift: float = Field(
        ge=-2,
        le=2,
        description="Mean tie with members less mean tie with the rival's, by √p·μ, ewm90d.",
        json_schema_extra=unit("1"),
    )
    ci90: Interval = Field(description="90 % interval of the drift.", json_schema_extra=unit("1"))
    candidate: bool = Field(
        description="Above +.20 for 14 days in a row with an interval above 0; until it falls below +.10."
    )
    days_above: int = Field(
        ge=0, description="Days in a row above +.20 with an interval above 0.", json_schema_extra=unit("days")
    )
    since: Utc | None = Field(default=None, description="Since when it is a candidate.")

    @property
    def key(self) -> str:
        """Message key: coalition and state."""
        return f"{self.coalition}|{self.state}"


class Bloc(Measured):
    """States that ties alone show as a group, whoever declared it; labels follow overlap from day to day."""

    label: str = Field(description="A name that stays while most members do.")
    members: tuple[str, ...] = Field(description="Sorted codes.")
    cohesion: float = Field(
        ge=-1, le=1, description="Mean tie over pairs of members, unweighted.", json_schema_extra=unit("1")
    )
    ci90: Interval = Field(description="90 % interval of the cohesion.", json_schema_extra=unit("1"))
    since: Utc = Field(description="Since when the label is in use.")

    @property
    def key(self) -> str:
        """Message key: the label."""
        return self.label


class AlertKind(StrEnum):
    """What an alert is about."""

    SURGE_UP = "surge_up"
    SURGE_DOWN = "surge_down"
    MORE_COOP = "more_coop"
    MORE_CONFLICT = "more_conflict"
    DRIFT = "drift"
    DATA_GAP = "data_gap"


class Alert(Measured):
    """Something that a reader should look at; deleted when late news takes its ground away."""

    kind: AlertKind = Field(description="What it is about.")
    subject: str = Field(description="Dyad, or coalition and state; 'world' for a data gap.")
    value: float = Field(
        description="The detector's reading: standard deviations for a surge of the net, nats for more "
        "cooperation or conflict, a tie for drift, days for a gap.",
        json_schema_extra=unit("as the kind has it"),
    )
    threshold: float = Field(
        description="What it had to reach.", json_schema_extra=unit("as the kind has it")
    )
    ci90: Interval | None = Field(
        default=None, description="90 % interval of the subject's tie or drift.", json_schema_extra=unit("1")
    )
    final: bool = Field(description="True once the watermark has passed the day.")

    @property
    def key(self) -> str:
        """Message key: kind, subject and day."""
        return f"{self.kind}|{self.subject}|{self.as_of:%Y-%m-%d}"
