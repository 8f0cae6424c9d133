"""The parameters of every metric, and the views (windows and decays) that they name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from pydantic import BaseModel, ConfigDict, Field

HOURS_A_DAY = 24
MICRO = 1_000_000
"""Micro-units a Goldstein unit, or a unit of confidence."""


@dataclass(frozen=True, slots=True)
class View:
    """A way to look back from a tick: a sliding window or an exponential decay."""

    name: str
    reach_h: int
    """Buckets older than this many hours weigh nothing."""
    half_life_h: int | None
    """Hours in which a decayed weight halves; None in a sliding window."""


class MetricParams(BaseModel):
    """What an operator may set about the metrics; the defaults are those of docs/explanation/metrics.md."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    kappa: float = Field(default=15.0, gt=0, description="Mass of the prior κ, Goldstein units.")
    prior: float = Field(default=0.0, gt=-1, lt=1, description="Prior tone s0.")
    prior_events: float = Field(
        default=3.0, gt=0, description="How many typical events κ stands for; sets the width of intervals."
    )
    windows_d: tuple[int, ...] = Field(default=(1, 7, 30, 90), description="Sliding windows, days.")
    half_lives_d: tuple[int, ...] = Field(default=(7, 30, 90), description="Half-lives of decays, days.")
    intended_factor: float = Field(
        default=0.5, ge=0, le=1, description="Weight of an announced act against one that happened."
    )
    story_cap: float = Field(
        default=3.0, ge=1, description="Most that many reports can multiply a happening."
    )
    lateness_h: int = Field(default=48, ge=0, description="Hours that a late report is waited for.")
    retention_d: int = Field(default=400, ge=1, description="Days after which an event weighs nothing.")
    top_events: int = Field(default=5, ge=0, le=50, description="Events listed with a dyad.")
    top_dyads: int = Field(default=5, ge=0, le=50, description="Dyads listed with a coalition.")

    @property
    def retention_h(self) -> int:
        """Hours after which an event weighs nothing."""
        return self.retention_d * HOURS_A_DAY

    @cached_property
    def views(self) -> tuple[View, ...]:
        """Windows then decays, shortest first.

        >>> [view.name for view in MetricParams().views]
        ['w1d', 'w7d', 'w30d', 'w90d', 'ewm7d', 'ewm30d', 'ewm90d']
        """
        windows = [
            View(f"w{days}d", min(days, self.retention_d) * HOURS_A_DAY, None)
            for days in sorted(set(self.windows_d))
        ]
        decays = [
            View(f"ewm{days}d", self.retention_h, days * HOURS_A_DAY)
            for days in sorted(set(self.half_lives_d))
        ]
        return (*windows, *decays)
