"""A name of a state in a text in; whether a person or a town bears it there ("Denzel Washington"), out."""

from __future__ import annotations

import re
from functools import lru_cache

GIVEN_NAMES = frozenset(
    "Jordan Chad Georgia Israel India Kenya China Paris London Sofia Victoria Santiago Ireland".split()
)
"""Names of states and capitals that people bear as given names."""
SURNAMES = frozenset(
    """
    Washington Jordan Israel Ireland Holland England France London Berlin Paris Lima Moscow Britain
    Spain Germany Wales Scotland Poland Chad Vienna Rome Madrid Dublin Havana Cuba Malta Cyprus Lisbon
    Athens
    """.split()
)
"""Names of states and capitals that people bear as surnames."""
_BEFORE = re.compile(r"(?P<lead>(?:^|[\n.!?:;–—“\"])\s*)?\b(?P<word>[A-Z][a-zà-ÿ]+)(?: [A-Z]\.)? $")
_NO_NAME = frozenset(
    """
    north south east west central greater new northern southern eastern western upper lower old great mr
    mrs president king queen prince minister premier chancellor pope saint st mount lake port fort cape
    january february march april may june july august september october november december monday tuesday
    wednesday thursday friday saturday sunday the a an and but or nor so yet for of in on at by to from
    with without within into onto over under after before since until till while when where why how what
    which who whose whom if unless though although because as than that this these those both either
    neither each every all any some many most more much few several such no not now then today yesterday
    tomorrow meanwhile however still also again once here there thus hence even only just despite amid
    against between among towards toward through throughout during beyond across along around about near
    like unlike per via plus minus versus is are was were be been has have had do does did will would
    can could might shall should must let lets
    """.split()
)
_STATES = (
    r"Ala(?:bama|\.)|Alaska|Ariz(?:ona|\.)|Ark(?:ansas|\.)|Calif(?:ornia|\.)|Colo(?:rado|\.)"
    r"|Conn(?:ecticut|\.)"
    r"|Del(?:aware|\.)|Fl(?:orid)?a\b\.?|Ga\.|Hawaii|Idaho|Ill(?:inois|\.)|Ind(?:iana|\.)|Iowa|Kan(?:sas|\.)"
    r"|Kentucky|Ky\.|Louisiana|La\.|Maine|Maryland|Md\.|Mass(?:achusetts|\.)|Mich(?:igan|\.)|Minn(?:esota|\.)"
    r"|Miss(?:issippi|\.)|Missouri|Mo\.|Mont(?:ana|\.)|Neb(?:raska|\.)|Nev(?:ada|\.)|New (?:Hampshire"
    r"|Jersey|Mexico"
    r"|York)|N\.[HJMYCD]\.|North (?:Carolina|Dakota)|Ohio|Okla(?:homa|\.)|Ore(?:gon|\.)|Penn(?:sylvania"
    r"|\.)|Pa\."
    r"|Rhode Island|South (?:Carolina|Dakota)|Tenn(?:essee|\.)|Tex(?:as|\.)|Utah|Vermont|Vt\.|Virginia|Va\."
    r"|Wash\.|West Virginia|Wis(?:consin|\.)|Wyo(?:ming|\.)|Ontario|Ont\.|Quebec"
)
_TOWN = re.compile(rf", (?:{_STATES})")
_SURNAME = re.compile(r" ([A-Z][a-zà-ÿ]{2,})\b")
_LINE = 1_000
"""Characters of a line that are looked at on either side; of a longer one, a title says no more."""
_TITLE_CASE = 0.6


def is_namesake(text: str, start: int, name: str) -> bool:
    """Tell whether a name of a state or a capital at text[start:] is a person's or an American town's there.

    >>> is_namesake("Paris, Texas, has a fair.", 0, "Paris")
    True
    """
    if _TOWN.match(text, start + len(name)):
        return True
    return bears_name(text, start, name) or gives_name(text, start, name)


def gives_name(text: str, start: int, name: str) -> bool:
    """Tell whether it is a given name: the next word is a surname that the text uses alone, too.

    >>> gives_name("Chad Hurley came. Hurley sang.", 0, "Chad"), gives_name("Chad Basin floods.", 0, "Chad")
    (True, False)
    """
    if name not in GIVEN_NAMES or (after := _SURNAME.match(text, start + len(name))) is None:
        return False
    return _stands_alone(text, name, after[1])


@lru_cache(maxsize=32)
def _stands_alone(text: str, name: str, surname: str) -> bool:
    """Remembered, so that a text that repeats a name is not read again each time."""
    alone = re.compile(rf"(?<!{name} )\b{surname}\b(?=,|['’]s| (?:who|[a-z]+(?:ed|s)|said|met|sang)\b)")
    return alone.search(text) is not None


def bears_name(text: str, start: int, name: str) -> bool:
    """Tell whether a name at text[start:] is the surname of somebody whose given name stands before it.

    >>> bears_name("Denzel Washington spoke.", 7, "Washington")
    True
    >>> bears_name("When Washington spoke.", 5, "Washington")
    False
    >>> bears_name("Kerry Visits Jordan After Talks", 13, "Jordan")
    False
    """
    if name not in SURNAMES:
        return False
    found = _BEFORE.search(text[max(0, start - 40) : start])
    if found is None or found["word"].lower() in _NO_NAME:
        return False
    if found["word"].endswith(("ly", "ing", "ed")) and found["lead"] is not None:
        return False
    return not _title_case(text, start, {found["word"], name})


def _title_case(text: str, at: int, known: set[str]) -> bool:
    """Tell whether a line capitalises its other words, so that a capital shows no name."""
    first, last = max(0, at - _LINE), at + _LINE
    end = text.find("\n", at, last)
    line = text[max(first, text.rfind("\n", first, at) + 1) : end if end >= 0 else last]
    words = [word for word in re.findall(r"[A-Za-z]{4,}", line) if word not in known]
    return bool(words) and sum(word[0].isupper() for word in words) >= _TITLE_CASE * len(words)
