"""The only file besides the application that knows Celery: two tasks, and the life of the process around them."""

import os
from typing import Any

import structlog
from celery import Task, signals
from celery.exceptions import Reject

from fleet.doubts import doubts
from fleet.errors import FleetError
from fleet.hints import DELIVER_TASK, LOOK_TASK, HintSender, read_hint
from fleet.lanes import lanes_of
from fleet.log import configure_logging
from fleet.reporting import report_errors
from worker.app import app, refuse, settings
from worker.runtime import Runtime, check_server

_log = structlog.get_logger("tasks")

_processes: dict[int, Runtime] = {}
"""This process's runtime under its own pid: a forked child must not use its parent's thread and connections."""


def _runtime() -> Runtime:
    pid = os.getpid()
    if pid not in _processes:
        _processes.clear()
        _processes[pid] = Runtime(settings(), HintSender(app))
    return _processes[pid]


@app.task(name=LOOK_TASK, bind=True)
def look(_task: "Task[Any, Any]", raw: dict[str, Any]) -> None:
    """Look at the tickets of a hint."""
    runtime = _runtime()
    if runtime.is_draining:
        raise Reject("draining", requeue=True)
    try:
        hint = read_hint(raw)
    except FleetError as error:
        _log.error("hint_refused", error=str(error), message="the tickets are safe; the reaper names them again")
        return
    runtime.loop.run(runtime.looker.look(hint))


@app.task(name=DELIVER_TASK, bind=True)
def deliver(_task: "Task[Any, Any]", effect_ids: list[str]) -> None:
    """Send outbox rows."""
    runtime = _runtime()
    if runtime.is_draining:
        raise Reject("draining", requeue=True)
    runtime.loop.run(runtime.deliverer.deliver([str(effect_id) for effect_id in effect_ids]))


@signals.setup_logging.connect
def _logging(**_: Any) -> None:
    configure_logging(settings())


@signals.worker_init.connect
def _prepare(**_: Any) -> None:
    # Before the pool starts: a worker that cannot do its work must not take hints.
    report_errors(settings())
    configure_logging(settings())  # Celery says when only later, and these lines would go unseen
    for doubt in doubts(settings()):
        _log.warning("doubtful_setting", message=doubt)
    try:
        check_server(settings())
        _runtime()
    except FleetError as error:
        refuse(error)


@signals.celeryd_after_setup.connect
def _take_all_lanes(instance: Any, **_: Any) -> None:
    """`-Q triage.small` means the tier with all its lanes; a lane alone is named in full."""
    queues = instance.app.amqp.queues
    for name in list(queues.consume_from):
        for lane in lanes_of(name):
            if lane not in queues.consume_from:
                queues.select_add(lane)


@signals.worker_ready.connect
def _start(sender: Any, **_: Any) -> None:
    _runtime().start(sorted(sender.app.amqp.queues.consume_from))


@signals.worker_process_init.connect
def _start_child(**_: Any) -> None:
    _runtime().start()


@signals.worker_shutting_down.connect
def _drain(**_: Any) -> None:
    runtime = _processes.get(os.getpid())
    if runtime is not None:
        runtime.drain()


@signals.worker_shutdown.connect
def _stop(**_: Any) -> None:
    runtime = _processes.pop(os.getpid(), None)
    if runtime is not None:
        runtime.stop()
