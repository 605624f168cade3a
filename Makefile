# Every target makes its own .venv from the lock files; nothing has to be installed by hand.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install -q --require-hashes

.DEFAULT_GOAL := help
.PHONY: help demo test test-fast test-slow test-synapse lint format types imports check bench lock clean

help:  ## Print this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; say which with: make PYTHON=python3.13 $(MAKECMDGOALS)"; exit 1; }
	@echo "making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/python
	@echo "installing what the fleet runs on"
	@$(PIP) -r requirements.lock
	@$(BIN)/python -m pip --disable-pip-version-check install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@echo "installing what the checks need"
	@$(PIP) -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.run  ## Triage 200 tickets with real workers and a simulated API, one worker killed with -9 on the way
	@$(BIN)/triage demo --tickets 200 --kill 1

test: $(VENV)/.dev  ## Run the tests that cost nothing (no server, no root, no key needed); the longest stand in test-slow
	@$(BIN)/python -m pytest -n 3 --dist loadgroup -m "not slow"

test-slow: $(VENV)/.dev  ## Run the long tests: kills by the dozen, long outages, four books of two thousand calls
	@$(BIN)/python -m pytest -n 3 --dist loadgroup -m slow

test-fast: $(VENV)/.dev  ## Run the unit tests alone
	@$(BIN)/python -m pytest tests/unit

test-synapse: $(VENV)/.dev  ## Run the Matrix tests against a real Synapse (installs it into .synapse)
	@$(BIN)/python -m tests.servers.synapse --install
	@$(BIN)/python -m pytest -m synapse tests/integration/producers/matrix tests/acceptance/producers

lint: $(VENV)/.dev  ## Look for mistakes and odd style
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: $(VENV)/.dev  ## Bring the code into shape
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

types: $(VENV)/.dev  ## Check the types, strictly
	@$(BIN)/mypy

imports: $(VENV)/.dev  ## Check that the rooms import only what they may
	@$(BIN)/lint-imports

check: lint types imports test test-slow  ## All of the above, as CI does

bench: $(VENV)/.dev  ## Compare fleet, limiter and acceptance with the bare work and with rivals (20 minutes)
	@$(BIN)/triage bench fleet
	@$(BIN)/triage bench limiter
	@$(BIN)/triage bench accept

lock: $(VENV)/.dev  ## Write the lock files anew from pyproject.toml
	@$(BIN)/uv pip compile -q pyproject.toml --extra demo --group build --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links -o requirements.lock
	@$(BIN)/uv pip compile -q pyproject.toml --extra producers --group build -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links -o requirements-producers.lock
	@$(BIN)/uv pip compile -q pyproject.toml --extra bench --extra producers --group dev -c requirements.lock -c requirements-producers.lock --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links -o requirements-dev.lock

clean:  ## Remove the virtual environment and caches
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
