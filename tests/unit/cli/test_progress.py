import pytest

from ops.cli.intake.progress import ProgressView, progress_line


@pytest.mark.parametrize(
    ("read", "total", "line"),
    [
        (500, 2_000, "1,000 tickets, 100/s, 25%, 30.0 s left"),
        (500, None, "1,000 tickets, 100/s"),
        (0, 2_000, "1,000 tickets, 100/s"),
        (3_000, 2_000, "1,000 tickets, 100/s, 100%, 0.00 s left"),
    ],
)
def test_a_line_says_rate_share_and_time_left(read: int, total: int | None, line: str) -> None:
    assert progress_line(10.0, read, total, 1_000) == line


def test_away_from_a_terminal_a_line_comes_every_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    with ProgressView(1_000, lambda: now[0]) as view:
        for second in range(1, 26):
            now[0] = float(second)
            view.show(bytes_read=second, tickets=second)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert [line.split(",")[0] for line in captured.err.splitlines()] == ["10 tickets", "20 tickets"]
