"""Words that stand for an actor named before: he, she, it, they, the two countries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.events.actors import Mention
from pipeline.events.sentences import Sentence

_PRONOUNS = frozenset({"he", "she", "it", "they"})
_PAIRS = frozenset(
    {
        "country",
        "side",
        "leader",
        "nation",
        "minister",
        "president",
        "neighbour",
        "neighbor",
        "state",
        "man",
        "government",
        "diplomat",
    }
)


def resolve_anaphora(
    doc: Any, sentence: Sentence, mentions: Sequence[Mention], subjects: Sequence[Mention]
) -> list[Mention]:
    """Add a mention for each subject pronoun (the subject before) and for "the two …" (the two subjects before)."""
    added: list[Mention] = []
    before = {m.code: m for m in subjects}
    for token in doc:
        start = sentence.start + token.idx
        if token.lower_ in _PRONOUNS and token.dep_ in ("nsubj", "nsubjpass") and len(before) == 1:
            if not any(m.acts and m.start < start for m in mentions):
                (known,) = before.values()
                added.append(
                    Mention(known.code, start, start + len(token.text), token.text, "pronoun", known.role)
                )
        elif token.lemma_.lower() in _PAIRS and len(before) == 2 and _both(token):
            for known in before.values():
                added.append(
                    Mention(known.code, start, start + len(token.text), token.text, "pair", known.role)
                )
    return sorted([*mentions, *added], key=lambda m: (m.start, m.code))


def _both(token: Any) -> bool:
    return any(child.lower_ in ("two", "both") for child in token.children)
