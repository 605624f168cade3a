"""Which proof each provider has to give, by what the settings hold for it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pydantic import SecretStr

from producers.intake.metrics import Refusal
from producers.webhooks.request.posted import Posted
from producers.webhooks.settings import WebhookSettings, split
from producers.webhooks.trust.secrets import doubt_secret
from producers.webhooks.trust.signatures import doubt_mailgun, doubt_mandrill, doubt_sendgrid, ecdsa_verifier

Doubt = Callable[[Posted, float], Refusal | None]
"""Say why a request, at this time, is not believed."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What stands before a provider's route. `token` is good once, where a signature does not cover the mail."""

    doubts: tuple[Doubt, ...]
    token: Callable[[Posted], str] | None = None

    def doubt(self, posted: Posted, now: float) -> Refusal | None:
        """Say why a request is not believed; every proof is asked for."""
        return next((why for doubt in self.doubts if (why := doubt(posted, now)) is not None), None)


def make_gates(own: WebhookSettings) -> dict[str, Gate]:
    """Make the gates of the providers that have a secret or key; raises ConfigurationError for a broken key."""
    mailgun, mandrill, window_s = split(own.mailgun_key), split(own.mandrill_key), own.tolerance_s
    url = own.mandrill_url.get_secret_value() if own.mandrill_url else ""
    sendgrid = tuple(ecdsa_verifier(key) for key in split(own.sendgrid_key))
    gates = {
        "postmark": Gate(_said(own.postmark_secret)),
        "cloudmailin": Gate(_said(own.cloudmailin_secret)),
        "mailgun": Gate(
            _if(mailgun, lambda posted, now: doubt_mailgun(posted, mailgun, now, window_s)) + _said(own.mailgun_secret),
            token=(lambda posted: posted.form.text("token")) if mailgun else None,
        ),
        "mandrill": Gate(
            _if(mandrill, lambda posted, _now: doubt_mandrill(posted, mandrill, url)) + _said(own.mandrill_secret)
        ),
        "sendgrid": Gate(
            # The mail is signed, too: a replay brings one that the ledger knows, and SendGrid retries for 3 days.
            _if(sendgrid, lambda posted, now: doubt_sendgrid(posted, sendgrid, now, own.remember_s))
            + _said(own.sendgrid_secret)
        ),
    }
    return {name: gate for name, gate in gates.items() if gate.doubts}


def _if(keys: Iterable[object], doubt: Doubt) -> tuple[Doubt, ...]:
    return (doubt,) if keys else ()


def _said(secret: SecretStr | None) -> tuple[Doubt, ...]:
    secrets = split(secret)
    return _if(secrets, lambda posted, _now: doubt_secret(posted, secrets))
