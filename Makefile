# The verbs of the project; each does its own set-up. CONTRIBUTING.md says when to use which.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help run demo demo-kafka test check check-deploy faults fix bench bench-quick contracts clean kafka postgresql-15 kafka-jars

help: ## list the verbs
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

run: $(STAMP) ## load the demo, then serve on 127.0.0.1:8000 until Ctrl-C
	@$(VENV)/bin/assistance demo && exec $(VENV)/bin/assistance serve --hints

demo: $(STAMP) ## load the demo and compare its figures with the published ones
	@$(VENV)/bin/assistance demo

demo-kafka: $(STAMP) kafka-jars ## the same demo through a real Kafka, commands in and facts out
	@$(PY) -m deploy.kafka.demo

test: $(STAMP) postgresql-15 kafka-jars ## run every test, with the coverage gate
	$(PY) -m pytest -n 2 --dist worksteal --cov --cov-report=term

kafka: $(STAMP) kafka-jars ## a Kafka broker for trials on 127.0.0.1, until Ctrl-C
	@exec $(PY) -m deploy.kafka.broker run

check: $(STAMP) ## formatting, lint, types, tidiness; edits nothing
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -m pytest -q tests/architecture

check-deploy: $(STAMP) ## lint deploy/ with each format's own tool
	@deploy/check '$(PYTHON)'

faults: $(STAMP) kafka-jars ## kill, repeat and poison, for some minutes; prints what it counted
	$(PY) -m tests.faults

fix: $(STAMP) ## format, and repair what the linter can
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: $(STAMP) ## every measure against its limit
	$(PY) -m tests.benchmarks

bench-quick: $(STAMP) ## the same with fewer repeats, in at most five minutes
	$(PY) -m tests.benchmarks --quick

contracts: $(STAMP) ## write contracts/ anew from the code
	$(PY) -m ledger.contracts
	$(PY) -m projections.contracts
	$(PY) -m assistance.handbook

clean: ## remove what the verbs made, except data
	rm -rf $(VENV) build *.egg-info .coverage .coverage.* .mypy_cache .pytest_cache \
		.ruff_cache .hypothesis
	find services tests -name __pycache__ -type d -prune -exec rm -rf {} +

postgresql-15:
	@deploy/debian.sh postgresql-15

kafka-jars: $(STAMP)
	@deploy/debian.sh kafka
	@$(PY) -m deploy.kafka.broker fetch

$(STAMP): pyproject.toml constraints.txt
	@deploy/debian.sh venv '$(PYTHON)'
	umask 022 && $(PYTHON) -m venv $(VENV)
	umask 022 && $(PY) -m pip install --quiet --no-input --disable-pip-version-check \
		--constraint constraints.txt --editable '.[dev]'
	@touch $@
