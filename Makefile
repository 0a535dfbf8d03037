# make demo       a virtual environment with the light package, and the five seeds read
# make test       an environment with everything, and the quick suite
# make test-all   the slow suite too
PYTHON ?= python3
ENVS := .venvs
DEMO := $(ENVS)/demo
DEV := $(ENVS)/dev
PIP_FLAGS ?= --quiet --disable-pip-version-check

.PHONY: demo test test-all lint clean

demo: $(DEMO)/.ready
	$(DEMO)/bin/hasila extract seeds

test: $(DEV)/.ready
	$(DEV)/bin/python -m pytest -m "not slow"

test-all: $(DEV)/.ready
	$(DEV)/bin/python -m pytest -m slow

lint: $(DEV)/.ready
	$(DEV)/bin/ruff check .
	$(DEV)/bin/ruff format --check .
	$(DEV)/bin/mypy --strict inference/hasila

$(DEMO)/.ready: pyproject.toml $(shell find inference -type f -not -name '*.pyc')
	$(PYTHON) -m venv $(DEMO)
	$(DEMO)/bin/python -m pip install $(PIP_FLAGS) .
	touch $@

# pip 25.1 and newer read dependency groups.
$(DEV)/.ready: pyproject.toml
	$(PYTHON) -m venv $(DEV)
	$(DEV)/bin/python -m pip install $(PIP_FLAGS) --upgrade "pip>=25.1"
	$(DEV)/bin/python -m pip install $(PIP_FLAGS) -e . --group dev
	touch $@

clean:
	rm -rf $(ENVS) build dist
