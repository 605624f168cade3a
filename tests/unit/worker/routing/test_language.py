# ruff: noqa: RUF001 - scripts that look alike are the point
import tomllib
from pathlib import Path

import pytest

from fleet.taxonomy import load_taxonomy
from tests.support.rows import bundled, needs_shared, shared_texts
from worker.routing.language import is_foreign, script_language
from worker.routing.words import words_of

SMALL = load_taxonomy().languages.small
SENTENCES: dict[str, list[str]] = tomllib.loads(
    Path(__file__).with_name("sentences").joinpath("languages.toml").read_text("utf-8")
)
TEXTS = [
    ("مرحبا، لا أستطيع الدخول", "ar"),
    ("שלום, אני לא מצליח להיכנס", "he"),
    ("Не могу войти в аккаунт", "ru"),
    ("Δεν μπορώ να συνδεθώ", "el"),
    ("मैं लॉग इन नहीं कर पा रहा", "hi"),
    ("เข้าสู่ระบบไม่ได้", "th"),
    ("로그인이 안 돼요", "ko"),
    ("ログインできません", "ja"),
    ("我无法登录", "zh"),
    ("Error 502 beim Öffnen", None),
    ("¿Dónde está mi pedido?", None),
    ("plain ascii", None),
    ("", None),
    ("12345 — …", None),
    ("The package from Владимир has not arrived, please look where it is", None),
]


def foreign(text: str, small: tuple[str, ...] = SMALL) -> bool:
    return is_foreign(text, words_of(text), small)


@pytest.mark.parametrize(("text", "language"), TEXTS)
def test_the_main_script_names_the_language(text: str, language: str | None) -> None:
    assert script_language(text) == language


@pytest.mark.parametrize("language", SENTENCES)
def test_short_support_sentences_of_22_languages_go_where_they_are_read(language: str) -> None:
    wrong = [text for text in SENTENCES[language] if foreign(text) is (language in SMALL)]
    assert len(wrong) <= (0 if language in SMALL else 1), wrong


@pytest.mark.parametrize("language", SENTENCES)
def test_a_whole_mail_is_told_without_a_doubt(language: str) -> None:
    assert foreign(" ".join(SENTENCES[language])) is (language not in SMALL)


@pytest.mark.parametrize("language", [language for language in SMALL if language != "en"])
def test_where_the_small_model_reads_english_alone_it_reads_nothing_else(language: str) -> None:
    assert foreign(" ".join(SENTENCES[language]), ("en",))
    assert not foreign(" ".join(SENTENCES["en"]), ("en",))
    assert not foreign(" ".join(SENTENCES[language]), ("en", language))


@pytest.mark.parametrize("text", ["ok", "hello", "Danke!", "hvala", "asap pls", "order 12345", "???", "🆘", ""])
def test_a_word_or_two_are_in_no_language(text: str) -> None:
    assert not foreign(text, ("en",))


MACHINE = [
    "ERROR 0x80070005 at line 12",
    "2026-01-01 12:00:00 ERROR com.acme.Foo NullPointerException at line 3",
    "TypeError: cannot read property of undefined",
    "RE: [#1234] Ticket",
    '{"error": "invalid_grant", "code": 400}',
]


@pytest.mark.parametrize("text", MACHINE)
def test_what_a_machine_wrote_is_no_foreign_language(text: str) -> None:
    assert not foreign(text)


def test_of_the_bundled_tickets_those_in_other_languages_are_foreign_and_no_others() -> None:
    wrong = [
        row.ticket.id
        for row in bundled()
        if row.language != "und" and foreign(row.ticket.text) is (row.language in SMALL)
    ]
    assert wrong == []


@needs_shared
@pytest.mark.parametrize(
    "folder", ["banking77", "bitext_customer_support", "multidogo", "askubuntu_webapps", "dstc11_natcs"]
)
def test_hardly_any_public_english_text_is_taken_for_another_language(folder: str) -> None:
    texts = list(shared_texts(folder))
    assert sum(map(foreign, texts)) / max(1, len(texts)) <= 0.01
