"""Text of a page in; the same without the lines that are the page's furniture, not its news, out.

A line goes only where all of it is of a known kind: a line of running text stays, whatever it speaks of.
"""

from __future__ import annotations

import re

_LONGEST = 160
"""Characters: longer lines are running text."""
_DAY = r"([a-z]{3,9}\.? \d{1,2},? ?\d{4}|\d{1,2}\.? [a-z]{3,9}\.? \d{4})"
_PICTURE = r"(cover|photo(graph)?s?|image|picture|illustration|file photo|video|graphic)s?"
_WIRE = r"(afp|ap|ap photo|reuters|getty images|shutterstock|epa|istock|unsplash|alamy|tass)"
_SHARE = (
    r"(share|tweet|pin|email|e-mail|print|save|copy link|whatsapp|telegram|facebook|twitter|x|linkedin"
    r"|reddit|on|this|via|link|article|story|page)"
)
_STANDING = (
    r"(read more|more on this story|related( (articles?|stories|news|topics))?|most read|recommended"
    r"|advertisement|sponsored|comments?( \(\d+\))?|leave a (comment|reply)|all rights reserved\.?"
    r"|back to top|next article|previous article|load more|show more|tags?:.*|topics?:.*|filed under:.*)"
)
_AGO = r"\d+ ?(min(ute)?s?|hours?|days?)"
_KINDS = (
    r"icon",
    r"(#\w+\s*\d*[\s,;·|]*)+",  # hashtags, each with a count or without
    rf"{_DAY}([ ,|·-]+\d{{1,2}}:\d{{2}}( ?[ap]m)?)?([ |·]+\d+)?",
    rf"{_PICTURE}( by| credit| source)?\s*[:©|/]\s*\S.*",
    r"(credit|source)s?:\s*\S[^.!?]{0,80}",
    rf"{_PICTURE} (by|courtesy of) [^!?]{{0,60}}",
    rf"[^!?]{{0,60}}(/|\bvia )\s?{_WIRE}( via {_WIRE})?\.?",
    rf"{_SHARE}([ ,|·/&]+{_SHARE})*:?",
    r"(please )?(share|follow|like|join|support|subscribe to|sign up (for|to)) (us|our|this|the)"
    r" [^.!?]{0,80}[.!]?",
    r"(subscribe|sign up|log in|sign in|register|donate|support us)( now| here| today| for free)?[.!]?",
    r"(read|see|watch|listen)( also| more| next| too| on)?\s*:\s*\S.*",
    _STANDING,
    r"(we use|this (site|website) uses) cookies\b.*|accept( all)? cookies.*",
    r"cookie (policy|settings|notice).*",
    r"(©|\(c\)|copyright)\s.*",
    rf"{_AGO} (read|ago)|(last )?(updated|published|posted):? [^.!?]{{0,60}}",
    rf"by [\w.'’-]+( [\w.'’-]+){{0,3}}[,|·]? {_AGO} ago",
    r"[\d\W_]+",
)
_FURNITURE = re.compile("|".join(f"(?:{kind})" for kind in _KINDS), re.IGNORECASE)


def without_residue(text: str, outlet: str = "") -> str:
    """Leave the lines that tell something; `outlet`'s bare name is no line of news.

    >>> without_residue("icon\\nMinisters met in Kyiv.\\nCover: Shutterstock\\n#DefeatRussia 12")
    'Ministers met in Kyiv.'
    """
    lines = (line.strip() for line in text.splitlines())
    name = outlet.casefold()
    return "\n".join(line for line in lines if line and line.casefold() != name and not _is_residue(line))


def _is_residue(line: str) -> bool:
    return len(line) <= _LONGEST and _FURNITURE.fullmatch(line) is not None
