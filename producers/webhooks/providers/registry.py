"""The providers by name, in the order in which their formats are told apart."""

from collections.abc import Callable
from dataclasses import dataclass

from producers.webhooks.providers import cloudmailin, mailgun, mandrill, postmark, sendgrid
from producers.webhooks.request.posted import Posted


@dataclass(frozen=True, slots=True)
class Provider:
    """`is_mine` tells its requests from those of others; `mails` gives the mails of one, none where it brings none.

    `mails` raises InvalidTicketError for a request that cannot be read.
    """

    is_mine: Callable[[Posted], bool]
    mails: Callable[[Posted], list[bytes]]


PROVIDERS: dict[str, Provider] = {
    "mandrill": Provider(mandrill.is_mine, mandrill.mails),
    "mailgun": Provider(mailgun.is_mine, mailgun.mails),
    "postmark": Provider(postmark.is_mine, postmark.mails),
    "sendgrid": Provider(sendgrid.is_mine, sendgrid.mails),
    "cloudmailin": Provider(cloudmailin.is_mine, cloudmailin.mails),
}
