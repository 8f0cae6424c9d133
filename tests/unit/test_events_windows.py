"""Windows, their arrays, and what the model may see of them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pipeline.contract.article import document
from pipeline.events.features import WIDTH, Describer
from pipeline.events.relations import Relations, place_of_mark
from pipeline.events.tensors import arrays
from pipeline.events.windows import CONTEXT, CORE, TITLE, VOICE, Window

if TYPE_CHECKING:
    from pipeline.events.extract import Coder

TITLE_TEXT = "Oslo and Riga to talk"
TEXT = "Norway's foreign minister flew to Latvia on Monday. He met his Latvian counterpart. Rain fell."


@pytest.fixture(scope="module")
def relations() -> Relations:
    return Relations()


@pytest.fixture(scope="module")
def windows(coder: Coder, relations: Relations) -> list[Window]:
    reading = coder._read(document(TITLE_TEXT, TEXT), date(2024, 3, 4), None)
    assert reading is not None
    return list(relations.framer.windows(reading.reads))


class _Framed:
    def __init__(self, window: Window, describer: Describer) -> None:
        self.tokens, self.parts = window.tokens, window.parts
        self.marks = [[[place_of_mark(m) for m in side] for side in pair.marks] for pair in window.pairs]
        self.features = describer.describe(window)


def test_every_window_has_one_core_and_pairs_named_in_it(windows: list[Window]) -> None:
    assert [w.read.sentence.text for w in windows][:2] == [TITLE_TEXT, TEXT.split(". ")[0] + "."]
    for window in windows:
        assert set(window.parts) <= {CONTEXT, CORE, TITLE, VOICE}
        for pair in window.pairs:
            assert {"NOR", "LVA"} == {pair.one, pair.other}
            assert any(marks[0].part == CORE for marks in pair.marks)


def test_marks_stand_on_the_words_that_name_the_actor(windows: list[Window], relations: Relations) -> None:
    vocabulary = relations.framer._tokenizer
    for window in windows:
        for pair in window.pairs:
            for mark in (m for side in pair.marks for m in side):
                told = vocabulary.decode(list(window.tokens[mark.first : mark.last + 1]))
                assert told.replace(" ", "") in mark.mention.text.lower().replace(" ", "")


def test_text_never_sees_markers_and_groups_never_see_each_other(windows: list[Window], coder: Coder) -> None:
    frames = [_Framed(w, Describer(coder._lexicon)) for w in windows]
    b = arrays(frames)
    width = b["tokens"].shape[1]
    for w, frame in enumerate(frames):
        seen = b["mask"][w] == 0
        assert seen[:width, : len(frame.tokens)].all()
        assert not seen[:width, width:].any()
        sizes = [2 + sum(map(len, sides)) for sides in frame.marks]
        group = np.repeat(np.arange(len(sizes)), sizes)
        inside = seen[width : width + len(group), width : width + len(group)]
        assert (inside == (group[:, None] == group[None])).all()


def test_padding_only_adds(windows: list[Window], coder: Coder) -> None:
    frames = [_Framed(w, Describer(coder._lexicon)) for w in windows]
    narrow, wide = arrays(frames), arrays(frames, step=64)
    assert wide["tokens"].shape[1] % 64 == 0
    assert (wide["tokens"][:, : narrow["tokens"].shape[1]] == narrow["tokens"]).all()
    assert (wide["features"] == narrow["features"]).all()


def test_features_are_shares(windows: list[Window], coder: Coder) -> None:
    for window in windows:
        found = Describer(coder._lexicon).describe(window)
        assert found.shape == (len(window.pairs), 2, WIDTH)
        assert found.min() >= 0
        assert found.max() <= 1


def test_a_window_scores_alike_whatever_was_scored_before(
    windows: list[Window], relations: Relations, coder: Coder
) -> None:
    describer = Describer(coder._lexicon)
    alone = [Relations().score(w, describer).types for w in windows]
    after = [relations.score(w, describer).types for w in reversed(windows)][::-1]
    for one, other in zip(alone, after, strict=True):
        assert (one == other).all()
