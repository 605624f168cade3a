"""The settings of `triage ingest webhooks`. What has no secret is closed."""

from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from fleet.setting_types import MailAddresses, ReadableFile, Seconds, SecretHttpUrl
from producers.intake.listen import Certificate, Listen

PREFIX = "TRIAGE_WEBHOOKS_"


def _listen(value: object) -> object:
    return Listen.parse(value) if isinstance(value, str) else value


class WebhookSettings(BaseModel):
    """`own` are our addresses. Secrets may be several, separated by spaces or commas, while a new one comes in use.

    A `…_secret` is what the sender says (basic auth, bearer token, `?secret=`); a `…_key` is what its signatures are
    made with. Where both are set, both are asked for.
    """

    model_config = ConfigDict(
        use_attribute_docstrings=True, frozen=True, extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=True
    )

    listen: Annotated[Listen, BeforeValidator(_listen)] = Listen("127.0.0.1", 8081)
    """host:port, [::]:8081 for IPv6"""
    cert_file: ReadableFile | None = None
    """certificate chain and key (PEM), to serve HTTPS without a proxy"""
    key_file: ReadableFile | None = None
    """certificate chain and key (PEM), to serve HTTPS without a proxy"""
    own: MailAddresses = frozenset()
    """our addresses, separated by commas, besides those of TRIAGE_OWN_ADDRESSES: by them our own words coming back
    and groups of ours are known"""
    max_bytes: int = Field(default=25 * 1024 * 1024, ge=1024, le=50 * 1024 * 1024)
    """greatest request; files in JSON take a third more room than they have. At most 50 MiB"""
    max_at_once: int = Field(default=32, ge=1, le=10_000)
    """requests at once; each may hold its body, and while it is read several times that. Above 256 KiB two are
    read at a time"""
    tolerance_s: Seconds = Field(default=300.0, le=86_400)
    """how far a signature's time may be from ours (SendGrid: up to TRIAGE_WEBHOOKS_REMEMBER_S)"""
    remember_s: Seconds = 259_200.0
    """how long tokens and ids are remembered; at least twice TRIAGE_WEBHOOKS_TOLERANCE_S"""

    postmark_secret: SecretStr | None = None
    """what the provider says; or in a file, NAME_FILE"""
    mailgun_secret: SecretStr | None = None
    """what the provider says; or in a file, NAME_FILE"""
    mailgun_key: SecretStr | None = None
    """what its signatures are checked with; or in a file"""
    sendgrid_secret: SecretStr | None = None
    """what the provider says; or in a file, NAME_FILE"""
    sendgrid_key: SecretStr | None = None
    """what its signatures are checked with; or in a file"""
    mandrill_secret: SecretStr | None = None
    """what the provider says; or in a file, NAME_FILE"""
    mandrill_key: SecretStr | None = None
    """what its signatures are checked with; or in a file"""
    mandrill_url: SecretHttpUrl | None = None
    """the URL as Mandrill has it, query and all"""
    cloudmailin_secret: SecretStr | None = None
    """what the provider says; or in a file, NAME_FILE"""
    messages_key: SecretStr | None = None
    """secrets of Standard Webhooks, whsec_…; or in a file"""

    @model_validator(mode="after")
    def _is_of_use(self) -> Self:
        if not any(isinstance(value, SecretStr) and split(value) for name, value in self if name != "mandrill_url"):
            raise ValueError(
                "nothing is configured, so nobody could be believed: set a secret or key of a provider, for example "
                "TRIAGE_WEBHOOKS_POSTMARK_SECRET or TRIAGE_WEBHOOKS_MAILGUN_KEY"
            )
        return self

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if split(self.mandrill_key) and not self.mandrill_url:
            raise ValueError("TRIAGE_WEBHOOKS_MANDRILL_KEY needs TRIAGE_WEBHOOKS_MANDRILL_URL, which is signed, too")
        if self.remember_s < 2 * self.tolerance_s:  # a time may be off to either side
            raise ValueError("TRIAGE_WEBHOOKS_REMEMBER_S has to be at least twice TRIAGE_WEBHOOKS_TOLERANCE_S")
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("TRIAGE_WEBHOOKS_CERT_FILE and TRIAGE_WEBHOOKS_KEY_FILE are needed together")
        return self

    @property
    def certificate(self) -> Certificate | None:
        """The certificate to serve TLS with, where there is one."""
        return Certificate(self.cert_file, self.key_file) if self.cert_file and self.key_file else None


def split(secret: SecretStr | None) -> tuple[str, ...]:
    """Take secrets apart; those that are separated by spaces or commas hold at the same time."""
    return tuple(secret.get_secret_value().replace(",", " ").split()) if secret else ()
