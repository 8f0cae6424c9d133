"""Title and text in; the language they are written in, ISO 639-1, out.

py3langid (a naive Bayes classifier over byte n-grams, Lui & Baldwin 2012) among the languages that news
feeds are written in. A feed's configured language stands unless the text says otherwise clearly: English
headlines full of foreign names look French or Danish to any classifier.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.shipped import require_shipped

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

LANGUAGES = """
am ar az be bg bn cs da de el en es et fa fi fr ha he hi hr hu hy id it ja ka kk km ko ku ky lo lt lv mk
ml mn ms my ne nl no pa pl ps pt ro ru si sk sl so sq sr sv sw ta te tg th tk tl tr uk ur uz vi zh
""".split()
"""What can be detected. Left out: dialects and small languages that only short texts are taken for."""
SAMPLE = 500
"""Characters that are looked at: more does not change the answer."""
SHORTEST = 20
SHORT = 120
"""Bytes of UTF-8: under the first nothing is said, under the second only near certainty counts."""
FLOOR, SHORT_FLOOR = 0.8, 0.98
"""Probability from which a text overrules the configured language."""


def language_of(title: str, text: str, configured: str) -> str:
    """Detect the language; `configured` where the text is too short or speaks not clearly enough.

    The first call loads the model (about half a second), later ones take about 0.1 ms.

    >>> language_of("Le président reçoit le ministre des affaires étrangères de la Turquie", "", "en")
    'fr'
    >>> language_of("Kiev summons China’s charge d’affaires", "", "en")
    'en'
    """
    sample = f"{title}\n{text[:SAMPLE]}"[:SAMPLE].strip()
    size = len(sample.encode("utf-8", "surrogatepass"))
    if size < SHORTEST:
        return configured
    language, probability = _identifier().classify(sample)
    sure = probability >= (FLOOR if size >= SHORT else SHORT_FLOOR)
    return str(language) if sure else configured


def model_file() -> Path:
    """Where the classifier's model lies."""
    from py3langid.langid import MODEL_DIR, MODEL_FILE

    return Path(MODEL_DIR, MODEL_FILE)


@cache
def _identifier() -> LanguageIdentifier:
    """Load the model, keeping only the columns of `LANGUAGES`."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    require_shipped("py3langid/model", model_file())
    whole = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    whole.set_languages(LANGUAGES)
    return LanguageIdentifier(
        whole.nb_ptc, whole.nb_pc, whole.nb_classes, whole.tk_nextmove, whole.tk_output,
        norm_probs=True, tk_row=whole.tk_row,
    )  # fmt: skip
