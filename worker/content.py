"""Content of a ticket as a model may be shown it: every text of it, under the names that the prompt explains.

What is sent is cut from this and from nothing else, so whoever reads this has read all that a model can be told.
"""

import re
from dataclasses import dataclass, fields

from fleet.ticket import Ticket

_UNSEEN = re.compile(
    "[\u00ad\u200b\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f\U000e0100-\U000e01ef]"
)
"""Characters that no person sees and a model reads. Joiners and the marks of direction stay: scripts need them."""

_TELLING_CHARACTERS = 400
_TELLING = re.compile(r"\?|\bp\.?\s?s\.?\s?[:,.)]|(?:[^\W\d_]{1,30}[ ,;]{1,3}){6}", re.IGNORECASE)
"""A question, a PS, or a line of seven words: more than a name and where to find it."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a ticket says, by worth: what is cut first stands last."""

    subject: str
    body: str
    customer: dict[str, str]
    forwarded: str
    attachments: tuple[str, ...]
    in_reply_to: str
    signature: str

    @property
    def own(self) -> str:
        """What the customer says with this message: own words, form fields, and what was passed on."""
        parts = (self.subject, self.body, "\n".join(self.customer.values()), self.forwarded)
        return "\n\n".join(part for part in parts if part)

    def texts(self) -> list[str]:
        """Every text that can be sent, for whoever has to read it all."""
        found: list[str] = []
        for field in fields(self):
            value = getattr(self, field.name)
            found += (
                [value] if isinstance(value, str) else [*value, *(value.values() if isinstance(value, dict) else ())]
            )
        return [text for text in found if text]


def content_of(ticket: Ticket) -> Content:
    """Name what a ticket says, without the characters that only a program would read."""
    return Content(
        subject=_seen(ticket.subject),
        body=_seen(ticket.body),
        customer={_seen(name): _seen(value) for name, value in ticket.fields.items()},
        forwarded=_seen(ticket.forwarded),
        attachments=tuple(_seen(name) for name in ticket.attachments),
        in_reply_to=_seen(ticket.quoted),
        signature=_seen(ticket.signature),
    )


def is_telling(signature: str) -> bool:
    """Whether a signature may say something: what was taken for one may hold a question or a PS."""
    return len(signature) > _TELLING_CHARACTERS or _TELLING.search(signature) is not None


def _seen(text: str) -> str:
    return text if text.isascii() else _UNSEEN.sub("", text)
