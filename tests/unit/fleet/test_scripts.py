import re
from pathlib import Path

import pytest

from fleet.ledger import scripts

NAMES = sorted(path.stem for path in Path(scripts.__file__).parent.glob("*.lua") if path.stem != "_prelude")


@pytest.mark.parametrize("name", NAMES)
def test_a_script_never_turns_an_argument_round(name: str) -> None:
    # -'0' is -0 in Lua; Valkey writes it as 0, Redis 7.0 as "-0" and then refuses it. The embedded server hides that.
    code = re.sub("--.*", "", scripts.source(name))
    assert re.search(r"-\s*(ARGV|tonumber\(ARGV)", code.replace("now - ", "now + ")) is None


@pytest.mark.parametrize("name", NAMES)
def test_a_script_says_what_it_takes(name: str) -> None:
    assert "ARGV: " in (Path(scripts.__file__).parent / f"{name}.lua").read_text("utf-8")
