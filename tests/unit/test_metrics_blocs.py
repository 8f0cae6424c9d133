"""Blocs against hand-worked and planted parts; labels that stay."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.metrics.blocs import communities, founders, matched
from pipeline.metrics.clock import Hours, Mask
from pipeline.metrics.trail import Floats

moderate = settings(max_examples=60, deadline=None)


def ties(n: int, *pairs: tuple[int, int, float]) -> tuple[Floats, Mask]:
    """A world of n actors: the ties named are observed, the others are not."""
    tie = np.zeros((n, n))
    for i, j, value in pairs:
        tie[i, j] = tie[j, i] = value
    return tie, tie != 0


def numbers(found: tuple[tuple[int, ...], ...], n: int) -> Hours:
    """The number of each actor's group."""
    group = np.full(n, -1)
    for number, members in enumerate(found):
        group[list(members)] = number
    return group


def value(tie: Floats, observed: Mask, group: Hours, gamma: float) -> float:
    inside = (group[:, None] == group) & observed & ~np.eye(len(tie), dtype=bool)
    return float(((tie - gamma) * inside).sum() / 2)


def partitions(n: int) -> Iterator[list[int]]:
    """Every way to part n actors, as restricted growth strings."""
    if n == 0:
        yield []
        return
    for start in partitions(n - 1):
        for number in range(max(start, default=-1) + 2):
            yield [*start, number]


@st.composite
def worlds(draw: st.DrawFn, most: int = 9) -> tuple[Floats, Mask]:
    """Ties in sixty-fourths, some not observed."""
    n = draw(st.integers(0, most))
    size = n * (n - 1) // 2
    drawn = draw(st.lists(st.none() | st.integers(-64, 64), min_size=size, max_size=size))
    tie, observed = np.zeros((n, n)), np.zeros((n, n), dtype=bool)
    for (i, j), sixty_fourths in zip(zip(*np.triu_indices(n, 1), strict=True), drawn, strict=True):
        tie[i, j] = tie[j, i] = (sixty_fourths or 0) / 64
        observed[i, j] = observed[j, i] = sixty_fourths is not None
    return tie, observed


def test_two_camps_and_who_stands_between_by_hand() -> None:
    """Actor 4 has .3 to the camp of 0 and 1, and .5 − .4 to that of 2 and 3.

    Merging: 2|3 (.7 − .05), 0|1 (.6 − .05), 4 to 2|3 for .5 − .4 − 2·.05 = 0, which is no gain, or to
    0|1 for .3 − .05 = .25. The camps: −.5 − .05 < 0.
    """
    tie, observed = ties(5, (0, 1, 0.6), (2, 3, 0.7), (0, 2, -0.5), (0, 4, 0.3), (2, 4, 0.5), (3, 4, -0.4))
    assert communities(tie, observed) == ((0, 1, 4), (2, 3))


def test_a_node_moves_after_the_merges_by_hand() -> None:
    """γ = 0. Merges: 0|1 (.5), 0|1|2 (.4), 3|4 (.35); with one another .6 − .9 < 0. Node 1 stays: .6 < .9.

    Then the other world. Merges: 0|1 (.5), 2|3 (.4); with one another .9 − 1 < 0. Node 1 moves: .9 > .5.
    """
    tie, observed = ties(5, (0, 1, 0.5), (1, 2, 0.4), (3, 4, 0.35), (1, 3, 0.3), (1, 4, 0.3), (0, 3, -0.9))
    assert communities(tie, observed, 0.0) == ((0, 1, 2), (3, 4))
    tie, observed = ties(4, (0, 1, 0.5), (1, 2, 0.45), (1, 3, 0.45), (2, 3, 0.4), (0, 2, -0.5), (0, 3, -0.5))
    assert communities(tie, observed, 0.0) == ((1, 2, 3), (0,))


def test_equal_gains_go_to_the_lowest_numbers() -> None:
    """A path of equal ties whose ends are opposed: 0|1 wins over 1|2."""
    tie, observed = ties(3, (0, 1, 0.5), (1, 2, 0.5), (0, 2, -0.9))
    assert communities(tie, observed) == ((0, 1), (2,))


