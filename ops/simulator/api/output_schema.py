"""What the API accepts as an output schema: a closed subset of JSON Schema."""

from collections.abc import Mapping
from typing import Any

from ops.simulator.api.errors import invalid

PLACE = "output_config.format.schema"
TYPES = frozenset({"object", "array", "string", "integer", "number", "boolean", "null"})
STRING_FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}
)
ANYWHERE = frozenset({"type", "title", "description", "default", "enum", "const", "anyOf", "allOf", "$ref", "$defs"})
BY_TYPE: Mapping[str, frozenset[str]] = {
    "object": frozenset({"properties", "required", "additionalProperties"}),
    "array": frozenset({"items", "minItems"}),
    "string": frozenset({"format"}),
}


def check_schema(schema: Mapping[str, Any]) -> None:
    """Raise the API's 400 for a schema it would not compile: unsupported words, open objects, recursion."""
    definitions = schema.get("$defs", {})
    if not isinstance(definitions, dict):
        raise invalid(f"{PLACE}: $defs must be an object")
    _check(schema, definitions, PLACE, ())


def resolve(node: Mapping[str, Any], definitions: Mapping[str, Any], place: str = PLACE) -> Mapping[str, Any]:
    """Follow one `$ref` into `$defs`; keys beside the reference (such as a description) win."""
    reference = node.get("$ref")
    if reference is None:
        return node
    target = definitions.get(str(reference).removeprefix("#/$defs/"))
    if not isinstance(target, dict):
        raise invalid(f"{place}: $ref {str(reference)[:100]!r} points nowhere; only #/$defs/ is supported")
    return {**target, **{key: value for key, value in node.items() if key != "$ref"}}


def _check(node: object, definitions: Mapping[str, Any], place: str, seen: tuple[str, ...]) -> None:
    if not isinstance(node, dict):
        raise invalid(f"{place}: a schema must be an object")
    reference = node.get("$ref")
    if reference in seen:
        raise invalid(f"{place}: recursive schemas are not supported")
    full = resolve(node, definitions, place)
    _check_words(full, place)
    below = seen if reference is None else (*seen, str(reference))
    for name, child in _children(full):
        _check(child, definitions, f"{place}.{name}", below)


def _check_words(node: Mapping[str, Any], place: str) -> None:
    kind = node.get("type")
    if kind is not None and kind not in TYPES:
        raise invalid(f"{place}: type {str(kind)[:40]!r} is not supported")
    extra = sorted(set(node) - ANYWHERE - BY_TYPE.get(str(kind), frozenset()))
    if extra:
        raise invalid(f"{place}: For {kind!r} type, properties {', '.join(extra)} are not supported")
    if not {"type", "enum", "const", "anyOf", "allOf"} & set(node):
        raise invalid(f"{place}: a schema needs a type, enum, const, anyOf or allOf")
    if kind == "object" and node.get("additionalProperties") is not False:
        raise invalid(f"{place}: For 'object' type, 'additionalProperties' must be explicitly set to false")
    _check_values(node, place)


def _check_values(node: Mapping[str, Any], place: str) -> None:
    if "enum" in node and not (isinstance(node["enum"], list) and node["enum"]):
        raise invalid(f"{place}: enum must be a non-empty array")
    if node.get("minItems", 0) not in {0, 1}:
        raise invalid(f"{place}: minItems must be 0 or 1")
    if "format" in node and node["format"] not in STRING_FORMATS:
        raise invalid(f"{place}: string format {str(node['format'])[:40]!r} is not supported")
    unknown = set(node.get("required", ())) - set(node.get("properties", ()))
    if unknown:
        raise invalid(f"{place}: required names unknown properties: {', '.join(sorted(map(str, unknown)))}")


def _children(node: Mapping[str, Any]) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    properties = node.get("properties")
    if isinstance(properties, dict):
        found += [(f"properties.{name}", child) for name, child in properties.items()]
    for word in ("anyOf", "allOf"):
        found += [(f"{word}.{place}", child) for place, child in enumerate(node.get(word, ()))]
    if "items" in node:
        found.append(("items", node["items"]))
    return found
