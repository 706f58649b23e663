# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# A front of noxfile.py. Needs Python 3.11 or newer; all else is installed into .nox/.
PYTHON ?= python3
NOX = .nox/nox/bin/nox

help: ## List these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14
	@echo 'For all sessions of nox: $(NOX) --list'

demo: $(NOX) ## Run the demo, on a local emulator of the API
	@$(NOX) -e demo

test: $(NOX) ## Run the tests on the newest ansible-core
	@$(NOX) -e tests

test-all: $(NOX) ## Run all that `make test` leaves out: other versions, ansible-test, coverage, slow tests, AWX
	@$(NOX) -j 2 --allow-parallel -e oldest coverage slow awx ansible-test-2.17 ansible-test-2.21 sanity-2.17 sanity-2.21

lint: $(NOX) ## Run all linters
	@$(NOX) -j 2 --allow-parallel -e formatters codeqa yamllint docs-check extra-checks ansible-lint checks

update: $(NOX) ## Write the literal text that Ansible wants in several files
	@$(NOX) -e update

build: $(NOX) ## Build the collection, and import it as Galaxy does
	@$(NOX) -e build-import-check

docs: $(NOX) ## Build the guides and the reference into build/docs/
	@$(NOX) -e docs

artifacts: $(NOX) ## Make the files of a release in build/release/
	@$(NOX) -e artifacts

clean: ## Remove everything that these targets create
	rm -rf .nox build

$(NOX): tests/requirements/nox.txt
	@$(PYTHON) -m venv --clear .nox/nox
	@.nox/nox/bin/pip install --quiet --requirement $<
	@touch $@

.PHONY: help demo test test-all lint update build docs artifacts clean
