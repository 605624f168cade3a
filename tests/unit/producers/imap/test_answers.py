from datetime import UTC, datetime
from typing import Any

import pytest
from imapclient.exceptions import ProtocolError  # type: ignore[import-untyped]

from producers.imap.answers import arrival_of, found_uids, found_uids_extended, items_by_uid, message_of, size_of

NOW = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "name", ["BODY[]", "BODY[]<0>", "BODY[]<0.100>", "body[]<0>", "RFC822", "Rfc822", "BODY.PEEK[]"]
)
def test_a_message_is_a_message_under_any_of_its_names(name: str) -> None:
    found = items_by_uid([(b"1 (UID 5 %b {3}" % name.encode(), b"abc"), b")"], {5})
    assert message_of(found[5]) == b"abc"


@pytest.mark.parametrize(
    "data",
    [
        [None],
        [b"1 (UID 5 FLAGS (\\Seen))"],
        [b"1 (UID 5 BODY[] NIL)"],
        [b"1 (UID 5 BODY[] nil RFC822.SIZE 7)"],
        [(b"1 (UID 5 RFC822.SIZE 7 BODY[]<0> {0}", b""), b")"],
        [(b"1 (UID 5 BODY[TEXT] {3}", b"abc"), b")"],
        [(b"1 (UID 5 BODY[]<10> {3}", b"abc"), b")"],
        [(b"1 (UID 6 BODY[] {3}", b"abc"), b")"],
    ],
)
def test_what_was_not_given_is_no_message(data: list[Any]) -> None:
    found = items_by_uid(data, {5})
    assert message_of(found.get(5, {})) is None


def test_a_message_of_no_bytes_is_one() -> None:
    assert message_of(items_by_uid([b'1 (UID 5 RFC822.SIZE 0 BODY[] "")'], {5})[5]) == b""
    assert message_of(items_by_uid([b"1 (UID 5 RFC822.SIZE 0 BODY[] NIL)"], {5})[5]) == b""


def test_an_answer_in_two_parts_is_one() -> None:
    found = items_by_uid([b"1 (UID 5 RFC822.SIZE 3)", (b"1 (UID 5 BODY[] {3}", b"abc"), b")"], {5})
    assert (size_of(found[5]), message_of(found[5])) == (3, b"abc")


def test_without_uid_an_answer_belongs_to_the_one_that_was_asked_for_and_else_to_none() -> None:
    data = [(b"5 (BODY[] {3}", b"abc"), b")", b"2 (FLAGS (\\Seen))"]
    assert message_of(items_by_uid(data, {9})[9]) == b"abc"
    assert items_by_uid(data, {5, 9}) == {}
    assert items_by_uid([*data, (b"6 (BODY[] {3}", b"def"), b")"], {9}) == {}


@pytest.mark.parametrize("data", [[b"1 FLAGS"], [b"1 (UID)"], [b"x (UID 5)"], [b"1 (UID 5"]])
def test_what_is_no_answer_is_an_error(data: list[Any]) -> None:
    with pytest.raises(ProtocolError):
        items_by_uid(data, {5})


@pytest.mark.parametrize(
    ("said", "read"),
    [
        (b" 1-Nov-2026 10:00:00 +0100", datetime(2026, 11, 1, 9, tzinfo=UTC)),
        (b"01-Nov-2027 10:00:00 +0100", NOW),
        (b"yesterday", NOW),
        (None, NOW),
        (7, NOW),
    ],
)
def test_a_time_that_cannot_be_is_not_believed(said: Any, read: datetime) -> None:
    assert arrival_of({b"INTERNALDATE": said}, NOW) == read


@pytest.mark.parametrize(
    ("data", "uids"),
    [
        ([b"2 1 3"], [1, 2, 3]),
        ([b"1", b"2 3"], [1, 2, 3]),
        ([b"1 2 (MODSEQ 917162500)"], [1, 2]),
        ([b""], []),
        ([None], []),
    ],
)
def test_a_search_may_be_answered_in_several_lines(data: list[bytes | None], uids: list[int]) -> None:
    assert found_uids(data) == uids


def test_a_search_answered_with_nonsense_is_an_error() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        found_uids([b"one two"])


def test_the_newer_form_of_a_search_answer_is_read() -> None:
    assert found_uids_extended([b'(TAG "A1") UID ALL 4:6,9,12:11']) == [4, 5, 6, 9, 11, 12]
    assert found_uids_extended([b'(TAG "A1") UID']) == []
    with pytest.raises(ValueError, match="more messages"):
        found_uids_extended([b"UID ALL 1:4294967295"])
