from fleet import redaction
from fleet.settings import load_group, load_settings
from producers.imap.settings import PREFIX, ImapSettings


def test_what_was_read_as_a_secret_is_masked_whoever_says_it() -> None:
    load_settings({"ANTHROPIC_API_KEY": "sk-ant-0123456789"})
    assert (
        redaction.redacted("Illegal header value b'Bearer sk-ant-0123456789'") == "Illegal header value b'Bearer ***'"
    )


def test_the_lines_of_a_secret_are_masked_each() -> None:
    redaction.remember("first-half-of-it\nsecond-half-of-it")
    assert redaction.redacted(r"b'first-half-of-it\nsecond-half-of-it'") == "b'***'"
    assert redaction.redacted("second-half-of-it, first-half-of-it") == "***, ***"


def test_of_an_address_the_login_is_masked_and_the_host_is_not() -> None:
    load_settings({"TRIAGE_REDIS_URL": "redis://fleet:hunt%2Fer22@cache:6379/0"})
    assert redaction.redacted("cache:6379: hunt/er22, hunt%2Fer22") == "cache:6379: ***, ***"


def test_secrets_that_the_libraries_read_themselves_are_masked() -> None:
    load_settings(
        {"ANTHROPIC_CUSTOM_HEADERS": "x-team: a\napi-key: key-of-the-gateway", "https_proxy": "http://u:proxyword@p"}
    )
    assert redaction.redacted("key-of-the-gateway proxyword") == "*** ***"


def test_the_secrets_of_a_producer_are_masked_also_where_they_are_refused() -> None:
    environ = {"TRIAGE_IMAP_HOST": "mail", "TRIAGE_IMAP_USER": "me", "TRIAGE_IMAP_PASSWORD": "hunter2222"}
    load_group(ImapSettings, PREFIX, environ)
    assert redaction.redacted("LOGIN me hunter2222") == "LOGIN me ***"


def test_short_words_are_not_taken_out_of_every_message() -> None:
    redaction.remember("redis", "", "page")
    assert redaction.redacted("the page of redis") == "the page of redis"
