"""`triage ingest http`: the API, served until told to stop."""

from fleet.settings import Settings, load_group
from producers.api.access import Access
from producers.api.api import Api
from producers.api.settings import PREFIX, HttpSettings
from producers.intake.door import Door
from producers.intake.web import serve_app
from producers.intake.web_bounds import Bounds


class HttpSource:
    """Takes tickets by POST."""

    name = "http"

    def __init__(self, settings: HttpSettings) -> None:
        self._settings = settings

    async def run(self, door: Door) -> None:
        """Serve until told to stop and what is under way has its answer."""
        own = self._settings
        app = Api(door, Access(door.ledger.redis, door.metrics)).app(docs=own.docs)
        await serve_app(
            app,
            door,
            listen=own.listen,
            bounds=Bounds(max_bytes=own.max_bytes, most_at_once=own.max_concurrency),
            certificate=own.certificate,
            reuse_port=own.reuse_port,
        )


def make_source(_settings: Settings) -> HttpSource:
    """Make the source out of the environment; raises ConfigurationError."""
    return HttpSource(load_group(HttpSettings, PREFIX))
