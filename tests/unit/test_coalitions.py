"""Coalition files: dates, overlays, and every fault with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.contract.errors import ConfigError
from pipeline.ontology.coalition import (
    Coalition,
    Member,
    coalitions_version,
    load_coalitions,
    shipped_coalitions,
)

CONFIG = Path(__file__).parents[2] / "config" / "coalitions.yaml"


def members(name: str, day: date) -> set[str]:
    found = {c.name: c for c in load_coalitions(shipped_coalitions())}
    return {member.code for member in found[name].active(day)}


def faults(*texts: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_coalitions([(f"{n}.yaml", text) for n, text in enumerate(texts, 1)])
    return caught.value.faults


def test_what_is_shipped() -> None:
    found = {c.name: c for c in load_coalitions(shipped_coalitions())}
    assert sorted(found) == [
        "aukus", "axis", "brics", "csto", "eu", "g7", "gcc", "nato", "quad", "sco", "west",
    ]  # fmt: skip
    assert (found["axis"].rival, found["west"].rival) == ("west", "axis")
    assert not {m.code for m in found["axis"].members} & {m.code for m in found["west"].members}


@pytest.mark.parametrize(
    ("coalition", "code", "first_day"),
    [
        ("nato", "FIN", date(2023, 4, 4)),
        ("nato", "SWE", date(2024, 3, 7)),
        ("sco", "IND", date(2017, 6, 9)),
        ("sco", "PAK", date(2017, 6, 9)),
        ("sco", "IRN", date(2023, 7, 4)),
        ("sco", "BLR", date(2024, 7, 4)),
        ("brics", "ZAF", date(2011, 4, 14)),
        ("brics", "IRN", date(2024, 1, 1)),
        ("brics", "IDN", date(2025, 1, 6)),
    ],
)
def test_accessions(coalition: str, code: str, first_day: date) -> None:
    assert code in members(coalition, first_day)
    assert code not in members(coalition, date.fromordinal(first_day.toordinal() - 1))


@pytest.mark.parametrize(
    ("coalition", "day", "count"),
    [
        ("nato", date(2020, 1, 1), 29),
        ("nato", date(2024, 4, 1), 32),
        ("eu", date(2020, 1, 31), 28),
        ("eu", date(2020, 2, 1), 27),
        ("brics", date(2023, 12, 31), 5),
        ("brics", date(2025, 2, 1), 10),
        ("sco", date(2024, 8, 1), 10),
        ("g7", date(2024, 1, 1), 7),
    ],
)
def test_sizes(coalition: str, day: date, count: int) -> None:
    assert len(members(coalition, day)) == count


def test_the_operators_file_is_fine_as_it_comes_and_with_its_example() -> None:
    text = CONFIG.read_text(encoding="utf-8")
    shipped = load_coalitions(shipped_coalitions())
    assert load_coalitions([*shipped_coalitions(), ("coalitions.yaml", text)]) == shipped
    example = "\n".join(line.removeprefix("# ") for line in text.split("#\n")[1].splitlines())
    found = load_coalitions([*shipped_coalitions(), ("coalitions.yaml", example)])
    nordics = {c.name: c for c in found}["nordics"]
    assert nordics.rival == "axis"
    assert nordics.changes == (date(2023, 4, 4), date(2024, 3, 7), date(2030, 1, 1))


def test_a_later_file_replaces_by_name() -> None:
    first = "a: {title: A, members: [RUS, CHN]}\nb: {title: B, members: [USA]}"
    found = load_coalitions([("1", first), ("2", "a: {title: New, members: [IRN]}")])
    assert found == (
        Coalition("a", "New", (Member("IRN"),)),
        Coalition("b", "B", (Member("USA"),)),
    )
    assert coalitions_version(found) == coalitions_version(found)
    assert coalitions_version(found) != coalitions_version(found[:1])


def test_every_fault_of_every_file_with_its_line() -> None:
    found = faults(
        "a:\n  title: A\n  rivall: b\n  members:\n    - russia\n    - {code: USA, weight: 2}\n",
        "b:\n  title: B\n  rival: nobody\n  members:\n    - RUS\n"
        "    - {code: USA, since: 2024-01-02, until: 2024-01-02}\n    - RUS\n",
        "c: {title: C, members: []}\nd: {members: [RUS], title: D, rival: d}\n",
        "e:\n  title: E\n  members:\n    - {code: RUS, since: yesterday}\n    - {code: USA, capability: 0}\n",
    )
    places = sorted(fault.split(": ")[0] for fault in found)
    expected = {1: (3, 5, 6), 2: (3, 6, 7), 3: (1,), 4: (4, 5)}
    assert places == [f"{file}.yaml:{line}" for file, lines in expected.items() for line in lines]
    told = "\n".join(found)
    assert "remove this unknown key" in told
    assert "list RUS once" in told
    assert "let USA join (since) before it leaves (until)" in told
    assert "name a rival that exists, not 'nobody'" in told


def test_a_coalition_is_not_its_own_rival() -> None:
    assert faults("d: {members: [RUS], title: D, rival: d}") == [
        "1.yaml:1: name another coalition: 'd' cannot be its own rival"
    ]


def test_a_state_may_leave_and_come_back_but_not_overlap() -> None:
    head = "a:\n  title: A\n  members:\n"
    again = head + "    - {code: GBR, until: 2020-02-01}\n    - {code: GBR, since: 2030-01-01}\n"
    (found,) = load_coalitions([("1.yaml", again)])
    assert [found.active(date(year, 1, 1)) != () for year in (2019, 2025, 2031)] == [True, False, True]
    assert faults(again.replace("2030", "2019")) == [
        "1.yaml:5: list GBR once, or with periods that do not overlap"
    ]


@pytest.mark.parametrize("text", ["- a\n", "just words", "a: [}", "a: 1"])
def test_what_is_no_coalition_file_is_said_to_be_none(text: str) -> None:
    assert faults(text)[0].startswith("1.yaml:1: ")
