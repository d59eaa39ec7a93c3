# Each target does its own set-up; nothing is done twice.
# PYTHON names the Python that makes the virtual environment (3.11 or newer).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TEMPLATES = $(shell find templates -name '*.html')
PYTEST := $(BIN)/python -m pytest -n 2 --dist worksteal
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

# A test run starts dozens of processes; they read the modules that the first one has compiled.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install run test test-postgresql test-sqlite test-slow soak lint lint-style lint-types lint-django format bench audit sbom lock screenshots

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

install: $(VENV)/run.stamp ## make the virtual environment with what the application needs

run: $(VENV)/run.stamp ## start web server, worker and beat with a demo (PORT=8000, VAR_DIR=var)
	@exec $(BIN)/python manage.py serve

test: lint test-postgresql test-sqlite ## run every check, and the tests on PostgreSQL and on SQLite

test-postgresql: $(VENV)/browser.stamp ## run the tests, on PostgreSQL
	$(PYTEST) -m "not slow"

# A unit test knows no database, a browser test only the one below the pages, and what is marked
# `once` is the same on every database: each of them ran with PostgreSQL.
test-sqlite: $(VENV)/browser.stamp ## run the tests that depend on the database, on SQLite
	DATABASE_URL=sqlite $(PYTEST) -m "integration and not once and not slow"

test-slow: $(VENV)/browser.stamp ## run the tests that `make test` leaves to continuous integration, on both databases
	$(PYTEST) -m slow
	DATABASE_URL=sqlite $(PYTEST) -m "slow and integration and not once"

soak: $(VENV)/browser.stamp ## run the long forms of the tests, with Postfix, Dovecot and a pretix (as root)
	$(BIN)/python -m tests.setup --soak
	HYPOTHESIS_PROFILE=soak SOAK=1 $(PYTEST)

lint: $(VENV)/test.stamp ## check format, style, types, import rules, words, links, migrations and settings
	@$(MAKE) --no-print-directory -j 2 lint-types lint-style lint-django

lint-style: $(VENV)/test.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djade --check --target-version 5.2 $(TEMPLATES)
	$(BIN)/codespell
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m tests.repository

lint-types: $(VENV)/test.stamp
	$(BIN)/mypy .

lint-django: $(VENV)/test.stamp
	VAR_DIR=$(VENV)/lint $(BIN)/python manage.py makemigrations --check --dry-run
	VAR_DIR=$(VENV)/lint SITE_URL=https://mentorship.example EMAIL_URL=smtp+tls://me:secret@mail.example DEFAULT_FROM_EMAIL=me@mail.example \
	  $(BIN)/python manage.py check --deploy --fail-level WARNING

format: $(VENV)/test.stamp ## bring the code into its format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/djade --target-version 5.2 $(TEMPLATES)

bench: $(VENV)/bench.stamp ## measure the matcher, the way from rows to pairs, the outbox, imports, pages, load and sizes
	$(BIN)/python -m tests.bench

audit: $(VENV)/audit.stamp ## look for known vulnerabilities in what is locked, or say that nobody answered
	@$(BIN)/python -m tests.supply audit

sbom: $(VENV)/audit.stamp $(VENV)/run.stamp ## write build/sbom.cdx.json (CycloneDX) and build/licenses.csv
	@$(BIN)/python -m tests.supply sbom

screenshots: $(VENV)/browser.stamp ## take the pictures in docs/ anew
	SCREENSHOTS=1 $(BIN)/python -m pytest tests/browser

lock: $(VENV)/made.stamp ## write requirements/*.lock anew from pyproject.toml (UPGRADE=--upgrade for newer versions)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	for set in run test bench; do \
	  more=$$([ $$set = run ] || echo "--group $$set --constraints requirements/run.lock"); \
	  $(BIN)/uv pip compile --quiet $(UPGRADE) --universal --fork-strategy fewest --python-version 3.11 --generate-hashes \
	    --no-header --no-annotate --no-emit-index-url --no-emit-find-links $$more \
	    pyproject.toml --output-file requirements/$$set.lock || exit 1; \
	done
	$(BIN)/uv pip compile --quiet $(UPGRADE) --universal --fork-strategy fewest --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --no-emit-index-url --no-emit-find-links --group pyproject.toml:audit \
	  --output-file requirements/audit.lock

$(VENV)/made.stamp:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed; name one: make PYTHON=python3.12 …")'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -q && apt-get install -qy python3-venv; } || { echo "Python's venv module is missing: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/run.stamp: requirements/run.lock $(VENV)/made.stamp
	$(PIP) -r requirements/run.lock
	@touch $@

$(VENV)/test.stamp: requirements/test.lock $(VENV)/run.stamp
	$(PIP) -r requirements/test.lock
	@touch $@

$(VENV)/bench.stamp: requirements/bench.lock $(VENV)/test.stamp
	$(PIP) -r requirements/bench.lock
	@touch $@

$(VENV)/audit.stamp: requirements/audit.lock $(VENV)/made.stamp
	$(PYTHON) -m venv $(VENV)/audit
	$(VENV)/audit/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/audit.lock
	@touch $@

$(VENV)/browser.stamp: $(VENV)/test.stamp
	$(BIN)/python -m tests.setup
	@touch $@
