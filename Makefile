# Everything below needs python3 (3.11 or later), git and make; pip brings the rest into .venv,
# and .ci/deps the other programs that the tests drive.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
SOAKED := tests/tickets/test_model.py tests/supervision/test_events.py
# What a worker has left to do goes to those that have nothing, so that none is late at the end.
PYTEST := $(BIN)/pytest -q -n auto --dist worksteal

# Compiled once, and not by each of the processes of the tests.
unexport PYTHONDONTWRITEBYTECODE

# The programs of another PostgreSQL than that of the wheel, Debian's: `make agents` tries it too.
OTHER ?= /usr/lib/postgresql/15/bin

.DEFAULT_GOAL := help
.PHONY: help demo test soak agents failover lint bench catalogue reference completions schema release

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

demo: $(READY) ## a small book in French and a day of work on it, in a temporary database
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh tools/demo.sh

test: lint ## the linters, then the whole suite on SQLite and on PostgreSQL, and a little of it with roles
	.ci/deps
	$(PYTEST) --engine sqlite
	$(PYTEST) --engine postgresql
	$(PYTEST) --engine postgresql --roles tests/tickets/test_follow.py tests/supervision/test_agenda.py

soak: $(READY) ## thousands of random commands: read both ways, and beside a book in plain Python
	$(BIN)/pytest -q --hypothesis-profile=soak tests/cli/test_command_line.py
	$(BIN)/pytest -q --hypothesis-profile=soak --engine sqlite $(SOAKED)
	$(BIN)/pytest -q --hypothesis-profile=soak --engine postgresql $(SOAKED)

agents: $(READY) ## the suite, each command with an account that may do just that; attempts at more
	.ci/deps
	.ci/deps agents
	$(PYTEST) --engine postgresql --roles
	$(PYTEST) --engine postgresql --postgresql-bin $(OTHER) tests/storage/test_attempts.py tests/storage/test_roles.py

failover: $(READY) ## writers on three servers that fail, kept by Patroni: what is lost, and how long it takes
	.ci/deps failover
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[failover]'
	$(BIN)/python benchmarks/failover.py $(BIN)/patroni

lint: $(READY) ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY) ## all goals of speed beside what is reached; PART=startup for a part, TICKETS=1000000 for a larger book
	@$(BIN)/python -m benchmarks $(if $(TICKETS),--tickets $(TICKETS)) $(PART)

catalogue: $(READY) ## collect the messages into the French catalogue and compile it
	$(BIN)/python tools/catalogue.py

reference: $(READY) ## write docs/reference from the code
	$(BIN)/python tools/reference.py

completions: $(READY) ## write the completions of the shells from the code
	$(BIN)/python tools/completions.py

release: $(READY) ## build wheel, sdist and Debian package, try each, write the changelog's section
	$(BIN)/python tools/release.py

schema: $(READY) ## write what a new book is made of, after a new migration
	$(BIN)/python tools/schema.py

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "make: $(PYTHON) is older than 3.11; name another: make PYTHON=python3.13" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "make: $(PYTHON) has no venv; on Debian: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[postgres,dev]'
	@touch $@
