"""Handing facts to the bursts; what returns is durable."""

import structlog

from producers.chat.bursts import Bursts
from producers.intake.door import Door
from producers.intake.metrics import Became
from producers.slack.events import PLATFORM, Deleted, Edited, Fact, Ignored, Said

_log = structlog.get_logger("slack")

_MOST_NAMED = 100
_named: set[str] = set()


async def hand_in(fact: Fact, bursts: Bursts, door: Door) -> None:
    """Do what a fact asks for; raises TransientError when it is not durable. Doing it twice changes nothing."""
    match fact:
        case Said(post=post):
            await bursts.add(post)
        case Edited(place=place, message_id=name, text=text, at=at):
            await bursts.edit(PLATFORM, place, name, text, at=at)
        case Deleted(place=place, message_id=name):
            await bursts.delete(PLATFORM, place, name)
        case Ignored(why=why, app=app):
            door.metrics.message(Became.IGNORED)
            _log.debug("ignored", why=why)
            _name_once(app, why)


def _name_once(app: str, why: str) -> None:
    """Name each app that is not heard once: an intake that was forgotten shows so."""
    if app and app not in _named and len(_named) < _MOST_NAMED:
        _named.add(app)
        _log.info("not_heard", why=why, message=f"to hear it: TRIAGE_SLACK_HEAR={app.partition(', ')[0]} (or {app})")
