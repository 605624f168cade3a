"""The workers' application with its reaper taken out, to see that tests of recovery can fail."""

from unittest.mock import patch

from worker.app import app
from worker.reaper import Reaper

__all__ = ["app"]


async def _sleep_through_it(_reaper: Reaper) -> None:
    pass


patch.object(Reaper, "reap", _sleep_through_it).start()
