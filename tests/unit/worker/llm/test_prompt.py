import hashlib
import re
from pathlib import Path

import pytest

from fleet.taxonomy import Taxonomy, load_taxonomy
from tests.support.taxonomies import clinic
from worker.llm import prompt
from worker.llm.prompt import VERSION, build_prompt, reply_schema

FOLDER = Path(prompt.__file__).with_name("prompts")
TAXONOMIES = [load_taxonomy(), clinic()]


@pytest.mark.parametrize("taxonomy", TAXONOMIES, ids=lambda taxonomy: taxonomy.name)
def test_the_prompt_says_all_there_is_to_choose_from(taxonomy: Taxonomy) -> None:
    built = build_prompt(taxonomy)
    text = built.system[0]["text"]
    for choice in (*taxonomy.categories, *taxonomy.urgencies):
        assert f"- {choice.name}: {choice.description}" in text
    assert "{categories}" not in text
    assert built.version == VERSION


def test_the_stable_part_is_cached_and_holds_nothing_of_a_ticket() -> None:
    built = build_prompt(load_taxonomy())
    assert [block["type"] for block in built.system] == ["text"]
    assert built.system[-1]["cache_control"] == {"type": "ephemeral"}
    assert built == build_prompt(load_taxonomy())  # byte for byte, or nothing is ever read from the cache


@pytest.mark.parametrize(
    "name", ["subject", "body", "forwarded", "in_reply_to", "signature", "attachments", "customer"]
)
def test_the_prompt_explains_every_name_in_the_block(name: str) -> None:
    lines = build_prompt(load_taxonomy()).system[0]["text"].split("\n")
    assert [line for line in lines if re.match(rf"- .*\b{name}\b.*: ", line)]


def test_a_prompt_that_was_sent_is_never_changed() -> None:
    files = {file.stem: hashlib.sha256(file.read_bytes()).hexdigest()[:12] for file in FOLDER.glob("*.md")}
    assert files == {"triage-1": "769dc8432cf8", "triage-2": "2d4c03f4f009"}


@pytest.mark.parametrize("taxonomy", TAXONOMIES, ids=lambda taxonomy: taxonomy.name)
def test_the_schema_of_the_reply_is_closed(taxonomy: Taxonomy) -> None:
    schema = reply_schema(taxonomy)
    assert schema["additionalProperties"] is False
    assert schema["required"] == list(schema["properties"])
    assert next(iter(schema["properties"])) == "reason"
    assert schema["properties"]["category"]["enum"] == list(taxonomy.category_names)
    assert schema["properties"]["urgency"]["enum"] == list(taxonomy.urgency_names)
    assert build_prompt(taxonomy).output_config == {"format": {"type": "json_schema", "schema": schema}}
