from typing import Any

import pytest

from ops.simulator.api.errors import ApiError
from ops.simulator.api.output_schema import check_schema

CLOSED: dict[str, Any] = {"type": "object", "additionalProperties": False}


def around(node: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**CLOSED, "properties": {"it": node}, "required": ["it"], **more}


@pytest.mark.parametrize(
    "node",
    [
        {"type": "string", "enum": ["a", "b"]},
        {"enum": ["a", None]},
        {"const": "a"},
        {"type": "number", "description": "{minimum: 0}"},
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        {"type": "array", "items": {"type": "string", "format": "uuid"}, "minItems": 1},
        around({"type": "boolean"}),
    ],
)
def test_what_the_sdk_produces_is_accepted(node: dict[str, Any]) -> None:
    check_schema(around(node))


def test_references_into_definitions_are_accepted() -> None:
    check_schema(around({"$ref": "#/$defs/Colour"}, **{"$defs": {"Colour": {"enum": ["red"]}}}))


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        (around({"type": "number", "minimum": 0, "maximum": 1}), "maximum, minimum are not supported"),
        (around({"type": "string", "minLength": 1}), "minLength"),
        (around({"type": "string", "pattern": "a"}), "pattern"),
        (around({"type": "string", "format": "regex"}), "regex"),
        (around({"type": "array", "items": {"type": "string"}, "minItems": 2}), "minItems"),
        (around({"oneOf": [{"type": "string"}]}), "oneOf"),
        (around({"enum": []}), "enum"),
        (around({"type": "text"}), "text"),
        (around({}), "needs a type"),
        (around({"$ref": "#/$defs/Missing"}), "points nowhere"),
        ({"type": "object", "properties": {}}, "additionalProperties"),
        (around({"type": "object", "properties": {}}), "additionalProperties"),
        ({**around({"type": "string"}), "required": ["other"]}, "other"),
        ({**CLOSED, "properties": {"it": 3}}, "must be an object"),
    ],
)
def test_what_the_api_cannot_compile_is_refused(schema: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ApiError, match=complaint) as refused:
        check_schema(schema)

    assert refused.value.status == 400


def test_a_schema_that_contains_itself_is_refused() -> None:
    node = around({"$ref": "#/$defs/Node"})
    with pytest.raises(ApiError, match="recursive"):
        check_schema({**node, "$defs": {"Node": node}})
