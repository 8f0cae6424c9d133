"""Names of months and weekdays in, in the languages that feeds write dates in; their numbers out.

English, French, German, Spanish, Italian, Portuguese, Dutch, Turkish, Russian, Ukrainian. Left out: names
that mean different months in different languages, as `listopad` does (October in Croatian, November in
Polish).
"""

from __future__ import annotations

import unicodedata

_MONTHS = """
jan january janvier janv januar jänner ene enero gen gennaio janeiro januari ocak января янв січня
feb february février févr fév februar febrero febbraio fevereiro fev februari şubat subat февраля фев лютого
mar march mars märz mrz marzo março maart mrt mart марта мар березня
apr april avril avr abril abr aprile nisan апреля апр квітня
may mai mayo maggio mag maio mei mayıs мая травня
jun june juin juni junio giugno giu junho haziran июня июн червня
jul july juillet juil juli julio luglio lug julho temmuz июля июл липня
aug august août agosto ago augustus ağustos agustos августа авг серпня
sep sept september septembre septiembre settembre set setembro eylül eylul сентября сен сент вересня
oct october octobre oktober okt octubre ottobre ott outubro out ekim октября окт жовтня
nov november novembre noviembre novembro kasım kasim ноября ноя нояб листопада
dec december décembre déc dezember dez diciembre dic dicembre dezembro aralık aralik декабря дек грудня
"""
_WEEKDAYS = """
mon monday lundi lun montag lunes lunedì segunda-feira maandag mo pazartesi понедельник пн
tue tues tuesday mardi dienstag martes martedì terça-feira dinsdag di salı вторник вт
wed wednesday mercredi mer mittwoch miércoles mercoledì quarta-feira woensdag mi çarşamba среда ср
thu thurs thursday jeudi jeu donnerstag jueves giovedì quinta-feira donderdag do jue gio perşembe четверг чт
fri friday vendredi ven freitag viernes venerdì sexta-feira vrijdag vie fr cuma пятница пт
sat saturday samedi sam samstag sábado sabato zaterdag sab sa cumartesi суббота сб
sun sunday dimanche dim sonntag domingo domenica zondag dom so pazar воскресенье вс
"""


def _plain(word: str) -> str:
    """Fold case and take the accents off, so that `AOUT` is `août`."""
    spread = unicodedata.normalize("NFD", word.casefold())
    return unicodedata.normalize("NFC", "".join(c for c in spread if c not in _ACCENTS)).replace("ı", "i")


_ACCENTS = frozenset("\u0300\u0301\u0302\u0303\u0307\u0308\u0327\u0306")


def _table(lines: str, first: int) -> dict[str, int]:
    rows = enumerate(lines.strip().splitlines(), first)
    return {_plain(word): number for number, row in rows for word in row.split()}


_MONTH_OF = _table(_MONTHS, 1)
_WEEKDAY_OF = _table(_WEEKDAYS, 0)


def month_of(word: str) -> int | None:
    """Return 1 to 12, or None for a word that is no month's name or usual abbreviation.

    >>> month_of("Sept"), month_of("août"), month_of("марта"), month_of("marvel")
    (9, 8, 3, None)
    """
    return _MONTH_OF.get(_plain(word))


def weekday_of(word: str) -> int | None:
    """Return 0 for Monday to 6 for Sunday, or None for a word that is no weekday's name.

    >>> weekday_of("Thu"), weekday_of("jeudi"), weekday_of("soon")
    (3, 3, None)
    """
    return _WEEKDAY_OF.get(_plain(word))
