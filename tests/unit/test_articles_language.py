"""Languages of articles: what they are written in, and when the feed's own word stands."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.articles.language import LANGUAGES, language_of

TEASERS = {
    "en": "The foreign ministers met in Ankara on Tuesday and agreed to reopen the border crossing.",
    "fr": "Les ministres des affaires étrangères se sont réunis mardi à Ankara pour rouvrir la frontière.",
    "de": "Die Außenminister trafen sich am Dienstag in Ankara und wollen den Grenzübergang wieder öffnen.",
    "es": "Los ministros de Exteriores se reunieron el martes en Ankara y acordaron reabrir la frontera.",
    "it": "I ministri degli Esteri si sono incontrati martedì ad Ankara e riapriranno il valico.",
    "pt": "Os ministros das Relações Exteriores reuniram-se na terça-feira em Ancara.",
    "nl": "De ministers van Buitenlandse Zaken kwamen dinsdag in Ankara bijeen om de grens te heropenen.",
    "pl": "Ministrowie spraw zagranicznych spotkali się we wtorek w Ankarze i uzgodnili otwarcie granicy.",
    "sv": "Utrikesministrarna träffades i Ankara på tisdagen och enades om att öppna gränsen igen.",
    "ru": "Министры иностранных дел встретились во вторник в Анкаре и договорились открыть границу.",
    "uk": "Міністри закордонних справ зустрілися у вівторок в Анкарі та домовилися відкрити кордон.",
    "tr": "Dışişleri bakanları salı günü Ankara'da bir araya geldi ve sınır kapısının açılmasında anlaştı.",
    "ar": "اجتمع وزراء الخارجية يوم الثلاثاء في أنقرة واتفقوا على إعادة فتح المعبر الحدودي.",
    "fa": "وزیران امور خارجه روز سه‌شنبه در آنکارا دیدار کردند و بر سر بازگشایی گذرگاه مرزی توافق کردند.",
    "he": "שרי החוץ נפגשו ביום שלישי באנקרה והסכימו לפתוח מחדש את מעבר הגבול.",
    "zh": "两国外长星期二在安卡拉举行会谈，同意重新开放边境口岸。",
    "ja": "両国の外相は火曜日にアンカラで会談し、国境検問所の再開で合意した。",
    "ko": "양국 외교장관은 화요일 앙카라에서 만나 국경 검문소를 다시 열기로 합의했다.",
    "hi": "विदेश मंत्रियों ने मंगलवार को अंकारा में मुलाकात की और सीमा चौकी फिर से खोलने पर सहमति जताई।",
}


@pytest.mark.parametrize("language", TEASERS)
def test_a_teaser_tells_its_language(language: str) -> None:
    headline, rest = TEASERS[language][:30], TEASERS[language]
    for configured in ("en", "ru", language):
        assert language_of(headline, rest, configured) == language


@pytest.mark.parametrize(
    ("title", "text"),
    [("", ""), ("BRICS 2024", ""), ("Talks open", ""), ("Pékin", ""), ("12.05.2024 — 19:30 (GMT+3)", "")],
)
def test_what_is_too_short_keeps_the_configured_language(title: str, text: str) -> None:
    for configured in ("en", "de", "xx"):
        assert language_of(title, text, configured) == configured


def test_foreign_names_do_not_make_a_headline_foreign() -> None:
    for title in ("Polish PM faces coup d’état charges", "American robot dog set for Ukraine – media"):
        assert language_of(title, "", "en") == "en"


def test_any_characters_get_an_answer() -> None:
    for text in ("\ud800" * 50, "\x00" * 50, "🤝" * 50, "1 " * 500, "a" * 5_000):
        assert language_of(text, text, "en") in {*LANGUAGES, "en"}


def test_the_model_is_loaded_at_the_first_question_only() -> None:
    code = "import sys, pipeline.articles.language; sys.exit('py3langid' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.shared
def test_real_headlines_are_english_and_cheap_to_ask(shared: Path) -> None:
    """8,000 headlines of TASS and RT: not one in a thousand is taken for another language."""
    with gzip.open(shared / "articles/agency_headlines_2021_2026.jsonl.gz", "rt", encoding="utf-8") as lines:
        titles = [json.loads(line)["title"] for _, line in zip(range(8_000), lines, strict=False)]
    language_of("Warm up the identifier", "", "en")
    started = time.process_time()
    wrong = [title for title in titles if language_of(title, "", "en") != "en"]
    assert len(wrong) <= 8, wrong
    assert (time.process_time() - started) / len(titles) < 0.002
