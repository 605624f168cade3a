import json

import pytest
import redis

from producers.api.token_book import list_tokens
from producers.api.tokens import Scope, digest_of, key_of
from tests.integration.cli.conftest import Ask

pytestmark = pytest.mark.integration


def test_a_tokens_secret_is_printed_once_and_stored_as_a_hash(triage: Ask, client: redis.Redis) -> None:
    answer = triage("tokens", "create", "crm", "--tenant", "acme", "--days", "30", "--per-minute", "60")
    secret = answer.out.strip()
    (token,) = list_tokens(client)
    assert (answer.code, token.name, token.tenant, token.per_minute) == (0, "crm", "acme", 60)
    assert token.scopes == {Scope.WRITE, Scope.READ}
    assert client.exists(key_of(digest_of(secret)))
    everything = b"".join(client.dump(key) or b"" for key in client.keys("*"))
    assert secret.encode() not in everything
    assert "the only time" in answer.err


def test_tokens_are_listed_without_their_secrets(triage: Ask) -> None:
    secret = triage("tokens", "create", "crm", "--scope", "tickets:read").out.strip()
    page, listed = triage("tokens", "list"), json.loads(triage("tokens", "list", "--json").out)
    assert "crm" in page.out
    assert secret not in page.out
    assert listed["tokens"] == [
        {"name": "crm", "tenant": "default", "scopes": ["tickets:read"], "per_minute": None, "expires_at": None}
    ]


def test_a_revoked_token_is_gone_and_its_name_is_free(triage: Ask) -> None:
    assert triage("tokens", "create", "crm").code == 0
    assert triage("tokens", "create", "crm").code == 2
    assert triage("tokens", "revoke", "crm").code == 0
    assert triage("tokens", "revoke", "crm").code == 1
    assert json.loads(triage("tokens", "create", "crm", "--json").out)["secret"].startswith("tft_")


@pytest.mark.parametrize("words", ["a%b", "a --tenant b%c", "a --days 0", "a --per-minute -1"])
def test_wrong_values_are_told(triage: Ask, words: str) -> None:
    assert triage("tokens", "create", *words.split()).code == 2
