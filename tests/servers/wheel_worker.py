"""Start a worker of another environment by the README's command and let it triage one ticket; 1 where it does not."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HERE))

from fleet.ledger import Ledger  # noqa: E402 - the checkout is on the path only now
from fleet.ledger.reading import read_totals  # noqa: E402
from ops.demo.processes import Child, free_port  # noqa: E402
from tests.support.server import embedded_server  # noqa: E402

DEADLINE_S = 60.0
QUEUES = "triage.small,triage.frontier,triage.deliver"


def main(python: str) -> int:
    """Run server, simulated API and the other environment's worker and `submit`; answers the exit code."""
    port, server_port = free_port(), free_port()
    with tempfile.TemporaryDirectory() as name, embedded_server(port=server_port, data_dir=Path(name)):
        folder = Path(name)
        simulator = [sys.executable, "-m", "ops.simulator", "--port", str(port), "--latency", "zero"]
        environment = {
            "PATH": os.environ["PATH"],  # noqa: TID251 - handed on as it is
            "TRIAGE_REDIS_URL": f"redis://127.0.0.1:{server_port}/0",
            "TRIAGE_ALLOW_UNSAFE_REDIS": "true",
            "ANTHROPIC_API_KEY": "sk-simulated",
            "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{port}",
        }
        api = Child("simulator", simulator, {"PYTHONPATH": str(HERE)}, folder / "simulator.log")
        worker = Child(
            "worker",
            [python, "-m", "celery", "-A", "worker.app", "worker", "-Q", QUEUES, "-c", "4"],
            environment,
            folder / "worker.log",
        )
        api.start()
        worker.start()
        try:
            ticket = folder / "ticket.jsonl"
            ticket.write_text('{"id": "one", "text": "How do I change my password?"}\n')
            submit = [python, "-m", "ops.cli.main", "submit", str(ticket)]
            subprocess.run(submit, env=environment, check=True, cwd=name)
            if _is_triaged(environment["TRIAGE_REDIS_URL"]):
                return 0
            sys.stderr.write(worker.tail(30) + "\n")
            return 1
        finally:
            worker.stop()
            api.stop()


def _is_triaged(url: str) -> bool:
    ledger, deadline = Ledger(url), time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        if read_totals(ledger.redis).triaged == 1:
            return True
        time.sleep(0.2)
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
