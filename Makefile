# Every target does its own set-up, on any Debian that has python3 (3.11 or newer), pip and make.
# PYTHON chooses the interpreter, DATA the data directory, ARGS goes to the target's command.
PYTHON ?= python3
DATA ?= data
ARGS ?=
export PYTHON

.DEFAULT_GOAL := help
.PHONY: help run test soak lint lock clean

help: ## show this list
	@awk -F ': ## ' '/^[a-z]+: ## / { printf "  make %-6s %s\n", $$1, $$2 }' Makefile

run: ## set up, load the bundled sample on the first run, serve http://127.0.0.1:8000
	@sh infra/setup/install.sh run
	@exec .venv/bin/duban serve --demo --data "$(DATA)" $(ARGS)

test: ## set up, then the whole test suite, lint and types
	@sh infra/setup/install.sh test
	@sh infra/setup/browser.sh
	@sh infra/setup/postgres.sh
	@sh infra/setup/kafka.sh
	@sh infra/setup/runbook.sh
	.venv/bin/pytest -n 2 --dist loadfile $(ARGS)
	@$(MAKE) --no-print-directory lint

soak: ## a long day of killed processes under load (SOAK_EVENTS, SOAK_KILLS, SOAK_SEED, SOAK_RATE)
	@sh infra/setup/install.sh test
	@sh infra/setup/postgres.sh
	@sh infra/setup/kafka.sh
	nice .venv/bin/pytest -s -o faulthandler_timeout=14400 tests/soak/soak.py $(ARGS)

lint: ## ruff and mypy alone
	@sh infra/setup/install.sh test
	.venv/bin/ruff check
	.venv/bin/mypy

lock: ## pin what pyproject.toml asks for, with hashes (ARGS=--upgrade: the newest of all)
	@sh infra/setup/install.sh test
	@sh infra/setup/lock.sh $(ARGS)

clean: ## remove what set-up and tools made; data stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find domain projections streams api infra tests -name __pycache__ -prune -exec rm -rf {} +
