# ruff: noqa: RUF001 - letters of other alphabets are meant
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from producers.mail.reply.lines import plain_lines
from producers.mail.reply.split import Reply, split_lines, split_reply

HISTORY = "How can we help?\n\nBen from support"
CITED = "\n".join(f"> {line}".rstrip() for line in HISTORY.split("\n"))


def body(text: str) -> str:
    return split_reply(text).body


@pytest.mark.parametrize(
    "attribution",
    [
        "On Mon, Apr 2, 2012 at 6:26 PM, Ben <ben@example.com> wrote:",
        "On Mon, 15 Nov 2021, 12:34 pm Ben - Support <ben@support.example.com>\nwrote:",
        "Am 13.12.2017 21:11 schrieb Ben <ben@example.com>:",
        "Le lun. 15 nov. 2021 à 19:42, Ben <ben@example.com>\na écrit :",
        "El lun, 15 nov 2021 a las 19:42, Ben (<ben@example.com>) escribió:",
        "Op ma 15 nov. 2021 om 19:42 schreef Ben <\nben@example.com>:",
        "Il giorno lun 15 nov 2021 alle ore 19:42 Ben <ben@example.com> ha scritto:",
        "Em seg., 15 de nov. de 2021 às 19:42, Ben <ben@example.com> escreveu:",
        "ma 15. marraskuuta 2021 klo 19.42 Ben (ben@example.com) kirjoitti:",
        "пн, 15 нояб. 2021 г. в 19:42, Ben <ben@example.com>:",
        "pon., 15 lis 2021 o 19:42 Ben <ben@example.com> napisał(a):",
        "Den mån 15 nov. 2021 kl 19:42 skrev Ben <ben@example.com>:",
        "2021年11月15日(月) 19:42 Ben <ben@example.com>:",
        "Ben <ben@example.com> 于2021年11月15日周一 下午7:42写道：",
        "15 Kas 2021 Pzt 19:42 tarihinde Ben <ben@example.com> şunu yazdı:",
        "V po 15. 11. 2021 v 19:42 odesílatel Ben <ben@example.com> napsal:",
    ],
)
@pytest.mark.parametrize("history", [HISTORY, CITED])
def test_what_stands_below_an_attribution_is_history(attribution: str, history: str) -> None:
    found = split_reply(f"It still fails.\n\n{attribution}\n\n{history}")
    assert found == Reply("It still fails.", f"{attribution}\n\n{history}")


@pytest.mark.parametrize(
    "block",
    [
        "From: Ben [mailto:ben@example.com]\nSent: Monday, 15 November 2021\nTo: Ann\nSubject: Ticket",
        "-----Original Message-----\nFrom: Ben <ben@example.com>\nDate: 15 Nov\nSubject: Ticket",
        "Von: Ben <ben@example.com>\nGesendet: Montag, 15. November 2021\nAn: Ann\nBetreff: AW: Ticket",
        "________________________________\nDe : Ben <ben@example.com>\nEnvoyé : lundi\nÀ : Ann\nObjet : Ticket",
        "发件人: Ben <ben@example.com>\n发送时间: 2021年11月15日\n收件人: Ann\n主题: 票",
        "*От:* Ben\n*Отправлено:* понедельник\n*Кому:* Анна",
        "-------- Ursprüngliche Nachricht --------\nVon: Ben",
    ],
)
def test_what_stands_below_copied_headers_is_history(block: str) -> None:
    found = split_reply(f"It still fails.\n\n{block}\n\n{HISTORY}")
    assert found == Reply("It still fails.", f"{block}\n\n{HISTORY}")


@pytest.mark.parametrize(
    "text",
    [
        "On the surface this works.\n\nOn average it fails.",
        "Hello\n\nFrom: Berlin\nTo: Paris\nDate: 3 May\n\nPlease change my booking.",
        "On 3 May at 10:15 your colleague wrote:\nWe refund you.\n\nNothing came.",
        "My answers:\n\n> pasted output\n\nAs you see, it fails.",
        "Three points:\n-- first\n-- second\n-- third",
        "Result\n----\n\nIt fails.\n\n----\n\nAlways.",
        "broken line\nFrom: a@example.com\nTo: b@example.com\nSubject: x\nMessage-ID: <m@x>\n\nIt fails.",
        "With regards to the invoice: it is wrong.",
        "Sent from my desk, is much easier than my mobile phone.",
        "It was sent from my iPhone app to all users.",
        "Please call me:\n\nAnn Miller\n+49 30 1234567\nann@example.com",
        "Hello\n\nRegards,\nAnn\n\nPS: it is the blue one",
        "Hello\n\nRegards,\nAnn\nOrder number 12345",
        "Hello\n\n>From now on it fails.",
        "---- Original invoice ----\nwas wrong",
    ],
)
def test_in_doubt_the_words_stay_in_the_body(text: str) -> None:
    assert split_reply(text) == Reply(text)


