"""Logging for every process of the fleet: one event per state change, never a ticket's text."""

import logging
import sys
from typing import Any

import structlog

from fleet.redaction import redacted
from fleet.settings import Settings

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def configure_logging(settings: Settings) -> None:
    """Send our events and those of the libraries to standard error in one format."""
    level = _LEVELS[settings.log_level]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderers: list[structlog.typing.Processor] = (
        # A traceback is text in both formats, and without local variables: these hold ticket text and passwords.
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if settings.log_format == "json"
        else [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        ]
    )
    renderers.append(_without_secrets)
    structlog.configure(
        processors=[*shared, *renderers],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.INFO))
    for chatty in ("celery.worker.strategy", "celery.app.trace", "httpx2", "anthropic"):
        # One line per task from Celery says nothing that our own event does not, and costs more than the claim.
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _without_secrets(_logger: Any, _method: str, line: Any) -> str:
    return redacted(str(line))
