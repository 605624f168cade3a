import pytest

from ops.simulator.brain.features import words
from ops.simulator.brain.language import guess_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I cannot log in to the portal, please help me with it", "en"),
        ("Ich kann mich nicht mehr anmelden, bitte helfen Sie mir", "de"),
        ("Bonjour, je ne peux pas me connecter à mon compte", "fr"),
        ("Hola, no puedo entrar en mi cuenta desde ayer", "es"),
        ("Olá, não consigo entrar na minha conta desde ontem, obrigado", "pt"),
        ("Ciao, non posso accedere al mio account, grazie per l'aiuto", "it"),
        ("Ik kan niet meer inloggen op mijn account, kunt u helpen met het wachtwoord", "nl"),
        ("Nie mogę się zalogować do mojego konta, proszę o pomoc", "pl"),
        ("Merhaba, hesabım için şifre değil kod geldi, lütfen yardım", "tr"),  # noqa: RUF001 - Turkish letters
        ("لا أستطيع تسجيل الدخول إلى حسابي", "ar"),
        ("ログインできません。助けてください", "ja"),
        ("我无法登录我的账户, 请帮忙", "zh"),
        ("Не могу войти в свой аккаунт", "ru"),  # noqa: RUF001 - Cyrillic letters
        ("로그인이 안 됩니다 도와주세요", "ko"),
        ("12345 !!!", "und"),
        ("", "und"),
    ],
)
def test_common_languages_are_recognised(text: str, language: str) -> None:
    assert guess_language(text, words(text)) == language
