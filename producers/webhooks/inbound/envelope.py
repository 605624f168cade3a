"""The envelope's sender, which only the server that took the mail knows."""


def noted(raw: bytes, sender: object) -> bytes:
    """Note an empty sender in the mail: bounces are known by it. Any other one says nothing that the mail does not."""
    return b"Return-Path: <>\r\n" + raw.lstrip() if sender == "" else raw
