# One environment in .venv, made from requirements.txt with nothing but python3 (with venv).
# make PYTHON=/path/to/python3.11 overrides the choice of Python, make VENV=folder the place.
.DEFAULT_GOAL := help
.PHONY: help env browser new-study check study reproduce rbds validate templates compare unlock markersets recordings \
	test test-long benchmark moco pictures lint format clean
.DELETE_ON_ERROR:

CORES ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
VENV := .venv
BIN := $(VENV)/bin
SNAKEMAKE := $(BIN)/python -m snakemake --cores $(CORES) --workflow-profile config/profiles/default
# what a killed run leaves behind, and the way on; a failed run keeps its exit code
LOCKED = { code=$$?; test -z "$$(ls .snakemake/locks 2>/dev/null)" || echo "strikelean: expected no \
	other run in this folder, found a lock. If none is running (one was killed): make unlock, and run \
	again." >&2; exit $$code; }
# a study that make new-study drafted, where one is named
STUDY := $(if $(NAME),--configfile "$(NAME)/config.yaml")
NO_STUDY = { echo "strikelean: expected NAME=folder of a study with its config.yaml, found '$(NAME)'. Draft \
	one: make new-study NAME=mystudy FROM=folder." >&2; exit 2; }
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
PYTHON_SOURCES := scripts tests
SNAKE_SOURCES := Snakefile rules

# the first Python the engine has a wheel for; a name alone may be a launcher without a Python
fits = import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13; do \
	$$p -c '$(fits)' 2>/dev/null && echo $$p && exit; done; echo python3)

help:
	@echo "make check               look at every file of the tables, tell all faults at once, with pictures (NAME=study or DATA=folder too)"
	@echo "make reproduce           run the main job (DATA=folder runs the public dataset there)"
	@echo "make new-study NAME=.. FROM=.. draft a study NAME from the folder of recordings FROM"
	@echo "make study NAME=folder   run a study that was drafted or written there"
	@echo "make rbds DATA=folder    run the public running dataset (doi 10.6084/m9.figshare.4543435)"
	@echo "make validate DATA=...   predicted changes beside recorded ones: results/validation/validation.csv and its page"
	@echo "make templates DATA=...  build the delivered group statistics of a strike and a gait anew"
	@echo "make test                style, types and quick tests: a few minutes, no network once set up"
	@echo "make test-long           whole cohorts and installs: most of an hour"
	@echo "make browser             put in what the page's tests in Chromium need"
	@echo "make unlock              free the folder after a run was killed; then run again"
	@echo "make compare A=.. B=..   compare two result folders, number by number"
	@echo "make benchmark           time and compare both engines, and a lean (DATA=folder with fullbody/; else a virtual runner)"
	@echo "make moco                one forward lean against OpenSim Moco (DATA=folder with fullbody/; else a virtual runner)"
	@echo "make markersets          what each marker set gives back of two virtual runners (a quarter of an hour of one core)"
	@echo "make recordings FOLDER=  virtual runners' recordings as files for trying: OPTIONS='--marker-set opencap --text'"
	@echo "make pictures            take the read-me's pictures anew from the page of the latest run"
	@echo "make lint, make format   check, or mend, style and types"
	@echo "make clean               remove everything generated: results, logs, caches (not .venv)"

# made anew when the pins change, if this project made it; anybody else's is used or refused
env:
	@test -n "$(VENV)" || { echo "strikelean: expected a folder in VENV, found nothing. Leave VENV out, or name one." >&2; exit 2; }
	@test "$(CORES)" -ge 1 2>/dev/null || { echo "strikelean: expected a number of processors in CORES, found '$(CORES)'. Run make CORES=2, or leave it out." >&2; exit 2; }
	@command -v $(PYTHON) >/dev/null || { echo "strikelean: expected Python 3.11, found no $(PYTHON). Install it, or name yours: make PYTHON=path." >&2; exit 2; }
	@$(PYTHON) scripts/make_environment.py $(VENV) requirements.txt

# what drives Chromium for the page's tests and the pictures; without it those tests skip and say so
browser: env
	@$(BIN)/python scripts/headless.py $(VENV) requirements-browser.txt

# before a study: what is wrong, all of it in one table; what it reads the study takes over. Errors of
# Snakemake itself stay to be seen, which --quiet all would hide
check: env
	@test -z "$(NAME)" -o -f "$(NAME)/config.yaml" || $(NO_STUDY)
	@DATA="$(DATA)" $(SNAKEMAKE) --quiet host progress reason rules $(STUDY) -- check || $(LOCKED)

reproduce: env
	@DATA="$(DATA)" $(SNAKEMAKE) || $(LOCKED)

# tables and settings from a folder of recordings; what nobody said stays blank
new-study:
	@test -n "$(NAME)" -a -n "$(FROM)" || { echo "strikelean: expected NAME=study and FROM=folder of recordings, found one or neither. Run make new-study NAME=mystudy FROM=folder." >&2; exit 2; }
	@$(MAKE) --no-print-directory env
	@$(ONE_THREAD) $(BIN)/python scripts/draft_study.py "$(NAME)" "$(FROM)"

