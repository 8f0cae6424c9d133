"""Words of a past time in; whether an act, or the run of a text, lies long before publication, out.

A time dates the clause on which it hangs and what hangs on that, not the whole sentence: "marking the
anniversary of the 1975 accord, the two presidents met" tells of a meeting now. A text that opens long ago
stays there until a word of the present (a weekday, today, this week) leads it back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from pipeline.events.sentences import Sentence

_NUMBER = (
    r"(?:\d[\d,.]*|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty"
    r"|thirty|forty"
    r"|fifty|sixty|seventy|eighty|ninety|hundred|some|several|many|few|half a|a quarter of a)(?:[- ]\w+)?"
)
_LONG = r"(?:years?|decades?|centur(?:y|ies)|generations?|millenni(?:um|a))"
_MONTHS = "January February March April May June July August September October November December".split()
_MONTH = rf"(?:{'|'.join(_MONTHS)})"
_YEAR = re.compile(
    rf"\b(?:(?P<month>{_MONTH})(?: \d{{1,2}}(?:st|nd|rd|th)?)?,? )?"
    r"(?<![\d,.$€£])(?P<year>1[0-9]\d\d|20\d\d)\b(?![\d,.]\d| (?:people|troops|soldiers|men|tonnes|km"
    r"|miles|dollars|euros))"
)
_ERA = re.compile(
    rf"\b(?:half a |a quarter of a |{_NUMBER} )?{_LONG} (?:ago|earlier|before)\b"
    r"|\b(?:[4-9]|1[0-9]|several|four|five|six|seven|eight|nine|ten|eleven|eighteen) months (?:ago|earlier)\b"
    r"|(?<!the )\blast year\b|\b(?:a|the) (?:year|decade|century) (?:ago|earlier|before)\b"
    r"|\b(?:\d{1,2}(?:st|nd|rd|th)|\w+teenth|twentieth|last) century\b"
    r"|\b(?:1[0-9]|20)\d0s\b|['’‘][3-9]0s\b|\b(?:twen|thir|for|fif|six|seven|eigh|nine)ties\b"
    r"|\bCold War\b(?! (?:mentality|mindset|thinking|logic|rhetoric|style))"
    r"|\b(?:First|Second|Great) World War\b|\bWorld War (?:I{1,2}|One|Two|1|2)\b|\bGreat Patriotic War\b"
    r"|\b(?:Napoleonic|Crimean|Korean|Vietnam|Gulf|Boer|Balkan|Yugoslav|Falklands|Six-Day|Opium) Wars?\b"
    r"|\b(?:Soviet|colonial|imperial|Ottoman|Habsburg|tsarist|czarist|medieval|Victorian|interwar|wartime"
    r"|Stalin|Mao|"
    r"Nazi|apartheid|communist) (?:era|times?|days|period|rule|years)\b"
)
_DURATION = re.compile(rf"\bfor (?:nearly |almost |over |about |more than )?{_NUMBER} {_LONG}\b")
_NOW = re.compile(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|today|now|currently|yesterday|tomorrow|tonight"
    r"|overnight"
    r"|recent(?:ly)?|nowadays|still|so far|earlier in the day|(?:this|last|next|past|coming) "
    r"(?:morning|afternoon|evening|night|week|weekend|month|days|hours|few days)"
    r"|this (?:year|spring|summer|autumn|fall|winter))\b",
    re.IGNORECASE,
)
_COMMEMORATES = re.compile(
    r"\banniversar(?:y|ies)\b|\bcentenary\b|\bbicentenary\b|\bjubilee\b|\bremember(?:ing|ed)\b|\barchives?\b"
    r"|\bon this day\b|\blook(?:ing)? back\b|\bwho remembers\b|\bhistory of\b|\bin history\b|\bflashback\b"
    rf"|\b{_NUMBER} {_LONG} (?:on|since|later|after|ago)\b"
    r"|\b(?:how|when|the (?:day|night|week|summer|winter)) (?:that |in which )?(?:\w+ ){1,4}?\w+(?:ed"
    r"|ought|ent|ook|ell|ame)\b",
    re.IGNORECASE,
)
_LINKED = re.compile(
    rf"^[\"“‘'(]*(?:(?:only |just |barely )?(?:{_NUMBER}|within|after) (?:\w+ )?"
    r"(?:hours?|days?|weeks?|months?|years?)(?: (?:later|after|afterwards))?\b|within (?:hours|days|weeks"
    r"|months|a \w+)\b"
    r"|(?:the )?(?:following|next|same) (?:day|night|week|month|year|spring|summer|autumn|winter|morning)\b"
    rf"|(?:by|in|that) (?:{_MONTH}|then|spring|summer|autumn|winter|year|week|day)\b"
    r"|(?:then|later|afterwards|soon|thereafter|subsequently|eventually|meanwhile|at the time)\b)",
    re.IGNORECASE,
)
_RECORD = re.compile(r"\b(?:first|since|longest|only)\b", re.IGNORECASE)
"""The first summit for three years is held now."""
_FEASTS = frozenset("anniversary centenary bicentenary jubilee".split())
_OPENING_CHARS = 45
_OLD_DAYS = 60
_NOMINAL = frozenset({"nummod", "compound", "amod", "nmod", "poss", "appos", "npadvmod", "quantmod"})
_DATING = frozenset(
    "in on during since from by until before under throughout amid at through of after".split()
)


def long_past(trigger: Any, published: date) -> bool:
    """Tell whether a time in the trigger's sentence (a spaCy parse) dates it long before publication."""
    doc = trigger.doc
    for start, end in _past_times(doc.text, published):
        span = doc.char_span(start, end, alignment_mode="expand")
        if span is not None and _dates(span.root, trigger):
            return True
    if any(word.lemma_.lower() in _FEASTS for word in trigger.ancestors):
        return True  # the anniversary of the attack
    duration = _DURATION.search(doc.text)
    if (
        duration
        and not _RECORD.search(doc.text)
        and (span := doc.char_span(*duration.span(), alignment_mode="expand"))
    ):
        verb = clause_of(trigger)
        return bool(clause_of(span.root).i == verb.i and tells_past(verb, perfect=False))
    return False


