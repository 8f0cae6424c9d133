"""Every formula of docs/explanation/metrics.md once, worked out by hand in the test's docstring."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from itertools import combinations

import numpy as np
import pytest

from pipeline.metrics.bundle import Bundle
from pipeline.metrics.clock import hour_of
from pipeline.metrics.coalitions import Measures
from pipeline.metrics.dyads import log_odds
from pipeline.metrics.impulses import Impulses
from pipeline.metrics.indexing import Past
from pipeline.metrics.journal import Day
from pipeline.metrics.lineup import Lineup
from pipeline.metrics.moves import moves_of
from pipeline.metrics.outsiders import outsiders_of
from pipeline.metrics.params import MetricParams
from pipeline.metrics.records import Stamp, dyad_records
from pipeline.metrics.structure import Structure, Ties, agreement, triad_balance
from pipeline.metrics.world import World, rows_of, world_at
from pipeline.ontology.coalition import Coalition, Member
from tests.worlds import PARAMS, TICK, Masses, bundle, camp, measured, row, sums_of, with_ties, world_of

HEADLINE = PARAMS.headline
STIFF = MetricParams(ridge=1e15)
"""No actor has an effect of its own: μ alone is expected."""
Z90 = 1.6448536269514722


def near(value: float | list[float], digits: float = 1e-9) -> object:
    return pytest.approx(value, abs=digits)


def test_log_odds_tone_share_and_size_of_the_posterior() -> None:
    """C = 4, K = 3 from happenings of 4 and 3, κ = 15, s0 = 0.

    ℓ = ln(11.5/10.5) = .090972; s = 1/22 = .045455 = tanh(ℓ/2); π = 15/22 = .681818.
    Kish: 7²/(16 + 9) = 1.96. Mass in typical events: 3·7/15 = 1.4, the lesser: ν = 3 + 1.4 = 4.4.
    Of fifty happenings with that mass the 1.4 stays; of one with mass 90 Kish's 1 is the lesser: ν = 4.
    """
    sums = sums_of([(4, 3)])
    sums.n[:], sums.squares[:] = 2, 25.0
    world = world_at(Masses(sums), rows_of(["AAA|BBB"]), TICK, PARAMS)
    found = world.plain
    assert log_odds(4, 3, PARAMS) == near(math.log(11.5 / 10.5)) == near(0.090972, 1e-6)
    assert found.tone[0, 0] == near(1 / 22)
    assert math.tanh(log_odds(4, 3, PARAMS) / 2) == near(1 / 22, 1e-15)
    assert (found.prior_share[0, 0], found.n_eff[0, 0]) == (near(15 / 22), near(1.96))
    assert found.nu[0, 0] == near(4.4)
    assert found.variance[0, 0] == near((1 - 1 / 22**2) / 5.4)
    assert world_of({"AAA|BBB": (4, 3, 50)}).plain.nu[0, 0] == near(4.4)
    assert world_of({"AAA|BBB": (90, 0, 1)}).plain.nu[0, 0] == near(4.0)


def test_a_prior_tone_that_is_not_nought() -> None:
    """C = 5, K = 0, s0 = .2: s = (5 + 3)/20 = .4; ℓ = ln((5 + 9)/6) = .847298 = 2 artanh(.4)."""
    params = MetricParams(prior=0.2)
    assert world_of({"AAA|BBB": (5, 0)}, params).plain.tone[0, 0] == near(0.4)
    assert log_odds(5, 0, params) == near(math.log(14 / 6)) == near(2 * math.atanh(0.4))


def test_habits_and_ties_of_three_actors() -> None:
    """κ = 2, λ = 1. A|B has C = 4, A|C has K = 4: ℓ = ±L, L = ln 5, weights √4 = 2; B|C is silent.

    μ: 4μ + 4a + 2(b + c) = 0. a: 4μ + 5a + 2(b + c) = 0, so a = 0. b: 2(L − μ) = 3b. c: 2(−L − μ) = 3c;
    b + c = −4μ/3, so μ = 0, b = 2L/3, c = −2L/3. Expected: A|B 2L/3, A|C −2L/3, B|C 0.
    A|B: 5^(2/3) = 2.924018, the prior's 2 split 1.490319 : .509681, ℓ' = ln(5.490319/.509681) = 2.376956,
    τ = tanh((2.376956 − 1.072959)/2) = tanh(.651998) = .573014. A|C is its mirror; B|C has tie 0.
    The plain prior instead: ℓ = L, τ = tanh(L/6) = tanh(.268240) = .261986.
    """
    log5 = math.log(5)
    masses = {"AAA|BBB": (4, 0), "AAA|CCC": (0, 4), "BBB|CCC": (0, 0)}
    world = world_of(masses, MetricParams(kappa=2))
    assert world.effects.level == near(0)
    assert world.effects.of_actor.tolist() == near([0, 2 * log5 / 3, -2 * log5 / 3])
    assert world.expected.tolist() == near([2 * log5 / 3, -2 * log5 / 3, 0])
    up = 2 / (1 + 5 ** (-2 / 3))
    tie = math.tanh((math.log((4 + up) / (2 - up)) - 2 * log5 / 3) / 2)
    assert tie == near(0.573014, 1e-6)
    assert world.tie[HEADLINE].tolist() == near([tie, -tie, 0])
    assert row(world, "AAA|BBB", world.centred) == near(math.tanh(math.log((4 + up) / (2 - up)) / 2))
    plain = world_of(masses, MetricParams(kappa=2, tie_prior="plain"))
    assert plain.tie[HEADLINE].tolist() == near([math.tanh(log5 / 6), -math.tanh(log5 / 6), 0])
    assert math.tanh(log5 / 6) == near(0.261986, 1e-6)


def test_a_pair_without_news_has_tie_nought_and_the_variance_of_habits() -> None:
    """One dyad with C = 7.5: e = μ = ln(15/7.5) = ln 2 where no actor has an effect, tanh(e/2) = 1/3.

    A window without news: τ = 0, s' = 1/3, ν = 3, so the variance is 1/((1 − 1/9)·4) = 9/32.
    Its interval is that of 2·Beta(2, 1) − 1, quantiles √.05 and √.95: s' from −.552786 to .949359, so
    τ from tanh(artanh(−.552786) − ln √2) = −.748 to tanh(artanh(.949359) − ln √2) = .901.
    """
    sums = sums_of([(7.5, 0)], STIFF)
    for values in (sums.n, sums.coop, sums.squares):
        values[0] = 0  # nothing in the window of a day
    world = world_at(Masses(sums), rows_of(["AAA|BBB"]), TICK, STIFF)
    assert world.expected[0] == near(math.log(2))
    assert (world.tie[0, 0], world.centred[0, 0]) == (near(0, 1e-15), near(1 / 3))
    assert world.tie_variance[0, 0] == near(9 / 32)
    record = next(dyad_records(world, 0, Stamp(TICK, False, 0, "", ""), Impulses([], STIFF), None, STIFF))
    assert (record.view, record.tie, record.tone, record.prior_share) == ("w1d", 0.0, 0.0, 1.0)
    low, high = (math.tanh(math.atanh(2 * math.sqrt(p) - 1) - math.log(2) / 2) for p in (0.05, 0.95))
    assert record.tie_ci90 == (near(low, 0.015), near(high, 0.015))
    assert (low, high) == (near(-0.748, 1e-3), near(0.901, 1e-3))
    assert record.ci90 == (near(-0.806, 0.01), near(0.806, 0.01))  # of 2·Beta(1.5, 1.5) − 1


def test_the_variance_of_a_tie() -> None:
    """The dyad above in the other views: ℓ' = ln((7.5 + 10)/5) = ln 3.5, s' = 2.5/4.5 = 5/9, τ = 3/11.

    (3.5/2 − 1)/(3.5/2 + 1) = .75/2.75 = 3/11. ν = 3 + min(1, 1.5) = 4: (1 − 9/121)²/((1 − 25/81)·5).
    """
    world = world_of({"AAA|BBB": (7.5, 0)}, STIFF)
    assert (world.tie[HEADLINE, 0], world.centred[HEADLINE, 0]) == (near(3 / 11), near(5 / 9))
    assert world.tie_variance[HEADLINE, 0] == near((112 / 121) ** 2 / (56 / 81 * 5))


def test_affinity_against_chance() -> None:
    """C: A|B 6, A|C 2, B|C 0; totals 8, 6, 2, together 16. κ = 15.

    A|B: chance 8·6/16 = 3: ln(21/18). A|C: 8·2/16 = 1: ln(17/16). B|C: 6·2/16 = .75: ln(15/15.75).
    Conflict does not enter, nor what an actor does to itself.
    """
    world = world_of({"AAA|AAA": (9, 9), "AAA|BBB": (6, 5), "AAA|CCC": (2, 0), "BBB|CCC": (0, 3)})
    expected = [0.0, math.log(21 / 18), math.log(17 / 16), math.log(15 / 15.75)]
    assert world.affinity[HEADLINE].tolist() == near(expected)
    assert not world_of({"AAA|BBB": (0, 5)}).affinity.any()


def test_volume_shares() -> None:
    """Happenings 1, 3, 4 of pairs and 5 of an actor with itself, which is outside: 1/8, 3/8, 1/2, 0."""
    masses = {"AAA|AAA": (1, 0, 5), "AAA|BBB": (1, 0, 1), "AAA|CCC": (0, 1, 3), "BBB|CCC": (1, 1, 4)}
    world = world_of(masses)
    assert world.shares[HEADLINE].tolist() == [0.0, 1 / 8, 3 / 8, 1 / 2]
    assert not world_of({"AAA|BBB": (0, 0)}).shares.any()


def test_momentum() -> None:
    """One gift of 8 that closed a week ago: C = 8/2 = 4, 8·2^(−7/30) = 6.805, 8·2^(−7/90) = 7.580.

    e = μ = ln((C90 + 7.5)/7.5); τ = tanh(½ ln(1 + C/h)), h = 15/(1 + e^−e) = 15(C90 + 7.5)/(C90 + 15);
    tanh(½ ln(1 + x)) = x/(2 + x), so τ = C/(2h + C).
    """
    views = [view.name for view in PARAMS.views]
    coops = {"ewm7d": 4.0, "ewm30d": 8 * 2 ** (-7 / 30), "ewm90d": 8 * 2 ** (-7 / 90)}
    sums = sums_of([(0, 0)], STIFF)
    for name, coop in coops.items():
        sums.coop[views.index(name)] = coop
    world = world_at(Masses(sums), rows_of(["AAA|BBB"]), TICK, STIFF)
    slow = coops["ewm90d"]
    split = 15 * (slow + 7.5) / (slow + 15)
    ties = {name: coop / (2 * split + coop) for name, coop in coops.items()}
    (record, *_) = dyad_records(world, 0, Stamp(TICK, False, 0, "", ""), Impulses([], STIFF), None, STIFF)
    assert record.momentum[0] == near(ties["ewm7d"] - ties["ewm30d"])
    assert record.momentum[1] == near(ties["ewm30d"] - ties["ewm90d"])
    assert record.momentum[0] < record.momentum[1] < 0


HAND = {
    "AAA|BBB": 0.6, "AAA|CCC": -0.2, "BBB|CCC": 0.4,
    "DDD|EEE": 0.5,
    "AAA|DDD": -0.3, "AAA|EEE": 0.1, "BBB|DDD": 0.0, "BBB|EEE": -0.4, "CCC|DDD": 0.0, "CCC|EEE": -0.5,
}  # fmt: skip
"""Ties of the camp A, B, C, of the camp D, E, and across."""
ONE = camp("one", "AAA", "BBB", "CCC", rival="two")
TWO = camp("two", "DDD", "EEE", rival="one")


def both(world: World | None = None) -> tuple[Measures, Measures]:
    found = measured(world or with_ties(HAND), ONE, TWO)
    return found["one"], found["two"]


def test_cohesion_opposition_and_polarisation() -> None:
    """Inside (.6 − .2 + .4)/3 = .266667 and .5. Across −.3 + .1 − .4 − .5 = −1.1 over six pairs.

    Opposition 1.1/6 = .183333. Polarisation (.266667 + .5)/2 + .183333 = .566667, the same from either side.
    """
    one, two = both()
    assert one.cohesion.value[HEADLINE] == near(0.8 / 3)
    assert two.cohesion.value[HEADLINE] == near(0.5)
    for side in (one, two):
        assert side.opposition is not None
        assert side.polarisation is not None
        assert side.opposition.value[HEADLINE] == near(1.1 / 6)
        assert side.polarisation[HEADLINE] == near((0.8 / 3 + 0.5) / 2 + 1.1 / 6) == near(0.566667, 1e-6)


def test_the_interval_of_a_mean() -> None:
    """Every variance ¼, C = K = 1, so π = 15/17. Three pairs: own 3·(1/9)·¼·(2/17), shared √(¼·15/17).

    sd² = .0098039 + .2205882 = .2303922, margin 1.644854·.479992 = .789516: from −.522849 to 1 (cut at 1).
    """
    one, _ = both()
    sd = math.sqrt(0.25 * 2 / 17 / 3 + 0.25 * 15 / 17)
    assert sd == near(0.479992, 1e-6)
    assert one.cohesion.low[HEADLINE] == near(0.8 / 3 - Z90 * sd) == near(-0.522849, 1e-6)
    assert one.cohesion.high[HEADLINE] == 1.0
    assert one.opposition is not None
    across = Z90 * math.sqrt(0.25 * 2 / 17 / 6 + 0.25 * 15 / 17)
    assert one.opposition.low[HEADLINE] == near(1.1 / 6 - across)
    assert one.opposition.high[HEADLINE] == near(1.1 / 6 + across)


def test_strengths() -> None:
    """Means of ties: A (.6 − .2)/2 = .2, B (.6 + .4)/2 = .5, C (−.2 + .4)/2 = .1; Σ(1 + coh)/2 = 1.9.

    D and E have .5 each: 1.5. Relative 1.9/3.4 and 1.5/3.4.
    """
    one, two = both()
    assert (one.strength[HEADLINE], two.strength[HEADLINE]) == (near(1.9), near(1.5))
    assert one.relative is not None
    assert two.relative is not None
    assert (one.relative[HEADLINE], two.relative[HEADLINE]) == (near(1.9 / 3.4), near(1.5 / 3.4))


def test_weights_of_membership_and_capability() -> None:
    """A: μ = 1, p = 4; B: μ = ½, p = 1; C: μ = 1, p = 1. ω: A|B ½·2 = 1, A|C 2, B|C ½; together 3.5.

    Cohesion (.6·1 − .2·2 + .4·½)/3.5 = .4/3.5. Masses pμ 4, ½, 1: coh of A (½·.6 − .2)/1.5 = .066667, of B
    (4·.6 + .4)/5 = .56, of C (4·−.2 + ½·.4)/4.5 = −.133333. Strength 4·.533333 + ½·.78 + .433333 = 2.956667.
    Across, D and E as they are: ω is 2, ½, 1 twice, together 7; Σωτ = 2(−.3 + .1) + ½(−.4) − .5 = −1.1.
    Shares of mass 5.5/7.5 and 2/7.5, d = (1 + 1.1/7)/2.
    Carried: A|B .6, A|C .4, B|C .2 (÷ 3.5): A has 1.0 of 1.2.
    """
    members = (Member("AAA", capability=4.0), Member("BBB", weight=0.5), Member("CCC"))
    uneven = Coalition("one", "uneven", members, "two")
    found = measured(with_ties(HAND), uneven, TWO)["one"]
    assert found.cohesion.value[HEADLINE] == near(0.4 / 3.5)
    assert found.strength[HEADLINE] == near(2.9566666667)
    assert found.opposition is not None
    assert found.opposition.value[HEADLINE] == near(1.1 / 7)
    assert found.esteban_ray is not None
    one, other = 5.5 / 7.5, 2 / 7.5
    distance = (1 + 1.1 / 7) / 2
    assert found.esteban_ray[HEADLINE] == near((one**2.3 * other + other**2.3 * one) * distance)
    assert found.hub_share[HEADLINE] == near(1.0 / 1.2)


def test_esteban_and_ray() -> None:
    """Shares .6 and .4, d = (1 + .183333)/2 = .591667: (.6^2.3·.4 + .4^2.3·.6)·d = .196467·.591667."""
    one, two = both()
    assert one.esteban_ray is not None
    assert two.esteban_ray is not None
    assert one.esteban_ray[HEADLINE] == near(0.196467 * 0.591667, 1e-6)
    assert two.esteban_ray[HEADLINE] == near(float(one.esteban_ray[HEADLINE]))


def test_frustration_weakest_tie_and_hub() -> None:
    """Of the wrong sign: A|C .2 inside, A|E .1 across. All sizes: 1.2 + .5 + 1.3 = 3: frustration .1.

    Without the rival .2/1.2. Hub: A has .8, B 1.0, C .6 of 1.2: B, five sixths. A pair alone: 1.
    """
    one, two = both()
    assert one.frustration[HEADLINE] == near(0.1)
    assert two.frustration[HEADLINE] == near(0.1)
    alone = measured(with_ties(HAND), camp("one", "AAA", "BBB", "CCC"))["one"]
    assert alone.frustration[HEADLINE] == near(0.2 / 1.2)
    assert one.weakest[HEADLINE] == ("AAA|CCC", -0.2)
    assert one.hub_share[HEADLINE] == near(1.0 / 1.2)
    assert two.hub_share[HEADLINE] == near(1.0)


def test_equally_weak_ties_go_by_name() -> None:
    ties = {"AAA|BBB": 0.1, "AAA|CCC": -0.2, "BBB|CCC": -0.2}
    found = measured(with_ties(ties), camp("one", "AAA", "BBB", "CCC"))["one"]
    assert found.weakest[HEADLINE] == ("AAA|CCC", -0.2)


def test_density_counts_and_shares() -> None:
    """n_eff 5, 4 and 7 of equal happenings: two of three pairs are dense.

    π = 15/(15 + mass): masses 5, 15 and 0: .75, .5 and 1, of which the mean is .75.
    """
    masses = {"AAA|BBB": (5, 0, 5), "AAA|CCC": (15, 0, 4), "BBB|CCC": (0.0, 0.0, 0)}
    found = measured(world_of(masses), camp("one", "AAA", "BBB", "CCC"))["one"]
    assert found.density[HEADLINE] == near(1 / 3)
    assert (found.n[HEADLINE], found.n_eff[HEADLINE], found.observed[HEADLINE]) == (9, near(9), 2)
    assert found.prior_share[HEADLINE] == near(0.75)
    masses["BBB|CCC"] = (3.0, 4.0, 7)
    assert measured(world_of(masses), camp("one", "AAA", "BBB", "CCC"))["one"].density[HEADLINE] == near(
        2 / 3
    )


def test_affinity_of_a_coalition_is_the_mean_of_its_pairs() -> None:
    """The affinities of the world above: ln(21/18), ln(17/16), ln(15/15.75)."""
    masses = {"AAA|BBB": (6, 5), "AAA|CCC": (2, 0), "BBB|CCC": (0, 3)}
    found = measured(world_of(masses), camp("one", "AAA", "BBB", "CCC"))["one"]
    assert found.affinity[HEADLINE] == near(math.log(21 / 18 * 17 / 16 * 15 / 15.75) / 3)


def test_pairs_most_in_the_news() -> None:
    masses = {"AAA|BBB": (1, 0, 2), "AAA|CCC": (1, 0, 3), "BBB|CCC": (1, 0, 3), "AAA|DDD": (1, 0, 9)}
    world = world_of({**masses, "BBB|DDD": (0, 0), "CCC|DDD": (0, 0)})
    top = measured(world, camp("one", "AAA", "BBB", "CCC", "DDD"))["one"].top[HEADLINE]
    assert [(dyad, n) for dyad, _, n in top] == [
        ("AAA|DDD", 9),
        ("AAA|CCC", 3),
        ("BBB|CCC", 3),
        ("AAA|BBB", 2),
    ]


def structure(world: World, *coalitions: Coalition) -> Structure:
    found: Bundle = bundle(world, *coalitions)
    return Ties(world, PARAMS, 4).structure(found.lineups[0], found.own.pairs.rows[found.own.pairs.of(0)])


def test_triad_balance() -> None:
    """Products: A|B|C −.048, A|B|E −.024, A|C|E .01, A|D|E −.015, B|C|E .08; all others hold a nought.

    Sum .003, sum of sizes .177.
    """
    found = structure(with_ties(HAND), ONE, TWO)
    assert found.triad_balance == near(0.003 / 0.177)
    assert triad_balance(np.zeros((3, 3))) is None
    tie = np.array([[0, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0]])
    assert triad_balance(tie) is None, "no triangle"


def test_partition_agreement() -> None:
    """A is hostile to B and C: eigenvalue √2/2 has (√2, −1, −1); D has no tie, and so no side.

    Declared A against B and C: all three. A and B against C: A and C, two of three, in either orientation.
    """
    tie = np.zeros((4, 4))
    tie[0, 1] = tie[1, 0] = tie[0, 2] = tie[2, 0] = -0.5
    assert agreement(tie, np.array([1, -1, -1, -1])) == 1.0
    assert agreement(tie, np.array([1, 1, -1, -1])) == near(2 / 3)
    assert agreement(tie, np.array([-1, -1, 1, 1])) == near(2 / 3)
    assert agreement(np.zeros((2, 2)), np.array([1, -1])) is None
    friends = np.array([[0, 0.5], [0.5, 0]])
    assert agreement(friends, np.array([1, -1])) == 0.5, "declared enemies on one side"


def test_a_state_in_both_camps_is_of_its_own_side() -> None:
    """A and B friendly, both hostile to C. Declared A, B against B, C: B counts for A's side."""
    world = with_ties({"AAA|BBB": 0.5, "AAA|CCC": -0.5, "BBB|CCC": -0.5})
    found = structure(world, camp("one", "AAA", "BBB", rival="two"), camp("two", "BBB", "CCC"))
    assert (found.partition_agreement, found.triad_balance) == (1.0, near(1.0))


