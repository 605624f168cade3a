"""`triage tail`: verdicts, escalations, retries and parked tickets, as they happen."""

import argparse
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from ops.cli.terminal.output import print_json, say
from ops.cli.terminal.wording import plain

if TYPE_CHECKING:
    import redis

    from fleet.settings import Settings

STREAM = "tf:tail"
BLOCK_MS = 1_000
"""Below the client's own time-out, and short enough that Ctrl-C is felt at once."""

PAGE = 500
AGAIN_S = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `triage tail`."""
    parser.add_argument("-n", "--lines", type=int, default=10, metavar="N", help="begin with the last N (default: 10)")
    parser.add_argument("--count", type=int, metavar="N", help="end after N events (default: at Ctrl-C)")
    parser.add_argument("--json", action="store_true", help="print one JSON object per line")


def run(args: argparse.Namespace, settings: "Settings") -> int:
    """Follow until Ctrl-C, which is how this ends well."""
    from fleet.errors import ConfigurationError
    from ops.cli.terminal.connection import open_ledger

    if args.lines < 0 or (args.count is not None and args.count < 1):
        raise ConfigurationError("--lines takes a number from 0 on, --count one from 1 on")
    with open_ledger(settings) as ledger:
        events = _events(ledger.redis, args.lines)
        try:
            for seen, event in enumerate(events, start=1):
                if args.json:
                    print_json(event, is_line=True)
                else:
                    print(line(event), flush=True)
                if seen == args.count:
                    break
        except KeyboardInterrupt:
            pass
    return 0


def line(event: dict[str, Any]) -> str:
    """Write one event for a person."""
    from ops.cli.story.page import describe_verdict

    data = event["data"]
    verdict = event.get("verdict")
    if event["event"] == "triaged":
        said = describe_verdict(verdict) if isinstance(verdict, dict) else f"by {data.get('decided_by', '?')}"
    else:
        error = f": {data['error']}" if data.get("error") else ""
        again = f", again in {data['delay_ms'] / 1000:g} s" if data.get("delay_ms") else ""
        said = f"{data.get('reason', '?')}{again}{error}"
    clock = event["at"][11:19]
    return f"{clock}  {plain(event['event']):9}  {plain(event['id'])}  {plain(said, limit=200)}"


def _events(client: "redis.Redis", lines: int) -> Iterator[dict[str, Any]]:
    """Read the last events, then new ones for ever; a server that is away for a while is waited for."""
    from redis.exceptions import RedisError

    last = _last_id(client)  # an unreachable server at the start is an error, later on it is an interruption
    first = cast("list[Any]", client.xrevrange(STREAM, max=last, count=lines)) if lines and last != "0-0" else []
    yield from _read(client, first[::-1])
    is_away = False
    while True:
        try:
            answer = cast("list[Any]", client.xread({STREAM: last}, count=PAGE, block=BLOCK_MS))
            entries = _entries(answer)
            found = _read(client, entries)
        except RedisError as error:
            if not is_away:
                say(f"triage: the ledger's server does not answer; still trying ({error})")
            is_away = True
            time.sleep(AGAIN_S)
            continue
        is_away = False
        last = entries[-1][0] if entries else last
        yield from found


def _last_id(client: "redis.Redis") -> Any:
    newest = cast("list[Any]", client.xrevrange(STREAM, count=1))
    return newest[0][0] if newest else "0-0"


def _entries(answer: Any) -> list[Any]:
    """Take the entries out of an XREAD answer: a list of pairs in RESP2, a mapping in RESP3."""
    if not answer:
        return []
    if isinstance(answer, dict):
        pages = next(iter(answer.values()))
        return list(pages[0]) if pages and isinstance(pages[0], list) else list(pages)
    return list(answer[0][1])


def _read(client: "redis.Redis", entries: list[Any]) -> list[dict[str, Any]]:
    """Put entries into objects; a verdict is fetched from its ticket, for the stream does not carry it."""
    from fleet.ledger.decoding import as_object

    events = [_event(entry_id, fields) for entry_id, fields in entries]
    triaged = [event for event in events if event["event"] == "triaged"]
    if triaged:
        pipe = client.pipeline(transaction=False)
        for event in triaged:
            pipe.hget(f"tf:t:{event['id']}", "verdict")
        for event, raw in zip(triaged, pipe.execute(), strict=True):
            event["verdict"] = as_object(raw)
    return events


def _event(entry_id: bytes, fields: dict[bytes, bytes]) -> dict[str, Any]:
    from fleet.ledger.decoding import as_object
    from ops.cli.terminal.wording import iso

    return {
        "at": iso(int(entry_id.split(b"-")[0])),
        "id": fields.get(b"id", b"?").decode(),
        "event": fields.get(b"event", b"?").decode(),
        "data": as_object(fields.get(b"data")) or {},
    }
