"""An earlier release beside this one: its own files, in processes of its own, on this environment's libraries."""

import io
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ops.demo.fleet import LocalFleet, WorkerPlan
from ops.demo.processes import Child

PREVIOUS = "022310ffca62d8c8b32ccef2321fa2a791f6b32f"
"""The release that is upgraded from. Moved on with each release; this one is the last that reads tickets strictly."""

_ROOMS = ("fleet", "producers", "worker", "ops")
_ROOT = Path(__file__).parents[2]


def extract_release(commit: str, folder: Path) -> Path:
    """Put a release's files into the folder; the test skips where this checkout has no history."""
    command = ["git", "-C", str(_ROOT), "archive", "--format=tar", commit, *_ROOMS]
    try:
        archive = subprocess.run(command, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", b"").decode().strip()
        pytest.skip(f"the release before is not in this checkout's history (a shallow clone?): {said or error}")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    return folder


def environment_of(release: Path, environment: dict[str, str]) -> dict[str, str]:
    """Have Python find that release's packages before ours, wherever it is started."""
    return environment | {"PYTHONPATH": str(release), "PYTHONSAFEPATH": "1"}


def start_worker(fleet: LocalFleet, plan: WorkerPlan, *, release: Path | None = None) -> Child:
    """Start one more worker of the fleet; of an earlier release where its folder is given."""
    child = fleet.worker(plan, 0)
    if release is not None:
        python, dash, celery, *rest = child.command
        command = [python, dash, celery, "--workdir", str(release), *rest]
        child = replace(child, command=command, environment=environment_of(release, fleet.environment()))
    fleet.workers.append(fleet.supervisor.add(child))
    return child


def triage(fleet: LocalFleet, release: Path, command: Sequence[str]) -> str:
    """Run a command of an earlier release to its end; answers what it printed."""
    ended = subprocess.run(
        [sys.executable, "-m", "ops.cli.main", *command],
        env=environment_of(release, fleet.environment()),
        cwd=release,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
