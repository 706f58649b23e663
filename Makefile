# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Python 3.11 or newer. Everything else is installed into private virtual environments under .venv/.
PYTHON ?= python3

help: ## List these targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

demo: ## Run the demo, on a local emulator of the API
	@$(PYTHON) tests/checkout.py demo .ci/demo

test: ## Run all tests and count them
	@$(PYTHON) tests/run.py

unit: ## Run the unit tests, on the ansible-cores of tests/matrix.toml
	@$(PYTHON) tests/run.py --stage unit

integration: ## Run the integration tests, with Ansible's programs and ansible-test against the emulator
	@$(PYTHON) tests/run.py --stage integration

contract: ## Test the emulator with the published API description and the official client
	@$(PYTHON) tests/run.py --stage contract

faults: ## Test every fault at every place: nothing is lost, duplicated or misreported
	@$(PYTHON) tests/run.py --stage faults

scale: ## Apply thousands of Services, and count the requests
	@$(PYTHON) tests/run.py --stage scale

awx: ## Test the kit for AWX with AWX's own programs, and run its jobs as AWX does
	@$(PYTHON) tests/run.py --stage awx

bench: ## Measure the cost compared with the alternatives, for docs/performance.md (takes minutes, not part of the tests)
	@$(PYTHON) tests/checkout.py bench .ci/bench

mutation: ## Run the mutation tests of the engine (takes minutes, not part of the tests)
	@$(PYTHON) tests/checkout.py mutation python .ci/mutation.py

lint: ## Run all linters
	@$(PYTHON) tests/checkout.py lint .ci/lint

format: ## Format the Python code and fix what ruff can fix
	@cd $$($(PYTHON) tests/environments.py lint)/bin && ./ruff check --no-cache --fix $(CURDIR) && ./ruff format --no-cache $(CURDIR)

update: ## Write the literal text that Ansible wants in several files, from the one place that knows it
	@$(PYTHON) tests/checkout.py lint python .ci/update_literals.py

sanity: ## Run ansible-test sanity on every ansible-core from the oldest to the newest
	@$(PYTHON) tests/run.py --stage sanity

build: ## Build the tarball into build/, and import it as Galaxy would
	@$(PYTHON) tests/checkout.py galaxy .ci/build

release: ## Make the release VERSION=x.y.z: changelog, commit, tag, and the files to publish. Pushes nothing
	@$(PYTHON) tests/checkout.py release python .ci/release.py "$(VERSION)"

docs: ## Build the guides and the reference as one site into build/docs/
	@$(PYTHON) tests/checkout.py docs .ci/docs

look: docs ## Check every page of that site in a browser, in the sizes of a desktop and a phone
	@$(PYTHON) tests/checkout.py look python .ci/look.py

clean: ## Remove everything that these targets create
	rm -rf .venv build

.PHONY: help demo test unit integration contract faults scale awx bench mutation lint format update sanity build release docs look clean
