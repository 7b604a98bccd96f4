# One command for each thing that a person does; "make" alone lists them.
#
# Needs Debian 12 or the like, git and Python 3.11 or newer. The first run installs from PyPI (and, for the laboratory, from
# Debian) what it needs; after that everything works without the network.
#
#   PYTHON=python3.12     the Python that environments are made with
#   ANSIBLE_CORE=2.18     a certain ansible-core for "unit", "sanity" and "install-check", in an environment of its own
#   VERSION=7.0           only this Zabbix for "lab-up", "lab-down" and "integration"
#   ARGS="-k name -x"     more arguments for pytest, ansible-test or the benchmark

PYTHON       ?= python3
ANSIBLE_CORE ?=
VERSION      ?=
ARGS         ?=

SHELL    := /bin/bash
VERSIONS := $(or $(VERSION),7.0 6.0)
LINT     := .venv/lint
LAB      := tests/lab/zabbix/lab.sh
DIST     := dist

ifeq ($(ANSIBLE_CORE),)
VENV := .venv
CORE := ansible-core>=2.18
else
VENV := .venv/core-$(ANSIBLE_CORE)
CORE := ansible-core==$(ANSIBLE_CORE).*
endif

# The environment's programs come first; the linters' are there for ansible-test, which calls shellcheck.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
PYTEST := python -m pytest $(ARGS)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test lint format sanity unit contract browser integration proof docs reference bench lab-up lab-down lab-test build install-check compat changelog release clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(VENV)/.complete ## see it work: a Zabbix 7.0, a company of 400 objects in a NetBox stand-in, three runs
	PYTHONPATH=tests python -m lab.demo

test: lint sanity unit contract browser lab-test integration ## everything, on Zabbix 7.0 and 6.0 (what .ci/run does)

lint: $(LINT)/.complete ## style, types, documentation, YAML, changelog, shell scripts
	PATH="$(CURDIR)/$(LINT)/bin:$$PATH" tests/tools/staged tests/tools/lint $(ARGS)

format: $(LINT)/.complete ## lay out the Python code as "make lint" wants it
	$(LINT)/bin/ruff check --fix-only --quiet . && $(LINT)/bin/ruff format .

sanity: $(VENV)/.complete $(LINT)/.complete ## ansible-test sanity
	PATH="$$PATH:$(CURDIR)/$(LINT)/bin" tests/tools/sanity $(ARGS)

unit: $(VENV)/.complete ## the tests that need no server
	$(PYTEST) tests/unit

contract: $(VENV)/.complete ## is the NetBox stand-in true to NetBox?
	$(PYTEST) tests/contract

browser: $(VENV)/.complete ## the HTML report in a real Chromium, which is installed where there is none (needs root then)
	$(PYTEST) tests/browser

lab-test: $(VENV)/.complete ## does the laboratory keep its promises? Stops, resets and starts it
	$(PYTEST) tests/lab

integration: $(VENV)/.complete lab-up ## the tests against real Zabbix servers
	tests/tools/integration $(VERSIONS)

proof: $(VENV)/.complete lab-up ## what takes long: 50 killed runs, random sequences of operations, an undo of 300 changes
	NETBOX_ZABBIX_PROOF=whole tests/tools/integration $(VERSIONS)

docs: $(VENV)/.complete $(LINT)/.complete ## the reference as HTML in docs/html
	PATH="$(CURDIR)/$(LINT)/bin:$$PATH" tests/tools/docs docs/html

bench: $(VENV)/.complete ## measure against the bare necessary requests
	PYTHONPATH=tests python -m benchmark $(ARGS)

lab-up: $(VENV)/.complete ## start the laboratory: real Zabbix 7.0 and 6.0 in chroots (needs root)
	@set -e; for version in $(VERSIONS); do $(LAB) up $$version; done

lab-down: ## stop the laboratory
	@set -e; for version in $(VERSIONS); do $(LAB) down $$version; done

reference: $(VENV)/.complete ## write what is made of the code's tables: attributes, JSON Schemas, the Zabbix template
	PYTHONPATH=tests python -m tools.reference

build: $(VENV)/.complete ## pack the collection in dist/
	tests/tools/staged ansible-galaxy collection build --force --output-path "$(CURDIR)/$(DIST)"

install-check: ## install the packed collection in a clean environment and look whether its names are found
	tests/tools/install-check "$(PYTHON)" "$(CORE)"

compat: ## unit tests and sanity on the oldest ansible-core, and on the newest where a newer Python is found
	tests/tools/compat

changelog: $(LINT)/.complete ## take changelogs/fragments into CHANGELOG.md
	PATH="$(CURDIR)/$(LINT)/bin:$$PATH" tests/tools/changelog

release: $(VENV)/.complete $(LINT)/.complete install-check ## write the changelog of galaxy.yml's version, and pack it
	PATH="$(CURDIR)/$(LINT)/bin:$$PATH" tests/tools/release
	tests/tools/staged ansible-galaxy collection build --force --output-path "$(CURDIR)/$(DIST)"

clean: ## remove environments, caches and what was built; the laboratory stays
	rm -rf .venv .cache .ansible .mypy_cache .pytest_cache .ruff_cache .hypothesis $(DIST) docs/html tests/output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.complete: requirements.txt tests/requirements.txt tests/requirements-netbox.txt
	tests/tools/environment $(VENV) "$(PYTHON)" "$(CORE)" -r requirements.txt -r tests/requirements.txt

# With requirements.txt, since mypy reads the libraries' code.
$(LINT)/.complete: requirements.txt tests/tools/requirements-lint.txt
	tests/tools/environment $(LINT) "$(PYTHON)" "ansible-core>=2.18" -r requirements.txt -r tests/tools/requirements-lint.txt
