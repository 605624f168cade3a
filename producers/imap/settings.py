"""The settings of `triage ingest imap`."""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from fleet.setting_types import MailAddresses, ReadableFile, Secret
from producers.mail.message import MAX_MAIL_BYTES

PREFIX = "TRIAGE_IMAP_"

_MARK = re.compile(r"\\(Flagged|Answered)|[$A-Za-z0-9][A-Za-z0-9_.-]{0,60}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Tls(StrEnum):
    """How the connection is protected; `plain` is for a server on the same machine."""

    SSL = "ssl"
    STARTTLS = "starttls"
    PLAIN = "plain"


class Done(StrEnum):
    """What becomes of a mail that the ledger holds."""

    FLAG = "flag"
    MOVE = "move"
    DELETE = "delete"


def _names(value: object) -> object:
    return tuple(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


class ImapSettings(BaseModel):
    """Where the mailbox is, who we are there, and what becomes of mail that was taken. Seconds and bytes.

    `mark` is the flag that taken mail gets, `own` our addresses, `since` the day from which mail is looked at.
    """

    model_config = ConfigDict(use_attribute_docstrings=True, frozen=True, extra="forbid", allow_inf_nan=False)

    host: str = Field(min_length=1)
    """the server"""
    port: int | None = Field(default=None, ge=1, le=65_535)
    """the server's port"""
    tls: Tls = Tls.SSL
    """how the connection is protected: ssl, starttls or plain"""
    ca_file: ReadableFile | None = None
    """authorities (PEM) whose certificates are believed, instead of the system's"""
    user: str = Field(min_length=1)
    """who logs in"""
    password: Secret | None = None
    """the password, or TRIAGE_IMAP_PASSWORD_FILE"""
    token_file: ReadableFile | None = None
    """file with an OAuth 2 access token, read at each login"""

    folders: Names = ("INBOX",)
    """folders to read, separated by commas; each has a connection of its own"""
    since: date | None = None
    """a day (2026-11-24): mail that arrived before it is left alone"""
    own: MailAddresses = frozenset()
    """our addresses, separated by commas, besides those of TRIAGE_OWN_ADDRESSES: by them our own words coming back
    and groups of ours are known"""
    max_bytes: int = Field(default=25 * 1024 * 1024, ge=1_024, le=MAX_MAIL_BYTES)
    """what is read of a mail, 1024 to 50 MiB"""

    done: Done = Done.FLAG
    """what becomes of a mail that is taken: flag, move or delete"""
    done_folder: str = Field(default="Triaged", min_length=1)
    """where mail is moved to (some servers want INBOX.Triaged)"""
    mark: str = "$Triaged"
    r"""the keyword that taken mail gets, or \Flagged, \Answered"""

    # Servers may log a silent client out after 30 minutes, and end IDLE after 29.
    poll_s: float = Field(default=60.0, ge=1, le=1_500)
    """the longest time between two looks, 1 to 1500"""
    timeout_s: float = Field(default=30.0, ge=1, le=300)
    """bound of each wait for the server, 1 to 300; connecting has 10 at most"""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.password is None) == (self.token_file is None):
            raise ValueError("set TRIAGE_IMAP_PASSWORD (or TRIAGE_IMAP_PASSWORD_FILE), or else TRIAGE_IMAP_TOKEN_FILE")
        if not self.folders:
            raise ValueError("TRIAGE_IMAP_FOLDERS names no folder")
        if self.done is not Done.FLAG and self.done_folder in self.folders:
            raise ValueError("TRIAGE_IMAP_DONE_FOLDER is one of TRIAGE_IMAP_FOLDERS: mail would come round again")
        if not _MARK.fullmatch(self.mark):
            raise ValueError(r"TRIAGE_IMAP_MARK: a keyword like $Triaged is needed, or \Flagged or \Answered")
        if _CONTROL.search("".join((self.host, self.user, self.done_folder, *self.folders))):
            raise ValueError("TRIAGE_IMAP_HOST, _USER, _FOLDERS, _DONE_FOLDER: control characters are not allowed")
        return self

    @property
    def where(self) -> str:
        """The server, as messages name it."""
        return f"{self.host}:{self.port or (993 if self.tls is Tls.SSL else 143)}"
