from pathlib import Path

import pytest

from fleet.errors import ConfigurationError
from fleet.settings import load_group
from producers.webhooks.settings import PREFIX, WebhookSettings, split


def load(**values: str) -> WebhookSettings:
    return load_group(WebhookSettings, PREFIX, {PREFIX + name: value for name, value in values.items()})


@pytest.mark.parametrize("values", [{}, {"POSTMARK_SECRET": " , "}])
def test_where_nothing_is_configured_it_does_not_start(values: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="nothing is configured"):
        load(**values)


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("first second\n")
    own = load(MAILGUN_KEY_FILE=str(tmp_path / "key"))
    assert split(own.mailgun_key) == ("first", "second")
    assert "first" not in repr(own)


def test_mandrill_needs_the_url_that_is_signed() -> None:
    with pytest.raises(ConfigurationError, match="MANDRILL_URL"):
        load(MANDRILL_KEY="x")


def test_a_certificate_needs_its_key() -> None:
    with pytest.raises(ConfigurationError, match="together"):
        load(POSTMARK_SECRET="x", CERT_FILE=__file__)
    own = load(POSTMARK_SECRET="x", CERT_FILE=__file__, KEY_FILE=__file__)
    assert own.certificate is not None


def test_tokens_are_remembered_for_as_long_as_they_are_good() -> None:
    with pytest.raises(ConfigurationError, match="REMEMBER_S"):
        load(MAILGUN_KEY="x", REMEMBER_S="500", TOLERANCE_S="300")


def test_our_addresses_are_names_in_small_letters() -> None:
    assert load(POSTMARK_SECRET="x", OWN="Help@x.com, sales@x.com").own == {"help@x.com", "sales@x.com"}


def test_a_wrong_address_to_listen_on_names_its_variable() -> None:
    with pytest.raises(ConfigurationError, match="TRIAGE_WEBHOOKS_LISTEN"):
        load(POSTMARK_SECRET="x", LISTEN="8081")
