"""Runs the rivals one after the other on the fleet's course, each with as many processes and slots as the fleet."""

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from ops.bench.quota.course import child, course, empty_bucket, measure, read_simulator, stop_all
from ops.bench.quota.ours import Trial
from ops.bench.quota.outcomes import FAILED, OK, count_files
from ops.bench.quota.window import Row, Window, row_of
from ops.bench.rivals.with_celery import TASK, make_app
from ops.demo.fleet import LocalFleet
from ops.demo.processes import Child

Start = Callable[[LocalFleet, Trial, int, Path], Child]

MINUTE_S = 60.0
"""A fixed window is a minute: shorter measurements would see its rush or its pause, and not both."""


def run_rivals(trial: Trial) -> Iterator[Row]:
    """Measure each rival."""
    split = trial.quota.requests_per_minute / trial.processes
    yield _run_celery("celery rate_limit, quota / processes", trial, split)
    yield _run_celery("celery rate_limit, quota in each", trial, trial.quota.requests_per_minute)
    yield _run("SDK retries alone", trial, _start_loop, "no limiter, max_retries=2")
    name = "limits fixed window"
    if importlib.util.find_spec("limits") is None:
        yield Row(name, None, None, None, note="not installed: pip install limits")
        return
    full = replace(trial, warm_up_s=max(trial.warm_up_s, MINUTE_S + 5), window_s=max(trial.window_s, MINUTE_S))
    yield _run(name, full, _start_windows, "RedisStorage, hits before each call")


def _run_celery(name: str, trial: Trial, per_minute: float) -> Row:
    rate_limit = f"{per_minute:.0f}/m"

    def start(fleet: LocalFleet, trial: Trial, number: int, file: Path) -> Child:
        options = ("--slots", str(trial.slots), "--outcomes", str(file), "--redis", fleet.redis_url)
        named = ("--name", f"rival-{number}", "--rate-limit", rate_limit)
        return child(fleet, f"celery-{number}", "ops.bench.rivals.with_celery", *options, *named)

    def fill(fleet: LocalFleet) -> None:
        # As many tasks as these workers could finish, were nothing refused.
        with make_app(fleet.redis_url) as app:
            for number in range(int(trial.backlog * per_minute * trial.processes / trial.quota.requests_per_minute)):
                app.send_task(TASK, args=(number,), queue="rival", ignore_result=True)

    return _run(name, trial, start, f"rate_limit={rate_limit} per worker", fill)


def _start_loop(fleet: LocalFleet, trial: Trial, number: int, file: Path) -> Child:
    options = ("--slots", str(trial.slots), "--outcomes", str(file))
    return child(fleet, f"retries-{number}", "ops.bench.rivals.with_loop", *options)


def _start_windows(fleet: LocalFleet, trial: Trial, number: int, file: Path) -> Child:
    options = ("--slots", str(trial.slots), "--outcomes", str(file), "--redis", fleet.redis_url)
    per_minute = ("--per-minute", f"{trial.quota.requests_per_minute:.0f}")
    return child(fleet, f"windows-{number}", "ops.bench.rivals.with_loop", *options, *per_minute)


def _run(
    name: str, trial: Trial, start: Start, note: str, fill: Callable[[LocalFleet], None] = lambda _fleet: None
) -> Row:
    with course(trial.quota) as fleet:
        fill(fleet)
        started = empty_bucket(fleet)
        files = [fleet.folder / f"outcomes-{number}.txt" for number in range(trial.processes)]
        children = [start(fleet, trial, number, file) for number, file in enumerate(files)]
        try:
            before, after = measure(fleet, warm_up_s=trial.warm_up_s, window_s=trial.window_s)
        finally:
            stop_all(children)
        whole = Window.between(started, read_simulator(fleet))
        seen, done = count_files(files, before.at_s, after.at_s), count_files(files)
    return row_of(
        name,
        Window.between(before, after),
        trial.quota,
        failed=seen[FAILED],
        wasted=max(0, whole.accepted - done[OK]),
        note=note,
    )