study:
	@test -n "$(NAME)" -a -f "$(NAME)/config.yaml" || $(NO_STUDY)
	@$(MAKE) --no-print-directory env
	@$(SNAKEMAKE) $(STUDY) || $(LOCKED)

rbds:
	@test -n "$(DATA)" || { echo "strikelean: expected DATA=folder with the C3D files of the public dataset (doi 10.6084/m9.figshare.4543435), found none. Run make $(or $(MAKECMDGOALS),rbds) DATA=folder." >&2; exit 2; }
	@test -d "$(DATA)" || { echo "strikelean: expected a folder in DATA, found $(DATA). Give the folder with the C3D files." >&2; exit 2; }
	@$(MAKE) --no-print-directory env
	@$(SNAKEMAKE) $(TARGETS) --configfile config/examples/rbds/config.yaml --config data_root="$(DATA)" \
		|| $(LOCKED)

# the folder holds rbds/ and, where they are there, hamner/ and fullbody/; the folder rbds alone will do
validate: env
	@test -n "$(DATA)" || { echo "strikelean: expected DATA=folder that holds rbds/ (C3D files of the public dataset, doi 10.6084/m9.figshare.4543435) and, where you have it, hamner/ (doi 10.1016/j.jbiomech.2012.11.024), found none. Run make validate DATA=folder; your own recordings: docs/validation.md." >&2; exit 2; }
	@test -d "$(DATA)" || { echo "strikelean: expected a folder in DATA, found $(DATA). Give the folder that holds rbds/." >&2; exit 2; }
	@$(SNAKEMAKE) $(TARGETS) --configfile config/examples/validation/config.yaml \
		--config data_root="$(if $(wildcard $(DATA)/rbds/.),$(DATA),$(DATA)/..)" || $(LOCKED)

# removes the lock of a killed run, no result
unlock: env
	@$(SNAKEMAKE) --quiet all --unlock

# group statistics alone are kept in the project, never a runner's own curve
templates: TARGETS := results/rbds/template.csv results/rbds/gait.csv results/rbds/ranges.csv
templates: rbds
	@$(MAKE) --no-print-directory validate DATA="$(DATA)" TARGETS=results/validation/speed.csv
	@cp results/rbds/template.csv models/techniques/strike.csv
	@cp results/validation/speed.csv models/techniques/speed.csv
	@cp results/rbds/gait.csv models/gaits/heel_strike.csv
	@cp results/rbds/ranges.csv models/gaits/heel_strike_ranges.csv

# a generic model is fetched once, into the user's cache; tests that need one skip without it
test: lint
	@$(BIN)/python scripts/warm_cache.py
	$(ONE_THREAD) $(BIN)/python -m pytest --numprocesses $(CORES) --dist loadfile

test-long: env
	@$(BIN)/python scripts/warm_cache.py
	$(ONE_THREAD) $(BIN)/python -m pytest -m long

# both engines on one trial, on one core: benchmarks/engine.json
benchmark: env
	@$(ONE_THREAD) $(BIN)/python scripts/benchmark_engines.py $(if $(DATA),--data "$(DATA)")

# one lean of one stance by a second solver: benchmarks/moco.json
moco: env
	@$(BIN)/python scripts/compare_moco.py $(if $(DATA),--data "$(DATA)")

# two result folders, number by number: make compare A=before/results/virtual B=results/virtual
compare: env
	@$(BIN)/python scripts/compare_results.py "$(A)" "$(B)"

# every set worn by the same runners, recorded by each laboratory: benchmarks/markersets.csv
markersets: env
	@$(ONE_THREAD) $(BIN)/python scripts/compare_markersets.py $(OPTIONS)

# files as any laboratory hands them over, with what was true beside them
recordings: env
	@test -n "$(FOLDER)" || { echo "strikelean: expected FOLDER=folder to write to, found none. Run make recordings FOLDER=made; OPTIONS=--help lists the choices." >&2; exit 2; }
	@$(ONE_THREAD) $(BIN)/python scripts/export_virtual.py "$(FOLDER)" $(OPTIONS)

# the read-me's pictures are screenshots of the page of the latest main job
pictures: env
	@$(BIN)/python scripts/photograph_page.py results/virtual
	@$(BIN)/python scripts/draw_markersets.py

lint: env
	$(BIN)/python -m ruff check $(PYTHON_SOURCES)
	$(BIN)/python -m ruff format --check $(PYTHON_SOURCES)
	$(BIN)/python -m mypy
	$(BIN)/python -m snakefmt --check $(SNAKE_SOURCES)

format: env
	$(BIN)/python -m ruff check --fix $(PYTHON_SOURCES)
	$(BIN)/python -m ruff format $(PYTHON_SOURCES)
	$(BIN)/python -m snakefmt $(SNAKE_SOURCES)

clean:
	rm -rf results logs benchmarks debug .snakemake .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find scripts tests -name __pycache__ -type d -prune -exec rm -rf {} +
