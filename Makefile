# Postil: every task a contributor needs. `make help` lists them.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
JOBS ?= 2
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.8

export PIP_DISABLE_PIP_VERSION_CHECK := 1

# $(call done,what) ends a target with one line: what it did, and how long it took.
START := $(shell date +%s)
done = @echo "$@: $(1) ($$(($$(date +%s) - $(START))) s)"

.PHONY: help setup demo test check fmt bench gen lock soak clean
.PHONY: guardrails static test-quick test-python test-demo test-acp test-nvim test-emacs test-vscode test-vscode-oldest test-vscode-unit test-system-deps vscode static-vscode pictures axe

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

# Environment: three stages, each with a stamp: what Postil needs to run, what it needs to be worked on, and editors to test with.

RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
EDITORS := $(VENV)/.editors-installed
VSCODE := $(VENV)/.vscode-installed
SUBJECTS := .cache/subjects/.unpacked
INSTALL := $(BIN)/python -m pip install -qq

setup: $(DEV)  ## put everything into .venv: dependencies by their locks, and Postil itself
	$(call done,$(BIN)/postil is ready)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Postil needs Python 3.11 or newer; name one: make PYTHON=python3.11")'
	@$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements/runtime.txt pyproject.toml | $(BIN)/python
	@echo "setup: installing what Postil needs to run"
	@$(INSTALL) --require-hashes -r requirements/runtime.txt
	@$(INSTALL) --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(DEV): requirements/dev.txt $(RUNTIME) $(SUBJECTS)
	@echo "setup: installing what the checks need"
	@$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

# Other projects' source that tests read and never run: it is not in the environment, and what it needs is not installed.
$(SUBJECTS): requirements/subjects.txt | $(BIN)/python
	@$(INSTALL) --require-hashes --no-deps --no-compile --upgrade --target $(@D) -r requirements/subjects.txt
	@touch $@

$(EDITORS): requirements/editors.txt $(DEV)
	@echo "setup: installing Neovim and what drives it"
	@$(INSTALL) --require-hashes -r requirements/editors.txt
	@touch $@

$(VSCODE): requirements/vscode.txt $(DEV)
	@echo "setup: installing Node"
	@$(INSTALL) --require-hashes -r requirements/vscode.txt
	@touch $@

# Node comes from a package of its own, so that it is the same everywhere; npm is called with it alone.
NODE := .cache/node/npm
CLIENT := clients/vscode
PACKAGES := $(CLIENT)/node_modules/.package-lock.json
VSIX := .cache/vsix/postil.vsix
npm = PATH="$(CURDIR)/.cache/node:$$PATH" npm --prefix $(CLIENT) --loglevel=error

$(NODE): $(VSCODE)
	@$(BIN)/python -c 'from tests.editors.vscode import install as it; it.write_shims(it.node_wheel())'
	@touch $@

$(PACKAGES): $(CLIENT)/package-lock.json | $(NODE)
	@echo "setup: installing what the extension is built with"
	@$(npm) ci --ignore-scripts
	@touch $@

# What the server needs, as files: the extension's first start is tried with them, and without a network.
WHEELS := .cache/wheels/.fetched

$(WHEELS): requirements/runtime.txt | $(BIN)/python
	@rm -rf $(@D)
	@$(BIN)/python -m pip download -qq --require-hashes --only-binary :all: --dest $(@D) -r requirements/runtime.txt
	@touch $@

CLIENT_SOURCES := $(shell find $(CLIENT)/src $(CLIENT)/webview $(CLIENT)/media $(CLIENT)/scripts -type f 2>/dev/null) \
	$(CLIENT)/package.json $(CLIENT)/README.md $(CLIENT)/.vscodeignore
SERVER_SOURCES := $(shell find server/postil -type f -not -name '*.pyc' 2>/dev/null)

$(VSIX): $(PACKAGES) $(CLIENT_SOURCES) $(SERVER_SOURCES) requirements/runtime.txt pyproject.toml
	@rm -rf .cache/vsix && mkdir -p .cache/vsix
	@$(BIN)/python -m pip wheel -qq --no-deps --no-build-isolation --no-index --wheel-dir .cache/vsix .
	@rm -rf build
	@$(npm) run --silent build
	@$(npm) run --silent package -- $(CURDIR)/.cache/vsix $(CURDIR)/$@

# Use

vscode: $(VSIX)  ## pack the VS Code extension, with the server in it, as .cache/vsix/postil.vsix
	$(call done,$(VSIX) has $$(du -k $(VSIX) | cut -f1) KB)

demo: $(RUNTIME)  ## show the main job on real input: no key, no editor, no network
	@$(BIN)/postil demo
	$(call done,finished)

# Checks. `check` is for every change and needs no editor; `test` is everything.

QUICK := $(wildcard tests/unit tests/architecture tests/scenarios tests/protocol tests/crash tests/guardrails)
PYTEST := $(BIN)/python -m pytest --quiet -n $(JOBS)

