"""A parsed verb in; whether its subject is a national team, out.

English news gives a country a singular verb (*Croatia meets*, and it is the state) and its team a plural one
(*Croatia meet Hungary in Split*).
"""

from __future__ import annotations

from typing import Any

_PLURAL_NAMES = frozenset(
    "states emirates netherlands philippines maldives nations islands forces houthis".split()
)
_SUBJUNCTIVE = frozenset("that lest if whether unless".split())


def is_team(verb: Any) -> bool:
    """Tell whether one country does something in the plural."""
    if verb.tag_ not in ("VBP", "VB") or verb.dep_ not in ("ROOT", "conj", "parataxis"):
        return False
    if any(child.dep_ in ("aux", "mark", "neg") or child.lower_ in _SUBJUNCTIVE for child in verb.children):
        return False
    who = [child for child in verb.children if child.dep_ == "nsubj"]
    if len(who) != 1 or who[0].tag_ != "NNP" or who[0].i > verb.i:
        return False
    alone = not any(child.dep_ in ("conj", "appos", "cc", "punct") for child in who[0].children)
    return alone and who[0].lower_ not in _PLURAL_NAMES and not who[0].lower_.endswith("s")
