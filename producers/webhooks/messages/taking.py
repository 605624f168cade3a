"""Chat messages into bursts: answered 2xx when Redis holds them; an id that came before changes nothing."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from pydantic import ValidationError
from pydantic_core import to_json
from standardwebhooks.webhooks import Webhook
from starlette.responses import Response

from fleet.errors import InvalidTicketError
from fleet.ticket import explain
from producers.chat.post import Post
from producers.intake.door import Door
from producers.intake.metrics import Became, Refusal
from producers.webhooks.answers import closed, refused, taken, wrong
from producers.webhooks.messages.schema import EVENT, PLATFORM, Created, Deleted, Edited, text_of, to_post
from producers.webhooks.messages.signed import doubt_message
from producers.webhooks.request.posted import Posted, parse_json
from producers.webhooks.trust.once import Claim, Once


class Gathering(Protocol):
    """What is needed of `producers.chat.bursts.Bursts`; each raises TransientError when it is not durable."""

    async def add(self, post: Post) -> None:
        """Take a message in."""
        ...

    async def edit(self, platform: str, place: str, message_id: str, text: str) -> None:
        """Replace what it says."""
        ...

    async def delete(self, platform: str, place: str, message_id: str) -> None:
        """Take it out."""
        ...


class Messages:
    """Takes in what is signed with one of our secrets; no secret, no messages."""

    def __init__(
        self,
        door: Door,
        bursts: Gathering,
        signers: tuple[Webhook, ...],
        once: Once,
        *,
        window_s: float,
        now: Callable[[], float],
    ) -> None:
        self._door = door
        self._bursts = bursts
        self._signers = signers
        self._once = once
        self._window_s = window_s
        self._now = now

    async def take(self, posted: Posted) -> Response:
        """Take a message in; raises TransientError when it is not durable."""
        if not self._signers:
            self._door.metrics.refused(Refusal.UNKNOWN)
            return closed("the webhook for messages")
        why = doubt_message(posted, self._signers, self._now(), self._window_s)
        if why is not None:
            self._door.metrics.refused(why)
            return refused(why)
        try:
            event = EVENT.validate_json(to_json(_object_of(posted.body)))
        except InvalidTicketError as error:
            self._door.metrics.message(Became.REJECTED)
            return wrong(422, "invalid", str(error))
        except ValidationError as error:
            return self._wrong(error)
        return await self._take_once(posted, event)

    def _wrong(self, error: ValidationError) -> Response:
        is_strange = any(item["type"] == "union_tag_invalid" for item in error.errors(include_input=False))
        self._door.metrics.message(Became.IGNORED if is_strange else Became.REJECTED)
        return taken(result="ignored") if is_strange else wrong(422, "invalid", explain(error))

    async def _take_once(self, posted: Posted, event: Created | Edited | Deleted) -> Response:
        name = posted.headers["webhook-id"]
        match await self._once.claim(name, posted.body):
            case Claim.OTHER:
                self._door.metrics.message(Became.CONFLICT)
                return wrong(409, "conflict", "this webhook-id came before, with another body")
            case Claim.DONE:
                self._door.metrics.message(Became.DUPLICATE)
                return taken(result="duplicate")
        answer = await self._hand_in(event)
        await self._once.done(name, posted.body)
        return answer

    async def _hand_in(self, event: Created | Edited | Deleted) -> Response:
        match event:
            case Created(data=said) if said.is_bot:
                self._door.metrics.message(Became.IGNORED)
                return taken(result="ignored")
            case Created(data=said):
                await self._bursts.add(to_post(said, datetime.fromtimestamp(self._now(), UTC)))
            case Edited(data=said):
                await self._bursts.edit(PLATFORM, said.conversation, said.id, text_of(said))
            case Deleted(data=gone):
                await self._bursts.delete(PLATFORM, gone.conversation, gone.id)
        return taken(result="accepted")


def _object_of(body: bytes) -> dict[str, Any]:
    value = parse_json(body)
    if not isinstance(value, dict):
        raise InvalidTicketError("the body must be a JSON object")
    return value
