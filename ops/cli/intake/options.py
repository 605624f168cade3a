"""The options that say how files are read, the same for `triage submit` and `triage parse`."""

import argparse
from collections.abc import Sequence

from fleet.errors import ConfigurationError
from fleet.setting_types import mail_addresses
from fleet.settings import Settings
from producers.files.formats import Format
from producers.files.reading import Reading
from producers.files.tables.columns import FIELDS

_FORMATS = tuple(kind.value for kind in Format if kind is not Format.UNKNOWN)


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Add them."""
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="JSON lines, CSV, mbox, a mail, a calendar file, a text; a Maildir or a folder of .eml files; "
        "- is standard input",
    )
    parser.add_argument(
        "--format", choices=_FORMATS, metavar="NAME", help=f"read every file as this: {', '.join(_FORMATS)}"
    )
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help=f"which column (CSV) or key (JSON lines) holds a field: {', '.join(FIELDS)}, fields.NAME; "
        "FIELD= alone leaves it out; may be repeated",
    )
    parser.add_argument(
        "--own",
        action="append",
        default=[],
        metavar="ADDR",
        help="an address that we receive mail at, besides those of TRIAGE_OWN_ADDRESSES; may be repeated",
    )
    parser.add_argument(
        "--split-replies",
        action="store_true",
        help="take quoted history and signatures out of the text of rows, as is done with mail and text files",
    )


def reading_of(args: argparse.Namespace, settings: Settings) -> Reading:
    """Read the options and the addresses that the settings name; raises ConfigurationError."""
    kind = Format(args.format) if args.format else None
    return Reading(kind, _names(args.map), args.split_replies, settings.own_addresses | _addresses(args.own))


def _addresses(words: Sequence[str]) -> frozenset[str]:
    try:
        return frozenset[str]().union(*map(mail_addresses, words))
    except ValueError:
        raise ConfigurationError("--own takes a mail address like support@example.com; it may be repeated") from None


def _names(words: Sequence[str]) -> dict[str, str]:
    names = {}
    for word in words:
        name, is_there, column = word.partition("=")
        is_own = name.startswith("fields.") and name != "fields."
        if not is_there or not (name in FIELDS or is_own):
            raise ConfigurationError(
                f"--map {word}: FIELD=COLUMN is needed, FIELD one of {', '.join(FIELDS)}, fields.NAME"
            )
        names[name] = column
    return names
