"""Own addresses of a mail source: those of all sources (TRIAGE_OWN_ADDRESSES) together with its own setting."""

import structlog

from fleet.settings import Settings

UNKNOWN = (
    "no address of ours is known (TRIAGE_OWN_ADDRESSES): our own mail that comes back is read as a customer's, "
    "and a group of ours is known only where its mail names it"
)


def own_addresses(of_source: frozenset[str], settings: Settings, log: structlog.stdlib.BoundLogger) -> frozenset[str]:
    """Put them together; where there are none at all, one line says what that means."""
    own = of_source | settings.own_addresses
    if not own:
        log.warning("own_addresses_unknown", message=UNKNOWN)
    return own