def test_answers_between_quotes_stay_with_what_they_answer() -> None:
    text = "On 15 Dec 2024, Ben <ben@example.com> wrote:\n> Option A?\n\nYes.\n\n> Option B?\n\nNo.\n\n> Ben"
    assert split_reply(text) == Reply(text.removesuffix("\n\n> Ben"), "> Ben")


def test_an_answer_below_the_quote_is_the_body() -> None:
    assert split_reply(f"On 15 Dec 2024, Ben wrote:\n{CITED}\nIt still fails.").body == "It still fails."


def test_where_nothing_else_is_left_all_of_it_is_the_body() -> None:
    for text in (f"{CITED}", f"--\nAnn\n{CITED}", f"From: a@example.com\nSent: 1 May\nTo: b\n\n{HISTORY}"):
        assert split_reply(text) == Reply(text)


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nAnn Miller\nExample Ltd",
        "—\nAnn\nCEO",
        "Sent from my iPhone",
        "Sent from Outlook for iOS<https://example.com/x>",
        "Von meinem iPhone gesendet",
        "Envoyé depuis mon mobile",
        "发自我的iPhone",
        "Отправлено с iPhone",
        "Best regards,\nAnn",
        "Mit freundlichen Grüßen\n\nAnn Miller\nExample GmbH",
        "Cordialement,\nAnn",
        "-Ann Miller",
        "Ann Miller\nExample Ltd\nTel: +44 20 1234567\nwww.example.com",
        "Regards,\nAnn\n\n-- \nAnn Miller\n\nSent from my iPad",
        "This e-mail is confidential and intended solely for the addressee.",
        "_______\nusers mailing list\nusers@lists.example.com",
        "-----BEGIN PGP SIGNATURE-----\n\niQEzBAEB\n-----END PGP SIGNATURE-----",
    ],
)
def test_a_signature_is_kept_apart(signature: str) -> None:
    found = split_reply(f"It still fails.\n\n{signature}")
    assert found == Reply("It still fails.", "", signature.replace("-- \n", "--\n"))


def test_the_senders_name_makes_a_signature() -> None:
    lines = plain_lines("It still fails.\n\nAnn Miller\nExample Ltd")
    assert split_lines(lines, sender="Ann Miller <ann@example.com>").signature == "Ann Miller\nExample Ltd"
    assert split_lines(lines, sender="Ben <ben@example.com>").signature == ""


_PIECES = st.sampled_from(
    [
        *("word", "Hello, it fails.", "", " ", "> quoted", ">> deep", "--", "-- ", "____", "Regards,", "Ann", "wrote:"),
        *("On Mon, Apr 2, 2012 at 6:26 PM, Ben <ben@example.com> wrote:", "From: a@b.c", "Sent: today", "To: x"),
        *("CAUTION: This email originated from outside of the organization. Do not click links.", "[EXTERNAL]"),
        *(
            "This e-mail is confidential and intended solely for the addressee.",
            "Begin forwarded message:",
            "> From: a@b",
        ),
        *("##- Please type your reply above this line -##", "---- On Mon, 1 Jan 2024 10:00 Ben wrote ----"),
        *("Subject: y", "---- Forwarded message ----", "Sent from my iPhone", "FYI", "tel: 123 456 789", "a@b.cc"),
        *("PS: more", "\xa0", "\u200b", "🎉", "-Ann", "-----Original Message-----", "12.5.2024 10:00 <a@b>:"),
    ]
)


@given(st.lists(_PIECES | st.text(max_size=40), max_size=25).map("\n".join))
@example("\n\n> a\nb\n> c\n--\nd")
def test_no_word_vanishes_and_the_body_is_never_empty(text: str) -> None:
    found = split_reply(text)
    parts = (found.body, found.forwarded, found.quoted, found.signature)
    assert sorted("\n".join(parts).split()) == sorted(text.split())
    assert found.body or not text.strip()
