import inspect

import pytest

from fleet import errors
from fleet.errors import (
    ConfigurationError,
    FleetError,
    InvalidTicketError,
    LedgerUnavailableError,
    PermanentError,
    SchemaTooNewError,
    TransientError,
)

ALL = [cls for _, cls in inspect.getmembers(errors, inspect.isclass)]


@pytest.mark.parametrize("cls", ALL)
def test_every_error_has_the_same_root_and_a_sentence_for_the_reader(cls: type[Exception]) -> None:
    assert issubclass(cls, FleetError)
    assert cls.__doc__
    assert str(cls("what to do")) == "what to do"


@pytest.mark.parametrize("cls", ALL)
def test_an_error_is_worth_another_try_or_not_but_never_both(cls: type[Exception]) -> None:
    assert not (issubclass(cls, TransientError) and issubclass(cls, PermanentError))


def test_a_server_that_does_not_answer_is_worth_another_try() -> None:
    assert LedgerUnavailableError("down", retry_after_s=2.5).retry_after_s == 2.5
    assert TransientError("later").retry_after_s == 0.0


def test_a_bad_ticket_and_a_bad_setting_are_not() -> None:
    assert issubclass(InvalidTicketError, PermanentError)
    assert not issubclass(SchemaTooNewError, TransientError)
    assert issubclass(SchemaTooNewError, ConfigurationError)
