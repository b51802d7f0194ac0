# `make demo` shows the main job with no key; `make test` installs what developers need and checks all.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test lint types tests slow clean

demo: $(BIN)/python
	$(PIP) --constraint constraints.txt .
	$(BIN)/judge demo

test: lint types tests

lint: $(VENV)/developer
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/developer
	$(BIN)/mypy

tests: $(VENV)/developer
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile -m "not slow"

slow: $(VENV)/developer
	$(BIN)/python -m pytest -m slow

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/developer: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --constraint constraints.txt --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
