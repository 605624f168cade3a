from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.files.tables.dates import is_day_first, read_moment

AT = datetime(2026, 1, 5, 15, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-05T15:04:00Z",
        "2026-01-05 15:04",
        "2026-01-05 15:04:00 UTC",
        "2026-01-05 16:04:00 +0100",
        "2026-01-05 16:04:00 CET",
        "2026/01/05 15:04",
        "Mon, 05 Jan 2026 15:04:00 GMT",
        "Jan 5, 2026 3:04 PM",
        "January 5, 2026 at 3:04 PM",
        "5 January 2026 15:04",
        "5. Januar 2026, 15:04 Uhr",
        "05/Jan/26 3:04 PM",
        "5-Jan-2026 15:04:00",
        "05.01.2026 15:04",
        "05.01.26, 15:04:00",
        "1/5/2026 3:04 PM",
        "01/05/26 15:04",
        "1767625440",
        "1767625440000",
        "46027.627777778",
        "46027,627777778",
    ],
)
def test_the_dates_of_usual_exports_are_read(text: str) -> None:
    assert read_moment(text) == AT


@pytest.mark.parametrize(
    "text", ["", "soon", "12345", "99999", "2026-13-40", "5 January", "1/2/3/4", "x" * 1_000, "13:00"]
)
def test_what_is_no_date_is_none_and_never_a_guess(text: str) -> None:
    assert read_moment(text) is None


@pytest.mark.parametrize(
    ("texts", "is_first", "is_guessed"),
    [
        (["03/04/2026", "24/04/2026"], True, False),
        (["03/04/2026", "04/24/2026"], False, False),
        (["03/04/2026"], False, True),
        (["03.04.2026", "2026-04-03"], False, False),
    ],
)
def test_the_whole_column_tells_whether_the_day_or_the_month_is_first(
    texts: list[str], is_first: bool, is_guessed: bool
) -> None:
    assert is_day_first(texts, guess=False) == (is_first, is_guessed)


def test_the_order_of_the_column_is_used() -> None:
    assert read_moment("03/04/2026 09:00", day_first=True) == datetime(2026, 4, 3, 9, tzinfo=UTC)
    assert read_moment("03/04/2026 09:00", day_first=False) == datetime(2026, 3, 4, 9, tzinfo=UTC)


@given(st.text(max_size=70) | st.text("0123456789:/.-+ APMJan", max_size=70))
def test_any_text_is_a_date_or_none(text: str) -> None:
    made = read_moment(text)
    assert made is None or made.tzinfo is not None
