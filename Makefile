# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Python 3.11 or newer. Everything else is installed into private virtual environments under .venv/.
PYTHON ?= python3

help: ## List these targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

demo: ## Watch the collection at work, on a local emulator of the API
	@$(PYTHON) tests/checkout.py demo .ci/demo

test: ## Run all tests and count them
	@$(PYTHON) tests/run.py

unit: ## Run the unit tests, on the ansible-cores of tests/matrix.toml
	@$(PYTHON) tests/run.py --stage unit

integration: ## Run the integration tests, with Ansible's programs and ansible-test against the emulator
	@$(PYTHON) tests/run.py --stage integration

contract: ## Hold the emulator to the published API description and the official client
	@$(PYTHON) tests/run.py --stage contract

faults: ## Try every fault in every place, and see that nothing is lost, doubled or misreported
	@$(PYTHON) tests/run.py --stage faults

scale: ## Bring large estates about, and count the requests
	@$(PYTHON) tests/run.py --stage scale

awx: ## Hold the kit for AWX to AWX's own programs, and run its jobs as AWX does
	@$(PYTHON) tests/run.py --stage awx

bench: ## Measure against what else one would use, for docs/performance.md (takes minutes, no part of the tests)
	@$(PYTHON) tests/checkout.py bench .ci/bench

mutation: ## Change the code in small ways, and see that the tests notice (takes minutes, no part of the tests)
	@$(PYTHON) tests/checkout.py mutation python .ci/mutation.py

lint: ## Run all linters
	@$(PYTHON) tests/checkout.py lint .ci/lint

format: ## Put the Python code in order, as far as a program can
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

look: docs ## Look at every page of that site in a browser, as wide as a desk's screen and as a phone's
	@$(PYTHON) tests/checkout.py look python .ci/look.py

clean: ## Remove all that these targets made
	rm -rf .venv build

.PHONY: help demo test unit integration contract faults scale awx bench mutation lint format update sanity build release docs look clean