def test_the_placebo_by_what_the_seed_draws() -> None:
    """Four states, six pairs, each with a tie of its own, .1 to .6.

    The two first of a random order are a pair.
    Of 1,000 pairs drawn so, the percentile of a tie is the share of lower ones and half of that of equals.
    """
    pairs = ["AAA|BBB", "AAA|CCC", "AAA|DDD", "BBB|CCC", "BBB|DDD", "CCC|DDD"]
    world = with_ties({pair: (number + 1) / 10 for number, pair in enumerate(pairs)})
    dice = np.random.Generator(np.random.PCG64(20240321))
    orders = np.argsort(dice.random((1000, 4)), axis=1)[:, :2]
    codes = ("AAA", "BBB", "CCC", "DDD")
    drawn = [pairs.index("|".join(sorted((codes[a], codes[b])))) for a, b in orders.tolist()]
    for number, pair in enumerate(pairs):
        found = structure(world, camp("pair", *pair.split("|"))).placebo_percentile
        lower, equal = sum(d < number for d in drawn), drawn.count(number)
        assert 100 < equal < 240, "a sixth, more or less"
        assert found == near((lower + equal / 2) / 10)
    same = with_ties(dict.fromkeys(pairs, 0.3))
    assert structure(same, camp("pair", "AAA", "BBB")).placebo_percentile == 50.0
    assert structure(same, camp("three", "AAA", "BBB", "CCC")).placebo_percentile is None, "4 < 2·3"
    assert structure(same, camp("lone", "AAA")).placebo_percentile is None


