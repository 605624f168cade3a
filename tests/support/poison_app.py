"""The workers' application, but a ticket with the mark in its text kills the process that works on it."""

import os
import signal
from unittest.mock import patch

from worker.app import app
from worker.domain import Decision
from worker.pipeline import Pipeline, Run

__all__ = ["POISON", "app"]

POISON = "fatal-to-its-process"

_triage = Pipeline.triage


async def _triage_or_die(pipeline: Pipeline, run: Run) -> Decision:
    if POISON in run.ticket.text:
        os.kill(os.getpid(), signal.SIGKILL)
    return await _triage(pipeline, run)


patch.object(Pipeline, "triage", _triage_or_die).start()
