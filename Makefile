# Everything that is needed is built on first use: `make chat` talks, `make test` checks.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

.PHONY: screenshots help chat test setup setup-dev lint types contracts unit crash fuzz format docs dist lock clean
.DEFAULT_GOAL := help

help: ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

chat: setup ## build what is needed, then open the app (ARGS="--profile work")
	@$(BIN)/mneme chat $(ARGS)

test: setup-dev lint types contracts unit ## lint, types, import contracts and the whole suite

setup: ## build .venv, unless it is up to date
	@$(PYTHON) scripts/setup.py

setup-dev: ## the same, with the test tools
	@$(PYTHON) scripts/setup.py --dev

lint: setup-dev ## ruff
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup-dev ## mypy --strict
	@$(BIN)/mypy

contracts: setup-dev ## the three floors: nothing imports upward
	@$(BIN)/lint-imports

unit: setup-dev ## the suite (ARGS="-k recall")
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

crash: setup-dev ## kill the program KILLS=1000 times and look what is left (SEED=1)
	@$(BIN)/python -m tests.crash.running --kills $(or $(KILLS),1000) --seed $(or $(SEED),1) $(ARGS)
	@$(BIN)/python -m tests.crash.crowd --processes 8 --seconds 60 --seed $(or $(SEED),1)

fuzz: setup-dev ## fuzz what takes in words and files of others, SECONDS=60 (pip install atheris)
	@$(BIN)/python -m tests.fuzz $(or $(SECONDS),60) $(ARGS)

format: setup-dev ## put the code in order
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

docs: setup-dev ## the documentation's site, in build/site
	@$(BIN)/python scripts/docs_site.py

dist: setup-dev ## a wheel and a source archive in dist/, and the wheel tried from an empty home
	@rm -rf dist
	@$(BIN)/python -m build --no-isolation --outdir dist .
	@$(BIN)/python scripts/try_wheel.py dist/*.whl

lock: setup-dev ## write constraints.txt anew (ARGS=--upgrade takes the newest versions); needs uv
	@$(BIN)/python scripts/lock.py $(ARGS)

screenshots: setup-dev ## draw the README's pictures anew, from the real app
	@$(BIN)/python scripts/screenshots.py
	@$(BIN)/python scripts/readme_tables.py

clean: ## remove what was built
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
