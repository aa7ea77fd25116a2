# Everything sets itself up: Python 3.11 or newer and make are all that is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo

.DEFAULT_GOAL := help

.PHONY: help demo test check fix docs bundle bench lock spark clean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/run.done: pyproject.toml requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.done: $(VENV)/run.done requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

demo: $(VENV)/run.done ## Run the bundled study and print where its report lies
	@rm -rf $(DEMO)
	@$(BIN)/detente demo --into $(DEMO) --open

test: $(VENV)/dev.done ## Run all tests
	$(BIN)/python -m pytest -n auto

check: $(VENV)/dev.done ## Check style, types, layers and docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/reference.py --check

fix: $(VENV)/dev.done ## Repair what can be repaired by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/dev.done ## Write the reference pages anew
	$(BIN)/python docs/reference.py

bundle: $(VENV)/run.done ## Rebuild the bundled observations (FROM=folder of the publishers' files)
	$(BIN)/python scripts/bundle.py $(FROM)

bench: $(VENV)/dev.done ## Print the benchmarks beside their references
	@for each in benchmarks/*.py; do $(BIN)/python $$each; done

LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command "make lock" pyproject.toml

lock: ## Pin the dependencies anew (needs uv)
	$(LOCK) --extra build -o requirements.txt
	$(LOCK) --extra dev -c requirements.txt -o requirements-dev.txt
	$(LOCK) --extra spark -c requirements-dev.txt -o requirements-spark.txt

spark: $(VENV)/dev.done ## Add PySpark, so that its test runs too (needs Java 17)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.txt

clean: ## Remove what was set up and made
	rm -rf $(VENV) $(DEMO) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
