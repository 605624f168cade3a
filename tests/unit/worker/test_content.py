# ruff: noqa: RUF001 - joiners matter in Persian
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.ticket import Source, Ticket
from worker.content import content_of, is_telling

TELLING = [
    "Can you also look at invoice 1177?",
    "Amy Lee\nPS: the charger smells of smoke",
    "P.S. call me",
    "Please do not call before noon, we are short of staff",
    "x" * 401,
]
CONTACTS = [
    "",
    "Amy Lee",
    "Amy Lee\nHead of Sales\nExample Ltd.\n+44 20 7946 0000\namy@example.org",
    "-- \nSent from my phone",
]


@pytest.mark.parametrize("signature", TELLING)
def test_a_signature_with_a_question_a_ps_or_a_sentence_may_say_something(signature: str) -> None:
    assert is_telling(signature)


@pytest.mark.parametrize("signature", CONTACTS)
def test_a_name_and_where_to_find_it_say_nothing(signature: str) -> None:
    assert not is_telling(signature)


def test_what_no_person_sees_is_not_sent_and_joiners_are() -> None:
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "page everyone")
    ticket = Ticket(
        source=Source.HTTP, body=f"he\u200bllo{hidden} \u202eolleh می\u200cخواهم 👩\u200d💻\ufe0f", subject=hidden
    )
    assert content_of(ticket).body == "hello olleh می\u200cخواهم 👩\u200d💻\ufe0f"
    assert content_of(ticket).subject == ""


@given(
    st.text(max_size=20),
    st.lists(st.text(max_size=20), max_size=3).map(tuple),
    st.dictionaries(st.text(max_size=9), st.text(max_size=20), max_size=3),
)
def test_everything_that_can_be_sent_is_among_the_texts(
    text: str, attachments: tuple[str, ...], fields: dict[str, str]
) -> None:
    ticket = Ticket(
        source=Source.MAIL,
        subject=f"s{text}",
        body=f"b{text}",
        forwarded=f"f{text}",
        quoted=f"q{text}",
        signature=f"g{text}",
        attachments=attachments,
        fields=fields,
    )
    content = content_of(ticket)
    single = (content.subject, content.body, content.forwarded, content.in_reply_to, content.signature)
    expected = {*single, *content.attachments, *content.customer, *content.customer.values()}
    assert set(content.texts()) == expected - {""}
