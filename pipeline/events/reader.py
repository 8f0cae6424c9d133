"""Loads the parser: spaCy's small English pipeline, without what nobody asks for."""

from __future__ import annotations

from typing import Any

import spacy.util


def load_reader() -> Any:
    """Return a spaCy pipeline that tags, lemmatises and parses one sentence at a time; takes about a second.

    Raises ImportError when the model package is not installed.
    """
    nlp = spacy.util.load_model("en_core_web_sm", exclude=["ner", "senter"])
    nlp.add_pipe("one_sentence", before="parser")
    return nlp


@spacy.Language.component("one_sentence")
def _one_sentence(doc: Any) -> Any:
    """Tell the parser that a text is one sentence: ours are split before."""
    for token in doc:
        token.is_sent_start = token.i == 0
    return doc
