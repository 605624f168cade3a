"""The errors of the fleet; a caller asks one question of each: is it worth trying again."""


class FleetError(Exception):
    """Root of every error that this project raises on purpose."""


class ConfigurationError(FleetError):
    """A setting, file or server is not fit for use; the message says what to change."""


class TransientError(FleetError):
    """Try again later; `retry_after_s` is the least time to wait, in seconds."""

    def __init__(self, message: str, *, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class PermanentError(FleetError):
    """Trying again cannot help; a person has to look."""


class InvalidTicketError(PermanentError):
    """What came in cannot be made a ticket; the message says why."""


class SchemaTooNewError(ConfigurationError):
    """Data was written by a newer release than this one; upgrade this process first."""


class LedgerUnavailableError(TransientError):
    """The ledger's server did not answer; nothing can be said about the write."""


class LedgerFullError(TransientError):
    """The ledger takes nothing in for now: its backlog or its server's memory has reached the bound."""
