# Everything a developer runs. A machine needs Python >= 3.11, make and git; `make help` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.SUFFIXES:

PYTHON ?= python3
UV_VERSION := 0.13.9
# A shim on the PATH may exist without working, hence the trial run.
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .uv/bin/uv)
BIN := .venv/bin
PYTEST_FLAGS ?=
# Each worker has servers of its own (about 2 GB); most tests wait for them, so two share two processors well.
WORKERS ?= 2
SEED ?= 1
OPERATIONS ?= 200
APPLICATIONS ?= 200
SECONDS_IDLE ?= 300
EXAMPLES ?= 500

# uv makes its environment with a fitting Python that is there (or with `make PYTHON=...`) and fetches none.
export UV_PYTHON_DOWNLOADS := never
ifneq ($(origin PYTHON),file)
export UV_PYTHON := $(shell command -v $(PYTHON))
endif
export UV_PROJECT_ENVIRONMENT := .venv
export PYTHONUNBUFFERED := 1
# Tests start hundreds of processes, each of which would compile a thousand modules anew.
export UV_COMPILE_BYTECODE := 1
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.uv/bin/uv:
	@echo "== uv $(UV_VERSION) into .uv/ (none on the PATH)"
	@rm -rf .uv
	@$(PYTHON) -m venv .uv
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# Written after uv has succeeded, so that an interrupted setup is done again.
.venv/.complete: pyproject.toml uv.lock $(filter .uv/bin/uv,$(UV))
	@echo "== Python environment in .venv/"
	@$(UV) sync --frozen
	@touch $@

.PHONY: setup
setup: .venv/.complete  ## Make the Python environment

.PHONY: servers
servers: setup  ## Build the servers that are not on the PATH into the user's cache (once, ~15 min)
	@$(BIN)/krake servers

.PHONY: test-servers
test-servers: setup  ## The same, and those that only tests start (~3 min more)
	@$(BIN)/krake servers --tests

.PHONY: demo
demo: servers  ## Start Krake and two clusters, and play the walk-through
	@$(BIN)/python -m examples.demo

.PHONY: demo-down
demo-down: setup  ## Stop what the demo started
	@$(BIN)/python -m examples.demo --down

.PHONY: test
test: test-servers test-environments  ## Set everything up and run all tests
	@$(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile $(PYTEST_FLAGS)

# Servers of tests whose packages do not get along with Krake's: 138 and 84 packages, 550 MB, a minute.
.venv-openstack/.complete: tests/openstack/requirements.txt $(filter .uv/bin/uv,$(UV))
	@echo "== Keystone, Glance and Magnum for tests in .venv-openstack/"
	@$(UV) venv --quiet --clear $(@D)
	@$(UV) pip sync --compile-bytecode --require-hashes --python $(@D)/bin/python $<
	@touch $@

.venv-im/.complete: tests/im/requirements.txt $(filter .uv/bin/uv,$(UV))
	@echo "== The Infrastructure Manager for tests in .venv-im/"
	@$(UV) venv --quiet --clear $(@D)
	@$(UV) pip sync --compile-bytecode --require-hashes --python $(@D)/bin/python $<
	@touch $@

# Java and 39 jars, 160 MB, half a minute. jgo asks Maven's central repository, or the one of its own configuration,
# and keeps an environment in the cache folder where a jgo.toml is in the current one.
.venv-time-skipping/.complete: $(addprefix tests/time_skipping/,requirements.txt jgo.toml jars.sha256 checksums.py) \
		$(filter .uv/bin/uv,$(UV))
	@echo "== Temporal's time-skipping test server for tests in $(@D)/"
	@$(UV) venv --quiet --clear $(@D)
	@$(UV) pip sync --compile-bytecode --require-hashes --python $(@D)/bin/python $<
	@echo "== its 39 jars, 33 MB"
	@cd tests/time_skipping && $(CURDIR)/$(@D)/bin/jgo --quiet --resolver python --timeout 60 \
		--repo-cache $(CURDIR)/$(@D)/maven --cache-dir $(CURDIR)/$(@D)/server sync
	@$(@D)/bin/python tests/time_skipping/checksums.py --check $(@D)/server
	@touch $@

.PHONY: test-environments
test-environments: .venv-openstack/.complete .venv-im/.complete .venv-time-skipping/.complete  ## Install the Python servers of tests

# Minutes, 390 MB and two packages of the system (RabbitMQ, MariaDB) beyond the other tests, hence not among them.
.venv-openstack-full/.complete: tests/openstack_full/requirements.txt $(filter .uv/bin/uv,$(UV))
	@echo "== Keystone, Glance, Placement, Neutron and Nova in .venv-openstack-full/"
	@$(UV) venv --quiet --clear .venv-openstack-full
	@$(UV) pip sync --quiet --compile-bytecode --require-hashes --python .venv-openstack-full/bin/python tests/openstack_full/requirements.txt
	@touch $@

.PHONY: test-openstack
test-openstack: setup .venv-openstack-full/.complete  ## Test the provider nova with a real Nova (fake hypervisor)
	@OPENSTACK_ENVIRONMENT=$(CURDIR)/.venv-openstack-full $(BIN)/pytest tests/openstack_full --timeout 1800 --verbose \
		$(PYTEST_FLAGS)

.PHONY: lint
lint: setup  ## Check style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

.PHONY: types
types: setup  ## Check types
	@$(BIN)/mypy

.PHONY: imports
imports: setup  ## Check which folder imports which
	@$(BIN)/lint-imports

.PHONY: check
check: lint types imports test  ## All of the above: what CI runs

.PHONY: format
format: setup  ## Format, and mend what can be mended
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: bench
bench: servers  ## Measure against the floor; table here, figures in build/bench.json
	@$(BIN)/python -m examples.bench

.PHONY: chaos
chaos: servers  ## Random operations under random kills, compared with a model (SEED=1 OPERATIONS=200)
	@$(BIN)/python -m tests.chaos --seed $(SEED) --operations $(OPERATIONS)

.PHONY: fuzz
fuzz: servers  ## Generated requests and documents, many and new ones (EXAMPLES=500)
	@KRAKE_FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/pytest --timeout 3600 tests/api/test_generated_requests.py \
		tests/api/test_malformed.py tests/krake/models/test_round_trips.py

.PHONY: idle
idle: servers  ## What running applications cost while nothing happens (APPLICATIONS=200 SECONDS_IDLE=300)
	@$(BIN)/python -m tests.idle --applications $(APPLICATIONS) --seconds $(SECONDS_IDLE)

.PHONY: docs
docs: setup  ## Generate docs/settings.md and docs/reference/openapi.json
	@$(BIN)/krake config --markdown > docs/settings.md
	@$(BIN)/python -m api.document > docs/reference/openapi.json
	@echo "docs/settings.md docs/reference/openapi.json"

.PHONY: pictures
pictures: servers  ## Make the pictures of `rok` in docs/images, from a real Krake
	@$(BIN)/python -m examples.pictures

.PHONY: lock-check
lock-check: $(filter .uv/bin/uv,$(UV))  ## Check that the lock file fits pyproject.toml
	@$(UV) lock --check

.PHONY: hooks
hooks: setup  ## Run the checks of CI before every commit
	@$(BIN)/pre-commit install

.PHONY: clean
clean:  ## Remove the Python environment and all that was generated
	rm -rf .venv .venv-openstack .venv-openstack-full .venv-im .venv-time-skipping .uv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
