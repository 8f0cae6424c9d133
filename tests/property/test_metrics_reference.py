"""A slow second implementation, straight from docs/explanation/metrics.md, agrees with the fast one."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.metrics.aggregate import recompute
from pipeline.metrics.entry import Entry
from pipeline.metrics.ledger import Ledger
from pipeline.metrics.params import MetricParams, View
from pipeline.metrics.series import Series
from pipeline.ontology.coalition import Coalition
from tests.strategies import COALITIONS, SHORT, entries

HOUR = 3_600_000_000
Point = tuple[int, int, str]
"""Bucket, signed micro mass, event_id of one happening."""


class Reference:
    """Every value from the definitions, by loops over all happenings."""

    def __init__(self, found: list[Entry], params: MetricParams) -> None:
        self.params = params
        self.seen: dict[tuple[str, str], list[Entry]] = {}
        for entry in found:
            self.seen.setdefault((entry.dyad, entry.event_id), []).append(entry)
        self.points: dict[str, list[Point]] = {}
        for reports in self._happenings().values():
            best = min(
                reports, key=lambda e: (e.status.value != "occurred", -e.q, e.published_us, e.event_id)
            )
            owners = len({e.owner for e in reports})
            w = min(1 + math.log(owners), params.story_cap) * (
                1 if best.status.value == "occurred" else params.intended_factor
            )
            mass = round(abs(best.g) * best.q * w / 1e6)
            point = (best.bucket, mass if best.g >= 0 else -mass, best.event_id)
            self.points.setdefault(best.dyad, []).append(point)

    def _happenings(self) -> dict[tuple[str, ...], list[Entry]]:
        groups: dict[tuple[str, ...], list[Entry]] = {}
        for revisions in self.seen.values():
            newest = max(revisions, key=lambda e: (e.revision, self._content(e)))
            live = not newest.retracted and newest.status.value in ("occurred", "intended")
            if live and self.in_time(revisions):
                ends = (newest.source, newest.target)
                if newest.type in ("AGREE", "CONSULT", "COOPERATE"):
                    ends = (min(ends), max(ends))
                groups.setdefault((*ends, newest.type, str(newest.day)), []).append(newest)
        return groups

    @staticmethod
    def _content(entry: Entry) -> bytes:
        return entry.dump()[: entry.dump().rindex(b",[[")].replace(b",", b", ")

    def in_time(self, revisions: list[Entry]) -> bool:
        return any(e.published_us // HOUR - e.bucket <= self.params.retention_d * 24 for e in revisions)

    def sums(self, dyad: str, view: View, tick: int) -> tuple[int, Fraction, Fraction, Fraction]:
        """n, C, K and squares, exact but for the weights."""
        n, total = 0, [Fraction(0), Fraction(0), Fraction(0)]
        for bucket, mass, _ in self.points.get(dyad, []):
            age = tick - (bucket + 1)
            reach = self.params.retention_d * 24 if view.half_life_h else view.reach_h
            if not 0 <= age < reach:
                continue
            weight = Fraction(2.0 ** (-age / view.half_life_h)) if view.half_life_h else Fraction(1)
            n += 1
            total[0 if mass > 0 else 1] += abs(mass) * weight / 10**6
            total[2] += Fraction(round(Fraction(mass * mass, 10**6)), 10**6) * weight**2
        return n, *total

    def dyad(self, dyad: str, view: View, tick: int) -> tuple[int, float, float, float, float, float]:
        """n, n_eff, prior share, tone, own variance, shared standard deviation."""
        p = self.params
        n, c, k, squares = self.sums(dyad, view, tick)
        mass = c + k
        tone = float((c - k + Fraction(p.kappa) * Fraction(p.prior)) / (mass + Fraction(p.kappa)))
        n_eff = min(float(mass * mass / squares), n) if squares else 0.0
        nu = p.prior_events + min(n_eff, p.prior_events * float(mass) / p.kappa)
        share = p.kappa / (float(mass) + p.kappa)
        variance = (1 - tone**2) / (nu + 1)
        return n, n_eff, share, tone, variance * (1 - share), math.sqrt(variance * share)


def members(coalition: Coalition | None, day: date) -> dict[str, tuple[float, float]]:
    if coalition is None:
        return {}
    return {m.code: (m.weight, m.capability) for m in coalition.members if m.active(day)}


def mean(ref: Reference, pairs: dict[str, float], view: View, tick: int) -> tuple[float, float] | None:
    """Weighted mean tone and its standard deviation."""
    total = sum(pairs.values())
    if not pairs:
        return None
    found = {dyad: ref.dyad(dyad, view, tick) for dyad in pairs}
    tone = sum(w * found[dyad][3] for dyad, w in pairs.items()) / total
    own = sum((w / total) ** 2 * found[dyad][4] for dyad, w in pairs.items())
    shared = sum(w / total * found[dyad][5] for dyad, w in pairs.items())
    return tone, math.sqrt(own + shared**2)


def strength(ref: Reference, side: dict[str, tuple[float, float]], view: View, tick: int) -> float:
    total = 0.0
    for code, (mu, p) in side.items():
        others = {k: v for k, v in side.items() if k != code}
        mass = sum(m * q for m, q in others.values())
        coh = ref.params.prior
        if others:
            coh = (
                sum(
                    m * q * ref.dyad("|".join(sorted((code, k))), view, tick)[3]
                    for k, (m, q) in others.items()
                )
                / mass
            )
        total += p * mu * (1 + coh) / 2
    return total


def omega(a: tuple[float, float], b: tuple[float, float]) -> float:
    return a[0] * b[0] * math.sqrt(a[1] * b[1])


def near(value: float) -> object:
    return pytest.approx(value, abs=6e-10, rel=1e-12)


@given(st.lists(entries(), min_size=1, max_size=9))
@settings(max_examples=25, deadline=None)
def test_every_published_coalition_value_is_that_of_the_definitions(found: list[Entry]) -> None:
    ref = Reference(found, SHORT)
    by_name = {coalition.name: coalition for coalition in COALITIONS}
    views = {view.name: view for view in SHORT.views}
    rows = list(recompute(found, COALITIONS, SHORT, "test").history)
    for row in rows[:: max(1, len(rows) // 60)]:
        tick = int(row.as_of.timestamp()) // 3600
        view, coalition = views[row.view], by_name[row.coalition]
        own = members(coalition, row.as_of.date())
        theirs = members(by_name.get(coalition.rival or ""), row.as_of.date())
        within = {f"{a}|{b}": omega(own[a], own[b]) for a, b in combinations(sorted(own), 2)}
        across = {
            "|".join(sorted((a, b))): omega(own[a], theirs[b]) for a in own for b in theirs if b not in own
        }
        assert row.members == tuple(sorted(own))
        expected = mean(ref, within, view, tick) or (SHORT.prior, 0.5)
        assert row.cohesion == near(expected[0])
        assert row.ci90[0] == near(max(-1.0, expected[0] - 1.6448536269514722 * expected[1]))
        assert row.ci90[1] == near(min(1.0, expected[0] + 1.6448536269514722 * expected[1]))
        opposed = mean(ref, across, view, tick)
        assert (row.opposition is None) == (opposed is None)
        if opposed is not None and row.opposition is not None:
            assert row.opposition == near(-opposed[0])
        one, other = strength(ref, own, view, tick), strength(ref, theirs, view, tick)
        assert row.strength == near(one)
        assert row.relative_strength == (near(one / (one + other)) if theirs else None)
        parts = [ref.dyad(dyad, view, tick) for dyad in within]
        assert row.n_events == sum(part[0] for part in parts)
        assert row.n_eff == near(sum(part[1] for part in parts))
        assert row.dyads_observed == sum(part[0] > 0 for part in parts)


@given(st.lists(entries(), min_size=1, max_size=12), st.sampled_from((SHORT, MetricParams())))
@settings(max_examples=40, deadline=None)
def test_sums_agree_with_exact_arithmetic(found: list[Entry], params: MetricParams) -> None:
    ref, ledger = Reference(found, params), Ledger(params)
    for entry in found:
        ledger.fold(entry)
    ledger.settle()
    first = min(entry.bucket for entry in found)
    ticks = np.arange(first - 3, first + 14 * 24, 5, dtype=np.int64)
    for dyad in ledger.dyads:
        sums = Series(ledger.cells(dyad), ledger.entries_of(dyad), params).sums(ticks)
        for v, view in enumerate(params.views):
            for t in range(0, len(ticks), 7):
                n, *masses = ref.sums(dyad, view, int(ticks[t]))
                assert sums.n[v, t] == n
                for got, exact in zip((sums.coop, sums.conflict, sums.squares), masses, strict=True):
                    assert got[v, t] == pytest.approx(float(exact), rel=1e-12, abs=1e-12)
                    if view.half_life_h is None:
                        assert got[v, t] == float(exact)


@given(st.lists(entries(), min_size=1, max_size=12))
@settings(max_examples=40, deadline=None)
def test_ticks_are_hour_ends_of_publication_and_midnights_between(found: list[Entry]) -> None:
    ends = {entry.published_us // HOUR + 1 for entry in found}
    expected = ends | {h for h in range(min(ends), max(ends)) if h % 24 == 0}
    outputs = recompute(found, COALITIONS, SHORT, "test")
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    moments = {epoch + timedelta(hours=hour) for hour in expected}
    assert {row.as_of for row in outputs.history} <= moments
    assert outputs.clock is not None
    assert outputs.clock.tick == max(moments)
