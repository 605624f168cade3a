#!/bin/sh
# Install the wheel as the README says, without the lock, into a clean environment of each Python that is there, and let a worker
# of it triage a ticket. The server and the simulated API come from the checkout's own environment.
# usage: sh tests/servers/wheel.sh [PYTHON ...]
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for python in "${@:-python3}"; do
  command -v "$python" >/dev/null && "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "no $python"; continue; }
  "$python" -m venv "$work/venv-$python"
  "$work/venv-$python/bin/python" -m pip --disable-pip-version-check install -q "$here[cli]"
  (cd "$work" && PYTHONPATH= "$here/.venv/bin/python" "$here/tests/servers/wheel_worker.py" "$work/venv-$python/bin/python")
  echo "$python: a worker of the wheel, installed without the lock, triaged a ticket"
done
