"""As much of CSS as it takes to tell what a mail hides: declarations, lengths, colours. Bounded, and never raises."""

import re
from collections.abc import Mapping
from colorsys import hls_to_rgb

MAX_DECLARATIONS = 100
_LONGEST = 4_000

_COMMENT = re.compile(r"/\*.*?(?:\*/|$)", re.DOTALL)
_ESCAPE = re.compile(r"\\([0-9a-f]{1,6})\s?|\\(.)", re.IGNORECASE)
_LENGTH = re.compile(r"(-?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}))(px|pt|pc|r?em|ex|ch|%|vw|vh|cm|mm|in)?(?![\w.])")
_PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0, "vw": 10.0, "vh": 8.0}
_PIXELS |= {"cm": 38.0, "mm": 3.8, "in": 96.0}
_RELATIVE = {"em": 1.0, "%": 0.01}

_NAMED = {
    "white": (255, 255, 255),
    "snow": (255, 250, 250),
    "ivory": (255, 255, 240),
    "whitesmoke": (245, 245, 245),
    "ghostwhite": (248, 248, 255),
    "floralwhite": (255, 250, 240),
    "black": (0, 0, 0),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "silver": (192, 192, 192),
    "lightgray": (211, 211, 211),
    "lightgrey": (211, 211, 211),
    "red": (255, 0, 0),
    "green": (0, 128, 0),
    "blue": (0, 0, 255),
    "navy": (0, 0, 128),
    "yellow": (255, 255, 0),
    "orange": (255, 165, 0),
}
_HEX = re.compile(r"#?([0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})(?![0-9a-z])")
_FUNCTION = re.compile(r"(rgb|hsl)a?\(([^()]{1,80})\)")
_NUMBER = re.compile(r"(\d{1,4}(?:\.\d{0,6})?|\.\d{1,6})(%|deg)?")
_CHANNELS = 3
_SAME = 8
"""Steps of 255 that nobody sees."""

Colour = tuple[int, int, int]
TRANSPARENT = "transparent"


def declarations(style: str) -> dict[str, str]:
    """Read `name: value; …` into small letters; the last of a name holds, an important one before others."""
    text = _ESCAPE.sub(_unescaped, _COMMENT.sub("", style[:_LONGEST])).lower()
    found: dict[str, str] = {}
    important: set[str] = set()
    for item in text.split(";")[:MAX_DECLARATIONS]:
        name, _, value = item.partition(":")
        name, value, mark = name.strip(), *_important(value)
        if name and value and (mark or name not in important):
            found[name] = value
            important |= {name} if mark else set()
    return found


def pixels(value: str, relative_to: float = 16.0) -> float | None:
    """Return a length in pixels, roughly; None where it is none."""
    found = _LENGTH.match(value.strip())
    if found is None:
        return None
    unit = found[2] or ""
    factor = relative_to * _RELATIVE[unit] if unit in _RELATIVE else _PIXELS[unit]
    return float(found[1]) * factor


def colour(value: str) -> Colour | str | None:
    """Return red, green and blue, or TRANSPARENT; None for what is not understood."""
    value = value.strip()
    if value in ("transparent", "rgba(0,0,0,0)"):
        return TRANSPARENT
    if value in _NAMED:
        return _NAMED[value]
    if found := _HEX.match(value):
        digits = found[1] if len(found[1]) > 4 else "".join(digit * 2 for digit in found[1])  # noqa: PLR2004 - #rgba
        return TRANSPARENT if digits[6:] == "00" else (int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16))
    called = _FUNCTION.match(value)
    return _called(called[1], called[2]) if called else None


def is_same(one: Colour, other: Colour) -> bool:
    """Tell whether nobody can tell two colours apart."""
    return all(abs(a - b) <= _SAME for a, b in zip(one, other, strict=True))


def first(values: Mapping[str, str], *names: str) -> str:
    """Return the first of these declarations that is there; empty where none is."""
    return next((values[name] for name in names if name in values), "")


def _important(value: str) -> tuple[str, bool]:
    text, mark, _ = value.partition("!")
    return " ".join(text.split()), bool(mark)


def _unescaped(found: "re.Match[str]") -> str:
    code = int(found[1], 16) if found[1] else 0
    return chr(code) if 0 < code < 0xD800 else found[2] or ""  # noqa: PLR2004 - the first surrogate


def _called(name: str, text: str) -> Colour | str | None:
    numbers = [float(number) * (2.55 if unit == "%" and name == "rgb" else 1) for number, unit in _NUMBER.findall(text)]
    if len(numbers) < _CHANNELS:
        return None
    if len(numbers) > _CHANNELS and numbers[3] == 0:
        return TRANSPARENT
    if name == "hsl":
        red, green, blue = hls_to_rgb(numbers[0] / 360 % 1, min(numbers[2], 100) / 100, min(numbers[1], 100) / 100)
        numbers = [red * 255, green * 255, blue * 255]
    return (round(numbers[0]), round(numbers[1]), round(numbers[2]))
