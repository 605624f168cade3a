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

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=True)

    listen: Annotated[Listen, BeforeValidator(_listen)] = Listen("127.0.0.1", 8081)
    cert_file: ReadableFile | None = None
    key_file: ReadableFile | None = None
    own: MailAddresses = frozenset()
    max_bytes: int = Field(default=25 * 1024 * 1024, ge=1024, le=50 * 1024 * 1024)
    max_at_once: int = Field(default=32, ge=1, le=10_000)
    tolerance_s: Seconds = Field(default=300.0, le=86_400)
    remember_s: Seconds = 259_200.0

    postmark_secret: SecretStr | None = None
    mailgun_secret: SecretStr | None = None
    mailgun_key: SecretStr | None = None
    sendgrid_secret: SecretStr | None = None
    sendgrid_key: SecretStr | None = None
    mandrill_secret: SecretStr | None = None
    mandrill_key: SecretStr | None = None
    mandrill_url: SecretHttpUrl | None = None
    cloudmailin_secret: SecretStr | None = None
    messages_key: SecretStr | None = None

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
