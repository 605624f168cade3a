"""In what portions a mailbox is read: bounded answers, bounded memory, whatever lies in it."""

from collections.abc import Callable, Iterator, Mapping, Sequence

SEARCHED_AT_ONCE = 50_000
"""Messages: a search answers with one line, the IMAP library reads at most a million bytes of it, and a UID has ten."""

SIZED_AT_ONCE = 200
"""Messages: servers need not read command lines over 8,192 bytes (RFC 7162)."""

BATCH_MAILS = 50
BATCH_BYTES = 8 * 1024 * 1024


def windows(messages: int) -> Iterator[str]:
    """Cut a folder of so many messages into sequence sets to search, oldest first; the last one is open."""
    for first in range(1, messages + 1, SEARCHED_AT_ONCE):
        last = first + SEARCHED_AT_ONCE - 1
        yield f"{first}:{last}" if last < messages else f"{first}:*"


def pieces(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Cut a list of messages into pieces whose sizes can be asked for at once."""
    for start in range(0, len(uids), SIZED_AT_ONCE):
        yield uids[start : start + SIZED_AT_ONCE]


def batches(
    sizes: Mapping[int, int], largest: int, *, is_alone: Callable[[int], bool] = lambda _uid: False
) -> Iterator[list[int]]:
    """Group messages, oldest first, into batches bounded in number and bytes; of each `largest` bytes are read."""
    batch: list[int] = []
    total = 0
    for uid, size in sorted(sizes.items()):
        if is_alone(uid):
            yield [uid]
            continue
        read = min(size, largest)
        if batch and (len(batch) == BATCH_MAILS or total + read > BATCH_BYTES):
            yield batch
            batch, total = [], 0
        batch.append(uid)
        total += read
    if batch:
        yield batch
