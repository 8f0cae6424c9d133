"""Whatever the order, the batches, the repeats: the same ledger, and the same bytes on every topic."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.contract.codec import encode
from pipeline.contract.metric import CoalitionMetric
from pipeline.metrics.aggregate import Aggregate, Outputs, recompute
from pipeline.metrics.entry import Entry
from pipeline.metrics.ledger import Ledger
from pipeline.metrics.params import MetricParams
from tests.strategies import COALITIONS, SHORT, entries, histories

Table = dict[tuple[str, str], bytes]
LISTS = histories(max_size=7)
EXAMPLES = int(os.environ.get("BLOCWATCH_EXAMPLES", "500"))
moderate = settings(
    derandomize="BLOCWATCH_EXAMPLES" not in os.environ,
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def table(outputs: Outputs, onto: Table | None = None) -> Table:
    """Upsert records by topic and key, as a compacted topic or a database does."""
    rows = {} if onto is None else onto
    for topic, key, record in outputs.records():
        if record is None:
            rows.pop((topic.name, key), None)
        else:
            rows[topic.name, key] = encode(record)
    return rows


def aggregate(params: MetricParams = SHORT) -> Aggregate:
    return Aggregate(COALITIONS, params, "test")


def whole(found: list[Entry], params: MetricParams = SHORT) -> Table:
    return table(recompute(found, COALITIONS, params, "test"))


@st.composite
def shuffled_batches(draw: st.DrawFn) -> tuple[list[Entry], list[list[Entry]]]:
    """A list of entries, and the same entries in another order, some twice, cut into batches."""
    found = draw(LISTS)
    again = draw(st.lists(st.sampled_from(found), max_size=4)) if found else []
    order = draw(st.permutations([*found, *again]))
    cuts = sorted(draw(st.lists(st.integers(0, len(order)), max_size=5)))
    return found, [order[a:b] for a, b in zip([0, *cuts], [*cuts, len(order)], strict=True)]


@given(shuffled_batches())
@moderate
def test_upserting_every_batch_gives_the_recomputed_whole(
    drawn: tuple[list[Entry], list[list[Entry]]],
) -> None:
    found, batches = drawn
    live, rows = aggregate(), Table()
    for batch in batches:
        for entry in batch:
            live.fold(entry)
        table(live.outputs(), rows)
    assert rows == table(live.everything())
    assert rows == whole(found)


@given(LISTS)
@settings(max_examples=15, deadline=None)
def test_the_same_holds_with_the_shipped_parameters(found: list[Entry]) -> None:
    live, rows = aggregate(MetricParams()), Table()
    for entry in found:
        live.fold(entry)
        table(live.outputs(), rows)
    assert rows == whole(found, MetricParams())


@given(LISTS, st.integers(0, 7))
@moderate
def test_a_restart_from_stored_entries_goes_on_as_if_nothing_had_been(found: list[Entry], at: int) -> None:
    live, rows, stored = aggregate(), Table(), dict[str, bytes]()
    for entry in found[:at]:
        if live.fold(entry):
            stored[entry.key] = live.stored(entry).dump()
    table(live.outputs(), rows)
    restarted = aggregate()
    for value in stored.values():
        restarted.fold(Entry.load(value))
    assert restarted.digest() == live.digest()
    restarted.outputs()
    for entry in found[at:]:
        restarted.fold(entry)
    table(restarted.outputs(), rows)
    assert rows == whole(found)


@given(LISTS)
@moderate
def test_no_row_ever_vanishes_and_no_revision_ever_falls(found: list[Entry]) -> None:
    live, revisions = aggregate(), dict[tuple[str, str, str], int]()
    for entry in found:
        live.fold(entry)
        now = {
            (topic.name, key, str(record.as_of)): record.revision
            for topic, key, record in live.everything().records()
            if hasattr(record, "revision")
        }
        history = {key for key in revisions if "history" in key[0]}
        assert history <= now.keys()
        assert all(now.get(key, seen) >= seen for key, seen in revisions.items())
        revisions |= now


@given(LISTS)
@moderate
def test_final_never_turns_back_and_ticks_only_grow(found: list[Entry]) -> None:
    live, final, ticks = aggregate(), set[str](), set[str]()
    for entry in found:
        live.fold(entry)
        rows = {row.history_key: row.final for row in live.everything().history}
        assert ticks <= rows.keys()
        assert all(rows[key] for key in final)
        ticks, final = set(rows), {key for key, done in rows.items() if done}


def ledger(found: list[Entry]) -> Ledger:
    filled = Ledger(SHORT)
    for entry in found:
        filled.fold(entry)
    filled.settle()
    return filled


def state(of: Ledger) -> tuple[str, list[object]]:
    of.settle()
    return of.digest(), [(dyad, of.cells(dyad), of.contributions(dyad)) for dyad in of.dyads]


@given(LISTS, LISTS, LISTS)
@moderate
def test_merge_is_commutative_associative_idempotent_with_identity(
    a: list[Entry], b: list[Entry], c: list[Entry]
) -> None:
    def merged(*ledgers: Ledger) -> Ledger:
        total = Ledger(SHORT)
        for one in ledgers:
            total.merge(one)
        return total

    expected = state(ledger([*a, *b, *c]))
    assert state(merged(ledger(a), ledger(b), ledger(c))) == expected
    assert state(merged(ledger(c), ledger(b), ledger(a))) == expected
    assert state(merged(ledger(a), merged(ledger(b), ledger(c)))) == expected
    assert state(merged(merged(ledger(a), ledger(b)), ledger(c), ledger([]), ledger(b))) == expected


@given(LISTS)
@moderate
def test_folding_one_by_one_with_settling_leaves_nothing_behind(found: list[Entry]) -> None:
    step = Ledger(SHORT)
    for entry in found:
        step.fold(entry)
        step.settle()
    assert state(step) == state(ledger(found))


@given(entries(), entries(), entries())
@moderate
def test_join_is_a_semilattice(a: Entry, b: Entry, c: Entry) -> None:
    assert a.join(b) == b.join(a)
    assert a.join(b).join(c) == a.join(b.join(c))
    assert a.join(a) == a
    assert Entry.load(a.join(b).dump()) == a.join(b)


@given(histories(max_size=7, unique_by=lambda e: (e.key, e.revision)))
@moderate
def test_a_final_value_changes_only_with_a_higher_revision(found: list[Entry]) -> None:
    live, before = aggregate(), dict[str, CoalitionMetric]()
    for entry in sorted(found, key=lambda e: e.published_us):
        live.fold(entry)
        now = {row.history_key: row for row in live.everything().history}
        for key, old in before.items():
            new = now[key].model_copy(update={"ledger_digest": old.ledger_digest})
            if old.final and new != old:
                assert new.revision > old.revision
        before = now


@given(LISTS, st.integers(0, 40))
@moderate
def test_what_was_given_whole_and_taken_is_not_given_again(found: list[Entry], at: int) -> None:
    live, rows = aggregate(), dict[tuple[str, str], bytes]()
    for entry in found[:at]:
        live.fold(entry)
    table(live.everything(take=True), rows)
    assert not list(live.outputs().records())
    for entry in found[at:]:
        live.fold(entry)
    table(live.outputs(), rows)
    assert rows == whole(found)
