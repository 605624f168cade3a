"""How mail that the ledger holds is told from mail that it does not: a mark, or its absence from the folder."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from producers.imap.settings import Done, ImapSettings

SEEN, DELETED = "\\Seen", "\\Deleted"


def criteria(settings: ImapSettings) -> list[str | date]:
    """Say what to search for: not whether a person has read it, only whether we have taken it."""
    wanted: list[str | date] = ["UNDELETED"]
    if settings.done is Done.FLAG:
        system = settings.mark.startswith("\\")
        wanted += [f"UN{settings.mark[1:].upper()}"] if system else ["UNKEYWORD", settings.mark]
    if settings.since is not None:
        wanted += ["SINCE", settings.since]
    return wanted


def keeps_mark(permanent: Sequence[bytes] | None, mark: str) -> bool:
    """Tell whether a folder with these PERMANENTFLAGS keeps the mark; a server that names none keeps all (RFC 9051)."""
    if permanent is None:
        return True
    kept = {flag.lower() for flag in permanent}
    return mark.lower().encode() in kept or (b"\\*" in kept and not mark.startswith("\\"))


def way_for(done: Done, *, is_cut: bool) -> Done:
    """Say what becomes of a mail that the ledger holds: one that was not read whole is never deleted."""
    return Done.MOVE if is_cut and done is Done.DELETE else done


def put_away(client: Any, uids: Sequence[int], way: Done, settings: ImapSettings, *, again: bool = False) -> None:
    """Mark, move or delete messages of the selected folder, in as few commands as the server allows.

    `again` where it was done before, in vain: a copy is there by now, and is not made once more.
    """
    if way is Done.FLAG:
        client.add_flags(uids, [SEEN, settings.mark], silent=True)
    elif way is Done.MOVE and client.has_capability("MOVE"):
        client.move(uids, settings.done_folder)
    else:
        if way is Done.MOVE and not again:
            client.copy(uids, settings.done_folder)
        client.add_flags(uids, [DELETED], silent=True)
        # Without UIDPLUS only all deleted mail could be expunged, also what people deleted: then ours stays, hidden.
        if client.has_capability("UIDPLUS"):
            client.uid_expunge(uids)
