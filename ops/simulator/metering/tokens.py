"""A deterministic guess at token counts: a quarter of the UTF-8 bytes."""

from collections.abc import Sequence

from ops.simulator.api.request import TextBlock, ThinkingBlock

BYTES_PER_TOKEN = 4
TURN_OVERHEAD = 4


def count_tokens(text: str) -> int:
    """Return the simulated number of tokens of a text, at least one."""
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    return -(-size // BYTES_PER_TOKEN) or 1


def content_text(content: str | Sequence[TextBlock | ThinkingBlock]) -> str:
    """Return the text of a message's content, blocks joined by line breaks, thinking left out."""
    if isinstance(content, str):
        return content
    return "\n".join(block.text for block in content if isinstance(block, TextBlock))


def cut_to_tokens(text: str, tokens: int) -> str:
    """Return the longest beginning of a text that counts as at most `tokens` tokens."""
    encoded = text.encode("utf-8", "surrogatepass")
    return encoded[: tokens * BYTES_PER_TOKEN].decode("utf-8", "ignore")
