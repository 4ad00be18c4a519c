# `make` alone lists the commands. They need Python 3.11 with its venv module, and nothing else.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell command -v python3.11 || command -v python3)
WORKERS ?= 2
ARGS ?=

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
# Prefect's server and its client would report their use to their maker.
export DO_NOT_TRACK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false

PIP := $(BIN)/python -m pip --quiet
PIN := $(BIN)/uv pip compile --quiet --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header
COMPILE := $(PIN) pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow chaos crash pictures check lint format types imports fmt bench messages requirements wheelhouse

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' \
		| awk -F'|' '{ printf "  make %-14s %s\n", $$1, $$2 }'
	@echo '  Options: ARGS="…" is handed on; WORKERS=2 is the number of test processes.'

setup: $(VENV)/.dev ## install everything needed to work on kamflow

demo: $(VENV)/.demo ## install what kamflow needs and play the made-up company (ARGS=--once ends by itself)
	@$(BIN)/kamflow demo $(ARGS)

# What was compiled is kept for the next run, whatever the environment says: half of what the start takes.
test test-slow: export PYTHONDONTWRITEBYTECODE :=

test: $(VENV)/.dev ## run the tests: units, SQLite, PostgreSQL, fakes
	$(BIN)/pytest -n $(WORKERS) --dist=worksteal $(ARGS)

# Half of their time slow tests wait for other processes: one more than there are cores.
test-slow: $(VENV)/.dev ## run the slow ones: Prefect server, wheel, browser, crashes
	$(BIN)/pytest -m slow -n $$(($(WORKERS) + 1)) --dist=loadfile --no-loadscope-reorder $(ARGS)

chaos: $(VENV)/.dev ## half an hour of crashes and outages, then: is anything lost? (ARGS="--minutes 5 --seed 7")
	$(BIN)/python -m tests.end_to_end.chaos $(ARGS)

crash: $(VENV)/.dev ## kill the dispatcher 100 times on each database, mails and posts: is one lost, do few come twice? (ARGS="--kills 20")
	$(BIN)/python -m tests.end_to_end.crash --quiet $(ARGS)

pictures: $(VENV)/.dev ## draw anew the pictures that mails are compared with (look at them before you commit)
	KAMFLOW_TEST_RENEW_PICTURES=1 $(BIN)/pytest -m slow -q tests/notifications/render/test_stored_pictures.py $(ARGS)

check: lint format types imports ## check style, types and the direction of imports

lint: $(VENV)/.dev
	$(BIN)/ruff check .

format: $(VENV)/.dev
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/basedpyright

imports: $(VENV)/.dev
	$(BIN)/lint-imports --no-logo

fmt: $(VENV)/.dev ## format the code and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev $(VENV)/.bench ## measure delivery beside others, a night of 10,000 accounts, all rules, papers, a survey (ARGS=--small: quick)
	$(BIN)/python benchmarks/delivery.py $(ARGS)
	$(BIN)/python benchmarks/night.py $(ARGS)
	$(BIN)/python benchmarks/all_rules.py $(ARGS)
	$(BIN)/python benchmarks/papers.py $(ARGS)
	$(BIN)/python benchmarks/survey.py $(ARGS)
	$(BIN)/python benchmarks/way_back.py $(ARGS)
	$(BIN)/python benchmarks/slack.py $(ARGS)
	$(BIN)/python benchmarks/up.py $(ARGS)

TEXTS := templates/locale/de/LC_MESSAGES/kamflow.po

messages: $(VENV)/.dev ## bring the catalogue up to date with the texts of the templates
	@pot=$$(mktemp) && trap 'rm -f "$$pot"' EXIT \
		&& $(BIN)/pybabel -q extract -F pyproject.toml -o "$$pot" --add-location=file --sort-by-file \
			kamflow notifications flows templates \
		&& $(BIN)/pybabel -q update -i "$$pot" -o $(TEXTS) -l de --no-fuzzy-matching --ignore-obsolete \
			--width=110 --ignore-pot-creation-date
	@$(BIN)/pybabel compile -i $(TEXTS) -l de -o /dev/null --statistics
	@echo 'Translate what is new there; texts with "Sie" to colleagues also in templates/locale/de@du.'

wheelhouse: $(VENV)/.dev ## pack kamflow with all it needs into dist/, for servers without internet
	$(BIN)/python deploy/wheelhouse.py

requirements: $(VENV)/made ## pin the versions anew (ARGS=--upgrade takes newer ones)
	$(PIP) install uv
	$(COMPILE) --group build -o requirements/kamflow.txt $(ARGS)
	$(COMPILE) --group dev -c requirements/kamflow.txt -o requirements/dev.txt $(ARGS)
	$(PIN) --group pyproject.toml:bench -c requirements/kamflow.txt -o requirements/bench.txt $(ARGS)

# The files below are stamps: a command that finds them newer than what they depend on starts at once.

$(VENV)/made:
	@test -n "$(PYTHON)" || { echo 'kamflow needs Python 3.11: apt-get install python3 python3-venv'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit("kamflow needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.demo: requirements/kamflow.txt pyproject.toml | $(VENV)/made
	@echo 'Installing what kamflow needs (once, one or two minutes) …'
	@$(PIP) install -r requirements/kamflow.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(VENV)/made
	@echo 'Installing what kamflow and its tests need (once, two or three minutes) …'
	@$(PIP) install -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.demo

# What delivery is measured against has nothing to do with kamflow: an environment of its own.
$(VENV)/.bench: requirements/bench.txt | $(VENV)/made
	@$(BIN)/python -m venv $(VENV)/bench
	@$(VENV)/bench/bin/python -m pip --quiet install -r requirements/bench.txt
	@touch $@
