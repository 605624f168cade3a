"""The Celery application: `celery -A worker.app worker -Q triage.small,triage.frontier`."""

import sys
from functools import cache
from typing import Any, NoReturn

from celery import Celery

from fleet.errors import FleetError
from fleet.hints import broker_settings, ensure_transport
from fleet.redaction import guard_tracebacks, redacted
from fleet.settings import Settings, load_settings

EXIT_CONFIGURATION = 2


def refuse(error: FleetError) -> NoReturn:
    """End the process with a message for the person who starts it, not with a traceback."""
    for line in redacted(str(error)).splitlines():
        sys.stderr.write(f"triage worker: {line}\n")
    raise SystemExit(EXIT_CONFIGURATION) from None


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    try:
        return load_settings()
    except FleetError as error:
        refuse(error)


def _configuration() -> dict[str, Any]:
    try:
        shared = broker_settings(settings())
        ensure_transport(settings())
    except FleetError as error:
        refuse(error)
    # Every line has its measurement in docs/decisions/0002-celery-settings.md.
    return shared | {
        "task_acks_late": True,
        "task_reject_on_worker_lost": False,  # the ledger counts attempts; a requeue loop must not exist
        "task_acks_on_failure": True,
        "task_acks_on_timeout": True,
        "worker_prefetch_multiplier": 1,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "worker_consumer": "worker.consumer:Consumer",
        "worker_pool": "threads",
        "worker_concurrency": 32,
        "worker_enable_remote_control": False,
        "worker_send_task_events": False,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
    }


guard_tracebacks()
app = Celery("triage-fleet", include=["worker.tasks"])
app.add_defaults(_configuration)
