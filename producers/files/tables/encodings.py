"""Which charset a text file is in: Unicode where that fits, else what its letters look like."""

from collections.abc import Sequence

_MARKS = {
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
_FALLBACK = "cp1252"
_SAMPLE = 32 * 1024
_FEW = 30
_MOST = 0.5
"""Few letters above ASCII, and these not most of the text, tell nothing: they are taken for Western ones."""

_MANY = 0.3
"""Of Latin text in UTF-16 every second byte is 0, of other text none."""


def encoding_of(start: bytes) -> str:
    """Name the codec to read a file with: UTF-16 or -32 where it begins so, else UTF-8."""
    for mark, encoding in _MARKS.items():
        if start.startswith(mark):
            return encoding
    if start[1::2].count(0) > len(start[1::2]) * _MANY:
        return "utf-16-le"
    if start[::2].count(0) > len(start[::2]) * _MANY:
        return "utf-16-be"
    return "utf-8-sig"


class Repair:
    """Decodes what is not UTF-8 in a row that was read as such (bytes above 127 stand in it as surrogates).

    One charset for the whole file: found in its beginning, or else in the first row that needs one.
    """

    def __init__(self, start: bytes) -> None:
        self._start = start
        self._charset = ""

    def __call__(self, texts: Sequence[str]) -> list[str]:
        """Give back the row, decoded."""
        return [text if text.isascii() or _is_whole(text) else self._decoded(text) for text in texts]

    def _decoded(self, text: str) -> str:
        raw = text.encode("utf-8", "surrogateescape")
        if not self._charset:
            self._charset = guess_charset(_odd_lines(self._start) or raw)
        return raw.decode(self._charset, "replace")


def guess_charset(raw: bytes) -> str:
    """Guess the charset of text that is not UTF-8; with few letters to tell by, it is taken for a Western one."""
    high = sum(byte > 127 for byte in raw)  # noqa: PLR2004 - the end of ASCII
    if high < _FEW and high < len(raw) * _MOST:
        return _FALLBACK
    try:
        from charset_normalizer import from_bytes
    except ModuleNotFoundError:
        return _FALLBACK  # a role without mail does not need the library
    best = from_bytes(raw[:_SAMPLE]).best()
    return _FALLBACK if best is None or best.encoding in ("ascii", "utf_8") else best.encoding


def decode_text(raw: bytes) -> str:
    """Decode a whole text of unknown charset."""
    encoding = encoding_of(raw[:_SAMPLE])
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return raw.decode(guess_charset(raw) if encoding == "utf-8-sig" else encoding, "replace")


def _is_whole(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _odd_lines(start: bytes) -> bytes:
    lines = (line for line in start.splitlines(keepends=True)[:-1] if not line.isascii())
    return b"".join(line for line in lines if not _is_whole(line.decode("utf-8", "surrogateescape")))
