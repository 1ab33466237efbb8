# `make help` says what there is. Works with GNU make 3.81 and later, as root or not.
.DEFAULT_GOAL := help
BIN := .venv/bin

.PHONY: help demo run test test-fast soak bench screens lint types fix clean run-venv dev-venv

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

demo: run-venv ## Show the main job, then a theft, on invented people (2 minutes)
	@$(BIN)/rempart demo

run: run-venv ## Leave a server up with invented people; prints its address and cards
	@$(BIN)/rempart serve

test-fast: dev-venv ## The tests that take a minute in all
	@ci/test fast

test: dev-venv ## Every test but the soak (at most 20 minutes on 2 cores)
	@ci/packages || true
	@ci/test

soak: dev-venv ## Hours: the sizes that the documents quote; part by part, resumes (PART=name, LIST=1)
	@$(BIN)/python ci/soak.py $(if $(LIST),--list) $(PART)

bench: dev-venv ## The measured figures, into bench/results/ (at most 10 minutes; PART=name)
	@$(BIN)/python ci/bench.py $(PART)

screens: dev-venv ## Pictures of every page into screens/, wide and narrow, light and dark; open screens/index.html
	@ci/packages || true
	@$(BIN)/python ci/screens.py $(PAGE)

lint: dev-venv ## Format, lint, import rules, migrations
	@ci/lint

types: dev-venv ## mypy, strict
	@$(BIN)/mypy

fix: dev-venv ## Put right what the formatter and the linter can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean: ## Remove what running and testing left (not .venv)
	@ci/clean

run-venv:
	@PYTHON="$(PYTHON)" ci/venv run

dev-venv:
	@PYTHON="$(PYTHON)" ci/venv dev
