# workbench: everything a person does here.
#
#   make run [PRESET=gated/adding_gru]    set up on the first call, then open the workbench
#   make quick                            set up, then the tests that find most mistakes: a minute on two cores
#   make test                             set up, then the whole test suite
#   make floor [OVERRIDE=torch==2.13.0]   the quick tests with the lowest versions that pyproject.toml allows, in a fresh environment
#   make check                            formatting, lint, types, import rules
#   make bench                            speed, as ratios and times against their limits
#   make bench-peers                      other libraries' scores on the same data beside ours, in an environment of their own
#   make setup | make clean               only the environment, with the tools | remove everything that was built
#
# PYTHON names the interpreter to build on (at least 3.11), VENV where the environment goes.

VENV ?= .venv
PYTHON ?=
PRESET ?=
PYTEST_ARGS ?=
OVERRIDE ?=

BIN := $(VENV)/bin
# What running needs, and on top of it what testing and checking need: users do not wait for the second.
STAMP := $(VENV)/.complete
DEV_STAMP := $(VENV)/.complete-dev
# One thread per process: the suite runs one worker per core, and idle threads must not spin. What was compiled is kept:
# some shells forbid it, and then every process compiles what it imports again.
QUIET_THREADS := OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive PYTHONDONTWRITEBYTECODE=
# A worker begins with its own half of the files, and takes over from the other what is left at the end.
PARALLEL := --dist worksteal
OLD_PYTHON = workbench needs Python 3.11 or newer, found none. Install one, or name it: make $(or $(MAKECMDGOALS),run) PYTHON=/path/to/python3

.PHONY: run setup quick test floor check bench bench-peers clean
.DEFAULT_GOAL := run

run: $(STAMP)
	@if [ -t 0 ] && [ -t 1 ]; then \
		exec $(BIN)/workbench $(PRESET); \
	else \
		echo "No terminal here: training without the interface, then exporting a bundle."; \
		exec $(BIN)/workbench run $(or $(PRESET),$$($(BIN)/python -c "from workbench.experiment.presets import DEFAULT_PRESET as p; print(p)")) --export bundle; \
	fi

setup: $(DEV_STAMP)

$(STAMP): pyproject.toml constraints.txt
	@set -e; \
	chosen=""; \
	for python in $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python); do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then chosen="$$python"; break; fi; \
	done; \
	if [ -z "$$chosen" ]; then echo "$(OLD_PYTHON)" >&2; exit 2; fi; \
	echo "Setting up $(VENV) with $$("$$chosen" --version): a few minutes the first time, mostly downloading PyTorch."; \
	[ -x $(BIN)/pip ] || "$$chosen" -m venv --clear $(VENV); \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .; \
	touch $(STAMP); \
	echo "Done."

$(DEV_STAMP): $(STAMP)
	@echo "Adding the tools of 'make test' and 'make check' to $(VENV)."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --group dev -e .
	@touch $(DEV_STAMP)

quick: $(DEV_STAMP)
	$(QUIET_THREADS) $(BIN)/python -m pytest -n auto $(PARALLEL) -m "not slow" $(PYTEST_ARGS)

test: $(DEV_STAMP)
	$(QUIET_THREADS) $(BIN)/python -m pytest -n 2 $(PARALLEL) $(PYTEST_ARGS)

# OVERRIDE=torch==2.13.0 takes another version than the floor where that one cannot be had.
floor: $(DEV_STAMP)
	$(QUIET_THREADS) $(BIN)/python -m tests.floor $(addprefix --python=,$(PYTHON)) $(addprefix --override=,$(OVERRIDE))

check: $(DEV_STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(DEV_STAMP)
	OMP_WAIT_POLICY=passive $(BIN)/python -m tests.benchmarks.run

# Other libraries on the same data, in an environment of their own that is made the first time.
bench-peers: $(DEV_STAMP)
	$(QUIET_THREADS) $(BIN)/python -m tests.peers

clean:
	rm -rf $(VENV) .venv-peers build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
