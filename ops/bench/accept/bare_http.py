"""The HTTP API with a door that leads nowhere: it validates and answers. Run it with `python -m`."""

import asyncio

from fleet.lanes import Lane
from fleet.ledger.records import Acceptance, Accepted
from fleet.log import configure_logging
from fleet.settings import Settings, load_group, load_settings
from fleet.ticket import Ticket
from producers.api.access import Access
from producers.api.api import Api
from producers.api.settings import PREFIX, HttpSettings
from producers.intake.door import Door
from producers.intake.service import serve
from producers.intake.web import serve_app
from producers.intake.web_bounds import Bounds


class BareDoor(Door):
    """Answers "accepted" without asking anybody."""

    async def accept(self, ticket: Ticket, *, key: str, lane: Lane = Lane.NORMAL) -> Acceptance:
        """Answer as the ledger would."""
        del key, lane
        return Acceptance(Accepted.ACCEPTED, ticket.id, 0)


class BareHttp:
    """The same application as `producers.api.source.HttpSource`, behind the bare door."""

    name = "http"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._own = load_group(HttpSettings, PREFIX)

    async def run(self, door: Door) -> None:
        """Serve until told to stop."""
        bare = BareDoor(door.ledger, door.hinting, self._settings, door.metrics)
        app = Api(bare, Access(door.ledger.redis, door.metrics)).app(docs=False)
        bounds = Bounds(max_bytes=self._own.max_bytes, most_at_once=self._own.max_concurrency)
        await serve_app(app, door, listen=self._own.listen, bounds=bounds)


def main() -> None:
    """Serve as `triage ingest http` does."""
    settings = load_settings()
    configure_logging(settings)
    asyncio.run(serve(BareHttp(settings), settings))


if __name__ == "__main__":
    main()
