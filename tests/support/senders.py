"""A sender of hints without a broker, that remembers what it was asked to send."""

from collections.abc import Iterable, Sequence

from celery import Celery

from fleet.hints import Hint, HintSender, portions


class Recorder(HintSender):
    """Remembers hints and deliveries; a broken one fails like one whose broker is gone."""

    def __init__(self, *, is_broken: bool = False) -> None:
        super().__init__(Celery("recorder", set_as_current=False))
        self.is_broken = is_broken
        self.looks: list[Hint] = []
        self.deliveries: list[list[str]] = []

    def look(self, ids: Sequence[str], *, queue: str, at_ms: int) -> None:
        """Remember a hint."""
        self.looks.append(Hint(tuple(ids), queue, at_ms))
        if self.is_broken:
            raise ConnectionError("the broker is gone")

    def look_each(self, dispatch: Iterable[tuple[str, str]], *, at_ms: int, size: int = 1) -> None:
        """Remember hints."""
        for queue, ids in portions(dispatch, size):
            self.look(ids, queue=queue, at_ms=at_ms)

    def deliver(self, effect_ids: Sequence[str]) -> None:
        """Remember a delivery."""
        self.deliveries.append(list(effect_ids))
        if self.is_broken:
            raise ConnectionError("the broker is gone")
