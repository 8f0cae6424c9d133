"""A text or a sentence in; the reason why it is about something else than what states do, or None, out.

Texts of sport, fiction, kitchens and quizzes borrow the words of diplomacy ("France attacked", "Iran holds
off Japan"). Each kind is told by its own vocabulary, counted: several different signs are needed, and
the institutions of states (ministry, embassy, sanctions) weigh against them, so that sanctions against a
football league survive. The vocabulary is in genrewords.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.events import genrewords

_STRONG = 2
_OPENING_WORDS = 40
_SPARSEST = 30
"""A long text that has fewer signs than one in so many words only touches a kind."""
_LONGEST_TERM = 3
_WORD = re.compile(r"[a-zà-ÿ0-9]+(?:['’](?=[a-z]{3})[a-z]+)?")


@dataclass(frozen=True, slots=True)
class _Genre:
    name: str
    strong: frozenset[str]
    """Words that hardly occur in other texts; each counts twice."""
    weak: frozenset[str]
    """Words that occur elsewhere too."""
    enough: int
    """What the different signs of a text have to weigh together."""
    guard: int
    """How much more for each different word of the institutions of states."""
    frame: re.Pattern[str] | None = None
    """What puts a sentence into this kind: in the *new thriller* …"""

    def weigh(self, terms: Sequence[str], text: str) -> tuple[int, bool]:
        """The weight of the signs, and whether any strong one is there; a frame is one."""
        strong, weak = self.strong.intersection(terms), self.weak.intersection(terms)
        framed = self.frame is not None and self.frame.search(text) is not None
        return _STRONG * (len(strong) + framed) + len(weak), bool(strong) or framed

    def touches_only(self, terms: Sequence[str], words: int) -> bool:
        """Tell whether the signs lie far apart in a long text."""
        return _SPARSEST * sum(term in self.strong or term in self.weak for term in terms) < words


_SPORT = _Genre(
    "sport",
    genrewords.SPORT,
    genrewords.SPORT_TOO,
    4,
    2,
    re.compile(
        r"(?<![\d-])(?<!\w-)\b\d{1,3}[-–]\d{1,3}\b(?![-–\d%])"
        r"(?! (?:per cent|percent|year|day|hour|km|vote|in fav))"
        r"|\b(?:beat|beats|edged?|thrash(?:ed)?|trounced?|outplay(?:ed)?|outclass(?:ed)?"
        r"|drew with|lost to|held off"
        r"|saw off|knock(?:ed)? out|whitewash(?:ed)?) (?:the )?(?-i:[A-Z])"
        r"|\bby (?:\w+) (?:single )?(?:wickets?|runs|goals?|points|lengths|seconds|strokes)\b",
        re.IGNORECASE,
    ),
)
_FICTION = _Genre(
    "fiction",
    genrewords.FICTION,
    genrewords.FICTION_TOO,
    4,
    0,
    re.compile(
        r"\b(?:in|of|from|through) (?:the|an?|this|that|his|her|its|their|one|another"
        r"|(?:[\w’'-]+ ){0,3}[\w-]+[’']s) (?:(?:new|first|second|third|last|latest|opening|final|debut"
        r"|next|early|spy|war|crime|comic"
        r"|strategy|historical|political|satirical|dystopian|graphic|video|board|computer|card"
        r"|role-playing|\w+-part"
        r"|television|tv|stage|radio|bestselling|animated|feature|short|science-fiction) ){0,3}"
        r"(?:novel|novella|thriller|film|movie|miniseries|series(?! of)|sitcom|drama|play(?! for)|comedy"
        r"|satire|season|episode|sequel|prequel|game|story|tale|comic|opera|musical|trilogy|saga|fable"
        r"|cartoon|adventure"
        r"|book)\b"
        r"|\bin (?:episode|chapter|season|act|scene) (?:one|two|three|four|five|six|seven|eight"
        r"|nine|ten|\d+|[IVX]+)\b"
        r"|\A(?:on )?(?:the )?(?:cinema|theatre|theater|film|movies?|tv|television|radio|podcast"
        r"|small screen|books?|opera"
        r"|games?|gaming|video games?|streaming|fiction|poetry|review|graphic novels?|comics)(?: review"
        r"| of the week)?:"
        r"|\b(?:hero|heroine|protagonist|villain|narrator) of\b",
        re.IGNORECASE,
    ),
)
_TABLE = _Genre("food, travel or art", genrewords.LEISURE, genrewords.LEISURE_TOO, 5, 3)
_QUIZ = _Genre("a quiz", genrewords.QUIZ, genrewords.QUIZ_TOO, 4, 2)
_SUPPOSED = _Genre(
    "supposition",
    genrewords.SUPPOSED,
    genrewords.SUPPOSED_TOO,
    3,
    0,
    re.compile(
        r"\bin (?:the|an?|one|this|that|another|such an?|their|its) (?:[\w-]+ ){0,2}(?:scenario|simulation"
        r"|tabletop exercise|desk exercise|war ?game|thought experiment|alternate history|counterfactual)\b",
        re.IGNORECASE,
    ),
)


def foreign_text(title: str, text: str) -> str | None:
    """Why a text as a whole tells nothing that states did, or None.

    >>> foreign_text("Chile edge Peru", "Chile's striker scored in stoppage time and won the qualifier 2-1.")
    'a text of sport'
    >>> foreign_text("EU bans Russian football", "The European Commission wants sanctions against FIFA.")
    """
    whole = f"{title}\n{text}"
    words = _words(whole)
    terms = list(_terms(words))
    states = len(genrewords.STATES.intersection(terms))
    for genre in (_SPORT, _FICTION, _TABLE, _QUIZ):
        weight, certain = genre.weigh(terms, whole)
        if not certain or weight < genre.enough + genre.guard * states:
            continue
        if not genre.touches_only(terms, len(words)) and (genre.guard or _opens_with(genre, words, whole)):
            return f"a text of {genre.name}"
    return None


def foreign_sentence(text: str) -> str | None:
    """Why a sentence tells nothing that happened, or None: it tells of a match, a story, a simulation.

    >>> foreign_sentence("In the new spy thriller Chile attacks Peru.")
    'a sentence of fiction'
    >>> foreign_sentence("The summit was a game of thrones.")
    """
    terms = list(_terms(_words(text)))
    for genre in (_FICTION, _SUPPOSED):
        if genre.frame is not None and genre.frame.search(text) and genre.weigh(terms, text)[0] > _STRONG + 1:
            return f"a sentence of {genre.name}"
    weight, certain = _SPORT.weigh(terms, text)
    if certain and weight >= _SPORT.enough and not genrewords.STATES.intersection(terms):
        return "a sentence of sport"
    return None


def _words(text: str) -> list[str]:
    return [_singular(word) for word in _WORD.findall(text.lower().replace("’", "'"))]


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def _terms(words: Sequence[str]) -> Iterator[str]:
    """Each word, and each two and three words that follow one another, joined by "_"."""
    for length in range(1, _LONGEST_TERM + 1):
        yield from ("_".join(words[i : i + length]) for i in range(len(words) - length + 1))


def _opens_with(genre: _Genre, words: Sequence[str], text: str) -> bool:
    """Tell whether a text says what it is at its start: its first lines name the book or the game."""
    head = words[:_OPENING_WORDS]
    weight, certain = genre.weigh(list(_terms(head)), text[: 6 * _OPENING_WORDS])
    return certain and weight > _STRONG