def test_a_tie_below_gamma_joins_nobody_and_no_news_neither_joins_nor_parts() -> None:
    tie, observed = ties(4, (0, 1, 0.04), (2, 3, 0.06))
    assert communities(tie, observed) == ((2, 3), (0,), (1,))
    tie, observed = ties(3, (0, 1, 0.5), (1, 2, 0.5))  # 0 and 2 never seen together
    assert communities(tie, observed) == ((0, 1, 2),)
    assert communities(tie, np.ones((3, 3), dtype=bool), gamma=0.3) == ((0, 1), (2,))  # .2 − .3 < 0


def test_degenerate_worlds() -> None:
    nothing = np.zeros((4, 4))
    everything = np.ones((4, 4), dtype=bool)
    assert communities(np.zeros((0, 0)), np.zeros((0, 0), dtype=bool)) == ()
    assert communities(np.zeros((1, 1)), np.ones((1, 1), dtype=bool)) == ((0,),)
    assert communities(nothing, ~everything) == ((0,), (1,), (2,), (3,))
    assert communities(nothing, everything) == ((0,), (1,), (2,), (3,))
    assert communities(nothing - 0.5, everything) == ((0,), (1,), (2,), (3,))
    assert communities(nothing + 0.5, everything) == ((0, 1, 2, 3),)


@given(worlds(), st.sampled_from([0.0, 0.05, 0.25]))
@moderate
def test_a_partition_that_no_move_and_no_merge_improves(world: tuple[Floats, Mask], gamma: float) -> None:
    tie, observed = world
    n = len(tie)
    found = communities(tie, observed, gamma)
    assert sorted(sum(found, ())) == list(range(n))
    assert list(found) == sorted(found, key=lambda members: (-len(members), members))
    group = numbers(found, n)
    best = value(tie, observed, group, gamma)
    for node in range(n):
        for to in range(len(found) + 1):
            moved = group.copy()
            moved[node] = to
            assert value(tie, observed, moved, gamma) <= best + 1e-6
    for one in range(len(found)):
        for other in range(one):
            merged = np.where(group == one, other, group)
            assert value(tie, observed, merged, gamma) <= best + 1e-6


@given(worlds(most=5))
@moderate
def test_never_worse_than_all_apart_and_never_better_than_the_optimum(world: tuple[Floats, Mask]) -> None:
    tie, observed = world
    found = value(tie, observed, numbers(communities(tie, observed), len(tie)), 0.05)
    optimum = max(value(tie, observed, np.array(part, int), 0.05) for part in partitions(len(tie)))
    assert -1e-6 <= found <= optimum + 1e-6


@given(st.lists(st.integers(0, 3), min_size=1, max_size=14), st.integers(0, 2**32 - 1))
@moderate
def test_planted_balanced_blocs_are_found(camps: list[int], seed: int) -> None:
    """All ties inside above γ, all across below it: balanced (Davis 1967), so this is the optimum."""
    camp = np.array(camps)
    n = len(camp)
    size = np.triu(np.random.default_rng(seed).uniform(0.1, 1.0, (n, n)), 1)
    tie = np.where(camp[:, None] == camp, 1.0, -1.0) * (size + size.T)
    found = communities(tie, np.ones((n, n), dtype=bool))
    assert {frozenset(members) for members in found} == {
        frozenset(np.flatnonzero(camp == one).tolist()) for one in camps
    }


@given(st.integers(2, 12), st.integers(0, 2**32 - 1))
@moderate
def test_relabelling_actors_changes_nothing(n: int, seed: int) -> None:
    """Continuous ties have no equal gains."""
    random = np.random.default_rng(seed)
    upper = np.triu(random.uniform(-1, 1, (n, n)), 1)
    seen = np.triu(random.random((n, n)) < 0.7, 1)
    tie, observed = (upper + upper.T) * (seen | seen.T), seen | seen.T
    order = random.permutation(n)
    again = communities(tie[np.ix_(order, order)], observed[np.ix_(order, order)])
    assert {frozenset(members) for members in communities(tie, observed)} == {
        frozenset(order[list(members)].tolist()) for members in again
    }


def test_two_hundred_actors_are_parted_the_same_way_twice() -> None:
    random = np.random.default_rng(7)
    camp = random.integers(0, 4, 200)
    noise = np.triu(random.normal(0, 0.35, (200, 200)), 1)
    tie = np.clip(np.where(camp[:, None] == camp, 0.4, -0.3) + noise + noise.T, -1, 1)
    seen = np.triu(random.random((200, 200)) < 0.2, 1)
    observed = seen | seen.T
    found = communities(tie * observed, observed)
    assert found == communities(tie * observed, observed)
    assert {frozenset(members) for members in found} == {
        frozenset(np.flatnonzero(camp == one).tolist()) for one in range(4)
    }


