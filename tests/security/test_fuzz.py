"""The short form of `make fuzz`: a few hundred inputs a parser, always the same, and what was once found."""

from __future__ import annotations

import time
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.contract.errors import BadRecordError
from pipeline.metrics.entry import Entry
from pipeline.ontology.yamlfile import read_yaml
from tests.security.fuzz import attempt, inputs
from tests.security.parsers import TARGETS, Target, loaded_coder
from tests.security.samples import article

ROUNDS = {"feed": 150, "page": 300, "config": 250, "extract": 25}
SHORT = 2_000
"""Bytes of an input to the extractor: a text costs it far more than the others."""
QUICK = [name for name in TARGETS if name not in ("feed", "page", "extract")]


@pytest.mark.parametrize("name", TARGETS)
def test_bent_samples_are_read_or_refused(name: str) -> None:
    target = TARGETS[name]
    for data in islice(inputs(target, 1), ROUNDS.get(name, 600)):
        attempt(target, data[:SHORT] if name == "extract" else data)


@pytest.mark.parametrize("name", QUICK)
@settings(deadline=None, max_examples=100)
@given(
    data=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace")))
)
def test_any_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    attempt(TARGETS[name], data)


def test_a_find_is_told() -> None:
    def fails(_: bytes) -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        attempt(Target(fails, list), b"")
    attempt(Target(fails, list, (KeyError,)), b"")


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 100_000 + "]" * 100_000,  # ended the process: the reader recurses in C
        "- " * 5_000 + "x",
        "a: &a [*a]",
        "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
        + "\n".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)),
        "? [a, b]\n: 1",
        "? {a: b}\n: 1",
    ],
    ids=["deep", "deep list", "within itself", "a thousand million laughs", "list as key", "map as key"],
)
def test_yaml_that_once_broke_its_reader_is_a_fault_with_a_line(text: str) -> None:
    faults: list[str] = []
    started = time.thread_time()
    read_yaml("a.yaml", text, faults)
    assert time.thread_time() - started < 10  # 0.7 s where it takes longest; one of them never ended
    assert faults
    assert all(fault.startswith("a.yaml:") for fault in faults)


@pytest.mark.parametrize(
    "value", [b"[" * 100_000, b"[1e999" + b",0" * 15 + b"]", b'{"a":1}', b"null", b"\xff"]
)
def test_ledger_bytes_that_are_no_entry_are_refused(value: bytes) -> None:
    with pytest.raises(BadRecordError):
        Entry.load(value)


@pytest.mark.parametrize("unit", ["Chad Basin Georgia Meloni ", "Denzel Washington Kerry Jordan ", "A. B. "])
def test_a_long_text_of_names_costs_in_proportion(unit: str) -> None:
    """Each name was held against the whole text: 40,000 characters took 3 s, now 100,000 take 0.3 s."""
    coder = loaded_coder()
    started = time.thread_time()
    coder.extract(article("Talks", (unit * 20_000)[:100_000]))
    assert time.thread_time() - started < 5
