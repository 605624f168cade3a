"""Handing facts to the bursts; what returns is durable."""

import structlog

from producers.chat.bursts import Bursts
from producers.intake.door import Door
from producers.intake.metrics import Became
from producers.slack.events import PLATFORM, Deleted, Edited, Fact, Ignored, Said

_log = structlog.get_logger("slack")


async def hand_in(fact: Fact, bursts: Bursts, door: Door) -> None:
    """Do what a fact asks for; raises TransientError when it is not durable. Doing it twice changes nothing."""
    match fact:
        case Said(post=post):
            await bursts.add(post)
        case Edited(place=place, message_id=name, text=text, at=at):
            await bursts.edit(PLATFORM, place, name, text, at=at)
        case Deleted(place=place, message_id=name):
            await bursts.delete(PLATFORM, place, name)
        case Ignored(why=why):
            door.metrics.message(Became.IGNORED)
            _log.debug("ignored", why=why)