def bloc(codes: str) -> frozenset[str]:
    return frozenset(codes.split())


def first(members: frozenset[str]) -> str:
    return min(members)


def test_labels_follow_the_largest_share_by_hand() -> None:
    """Of `east` 3 of 5 go on in the first bloc (3/6) and 2 in the second (2/5).

    The second's share is ≥ .3 but `east` is taken, so it is new; `west` has 1/5 of the first: too little.
    """
    yesterday = {"east": bloc("A B C D E"), "west": bloc("F X")}
    today = [bloc("D E"), bloc("A B C F")]
    assert matched(today, yesterday, first) == {"east": bloc("A B C F"), "D": bloc("D E")}


def test_equal_shares_go_by_label_and_order_changes_nothing() -> None:
    yesterday = {"old": bloc("C D"), "elder": bloc("A B")}
    today = [bloc("A B C D")]
    assert matched(today, yesterday, first) == {"elder": bloc("A B C D")}
    pair = [bloc("A C"), bloc("B D")]  # a third of either
    assert (
        matched(pair, yesterday, first)
        == matched(pair[::-1], yesterday, first)
        == {
            "elder": bloc("A C"),
            "old": bloc("B D"),
        }
    )


def test_a_new_label_is_never_one_of_yesterday_or_today() -> None:
    yesterday = {"A": bloc("P Q"), "A-2": bloc("R S")}
    assert matched([bloc("A B C"), bloc("A D")], yesterday, first) == {
        "A-3": bloc("A B C"),
        "A-4": bloc("A D"),
    }


def test_no_blocs_today_or_yesterday() -> None:
    assert matched([], {"old": bloc("A B")}, first) == {}
    assert matched([], {}, first) == {}
    assert matched([bloc("A B")], {}, first) == {"A": bloc("A B")}
    assert matched([frozenset()], {"old": frozenset()}, lambda _: "none") == {"none": frozenset()}


@given(st.lists(st.integers(0, 4), min_size=4, max_size=30), st.data())
@moderate
def test_labels_persist_while_one_member_at_most_leaves_and_joins(
    camps: list[int], data: st.DataObject
) -> None:
    """Blocs of three or more: one lost and one found is a share of 2/4 at least, and of any other 0."""
    names = [f"N{index:02}" for index in range(len(camps))]
    blocs = [frozenset(n for n, c in zip(names, camps, strict=True) if c == camp) for camp in range(5)]
    yesterday = {f"L{index}": members for index, members in enumerate(blocs) if len(members) >= 3}
    today = {}
    for label, members in yesterday.items():
        leaver = data.draw(st.sampled_from([None, *sorted(members)]))
        joiner = data.draw(st.sampled_from([None, f"new-{label}"]))
        today[label] = (members - {leaver}) | ({joiner} - {None})
    order = data.draw(st.permutations(list(today.values())))
    assert matched(order, yesterday, first) == today


def test_a_label_is_proposed_by_the_members_with_most_ties_inside() -> None:
    """Sums inside RUS CHN IRN: .7, .5, .4; what RUS has outside does not count. Equal sums go by name."""
    actors = ["USA", "RUS", "CHN", "IRN"]
    tie, _ = ties(4, (1, 2, 0.4), (1, 3, 0.3), (2, 3, 0.1), (0, 3, 0.9))
    assert founders(bloc("RUS CHN IRN"), actors, tie) == "bloc-chn-rus"
    assert founders(bloc("RUS CHN IRN USA"), actors, tie) == "bloc-irn-usa"
    assert founders(bloc("RUS CHN IRN"), actors, np.zeros((4, 4))) == "bloc-chn-irn"
    assert founders(bloc("USA"), actors, tie) == "bloc-usa"
    assert founders(bloc("IGO:EU USA"), ["IGO:EU", "USA"], np.zeros((2, 2))) == "bloc-eu-usa"


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 1, 0, 2]])
def test_the_proposed_label_does_not_depend_on_the_order_of_actors(order: list[int]) -> None:
    actors = ["USA", "RUS", "CHN", "IRN"]
    tie, _ = ties(4, (1, 2, 0.4), (1, 3, 0.3), (2, 3, 0.1), (0, 3, 0.9))
    mixed = [actors[index] for index in order]
    assert founders(bloc("RUS CHN IRN"), mixed, tie[np.ix_(order, order)]) == "bloc-chn-rus"
