"""A file of JSON: lines or a document, told apart by how it begins."""

import io
import json
from collections.abc import Iterator
from itertools import chain

from producers.files.documents import LISTS, list_name, read_document
from producers.files.jsonl import Row, read_rows
from producers.files.lines import MAX_LINE_BYTES, bounded_lines, skip_rest
from producers.rejection import Rejected

_PIECE = 64 * 1024
_MARK = b"\xef\xbb\xbf"
_NAMES = tuple(f'"{name}"'.encode() for name in LISTS)


def read_json_file(file: io.BufferedReader) -> Iterator[Row | Rejected]:
    """Yield the objects of a file of JSON lines, or of a document."""
    head, first = _start(file)
    ends = _ends(first)
    more, second = ([], b"") if ends else _start(file)
    if ends == "document" or (not ends and _goes_on(first, second)):
        return read_document(chain(head, more, iter(lambda: file.readline(_PIECE), b"")))
    if first and len(head[-1]) > MAX_LINE_BYTES and not head[-1].endswith(b"\n"):
        skip_rest(file)
    return read_rows(chain(head, more, bounded_lines(file)))


def _start(file: io.BufferedReader) -> tuple[list[bytes], bytes]:
    """Read up to the first line that is not blank; its words stand alone behind the lines."""
    lines = []
    while line := file.readline(MAX_LINE_BYTES + 1):
        lines.append(line)
        if content := line.removeprefix(_MARK).strip():
            return lines, content
    return lines, b""


def _ends(first: bytes) -> str:
    """Tell how a first line ends: `whole`, `broken`, as a `document` must, or '' where the next line decides."""
    if first.startswith(b"["):
        return "document"
    if not first.startswith(b"{"):
        return "broken"
    if len(first) > MAX_LINE_BYTES:
        return "document" if any(name in first for name in _NAMES) else "broken"
    try:
        return "document" if list_name(json.loads(first)) else "whole"
    except json.JSONDecodeError as error:
        # No string of JSON goes over the end of a line.
        is_cut = not error.msg.startswith("Unterminated") and error.pos >= len(error.doc) - 1
        return "" if is_cut else "broken"
    except (ValueError, RecursionError):
        return "broken"


def _goes_on(first: bytes, second: bytes) -> bool:
    """Tell whether an object that is open at the end of a line goes on in the next, which may be another object's."""
    return first[-1:] in b"[:" or not second.startswith(b"{")
