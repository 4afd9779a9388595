# The whole course in a few words: `make book`, `make serve`, `make test`. `make help` lists the rest.
# Needs Python ≥ 3.11 and make; everything else is installed into .venv and node_modules, checked against its hash.

PYTHON ?= python3
PORT ?= 8000
LIVE_PORT ?= 8888
VENV := .venv
BIN := $(VENV)/bin
# locks/ names every file that may be installed, by its hash; nothing else comes along.
LOCKED := -m pip install --disable-pip-version-check --no-deps
OURSELVES := -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
HTML := _build/html
LITE := _build/lite
export PATH := $(abspath $(BIN)):$(PATH)
# The course's matrices are small: threads of the linear algebra library would only fight over the processor.
export OPENBLAS_NUM_THREADS ?= 1
# What the built pages depend on. A change of the package rebuilds them all, as every chapter imports it.
PACKAGE := $(shell find src -type f -not -name '*.pyc')
PAGES := $(shell find chapters -type f -not -path '*/.ipynb_checkpoints/*')
SITE := $(shell find site -type f -not -name '*.pyc') _config.yml _toc.yml

NBVAL := -m pytest --nbval --nbval-sanitize-with tests/notebooks/sanitize.cfg -p no:cacheprovider
WORKERS ?= 2
# Compared by `make test-frameworks`, in an environment that holds the frameworks.
ELSEWHERE := --ignore chapters/11-in-frameworks.ipynb
FRAMEWORKS := .venv-frameworks
# The package beside other releases than the locked ones; grading, which needs more, has tests of its own.
OLDEST := .venv-oldest
NEWEST := .venv-newest
MUTANTS := .venv-mutants
TESTERS := hypothesis ipykernel mpmath nbformat pytest pytest-xdist scipy
PACKAGE_TESTS := $(addprefix tests/,functions training datasets experiments figures explorers) src/activations --ignore src/activations/grading

.DEFAULT_GOAL := help
.PHONY: help bank strange book serve equipped test test-quick test-frameworks notebooks lint lab live lite test-anywhere links bench figures mutants lock normalize address clean distclean pdf dist test-oldest test-newest audit

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- Environment ------------------------------------------------------------------------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "make: $(PYTHON) is older than Python 3.11; install a newer one, or say which: make book PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "make: this Python lacks venv; on Debian or Ubuntu: sudo apt install python3-venv"; exit 1; }
	@echo "Making $(VENV) …"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.book: locks/book.txt locks/build.txt pyproject.toml | $(BIN)/python
	@echo "Installing what the book needs (a few minutes the first time) …"
	@$(BIN)/python $(LOCKED) -r locks/book.txt
	@$(BIN)/python $(LOCKED) -r locks/build.txt
	@$(BIN)/python $(OURSELVES)
	@touch $@

$(VENV)/.test: locks/test.txt locks/grading.txt $(VENV)/.book
	@echo "Installing what the tests need …"
	@$(BIN)/python $(LOCKED) -r locks/test.txt
	@$(BIN)/python $(LOCKED) -r locks/grading.txt
	@touch $@

$(VENV)/.audit: locks/audit.txt $(VENV)/.test
	@$(BIN)/python $(LOCKED) -r locks/audit.txt
	@touch $@

node_modules/.installed: package.json package-lock.json | $(VENV)/.book
	@echo "Installing the browser assets …"
	@$(BIN)/npm ci --ignore-scripts --no-fund --no-audit --loglevel=error
	@touch $@

# --- The website --------------------------------------------------------------------------------------------------

book: $(HTML)/.built ## build the website
	@echo "The book is in $(HTML)/index.html; 'make serve' opens it."

$(HTML)/.built: $(PAGES) $(SITE) $(PACKAGE) $(VENV)/.book node_modules/.installed
	@echo "Building the book: every notebook is run, about two minutes …"
	@$(BIN)/python tools/build_book.py $(if $(filter-out $(PAGES),$?),--all)
	@touch $@

serve: book ## open the built website in a browser
	@$(BIN)/python tools/serve.py --port $(PORT) $(HTML)

live: book ## open the website with a kernel: every code cell runs in place
	@$(BIN)/python tools/live.py --port $(LIVE_PORT) $(HTML)

