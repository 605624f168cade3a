"""Variables of the environment: those of a group of settings, and names that nobody knows."""

import re
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from fleet import redaction
from fleet.errors import ConfigurationError
from fleet.setting_types import is_secret
from fleet.validation import explain

OURS = "TRIAGE_"
FILE = "_FILE"

Environ = Mapping[str, str]
Namer = Callable[[str], str]

M = TypeVar("M", bound=BaseModel)

MAX_SECRET_CHARACTERS = 65_536

_CLOSE, _VERY_CLOSE = 0.6, 0.8
_SERVICE_LINK = re.compile(r".*(_SERVICE_HOST|_SERVICE_PORT(_\w+)?|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)")
_LINK_VALUE = re.compile(r"(tcp|udp|sctp)://")


def read_group(group: type[M], name: Namer, environ: Environ, overrides: Mapping[str, object]) -> M:
    """Read a group's variables. Empty ones count as not set; all that is wrong stands in one ConfigurationError."""
    problems: list[str] = []
    values: dict[str, object] = {}
    for field, info in group.model_fields.items():
        try:
            value = _read(environ, name(field), may_be_file=is_secret(info.annotation))
        except ConfigurationError as error:
            problems.append(str(error))
            continue
        if value:
            values[field] = value
    try:
        made = group.model_validate({**values, **overrides})
    except ValidationError as error:
        # What does not fit together may do so once the files can be read.
        problems += [
            line
            for line in explain(error, _place(name), missing="is not set, and is needed")
            if line.partition(":")[0] or not problems
        ]
    if problems:
        raise ConfigurationError("\n".join(problems))
    return made


def names_of(group: type[BaseModel], name: Namer) -> frozenset[str]:
    """Name the variables of a group, and the files of its secrets."""
    fields = group.model_fields.items()
    return frozenset(map(name, group.model_fields)) | {
        name(field) + FILE for field, info in fields if is_secret(info.annotation)
    }


def strangers(environ: Environ, known: Collection[str], prefix: str, others: Collection[str] = ()) -> list[str]:
    """Say of each variable with our prefix that nobody knows what it might have been meant to be.

    `others` are prefixes inside ours whose names somebody else knows. Variables that Kubernetes and Docker make for
    a service whose name begins like ours are no settings.
    """
    found = []
    for name, value in sorted(environ.items()):
        if not value or name in known or name.startswith(tuple(others)) or is_service_link(name, value):
            continue
        if name.startswith(prefix) or name.upper() in known or _is_slip_of(prefix, name, known):
            found.append(f"{name}: no setting has this name{_meant(name, known, others)}")
    return found


def is_service_link(name: str, value: str) -> bool:
    """Whether Kubernetes or Docker made a variable, to tell where a service is."""
    return bool(_SERVICE_LINK.fullmatch(name) or (name.endswith("_PORT") and _LINK_VALUE.match(value)))


def _is_slip_of(prefix: str, name: str, known: Collection[str]) -> bool:
    """Whether a name is a known one but for our own, misspelt: TRAIGE_DAILY_BUDGET_USD."""
    head, _, tail = name.upper().partition("_")
    return prefix == OURS and OURS + tail in known and bool(get_close_matches(head, ["TRIAGE"], cutoff=_VERY_CLOSE))


def _meant(name: str, known: Collection[str], others: Collection[str]) -> str:
    upper = name.upper()
    if upper in known:
        return f"; did you mean {upper}?"
    if upper.endswith(FILE) and upper.removesuffix(FILE) in known:
        return f": {upper.removesuffix(FILE)} is no secret, so it is not read from a file"
    by_tail = {full.removeprefix(OURS): full for full in known}
    head, _, rest = upper.removeprefix(OURS).partition("_")
    roles = {prefix.removeprefix(OURS).rstrip("_"): prefix for prefix in others}
    for role in get_close_matches(head, roles, n=1, cutoff=_CLOSE):
        by_tail[f"{role}_{rest}"] = roles[role] + rest
    tail = upper.removeprefix(OURS) if upper.startswith(OURS) else rest
    close = get_close_matches(tail, by_tail, n=1, cutoff=_CLOSE)
    return f"; did you mean {by_tail[close[0]]}?" if close else "; the README lists those that there are"


def _place(name: Namer) -> Callable[[tuple[int | str, ...]], str]:
    return lambda loc: name(str(loc[0])) if loc else ""


def _read(environ: Environ, name: str, *, may_be_file: bool) -> str | None:
    value = environ.get(name)
    if value and is_service_link(name, value):
        return None
    path = environ.get(name + FILE) if may_be_file else None
    if path and value:
        raise ConfigurationError(f"{name} and {name}{FILE} are both set: keep one")
    if path:
        value = _read_file(path, name + FILE)
    if value and may_be_file:
        redaction.remember(value)
    return value


def _read_file(path: str, name: str) -> str:
    try:
        with Path(path).open(encoding="utf-8-sig") as file:
            text = file.read(MAX_SECRET_CHARACTERS + 1).strip()
    except UnicodeDecodeError:
        raise ConfigurationError(f"{name}: cannot read {path}: it is no text") from None
    except OSError as error:
        raise ConfigurationError(f"{name}: cannot read {path}: {error.strerror}") from None
    if not text or len(text) > MAX_SECRET_CHARACTERS:
        raise ConfigurationError(f"{name}: {path} {'is too large for a secret' if text else 'is empty'}")
    return text
