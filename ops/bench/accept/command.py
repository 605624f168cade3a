"""Both parts of `triage bench accept`, and the table that people read."""

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

PARTS = ("bulk", "http")


def parts_here() -> list[str]:
    """Name the parts that this release has."""
    return [name for name in PARTS if find_spec(f"ops.bench.accept.{name}")]


def run_parts(names: Sequence[str], *, pairs: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure the parts one after the other."""
    return {name: import_module(f"ops.bench.accept.{name}").run(pairs=pairs, say=say) for name in names}


def all_met(results: dict[str, Any]) -> bool:
    """Whether every goal is met."""
    return all(result["is_met"] for result in results.values())


def table(results: dict[str, Any]) -> str:
    """Write a line for each part."""
    return "\n".join(_line(name, result) for name, result in results.items())


def _line(name: str, result: dict[str, Any]) -> str:
    ratio = result["ratio"]
    verdict = "met" if result["is_met"] else "missed"
    return (
        f"{name:6}{ratio['median']:.2f} ({ratio['min']:.2f} to {ratio['max']:.2f}) of the bare work, "
        f"goal {result['goal']:g}: {verdict}"
    )
