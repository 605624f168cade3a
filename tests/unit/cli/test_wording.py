import pytest

from ops.cli.terminal.wording import ago, block, columns, count, dollars, duration, iso, moment, plain


@pytest.mark.parametrize(
    ("nano", "text"),
    [
        (0, "$0.00"),
        (1, "$0.000000001"),
        (1_234_567, "$0.00123"),
        (12_345_678, "$0.0123"),
        (225_000, "$0.000225"),
        (274_860_175, "$0.275"),
        (999_900_000, "$1.00"),
        (4_503_211_999, "$4.50"),
        (500_000_000, "$0.50"),
        (12_345_000_000_000, "$12,345.00"),
        (-1_500_000, "-$0.0015"),
    ],
)
def test_money_is_rounded_for_people(nano: int, text: str) -> None:
    assert dollars(nano) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.00 s"),
        (0.123, "0.12 s"),
        (12.34, "12.3 s"),
        (60, "1 min"),
        (185, "3 min 5 s"),
        (3_600, "1 h"),
        (7_500, "2 h 5 min"),
        (187_200, "2 d 4 h"),
    ],
)
def test_durations_are_written_in_two_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_times_are_written_in_utc() -> None:
    assert moment(1_700_000_000_000) == "2023-11-14 22:13:20 UTC"
    assert iso(1_700_000_000_123) == "2023-11-14T22:13:20.123+00:00"
    assert ago(1_000, 61_000) == "1 min ago"
    assert ago(61_000, 1_000) == "0.00 s ago"


def test_text_from_outside_cannot_move_the_cursor() -> None:
    assert plain("a\x1b[31mb\u202ec\nd") == "a\N{REPLACEMENT CHARACTER}[31mb\N{REPLACEMENT CHARACTER}c d"
    assert plain("long words", limit=5) == "long…"
    assert block("a\n\x07b") == "  a\n  \N{REPLACEMENT CHARACTER}b"


def test_rows_line_up() -> None:
    assert columns([("a", "bb", "c"), ("aaa", "b", "cc")]) == ["a    bb  c", "aaa  b   cc"]
    assert columns([]) == []


def test_nouns_agree_with_their_numbers() -> None:
    assert (count(1, "ticket"), count(2_000, "ticket")) == ("1 ticket", "2,000 tickets")
