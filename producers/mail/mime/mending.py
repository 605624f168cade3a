"""Headers that other programs broke, mended before the standard parser reads them."""

import re

_MAX_LINES = 2_000
_MAX_BOUNDARIES = 400
_MAX_FOLDED = 20
_HEAD = 256 * 1024
_MAX_TAIL = 20
_FEW_HEADERS = 3

_HEADER = re.compile(rb"[!-9;-~]{1,200}[ \t]{0,10}:")
_OPEN = re.compile(rb"=\?[^?\s]{1,60}\?([bBqQ])\?[^?\s]{0,2000}$")
_CLOSE = re.compile(rb"[^\s?]{0,2000}\?=")
_FOLDED = re.compile(
    rb"oundary[ \t]{0,10}=\s{0,10}\"([^\"\r\n]{0,200}(?:\r?\n[ \t]{1,80}[^\"\r\n]{0,200}){1,4})\"", re.IGNORECASE
)
_FOLD = re.compile(rb"\r?\n([ \t]{1,80})")


def mended(raw: bytes) -> bytes:
    """Close encoded words that other headers cut in two, and unfold boundaries that were folded inside their quotes."""
    return _with_whole_words(_with_whole_boundaries(raw))


def _with_whole_boundaries(raw: bytes) -> bytes:
    folded = [found for place in _places(raw) if (found := _FOLDED.match(raw, place))]
    for found in reversed(folded[:_MAX_FOLDED]):  # from the end, so that what stands before keeps its place
        whole = _boundary(raw, found[1])
        if whole is not None:
            raw = raw[: found.start(1)] + whole + raw[found.end(1) :]
    return raw


def _places(raw: bytes) -> list[int]:
    found: list[int] = []
    for word in (b"oundary", b"OUNDARY"):
        at = raw.find(word)
        while at >= 0 and len(found) < _MAX_BOUNDARIES:
            found.append(at)
            at = raw.find(word, at + 1)
    return sorted(found)


def _boundary(raw: bytes, folded: bytes) -> bytes | None:
    """Return the boundary as the parts are set apart by it: without the fold, or with the space that it left."""
    candidates = (_FOLD.sub(b"", folded), _FOLD.sub(b" ", folded), _FOLD.sub(rb"\1", folded))
    return next((whole for whole in candidates if whole.strip() and b"\n--" + whole in raw), None)


def _with_whole_words(raw: bytes) -> bytes:
    """Put the rest of an encoded word back that a line break pushed below other headers, and out of them all."""
    if b"=?" not in raw[:_HEAD]:
        return raw
    lines = raw.split(b"\n", _MAX_LINES)
    end = next((n for n, line in enumerate(lines) if not _is_header(line)), len(lines))
    opened = next((n for n in range(end) if _OPEN.search(lines[n].rstrip()) and not _goes_on(lines, n)), None)
    if opened is None:
        return raw
    start = next((n for n in range(end, min(end + 3, len(lines))) if lines[n].strip()), len(lines))
    if start == len(lines) or not _CLOSE.match(lines[start]):
        return raw
    stop = start + 1
    while stop < min(start + _MAX_TAIL, len(lines)) and lines[stop][:1] in (b" ", b"\t"):
        stop += 1
    if not all(_is_header(line) or not line.strip() for line in lines[stop : stop + _FEW_HEADERS]):
        return raw
    joint = b"_" if (found := _OPEN.search(lines[opened].rstrip())) and found[1] in b"qQ" else b""
    word = lines[opened].rstrip() + joint + lines[start].lstrip()
    return b"\n".join([*lines[:opened], word, *lines[start + 1 : stop], *lines[opened + 1 : end], *lines[stop:]])


def _is_header(line: bytes) -> bool:
    return bool(_HEADER.match(line)) or (line[:1] in (b" ", b"\t") and bool(line.strip()))


def _goes_on(lines: list[bytes], at: int) -> bool:
    return at + 1 < len(lines) and lines[at + 1][:1] in (b" ", b"\t")
