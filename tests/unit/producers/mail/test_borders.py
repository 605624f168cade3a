"""Help desks' lines above which people answer, by language."""

import pytest

from producers.mail.reply.split import Reply, split_reply

OWN = "It still fails.\n\nCan you call me?"
OLD = "Dear Ann,\n\nhave you tried it again?\n\nBen from support"

BORDERS = [
    "##- Please type your reply above this line -##",
    "##- Bitte geben Sie Ihre Antwort oberhalb dieser Zeile ein -##",
    "##- Veuillez saisir votre réponse au-dessus de cette ligne -##",
    "##- Por favor, escriba su respuesta por encima de esta línea -##",
    "##- Digite a resposta acima desta linha -##",
    "##- Scrivi la tua risposta sopra questa riga -##",
    "##- Typ uw antwoord boven deze regel -##",
    "##- Skriv ditt svar ovanför denna linje -##",
    "##- Skriv venligst dit svar over denne linje -##",
    "##- Kirjoita vastauksesi tämän rivin yläpuolelle -##",
    "##- Proszę wpisać odpowiedź powyżej tej linii -##",
    "##- Napište svou odpověď nad tento řádek -##",
    "##- Пожалуйста, введите ответ выше этой строки -##",
    "##- この行より上に返信内容を入力してください -##",
    "##- 请在此行上方输入回复 -##",
    "---- Please reply above this line ----",
    "--- Reply above this line ---",
    "-- REPLY above this line --",
    "—-—-—-—\nReply above this line.",
    "== Please reply above this line ==",
    "Reply ABOVE THIS LINE to add a comment to this request",
    "Write ABOVE THIS LINE to post a reply",
    "## Replies above this line will be added to the ticket ##",
    "When replying, type your text above this line.",
    "-- Proszę odpowiadać powyżej tej linii --",
]


@pytest.mark.parametrize("border", BORDERS)
def test_a_help_desks_border_begins_the_history(border: str) -> None:
    last = border.rsplit("\n", maxsplit=1)[-1]
    assert split_reply(f"{OWN}\n\n{border}\n\n{OLD}").quoted.startswith(last)
    above = f"{OWN}\n\nOn 5 Mar 2024, Acme wrote:\n\n{last}\n\n{OLD}"
    assert split_reply(above) == Reply(OWN, above.removeprefix(OWN).strip())


@pytest.mark.parametrize(
    "text",
    [
        "I cannot reply above this line in your mails.",
        'What does "Please type your reply above this line" mean?',
        "The text above this line is cut off in my invoice.",
        "We write our address above the line on the form.",
    ],
)
def test_talk_about_such_a_line_is_no_border(text: str) -> None:
    assert split_reply(f"{text}\n\n{OLD}").body == f"{text}\n\n{OLD}"
