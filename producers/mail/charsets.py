"""Bytes to text under a charset that somebody claims; wrong, unknown and dangerous names included."""

import codecs
import re

_BIDI = re.compile(r"-[ie]$")
"""iso-8859-8-i and -e name the direction of the text, which Python's codecs leave out."""

_BIGGER = {
    # What senders call it, and the larger charset that they mean by it.
    **dict.fromkeys(("gb2312", "gbk", "x-gbk", "euc-cn"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "x-sjis", "sjis"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "ksc5601"), "cp949"),
    **dict.fromkeys(("iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii"), "cp1252"),
    "iso-2022-jp": "iso2022_jp_ext",
    "windows-874": "cp874",
    "unicode-1-1-utf-7": "utf-7",
}
_REFUSED = {"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined"}
"""No charsets of mail, and slow on hostile bytes or able to write what the bytes do not say."""

_WESTERN = re.compile(r"cp125[024]|iso8859-|latin")
_SAMPLE = 16 * 1024
_BROKEN = re.compile("\N{REPLACEMENT CHARACTER}")
_FEW = 0.02
_SHORT = 64
"""Bytes in which nobody can tell one charset from another."""


def decode(raw: bytes, charset: str | None) -> str:
    """Decode with the claimed charset, else as UTF-8, else with the one that the bytes look like. Always goes."""
    if raw.isascii() and b"\x1b" not in raw and not _claims_encoding(charset):
        return raw.decode("ascii")
    claimed = _codec(charset)
    # Other bytes than UTF-8's are practically never valid UTF-8, but every byte is a Western letter.
    names = ("utf-8", claimed or "utf-8") if claimed is None or _WESTERN.match(claimed) else (claimed, "utf-8")
    for name in names:
        try:
            return raw.decode(name)
        except (ValueError, TypeError):
            continue
    return _guessed(raw, claimed)


def _claims_encoding(charset: str | None) -> bool:
    # Letters of ASCII stand for others in these.
    return bool(charset) and any(name in str(charset).lower() for name in ("utf-7", "utf-16", "utf-32", "hz", "ebcdic"))


def _codec(charset: str | None) -> str | None:
    if not charset:
        return None
    name = _BIDI.sub("", charset.strip("\"' ").lower())
    try:
        found = codecs.lookup(_BIGGER.get(name, name))
    except (LookupError, ValueError, TypeError):  # unknown, or a NUL in the name
        return None
    return found.name if getattr(found, "_is_text_encoding", True) and found.name not in _REFUSED else None


def _guessed(raw: bytes, claimed: str | None) -> str:
    if claimed is not None:
        text = raw.decode(claimed, "replace")
        if len(_BROKEN.findall(text)) <= _FEW * len(text):
            return text  # right, but for a letter that was cut in two
    if len(raw) < _SHORT:
        return raw.decode("cp1252", "replace")
    from charset_normalizer import from_bytes  # costs start-up time, and few mails need it

    best = from_bytes(raw[:_SAMPLE], steps=3, chunk_size=512).best()
    return raw.decode(best.encoding if best else "cp1252", "replace")
