"""The parameters of every metric, and the views (windows and decays) that they name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

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
    half_lives_d: tuple[int, ...] = Field(
        default=(7, 30, 90), min_length=1, description="Half-lives of decays, days."
    )
    headline_d: int = Field(
        default=30, description="Half-life of the headline view, days; one of half_lives_d."
    )
    tie_prior: Literal["expected", "plain"] = Field(
        default="expected",
        description="Where a tie's prior stands: at what both actors' habits let expect, or at `prior`.",
    )
    ridge: float = Field(default=1.0, gt=0, description="Ridge λ on actor effects, in weight √(C+K).")
    dense_n_eff: float = Field(
        default=5.0, gt=0, description="Effective happenings from which a pair counts as dense."
    )
    polarisation_alpha: float = Field(
        default=1.3, gt=0, le=1.6, description="Esteban and Ray's sensitivity α."
    )
    placebo_sets: int = Field(
        default=1000, ge=10, le=100_000, description="Random sets that a coalition is compared with."
    )
    surge_z: float = Field(default=5.0, gt=0, description="Robust z at which a day is an alert.")
    surge_ratio: float = Field(
        default=1.3, gt=0, description="Log-ratio of 7-day to 90-day mean mass at which a week is an alert."
    )
    bloc_resolution: float = Field(
        default=0.05, gt=-1, lt=1, description="Tie γ above which a pair speaks for a common bloc."
    )
    bloc_size: int = Field(default=3, ge=2, description="Least members of an emergent bloc.")
    index_days: int = Field(
        default=30, ge=2, description="First daily values that make the baseline where none is configured."
    )
    index_years: int = Field(default=5, ge=1, description="Years that the index's z looks back on.")
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

    @cached_property
    def headline(self) -> int:
        """Number of the headline view; the middle decay where the one named is not configured."""
        names = [view.name for view in self.views]
        wanted = f"ewm{self.headline_d}d"
        return names.index(wanted) if wanted in names else len(names) - (len(set(self.half_lives_d)) + 1) // 2

    @cached_property
    def slowest(self) -> int:
        """Number of the view with the longest half-life: the one that habits are read from."""
        return len(self.views) - 1

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
