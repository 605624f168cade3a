import ast
import inspect

import pytest

from producers.api import access, tokens
from producers.api.tokens import Scope, Token, bearer, digest_of, new_secret
from producers.intake.metrics import Refusal

SECRET = new_secret()
TOKEN = Token("crm", digest_of(SECRET), frozenset({Scope.READ}), expires_at=100)


def test_a_secret_is_long_and_never_the_same() -> None:
    assert new_secret() != new_secret()
    assert len(SECRET) > 40


def test_a_token_is_stored_without_its_secret() -> None:
    assert SECRET not in TOKEN.dump()
    assert Token.load(TOKEN.dump()) == TOKEN


def test_scopes_of_a_later_release_are_left_out() -> None:
    raw = TOKEN.dump().replace("tickets:read", "tickets:everything")
    assert Token.load(raw).scopes == frozenset()


def test_a_token_is_believed_with_its_own_secret_until_it_expires() -> None:
    assert TOKEN.refusal(digest_of(SECRET), 99) is None
    assert TOKEN.refusal(digest_of(SECRET), 100) is Refusal.EXPIRED
    assert TOKEN.refusal(digest_of("another"), 99) is Refusal.UNKNOWN


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "tft_x", "Bearer " + "x" * 201])
def test_a_header_without_a_bearer_token_holds_none(header: str | None) -> None:
    assert bearer(header) is None


def test_a_bearer_token_is_read_whatever_the_case() -> None:
    assert bearer("bEARER tft_x ") == "tft_x"


def test_secrets_and_digests_are_never_compared_letter_by_letter() -> None:
    """`==` on them would take longer the more letters are right; hmac.compare_digest does not."""
    assert "hmac.compare_digest" in inspect.getsource(Token.refusal)
    for module in (tokens, access):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Compare) and any(isinstance(op, (ast.Eq, ast.NotEq)) for op in node.ops):
                words = ast.unparse(node)
                assert not {"secret", "digest"} & set(words.replace("_", " ").split()), words
