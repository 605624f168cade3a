from typing import Any

import pytest

from producers.files.jsonl import Row
from producers.files.rows import Found, RowReader
from producers.rejection import Rejected


def found(reader: RowReader, **values: Any) -> Found:
    made = reader.read(Row(3, values))
    assert isinstance(made, Found), made
    return made


def test_rows_that_say_the_same_without_an_id_are_counted_and_a_second_reading_counts_alike() -> None:
    texts = ["call me", "other", "call me", "call me"]
    first, second = (
        [found(reader, text=text).key for text in texts] for reader in (RowReader("a.jsonl"), RowReader("b.jsonl"))
    )
    assert first == second
    assert len(set(first)) == 4
    assert [key.count(":") for key in first] == [1, 1, 2, 2]


def test_rows_with_an_id_are_known_by_it_however_often_they_come() -> None:
    reader = RowReader("a")
    assert {found(reader, id=7, text="a").key for _ in range(3)} == {"file:7"}


def test_keys_of_a_row_can_be_named() -> None:
    reader = RowReader("a", {"body": "description", "fields.plan": "plan", "id": "nr"})
    made = found(reader, text="not this", description="this", plan="pro", nr=5, id=9, fields={"region": "eu"})
    assert (made.ticket.body, made.key, made.ticket.fields) == ("this", "file:5", {"region": "eu", "plan": "pro"})


def test_a_row_that_breaks_the_parser_is_a_rejection_that_names_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("secret words")

    monkeypatch.setattr("producers.files.rows.row_to_ticket", broken)
    assert RowReader("a").read(Row(3, {"text": "a"})) == Rejected(3, "the parser failed on this row: ZeroDivisionError")
