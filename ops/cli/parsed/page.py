"""What became of a file, for a person."""

from collections.abc import Iterator

from ops.cli.intake.inputs import Inputs, Refusal
from ops.cli.intake.places import Place
from ops.cli.parsed.record import holds_many, open_place
from ops.cli.terminal.wording import block, columns, count, plain
from producers.files.rows import Found

_SHOWN = 20
_HEAD_LINES = 12
_WIDTH = 100


def show(inputs: Inputs, place: Place) -> None:
    """Print the page of a place: a ticket in full, or a line for each of the first of many."""
    kind, items = open_place(inputs, place)
    print(f"{plain(place.name)}: {kind}")
    if holds_many(kind):
        _show_many(items)
    else:
        print("\n".join(_page(next(items))))
    print()


def _show_many(items: Iterator[Found | Refusal]) -> None:
    tickets = rejections = 0
    for item in items:
        tickets += isinstance(item, Found)
        rejections += isinstance(item, Refusal)
        if tickets + rejections <= _SHOWN:
            print("  " + _line(item))
    hidden = tickets + rejections - _SHOWN
    if hidden > 0:
        print(f"  … and {hidden:,} more (--json shows all)")
    print(f"  {count(tickets, 'ticket')}, {count(rejections, 'rejection')}")


def _line(item: Found | Refusal) -> str:
    if isinstance(item, Refusal):
        return f"{item.line:>6}  rejected: {plain(item.reason)}"
    what = item.ticket.subject or item.ticket.body
    return f"{item.line:>6}  {plain(item.ticket.sender, limit=30):30}  {plain(what, limit=60)}".rstrip()


def _page(item: Found | Refusal) -> list[str]:
    if isinstance(item, Refusal):
        return [f"  rejected (line {item.line}): {plain(item.reason)}"]
    ticket = item.ticket
    rows = [
        ("subject", ticket.subject),
        ("sender", ticket.sender),
        ("conversation", ticket.conversation),
        ("received", ticket.received_at.isoformat()),
        ("automated", ticket.automated or ""),
        ("flags", ", ".join(ticket.flags)),
        ("attachments", ", ".join(ticket.attachments)),
        ("fields", ", ".join(f"{name}={value}" for name, value in ticket.fields.items())),
        ("key", item.key),
    ]
    shown = [(name, plain(value, limit=_WIDTH)) for name, value in rows if value]
    parts = ((name, getattr(ticket, name)) for name in ("body", "forwarded", "quoted", "signature"))
    return [*columns(shown, indent="  "), *(line for name, text in parts for line in _part(name, text))]


def _part(name: str, text: str) -> list[str]:
    if not text:
        return []
    lines = text.splitlines()
    head = "\n".join(plain(line, limit=_WIDTH) for line in lines[:_HEAD_LINES])
    more = [f"    … {count(len(lines) - _HEAD_LINES, 'more line')}"] if len(lines) > _HEAD_LINES else []
    return [f"  {name} ({count(len(text), 'character')})", block(head, indent="    "), *more]
