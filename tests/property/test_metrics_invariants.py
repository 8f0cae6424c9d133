"""What must hold of sums and tones whatever the events (METRICS, section 7)."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pipeline.contract.codec import encode
from pipeline.contract.event import SYMMETRIC
from pipeline.metrics.aggregate import recompute
from pipeline.metrics.board import Board, Sums
from pipeline.metrics.bundle import Segments
from pipeline.metrics.coalitions import frustration
from pipeline.metrics.dyads import Estimates, estimate, log_odds
from pipeline.metrics.entry import Entry
from pipeline.metrics.interval import tone_interval
from pipeline.metrics.ledger import Ledger
from pipeline.metrics.params import MetricParams
from pipeline.metrics.structure import agreement, triad_balance
from pipeline.metrics.trail import trail_of
from tests.strategies import COALITIONS, SHORT, histories

LISTS = histories(min_size=1, max_size=10)
EXAMPLES = int(os.environ.get("BLOCWATCH_EXAMPLES", "500"))
many = settings(
    derandomize="BLOCWATCH_EXAMPLES" not in os.environ,
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
masses = st.integers(0, 10**12).map(lambda micro: micro / 10**6)
"""Whole micro-units, as the ledger holds them."""


def boards(found: list[Entry], params: MetricParams) -> dict[str, Board]:
    ledger = Ledger(params)
    for entry in found:
        ledger.fold(entry)
    ledger.settle()
    return {d: Board([trail_of(ledger.cells(d), ledger.entries_of(d), params)], params) for d in ledger.dyads}


def after(found: list[Entry]) -> int:
    return max(entry.bucket for entry in found) + 1


def only(params: MetricParams, coop: float, conflict: float, squares: float, n: int) -> Estimates:
    one = [np.array([[value]], np.float64) for value in (coop, conflict, squares)]
    return estimate(Sums(np.array([[n]]), *one, np.array([True])), params)


@given(LISTS)
@many
def test_a_decayed_sum_halves_in_its_half_life(found: list[Entry]) -> None:
    params = MetricParams(retention_d=4000)
    start = after(found)
    for board in boards(found, params).values():
        for index, view in enumerate(params.views):
            if view.half_life_h is not None:
                then, now = board.sums(start), board.sums(start + view.half_life_h)
                for one, other in ((then.coop, now.coop), (then.conflict, now.conflict)):
                    assert other[index, 0] == pytest.approx(one[index, 0] / 2, rel=1e-12, abs=1e-12)
                assert now.squares[index, 0] == pytest.approx(
                    then.squares[index, 0] / 4, rel=1e-12, abs=1e-12
                )


@given(LISTS, st.lists(st.integers(-50, 2000), min_size=1, max_size=20))
@many
def test_running_sums_are_the_plain_sums_over_cells(found: list[Entry], offsets: list[int]) -> None:
    ledger = Ledger(SHORT)
    for entry in found:
        ledger.fold(entry)
    ledger.settle()
    for dyad, board in boards(found, SHORT).items():
        for tick in (after(found) - 100 + offset for offset in offsets):
            sums = board.sums(tick)
            for index, view in enumerate(SHORT.views):
                inside = [(tick - 1 - b, c) for (b, _), c in ledger.cells(dyad).items() if tick - 1 - b >= 0]
                inside = [(age, cell) for age, cell in inside if age < view.reach_h]
                fade = [
                    1.0 if view.half_life_h is None else 2 ** (-age / view.half_life_h) for age, _ in inside
                ]
                wanted = sum(f * cell.coop / 10**6 for f, (_, cell) in zip(fade, inside, strict=True))
                assert sums.coop[index, 0] == pytest.approx(wanted, rel=1e-12, abs=1e-12)
                assert sums.n[index, 0] == sum(cell.n for _, cell in inside)


@given(LISTS)
@many
def test_turning_every_sign_swaps_cooperation_and_conflict(found: list[Entry]) -> None:
    assume(all(entry.g for entry in found))
    turned = [replace(entry, g=-entry.g) for entry in found]
    assume(len({(e.key, e.revision) for e in found}) == len(found))
    one, other = (recompute(side, COALITIONS, SHORT) for side in (found, turned))
    for a, b in zip(one.dyads, other.dyads, strict=True):
        assert (a.coop, a.conflict, a.tone, a.n_eff) == (b.conflict, b.coop, -b.tone, b.n_eff)
        assert a.ci90 == pytest.approx((-b.ci90[1], -b.ci90[0]), abs=1e-8)
        assert a.tie == pytest.approx(-b.tie, abs=2e-9)
    for row, mirrored in zip(one.history, other.history, strict=True):
        assert row.cohesion == pytest.approx(-mirrored.cohesion, abs=2e-9)


@given(LISTS)
@many
def test_source_and_target_of_a_dyad_are_alike(found: list[Entry]) -> None:
    turned = [replace(entry, source=entry.target, target=entry.source) for entry in found]
    assume(len({(e.key, e.revision) for e in found}) == len(found))
    one, other = (recompute(side, COALITIONS, SHORT) for side in (found, turned))
    blank = {"ledger_digest": ""}
    for side, turned_side in ((one.dyads, other.dyads), (one.history, other.history)):
        for a, b in zip(side, turned_side, strict=True):
            assert encode(a.model_copy(update=blank)) == encode(b.model_copy(update=blank))


@given(masses, masses, st.integers(1, 50), st.floats(0.01, 100))
@many
def test_scaling_masses_and_prior_alike_changes_nothing(c: float, k: float, n: int, factor: float) -> None:
    squares = (c + k) ** 2 / n
    one = only(MetricParams(), c, k, squares, n)
    scaled = only(MetricParams(kappa=15 * factor), c * factor, k * factor, squares * factor**2, n)
    for name in ("tone", "prior_share", "n_eff", "variance"):
        assert getattr(one, name)[0, 0] == pytest.approx(getattr(scaled, name)[0, 0], rel=1e-9, abs=1e-12)


@given(masses, masses, st.floats(-0.9, 0.9), st.integers(1, 10**6))
@many
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
@many
def test_cooperation_never_lowers_a_tone(c: float, k: float, more: float) -> None:
    before, now = only(MetricParams(), c, k, 1, 1), only(MetricParams(), c + more, k, 1, 1)
    assert now.tone[0, 0] >= before.tone[0, 0]


@given(masses, masses, st.integers(1, 1000))
@many
def test_an_empty_window_is_the_prior_with_the_widest_interval(c: float, k: float, n: int) -> None:
    empty = only(MetricParams(), 0, 0, 0, 0)
    assert (empty.tone[0, 0], empty.prior_share[0, 0], empty.n_eff[0, 0]) == (0, 1, 0)
    some = only(MetricParams(), c, k, (c + k) ** 2 / n, n)
    assert some.variance[0, 0] <= empty.variance[0, 0]


@given(LISTS)
@many
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


@given(LISTS)
@many
def test_doubling_the_worlds_volume_leaves_shares(found: list[Entry]) -> None:
    assume(len({(e.key, e.revision) for e in found}) == len(found))
    again = [_twin(e) for e in found]
    one, other = (recompute(side, (), SHORT) for side in (found, [*found, *again]))
    for a, b in zip(one.dyads, other.dyads, strict=True):
        assert a.volume_share == pytest.approx(b.volume_share, abs=1e-12)


def _twin(entry: Entry) -> Entry:
    """The same act under a type of its own, with a direction; where it had none, always the same."""
    source, target = entry.source, entry.target
    if entry.type in SYMMETRIC:
        source, target = sorted((source, target))
    return replace(
        entry, event_id=entry.event_id[::-1] + "x", type=f"{entry.type}-again", source=source, target=target
    )


@given(
    st.lists(st.floats(0.05, 0.99), min_size=10, max_size=10),
    st.integers(1, 4),
)
@many
def test_a_perfectly_balanced_world_has_no_frustration(sizes: list[float], inside: int) -> None:
    """Five states in two camps, every tie inside friendly and every tie across hostile."""
    camps = [1] * inside + [-1] * (5 - inside)
    pairs = list(combinations(range(5), 2))
    ties = {p: size * camps[p[0]] * camps[p[1]] for p, size in zip(pairs, sizes, strict=True)}
    matrix = np.zeros((5, 5))
    for (a, b), tie in ties.items():
        matrix[a, b] = matrix[b, a] = tie
    assert triad_balance(matrix) == pytest.approx(1.0, abs=1e-12)
    assert agreement(matrix, np.array(camps)) == 1.0
    of = {
        "own": [t for (a, b), t in ties.items() if b < inside],
        "theirs": [t for (a, b), t in ties.items() if a >= inside],
        "across": [t for (a, b), t in ties.items() if a < inside <= b],
    }
    segments = [Segments(np.arange(len(v)), np.array([0, len(v)])) for v in of.values()]
    values = [np.array([v]) for v in of.values()]
    assert frustration(segments, values)[0, 0] == 0.0
    turned = frustration(segments, [-v for v in values])
    assert turned[0, 0] == pytest.approx(1.0, abs=1e-12)


def test_the_dust_of_sums_is_no_tie() -> None:
    """Cancelling news left ties of 10⁻¹⁷, and a frustration of 1 among allies that nothing was said of."""
    segments = [Segments(np.arange(n), np.array([0, n])) for n in (1, 0, 0)]
    nothing = np.zeros((1, 0))
    assert np.isnan(frustration(segments, [np.array([[-1e-17]]), nothing, nothing])[0, 0])
    assert frustration(segments, [np.array([[-1e-8]]), nothing, nothing])[0, 0] == 1.0
