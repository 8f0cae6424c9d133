"""Ties between actors in; the blocs they form out, under labels that stay from day to day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from pipeline.metrics.clock import Hours, Mask
from pipeline.metrics.trail import Floats

_UNITS = 1e9
"""Ties are counted in whole billionths, so that sums are exact, equal gains equal, on any processor."""
_ROUNDS = 10
"""Merging and moving alternate until neither gains; more than three rounds are rare."""
_MOVES = 10
"""Most moves a node, on average, in one round; only a bound, every move gains."""


def communities(tie: Floats, observed: Mask, gamma: float = 0.05) -> tuple[tuple[int, ...], ...]:
    """Part actors so that Σ (τ_ij − γ) over the observed pairs inside a group is as large as we can make it.

    The constant Potts model on a signed network (Traag and Bruggeman 2009, doi:10.1103/PhysRevE.80.036115;
    Traag, Van Dooren and Nesterov 2011, doi:10.1103/PhysRevE.84.016114), with γ charged for observed
    pairs only: who is never seen together is neither near nor far. Equal to correlation clustering
    (Bansal, Blum and Chawla 2004) on τ − γ, so NP-hard; here the best pair of groups is merged until
    none gains, then the best single node moves, and both again: a local optimum, always the same one
    (on random ties of 8 actors the best of all in 6 cases of 7, and 99 % of its value on average).

    `tie` is symmetric, τ in [−1, 1], shape (n, n); `observed` is symmetric of that shape; neither's
    diagonal counts. Every actor is in exactly one group, loners in one of their own. Groups and
    members are numbers of rows; members ascend, the largest group is first, then by first member.
    Between exactly equal gains the lowest numbers win; nothing else depends on the order of actors.

    >>> tie = np.array([[0, .6, -.4], [.6, 0, -.2], [-.4, -.2, 0]])
    >>> communities(tie, tie != 0)
    ((0, 1), (2,))
    """
    gain = np.where(observed, np.rint((tie - gamma) * _UNITS), 0.0)
    np.fill_diagonal(gain, 0.0)
    group = np.arange(len(gain))
    for _ in range(_ROUNDS if len(gain) else 0):
        before = group
        group = _moved(gain, _merged(gain, before))
        if np.array_equal(group, before):
            break
    found = (tuple(np.flatnonzero(group == first).tolist()) for first in np.unique(group))
    return tuple(sorted(found, key=lambda members: (-len(members), members)))


def matched(
    today: Sequence[frozenset[str]],
    yesterday: Mapping[str, frozenset[str]],
    fresh: Callable[[frozenset[str]], str],
    least: float = 0.3,
) -> dict[str, frozenset[str]]:
    """Give each of today's blocs its label: yesterday's where it goes on, else a fresh one.

    A bloc goes on where it and one of yesterday's share at least `least` of all their members (Jaccard
    1912; Greene, Doyle and Cunningham 2010 match communities over time so), largest share first, one
    to one; equal shares go by label. `fresh` proposes a label for a new bloc; where yesterday or today
    has it already, a number from 2 up is added. The order of `today` changes nothing; in the
    answer the largest bloc is first.
    """
    blocs = sorted(today, key=lambda bloc: (-len(bloc), sorted(bloc)))
    shares = sorted(
        (-_jaccard(bloc, former), label, index)
        for index, bloc in enumerate(blocs)
        for label, former in yesterday.items()
    )
    labels: dict[int, str] = {}
    for share, label, index in shares:
        if -share >= least and index not in labels and label not in labels.values():
            labels[index] = label
    taken = set(yesterday)
    for index, bloc in enumerate(blocs):
        if index not in labels:
            labels[index] = _free(fresh(bloc), taken)
            taken.add(labels[index])
    return {labels[index]: bloc for index, bloc in enumerate(blocs)}


def founders(bloc: frozenset[str], actors: Sequence[str], tie: Floats) -> str:
    """Propose a label for a bloc: the two members with the greatest sum of ties inside it, by name.

    `actors` names the rows of `tie`. The label tells who led the bloc on its first day, no more.

    >>> actors, tie = ["RUS", "IGO:CIS", "CHN"], np.array([[0, .2, .6], [.2, 0, .1], [.6, .1, 0]])
    >>> founders(frozenset(actors), actors, tie)
    'bloc-chn-rus'
    """
    row = {actor: index for index, actor in enumerate(actors)}
    members = sorted(bloc)
    inside = tie[np.ix_([row[actor] for actor in members], [row[actor] for actor in members])]
    order = np.argsort(-np.rint(inside * _UNITS).sum(axis=1), kind="stable")[:2]
    return "-".join(["bloc", *sorted(members[index].rpartition(":")[2].lower() for index in order)])


def _merged(gain: Floats, group: Hours) -> Hours:
    """Merge the two groups that gain most by it until none gains; a group's number is its lowest member's."""
    group = group.copy()
    member = _members(group)
    between = member.T @ gain @ member
    np.fill_diagonal(between, -np.inf)
    while True:
        one, other = divmod(int(between.argmax()), len(group))  # the first of equals: one < other
        if between[one, other] <= 0:
            return group
        between[one] += between[other]
        between[:, one] = between[one]
        between[other] = between[:, other] = -np.inf
        group[group == other] = one


def _moved(gain: Floats, group: Hours) -> Hours:
    """Move the node that gains most by it, to another group or out on its own, until none gains."""
    group = group.copy()
    nodes = np.arange(len(group))
    toward = gain @ _members(group)
    for _ in range(_MOVES * len(group)):
        rise = toward - toward[nodes, group][:, None]
        node, to = divmod(int(rise.argmax()), len(group))
        if rise[node, to] <= 0:
            break
        toward[:, group[node]] -= gain[node]
        toward[:, to] += gain[node]
        group[node] = to
    first = np.full(len(group), len(group))
    np.minimum.at(first, group, nodes)
    return first[group]


def _members(group: Hours) -> Floats:
    """Who is in which group, shape (nodes, groups): one or zero."""
    member: Floats = (group[:, None] == np.arange(len(group))).astype(np.float64)
    return member


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))


def _free(stem: str, taken: set[str]) -> str:
    label, number = stem, 2
    while label in taken:
        label, number = f"{stem}-{number}", number + 1
    return label
