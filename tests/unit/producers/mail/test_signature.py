"""A delimiter divides as often as it signs: what is said below it stays in the body."""

# ruff: noqa: RUF001 - letters of other alphabets are meant

import pytest

from producers.mail.reply.lines import plain_lines
from producers.mail.reply.split import split_lines, split_reply

SENDER = "Ann Miller <ann.miller@acme.example>"


@pytest.mark.parametrize(
    "delimiter", ["--", "-- ", "—", "–", "__", "____", "________________________", "----------", "====", "***"]
)
@pytest.mark.parametrize(
    "point",
    [
        "The machine in hall 3 sparks.",
        "The machine in hall 3 sparks",
        "the machine sparks, two people were hurt",
        "2) The machine sparks",
        "b) Sparks",
        "- Sparks in hall 3\n- Smoke in hall 4",
        "Can you call me?",
        "Call me on 020 7946 0000 at once, the hall is full of smoke",
        "PS: The machine sparks",
        "P.S. Two people are hurt",
        "Ann\n\nPS. Two people are hurt",
        "Ann\n\nTwo people are hurt",
        "Ann\nOne more thing: the gas valve is open",
        "ERROR out of memory",
        "2024-03-05 10:12:33 worker died",
        "[warn] disk full",
        "echo one;\nexit 3",
        "at com.example.Main(Main.java:3)",
        "    return {'a': 1}",
        "key=value",
        "Order 4711 never arrived",
        "In Halle 3 tritt Rauch aus",
        "Es riecht nach Gas. Bitte sofort anrufen!",
        "Il y a de la fumée dans le hall 3",
        "Hay humo en la nave y dos heridos",
        "C'è fumo nel capannone",
        "W hali czuć gaz i dwie osoby są ranne",
        "3号机器冒火花了",
        "3号館で煙が出ています",
        "3동에서 연기가 납니다",
        "в цехе пахнет газом и двое ранены",
        "هناك دخان في القاعة وشخصان مصابان بجروح",
    ],
)
def test_what_is_said_below_a_delimiter_stays_in_the_body(delimiter: str, point: str) -> None:
    text = f"The invoice of October is wrong.\n\n{delimiter}\n\n{point}"
    found = split_lines(plain_lines(text), sender=SENDER)
    assert set(point.split()) <= set(found.body.split())


@pytest.mark.parametrize(
    "text",
    [
        "Log:\n\nINFO start\n-- \nERROR out of memory\n-- \nThe service crashes. How do we roll back?",
        (
            "One.\n____\n\nTwo.\n____\n\nThe machine sparks, call 020 7946 0000 today.\n____\n\nThe box was short "
            "by 40 pieces"
        ),
        "```\n# step 1\n--\n####\necho one\n-- \nFrom: debian:12\nexit 3\n```\n\nWhy does it stop?",
        "SELECT 1;\n-- comment\nSELECT 2;\n--\nSELECT 3;\n\nIs this slow?",
        "First section\n----------\nSome text here\n----------\nSecond section, which is longer",
        "Problems:\n\n- Smoke\n\n- Fire",
        "Regards,\nAnn\nExample Ltd\nThe pump is leaking gas again.",
        "Thanks and regards\nAnn\n\nOne more thing: the valve is open",
        "It fails.\n\nAnn Miller\nthe valve in the cellar is open",
        "Sent by courier on Monday and nothing arrived",
    ],
)
def test_sections_logs_code_and_second_thoughts_are_no_signature(text: str) -> None:
    assert split_lines(plain_lines(text), sender=SENDER).body.split() == text.split()


@pytest.mark.parametrize(
    "signature",
    [
        "--\nAnn Miller",
        "-- \nAnn Miller\nHead of Customer Success\nExample Ltd",
        "-- \nann",
        "--\nAnn Miller | Example GmbH | Geschäftsführer: Max Müller | HRB 12345",
        (
            "--\n\nAnn Miller\nVertrieb\n\nExample GmbH\nMusterstraße 1, 12345 Berlin\nTel.: +49 30 "
            "1234567\nann.miller@acme.example"
        ),
        "—\nAnn Miller\nResponsable du service après-vente",
        "____\nAnn Miller\nM: +44 7946 000 000",
        "==========\nAnn Miller\nTel: 020 7946 0000\nann@example.com\n==========",
        "-- \nAnn Miller\nSent from my iPhone",
        "-- \nKind regards,\nAnn",
        "--\n@annmiller",
        "--\n安米勒\n北京某某科技有限公司\n电话: 010-12345678",
    ],
)
def test_a_card_below_a_delimiter_is_a_signature(signature: str) -> None:
    found = split_lines(plain_lines(f"It still fails.\n\n{signature}"), sender=SENDER)
    assert (found.body, found.signature) == ("It still fails.", signature.replace("-- \n", "--\n"))


def test_only_the_last_delimiter_ends_the_body() -> None:
    found = split_reply("The invoice is wrong.\n\n--\n\nBlue Kettle\n\n-- \nAnn Miller\nExample Ltd")
    assert found.body == "The invoice is wrong.\n\n--\n\nBlue Kettle"


def test_a_name_that_is_not_the_senders_is_no_signature_without_a_way_to_reach_somebody() -> None:
    text = "The invoice is wrong.\n\n--\nGas Leak"
    assert split_lines(plain_lines(text), sender=SENDER).body == text
    assert split_lines(plain_lines(text), sender="Gas Leak Ltd <x@example.com>").signature == "--\nGas Leak"


def test_words_below_an_armoured_signature_are_the_writers() -> None:
    text = "One.\n\n-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\n\nTwo people are hurt."
    assert split_reply(text).body == text


def test_a_signature_below_a_quote_is_no_answer_to_it() -> None:
    found = split_reply("It fails.\n\n> Which one?\n\n--\nHey there, this is my signature")
    assert found.quoted == "> Which one?"
    assert "Hey there" in found.body
