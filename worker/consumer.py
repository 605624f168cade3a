"""Celery's consumer without gossip, mingle and event heartbeats, whatever the command line says.

They serve nothing here: workers know each other through the ledger. Their pub/sub connection ends a worker that meets
the server's restart at a bad moment (AttributeError in kombu's Redis transport), and each logs its siblings as missing.
"""

from typing import Any

from celery.worker import consumer


class Consumer(consumer.Consumer):
    """Named by the setting `worker_consumer`, so that `celery -A worker.app worker` needs no options of ours."""

    def __init__(self, *args: Any, **options: Any) -> None:
        quiet = {"without_gossip": True, "without_mingle": True, "without_heartbeat": True}
        options["worker_options"] = (options.get("worker_options") or {}) | quiet
        super().__init__(*args, **options)
