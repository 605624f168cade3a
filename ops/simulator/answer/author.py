"""Answers a request with text: chooses the brain, reads the ticket, fills the schema or writes a sentence."""

import json
from collections.abc import Mapping
from typing import Any

from ops.simulator.answer.choosers import Reading
from ops.simulator.answer.writer import Writer
from ops.simulator.api.output_schema import check_schema
from ops.simulator.api.request import CountRequest, MessageRequest
from ops.simulator.brain.features import words
from ops.simulator.brain.tiers import Brains
from ops.simulator.metering.tokens import content_text

LARGEST_CACHE = 256


class Author:
    """Keeps a writer for every pair of system prompt and schema it has met."""

    def __init__(self, brains: Brains) -> None:
        self._brains = brains
        self._writers: dict[tuple[str, str], Writer] = {}

    def writer(self, request: MessageRequest | CountRequest) -> Writer | None:
        """Return the writer for a request's schema, None without one; a bad schema raises the API's 400."""
        if request.output_config is None or request.output_config.format is None:
            return None
        schema = request.output_config.format.schema_
        background = content_text(request.system)
        key = (background, repr(schema))
        if key not in self._writers:
            self._writers[key] = self._compile(schema, background)
        return self._writers[key]

    def reply(self, writer: Writer | None, text: str, *, small: bool) -> tuple[str, Any]:
        """Return the reply as text, and as a value where a schema asked for one."""
        if writer is None:
            return f"This is a simulated reply to a message of {len(text)} characters.", None
        brain = self._brains.small if small else self._brains.frontier
        value = writer.write(Reading(brain, brain.look(text), words(text), text))
        return json.dumps(value, ensure_ascii=False), value

    def _compile(self, schema: Mapping[str, Any], background: str) -> Writer:
        check_schema(schema)
        if len(self._writers) >= LARGEST_CACHE:
            self._writers.clear()
        return Writer(schema, self._brains.columns, background)
