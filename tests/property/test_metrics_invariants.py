"""What must hold of sums and tones whatever the events (METRICS, section 7)."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.contract.codec import encode
from pipeline.metrics.aggregate import recompute
from pipeline.metrics.dyads import Estimates, estimate, log_odds
from pipeline.metrics.entry import Entry
from pipeline.metrics.interval import tone_interval
from pipeline.metrics.ledger import Ledger
from pipeline.metrics.params import MetricParams
from pipeline.metrics.series import Series, Sums
from tests.strategies import COALITIONS, SHORT, entries

LISTS = st.lists(entries(), min_size=1, max_size=10)
moderate = settings(max_examples=40, deadline=None)
masses = st.floats(0, 1e6, allow_nan=False)


def readers(found: list[Entry], params: MetricParams) -> dict[str, Series]:
    ledger = Ledger(params)
    for entry in found:
        ledger.fold(entry)
    ledger.settle()
    return {d: Series(ledger.cells(d), ledger.entries_of(d), params) for d in ledger.dyads}


def after(found: list[Entry]) -> int:
    return max(entry.bucket for entry in found) + 1


def only(params: MetricParams, coop: float, conflict: float, squares: float, n: int) -> Estimates:
    one = [np.array([[value]], np.float64) for value in (coop, conflict, squares)]
    return estimate(Sums(np.array([[n]]), *one), params)


@given(LISTS)
@moderate
def test_a_decayed_sum_halves_in_its_half_life(found: list[Entry]) -> None:
    params = MetricParams()
    start = after(found)
    for series in readers(found, params).values():
        for index, view in enumerate(params.views):
            if view.half_life_h is not None:
                sums = series.sums(np.array([start, start + view.half_life_h]))
                for column in (sums.coop[index], sums.conflict[index]):
                    assert column[1] == pytest.approx(column[0] / 2, rel=1e-12, abs=1e-12)
                assert sums.squares[index, 1] == pytest.approx(
                    sums.squares[index, 0] / 4, rel=1e-12, abs=1e-12
                )


@given(LISTS, st.lists(st.integers(-50, 2000), min_size=1, max_size=40))
@moderate
def test_a_value_does_not_depend_on_the_ticks_computed_with_it(
    found: list[Entry], offsets: list[int]
) -> None:
    ticks = np.array(sorted(offsets), np.int64) + after(found) - 100
    for series in readers(found, SHORT).values():
        together = series.sums(ticks)
        for index, tick in enumerate(ticks):
            alone = series.sums(np.array([tick]))
            assert (together.n[:, index] == alone.n[:, 0]).all()
            assert together.coop[:, index].tobytes() == alone.coop[:, 0].tobytes()
            assert together.conflict[:, index].tobytes() == alone.conflict[:, 0].tobytes()
            assert together.squares[:, index].tobytes() == alone.squares[:, 0].tobytes()


@given(LISTS)
@moderate
def test_turning_every_sign_swaps_cooperation_and_conflict(found: list[Entry]) -> None:
    assume(all(entry.g for entry in found))
    turned = [replace(entry, g=-entry.g) for entry in found]
    assume(len({(e.key, e.revision) for e in found}) == len(found))
    one, other = (recompute(side, COALITIONS, SHORT) for side in (found, turned))
    for a, b in zip(one.dyads, other.dyads, strict=True):
        assert (a.coop, a.conflict, a.tone, a.n_eff) == (b.conflict, b.coop, -b.tone, b.n_eff)
        assert a.ci90 == pytest.approx((-b.ci90[1], -b.ci90[0]), abs=1e-8)
    for row, mirrored in zip(one.history, other.history, strict=True):
        assert row.cohesion == pytest.approx(-mirrored.cohesion, abs=2e-9)


@given(LISTS)
@moderate
def test_source_and_target_of_a_dyad_are_alike(found: list[Entry]) -> None:
    turned = [replace(entry, source=entry.target, target=entry.source) for entry in found]
    assume(len({(e.key, e.revision) for e in found}) == len(found))
    one, other = (recompute(side, COALITIONS, SHORT) for side in (found, turned))
    assert [encode(dyad) for dyad in one.dyads] == [encode(dyad) for dyad in other.dyads]
    assert [encode(row) for row in one.history] == [encode(row) for row in other.history]


@given(masses, masses, st.integers(1, 50), st.floats(0.01, 100))
@moderate
def test_scaling_masses_and_prior_alike_changes_nothing(c: float, k: float, n: int, factor: float) -> None:
    squares = (c + k) ** 2 / n
    one = only(MetricParams(), c, k, squares, n)
    scaled = only(MetricParams(kappa=15 * factor), c * factor, k * factor, squares * factor**2, n)
    for name in ("tone", "prior_share", "n_eff", "variance"):
        assert getattr(one, name)[0, 0] == pytest.approx(getattr(scaled, name)[0, 0], rel=1e-9, abs=1e-12)


@given(masses, masses, st.floats(-0.9, 0.9), st.integers(1, 10**6))
@moderate
def test_bounds_and_the_log_odds_identity(c: float, k: float, prior: float, n: int) -> None:
    params = MetricParams(prior=prior)
    found = only(params, c, k, (c + k) ** 2 / n, n)
    tone, nu = float(found.tone[0, 0]), float(found.nu[0, 0])
    assert -1 < tone < 1
    assert 0 < found.prior_share[0, 0] <= 1
    assert 0 <= found.n_eff[0, 0] <= n
    assert math.tanh(log_odds(c, k, params) / 2) == pytest.approx(tone, abs=1e-12)
    low, high = tone_interval(tone, nu)
    assert -1 <= low < high <= 1


@given(masses, masses, st.floats(0, 1e6))
@moderate
def test_cooperation_never_lowers_a_tone(c: float, k: float, more: float) -> None:
    before, now = only(MetricParams(), c, k, 1, 1), only(MetricParams(), c + more, k, 1, 1)
    assert now.tone[0, 0] >= before.tone[0, 0]


@given(masses, masses, st.integers(1, 1000))
@moderate
def test_an_empty_window_is_the_prior_with_the_widest_interval(c: float, k: float, n: int) -> None:
    empty = only(MetricParams(), 0, 0, 0, 0)
    assert (empty.tone[0, 0], empty.prior_share[0, 0], empty.n_eff[0, 0]) == (0, 1, 0)
    some = only(MetricParams(), c, k, (c + k) ** 2 / n, n)
    assert some.variance[0, 0] <= empty.variance[0, 0]


@given(LISTS)
@moderate
def test_relabelling_states_relabels_rows(found: list[Entry]) -> None:
    names = {"RUS": "ARM", "CHN": "ZWE", "IRN": "MLI", "USA": "TGO", "GBR": "PER", "FIN": "FJI", "KAZ": "OMN"}
    renamed = [replace(e, source=names[e.source], target=names[e.target]) for e in found]
    sides = [replace(c, members=tuple(replace(m, code=names[m.code]) for m in c.members)) for c in COALITIONS]
    assume(len({(e.event_id, e.revision) for e in found}) == len(found))
    one, other = (
        list(recompute(found, COALITIONS, SHORT).history),
        list(recompute(renamed, sides, SHORT).history),
    )
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        assert (a.history_key, a.n_events, a.revision, a.final) == (
            b.history_key,
            b.n_events,
            b.revision,
            b.final,
        )
        assert a.cohesion == pytest.approx(b.cohesion, abs=2e-9)
        assert a.strength == pytest.approx(b.strength, abs=2e-9)
        assert a.ci90 == pytest.approx(b.ci90, abs=2e-9)
