"""The envelope of a mail, which only the server that took it knows."""

import re

from producers.webhooks.request.shapes import texts

_ADDRESS = re.compile(r"<?([^\s<>@,;]{1,64}@[^\s<>@,;]{1,255})>?")
_MAX_NOTED = 100


def noted(raw: bytes, sender: object, recipients: object = None) -> bytes:
    """Note the envelope in the mail: an empty sender, which is a clue of a bounce, and whom it was delivered to.

    Any other sender says nothing that the mail does not. `recipients` is an address or a list of them.
    """
    path = ["Return-Path: <>"] if sender == "" else []
    found = [match for text in texts(recipients)[:_MAX_NOTED] if (match := _ADDRESS.fullmatch(text.strip()))]
    notes = [*path, *(f"Delivered-To: {match[1]}" for match in found)]
    return "".join(f"{note}\r\n" for note in notes).encode("utf-8", "replace") + raw.lstrip() if notes else raw
