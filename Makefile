# Everything bootstraps itself: Python 3.11+, make and a package index are enough.
PYTHON ?= python3
UV ?= .uv/bin/uv
DATA ?= .assay
export UV_PYTHON_DOWNLOADS = never
# Byte code is kept even where the environment says not to: each process starts twice as fast.
export PYTHONDONTWRITEBYTECODE =
RUN = .venv/bin/python
# A file's tests run one after another in one process, files beside each other.
TOGETHER = -n auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help demo test test-all check format serve bench messages clean

help:
	@echo "make demo    a whole exam on this machine: real server, real training, real certificate (ASSAY_SEED=7: drawn alike)"
	@echo "make test    set up and run the everyday tests (make test-all: the slow ones too)"
	@echo "make check   linters, types, import rules, translations, generated pages, the item bank"
	@echo "make serve   run the server on http://127.0.0.1:8765 (DATA=folder, default .assay)"
	@echo "make bench   measure: latency, grading, and a crowd that starts together"

.uv/bin/uv:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { echo "Python 3.11 or later is needed; received $$($(PYTHON) --version). Name another: make PYTHON=python3.12"; exit 1; }
	@echo "Setting up uv ..."
	@$(PYTHON) -m venv .uv
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.8"

# --inexact: a later target's packages stay when an earlier target runs again.
.venv/server.stamp: pyproject.toml uv.lock | $(UV)
	@echo "Installing Assay's server ..."
	@$(UV) sync --frozen --quiet --inexact --python $(PYTHON) --extra server
	@touch $@

.venv/dev.stamp: pyproject.toml uv.lock | $(UV)
	@echo "Installing what the tests need (TensorFlow is their oracle: some 600 MB) ..."
	@$(UV) sync --frozen --quiet --inexact --python $(PYTHON) --extra server --group dev --group oracle
	@touch $@ .venv/server.stamp

demo: .venv/server.stamp
	@PATH="$(CURDIR)/.uv/bin:$(CURDIR)/.venv/bin:$$PATH" $(RUN) tools/demo.py

test: .venv/dev.stamp
	@$(RUN) -m pytest $(TOGETHER) -m "not slow"

test-all: .venv/dev.stamp
	@$(RUN) -m pytest $(TOGETHER)

check: .venv/dev.stamp
	@$(RUN) tools/check.py

format: .venv/dev.stamp
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format --quiet .

messages: .venv/dev.stamp
	@$(RUN) tools/messages.py extract && $(RUN) tools/messages.py compile

serve: .venv/server.stamp
	@.venv/bin/assay serve --data $(DATA)

bench: .venv/dev.stamp
	@$(RUN) bench/run.py

clean:
	rm -rf .venv .uv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache dist
