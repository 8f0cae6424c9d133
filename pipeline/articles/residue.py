"""Text of a page in; the same without the lines that are the page's furniture, not its news, out.

A line goes only where all of it is of a known kind: a line of running text stays, whatever it speaks of.
"""

from __future__ import annotations

import re

_LONGEST = 240
"""Characters: longer lines are running text."""
_DAY = r"([a-z]{3,9}\.? \d{1,2},? ?\d{4}|\d{1,2}\.? [a-z]{3,9}\.? \d{4})"
_NUMBERS = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
_TIME = r"([ ,|·-]+(at )?\d{1,2}:\d{2}( ?[ap]\.?m\.?)?)?( [a-z]{2,4})?"
_DATE_LINE = rf"(?P<date>({_DAY}|{_NUMBERS}){_TIME})([ |·]+\d+)?"
"""With a count of readers or without."""
_WORD = r"[A-Z][\w.'’-]*+"
_NAMES = rf"(?-i:{_WORD}([,/| ]++({_WORD}|(and|for|of|the|via|de|van|von|al)\b))*)"
"""Capitalised words: no sentence."""
_PICTURE = r"(cover|photo(graph)?s?|images?|picture|illustration|file photo|video|graphic|caption)s?"
_WIRE = r"(afp|ap|ap photo|reuters|getty images|shutterstock|epa|istock|unsplash|alamy|tass)"
_SHARE = (
    r"(share|tweet|pin|email|e-mail|print|save|copy link|whatsapp|telegram|facebook|twitter|x|linkedin"
    r"|reddit|on|this|via|link|article|story|page)"
)
_PLACE = (
    r"(facebook|twitter|x|instagram|telegram|whatsapp|youtube|tiktok|linkedin|threads|bluesky|mastodon"
    r"|google news|apple news|social media)"
)
_LETTER = r"((e-?mail )?newsletters?|mailing list|inbox|e-?mail alerts?|notifications|feeds)"
_STANDING = (
    r"(read (more|next)|more on this (story|topic)|up next|related( (articles?|stories|news|topics))?"
    r"|most (read|popular|viewed)( in [\w &]{1,30})?|trending( now)?|recommended( for you)?"
    r"|(- ?)?(advertisement|story continues below|article continues (below|after)|article content)[\w -]*"
    r"|sponsored( content)?|comments?( \(\d+\))?|leave a (comment|reply)|\d+ comments?"
    r"|all rights reserved\.?|our standards:.*|back to top|next article|previous article|load more|show more"
    r"|tags?:.*|topics?:.*|filed under:.*)"
)
_AGO = r"\d+ ?(min(ute)?s?|hours?|days?)"
_KINDS = (
    r"icon",
    r"(#\w+\s*\d*[\s,;·|]*)+",  # hashtags, each with a count or without
    _DATE_LINE,
    rf"{_PICTURE}( by| credit| source)?\s*[:©|/]\s*\S.*",
    r"(credit|source)s?:\s*\S[^!?]{0,80}",
    rf"{_PICTURE} (by|courtesy of)( the)? {_NAMES}",
    rf"({_NAMES})?[ ,]*(/|\bvia )\s?{_WIRE}( via {_WIRE})?\.?",
    rf"{_SHARE}([ ,|·/&]+{_SHARE})*:?",
    rf"(please )?(share|follow|like|join|find|subscribe to|get)\b[^!?]*\bon (our )?{_PLACE}\b.*",
    rf"(please )?(subscribe|sign up|register|get|receive|join)\b[^!?]*\b{_LETTER}\b.*",
    rf"for [^!?]*\bsign up (for|to) our\b[^!?]*\b{_LETTER}\b.*",
    r"(please )?sign up (for|to) (our|the|breaking|daily|free)\b.*|click here (to|for)\b.*",
    r"get (the )?(latest|daily|breaking) [\w ]*news( alerts)?\.?",
    r"support (our|independent|quality) (work|journalism|reporting|newsroom|site|website)\b.*",
    r"(subscribe|sign up|log in|sign in|register|donate|support us)( or \w+( an account)?)?"
    r"( now| here| today| for free| to (continue|comment|read more)\b[\w ]*)?!?",
    r"(read|see|watch|listen|more)( also| more| next| too| on)?\s*:\s*(?-i:[^\sa-z]).*",
    r"for more stories like this\b.*|(do you have|got) a (story|news tip)\?.*",
    _STANDING,
    r"(we use|this (site|website) uses) cookies\b.*|accept( all)? cookies.*",
    r"cookie (policy|settings|notice).*",
    r"©.*|(\(c\)|copyright)( ©| \(c\))?,? \d{4}\b.*|copyright\b.*\ball rights reserved.*",
    rf"{_AGO} (read|ago)",
    rf"(last )?(updated|published|posted)( on| at)?:? ({_DAY}|{_NUMBERS}|\d{{1,2}}:\d\d).{{0,40}}",
    rf"(?-i:By|BY) {_NAMES}([,|· ]+({_AGO} ago|{_DAY}{_TIME}))?",
    rf"[—–-]+ .{{1,60}}\(@\w+\) {_DAY}",  # the signature of an embedded tweet
    r"[\d\W_]+",
)  # fmt: skip
_DATED = re.compile(_DATE_LINE, re.IGNORECASE)
_FURNITURE = re.compile("|".join(f"(?:{kind})" for kind in _KINDS), re.IGNORECASE)


def without_residue(text: str, outlet: str = "") -> str:
    """Leave the lines that tell something; `outlet`'s bare name is no line of news.

    >>> without_residue("icon\\nMinisters met in Kyiv.\\nCover: Shutterstock\\n#DefeatRussia 12")
    'Ministers met in Kyiv.'
    """
    lines = (line.strip() for line in text.splitlines())
    name = outlet.casefold()
    return "\n".join(line for line in lines if line and line.casefold() != name and not is_residue(line))


def is_residue(line: str) -> bool:
    """Tell whether a line, without white space around it, is furniture."""
    return len(line) <= _LONGEST and _FURNITURE.fullmatch(line) is not None


def date_line(line: str) -> str:
    """The date of a line that holds nothing else but a count of readers, as written; empty for others.

    >>> date_line("March 21,2024 490")
    'March 21,2024'
    """
    found = _DATED.fullmatch(line)
    return found["date"] if found and len(line) <= _LONGEST else ""
