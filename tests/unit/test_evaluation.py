"""Measures of agreement on codings small enough to work out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pipeline.evaluation.agreement import agreement
from pipeline.evaluation.calibration import Bin, calibration
from pipeline.evaluation.confusion import confusion
from pipeline.evaluation.documents import CodedDocument, CodedEvent
from pipeline.evaluation.estimate import Estimate, estimate, harmonic, share
from pipeline.evaluation.evidence import Proven, quoted
from pipeline.evaluation.finding import Found, count, false_where_none, found
from pipeline.evaluation.keys import Level, grouped
from pipeline.evaluation.measures import measure
from pipeline.evaluation.outlets import LONG_TEXT_CHARS, OutletKind, kind_of
from pipeline.evaluation.report import report
from pipeline.evaluation.worst import Refused, worst

NOTHING = Proven(0, 0)


def event(told: str, **more: object) -> CodedEvent:
    """'RUS AID PRK' as an event; several codes of a side are joined by '+'."""
    source, kind, target = told.split()
    sides = {"source": source.split("+"), "target": target.split("+")}
    return CodedEvent.model_validate({**sides, "type": kind, **more})


def doc(doc_id: str, *events: CodedEvent, **more: object) -> CodedDocument:
    return CodedDocument.model_validate({"doc_id": doc_id, "events": events, **more})


def counts(gold: list[CodedEvent], predicted: list[CodedEvent]) -> dict[str, tuple[int, int, int]]:
    return {level.value: count(gold, predicted, level) for level in Level}


def numbers(one: Found) -> tuple[int, int, int, float | None, float | None, float | None]:
    return (one.hit, one.false, one.missed, one.precision.value, one.recall.value, one.f1.value)


def test_a_wrong_type_of_one_quad_class_counts_at_the_coarser_levels() -> None:
    # ACCUSE and REJECT are both verbal conflict: the triple is one false and one missed, the rest hits.
    found_by_level = counts([event("RUS ACCUSE USA")], [event("RUS REJECT USA")])
    assert found_by_level == {"triple": (0, 1, 1), "quad": (1, 0, 0), "signed": (1, 0, 0), "dyad": (1, 0, 0)}


def test_direction_counts_for_triples_and_most_quads_but_not_for_sign_and_dyad() -> None:
    backwards = counts([event("RUS ACCUSE USA")], [event("USA ACCUSE RUS")])
    assert backwards == {"triple": (0, 1, 1), "quad": (0, 1, 1), "signed": (1, 0, 0), "dyad": (1, 0, 0)}
    # SUPPORT is directed as a type, but verbal cooperation is unordered as a quad class.
    praise = counts([event("RUS SUPPORT CHN")], [event("CHN SUPPORT RUS")])
    assert praise == {"triple": (0, 1, 1), "quad": (1, 0, 0), "signed": (1, 0, 0), "dyad": (1, 0, 0)}


@pytest.mark.parametrize("kind", ["CONSULT", "AGREE", "COOPERATE"])
def test_symmetric_types_are_unordered(kind: str) -> None:
    assert count([event(f"RUS {kind} CHN")], [event(f"CHN {kind} RUS")], Level.TRIPLE) == (1, 0, 0)


def test_lists_are_taken_apart_and_an_actor_with_itself_is_no_pair() -> None:
    # Four pairs, of which CHN with CHN falls out: RUS-CHN, RUS-USA, CHN-USA.
    keys = grouped([event("RUS+CHN ACCUSE CHN+USA")], Level.TRIPLE)
    assert list(keys) == [("RUS", "CHN", "ACCUSE"), ("RUS", "USA", "ACCUSE"), ("CHN", "USA", "ACCUSE")]
    mutual = grouped([event("RUS+CHN CONSULT RUS+CHN")], Level.TRIPLE)
    assert list(mutual) == [("CHN", "RUS", "CONSULT")]


def test_one_code_many_codes_none_and_empty_ones_are_read() -> None:
    row = {"source": "RUS", "type": "AID", "target": [None, "", "PRK"], "date": "2024-03-19T10:00:00Z"}
    read = CodedEvent.model_validate(row)
    assert (read.source, read.target, str(read.date)) == (("RUS",), ("PRK",), "2024-03-19")
    assert not grouped([CodedEvent.model_validate({**row, "source": None})], Level.DYAD)


def test_an_unsure_event_is_neither_missed_nor_false_nor_hit() -> None:
    unsure = event("RUS AID PRK", sure=False)
    assert count([unsure], [], Level.TRIPLE) == (0, 0, 0)
    assert count([unsure], [event("RUS AID PRK")], Level.TRIPLE) == (0, 0, 0)
    assert count([unsure, event("RUS AID PRK")], [], Level.TRIPLE) == (0, 0, 1)


def test_other_statuses_are_not_scored_and_give_no_licence() -> None:
    denied = event("RUS AID PRK", status="denied")
    assert count([denied], [], Level.TRIPLE) == (0, 0, 0)
    assert count([denied], [event("RUS AID PRK")], Level.TRIPLE) == (0, 1, 0)
    assert count([event("RUS AID PRK")], [denied], Level.TRIPLE) == (0, 0, 1)
    assert count([event("RUS AID PRK", status="intended")], [event("RUS AID PRK")], Level.TRIPLE) == (1, 0, 0)


def test_totals_are_summed_before_dividing() -> None:
    # a: 1 hit, 1 false. b: 1 hit, 2 missed. Micro: precision 2/3, recall 2/4, F1 2·(2/3)(1/2)/(7/6) = 4/7.
    gold = [
        doc("a", event("RUS AID PRK")),
        doc("b", event("USA ACCUSE IRN"), event("IRN REJECT USA"), event("USA SANCTION RUS")),
    ]
    predicted = {
        "a": (event("RUS AID PRK"), event("RUS ASSAULT UKR")),
        "b": (event("USA ACCUSE IRN"),),
    }
    assert numbers(found(gold, predicted, Level.TRIPLE)) == (
        2, 1, 2, pytest.approx(2 / 3), 0.5, pytest.approx(4 / 7)
    )  # fmt: skip


def test_nothing_to_divide_by_gives_zero() -> None:
    assert numbers(found([], {}, Level.DYAD)) == (0, 0, 0, 0.0, 0.0, 0.0)
    assert numbers(found([doc("a")], {}, Level.DYAD)) == (0, 0, 0, 0.0, 0.0, 0.0)


def test_false_events_are_counted_where_gold_has_none_at_all() -> None:
    # Two empty documents with 1 and 0 false triples: 50 per 100. An unsure event makes "c" not empty.
    gold = [doc("a"), doc("b"), doc("c", event("RUS AID PRK", sure=False))]
    extra = (event("USA ACCUSE IRN"), event("USA ACCUSE IRN", status="intended"))
    assert false_where_none(gold, {"a": extra, "c": extra}).value == 50
    assert false_where_none(gold[2:], {}) == Estimate(None, None, None)


def test_status_day_and_place_are_compared_on_matched_triples() -> None:
    # Gold statuses: occurred ×3, denied ×1; found: occurred ×2, denied ×1, occurred ×1.
    # occurred: hit 2, false 1, missed 1: F1 2/3. denied: hit 0: 0. Macro 1/3, accuracy 2/4.
    gold = doc(
        "a",
        event("RUS AID PRK", date="2024-03-19", place="PRK"),
        event("USA ACCUSE IRN", date="2024-03-19", place="USA"),
        event("USA ACCUSE RUS", date="2024-03-19"),
        event("RUS ACCUSE USA", status="denied"),
        event("CHN AID PRK"),
    )
    predicted = (
        event("RUS AID PRK", date="2024-03-20", place="PRK"),
        event("USA ACCUSE IRN", date="2024-03-21", place="IRN"),
        event("USA ACCUSE RUS", status="denied"),
        event("RUS ACCUSE USA"),
    )
    agreed = agreement([gold], {"a": predicted})
    assert agreed.matched_triples == 4
    assert agreed.status_macro_f1.value == pytest.approx(1 / 3)
    assert agreed.status_accuracy.value == 0.5
    assert agreed.date_within_a_day.value == pytest.approx(1 / 3)  # a day off, two days off, no day
    assert agreed.place_accuracy.value == 0.5


def test_without_a_match_there_is_nothing_to_agree_on() -> None:
    agreed = agreement([doc("a", event("RUS AID PRK"))], {})
    assert agreed.matched_triples == 0
    assert agreed.status_macro_f1 == agreed.place_accuracy == Estimate(None, None, None)


def test_of_several_events_on_one_triple_the_first_sure_one_speaks() -> None:
    gold = doc("a", event("RUS AID PRK", place="RUS", sure=False), event("RUS AID PRK", place="PRK"))
    assert agreement([gold], {"a": (event("RUS AID PRK", place="PRK"),)}).place_accuracy.value == 1


def test_calibration_by_hand() -> None:
    # Bin .9: .95 right. Bin .6: .6 right and .68 wrong, mean .64, right .5. An unsure one falls out.
    # Error: (1·|1 − .95| + 2·|.5 − .64|) / 3 = .33 / 3 = .11.
    gold = doc("a", event("RUS AID PRK"), event("USA ACCUSE IRN"), event("USA AID UKR", sure=False))
    predicted = (
        event("RUS AID PRK", confidence=0.95),
        event("RUS AID PRK", confidence=0.3),
        event("USA ACCUSE IRN", confidence=0.6),
        event("IRN ACCUSE USA", confidence=0.68),
        event("USA AID UKR", confidence=0.1),
        event("CHN AID PRK"),
        event("CHN AID RUS", confidence=0.5, status="hypothetical"),
    )
    found_out = calibration([gold], {"a": predicted})
    assert found_out.error.value == pytest.approx(0.11)
    assert found_out.bins == (Bin(0.6, 2, pytest.approx(0.64), 0.5), Bin(0.9, 1, 0.95, 1.0))


def test_full_confidence_is_in_the_last_bin_and_none_gives_no_error() -> None:
    one = calibration([doc("a")], {"a": (event("RUS AID PRK", confidence=1),)})
    assert (one.bins, one.error.value) == ((Bin(0.9, 1, 1.0, 0.0),), 1.0)
    assert calibration([doc("a", event("RUS AID PRK"))], {"a": (event("RUS AID PRK"),)}).error.value is None


def test_confusion_tells_right_reversed_mistaken_missed_and_false() -> None:
    gold = doc(
        "a",
        event("RUS AID PRK"),
        event("RUS ACCUSE USA"),
        event("USA THREATEN IRN"),
        event("CHN SUPPORT PAK"),
        event("USA AID UKR", sure=False),
    )
    predicted = (
        event("RUS AID PRK"),
        event("USA ACCUSE RUS"),
        event("USA SANCTION IRN"),
        event("USA AID UKR"),
        event("RUS CONSULT IND"),
    )
    assert confusion([gold], {"a": predicted}) == {
        "AID": {"AID": 1},
        "ACCUSE": {"reversed": 1},
        "THREATEN": {"SANCTION": 1},
        "SUPPORT": {"none": 1},
        "none": {"CONSULT": 1},
    }


def test_each_triple_enters_the_confusion_once() -> None:
    # Same pair: AGREE is right, ACCUSE and REJECT are missed, one false SANCTION: it is taken for the first.
    gold = doc("a", event("RUS ACCUSE USA"), event("USA REJECT RUS"), event("RUS AGREE USA"))
    predicted = (event("RUS SANCTION USA"), event("USA AGREE RUS"))
    assert confusion([gold], {"a": predicted}) == {
        "AGREE": {"AGREE": 1},
        "ACCUSE": {"SANCTION": 1},
        "REJECT": {"none": 1},
    }


def test_an_interval_is_that_of_the_binomial() -> None:
    # 100 documents, half of them right: the share of a resample has standard deviation .05,
    # so its 90 % interval is .5 ± 1.645·.05 = [.418, .582].
    table = np.array([[float(n % 2), 1.0] for n in range(100)])
    got = estimate(table, lambda sums: share(sums[:, 0], sums[:, 1]), folds=4000)
    assert (got.value, got.low, got.high) == (
        0.5, pytest.approx(0.418, abs=0.01), pytest.approx(0.582, abs=0.01)
    )  # fmt: skip
    assert got == estimate(table, lambda sums: share(sums[:, 0], sums[:, 1]), folds=4000)


def test_division_by_nothing() -> None:
    one, none = np.array([1.0]), np.array([0.0])
    assert math.isnan(share(one, none)[0])
    assert harmonic(none, none)[0] == 0


def test_evidence_without_spans_must_stand_word_for_word() -> None:
    gold = doc("a", title="Talks", text="They met. They left.")
    events = (
        event("RUS CONSULT CHN", evidence="They met."),
        event("RUS CONSULT CHN", evidence="They spoke."),
        event("RUS CONSULT CHN"),
    )
    assert quoted([gold], {"a": events, "elsewhere": events}) == Proven(3, 1)


@pytest.mark.parametrize(
    ("source", "length", "kind"),
    [
        ("tass", 0, OutletKind.HEADLINE),
        ("putin", 50, OutletKind.PRESIDENCY),
        ("The President of France", 5000, OutletKind.PRESIDENCY),
        ("state_gov", 50, OutletKind.PRESS_RELEASE),
        ("Ministry of Foreign Affairs of Japan", 5000, OutletKind.PRESS_RELEASE),
        ("feed:BBC_News_", LONG_TEXT_CHARS, OutletKind.TEASER),
        ("feed:BBC_News_", LONG_TEXT_CHARS + 1, OutletKind.LONG_TEXT),
    ],
)
def test_kinds_of_text(source: str, length: int, kind: OutletKind) -> None:
    assert kind_of(doc("a", source=source, text="x" * length)) is kind


def test_the_report_is_written_even_of_nothing() -> None:
    assert "0 documents" in report("nothing", measure([], {}, NOTHING))
    unsure = [doc("a", event("RUS AID PRK", sure=False))]
    assert "1 of them without a line" in report("unsure", measure(unsure, {}, NOTHING))


def test_the_worst_documents_give_reasons() -> None:
    bad = doc(
        "bad",
        event("RUS AID PRK", evidence="Moscow sent grain to Pyongyang"),
        event("USA ACCUSE IRN", evidence="Washington blamed Tehran."),
    )
    good = doc("good", event("RUS AID PRK"))
    predicted = {
        "bad": (event("IRN ACCUSE USA", evidence="Washington blamed Tehran.", confidence=0.7),),
        "good": good.events,
    }
    reasons = {"bad": [Refused("Moscow sent  grain to Pyongyang.", "unknown verb")]}
    text = worst([good, bad], predicted, reasons)
    assert "## bad: 3 faults" in text
    assert "## good" not in text
    assert "**missed** RUS AID PRK, occurred\n" in text
    assert "refused: unknown verb in: Moscow sent grain to Pyongyang." in text
    assert "found in this sentence: IRN ACCUSE USA, occurred, confidence 0.70" in text
    assert "gold in this sentence: USA ACCUSE IRN, occurred" in text


def test_without_a_coder_no_reason_is_claimed() -> None:
    assert "refused" not in worst([doc("a", event("RUS AID PRK", evidence="Grain."))], {}, {})


def test_where_gold_gives_no_sentence_the_refusals_stand_at_the_head() -> None:
    text = worst([doc("a", event("RUS AID PRK"))], {}, {"a": [Refused("Grain went.", "one actor only")]})
    assert "Refused: one actor only in: Grain went.\n\n- **missed** RUS AID PRK" in text
