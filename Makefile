# Postil: every task a contributor needs. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.8

export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Two stages, each with a stamp: what Postil needs to run, and what it needs to be worked on.
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
INSTALL := $(BIN)/python -m pip install -qq --require-hashes

.PHONY: help setup lock

.ONESHELL:

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

setup: $(DEV)  ## put everything into .venv: dependencies by their locks, and Postil itself
	@echo "setup: $(BIN)/postil is ready"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Postil needs Python 3.11 or newer; name one: make PYTHON=python3.11")'
	@$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements/runtime.txt pyproject.toml | $(BIN)/python
	@start=$$SECONDS
	$(INSTALL) -r requirements/runtime.txt
	$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --no-index --editable .
	touch $@
	echo "runtime: installed in $$((SECONDS - start)) s"

$(DEV): requirements/dev.txt $(RUNTIME)
	@start=$$SECONDS
	$(INSTALL) -r requirements/dev.txt
	touch $@
	echo "dev: installed in $$((SECONDS - start)) s"

LOCK := .cache/lock/bin/uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --quiet

lock:  ## compile requirements/*.txt anew from pyproject.toml (hashes, every platform, no index lines)
	@test -x .cache/lock/bin/uv || $(PYTHON) -m venv .cache/lock
	.cache/lock/bin/python -m pip install -qq uv==$(UV_VERSION)
	$(LOCK) pyproject.toml --group build -o requirements/runtime.txt
	$(LOCK) pyproject.toml --group build --group dev -c requirements/runtime.txt -o requirements/dev.txt
	$(LOCK) --group editors -c requirements/dev.txt -o requirements/editors.txt
	echo "lock: $$(grep -c == requirements/dev.txt) packages in requirements/dev.txt"
