"""What hides a text from its reader: declarations of an element, over what it inherits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from producers.mail.markup.css import TRANSPARENT, Colour, colour, first, is_same, pixels

_TINY = 2.0
"""Pixels of a letter that nobody reads."""

_FAR = -500.0
"""Pixels that put a text outside of any window."""

_UNSEEN = 0.05
"""Share of opacity or of the size that nobody sees."""

_NO_OPACITY = re.compile(r"opacity\(\s*0(?:\.0\d*)?%?\s*\)|opacity\s*=\s*0\b")
_CLIPPED = re.compile(
    r"rect\(\s*0(?:px)?[\s,]+0(?:px)?[\s,]+0(?:px)?[\s,]+0(?:px)?\s*\)|rect\(1px[\s,]+1px[\s,]+1px[\s,]+1px\)"
)
_CLIP_PATH = re.compile(r"(?:inset\(\s*(?:50|100)%|circle\(\s*0|polygon\(\s*0 0\s*,\s*0 0\s*,\s*0 0)")
_MOVED = re.compile(r"translate(?:x|y|3d)?\(\s*(?:0(?:px)?\s*,\s*)?(-\d{3,6})|scale(?:x|y)?\(\s*0(?:\.0+)?\s*[,)]")
_SIZE_IN_FONT = re.compile(r"(?:^|\s)(\d{0,4}(?:\.\d{1,4})?(?:px|pt|r?em|%)?)(?:\s*/|\s)")
_WORDS = {"inherit", "unset", "smaller", "larger"}


@dataclass(frozen=True, slots=True)
class Look:
    """How a text at this place looks, as far as it decides whether it is seen."""

    is_gone: bool = False
    is_tiny: bool = False
    is_invisible: bool = False
    colour: Colour | str | None = None
    background: Colour | None = (255, 255, 255)
    """None of a colour: nothing that is understood was said about it; of a background, a picture for one."""

    @property
    def is_hidden(self) -> bool:
        """Whether nobody sees it."""
        return self.is_gone or self.is_tiny or self.is_invisible or self._is_on_itself

    @property
    def _is_on_itself(self) -> bool:
        if self.colour == TRANSPARENT:
            return True
        is_known = isinstance(self.colour, tuple) and self.background is not None
        return is_known and is_same(self.colour, self.background)  # type: ignore[arg-type]  # both are colours here


def look(inherited: Look, values: Mapping[str, str]) -> Look:
    """Return the look of an element with these declarations inside one that looks so."""
    if not values:
        return inherited
    return replace(
        inherited,
        is_gone=inherited.is_gone or _is_gone(values),
        is_tiny=_is_tiny(values, inherited=inherited.is_tiny),
        is_invisible=_is_invisible(values, inherited=inherited.is_invisible),
        colour=_colour(values, inherited.colour),
        background=_background(values, inherited.background),
    )


def _is_gone(values: Mapping[str, str]) -> bool:
    """What hides everything inside, whatever that says."""
    if values.get("display") == "none" or values.get("mso-hide") == "all" or "hidden" in values:
        return True
    shares = [pixels(values[name], relative_to=1.0) for name in ("opacity", "zoom") if name in values]
    if any(share is not None and share < _UNSEEN for share in shares) or _NO_OPACITY.search(values.get("filter", "")):
        return True
    return _has_no_room(values) or _is_off_screen(values) or _is_clipped(values)


def _has_no_room(values: Mapping[str, str]) -> bool:
    maxima = [pixels(values[name]) for name in ("max-height", "max-width") if name in values]
    if any(size is not None and size <= 0 for size in maxima):
        return True
    if not first(values, "overflow", "overflow-y", "overflow-x").startswith(("hidden", "clip")):
        return False
    sizes = [pixels(values[name]) for name in ("height", "width", "line-height") if name in values]
    return any(size is not None and size <= 0 for size in sizes) or (
        len(sizes) > 1 and all(size is not None and size <= 1 for size in sizes)
    )


def _is_off_screen(values: Mapping[str, str]) -> bool:
    names = ["text-indent", "margin-left", "margin-top"]
    if values.get("position") in ("absolute", "fixed", "relative"):
        names += ["left", "top", "right", "bottom"]
    places = [pixels(values[name]) for name in names if name in values]
    if any(place is not None and place <= _FAR for place in places):
        return True
    moved = _MOVED.search(values.get("transform", ""))
    return moved is not None and (moved[1] is None or float(moved[1]) <= _FAR)


def _is_clipped(values: Mapping[str, str]) -> bool:
    return bool(
        _CLIPPED.match(values.get("clip", "")) or _CLIP_PATH.match(first(values, "clip-path", "-webkit-clip-path"))
    )


def _is_tiny(values: Mapping[str, str], *, inherited: bool) -> bool:
    size = values.get("font-size", "")
    if not size and (short := _SIZE_IN_FONT.search(values.get("font", ""))):
        size = short[1]
    if not size or size in _WORDS:
        return inherited
    # A share of nothing is nothing.
    found = pixels(size, relative_to=0.0 if inherited else 16.0)
    return found is not None and found <= _TINY


def _is_invisible(values: Mapping[str, str], *, inherited: bool) -> bool:
    visibility = values.get("visibility", "")
    if not visibility or visibility in _WORDS:
        return inherited
    return visibility in ("hidden", "collapse")


def _colour(values: Mapping[str, str], inherited: Colour | str | None) -> Colour | str | None:
    value = first(values, "-webkit-text-fill-color", "color")
    return inherited if not value or value in _WORDS else colour(value)


def _background(values: Mapping[str, str], inherited: Colour | None) -> Colour | None:
    if values.get("background-image", "none") != "none":
        return None
    for name in ("background-color", "background"):
        value = values.get(name, "")
        if not value or value in _WORDS or value == "none":
            continue
        if "url(" in value or "gradient" in value or "var(" in value:
            return None
        found = next((shade for word in value.split() if (shade := colour(word)) is not None), colour(value))
        return inherited if found == TRANSPARENT else found if isinstance(found, tuple) else None
    return inherited
