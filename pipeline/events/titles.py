"""The words beside a state's name in; the office that they give its unnamed or unknown holder out.

"Gabonese Foreign Minister Placide Nzoghe" speaks for Gabon although no list knows him.
"""

from __future__ import annotations

import re

_FIELDS = """foreign prime defence defense finance interior home trade commerce energy economy economic
justice transport health agriculture culture education environment climate security labour labor migration
immigration tourism information communications oil petroleum water development planning industry investment
intelligence state digital science fisheries infrastructure housing sports treasury unification press
armed\\sforces foreign\\saffairs external\\saffairs european\\saffairs internal\\saffairs public\\ssecurity
national\\ssecurity foreign\\spolicy religious\\saffairs presidential parliament government
foreign\\sministry defence\\sministry defense\\sministry""".split()
_RANKS = """deputy first second acting interim caretaker vice special permanent chief senior top lead supreme
military army navy crown transitional""".split()
_HEADS = """president minister premier chancellor king queen emperor emir sultan prince princess monarch
ambassador envoy consul secretary spokesman spokeswoman spokesperson representative negotiator diplomat leader
ruler commander speaker adviser advisor aide attaché chief taoiseach
prime\\sminister head\\sof\\sstate head\\sof\\sgovernment chief\\sof\\sstaff high\\scommissioner
charg[eé]\\sd['’]affaires secretary[\\s-]general consul[\\s-]general (?:army|navy)\\schief
minister\\s(?:of|for)\\s(?:state|defen[cs]e|finance|foreign\\saffairs|trade|interior|energy|justice)
secretary\\sof\\s(?:state|defen[cs]e|the\\streasury|war)""".split()
_NO_OFFICE = (
    r"(?![\s-](?:elect|league|hopeful|candidate|contender|executive|economist|justice|judge|editor)\b)"
)


def _either(words: list[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_TITLE = (
    rf"(?P<title>(?:(?:{_either(_FIELDS + _RANKS)})(?:\sand)?[\s-]){{0,4}}(?:{_either(_HEADS)})\b{_NO_OFFICE}"
    r"|(?-i:General(?=\s[A-Z])(?!\s(?:Assembly|Staff|Secretar|Electi|Motors|Electric|Prosecut))))"
)
_AFTER = re.compile(rf"(?:['’]s?)?\s(?i:{_TITLE})")
_BEFORE = re.compile(
    rf"\b(?:(?i:{_TITLE})\s|(?P<long>Minister\s(?:of|for)(?:\s(?:[A-Z][\w-]+|and|the|for)){{1,8}})\s)"
    rf"(?:(?!(?i:{_either(_HEADS)})\b)[A-Z][\w’'-]+\s){{0,3}}(?:of|for)\s(?:the\s)?$"
)
_JOINTS = (" of ", " for ", " the ")
_GLUE = (" ", "'", "’")
_FORMER = re.compile(r"(?:\b(?:former|late|ex|then|one-time|shadow|opposition|club|company)[\s-])\s*$", re.I)
_ORGAN = re.compile(
    r"(?:['’]s?)?\s(?:(?:foreign|defen[cs]e|interior|finance|trade|armed|ruling|military|caretaker)\s)*"
    r"(?:presidency|government|ministry|army|military|navy|parliament|cabinet|embassy|forces|mission|delegation"
    r"|junta|state|republic)\b",
    re.I,
)


def title_beside(text: str, start: int, end: int, adjective: bool) -> str | None:
    """Name the office, in lower case, that stands with the name of a state at text[start:end].

    `adjective` tells a demonym, which needs an organ after it: spokesman for the *Danish* army.

    >>> title_beside("Gabonese Foreign Minister Placide Nzoghe left.", 0, 8, adjective=True)
    'foreign minister'
    >>> title_beside("the president of Chad", 17, 21, adjective=False)
    'president'
    >>> title_beside("the president of Chad's football club", 17, 21, adjective=False)
    """
    if text[end : end + 1] in _GLUE and (after := _AFTER.match(text, end)):
        return _plain(after["title"])
    window = text[max(0, start - 90) : start]
    before = _BEFORE.search(window) if window.endswith(_JOINTS) else None
    if before is None or _FORMER.search(window[: before.start()]):
        return None
    bare = not adjective and not text.startswith(("'", "’"), end)
    return _plain(before["title"] or before["long"]) if bare or _ORGAN.match(text, end) else None


def _plain(title: str) -> str:
    return " ".join(title.lower().replace("’", "'").split())
