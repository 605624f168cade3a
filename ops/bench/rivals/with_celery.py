"""A tiny Celery application with `rate_limit` on its task (`python -m ops.bench.rivals.with_celery`).

Whatever the rate, a backlog gets through at about one task a second and worker: Celery keeps a timer for each task it
holds back, and kombu's loop (`Hub.fire_timers`) fires ten of them and then sleeps for a second. See celery#5927.
"""

import argparse
from functools import cache
from pathlib import Path

import anthropic
from anthropic import Anthropic
from celery import Celery

from ops.bench.quota.outcomes import FAILED, OK, Outcomes
from ops.bench.rivals.calls import CLIENT, Requests

TASK = "rival.triage"


def make_app(broker_url: str) -> Celery:
    """Make the application as its producer and its workers use it."""
    app = Celery("rival", broker=broker_url, set_as_current=False)
    app.conf.update(
        task_ignore_result=True,
        task_default_queue="rival",
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
    )
    return app


def main() -> None:
    """Work until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--slots", type=int, required=True)
    parser.add_argument("--outcomes", type=Path, required=True)
    parser.add_argument("--redis", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--rate-limit", required=True, metavar="N/m")
    args = parser.parse_args()
    app, requests = make_app(args.redis), Requests()

    @cache
    def client() -> Anthropic:
        return Anthropic(base_url=args.url, **CLIENT)

    with Outcomes(args.outcomes) as outcomes:

        @app.task(name=TASK, rate_limit=args.rate_limit)
        def triage(number: int) -> None:
            try:
                client().messages.create(**requests[number])
            except anthropic.APIError:
                outcomes.add(FAILED)
            else:
                outcomes.add(OK)

        app.worker_main(["worker", "-n", f"{args.name}@%h", "-P", "threads", "-c", str(args.slots), "--without-gossip"])


if __name__ == "__main__":
    main()