lite: $(LITE)/.built ## build the notebooks for the browser alone, with JupyterLite
	@echo "JupyterLite is in $(LITE); the published site has it below the book, as lite/."

$(LITE)/.built: $(PAGES) $(PACKAGE) tools/build_lite.py locks/book.txt $(VENV)/.book
	@echo "Building JupyterLite …"
	@$(BIN)/python tools/build_lite.py $(LITE)
	@touch $@

lab: $(VENV)/.book ## open the notebooks in JupyterLab
	@$(BIN)/jupyter lab chapters/01-linear-vs-nonlinear.ipynb

pdf: book $(VENV)/.test ## print the book as one PDF
	@echo "Printing the book, about a minute …"
	@$(BIN)/python tools/build_pdf.py

dist: pdf ## put a release together in dist/: notebooks, site, PDF, wheel, source archive, checksums
	@$(BIN)/python tools/build_dist.py

# --- Tests --------------------------------------------------------------------------------------------------------

# What pip cannot bring is asked for first: the tests that need it come last.
equipped: $(VENV)/.test
	@$(BIN)/python tools/check_system.py

# With worksteal, as one process would otherwise get all the browser's tests, and the other wait for it in the end.
test: equipped lint ## everything: style, types, package, claims, notebooks, site in a browser
	@echo "Building the book, and comparing every notebook's outputs with the stored ones, side by side …"
	@$(MAKE) --no-print-directory --jobs 2 WORKERS=$(if $(wildcard $(HTML)/.built),2,1) book notebooks
	@$(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report=term --cov-fail-under=98 --durations=25 tests src/activations
	@echo "All tests passed. 'make serve' shows the book that they were run on."

test-quick: $(VENV)/.test ## the package's own tests, without notebooks and browser
	@$(BIN)/python -m pytest -n 2 --ignore tests/browser --ignore tests/notebooks tests src/activations

notebooks: $(VENV)/.test ## run every notebook and compare its outputs with the stored ones
	@$(BIN)/python $(NBVAL) -n $(WORKERS) --dist loadfile chapters assignments $(ELSEWHERE)

lint: $(VENV)/.test ## style, types, and what is known to be unsafe in the code
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/bandit --quiet --recursive --configfile pyproject.toml src tools site/extensions

bank: $(VENV)/.test ## list every wrong answer of the bank of the assignments, with what it costs and what it is told
	@$(BIN)/python tools/bank_table.py

strange: $(VENV)/.test ## hand in the strangest submissions to the grader, and show what becomes of each
	@$(BIN)/python tools/strange_table.py

links: $(VENV)/.book node_modules/.installed ## check every link of the book (asks the network)
	@$(BIN)/python tools/build_book.py --builder linkcheck

# The oldest supported releases: the floors of pyproject.toml. They predate some deprecations of what they use.
$(OLDEST)/.installed: locks/oldest.txt locks/build.txt pyproject.toml
	@echo "Installing the oldest supported releases into $(OLDEST) …"
	@$(PYTHON) -m venv $(OLDEST)
	@$(OLDEST)/bin/python $(LOCKED) -r locks/build.txt
	@$(OLDEST)/bin/python $(LOCKED) -r locks/oldest.txt
	@$(OLDEST)/bin/python $(OURSELVES)
	@touch $@

test-oldest: $(OLDEST)/.installed ## the package's tests with the oldest releases that it supports
	@$(OLDEST)/bin/python -m pytest -n 2 -W ignore::DeprecationWarning $(PACKAGE_TESTS)

# The newest releases of the package index on the day, unlocked on purpose: CI looks ahead with it.
test-newest: ## the package's tests with the newest releases of what it stands on
	@$(PYTHON) -m venv $(NEWEST)
	@$(NEWEST)/bin/python -m pip install --disable-pip-version-check --quiet --upgrade --editable . $(TESTERS)
	@$(NEWEST)/bin/python -m pytest -n 2 $(PACKAGE_TESTS)

# What makes the mutants has an environment of its own, where nothing of the course runs. It cannot be locked by
# hashes of wheels, as one of the packages that it needs comes as source only.
mutants: $(VENV)/.test ## change the functions' code in small places, and see whether a test notices (an hour)
	@$(PYTHON) -m venv $(MUTANTS)
	@$(MUTANTS)/bin/python -m pip install --disable-pip-version-check --quiet cosmic-ray==8.7.0
	@$(MUTANTS)/bin/python tools/mutate.py --python $(BIN)/python

# Where pip is offered the processor-only wheel of PyTorch, that is enough: the standard one needs gigabytes more
# on Linux. Its release is the locked one, but it has no hash there, and is the one file here without.
TORCH = $(shell sed -n 's/^torch==\([0-9.]*\).*/\1/p' locks/torch.txt)

$(FRAMEWORKS)/.installed: locks/frameworks.txt locks/torch.txt locks/build.txt pyproject.toml
	@echo "Installing TensorFlow, PyTorch and JAX into $(FRAMEWORKS) (a few minutes, 3 GB) …"
	@$(PYTHON) -m venv $(FRAMEWORKS)
	@$(FRAMEWORKS)/bin/python $(LOCKED) -r locks/build.txt
	@$(FRAMEWORKS)/bin/python $(LOCKED) -r locks/frameworks.txt
	@$(FRAMEWORKS)/bin/python $(LOCKED) --only-binary :all: torch==$(TORCH)+cpu 2>/dev/null || \
	  $(FRAMEWORKS)/bin/python $(LOCKED) -r locks/torch.txt
	@$(FRAMEWORKS)/bin/python $(OURSELVES)
	@touch $@

test-frameworks: $(FRAMEWORKS)/.installed ## chapter 11 and the parity tests, with Keras, PyTorch and JAX
	@$(FRAMEWORKS)/bin/python $(NBVAL) chapters/11-in-frameworks.ipynb
	@$(FRAMEWORKS)/bin/python -m pytest tests/frameworks

# The oldest releases are tested, and recommended to nobody.
audit: $(VENV)/.audit ## look for known weaknesses in what is locked (asks the network)
	@for lock in $(filter-out locks/oldest.txt,$(wildcard locks/*.txt)); do echo "$$lock"; \
	  $(BIN)/pip-audit --strict --disable-pip --no-deps --requirement "$$lock" || exit 1; done

test-anywhere: $(VENV)/.test node_modules/.installed ## Binder's steps, Colab, pip and JupyterLite, each in an environment of its own
	@$(BIN)/python -m pytest tests/anywhere

# These measure other libraries, too. Where one is missing, its column would be missing from the table.
BESIDE_OTHERS := $(addprefix benchmarks/,accuracy.py functions.py softmax.py training.py)

# Run by figures.py, one after the other.
IN_FIGURES := $(addprefix benchmarks/,explorers.py lighthouse.py site.py)

bench: $(VENV)/.test $(FRAMEWORKS)/.installed ## measure every figure of benchmarks/
	@for script in $(BESIDE_OTHERS); do echo "$$script"; $(FRAMEWORKS)/bin/python "$$script" || exit 1; done
	@for script in $(filter-out $(BESIDE_OTHERS) $(IN_FIGURES),$(wildcard benchmarks/[a-z]*.py)); do \
	  echo "$$script"; $(BIN)/python "$$script" || exit 1; done

figures: book $(VENV)/.test ## measure what the site has goals for, in one table (40 minutes)
	@$(BIN)/python benchmarks/figures.py

# --- Housekeeping ---------------------------------------------------------------------------------------------------

normalize: $(VENV)/.test ## bring every notebook into the form that the tests ask for
	@$(BIN)/python tools/normalize_notebooks.py chapters/*.ipynb assignments/*/*.ipynb

lock: $(VENV)/.test ## resolve the dependencies of pyproject.toml anew
	@$(BIN)/python tools/lock_requirements.py

address: ## set the repository's public address: make address URL=https://github.com/me/activations
	@$(PYTHON) tools/set_address.py $(URL)

clean: ## remove the built site
	@rm -rf _build
	@echo "Removed _build; 'make book' builds it again."

distclean: clean ## remove the environment, too
	@rm -rf $(VENV) $(FRAMEWORKS) $(OLDEST) $(NEWEST) $(MUTANTS) node_modules
	@echo "Removed $(VENV) and node_modules; 'make book' installs them again."
