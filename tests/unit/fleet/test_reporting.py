from fleet import redaction
from fleet.reporting import without_secrets


def test_an_error_report_holds_no_secret_of_this_process() -> None:
    redaction.remember("cAnArY7Zq9xWv")
    error = {"type": "ValueError", "value": "Illegal header cAnArY7Zq9xWv"}
    event = without_secrets({"exception": {"values": [error]}, "level": "error"}, {})
    assert event == {"exception": {"values": [error | {"value": "Illegal header ***"}]}, "level": "error"}
