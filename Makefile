# What one does here: set up, run, test, check, measure.
SHELL := /usr/bin/env bash
export PATH := $(CURDIR)/.tools/node_modules/.bin:$(CURDIR)/node_modules/node/bin:$(CURDIR)/node_modules/.bin:$(PATH)

.PHONY: help setup demo test lint typecheck format generate bench

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

setup: ## install what is missing (Debian 12 or 13, root)
	@scripts/setup.sh

demo: setup ## run one pod from YAML to Ready and show its start-up trace
	@./podbus demo

test: ## every test, with what they need installed first
	@scripts/test.sh

lint: setup ## format, lint, types, contracts, generated files, dependency rules
	@scripts/lint.sh

typecheck: setup ## types only
	@tsc --noEmit

format: setup ## rewrite files in the house format
	@biome check --write .

generate: setup ## TypeScript from proto/
	@buf generate

bench: setup ## podbus against bare CRI, on one containerd
	@node --disable-warning=ExperimentalWarning tests/bench/run.ts