check: static test-quick  ## format, lint, layers, types, generated files, and the tests without editors
	$(call done,all is well)

static: $(DEV)
	@$(BIN)/ruff format --check --quiet . || { echo "static: not formatted; run: make fmt"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@layers=$$($(BIN)/lint-imports --no-logo --cache-dir .cache/import-linter 2>&1) || { echo "$$layers"; exit 1; }
	@$(BIN)/basedpyright
	@$(BIN)/python -m tests.architecture.sizes
	$(call done,format lint layers types)

static-vscode: $(PACKAGES)
	@$(npm) run --silent types
	@$(npm) run --silent lint || { echo "static-vscode: what is only format is mended by: make fmt"; exit 1; }
	$(call done,format lint types of the extension)

test-quick: $(DEV)
	@$(PYTEST) $(QUICK)

test:  ## everything: the checks, the demo, and every test
	@$(MAKE) test-system-deps
	@$(MAKE) static
	@$(MAKE) test-demo
	@$(MAKE) guardrails
# Tests with real editors come here, one target each: test-nvim, test-emacs, test-vscode.
	@$(MAKE) test-nvim
	@$(MAKE) test-emacs
	@$(MAKE) test-acp
	@$(MAKE) static-vscode
	@$(MAKE) test-vscode-unit
	@$(MAKE) axe
	@$(MAKE) test-vscode
	@$(MAKE) test-python

# Postil's own safety invariants, on what this repository configures: of whoever runs it nothing counts.
WORKSPACE ?= .
guardrails: $(RUNTIME)  ## try the safety invariants on the harness of this repository, or of WORKSPACE=DIR
	@rm -rf .cache/guardrails && mkdir -p .cache/guardrails/config .cache/guardrails/state
	@HOME=$(CURDIR)/.cache/guardrails POSTIL_CONFIG_DIR=$(CURDIR)/.cache/guardrails/config \
		POSTIL_STATE_DIR=$(CURDIR)/.cache/guardrails/state \
		$(BIN)/postil guardrails --trust yes --workspace '$(WORKSPACE)' || { echo "guardrails: failed"; exit 1; }
	$(call done,all invariants hold)

# A test in a window, and one of the protocol, that fails is tried AGAIN times more, and named (decision 0043).
AGAIN := 1
test-python: $(DEV)
	@$(PYTEST) --ignore tests/editors --ignore tests/bench --protocol-reruns $(AGAIN)

test-nvim: $(EDITORS)  ## the main job and what can go wrong with it, in real Neovim, the newest and the system's
	@$(PYTEST) tests/editors/nvim
	$(call done,finished)

test-emacs: $(DEV)  ## the chat as a document in real Emacs with eglot
	@$(PYTEST) tests/editors/emacs
	$(call done,finished)

# The client that other people wrote; nothing of it is run while it is installed. It is `install`, which takes the very versions and
# digests of the lock as `ci` does: `ci` refuses a lock without optional packages of other systems that a registry does not have.
ACPX := .cache/acp/node_modules/.package-lock.json

$(ACPX): tests/editors/acp/npm/package-lock.json | $(NODE)
	@echo "setup: installing an ACP client"
	@mkdir -p .cache/acp && cp tests/editors/acp/npm/package.json tests/editors/acp/npm/package-lock.json .cache/acp/
	@PATH="$(CURDIR)/.cache/node:$$PATH" npm --prefix .cache/acp --loglevel=error install --ignore-scripts --no-audit --no-fund
	@touch $@

test-acp: $(ACPX)  ## the Agent Client Protocol: the public SDK's client and acpx, against a real process
	@$(PYTEST) tests/editors/acp
	$(call done,finished)

test-vscode-unit: $(PACKAGES)  ## the extension's own tests, without an editor
	@$(npm) run --silent test
	$(call done,finished)

# They take 7 to 8 of the 12 minutes that they have in CI; where the machine is slow they are broken off only after 20.
test-vscode: $(VSIX) $(WHEELS) $(EDITORS)  ## the extension in real VS Code (code-server), driven in a browser
	@$(BIN)/python -m tests.editors.vscode.install
	@PATH="$(CURDIR)/.cache/node:$$PATH" $(CLIENT)/node_modules/.bin/tsc -p tests/editors/vscode/spy/jsconfig.json
	@$(PYTEST) tests/editors/vscode --reruns $(AGAIN) $(if $(CI),--session-timeout 1200)
	$(call done,finished)

# Those tests that are marked so, in the oldest VS Code that the extension's manifest names, with the Node of its time.
NODE_OLDEST := .cache/node-oldest/.unpacked

$(NODE_OLDEST): requirements/vscode-oldest.txt | $(BIN)/python
	@$(INSTALL) --require-hashes --no-deps --no-compile --upgrade --target $(@D) -r requirements/vscode-oldest.txt
	@touch $@

test-vscode-oldest: export VSCODE_EDITION := oldest
test-vscode-oldest: $(VSIX) $(NODE_OLDEST)  ## the main job in the oldest VS Code that the extension says it works in
	@$(BIN)/python -m tests.editors.vscode.install
	@PATH="$(CURDIR)/.cache/node:$$PATH" $(CLIENT)/node_modules/.bin/tsc -p tests/editors/vscode/spy/jsconfig.json
	@$(PYTEST) tests/editors/vscode -m oldest
	$(call done,finished)

PICTURES := .cache/pictures
pictures: $(VSIX)  ## shoot the extension's states, in three themes: from the gallery and from real VS Code
	@$(BIN)/python -m tests.editors.vscode.install
	@cd $(CLIENT) && PATH="$(CURDIR)/.cache/node:$$PATH" node scripts/gallery.mjs --shoot $(CURDIR)/$(PICTURES)/gallery
	@$(BIN)/python -m tests.editors.vscode.pictures $(PICTURES)/window
	$(call done,look at them in $(PICTURES))

axe: $(PACKAGES)
	@cd $(CLIENT) && PATH="$(CURDIR)/.cache/node:$$PATH" node scripts/gallery.mjs --axe

test-demo: $(RUNTIME)
	@mkdir -p .cache
	@$(BIN)/postil demo > .cache/demo.log 2>&1 || { cat .cache/demo.log; echo "test-demo: failed"; exit 1; }
	$(call done,exit status 0; its output is in .cache/demo.log)

SOAK := --disk-states 100000 --server-kills 500 --ask-kills 200 --small-kills 1000 --shell-lines 200000 \
	--shell-words 50000 --shell-noise 1000000 --typing-rounds 1000 --seed $(START)

soak: $(DEV)  ## long and random runs, for as long as they take
	@$(MAKE) test-system-deps
	@HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -m "soak or counted" --timeout 0 -rP $(SOAK) tests
	@$(MAKE) test-vscode AGAIN=0
	@$(MAKE) test-vscode-oldest
	$(call done,finished)

bench: $(DEV)  ## speed and memory, as ratios measured in one run
	@$(BIN)/python -m tests.bench
	$(call done,finished)

# What tests need that pip cannot bring, as program:package,package.
SYSTEM_PROGRAMS := git:git nvim:neovim rg:ripgrep strace:strace bwrap:bubblewrap chromium:chromium emacs:emacs-nox,elpa-eglot

test-system-deps:  ## install the programs that tests use (as root with apt-get; otherwise name them)
	@missing=""; \
	for pair in $(SYSTEM_PROGRAMS); do \
		command -v $${pair%%:*} >/dev/null || missing="$$missing $$(echo "$${pair##*:}" | tr , ' ')"; \
	done; \
	if [ -z "$$missing" ]; then \
		echo "test-system-deps: nothing is missing"; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends $$missing >/dev/null && \
		echo "test-system-deps: installed$$missing"; \
	else \
		echo "test-system-deps: NOTICE: these are missing, and tests that need them will say so:$$missing"; \
	fi

# Upkeep

fmt: $(DEV)  ## format, and mend what the linter can mend
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .
	@[ ! -e $(PACKAGES) ] || $(npm) run --silent fmt
	$(call done,formatted)

gen: $(DEV)  ## write the protocol's TypeScript types, the generated documents and the report on this repository
	@$(BIN)/python -m postil.cli.generate
	@$(BIN)/python -m tests.support.architecture_report
	@$(BIN)/python -m tests.support.fallbacks
	$(call done,written)

LOCK := .cache/lock/bin/uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --quiet $(LOCK_FLAGS)

lock:  ## compile requirements/*.txt from pyproject.toml (LOCK_FLAGS=--upgrade for newer versions)
	@test -x .cache/lock/bin/python || $(PYTHON) -m venv .cache/lock
	@.cache/lock/bin/python -m pip install -qq uv==$(UV_VERSION)
	@$(LOCK) pyproject.toml --group build -o requirements/runtime.txt
	@$(LOCK) pyproject.toml --group build --group dev -c requirements/runtime.txt -o requirements/dev.txt
	@$(LOCK) --group editors -c requirements/dev.txt -o requirements/editors.txt
	@$(LOCK) --group vscode -c requirements/dev.txt -o requirements/vscode.txt
	@$(LOCK) --group vscode-oldest -o requirements/vscode-oldest.txt
	@$(LOCK) --group subjects --no-deps -o requirements/subjects.txt
	$(call done,$$(cat requirements/dev.txt requirements/editors.txt requirements/subjects.txt | grep -c ==) packages pinned)

clean:  ## remove the environment and everything that can be made again
	@rm -rf $(CLIENT)/node_modules $(CLIENT)/dist $(CLIENT)/out $(CLIENT)/server
	@rm -rf $(VENV) .cache .hypothesis .pytest_cache .ruff_cache build dist server/*.egg-info
	@find server tests -name __pycache__ -type d -prune -exec rm -rf {} +
	$(call done,only sources are left)
