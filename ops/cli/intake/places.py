"""Where tickets are: files, folders of mails, Maildirs, standard input."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import ConfigurationError

STDIN = "-"
_MAIL = ".eml"


@dataclass(frozen=True, slots=True)
class Place:
    """A named input and the files in it: one, or a Maildir's messages; none is standard input."""

    name: str
    paths: tuple[Path, ...] = ()
    is_maildir: bool = False

    @property
    def is_stdin(self) -> bool:
        """Whether it is standard input."""
        return not self.paths and not self.is_maildir


def find_places(names: Sequence[str]) -> list[Place]:
    """Look names up; raises ConfigurationError for one that leads nowhere, before anything is accepted."""
    if names.count(STDIN) > 1:
        raise ConfigurationError("standard input (-) can be read only once")
    return [place for name in names for place in _places(name)]


def bytes_in(places: Sequence[Place]) -> int | None:
    """Sum the sizes of regular files; None where there is anything else, for nobody knows then."""
    paths = [path for place in places for path in place.paths]
    if any(place.is_stdin for place in places) or not all(map(Path.is_file, paths)):
        return None
    return sum(path.stat().st_size for path in paths)


def _places(name: str) -> Iterator[Place]:
    if name == STDIN:
        yield Place("stdin")
        return
    path = Path(name)
    try:
        if not path.is_dir():
            path.open("rb").close()
            yield Place(name, (path,))
        elif (path / "cur").is_dir() and (path / "new").is_dir():
            yield Place(name, tuple(_messages(path)), is_maildir=True)
        else:
            yield from _mails(path)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"cannot read {name}: {getattr(error, 'strerror', None) or error}") from None


def _messages(maildir: Path) -> Iterator[Path]:
    """Name the messages; those in tmp are not delivered yet, and the flags behind the colon say nothing to us."""
    found = [path for part in ("new", "cur") for path in (maildir / part).iterdir()]
    return iter(sorted((path for path in found if path.is_file() and path.name[0] != "."), key=lambda path: path.name))


def _mails(folder: Path) -> Iterator[Place]:
    mails = [path for path in sorted(folder.iterdir()) if path.suffix.lower() == _MAIL and path.is_file()]
    if not mails:
        raise ConfigurationError(f"{folder} is neither a Maildir (cur, new, tmp) nor a folder with {_MAIL} files")
    yield from (Place(str(path), (path,)) for path in mails)


def standard_input() -> object:
    """Give standard input as bytes, without Python's buffer where it has one."""
    return getattr(sys.stdin.buffer, "raw", sys.stdin.buffer)
