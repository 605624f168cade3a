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
_SHORT, _SHORTEST = 64, 16
"""Bytes in which nobody can tell one charset from another; of scripts without Latin letters fewer are enough."""

_ASCII = 127
_ASCII_ONLY = re.compile(r"\s*\"?(?:us-)?ascii\"?\s*", re.IGNORECASE)
_SURE = 512
_OF_MAIL = [
    "utf_8",
    "cp1250",
    "cp1251",
    "cp1252",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp874",
    "koi8_r",
    "iso8859_2",
]
_OF_MAIL += ["iso8859_5", "gb18030", "big5", "cp932", "euc_jp", "euc_kr", "cp949"]
_ESCAPES = re.compile(rb"\x1b(?:\$[@B(]|\([BJI])")
_META = re.compile(rb"<meta[^>]{0,200}charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)


def decode(raw: bytes, charset: str | None, context: bytes = b"") -> str:
    """Decode with the claimed charset, else as UTF-8, else with the one that the bytes look like. Always goes.

    `context` are bytes in the same charset, which help to guess it where `raw` is short.
    """
    if raw.isascii() and b"\x1b" not in raw and not _claims_encoding(charset):
        return raw.decode("ascii")
    claimed = _codec(charset)
    if _ASCII_ONLY.fullmatch(charset or "") and not _is_latin(raw + context):
        claimed = None  # there are other letters than Latin ones, and it is not ASCII anyway
    # Other bytes than UTF-8's are practically never valid UTF-8, but every byte is a Western letter.
    names = ("utf-8", claimed or "utf-8") if claimed is None or _WESTERN.match(claimed) else (claimed, "utf-8")
    for name in names:
        try:
            return raw.decode(name)
        except (ValueError, TypeError):
            continue
    return _guessed(raw, claimed, context)


def decode_bare(raw: bytes, charset: str | None, context: bytes = b"") -> str:
    """Decode bytes that stand bare in a header: UTF-8, whatever the mail's own charset is, else that one."""
    if _ESCAPES.search(raw):  # with ASCII's own bytes it says what is not ASCII
        return decode(raw, "iso-2022-jp")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return decode(raw, charset, context)


def charset_of_page(start: bytes) -> str | None:
    """Return the charset that a page of HTML names for itself."""
    named = _META.search(start)
    return named[1].decode("ascii") if named else None


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


def _guessed(raw: bytes, claimed: str | None, context: bytes) -> str:
    if claimed is not None:
        text = raw.decode(claimed, "replace")
        if len(_BROKEN.findall(text)) <= _FEW * len(text):
            return text  # right, but for a letter that was cut in two
    sample = raw[:_SAMPLE] + b"\n" + context[:_SAMPLE]
    if len(sample) < (_SHORT if _is_latin(sample) else _SHORTEST):
        return raw.decode("cp1252", "replace")
    return raw.decode(_looks_like(sample), "replace")


def _is_latin(sample: bytes) -> bool:
    # Accents are few among Latin letters; where nearly all are above ASCII, it is another script.
    high = sum(byte > _ASCII for byte in sample)
    return high < sum(chr(byte).isalpha() for byte in sample if byte <= _ASCII)


def _looks_like(sample: bytes) -> str:
    from charset_normalizer import from_bytes  # costs start-up time, and few mails need it

    # It is unsure of short texts, and takes the same one said again for a longer one.
    longer = sample * -(-_SURE // len(sample))
    best = from_bytes(longer, steps=3, chunk_size=512, cp_isolation=_OF_MAIL).best()
    return best.encoding if best else "cp1252"
