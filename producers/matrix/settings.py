"""The settings of `triage ingest matrix`."""

from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from fleet.setting_types import HttpUrl, Secret, Token

PREFIX = "TRIAGE_MATRIX_"


def _names(value: object) -> object:
    return tuple(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


class MatrixSettings(BaseModel):
    """Where the homeserver is, who we are there, and which rooms are read. Seconds.

    `rooms` are ids or aliases (none: every room we are in); `join` are server names whose users may invite us, and
    room ids; `ignore` are users, such as bots that write like people.
    """

    model_config = ConfigDict(use_attribute_docstrings=True, frozen=True, extra="forbid", allow_inf_nan=False)

    homeserver: HttpUrl
    """the homeserver's address, https://… (http:// only on the same machine: the token travels along)"""
    user_id: str = Field(pattern=r"^@[^\s:]+:[^\s]+$", max_length=255)
    """the account, @name:server"""
    access_token: Token | None = None
    """the login, one of the two; each also as …_FILE"""
    password: Secret | None = None
    """the login, one of the two; each also as …_FILE"""

    rooms: Names = ()
    """the rooms that are read: ids (!…) or aliases (#…:server, looked up at each login), with commas"""
    join: Names = ()
    """whose invitations are followed: names of servers of the inviting users, ids of rooms; with
    TRIAGE_MATRIX_ROOMS, only to those rooms"""
    ignore: Names = ()
    """users who are not read, such as bots that write like people"""

    hear: Names = ()
    """users whose notices are read, such as bridges that pass forms or mails on; without it, no notice is"""

    # Proxies often cut a connection that is silent for a minute.
    poll_s: float = Field(default=30.0, ge=1, le=300)
    """how long one question to the homeserver stays open, 1 to 300"""
    timeout_s: float = Field(default=30.0, ge=1, le=300)
    """bound of every other call, 1 to 300"""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.access_token is None) == (self.password is None):
            raise ValueError("set TRIAGE_MATRIX_ACCESS_TOKEN, or else TRIAGE_MATRIX_PASSWORD (each also as …_FILE)")
        if wrong := [name for name in self.rooms if name[0] not in "!#"]:
            raise ValueError(f"TRIAGE_MATRIX_ROOMS: {wrong[0]}: an id (!…) or an alias (#…:server) is needed")
        if wrong := [name for name in self.join if name[0] in "#@"]:
            raise ValueError(f"TRIAGE_MATRIX_JOIN: {wrong[0]}: a server's name or a room's id (!…) is needed")
        for setting, names in (("IGNORE", self.ignore), ("HEAR", self.hear)):
            if wrong := [name for name in names if name[0] != "@"]:
                raise ValueError(f"TRIAGE_MATRIX_{setting}: {wrong[0]}: a user's id (@name:server) is needed")
        return self

    @property
    def server(self) -> str:
        """The homeserver's address, without a slash at its end."""
        return self.homeserver.rstrip("/")
