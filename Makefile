# Every line of work is one command. The logic is in scripts/, in Python.
PYTHON ?= python3
ARGS ?=
RUN := .venv/bin/python

.PHONY: help serve tools setup check test test-all bench docs screenshot lock clean

help:
	@echo "make serve      start ImJoy (ARGS=\"--port 9000\" passes flags on)"
	@echo "make test       everything that must hold before a change is accepted"
	@echo "make check      the quick part of it: format, types, layers, documents"
	@echo "make test-all   the slow tests too"
	@echo "make bench      measure, print a table, write benchmarks/results/latest.json"
	@echo "make clean      remove everything that the commands above made"

serve:
	@$(PYTHON) scripts/setup_env.py engine
	@exec $(RUN) -m imjoy $(ARGS)

tools:
	@$(PYTHON) scripts/setup_env.py dev

setup:
	@$(PYTHON) scripts/setup_env.py dev browser

check: tools
	@$(RUN) scripts/check.py

test: setup
	@$(RUN) scripts/test.py $(ARGS)

test-all: setup
	@$(PYTHON) scripts/setup_env.py dev more-browsers
	@$(RUN) scripts/test.py --all $(ARGS)

bench: setup
	@$(RUN) benchmarks/run.py $(ARGS)

docs: tools
	@$(RUN) scripts/build_repository.py
	@$(RUN) -m pytest -q tests/test_house.py tests/test_examples.py

screenshot: setup
	@$(RUN) scripts/screenshot.py

lock: tools
	@$(RUN) scripts/lock.py

clean:
	rm -rf .venv web/node_modules web/app/dist src/imjoy/web src/imjoy/web.json build dist tests/.output
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache benchmarks/.work