def carried(sentences: Sequence[Sentence], published: date) -> list[Sentence]:
    """Mark the sentences whose past time was set by one before.

    >>> told = [Sentence("In June 1807 Chile raided Peru.", 0), Sentence("Peru struck back.", 32),
    ...         Sentence("On Monday Peru met Chile.", 50)]
    >>> [s.past for s in carried(told, date(2024, 1, 1))]
    [False, True, False]
    """
    marked, running, linked = [], False, False
    titled = any(_COMMEMORATES.search(s.text) for s in sentences if s.headline)
    body = 0
    for sentence in sentences:
        now = _NOW.search(sentence.text) is not None
        past = not now and (running or (linked and _LINKED.match(sentence.text) is not None))
        marked.append(replace(sentence, past=past))
        if sentence.headline:
            continue
        times = list(_past_times(sentence.text, published))
        opens = any(start <= _OPENING_CHARS for start, _ in times)
        if body == 0:
            running = not now and (_sets_out(sentence.text, times) or (titled and bool(times)))
        running = running and not now
        linked = not now and (opens or past)
        body += 1
    return marked


def clause_of(token: Any) -> Any:
    """The verb of the clause in which a word stands; the word itself where there is none."""
    word = token
    while word.pos_ not in ("VERB", "AUX") and word.head.i != word.i:
        word = word.head
    return word if word.pos_ in ("VERB", "AUX") else token


def tells_past(verb: Any, perfect: bool = True) -> bool:
    """Tell whether a verb is in the past tense; the present perfect is not, past perfect if wished."""
    helpers = {child.lower_ for child in verb.children if child.dep_ in ("aux", "auxpass")}
    if verb.tag_ == "VBD":
        return not helpers & {"has", "have"}
    if verb.tag_ == "VBN":
        return bool(helpers & {"was", "were", "got"} or (perfect and "had" in helpers))
    return "did" in helpers


def _past_times(text: str, published: date) -> Iterator[tuple[int, int]]:
    for match in _ERA.finditer(text):
        yield match.span()
    for match in _YEAR.finditer(text):
        year = int(match["year"])
        if year > published.year or (year == published.year and not match["month"]):
            continue
        month = _MONTHS.index(match["month"].capitalize()) + 1 if match["month"] else 0
        if month and (published - date(year, month, 28)).days <= _OLD_DAYS:
            continue
        yield match.span()


def _sets_out(text: str, times: Sequence[tuple[int, int]]) -> bool:
    """Tell whether a first sentence sets the text long ago: it opens or ends with the time."""
    return any(
        start <= _OPENING_CHARS or (end >= len(text) - 2 and text[:start].endswith((" of ", " in ")))
        for start, end in times
    )


def _dates(time: Any, trigger: Any) -> bool:
    """Tell whether a time word dates the trigger: it hangs on the trigger, its clause, or a clause above."""
    word = time
    above = {trigger.i, *(token.i for token in trigger.ancestors)}
    verb = clause_of(trigger)
    while word.head.i != word.i:
        through, word = word, word.head
        if word.i == trigger.i:
            return True
        if word.pos_ in ("VERB", "AUX"):
            return _over(word, verb, trigger)
        if word.pos_ == "NOUN" and (through.dep_ in _NOMINAL or through.dep_ == "prep"):
            if word.i in above:
                return True
            if not _adverbial(word):
                return False  # the accord of 1975 was praised now
    return word.i in above


def _over(dated: Any, verb: Any, trigger: Any) -> bool:
    """Tell whether the clause of a dated verb is the trigger's own or one around it, told as past."""
    if dated.i == verb.i:
        return True
    token = verb
    while token.head.i != token.i:
        if token.dep_ in ("conj", "ccomp", "parataxis") and (
            any(_NOW.fullmatch(word.text) for word in token.subtree) or not tells_past(token)
        ):
            return False
        token = token.head
        if token.i == dated.i:
            return True
    return False


def _adverbial(noun: Any) -> bool:
    """Tell whether a noun only helps to say when: in the *summer* of 1914."""
    return noun.lemma_.lower() in _WHEN or (noun.dep_ == "npadvmod")


_WHEN = frozenset(
    """
    year month week day night morning spring summer autumn fall winter end start beginning middle eve half
    decade century time era period age part quarter course outbreak height aftermath
    """.split()
) | frozenset(month.lower() for month in _MONTHS)