def past(
    values: list[float], baseline: tuple[date, date] | None = None, first: date = date(2024, 1, 2)
) -> Past:
    """Daily strengths, the same in every view, from a midnight on."""
    views = len(PARAMS.views)
    days = [
        Day(hour_of(first) + 24 * number, strengths={"one": np.full(views, value)})
        for number, value in enumerate(values)
    ]
    return Past(Coalition("one", "one", (Member("AAA"),), None, baseline), days, PARAMS)


def strength(value: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.full(len(PARAMS.views), value)


def test_the_index_and_its_z() -> None:
    """Thirty days of 1 and 3 in turn: mean 2, variance 30/29.

    A strength of 4 is 200, z = 2/√(30/29) = 1.966384. A day earlier the baseline is not over.
    """
    days = past([1.0, 3.0] * 15)
    after = hour_of(date(2024, 2, 1))
    found = days.index(after, strength(4))
    assert found is not None
    assert found.values[HEADLINE] == near(200)
    assert found.z[HEADLINE] == near(2 / math.sqrt(30 / 29)) == near(1.966384, 1e-6)
    assert (found.first, found.last) == (hour_of(date(2024, 1, 2)), hour_of(date(2024, 1, 31)))
    assert days.index(hour_of(date(2024, 1, 30)), strength(4)) is None
    assert past([1.0] * 29).index(after, strength(4)) is None


def test_an_index_without_spread_or_on_nothing() -> None:
    after = hour_of(date(2024, 3, 1))
    flat = past([2.0] * 31).index(after, strength(2))
    assert flat is not None
    assert (flat.values[HEADLINE], flat.z[HEADLINE]) == (near(100), None)
    assert past([0.0] * 31).index(after, strength(2)) is None, "no mean to divide by"
    assert past([]).index(after, strength(2)) is None


def test_a_configured_baseline_ends_with_the_day_before_its_end() -> None:
    """Values of the midnights that end 2 and 3 January, 1 and 3: mean 2; what follows is not in it.

    z needs thirty days: 32 are there. A baseline before all values gives way to the first thirty.
    """
    values = [9.0, 1.0, 3.0, *[9.0] * 29]
    days = past(values, (date(2024, 1, 2), date(2024, 1, 4)))
    found = days.index(hour_of(date(2024, 1, 4)), strength(4))
    assert found is not None
    assert (found.values[HEADLINE], found.z[HEADLINE]) == (near(200), None)
    assert (found.first, found.last) == (hour_of(date(2024, 1, 3)), hour_of(date(2024, 1, 4)))
    assert days.index(hour_of(date(2024, 1, 3)), strength(4)) is None, "the baseline is not over"
    late = days.index(hour_of(date(2024, 2, 3)), strength(4))
    assert late is not None
    assert late.z[HEADLINE] is not None
    unseen = past(values, (date(2020, 1, 1), date(2021, 1, 1))).index(hour_of(date(2024, 2, 3)), strength(9))
    assert unseen is not None
    assert unseen.values[HEADLINE] == near(900 / (sum(values[:30]) / 30))


def test_z_looks_back_five_years_and_no_further() -> None:
    """Forty days of 100 six years ago, thirty-one of 1 and 3 in turn before now."""
    old = [Day(hour_of(date(2018, 1, 1)) + 24 * n, strengths={"one": strength(100)}) for n in range(40)]
    new = [
        Day(hour_of(date(2024, 1, 1)) + 24 * n, strengths={"one": strength(1 + n % 2 * 2)}) for n in range(30)
    ]
    found = Past(Coalition("one", "one", (Member("AAA"),)), [*old, *new], PARAMS).index(
        hour_of(date(2024, 2, 1)), strength(4)
    )
    assert found is not None
    assert found.values[HEADLINE] == near(4)  # of the first thirty: 100
    assert found.z[HEADLINE] == near(2 / math.sqrt(30 / 29))


def test_drivers_add_up() -> None:
    """Weights a third each. A|B falls from .5 to .25: −.083333; A|C rises from −.25 to 0; B|C stays.

    The change is 0. Equal sizes go by name; what did not move is not named.
    """
    before = with_ties({**HAND, "AAA|BBB": 0.5, "AAA|CCC": -0.25})
    after = with_ties({**HAND, "AAA|BBB": 0.25, "AAA|CCC": 0.0})
    found = moves_of((before, bundle(before, ONE, TWO)), (after, bundle(after, ONE, TWO)))
    moves = found["one"][HEADLINE]
    assert moves.change == 0
    assert moves.parts == (("AAA|BBB", -0.25 / 3), ("AAA|CCC", 0.25 / 3))
    assert found["two"][HEADLINE].parts == ()


def test_drivers_where_a_member_joins() -> None:
    """A and B alone carry .6. With C each tie weighs a third: A|B .2, A|C −.0667, B|C .1333.

    A|B lost .4, B|C brought .1333, A|C took .0667: together −.3333 = .266667 − .6.
    """
    world = with_ties(HAND)
    pair, three = camp("one", "AAA", "BBB"), camp("one", "AAA", "BBB", "CCC")
    moves = moves_of((world, bundle(world, pair)), (world, bundle(world, three)))["one"][HEADLINE]
    assert moves.change == near(0.8 / 3 - 0.6)
    assert [dyad for dyad, _ in moves.parts] == ["AAA|BBB", "BBB|CCC", "AAA|CCC"]
    assert [part for _, part in moves.parts] == near([-0.4, 0.4 / 3, -0.2 / 3])
    back = moves_of((world, bundle(world, three)), (world, bundle(world, pair)))["one"][HEADLINE]
    assert [part for _, part in back.parts] == near([0.4, -0.4 / 3, 0.2 / 3])


def test_five_drivers_are_named_and_the_rest_is_theirs() -> None:
    """Six pairs at 0 rise to .1 … .6: each adds a sixth of that; the least, .1/6, is the rest."""
    pairs = ["|".join(pair) for pair in combinations(("AAA", "BBB", "CCC", "DDD"), 2)]
    before = with_ties(dict.fromkeys(pairs, 0.0))
    after = with_ties({pair: (number + 1) / 10 for number, pair in enumerate(pairs)})
    four = camp("four", "AAA", "BBB", "CCC", "DDD")
    moves = moves_of((before, bundle(before, four)), (after, bundle(after, four)))["four"][HEADLINE]
    assert moves.change == near(0.35)
    assert [dyad for dyad, _ in moves.parts] == pairs[:0:-1]
    assert sum(part for _, part in moves.parts) == near(0.35 - 0.1 / 6)


def lineup_for(world: World, *coalitions: Coalition) -> Lineup:
    return bundle(world, *coalitions).lineups[0]


def test_the_drift_of_an_outsider() -> None:
    """X against A (p = 4, μ = 1) and B (p = 1, μ = ½): weights 2 and ½; ties .6 and .1: 1.25/2.5 = .5.

    The rival C has −.2: drift .7. Variances ¼, C = K = 1, so π = 15/17: near side own
    (.64 + .04)·¼·2/17 = .02, shared ¼·15/17 = .2205882; far side own ¼·2/17, shared the same.
    sd² = .02 + .2205882 + .25 = .4905882: .7 ± 1.152088.
    """
    ties = {
        "AAA|XXX": 0.6, "BBB|XXX": 0.1, "CCC|XXX": -0.2, "XXX|YYY": 0.9,
        "AAA|BBB": 0.0, "AAA|CCC": 0.0, "BBB|CCC": 0.0,
    }  # fmt: skip
    world = with_ties(ties)
    own = Coalition("own", "own", (Member("AAA", capability=4.0), Member("BBB", weight=0.5)), "far")
    found = outsiders_of(world, lineup_for(world, own, camp("far", "CCC")), PARAMS)
    assert found is not None
    assert found.states == ("XXX",), "YYY has no news with either camp"
    assert found.drift.value == pytest.approx([0.7])
    margin = Z90 * math.sqrt(0.02 + 0.25 * 15 / 17 + 0.25)
    assert margin == near(1.152088, 1e-6)
    assert found.drift.low == pytest.approx([0.7 - margin])
    assert found.drift.high == pytest.approx([0.7 + margin])
    assert found.prior_share == pytest.approx([15 / 17])
    assert found.n_eff == pytest.approx([3.0])


def test_an_outsiders_silent_pair_has_tie_nought_and_all_the_prior() -> None:
    """X and A .6; X and C were never in the news: drift .6; far side ¼ of a prior where nothing is expected.

    sd² = ¼·2/17 + ¼·15/17 + ¼ = ½.
    """
    world = with_ties({"AAA|XXX": 0.6, "AAA|CCC": 0.0})
    found = outsiders_of(
        world, lineup_for(world, camp("own", "AAA", rival="far"), camp("far", "CCC")), PARAMS
    )
    assert found is not None
    assert found.drift.value == pytest.approx([0.6])
    assert found.drift.low == pytest.approx([0.6 - Z90 * math.sqrt(0.5)])
    assert found.prior_share == pytest.approx([(15 / 17 + 1) / 2])


def test_who_can_be_an_outsider() -> None:
    """Neither a member, nor a body that is no state, nor anybody where there is no rival."""
    world = with_ties({"AAA|IGO:UN": 0.6, "AAA|CCC": 0.0, "AAA|XXX": 0.5})
    own, far = camp("own", "AAA", rival="far"), camp("far", "CCC")
    found = outsiders_of(world, lineup_for(world, own, far), PARAMS)
    assert found is not None
    assert found.states == ("XXX",)
    assert outsiders_of(world, lineup_for(world, own), PARAMS) is None
    assert outsiders_of(world, lineup_for(world, own, camp("far", "AAA")), PARAMS) is None


def test_nobody_has_any_tie_and_nothing_divides_by_nought() -> None:
    world = replace(with_ties(HAND), tie=np.zeros((len(PARAMS.views), len(HAND))))
    one, _ = both(world)
    assert math.isnan(one.frustration[HEADLINE])
    assert math.isnan(one.hub_share[HEADLINE])
    assert one.cohesion.value[HEADLINE] == 0
    assert structure(world, ONE, TWO).partition_agreement is None
