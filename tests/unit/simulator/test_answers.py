import json
from enum import Enum
from typing import Any, Literal

import pytest
from anthropic import transform_schema
from pydantic import BaseModel, Field

from ops.simulator.answer.author import Author
from ops.simulator.answer.reply import Reply, bounded
from ops.simulator.answer.ticket_text import ticket_text
from ops.simulator.answer.writer import LONGEST_REASON
from ops.simulator.api.request import MessageRequest, Turn
from ops.simulator.brain.rows import Row
from ops.simulator.brain.tiers import Brains, train

FRUIT = {"apple": "crisp tart cider orchard", "banana": "yellow peel monkey tropical"}


class Fruit(Enum):
    APPLE = "apple"
    BANANA = "banana"


class Planet(BaseModel):
    """A taxonomy that nobody trained."""

    body: Literal["rocky", "gas_giant", "neither"] = Field(description="rocky: stone and dust; gas_giant: hydrogen")
    ringed: bool = Field(description="whether there are rings around it")
    fruit: Fruit = Field(description="the fruit")
    confidence: float = Field(ge=0, le=1)
    reason: str = Field(max_length=200)
    language: str
    note: str | None
    moons: list[str]
    size: Literal[1, 2]


@pytest.fixture(scope="module")
def brains() -> Brains:
    texts = [
        (f"{word} {other} {n}", fruit)
        for fruit, line in FRUIT.items()
        for n in range(5)
        for word in line.split()
        for other in line.split()
    ]
    return train([Row(text, {"fruit": fruit}) for text, fruit in texts])


def request(schema: dict[str, Any] | None = None, system: str = "") -> MessageRequest:
    body: dict[str, Any] = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "x"}]}
    if schema is not None:
        body["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
    return MessageRequest.model_validate({**body, "system": system})


def ask(brains: Brains, schema: dict[str, Any], text: str, system: str = "") -> Any:
    author = Author(brains)
    written, value = author.reply(author.writer(request(schema, system)), text, small=False)
    assert json.loads(written) == value
    return value


def closed(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": list(properties)}


def test_any_taxonomy_gets_a_valid_answer(brains: Brains) -> None:
    value = ask(brains, transform_schema(Planet), "It is crisp and made of hydrogen, with rings around it, and cider.")
    planet = Planet.model_validate(value)

    assert planet.body == "gas_giant"
    assert planet.ringed
    assert planet.fruit is Fruit.APPLE
    assert planet.language == "en"
    assert 0 < planet.confidence < 0.5, "a guess by words is not sold as certain"
    assert list(value) == list(Planet.model_fields)


def test_a_trained_value_comes_with_the_words_that_decided(brains: Brains) -> None:
    value = ask(brains, closed(fruit={"enum": ["apple", "banana"]}, reason={"type": "string"}), "a tropical peel")

    assert value["fruit"] == "banana"
    assert "tropical" in value["reason"]
    assert len(value["reason"]) <= LONGEST_REASON


def test_confidence_is_higher_where_the_text_is_clearer(brains: Brains) -> None:
    schema = closed(fruit={"enum": ["apple", "banana"]}, confidence={"type": "number"})

    clear, vague = (ask(brains, schema, text)["confidence"] for text in ("orchard cider tart", "crisp yellow"))

    assert clear > vague >= 0.5


def test_an_unknown_value_wins_only_when_the_text_speaks_of_it(brains: Brains) -> None:
    schema = closed(fruit={"enum": ["apple", "cherry", "banana"], "description": "cherry: red, with a stone"})

    assert ask(brains, schema, "something red with a stone")["fruit"] == "cherry"
    assert ask(brains, schema, "a crisp thing from the orchard")["fruit"] == "apple"


def test_the_system_prompt_may_describe_the_values(brains: Brains) -> None:
    schema = closed(team={"enum": ["one", "two", "three"]})
    system = "Teams:\n- one: printers\n- two: scanners and cameras\n- three: the rest"

    assert ask(brains, schema, "my scanners do not scan", system)["team"] == "two"
    assert ask(brains, schema, "no idea", system)["team"] == "three"


def test_the_training_never_leaks_a_value_that_the_schema_does_not_allow(brains: Brains) -> None:
    assert ask(brains, closed(fruit={"enum": ["apple"]}), "tropical banana peel")["fruit"] == "apple"


def test_without_a_schema_the_reply_is_a_sentence(brains: Brains) -> None:
    author = Author(brains)

    text, value = author.reply(author.writer(request()), "hello", small=True)

    assert "simulated" in text
    assert value is None


def turns(*contents: str) -> list[Turn]:
    roles = ["user", "assistant"] * len(contents)
    return [
        Turn(role="user" if role == "user" else "assistant", content=text)
        for role, text in zip(roles, contents, strict=False)
    ]


def block(**fields: str | dict[str, str]) -> str:
    return f"<ticket>{json.dumps(fields).replace('<', chr(92) + 'u003c')}</ticket>"


def test_the_ticket_is_subject_and_body_of_the_block() -> None:
    content = "Triage this:\n" + block(subject="S", body="ends with </ticket> inside", channel="mail") + "\nNow."

    assert ticket_text(turns(content)) == "S\nends with </ticket> inside"


def test_what_was_forwarded_is_read_too_and_a_forms_fields_where_nothing_else_has_words() -> None:
    forward = block(subject="Fwd", body="see below", forwarded="the shop is down", in_reply_to="older", signature="Amy")
    assert ticket_text(turns(forward)) == "Fwd\nsee below\nthe shop is down"
    assert ticket_text(turns(block(subject="", body="", customer={"problem": "it is slow"}))) == "it is slow"
    assert ticket_text(turns(block(body="hi", customer={"plan": "gold"}))) == "hi"


def test_a_repair_call_is_about_the_ticket_of_its_first_message() -> None:
    assert ticket_text(turns(block(body="first"), "bad reply", "That was not JSON.")) == "first"


def test_without_a_block_the_last_user_message_is_the_ticket() -> None:
    assert ticket_text(turns("one", "reply", "two")) == "two"


def test_a_block_that_is_no_json_object_is_taken_as_text() -> None:
    assert ticket_text(turns("<ticket>oops</ticket>")) == "oops"
    assert ticket_text(turns("<ticket>[1]</ticket>")) == "[1]"


def test_a_reply_is_cut_at_max_tokens_and_at_stop_sequences() -> None:
    reply = Reply("abcdefghij" * 4)

    cut = bounded(reply, 5, [])
    stopped = bounded(reply, 100, ["j", "ef"])

    assert (cut.text, cut.stop_reason, cut.output_tokens) == ("abcdefghij" * 2, "max_tokens", 5)
    assert (stopped.text, stopped.stop_reason, stopped.stop_sequence) == ("abcd", "stop_sequence", "ef")
