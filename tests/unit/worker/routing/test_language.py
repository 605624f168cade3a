# ruff: noqa: RUF001 - scripts that look alike are the point
import pytest

from tests.support.rows import bundled
from worker.routing.language import guess_language

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


@pytest.mark.parametrize(("text", "language"), TEXTS)
def test_the_main_script_names_the_language(text: str, language: str | None) -> None:
    assert guess_language(text) == language


def test_all_bundled_tickets_in_other_scripts_are_named_right() -> None:
    for row in bundled():
        expected = row.language if row.language in ("ja", "ar") else None
        assert guess_language(row.ticket.text) == expected, row.ticket.id
