# What one does with Scrutiny. `make` lists it.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo test quick format lock bench soak audit backup restore

export PORT
# Else every process compiles all that it imports again: two seconds of each start.
unexport PYTHONDONTWRITEBYTECODE

help: ## this list
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/make \1\t\2/' | expand -t 14

setup: ## install what the application needs into .venv
	@setup/environment run

demo: setup ## the demonstration on http://127.0.0.1:8000/ (another port: make demo PORT=8001)
	@setup/demo

test: ## install what the tests need, then every check and every test
	@setup/environment dev
	@setup/test

quick: ## the tests that are quick, without a browser (or any without a browser: make quick ARGS="tests/test_rules.py")
	@setup/environment dev
	@.venv/bin/python -m pytest -q -n 2 --dist worksteal -m "not browser and not image$(if $(ARGS),, and not slow)" $(ARGS)

format: ## put the Python code and the templates in order
	@setup/environment dev
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .
	@find templates -name "*.html" -print0 | xargs -0 .venv/bin/djade --target-version 5.2

bench: ## how long packs, reports, saving and lists take and how much memory, against the budgets (bench/results.md)
	@setup/environment dev
	@.venv/bin/python -m bench

soak: ## work while parts are killed at random, for an hour (make soak MINUTES=10), and what it loses: nothing
	@setup/environment dev
	@.venv/bin/python -m bench.soak --minutes $(or $(MINUTES),60)

audit: ## look up what is locked and installed among known faults (needs the network; docs/security.md)
	@setup/environment dev
	@setup/audit

lock: ## work out the lock files from the .in files (newest versions: make lock ARGS=--upgrade)
	@setup/environment run
	@setup/lock $(ARGS)

backup: ## a backup of database and files (docs/backups.md): make backup DIR=/mnt/backups
	@setup/environment run
	@.venv/bin/python manage.py backup "$(DIR)" $(ARGS)

restore: ## a backup into an empty system (docs/backups.md): make restore FROM=/mnt/backups
	@setup/environment run
	@.venv/bin/python manage.py restore "$(FROM)" $(ARGS)
