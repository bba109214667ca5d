# Each target sets up all that it needs in .venv; nothing has to be activated or installed by hand.
#   make demo   build, and train and query word vectors on a small generated corpus
#   make test   build, and run every test
# Another interpreter: make PYTHON=python3.13 test

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
SOURCES := setup.py pyproject.toml constraints.txt $(wildcard embedkit/_cext/*.pyx embedkit/_cext/*.pxd embedkit/_cext/*.c embedkit/_cext/*.h)

.PHONY: demo test lint bench-w2v bench-counts bench-features bench-classify bench-lm bench-text bench-neural dist clean check-system

demo: .venv/built
	$(BIN)/embedkit demo

# torch brings an OpenMP runtime of its own, which gets a process to itself.
test: .venv/built-test
	$(BIN)/python -m pytest --ignore tests/neural
	$(BIN)/python -m pytest tests/neural

# mypy does not follow an editable install to cli/, so it is given the package under its name.
lint: .venv/built-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/cython-lint embedkit/_cext
	mkdir -p build/types && ln -sfn ../../cli build/types/embedkit_cli
	MYPYPATH=build/types $(BIN)/mypy
	$(BIN)/lint-imports

bench-w2v: .venv/built-test
	$(BIN)/python benchmarks/word2vec.py $(ARGS)

# Stanford's programs are built elsewhere: ARGS="--glove FOLDER".
bench-counts: .venv/built-test
	$(BIN)/python benchmarks/counts.py $(ARGS)

bench-features: .venv/built-test
	$(BIN)/python benchmarks/features.py $(ARGS)

bench-classify: .venv/built-test
	$(BIN)/python benchmarks/classify.py $(ARGS)

# KenLM's programs are built elsewhere: ARGS="--kenlm FOLDER".
bench-lm: .venv/built-test
	$(BIN)/python benchmarks/lm.py $(ARGS)

# jieba and textaugment are in another environment: ARGS="--peers PYTHON --wordnet FOLDER".
bench-text: .venv/built-test
	$(BIN)/python benchmarks/text.py $(ARGS)

bench-neural: .venv/built-test
	$(BIN)/python benchmarks/neural.py $(ARGS)

dist: .venv/built-test
	$(PIP) --constraint constraints.txt build
	$(BIN)/python -m build --no-isolation

clean:
	rm -rf .venv build dist *.egg-info embedkit/_cext/*.so .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

.venv/built: $(SOURCES) | .venv/created
	$(PIP) --constraint constraints.txt setuptools Cython extension-helpers
	$(PIP) --constraint constraints.txt --no-build-isolation --editable .
	touch $@

.venv/built-test: .venv/built
	$(PIP) --constraint constraints.txt --no-build-isolation --editable '.[test,lint]'
	touch $@

.venv/created: | check-system
	$(PYTHON) -m venv .venv
	touch $@

# Say what is missing before anything is half done.
check-system:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.11 or later (Debian, Ubuntu: apt install python3 python3-venv python3-dev)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed, $(PYTHON) is $$($(PYTHON) -V 2>&1); name another: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "The venv module is missing: install it (Debian, Ubuntu: apt install python3-venv)"; exit 1; }
	@$(PYTHON) -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))' || { echo "Python.h is missing: install Python's headers (Debian, Ubuntu: apt install python3-dev)"; exit 1; }
	@command -v "$${CC:-cc}" >/dev/null || { echo "A C compiler is missing: install one (Debian, Ubuntu: apt install gcc libc6-dev)"; exit 1; }
	@printf '#include <stdlib.h>\nint main(void) { return EXIT_SUCCESS; }\n' | "$${CC:-cc}" -x c -o /dev/null - 2>/dev/null || { echo "The C compiler cannot build a program: install its headers (Debian, Ubuntu: apt install gcc libc6-dev)"; exit 1; }
