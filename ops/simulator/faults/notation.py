"""Faults as people write them: a TOML file, a JSON body, or `KIND=SHARE[@START-END]` on the command line.

```toml
[[faults]]
kind = "overloaded"
share = 0.3
start_s = 10
end_s = 40
model = "claude-haiku-5-5"
match = "a text that the ticket contains"
times = 2
```
"""

import re
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from fleet.validation import in_words
from ops.simulator.faults.plan import Fault, Kind

_SHORT = re.compile(r"(?P<kind>\w+)=(?P<share>[\d.]+)(?:@(?P<start>[\d.]+)-(?P<end>[\d.]*))?")


@dataclass(frozen=True, config={"extra": "forbid"})
class _Written:
    kind: Kind
    share: Annotated[float, Field(ge=0, le=1)] = 1.0
    start_s: Annotated[float, Field(ge=0)] = 0.0
    end_s: Annotated[float, Field(ge=0)] | None = None
    model: str | None = None
    match: str | None = None
    times: Annotated[int, Field(ge=0)] | None = None
    retry_after_s: Annotated[float, Field(ge=0)] | None = None
    error_code: str | None = None
    category: str = "general_harms"


_LIST = TypeAdapter(list[_Written])


def parse_faults(document: object) -> tuple[Fault, ...]:
    """Read `{"faults": [...]}` or the bare list; ValueError names what is wrong."""
    entries = document.get("faults", []) if isinstance(document, dict) else document
    try:
        written = _LIST.validate_python(entries)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"faults.{place}: {in_words(first)}") from error
    return tuple(Fault(**vars(entry)) for entry in written)


def load_faults(path: Path) -> tuple[Fault, ...]:
    """Read a fault file."""
    try:
        return parse_faults(tomllib.loads(path.read_text("utf-8")))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def parse_short(text: str) -> Fault:
    """Read `KIND=SHARE[@START-END]`; an empty END means for ever."""
    found = _SHORT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r}: expected KIND=SHARE or KIND=SHARE@START-END, seconds since the start")
    entry: dict[str, object] = {"kind": found["kind"], "share": found["share"]}
    if found["start"]:
        entry |= {"start_s": found["start"], "end_s": found["end"] or None}
    return parse_faults([entry])[0]
