from structlog.testing import capture_logs

from worker.too_new import TooNew


def test_a_thousand_tickets_are_one_line_a_minute() -> None:
    with capture_logs() as logs:
        met = TooNew()
        for n in range(1_000):
            met.met(f"t{n}", now_s=n / 10)
    assert [(line["ticket_id"], line["met_so_far"]) for line in logs] == [("t0", 1), ("t600", 601)]
    assert {line["log_level"] for line in logs} == {"error"}
