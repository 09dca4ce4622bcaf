# Bare `make` prints this help. DVC is the interface for everything else: dvc repro, dvc exp run, dvc plots show.
.DEFAULT_GOAL := help
.PHONY: help setup repro eval sweep params test test-faults test-system test-long remote-demo bench bench-memory bench-size bench-defaults lint clean
SHELL := /bin/sh

# stages are run as `python -m ...`: they must find the environment's python, activated or not
export PATH := $(CURDIR)/.venv/bin:$(PATH)

LONG := $(addprefix tests/system/test_,experiments.py pipeline_runs.py queue.py walkthrough.py)

# DVC itself stops at some names with less of an explanation
CHECK := python -m stages.running.check_params

help: ## print this help
	@awk -F ': .*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

setup: .venv/installed ## make .venv and install what constraints.txt pins; fetch the sample and the base model

repro: setup ## run what is not up to date, and print the table of all models
	@$(CHECK)
	dvc repro
	@printf '\n'; cat reports/leaderboard.md

eval: setup ## evaluate again what changed, and print the table of all models
	@$(CHECK)
	dvc repro compare select
	@printf '\n'; cat reports/leaderboard.md

sweep: setup ## run the experiments of a grid in sweeps.yaml, and sum them up: make sweep GRID=seeds JOBS=1
	@$(CHECK)
	@bonepick sweep --grid $(or $(GRID),seeds) --jobs $(or $(JOBS),1)

params: setup ## write what each parameter means, its bounds and its default into params.yaml
	@python -m stages.running.comment_params

test: setup ## run the tests (offline)
	pytest -q -n 2 --dist loadfile --no-loadscope-reorder

test-faults: setup ## kill, interrupt, fill the disk, give it wild input (all of it: FULL=1): nothing lost or half-written
	pytest -q -n 2 --dist loadfile tests/faults

test-system: setup .venv/system/installed ## test the README, sweeps, additions, and S3 remotes against a real server
	pytest -q -n 3 --dist loadfile --no-loadscope-reorder --timeout 900 $(addprefix --ignore=,$(LONG)) tests/system

test-long: setup .venv/system/installed ## test the pages on experiments and queues, and other pipelines, which take ten minutes more
	pytest -q -n 2 --dist loadfile --timeout 900 $(LONG)

remote-demo: setup .venv/system/installed ## push to an S3 server on this machine, pull in another clone, and say what was proven
	@python -m tests.system.demo

bench: setup ## measure speed, each number beside a baseline in the same run; N=1000000 scores so many documents
	python benchmarks/head.py
	python benchmarks/embedding.py
	python benchmarks/evaluation.py
	python benchmarks/importing.py
	python benchmarks/static_prediction.py
	python benchmarks/scoring.py $(N)
	python benchmarks/rates.py

bench-memory: setup ## measure the peak memory of data preparation at ten times the rows
	python benchmarks/memory.py

bench-size: setup ## run all stages on N=100000 labelled documents, or on DATA=DIR: seconds, memory and the leaderboard
	PYTHONPATH=. python benchmarks/size.py $(or $(DATA),$(N))

bench-defaults: setup ## train each kind on what defaults are judged on: N=100000 documents, sources held out, DATA=DIR
	python benchmarks/defaults.py $(if $(N),-n $(N)) $(if $(DATA),-d $(DATA))

lint: setup ## check style, types and layers
	ruff check .
	ruff format --check .
	mypy
	lint-imports

clean: ## remove what the pipeline made; DVC's cache keeps it, so that the next repro only checks it out
	rm -rf data models reports
	find evals -type f ! -name metrics.json ! -name metrics.csv -delete

.venv/installed: pyproject.toml constraints.txt
	@for python in $${PYTHON:-python3} python3.13 python3.12 python3.11 python; do \
	  if "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then \
	    "$$python" -m venv .venv && break; \
	  fi; \
	done; \
	test -x .venv/bin/python || { echo "error: no Python 3.11 to 3.13 with venv found: install one, or name it: make PYTHON=/path/to/python" >&2; exit 1; }
	@echo "installing what constraints.txt pins into .venv (a minute or two)"
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[all,dev]' \
	  || { echo "error: the packages that constraints.txt pins could not be installed (pip says which above): check the network or pip's index and run make again" >&2; exit 1; }
	@.venv/bin/python -m tests.fetch
	@touch .venv/installed

# the S3 server that tests push to
.venv/system/installed: tests/system/requirements.txt .venv/installed
	@.venv/bin/python -m venv .venv/system
	@.venv/system/bin/python -m pip install --quiet --disable-pip-version-check -r tests/system/requirements.txt \
	  || { echo "error: what tests/system/requirements.txt pins could not be installed (pip says why above)" >&2; exit 1; }
	@touch .venv/system/installed
